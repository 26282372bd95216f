"""The page by Streamlit's own AppTest, over a real index with the real encoder and reader."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from streamlit.testing.v1 import AppTest

from qa.chat import ChatSession
from qa.index import build_index
from qa.passages import split_passages
from ui.article_view import article_html
from ui.examples import example_questions, from_body, from_headline, possible_examples
from ui.reply_view import confidence, quotation

APP = str(Path(__file__).resolve().parents[1] / "ui" / "app.py")
WATER = "青石岭引水工程总投资多少？"
OFF_TOPIC = "量子纠缠的退相干时间如何测量？"


@pytest.fixture
def page(small_index, monkeypatch):
    """The page of the invented archive, not run yet."""
    return opened(small_index, monkeypatch)


def opened(index_dir, monkeypatch):
    monkeypatch.setenv("WENBAO_INDEX_DIR", str(index_dir))
    monkeypatch.delenv("WENBAO_MODEL", raising=False)
    return AppTest.from_file(APP, default_timeout=180)


def elements(at, css_class):
    """What is drawn with this class, in order, as lxml elements."""
    out = []
    for drawn in at.get("html"):
        if not drawn.value.lstrip().startswith(("<style", "<script")):
            out += lxml.html.fragment_fromstring(drawn.value, create_parent=True).find_class(css_class)
    return out


def texts(at, css_class):
    return [element.text_content() for element in elements(at, css_class)]


def marks(element):
    """``(text, whether it is the answer)`` of the marks in ``element``."""
    return [(mark.text_content(), mark.get("class") == "answer") for mark in element.iter("mark")]


def ask(at, question):
    at.chat_input[0].set_value(question).run()
    assert not at.exception
    return at


def button(at, label):
    return next(b for b in at.button if b.label == label)


def test_the_start_shows_what_the_index_holds_and_examples_from_it(page, small_pipeline):
    page.run()
    assert not page.exception
    info = small_pipeline.index.info()
    assert texts(page, "wb-fact") == ["4 份文件", f"{info['articles']} 篇文章", f"{info['passages']} 个段落"]
    assert any(f"模型 {info['encoder']}" == text for text in texts(page, "wb-label"))
    assert page.multiselect[0].options == small_pipeline.index.sources()
    examples = [b.label for b in page.button if b.label != "新的对话"]
    assert 2 <= len(examples) <= 4
    possible = dict(possible_examples(small_pipeline.index))
    assert set(examples) <= set(possible)
    assert not page.markdown


def test_an_example_is_asked_by_a_click(page, small_pipeline):
    page.run()
    example = next(b for b in page.button if b.label != "新的对话")
    expected = dict(possible_examples(small_pipeline.index))[example.label]
    label = example.label
    example.click().run()
    assert texts(page, "wb-asked") == [label]
    assert expected in texts(page, "wb-answer")[0]
    assert page.query_params["q"] in (label, [label])


def test_an_answer_with_its_evidence_source_citation_and_link(page, small_pipeline):
    ask(page.run(), WATER)
    reply = small_pipeline.ask(WATER)
    best = reply.evidence[0]
    assert reply.answer.text == "3.6亿元"
    assert texts(page, "wb-answer") == ["3.6亿元"]
    assert texts(page, "wb-sure")[0] == f"{confidence(reply.answer.score)}，请对照原文"
    quote = elements(page, "wb-quote")[0]
    paper = quote.find_class("wb-paper")[0]
    assert paper.text_content() == best.retrieved.text
    assert "".join(text for text, strong in marks(paper) if strong) == "3.6亿元"
    lit = "".join(text for text, _ in marks(paper))
    assert lit == "".join(best.retrieved.text[a:b] for a, b in best.highlights)
    assert quote.find_class("wb-title")[0].text_content() == "《引水入川 润泽百村》"
    assert quote.find_class("wb-source")[0].text_content() == (
        f"陆文渊 · 云川日报 2021-05-18 第3版 · {best.retrieved.source}"
    )
    assert page.code[0].value == "陆文渊. 引水入川 润泽百村[N]. 云川日报, 2021-05-18(3)."
    assert parse_qs(urlsplit(page.code[1].value).query) == {"q": [WATER]}
    assert not page.markdown


def test_the_other_passages_and_their_scores(page, small_pipeline):
    ask(page.run(), WATER)
    reply = small_pipeline.ask(WATER)
    shown = {item.retrieved.passage.id for item in reply.evidence}
    others = [found for found in reply.passages if found.passage.id not in shown]
    (folded,) = [e for e in page.expander if e.label == f"找到的其他段落（{len(others)}）"]
    drawn = [lxml.html.fragment_fromstring(html.value) for html in folded.get("html")]
    assert [e.find_class("wb-paper")[0].text_content() for e in drawn] == [found.text for found in others]
    first = drawn[0].find_class("wb-label")[0].text_content()
    assert first.startswith(f"第 {others[0].rank} · 综合 {others[0].score:.3f} · 语义 ")
    assert f"{others[0].dense_score:.3f}" in first


def test_the_whole_article_with_the_same_marks(page, small_pipeline):
    ask(page.run(), WATER)
    button(page, "在文中查看").click().run()
    assert not page.exception
    (article,) = elements(page, "wb-article")
    best = small_pipeline.ask(WATER).evidence[0]
    whole = best.retrieved.article
    assert [part.text_content() for part in article] == [part.text for part in whole.parts]
    assert "".join(text for text, strong in marks(article) if strong) == "3.6亿元"
    (marked_part,) = [part for part in article if marks(part)]
    assert best.retrieved.text in marked_part.text_content()
    (drawn,) = elements(page, "wb-paper")[:1]
    assert marks(marked_part) == marks(drawn)


def test_an_answer_in_a_headline_is_marked_in_the_headline(small_pipeline):
    article = next(a for a in small_pipeline.index.articles() if a.title == "老粮库变身图书馆")
    headline = split_passages(article)[0]
    assert headline.kind == "headline"
    made = lxml.html.fragment_fromstring(article_html(article, headline, [(0, 8)], [(5, 8)]))
    assert marks(made) == [("老粮库变身", False), ("图书馆", True)]
    assert made.find_class("wb-part-title")[0].text_content() == "老粮库变身图书馆"


def test_a_follow_up_keeps_the_turns_and_can_be_worded_anew(page, small_pipeline):
    follow_up, anew = "它惠及多少个行政村？", "城南图书馆藏书多少册？"
    chat = ChatSession(small_pipeline)
    first, second = chat.ask(WATER), chat.ask(follow_up)
    assert second.standalone_question != follow_up
    ask(page.run(), WATER)
    ask(page, follow_up)
    assert texts(page, "wb-asked") == [WATER, follow_up]
    assert texts(page, "wb-understood") == [f"理解为：{second.standalone_question}"]
    assert texts(page, "wb-answer") == [first.answer.text, second.answer.text]
    assert page.query_params["q"] in (second.standalone_question, [second.standalone_question])
    assert page.text_input[0].value == second.standalone_question
    page.text_input[0].set_value(anew)
    button(page, "按这个问").click().run()
    assert not page.exception
    assert texts(page, "wb-asked") == [WATER, follow_up, anew]
    assert texts(page, "wb-understood") == [f"理解为：{second.standalone_question}"]
    assert "12万册" in texts(page, "wb-answer")[2]
    assert page.query_params["q"] in (anew, [anew])


def test_a_turn_is_drawn_the_same_after_another_run(page):
    ask(page.run(), WATER)
    before = [html.value for html in page.get("html") if "wb-" in html.value and "<script" not in html.value]
    page.run()
    after = [html.value for html in page.get("html") if "wb-" in html.value]
    assert after == before
    assert texts(page, "wb-answer") == ["3.6亿元"]


def test_without_an_answer_the_reason_and_the_nearest_passages(page, small_pipeline):
    reply = small_pipeline.ask(OFF_TOPIC)
    assert reply.status != "answered"
    ask(page.run(), OFF_TOPIC)
    assert texts(page, "wb-answer") == []
    assert texts(page, "wb-reason") == [reply.reason]
    (near,) = [e for e in page.expander if e.label == "最接近的段落"]
    drawn = [lxml.html.fragment_fromstring(html.value) for html in near.get("html")]
    quotes = [e for e in drawn if e.get("class") == "wb-quote"]
    assert [e.find_class("wb-paper")[0].text_content() for e in quotes] == [
        item.retrieved.text for item in reply.evidence
    ]
    assert not any(marks(e) for e in quotes)
    assert near.proto.expanded == (reply.status == "related")


def test_only_the_chosen_documents_are_searched(page, small_pipeline):
    page.run()
    harbour = next(s for s in small_pipeline.index.sources() if s.endswith("海宁晚报.md"))
    page.multiselect[0].set_value([harbour]).run()
    ask(page, WATER)
    sources = texts(page, "wb-source")
    assert sources
    assert all(text.endswith(harbour) for text in sources)
    assert "3.6亿元" not in texts(page, "wb-answer")
    assert page.query_params["doc"] in (harbour, [harbour])


def test_an_address_with_documents_chooses_them(page, small_pipeline):
    harbour = next(s for s in small_pipeline.index.sources() if s.endswith("海宁晚报.md"))
    page.query_params["q"] = "望潮港完成货物吞吐量多少？"
    page.query_params["doc"] = [harbour, "不在的文件.txt"]
    page.run()
    assert page.multiselect[0].value == [harbour]
    assert "2860万吨" in texts(page, "wb-answer")[0]
    assert parse_qs(urlsplit(page.code[1].value).query)["doc"] == [harbour]


def test_an_address_with_a_question_is_asked_once(page):
    page.query_params["q"] = WATER
    page.run()
    assert texts(page, "wb-answer") == ["3.6亿元"]
    page.run()
    assert texts(page, "wb-asked") == [WATER]


def test_a_new_conversation_forgets_the_old_one(page):
    page.query_params["q"] = WATER
    page.run()
    button(page, "新的对话").click().run()
    assert texts(page, "wb-asked") == []
    assert texts(page, "wb-name") == ["问报"]
    assert "q" not in page.query_params
    ask(page, "那铺设管道多长呢？")
    assert texts(page, "wb-understood") == []


def test_two_readers_share_no_turns(small_index, monkeypatch):
    one, other = opened(small_index, monkeypatch).run(), opened(small_index, monkeypatch).run()
    ask(one, WATER)
    other.run()
    assert texts(one, "wb-asked") == [WATER]
    assert texts(other, "wb-asked") == []


@pytest.mark.parametrize(("question", "says"), [("　？？", "问题是空的"), ("报" * 10_000, "最多 1000 个字")])
def test_a_question_that_cannot_be_asked_is_answered_by_what_is_wrong(page, question, says):
    ask(page.run(), question)
    assert says in texts(page, "wb-notice")[0]
    assert texts(page, "wb-asked") == [question]
    ask(page, WATER)
    assert texts(page, "wb-notice") == []
    assert texts(page, "wb-answer") == ["3.6亿元"]


def test_no_index_is_said_in_chinese(tmp_path, monkeypatch):
    page = opened(tmp_path / "没有", monkeypatch).run()
    assert not page.exception
    (said,) = texts(page, "wb-notice")
    assert "没有索引" in said
    assert "wenbao build" in said


def test_a_damaged_index_is_said_in_chinese(own_index, monkeypatch):
    (vectors,) = own_index.glob("gen-*/vectors.faiss")
    vectors.write_bytes(vectors.read_bytes()[:-100])
    page = opened(own_index, monkeypatch).run()
    assert not page.exception
    (said,) = texts(page, "wb-notice")
    assert "vectors.faiss" in said
    assert "wenbao" in said
    assert "Error" not in said


def test_an_index_that_goes_away_is_said_at_the_next_run(own_index, monkeypatch):
    page = opened(own_index, monkeypatch).run()
    assert texts(page, "wb-name") == ["问报"]
    shutil.rmtree(own_index)
    page.chat_input[0].set_value(WATER).run()
    assert not page.exception
    assert "没有索引" in texts(page, "wb-notice")[0]


def test_an_unexpected_error_shows_no_traceback(page, monkeypatch):
    page.run()

    def fails(*_, **__):
        raise RuntimeError("<b>内部的细节</b>")

    monkeypatch.setattr("qa.pipeline.QAPipeline.reply", fails)
    page.chat_input[0].set_value(WATER).run()
    assert not page.exception
    (said,) = texts(page, "wb-notice")
    assert said.startswith("页面出了意外的错误")
    assert not any("内部的细节" in html.value for html in page.get("html"))


def test_a_newer_generation_is_used_at_the_next_run(own_index, small_archive, tmp_path, encoder, monkeypatch):
    page = opened(own_index, monkeypatch).run()
    assert texts(page, "wb-fact")[0] == "4 份文件"
    (tmp_path / "新.txt").write_text(
        "古塔公园修缮完工\n\n本报讯 记者沈若溪报道 6月1日，古塔公园修缮完工，修缮共用去资金730万元。\n",
        encoding="utf-8",
    )
    build_index(own_index, [small_archive, tmp_path / "新.txt"], encoder=encoder)
    ask(page, "古塔公园修缮用去资金多少？")
    assert texts(page, "wb-fact")[0] == "5 份文件"
    assert "730万元" in texts(page, "wb-answer")[0]


def one_reply(status):
    """A page of one reply made by hand: two papers, two figures; or the same passages without an answer."""
    from qa.datatypes import Alternative, Answer, Article, Evidence, Part, Passage, Reply, RetrievedPassage
    from ui.reply_view import show_reply

    def found(rank, text, date, title):
        part = Part("paragraph", text, ((0, len(text)),))
        article = Article(
            f"{rank}.txt#1",
            f"{rank}.txt",
            title,
            text,
            part.spans,
            "news",
            (part,),
            date=date,
            newspaper="云川日报",
        )
        passage = Passage(f"{rank}.txt#1/0", article.id, article.source, text, part.spans, article_start=0)
        return RetrievedPassage(passage, article, 0.1, rank, 0.9, 1, 3.0, None)

    half = found(1, "上半年用水300万吨。", "2021-07-01", "上半年用水")
    year = found(2, "全年用水650万吨。", "2022-01-05", "全年<b>用水</b>")
    answered = status == "answered"
    reply = Reply(
        "",
        "用水多少？",
        "用水多少？",
        "gen-000001",
        status,
        None if answered else "没有写明这一点。",
        Answer("300万吨", 0.71, ((5, 10),)) if answered else None,
        (
            Evidence(half, ((0, 11),) if answered else (), ((5, 10),) if answered else (), 0.7),
            Evidence(year, ((0, 10),) if answered else (), ((4, 9),) if answered else (), 0.5),
        ),
        (Alternative("650万吨", 0.5, 1),) if answered else (),
        (half, year),
        {},
    )
    show_reply(reply, 0, "http://localhost/?q=1", lambda *_: None)


def test_another_answer_is_shown_with_its_date_and_source():
    page = AppTest.from_function(one_reply, default_timeout=60, args=("answered",)).run()
    assert not page.exception
    assert texts(page, "wb-answer") == ["300万吨"]
    assert texts(page, "wb-sure") == ["有些把握（约 70%），请对照原文", "把握不大（约 50%）"]
    assert texts(page, "wb-other") == ["650万吨"]
    assert texts(page, "wb-source") == ["云川日报 2021-07-01 · 1.txt", "云川日报 2022-01-05 · 2.txt"]
    assert texts(page, "wb-title") == ["《上半年用水》", "《全年<b>用水</b>》"]
    assert marks(elements(page, "wb-paper")[1]) == [("全年用水", False), ("650万吨", True), ("。", False)]
    assert [code.value for code in page.code] == [
        "上半年用水[N]. 云川日报, 2021-07-01.",
        "http://localhost/?q=1",
        "全年<b>用水</b>[N]. 云川日报, 2022-01-05.",
        "http://localhost/?q=1",
    ]
    assert not page.expander


def test_a_headline_is_not_shown_twice(small_pipeline):
    article = next(a for a in small_pipeline.index.articles() if a.title == "老粮库变身图书馆")
    headline, body = split_passages(article)[:2]
    drawn = lxml.html.fragment_fromstring(quotation(headline, article))
    assert drawn.find_class("wb-paper")[0].text_content() == "老粮库变身图书馆"
    assert drawn.find_class("wb-title") == []
    assert drawn.find_class("wb-source")[0].text_content() == (
        f"沈若溪 · 云川日报 2021-05-18 第3版 · 标题 · {article.source}"
    )
    drawn = lxml.html.fragment_fromstring(quotation(body, article))
    assert drawn.find_class("wb-title")[0].text_content() == "《老粮库变身图书馆》"


@pytest.mark.parametrize(("status", "unfolded"), [("related", True), ("not_found", False)])
def test_the_nearest_passages_are_open_where_they_are_on_the_topic(status, unfolded):
    page = AppTest.from_function(one_reply, default_timeout=60, args=(status,)).run()
    assert not page.exception
    assert texts(page, "wb-answer") == texts(page, "wb-other") == []
    assert texts(page, "wb-reason") == ["没有写明这一点。"]
    (near,) = page.expander
    assert (near.label, near.proto.expanded) == ("最接近的段落", unfolded)
    assert texts(page, "wb-paper") == ["上半年用水300万吨。", "全年用水650万吨。"]
    assert not any(marks(paper) for paper in elements(page, "wb-paper"))


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "把握不大（约 5%）"),
        (0.13, "把握不大（约 15%）"),
        (0.51, "把握不大（约 50%）"),
        (0.64, "有些把握（约 65%）"),
        (0.86, "把握较大（约 85%）"),
        (1.0, "把握较大（约 95%）"),
    ],
)
def test_confidence_in_words_is_never_certain(probability, words):
    assert confidence(probability) == words


def made_article(title, text=""):
    from qa.datatypes import Article

    return Article("a#1", "a", title, text, ((0, len(text)),), "news", ())


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("1128个村庄开展清洁行动", [("多少个村庄开展清洁行动？", "1128")]),
        ("全市今年新增绿地3.5万亩", [("全市今年新增绿地多少亩？", "3.5万")]),
        ("望海博览会6月1日在滨城开幕", [("望海博览会哪一天在滨城开幕？", "6月1日")]),
        ("全国龙舟邀请赛在滨城举行", [("全国龙舟邀请赛在哪里举行？", "滨城")]),
        ("青山行动", []),
        ("2023年度先进集体揭晓了吗", []),
        ("新增绿地3万亩、公园12座，市民满意", []),
        ("新车iX3个性十足上市引热议", []),
        ("5个村庄![](http://x)开展清洁行动", []),
        (":red[5个村庄]开展清洁行动", []),
        ("$5$个村庄开展清洁行动_啊_", []),
        ("<b>5个村庄</b>开展清洁行动", []),
    ],
)
def test_questions_from_a_headline(title, expected):
    assert list(from_headline(made_article(title))) == expected


def test_questions_from_a_body_leave_out_what_says_little_by_itself():
    text = "其中，同比增加了不少于35个新的项目。今年前四月，望潮港完成货物吞吐量2860万吨，同比增长14.2%。"
    assert list(from_body(made_article("", text))) == [("望潮港完成货物吞吐量多少吨？", "2860万")]


def test_examples_are_answered_rightly(small_pipeline):
    examples = example_questions(small_pipeline, count=3, seconds=600)
    expected = dict(possible_examples(small_pipeline.index))
    assert len(set(examples)) == len(examples) >= 2
    for question in examples:
        assert expected[question] in small_pipeline.ask(question).answer.text


def test_examples_on_a_machine_too_slow_to_try_them(small_pipeline):
    possible = [question for question, _ in possible_examples(small_pipeline.index)]
    assert example_questions(small_pipeline, count=3, seconds=0) == possible[:3]
