"""A conversation: follow-ups, topic switches, returns, pronouns, and the reader's own wording."""

import pytest
from conftest import write_archive

from qa import ChatSession, QAPipeline, QuestionError, build_index
from qa.scope import Scope

PAPERS = {
    "江州日报.txt": """江州日报 2023年4月11日 第01版

江州春季招商签约忙

本报讯 记者林晚晴报道 4月10日，江州市举行春季招商大会，共签约农业项目38个，签约工业项目52个，总投资460亿元。

江州市商务局局长顾长安介绍，今年的招商大会有300多家企业参加。他表示，明年招商大会将移到港口举行。

望仙桥修缮完工

本报讯 记者宋听雨报道 4月9日，始建于1586年的望仙桥修缮完工。修缮历时两年，花费870万元，更换石板1200块。

望仙桥修缮工程的总工程师是方秀英。她今年61岁，参加过40座古桥的修缮。
""",
    "海宁晚报.md": """# 海宁晚报

## 望潮港前四月吞吐量创新高

本报讯 记者曹砚秋报道 今年前四月，望潮港完成货物吞吐量2860万吨，同比增长14.2%；集装箱吞吐量41万标箱，同比增长9.8%。

望潮港集团董事长薛北辰说，增长主要来自新开通的三条近洋航线。
""",
    "临泽日报.txt": """临泽日报 2020年1月15日 第02版

临泽外贸稳中有进

本报讯 记者杜明远报道 记者从临泽海关获悉，2019年上半年，临泽市进出口总额是128亿元；\
2019年全年，临泽市进出口总额是275亿元，其中出口198亿元，进口77亿元。

临河高速通车

本报讯 记者白露报道 1月12日，临泽至河阴高速公路建成通车。临河高速全长86公里，总投资97亿元，设互通立交9处。\
临河高速2016年10月开工，由省交通投资集团承建。
""",
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory, _remembering):
    folder = write_archive(
        tmp_path_factory.mktemp("chat") / "报", {name: text.encode() for name, text in PAPERS.items()}
    )
    root = tmp_path_factory.mktemp("chat-index") / "index"
    build_index(root, [folder], encoder=_remembering)
    return QAPipeline.open(root)


@pytest.fixture
def session(pipeline):
    return ChatSession(pipeline)


def said(session, question, **more):
    reply = session.ask(question, **more)
    return reply.answer.text if reply.answer else None


def test_the_first_turn_is_taken_as_it_is(session):
    reply = session.ask("  江州市签约了多少个农业项目？\n")
    assert reply.question == reply.standalone_question == "江州市签约了多少个农业项目？"
    assert "38个" in reply.answer.text
    assert session.turns == [reply]


def test_a_slot_is_replaced(session):
    assert "38" in said(session, "江州市签约了多少个农业项目？")
    reply = session.ask("那工业项目呢？")
    assert reply.question == "那工业项目呢？"
    assert "江州市" in reply.standalone_question
    assert "工业项目" in reply.standalone_question
    assert "农业" not in reply.standalone_question
    assert "52" in reply.answer.text


def test_a_pronoun_is_the_person_of_the_turn_before(session):
    assert "秀英" in said(session, "望仙桥修缮工程的总工程师是谁？")
    reply = session.ask("她今年多大年纪？")
    assert any(subject in reply.standalone_question for subject in ("秀英", "总工程师"))
    assert "61岁" in reply.answer.text
    assert said(session, "望潮港集团的董事长是谁？") == "薛北辰"
    reply = session.ask("他说增长主要来自什么？")
    assert reply.standalone_question == "薛北辰说增长主要来自什么？"
    assert "近洋航线" in reply.answer.text


def test_a_time_and_what_is_asked_are_swapped(session):
    assert "128亿" in said(session, "2019年上半年临泽市进出口总额是多少？")
    reply = session.ask("全年呢？")
    assert reply.standalone_question == "2019年全年临泽市进出口总额是多少？"
    assert "275亿" in reply.answer.text
    reply = session.ask("那出口呢？")
    assert reply.standalone_question == "2019年全年临泽市的出口是多少？"
    assert "198亿" in reply.answer.text


def test_the_matter_of_the_turn_before(session):
    assert "省交通投资集团" in said(session, "临河高速由谁承建？")
    reply = session.ask("什么时候开工的？")
    assert reply.standalone_question == "临河高速什么时候开工的？"
    assert "2016年10月" in reply.answer.text
    reply = session.ask("那总投资呢？")
    assert reply.standalone_question == "临河高速的总投资是多少？"
    assert "97亿" in reply.answer.text


@pytest.mark.parametrize("question", ["红烧肉怎么做？", "今天天气怎么样？", "怎么学英语？", "谢谢"])
def test_what_the_archive_has_nothing_on_inherits_nothing(session, question):
    assert "86公里" in said(session, "临河高速全长多少？")
    reply = session.ask(question)
    assert (reply.standalone_question, reply.status) == (question, "not_found")
    # Nor is it anything to lean on.
    reply = session.ask("那总投资呢？")
    assert reply.standalone_question == "临河高速的总投资是多少？"
    assert "97亿" in reply.answer.text


@pytest.mark.parametrize("question", ["为什么？", "呢"])
def test_a_bare_word_without_a_turn_before_stays(session, question):
    assert session.ask(question).standalone_question == question


def test_few_words_take_up_the_matter(session):
    session.ask("望仙桥修缮花费多少？")
    reply = session.ask("换了多少块石板？")
    assert "望仙桥" in reply.standalone_question
    assert "1200块" in reply.answer.text


@pytest.mark.parametrize("ending", ["？", "呢？"])
def test_another_topic_stands_alone(session, ending):
    session.ask("望仙桥修缮花费多少？")
    question = "望潮港集团的董事长是谁" + ending
    reply = session.ask(question)
    assert reply.standalone_question == question
    assert "薛北辰" in reply.answer.text
    reply = session.ask("望潮港前四月的集装箱吞吐量是多少" + ending)
    assert "41万标箱" in reply.answer.text
    assert "望仙桥" not in reply.standalone_question


def test_a_return_goes_to_the_turn_it_names(session):
    session.ask("望仙桥修缮花费多少？")
    session.ask("望潮港集团的董事长是谁？")
    reply = session.ask("回到刚才的望仙桥，修缮历时多久？")
    assert "回到" not in reply.standalone_question
    assert "望仙桥" in reply.standalone_question
    assert "两年" in reply.answer.text
    assert reply.evidence[0].retrieved.source == "江州日报.txt"


def test_the_readers_own_wording_is_taken(session):
    session.ask("望仙桥修缮花费多少？")
    reply = session.ask("那个港呢？", standalone=" 望潮港前四月货物吞吐量是多少？ ")
    assert reply.question == "那个港呢？"
    assert reply.standalone_question == "望潮港前四月货物吞吐量是多少？"
    assert "2860万吨" in reply.answer.text
    # The next turn leans on what was meant.
    following = session.ask("那集装箱吞吐量呢？")
    assert "望潮港" in following.standalone_question
    assert "41万标箱" in following.answer.text


def test_a_question_that_is_none_is_no_turn(session):
    first = session.ask("望仙桥修缮花费多少？")
    with pytest.raises(QuestionError):
        session.ask("  ？")
    with pytest.raises(QuestionError):
        session.ask("那工期呢？", standalone="")
    assert session.turns == [first]


def test_after_clear_nothing_is_remembered(session):
    session.ask("江州市签约了多少个农业项目？")
    session.clear()
    assert session.turns == []
    assert session.ask("那工业项目呢？").standalone_question == "那工业项目呢？"


def test_sessions_share_a_pipeline_and_nothing_else(pipeline):
    one, other = ChatSession(pipeline), ChatSession(pipeline)
    one.ask("江州市签约了多少个农业项目？")
    assert other.turns == []
    other.ask("望仙桥修缮花费多少？")
    assert "望仙桥" not in one.ask("那工业项目呢？").standalone_question


def test_only_the_sources_of_the_session(pipeline):
    session = ChatSession(pipeline, Scope.of(["海宁晚报.md"]))
    reply = session.ask("望仙桥修缮花费多少？", id="3")
    assert reply.id == "3"
    assert {found.source for found in reply.passages} == {"海宁晚报.md"}
    following = session.ask("那货物吞吐量呢？")
    assert {found.source for found in following.passages} == {"海宁晚报.md"}


def test_words_that_only_look_like_pointers(session):
    from qa.followups import leans

    session.ask("望仙桥修缮花费多少？")
    for question in (
        "应该怎样申领购房补贴？",
        "土耳其发生地震死亡多少人？",
        "吉他比赛谁得了第一名？",
        "那曲市的海拔是多少？",
        "最近尤其受欢迎的展品是什么？",
    ):
        assert not leans(question), question
        assert session.understand(question) == question
