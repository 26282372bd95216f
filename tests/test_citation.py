"""ui.citation: GB/T 7714 for newspapers with every combination of known and unknown parts."""

import itertools

import pytest

from ui.citation import citation, page_number, source_line

WHOLE = {
    "title": "城东大桥正式通车",
    "authors": ("李明远",),
    "newspaper": "云川日报",
    "date": "2021-05-18",
    "page": "第03版",
}


def test_all_parts():
    assert citation(**WHOLE) == "李明远. 城东大桥正式通车[N]. 云川日报, 2021-05-18(3)."


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("authors", "城东大桥正式通车[N]. 云川日报, 2021-05-18(3)."),
        ("newspaper", "李明远. 城东大桥正式通车[N]. 2021-05-18(3)."),
        ("date", "李明远. 城东大桥正式通车[N]. 云川日报(3)."),
        ("page", "李明远. 城东大桥正式通车[N]. 云川日报, 2021-05-18."),
        ("title", "李明远. [N]. 云川日报, 2021-05-18(3)."),
        ("newspaper date", "李明远. 城东大桥正式通车[N]. 第3版."),
        ("newspaper date page", "李明远. 城东大桥正式通车[N]."),
        ("authors newspaper date page", "城东大桥正式通车[N]."),
        ("date page", "李明远. 城东大桥正式通车[N]. 云川日报."),
        ("authors title newspaper date page", "[N]."),
    ],
)
def test_what_is_unknown_is_left_out(missing, expected):
    known = {name: value for name, value in WHOLE.items() if name not in missing.split()}
    assert citation(**known) == expected


@pytest.mark.parametrize("nothing", [None, "", "  ", "\n"])
def test_no_combination_leaves_a_trace_of_what_is_unknown(nothing):
    for count in range(len(WHOLE) + 1):
        for names in itertools.combinations(WHOLE, count):
            given = {**WHOLE, **{name: (nothing,) if name == "authors" else nothing for name in names}}
            made = citation(**given)
            assert made == citation(**{name: value for name, value in WHOLE.items() if name not in names})
            assert "None" not in made
            assert not any(bad in made for bad in ("()", ", .", ". .", "..", ",(", ", (", "  "))
            assert made.endswith(".")


def test_one_two_three_and_more_authors():
    def by(*names):
        return citation(title="题", authors=names)

    assert by("甲") == "甲. 题[N]."
    assert by("甲", "乙") == "甲, 乙. 题[N]."
    assert by("甲", "乙", "丙") == "甲, 乙, 丙. 题[N]."
    assert by("甲", "乙", "丙", "丁") == "甲, 乙, 丙, 等. 题[N]."
    assert by("甲", "", None, "乙") == "甲, 乙. 题[N]."


def test_a_title_is_one_line_and_keeps_its_marks():
    assert citation(title="“大风车”\n转出　大产业。") == "“大风车” 转出 大产业[N]."
    assert citation(title="谁来养老？") == "谁来养老？[N]."


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("第03版", "3"),
        ("03", "3"),
        ("3版", "3"),
        ("第 3 版", "3"),
        ("A08版", "A08"),
        ("第三版", "3"),
        ("十", "10"),
        ("第十二版", "12"),
        ("二十", "20"),
        ("第二十四版", "24"),
        ("要闻", "要闻"),
        ("要闻版", "要闻"),
        ("百", "百"),
        ("三四", "三四"),
        (None, ""),
        ("", ""),
    ],
)
def test_page_numbers(page, number):
    assert page_number(page) == number


def test_the_line_below_a_quotation():
    assert (
        source_line(
            authors=("张三", "李四"),
            newspaper="云川日报",
            date="2021-05-18",
            page="03",
            section="水利",
            source="云川日报/03版.txt",
        )
        == "张三、李四 · 云川日报 2021-05-18 第3版 · 水利 · 云川日报/03版.txt"
    )
    assert source_line(authors=(None, " "), date="2021-05-18", source="a.txt") == "2021-05-18 · a.txt"
    assert source_line(newspaper="云川日报", page="要闻版") == "云川日报 要闻版"
    assert source_line() == ""
