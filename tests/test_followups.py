"""Turns that lean on the turns before, and turns that stand alone."""

import pytest

from qa.followups import MOST_CANDIDATES, PastTurn, candidates, leans, underspecified

PROJECTS = PastTurn("云川市今年签约了多少个农业项目？", "86个", "a#1")
MAYOR = PastTurn("云川市市长是谁？", "郝明轩", "a#2")
BRIDGE = PastTurn("望仙桥修缮花了多少钱？", "870万元", "b#1")


@pytest.mark.parametrize(
    "question",
    [
        "那工业项目呢？",
        "工业项目呢",
        "他还说了什么？",
        "这个项目什么时候开工？",
        "该市的人口有多少？",
        "其中最大的是哪个？",
        "为什么？",
        "还有哪些？",
        "刚才说的桥是哪年建的？",
    ],
)
def test_turns_that_lean(question):
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        "望潮港前四月的货物吞吐量是多少？",
        "青石岭引水工程总投资多少？",
        "护林员韦长青巡山时发现了什么？",
        "云川日报 图书馆 藏书",
        "柳溪镇中心小学校长朱镕光说他投入了多少？",
    ],
)
def test_turns_that_stand_alone(question):
    assert not leans(question)
    assert not underspecified(question)


@pytest.mark.parametrize("question", ["多少钱？", "谁？", "什么时候开工？"])
def test_turns_that_say_little(question):
    assert underspecified(question)


def test_the_question_as_asked_comes_first_and_there_are_few():
    for question in ("那工业项目呢？", "他还说了什么？", "什么时候开工？", "望潮港在哪里？"):
        ways = candidates(question, [BRIDGE, MAYOR, PROJECTS])
        assert ways[0] == question
        assert 2 <= len(ways) <= MOST_CANDIDATES
        assert len(set(ways)) == len(ways)
        assert all(way.strip() for way in ways)


def test_the_first_turn_leans_on_nothing():
    assert candidates("那工业项目呢？", []) == ["那工业项目呢？"]


def test_the_slot_is_replaced():
    ways = candidates("那工业项目呢？", [PROJECTS])
    assert "云川市今年签约了多少个工业项目？" in ways
    ways = candidates("海宁县呢？", [PROJECTS])
    assert any(way.startswith("海宁县") and "签约了多少个农业项目" in way for way in ways)


def test_the_words_of_the_turn_before_are_carried():
    ways = candidates("一共多少人？", [BRIDGE])
    assert any("望仙桥" in way and "多少人" in way for way in ways[1:])


def test_a_person_is_put_in_the_place_of_the_pronoun():
    assert "郝明轩还说了什么？" in candidates("他还说了什么？", [MAYOR])
    told = PastTurn("馆长谭立秋说了什么？", "", "c#1")
    assert any("谭立秋" in way for way in candidates("他是哪里人？", [told]))


def test_a_way_back_leads_to_an_earlier_turn():
    ways = candidates("回到刚才的问题，望仙桥是哪年建的？", [BRIDGE, MAYOR])
    assert any("望仙桥" in way and "回到" not in way for way in ways[1:])


def test_an_earlier_turn_with_the_same_words_is_found_again():
    ways = candidates("那望仙桥的工期呢？", [BRIDGE, MAYOR])
    assert any("修缮" in way for way in ways[1:])
