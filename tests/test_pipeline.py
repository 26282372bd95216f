"""From an index and a question to a reply, with the real encoder and reader."""

import threading

import pytest
from conftest import write_archive

from qa import QAPipeline, QuestionError, build_index
from qa.datatypes import map_span, slice_spans
from qa.pipeline import FIRST_READ, MOST_READ, RETRIEVED, depths
from qa.scope import Scope

HEADLINES = {
    "桃源晚报.txt": """桃源晚报 2023年6月2日 第02版

石鼓山隧道今起封闭9天

本报讯 记者江望舒报道 记者从市公路局获悉，为更换照明灯具、清洗墙面，石鼓山隧道实行双向封闭，\
过往车辆须绕行环湖公路。交警部门将在路口增派警力，引导司机通行。

公路局提醒，绕行路段弯多坡急，请减速慢行。沿线商户反映，封闭期间客流会少一些。
""",
    "柳江日报.md": """# 柳江日报

## 千年古镇有了新管家

本报讯 记者白露报道 枫桥古镇的商户说，古镇的变化看得见：河水清了，石板路平了，夜里有了路灯。

### 每户补助8600元修老屋

老屋漏雨，是古镇居民最头疼的事。去年，镇里拿出办法，请来懂老手艺的木匠，帮居民换瓦补墙。

居民方秀英家的老屋修好以后，又住进了人。“下雨再也不用拿盆接水了。”她说。

### 游客不再走马观花

古镇办起染坊和酒坊，游客可以自己动手。店主们说，住下来过夜的客人比从前多。
""",
}

QUESTIONS = [
    "青石岭引水工程总投资多少？",
    "图书馆晚上几点关门？",
    "望潮港集团的董事长是谁？",
    "护林员韦长青发现了几只白鹇？",
    "气象站每天观测几次？",
    "望潮港 集装箱 吞吐量",
    "云川市地铁几号线何时开通？",
    "火星上有没有水？",
]


@pytest.fixture(scope="module")
def headlines(tmp_path_factory, _remembering):
    folder = write_archive(tmp_path_factory.mktemp("headlines") / "报", HEADLINES_AS_BYTES)
    root = tmp_path_factory.mktemp("headlines-index") / "index"
    build_index(root, [folder], encoder=_remembering)
    return QAPipeline.open(root)


HEADLINES_AS_BYTES = {name: text.encode() for name, text in HEADLINES.items()}


def whole(pipeline, reply):
    """The verbatim equation of everything that a reply shows, and that its parts belong together."""
    index = pipeline.index
    for found in (*reply.passages, *(item.retrieved for item in reply.evidence)):
        assert slice_spans(index.document(found.source).text, found.spans) == found.text
        assert found.text.strip()
    for item in reply.evidence:
        document = index.document(item.retrieved.source).text
        for start, end in (*item.highlights, *item.answer_spans):
            assert 0 <= start < end <= len(item.retrieved.text)
            places = map_span(item.retrieved.spans, start, end)
            assert slice_spans(document, places) == item.retrieved.text[start:end]
        for start, end in item.answer_spans:
            assert any(a <= start and end <= b for a, b in item.highlights)
    assert 0 < len(reply.passages) <= RETRIEVED
    assert [found.rank for found in reply.passages] == list(range(1, len(reply.passages) + 1))
    assert len({found.passage.id for found in reply.passages}) == len(reply.passages)
    if reply.status == "answered":
        first = reply.evidence[0]
        assert reply.reason is None
        assert 0 <= reply.answer.score <= 1
        document = index.document(first.retrieved.source).text
        assert slice_spans(document, reply.answer.source_spans) == reply.answer.text
        assert [first.retrieved.text[a:b] for a, b in first.answer_spans] == [reply.answer.text]
        assert first.retrieved.passage.id == reply.passages[0].passage.id
        for other in reply.alternatives:
            item = reply.evidence[other.evidence_index]
            assert [item.retrieved.text[a:b] for a, b in item.answer_spans] == [other.text]
            assert item.retrieved.article.id != first.retrieved.article.id
    else:
        assert reply.answer is None
        assert reply.alternatives == ()
        assert reply.reason.endswith("。")
        assert all(item.highlights == () and item.answer_spans == () for item in reply.evidence)


class TestReply:
    @pytest.mark.parametrize("question", QUESTIONS)
    def test_everything_shown_is_of_the_paper(self, small_pipeline, question):
        reply = small_pipeline.ask(question, id="7")
        whole(small_pipeline, reply)
        assert (reply.id, reply.question, reply.standalone_question) == ("7", question, question)
        assert reply.generation == "gen-000001"
        assert set(reply.seconds) == {"retrieve", "read", "total"}
        assert reply.seconds["total"] == pytest.approx(reply.seconds["retrieve"] + reply.seconds["read"])

    @pytest.mark.parametrize(
        ("question", "answer", "evidence"),
        [
            ("青石岭引水工程总投资多少？", "3.6亿元", "工程总投资3.6亿元"),
            ("望潮港集团的董事长是谁？", "薛北辰", "望潮港集团董事长薛北辰"),
            ("气象站投入了多少钱？", "18万元", "气象站投入18万元"),
        ],
    )
    def test_answers(self, small_pipeline, question, answer, evidence):
        reply = small_pipeline.ask(question)
        assert reply.status == "answered"
        assert answer in reply.answer.text
        first = reply.evidence[0]
        assert evidence in "".join(first.retrieved.text[a:b] for a, b in first.highlights)

    def test_nothing_on_the_matter(self, small_pipeline):
        reply = small_pipeline.ask("莎士比亚写过哪些十四行诗？")
        assert reply.status == "not_found"

    def test_reply_keeps_the_question_as_asked(self, small_pipeline):
        reply = small_pipeline.reply("那总投资呢？", "青石岭引水工程总投资多少？")
        assert reply.question == "那总投资呢？"
        assert reply.standalone_question == "青石岭引水工程总投资多少？"
        assert "3.6亿元" in reply.answer.text

    @pytest.mark.parametrize("question", ["", " \n", "？！", "\u200b", "问" * 1001])
    def test_no_question(self, small_pipeline, question):
        with pytest.raises(QuestionError):
            small_pipeline.ask(question)

    def test_only_the_sources_asked_for(self, small_pipeline):
        reply = small_pipeline.ask("青石岭引水工程总投资多少？", sources=["海宁晚报.md"])
        assert {found.source for found in reply.passages} == {"海宁晚报.md"}
        assert reply.answer is None or "3.6亿" not in reply.answer.text
        nothing = small_pipeline.ask("青石岭引水工程总投资多少？", sources=["没有.txt"])
        assert (nothing.status, nothing.passages, nothing.evidence) == ("not_found", (), ())


class TestHeadlines:
    def test_headlines_of_the_first_are_read_besides(self, small_pipeline):
        question = "青石岭引水工程什么时候开工？"
        index = small_pipeline.index
        found = small_pipeline.retrieve(index, [question])[0]
        plain = small_pipeline.retriever.search_in(index, [question], RETRIEVED)[0]
        first, most = depths(found)
        assert (first, most) == (
            FIRST_READ + max(len(found) - RETRIEVED, 0),
            MOST_READ + max(len(found) - RETRIEVED, 0),
        )
        assert {p.passage.id for p in plain} <= {p.passage.id for p in found}
        added = [p for p in found if p.passage.id not in {q.passage.id for q in plain}]
        assert all(p.passage.kind == "headline" for p in added)
        articles = {p.article.id for p in plain[:FIRST_READ]}
        assert {p.article.id for p in added} <= articles
        shown = {article for article in articles for p in found if p.article.id == article}
        assert shown == articles
        assert [p.rank for p in found] == list(range(1, len(found) + 1))

    @pytest.mark.parametrize(
        ("question", "answer", "words"),
        [
            ("石鼓山隧道封闭几天？", "9天", "石鼓山隧道今起封闭9天"),
            ("枫桥古镇修老屋每户补助多少钱？", "8600元", "每户补助8600元修老屋"),
        ],
    )
    def test_an_answer_that_stands_only_there_is_found(self, headlines, question, answer, words):
        assert sum(text.count(answer) for text in HEADLINES.values()) == 1
        reply = headlines.ask(question)
        whole(headlines, reply)
        assert reply.status == "answered"
        assert answer in reply.answer.text
        assert reply.evidence[0].retrieved.passage.kind == "headline"
        assert words in reply.evidence[0].retrieved.text

    def test_added_headlines_do_not_make_the_list_longer(self, small_pipeline):
        found = small_pipeline.retrieve(small_pipeline.index, ["工程投资多少？"])[0]
        assert len(small_pipeline.ask("工程投资多少？").passages) == min(len(found), RETRIEVED)


class TestQuotations:
    def test_a_quoted_phrase_keeps_to_its_article(self, small_pipeline):
        for question in ("“一百年前的彗星”是谁说的？", "谁看见了“紫色的雪”？"):
            reply = small_pipeline.ask(question)
            assert (reply.status, reply.passages) == ("not_found", ())
        reply = small_pipeline.ask("“拧开龙头就有”是谁说的？")
        whole(small_pipeline, reply)
        articles = {found.article.title for found in reply.passages}
        assert articles == {"引水入川 润泽百村"}
        assert "韩桂兰" in reply.answer.text

    def test_the_answer_may_stand_in_another_passage_of_the_article(self, small_pipeline):
        reply = small_pipeline.ask("说“拧开龙头就有”的那个工程总投资多少？")
        assert "3.6亿元" in reply.answer.text
        assert "拧开龙头" not in reply.evidence[0].retrieved.text or len(reply.passages) > 1


class TestCascade:
    def test_all_or_the_first_are_read(self, small_pipeline, monkeypatch):
        seen = []
        inner = small_pipeline.reader.read

        def counted(question, pairs, **more):
            seen.append(len(pairs))
            return inner(question, pairs, **more)

        monkeypatch.setattr(small_pipeline.reader, "read", counted)
        index = small_pipeline.index
        question = "青石岭引水工程总投资多少？"
        found = small_pipeline.retrieve(index, [question])[0]
        first, most = depths(found)
        outcome = small_pipeline.outcome(index, question, found)
        assert seen[0] == first
        assert (len(seen) == 1) == (
            outcome.stated >= small_pipeline.calibration.settled or len(found) <= first
        )
        begun = small_pipeline.read(index, question, found, first)
        seen.clear()
        more = small_pipeline.read(index, question, found, most, begun=begun.readings)
        assert seen == [len(found[first:most])]
        assert more.readings[:first] == begun.readings
        at_once = small_pipeline.read(index, question, found, most)
        for one, other in zip(more.readings, at_once.readings, strict=True):
            assert one.states == pytest.approx(other.states, abs=0.15)

    def test_weigh(self, small_pipeline):
        good, bad = small_pipeline.weigh(["青石岭引水工程总投资多少？", "莎士比亚写过哪些十四行诗？"])
        assert good[0] > bad[0]
        assert good[1] == small_pipeline.ask("青石岭引水工程总投资多少？").evidence[0].retrieved.article.id
        assert small_pipeline.weigh(["谁？"], Scope.of([])) == [(0.0, None, "")]


def test_threads_get_what_one_gets(small_pipeline):
    asked = QUESTIONS[:4] * 3
    alone = {question: plain(small_pipeline.ask(question)) for question in QUESTIONS[:4]}
    got, failed = {}, []

    def work(number, question):
        try:
            got[number] = plain(small_pipeline.ask(question))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(asked)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [got[number] for number in range(len(asked))] == [alone[question] for question in asked]


def plain(reply):
    record = reply.to_json()
    del record["seconds"]
    return record
