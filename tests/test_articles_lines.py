"""What a single line of a page is taken for: a headline is never thrown away as a masthead or as navigation."""

import pytest

from qa.articles import split_articles
from qa.articles.furniture import is_furniture
from qa.documents import document_of
from qa.documents.metadata import from_path, from_text, is_masthead

HEADLINES = (
    "气象台发布台风预报 市司法局局长作工作报告 市政府发布空气质量周报 省审计厅公布审计报告 一家三口齐上报 2020年1月1日起施行 "
    "中秋佳节寄家书 星期一早高峰不再堵 第三版教材下周到校 第三期培训班开班 编辑部搬新家 周三有大雨 返回舱安全着陆 点击就能办社保 "
    "扫码支付进菜场 分享到家的幸福 责任重于泰山 点击进入智慧生活 扫码看病不用排队 上一期工程完工 打印社保单更方便 下一版规划公布 "
    "未经许可养犬罚款 版权所有者维权 返回家乡创业 首页改版上线"
).split()
MASTHEADS = [
    "云川日报 2021年5月18日 星期二 第03版",
    "雲川日報 2021年5月18日 第3版",
    "云 川 日 报",
    "雲 川 晚 報",
    "二〇二一年五月十八日 星期二 农历辛丑年四月初七 第8123期 今日8版",
    "03版：要闻",
    "A4 综合",
    "责任编辑：张三 版式：李四",
    "国内统一连续出版物号 CN21-0001 邮发代号7-1",
    "2021-05-18 星期二 责任编辑：张三",
    "大公报 第三版",
]
NAVIGATION = [
    "返回首页",
    "上一篇：市长会见客商",
    "下一版 >",
    "点击查看更多",
    "扫码关注本报公众号",
    "手机扫码看新闻",
    "字号：大 中 小",
    "首页 > 新闻 > 本地",
    "您的位置：首页 > 新闻",
    "分享到：微信 微博",
    "要闻 > 正文",
    "大 中 小",
    "【打印】【关闭】",
    "举报 纠错",
    "上一篇 春耕开始",
    "版权所有 翻印必究",
    "未经本报授权不得转载",
    "|---|:--:|",
    "* * *",
]


def titles(text: str) -> list[str]:
    return [article.title for article in split_articles(document_of(text, "a.txt", "utf-8", "")).articles]


@pytest.mark.parametrize("headline", HEADLINES)
@pytest.mark.parametrize("above", ["", "云川日报 2021年5月18日 第03版\n\n"])
def test_a_headline_stays_a_headline(headline: str, above: str) -> None:
    text = f"{above}{headline}\n\n本报讯 记者何田报道 昨日，有关部门向记者介绍了这件事的详细经过。\n"
    assert titles(text) == [headline]


@pytest.mark.parametrize(
    "headline", ["前期 投入超过一亿元", "后期 工程下月启动", "药品许可证编号造假被查", "大中小学同日开学"]
)
@pytest.mark.parametrize("page", ["{}\n\n{}\n", "<html><body><h1>{}</h1><p>{}</p></body></html>"])
def test_a_headline_that_begins_like_a_button_stays_in_every_format(headline: str, page: str) -> None:
    assert titles(page.format(headline, "本报讯 记者何田报道 昨日，有关部门向记者介绍了这件事的经过。")) == [
        headline
    ]


@pytest.mark.parametrize("line", MASTHEADS)
def test_a_masthead_is_known_wherever_it_stands(line: str) -> None:
    assert is_masthead(line)
    layout = split_articles(document_of(f"旧仓库成书店\n\n本报讯 书店开门。\n{line}\n", "a.txt", "utf-8", ""))
    assert [layout.document.text[a:b] for item in layout.set_aside for a, b in item.spans] == [line]


@pytest.mark.parametrize("line", NAVIGATION)
def test_navigation_is_furniture(line: str) -> None:
    assert is_furniture(line)


def test_a_name_or_a_date_by_itself_needs_the_place_of_a_masthead() -> None:
    assert is_masthead("云川日报", placed=True)
    assert not is_masthead("云川日报")
    assert is_masthead("2021年5月18日", placed=True)
    assert not is_masthead("2021年5月18日")
    assert not is_masthead("市政府发布空气质量周报", placed=True)
    assert not is_masthead("热线电话：0410-1234567", placed=True)


def test_what_mastheads_say() -> None:
    known = from_text("雲 川 日 報\n2021年5月18日 星期二\n第3版：要闻\n\n旧仓库成书店\n")
    assert (known.newspaper, known.date, known.page) == ("雲川日報", "2021-05-18", "3")
    assert from_text("省审计厅公布审计报告\n2020年1月1日起施行\n").newspaper is None
    assert from_path("云川晚报/2021-05-18/A03版.txt").newspaper == "云川晚报"
    assert from_path("年度报告/第1册.txt").newspaper is None


def test_a_subtitle_that_ends_like_a_report() -> None:
    text = "买家电先看这几条\n——市消保委发布年度报告\n\n本报讯 昨日，市消保委发布了去年的投诉情况。\n"
    (article,) = split_articles(document_of(text, "a.txt", "utf-8", "")).articles
    assert (article.title, article.subtitle) == ("买家电先看这几条", "——市消保委发布年度报告")


def test_questions_and_answers_of_an_interview_are_paragraphs() -> None:
    text = "老桥怎样修\n\n问：老桥今年修不修\n\n答：今年秋天动工，明年夏天通车。\n\n问：修桥时公交怎样走\n\n答：绕行东门。\n"
    (article,) = split_articles(document_of(text, "a.txt", "utf-8", "")).articles
    assert article.text.split("\n") == [
        "问：老桥今年修不修",
        "答：今年秋天动工，明年夏天通车。",
        "问：修桥时公交怎样走",
        "答：绕行东门。",
    ]


@pytest.mark.parametrize(
    ("mark", "page"),
    [
        ("（下转第三版）", "第三版"),
        ("(下转 02版)", "第02版"),
        ("▼下转第4版", "第4版"),
        ("【下转第二版】", "第二版"),
    ],
)
@pytest.mark.parametrize("between", ["", "\n"])
def test_the_page_that_an_article_goes_on_at(mark: str, page: str, between: str) -> None:
    text = f"老桥怎样修\n\n本报讯 老桥今年秋天动工。{between}{mark}\n\n新桥通车\n\n本报讯 新桥昨日通车。\n"
    first, second = split_articles(document_of(text, "a.txt", "utf-8", "")).articles
    assert first.continued_to == page
    assert (second.title, second.continued_to) == ("新桥通车", None)


def test_an_article_that_stops_in_mid_sentence_and_goes_on_elsewhere_takes_nothing_from_the_next() -> None:
    text = "老桥怎样修\n\n本报讯 老桥今年秋天动工，修好以后（下转第三版）\n\n全桥将能通行重车。\n"
    (article,) = split_articles(document_of(text, "a.txt", "utf-8", "")).articles
    assert article.text.split("\n") == [
        "本报讯 老桥今年秋天动工，修好以后（下转第三版）",
        "全桥将能通行重车。",
    ]
