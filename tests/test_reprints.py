"""One story in several papers, one article on several pages: found at the build, shown as one."""

import pytest
from conftest import WATER, write_archive
from test_page import opened, texts

from qa import QAPipeline, Retriever, build_index
from qa.articles import linked
from qa.cli import main
from qa.datatypes import Article
from qa.reprints import stories

STORY = (
    "5月17日，云川市青石岭引水工程正式通水。工程总投资3.6亿元，铺设管道128.5公里，惠及117个行政村、21.4万人。"
    "市水务局局长郝明轩介绍，工程于2018年9月开工，历时两年零八个月。沿线村庄的自来水普及率由61%提高到98%，"
    "每年可节约运水费用430万元。下一步，引水工程还将延长20公里，把水送到最远的白露镇，届时再添泵站两座。"
)
OTHER = (
    "望潮港前四月完成货物吞吐量2860万吨，同比增长14.2%，集装箱吞吐量41万标箱。望潮港集团董事长薛北辰说，"
    "增长主要来自新开通的三条近洋航线，分别通往釜山、大阪和海防，年内还将再开两条。"
)


class TestStories:
    def test_near_copies_are_one_story(self):
        changed = STORY.replace("正式通水", "昨日通水").replace("。下一步", "。\n下一步")
        traditional = STORY.replace("引水工程", "引水工程").replace("万", "萬").replace("云", "雲")
        assert stories([OTHER, STORY, changed, OTHER * 2, traditional, ""]) == [0, 1, 1, 0, 1, 5]

    def test_other_articles_are_not(self):
        half = STORY[: len(STORY) // 2] + OTHER
        assert stories([STORY, OTHER, half]) == [0, 1, 2]
        assert stories(["图为施工现场。", "图为施工现场。"]) == [0, 1]  # too short to be a story
        assert stories([]) == []

    def test_many_changes_still_found_or_left_by_what_is_shared(self):
        """Every tenth character another: each change breaks five runs, and too little is shared."""
        ruined = "".join("某" if n % 10 == 0 else char for n, char in enumerate(STORY))
        assert stories([STORY, ruined]) == [0, 1]
        tenth = "".join("某" if n % 60 == 0 else char for n, char in enumerate(STORY))
        assert stories([STORY, tenth]) == [0, 0]


def piece(number, page, title="", text="", to=None, comes=None, newspaper="云川日报", date="2021-05-18"):
    return Article(
        id=f"{page}.txt#{number}", source=f"{page}.txt", title=title, text=text, spans=(), kind="news", parts=(),
        newspaper=newspaper, date=date, page=page, continued_to=to, continued_from=comes,
    )  # fmt: skip


class TestLinks:
    def test_both_halves_name_each_other(self):
        first, second = (
            piece(1, "1", "引水入川", STORY, to="第四版"),
            piece(1, "04", "", OTHER, comes="第一版"),
        )
        one, other = linked([first, second])
        assert (one.continued_to, other.continued_from) == (second.id, first.id)
        assert (one.continued_from, other.continued_to) == (None, None)

    @pytest.mark.parametrize(
        "second",
        [
            piece(1, "4", comes="第二版"),
            piece(1, "5", comes="第一版"),
            piece(1, "4", comes="第一版", date="2021-05-19"),
            piece(1, "4", comes="第一版", date=None),
            piece(1, "4", comes="第一版", newspaper="江州晨报"),
            piece(1, "4"),
        ],
    )
    def test_what_does_not_fit_is_left(self, second):
        first = piece(1, "1", to="第四版")
        assert linked([first, second]) == [first, second]

    def test_of_two_the_one_that_tells_the_same(self):
        first = piece(1, "1", "引水入川", STORY[:100], to="第4版")
        right, wrong = (piece(n, "4", "", text, comes="第1版") for n, text in ((1, STORY[60:]), (2, OTHER)))
        one, other, third = linked([first, right, wrong])
        assert (one.continued_to, other.continued_from, third.continued_from) == (right.id, first.id, "第1版")

    def test_in_doubt_nothing_is_linked(self):
        first = piece(1, "1", "", "", to="第4版")
        both = [piece(n, "4", "", OTHER, comes="第1版") for n in (1, 2)]
        assert linked([first, *both]) == [first, *both]


FIRST = f"望潮港再开航线\n\n本报记者 曹砚秋\n\n本报讯 {OTHER[:60]}薛北辰说，新航线\n\n（下转第四版）\n"
SECOND = f"（上接第一版）{OTHER[60:]}港口年内还要扩建两个泊位，投资约17亿元。\n"
AGAIN = WATER.replace("云川日报 2021年5月18日 第03版\n\n", "").replace("介绍", "说")
PAGES = {
    "云川日报/2021-05-18/03版.txt": WATER.encode(),
    "江州晨报/2021-05-19/02版.txt": AGAIN.encode(),
    "海宁日报/2021-06-01/01版.txt": FIRST.encode(),
    "海宁日报/2021-06-01/04版.txt": SECOND.encode(),
}


@pytest.fixture(scope="module")
def index_dir(tmp_path_factory, _remembering):
    root = tmp_path_factory.mktemp("reprints")
    report = build_index(root / "index", [write_archive(root / "报纸", PAGES)], encoder=_remembering)
    assert report.failed == ()
    return root / "index"


class TestArchive:
    def test_a_story_is_one_result_that_says_where_else_it_stands(self, index_dir, capsys):
        question = "青石岭引水工程总投资多少？"
        found = Retriever.open(index_dir).search(question, 10)
        told = [one for one in found if one.passage.kind == "body" and "3.6亿元" in one.text]
        assert [len(one.reprints) for one in told] == [1]
        assert {told[0].article.newspaper, told[0].reprints[0].newspaper} == {"云川日报", "江州晨报"}
        assert main(["search", question, "--top-k", "1", "--index-dir", str(index_dir)]) == 0
        assert "同一稿件，见 2 处，另见：" in capsys.readouterr().out

    def test_the_pieces_of_an_article(self, index_dir):
        pipeline = QAPipeline.open(index_dir)
        pieces = [a for a in pipeline.index.articles() if a.newspaper == "海宁日报"]
        by_page = {a.page: a for a in pieces if a.continued_to or a.continued_from}
        assert {len(pipeline.index.pieces(a)) for a in by_page.values()} == {2}
        first, second = pipeline.index.pieces(next(iter(by_page.values())))
        assert (first.continued_to, second.continued_from) == (second.id, first.id)
        alone = next(a for a in pipeline.index.articles() if a.newspaper == "云川日报")
        assert pipeline.index.pieces(alone) == [alone]

    def test_the_page_says_so(self, index_dir, monkeypatch):
        page = opened(index_dir, monkeypatch).run()
        page.chat_input[0].set_value("青石岭引水工程总投资多少？").run()
        assert texts(page, "wb-answer") == ["3.6亿元"]
        assert sum(text.startswith("同一稿件，见 2 处") for text in texts(page, "wb-label")) >= 1
