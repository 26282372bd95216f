"""Bylines, credits and the names in them."""

import pytest

from qa.articles import split_articles
from qa.articles.bylines import is_byline, is_credit, names_in
from qa.documents import document_of


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("来源：云川日报 2023-05-06 作者：王小明", ["王小明"]),
        ("来源：云川日报 2023-05-06 10:20 记者：王小明 李晓文", ["王小明", "李晓文"]),
        ("发布时间：2023年5月6日 来源：云川日报", []),
        ("2023-05-06 来源：云川晚报 浏览次数：120", []),
        ("文/陶英静 图/施霞文", ["陶英静", "施霞文"]),
        ("本报记者 李晓文", ["李晓文"]),
        ("本报记者 张三 文/图", ["张三"]),
        ("张三 文并摄", ["张三"]),
    ],
)
def test_bylines(line: str, names: list[str]) -> None:
    assert is_byline(line)
    assert names_in(line) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [("杨文 摄", ["杨文"]), ("张三摄", ["张三"]), ("本报记者张三摄", ["张三"]), ("（杨文/摄）", ["杨文"])],
)
def test_credits(line: str, names: list[str]) -> None:
    assert is_credit(line)
    assert names_in(line) == names


@pytest.mark.parametrize("line", ["来源于生活的好戏", "时间都去哪儿了"])
def test_no_bylines(line: str) -> None:
    assert not is_byline(line)


def test_a_byline_with_source_and_date_is_no_subtitle() -> None:
    text = "首页 > 新闻 > 本地\n\n旧仓库成书店\n\n来源：云川日报 2023-05-06 作者：王小明\n\n书店昨日开门，来客三千。\n"
    (article,) = split_articles(document_of(text, "a.txt", "utf-8", "")).articles
    assert (article.kicker, article.title, article.subtitle) == (None, "旧仓库成书店", None)
    assert article.byline == ("王小明",)


def test_a_photographer_whose_name_ends_like_a_credit_is_in_the_byline() -> None:
    text = "旧仓库成书店\n\n本报讯 记者陶英报道 书店昨日开门。\n\n市民在新书店里看书。\n\n杨文 摄\n"
    (article,) = split_articles(document_of(text, "a.txt", "utf-8", "")).articles
    assert article.byline == ("陶英", "杨文")
    assert [p.role for p in article.parts] == ["title", "paragraph", "caption", "credit"]
