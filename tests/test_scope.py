"""Keeping to documents, newspapers and days: dates as readers write them, the store, the commands, the page."""

import json

import pytest
from conftest import DOCUMENTS, HARBOUR, write_archive
from test_page import opened, texts

from qa import ChatSession, QAPipeline, Retriever, build_index
from qa.cli import main
from qa.errors import ScopeError
from qa.scope import WHOLE, Scope, days_of

CLOSED = "本报讯 记者沈若溪报道 望仙桥月底起封闭，修缮花费470万元，工期四个月。"
OPENED = "本报讯 记者何知夏报道 望仙桥昨日恢复通行，修缮共花费492万元。"
PAGES = {
    **DOCUMENTS,
    "云川日报/2021-05-20/02版.txt": f"望仙桥月底封闭修缮\n\n{CLOSED}\n".encode(),
    "江州晨報/2022-01-03/01版.txt": f"望仙桥修缮完工\n\n{OPENED}\n".encode(),
}
BRIDGE = "望仙桥修缮花了多少钱？"


@pytest.fixture(scope="module")
def index_dir(tmp_path_factory, _remembering):
    root = tmp_path_factory.mktemp("scope")
    build_index(root / "index", [write_archive(root / "报纸", PAGES)], encoder=_remembering)
    return root / "index"


@pytest.fixture(scope="module")
def pipeline(index_dir):
    return QAPipeline.open(index_dir)


class TestDates:
    @pytest.mark.parametrize(
        ("text", "days"),
        [
            ("2023-10-11", ("2023-10-11", "2023-10-11")),
            ("2023-2-3", ("2023-02-03", "2023-02-03")),
            (" 2023/10/11 ", ("2023-10-11", "2023-10-11")),
            ("20231011", ("2023-10-11", "2023-10-11")),
            ("2023年10月11日", ("2023-10-11", "2023-10-11")),
            ("2024-02", ("2024-02-01", "2024-02-29")),
            ("2023年2月", ("2023-02-01", "2023-02-28")),
            ("2023", ("2023-01-01", "2023-12-31")),
            ("2023年", ("2023-01-01", "2023-12-31")),
        ],
    )
    def test_a_day_a_month_a_year(self, text, days):
        assert days_of(text) == days

    @pytest.mark.parametrize(
        "text", ["", "昨天", "2023-13", "2023-02-29", "2023-10-32", "0000-01-01", "23-10-11", "2023-10-11-12", "2023-00-10"]
    )  # fmt: skip
    def test_what_is_no_date(self, text):
        with pytest.raises(ScopeError, match="不是日期；请写成 2023-10-11、2023-10 或 2023"):
            days_of(text)

    def test_a_range_the_wrong_way_round(self):
        with pytest.raises(ScopeError, match="2023 在截止日期 2022-05 之后"):
            Scope.of(date_from="2023", date_to="2022-05")
        assert Scope.of(date_from="2023-05-31", date_to="2023-05").last_day == "2023-05-31"

    def test_a_single_name_is_no_collection(self):
        with pytest.raises(TypeError, match="newspapers"):
            Scope.of(newspapers="云川日报")
        assert Scope.of() == WHOLE


class TestRetrieval:
    def test_by_newspaper_in_either_script(self, pipeline):
        for name in ("江州晨報", "江州晨报"):
            reply = pipeline.ask(BRIDGE, newspapers=[name])
            assert reply.answer.text == "492万元"
            assert {found.source for found in reply.passages} == {"江州晨報/2022-01-03/01版.txt"}
        assert pipeline.ask(BRIDGE, newspapers=[]).passages == ()

    def test_by_days(self, index_dir):
        retriever = Retriever.open(index_dir)

        def dates(**days):
            return {found.article.date for found in retriever.search("工程 修缮 图书馆", 20, **days)}

        assert dates(date_from="2021-05-19") == {"2021-05-20", "2022-01-03", "2022-04-12"}
        assert dates(date_to="2021-05-18") == {"2021-05-18"}
        assert dates(date_from="2021-05", date_to="2021-05") == {"2021-05-18", "2021-05-20"}
        assert dates(date_from="2022", date_to="2022-01-02") == set()
        assert None in dates()

    def test_all_of_it_together(self, pipeline):
        reply = pipeline.ask(BRIDGE, newspapers=["云川日报"], date_from="2021-05-19", date_to="2021")
        assert reply.answer.text == "470万元"
        assert {found.source for found in reply.passages} == {"云川日报/2021-05-20/02版.txt"}

    def test_undated_articles_are_counted(self, pipeline):
        undated = [a for a in pipeline.index.articles() if a.date is None]
        assert len(undated) == 3
        assert pipeline.ask(BRIDGE, date_from="2021").undated_left_out == len(undated)
        assert pipeline.ask(BRIDGE, date_from="2021", sources=["海宁晚报.md"]).undated_left_out == 2
        assert pipeline.ask(BRIDGE, date_from="2021", newspapers=["江州晨报"]).undated_left_out == 0
        assert pipeline.ask(BRIDGE).undated_left_out is None
        assert "undated_left_out" not in pipeline.ask(BRIDGE).to_json()

    def test_a_date_that_is_a_month(self, tmp_path, encoder):
        page = (
            "---\ntitle: 古塔修缮\ndate: 2020-03\n---\n\n古塔修缮共用去资金730万元，三月底完工。\n".encode()
        )
        build_index(tmp_path / "i", [write_archive(tmp_path / "p", {"a.md": page})], encoder=encoder)
        retriever = Retriever.open(tmp_path / "i")
        (article,) = retriever.index.articles()
        found = {
            days: bool(retriever.search("古塔", date_from=days, date_to=days))
            for days in ("2020", "2020-03", "2020-04", "2019")
        }
        read = article.date is not None
        assert found == {"2020": read, "2020-03": read, "2020-04": False, "2019": False}

    def test_a_conversation_keeps_to_it(self, pipeline):
        chat = ChatSession(pipeline, Scope.of(newspapers=["江州晨报"]))
        assert chat.ask(BRIDGE).answer.text == "492万元"


class TestCommands:
    def test_search_and_ask(self, index_dir, capsys):
        where = ["--index-dir", str(index_dir)]
        assert (
            main(["search", BRIDGE, "--newspaper", "云川日报", "--from", "2021-05-19", "--json", *where]) == 0
        )
        shown = capsys.readouterr()
        assert {json.loads(line)["source"] for line in shown.out.splitlines()} == {
            "云川日报/2021-05-20/02版.txt"
        }
        assert shown.err == ""  # no article of this newspaper is without a date
        assert main(["ask", BRIDGE, "--to", "2021", "--json", *where]) == 0
        shown = capsys.readouterr()
        reply = json.loads(shown.out)
        assert (reply["answer"]["text"], reply["undated_left_out"]) == ("470万元", 3)
        assert "另有 3 篇文章没有日期" in shown.err

    def test_batch(self, index_dir, tmp_path):
        (tmp_path / "in").write_text(json.dumps({"question": BRIDGE}) + "\n", encoding="utf-8")
        given = [str(tmp_path / "in"), str(tmp_path / "out"), "--source", "江州晨報/2022-01-03/01版.txt"]
        assert main(["batch", *given, "--index-dir", str(index_dir)]) == 0
        assert json.loads((tmp_path / "out").read_text(encoding="utf-8"))["answer"]["text"] == "492万元"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--newspaper", "渤海早报"], "索引里没有报纸“渤海早报”；有："),
            (["--source", "无.txt"], "索引里没有文件“无.txt”；有："),
            (["--from", "2021-15"], "“2021-15”不是日期"),
            (["--from", "2022", "--to", "2021"], "请把两个日期对调"),
        ],
    )
    def test_what_cannot_be_kept_to(self, index_dir, capsys, options, said):
        for command in ("search", "ask"):
            assert main([command, BRIDGE, *options, "--index-dir", str(index_dir)]) == 1
            shown = capsys.readouterr()
            assert shown.out == ""
            assert said in shown.err


class TestPage:
    def test_choices_of_the_sidebar(self, index_dir, monkeypatch):
        page = opened(index_dir, monkeypatch).run()
        assert [choice.label for choice in page.multiselect] == ["只查这些文件", "只查这些报纸"]
        assert "江州晨報" in page.multiselect[1].options
        page.multiselect[1].set_value(["江州晨報"])
        page.chat_input[0].set_value(BRIDGE).run()
        assert texts(page, "wb-answer") == ["492万元"]
        assert page.query_params["paper"] in ("江州晨報", ["江州晨報"])

    def test_days_and_the_count_of_what_has_none(self, index_dir, monkeypatch):
        page = opened(index_dir, monkeypatch)
        page.query_params["to"] = "2021-12-31"
        page.run()
        assert [str(day.value) for day in page.date_input] == ["None", "2021-12-31"]
        page.chat_input[0].set_value(BRIDGE).run()
        assert not page.exception
        assert texts(page, "wb-answer") == ["470万元"]
        assert any("另有 3 篇文章没有日期" in text for text in texts(page, "wb-label"))

    def test_an_archive_without_dates_and_newspapers(self, tmp_path, encoder, monkeypatch):
        page = HARBOUR.split("## ")[1].encode()
        build_index(tmp_path / "i", [write_archive(tmp_path / "p", {"a.txt": page})], encoder=encoder)
        page = opened(tmp_path / "i", monkeypatch).run()
        assert not page.exception
        assert [choice.label for choice in page.multiselect] == ["只查这些文件"]
        assert not page.date_input
