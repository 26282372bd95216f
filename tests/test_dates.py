"""qa.dates: what half-said dates mean in a paper of a known day."""

import pytest

from qa.cli import main
from qa.dates import absolute, date_note

DAY = "2023-10-11"


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("今年4月", "2023年4月"),
        ("今年", "2023年"),
        ("去年年底", "2022年年底"),
        ("去年", "2022年"),
        ("前年9月3日", "2021年9月3日"),
        ("明年上半年", "2024年上半年"),
        ("本月底前", "2023年10月底前"),
        ("上个月", "2023年9月"),
        ("昨日", "2023年10月10日"),
        ("今天上午", "2023年10月11日上午"),
        ("10月10日", "2023年10月10日"),
        ("9月28日至10月6日", "2023年9月28日至2023年10月6日"),
        ("12月底", "2023年12月底"),
        ("4月", "2023年4月"),
        ("二〇二三年十月", "2023年十月"),
        ("一九九八年8月", "1998年8月"),
    ],
)
def test_said_in_full(text, full):
    assert absolute(text, DAY) == full


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2023年4月",
            "2013年8月30日",
            "2022年 3月",
            "3.6亿元",
            "郝明轩",
            "12个月",
            "18月龄",
            "",
            "2023-10-10",
            "岁月",
            "近日",
        ),
        # Words that hold a year or a day by chance, and the month that was just named.
        *("目前年产量达5万吨", "目前日产量100吨", "日本年轻人", "此后年均增长5%", "2013年以后年均收入"),
        *("精神文明年度表彰", "基本月薪5000元", "声明日期", "以前年度", "2022年5月出台，当月见效"),
    ],
)
def test_nothing_left_open(text):
    assert absolute(text, DAY) is None


@pytest.mark.parametrize("published", [None, "", "2023", "2023-10", "昨天", "2023-02-30"])
def test_nothing_is_claimed_without_a_day(published):
    assert absolute("今年4月", published) is None


def test_around_the_turn_of_a_year():
    assert absolute("12月28日", "2024-01-03") == "2023年12月28日"
    assert absolute("1月5日", "2023-12-30") == "2024年1月5日"
    assert absolute("昨天", "2024-01-01") == "2023年12月31日"
    assert absolute("上月", "2024-01-01") == "2023年12月"
    assert absolute("下月", "2023-12-01") == "2024年1月"
    assert absolute("2月29日", "2024-03-01") == "2024年2月29日"
    assert absolute("2月30日", "2024-03-01") is None


def test_what_readers_are_told(small_index, capsys):
    assert date_note("今年4月", DAY) == "按刊出日期 2023-10-11 推算：2023年4月"
    assert date_note("2023年4月", DAY) == date_note("今年4月", None) == ""
    asked = "青石岭引水工程哪天正式通水？"
    assert main(["ask", asked, "--index-dir", str(small_index)]) == 0
    shown = capsys.readouterr().out
    assert "答：5月17日" in shown
    assert "按刊出日期 2021-05-18 推算：2021年5月17日" in shown
