"""Turns that lean on the turns before, and turns that stand alone."""

import pytest

from qa.followups import (
    MOST_CANDIDATES,
    PastTurn,
    candidates,
    is_about,
    leans,
    person_of,
    underspecified,
)

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


def asked(question, answer="", **more):
    return PastTurn(question, answer, "z#1", person_of(question, answer), **more)


def after(question, *history):
    return candidates(question, list(history))[1:]


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        # A time takes the place of the whole time, with the year that it does not say.
        ("2019年上半年临泽市进出口总额是多少？", "全年呢？", "2019年全年临泽市进出口总额是多少？"),
        ("2019年上半年临泽市进出口总额是多少？", "那2020年呢？", "2020年上半年临泽市进出口总额是多少？"),
        ("今年前四月江州的产值是多少？", "去年呢？", "去年前四月江州的产值是多少？"),
        ("江州4月的产值是多少？", "5月呢？", "江州5月的产值是多少？"),
        ("江州市上半年到位资金是多少？", "2021年全年呢？", "江州市2021年全年到位资金是多少？"),
        # Another word for what is asked drops the one before.
        ("临河高速全长多少？", "那总投资呢？", "临河高速的总投资是多少？"),
        ("2019年全年临泽市进出口总额是多少？", "那出口呢？", "2019年全年临泽市的出口是多少？"),
        ("云川市城南图书馆藏书多少册？", "阅览座位呢？", "云川市城南图书馆的阅览座位是多少？"),
        ("望潮港前四月的货物吞吐量是多少？", "集装箱吞吐量呢？", "望潮港前四月的集装箱吞吐量是多少？"),
        ("临河高速什么时候开工？", "总投资呢？", "临河高速的总投资是多少？"),
        ("城南图书馆藏书多少？", "馆长呢？", "城南图书馆的馆长是谁？"),
        # A name takes the place of the name.
        ("临泽至河阴高速总投资多少？", "青石岭引水工程呢？", "青石岭引水工程总投资多少？"),
        ("云川市市长是谁？", "海宁市呢？", "海宁市市长是谁？"),
        ("城南图书馆的馆长是谁？", "竹编博物馆呢？", "竹编博物馆的馆长是谁？"),
        ("江州市2019年的小麦产量是多少？", "那海宁市呢？", "海宁市2019年的小麦产量是多少？"),
    ],
)
def test_a_slot_is_replaced_whole(before, question, meant):
    assert after(question, asked(before))[0] == meant


def test_replacing_again_and_again_leaves_nothing_behind():
    question = "2019年上半年临泽市进出口总额是多少？"
    for slot in ("全年呢？", "那出口呢？", "进口呢？", "2020年呢？"):
        question = after(slot, asked(question))[0]
    assert question == "2020年全年临泽市的进口是多少？"


@pytest.mark.parametrize(
    ("turn", "question", "meant"),
    [
        (("望潮港集团的董事长是谁？", "薛北辰"), "他说增长来自什么？", ["薛北辰说增长来自什么？"]),
        (("白石县博物馆的馆长是谁？", "吕青竹"), "她的女儿在哪里上学？", ["吕青竹的女儿在哪里上学？"]),
        (("馆长谭立秋说了什么？", "周一闭馆"), "他是哪里人？", ["谭立秋是哪里人？"]),
    ],
)
def test_a_pronoun_with_a_person_is_nothing_else(turn, question, meant):
    assert after(question, asked(*turn)) == meant


def test_the_person_stays_known():
    first = asked("白石县博物馆的馆长是谁？", "吕青竹")
    second = PastTurn("吕青竹多大年纪？", "34岁", "z#1", person_of("吕青竹多大年纪？", "34岁", first.person))
    assert after("她收集了多少件作品？", first, second) == ["吕青竹收集了多少件作品？"]
    assert person_of("临河高速由谁承建？", "省交通投资集团") == ""


@pytest.mark.parametrize(
    ("turn", "question", "meant"),
    [
        (
            ("青石岭引水工程总投资多少？", "3.6亿元"),
            "这个工程什么时候开工的？",
            "青石岭引水工程什么时候开工的？",
        ),
        (("竹编博物馆什么时候开馆？", "1月10日"), "那里有多少件作品？", "竹编博物馆有多少件作品？"),
        (("临河高速由谁承建？", "省交通投资集团"), "什么时候开工的？", "临河高速什么时候开工的？"),
        (("望仙桥修缮花费多少？", "870万元"), "换了多少块石板？", "望仙桥换了多少块石板？"),
        (("青石一期风电什么时候并网？", "4月"), "二期什么时候开工？", "青石二期风电什么时候开工？"),
        (
            ("白石县竹编博物馆展厅有多大？", "1800平方米"),
            "那个什么时候开馆？",
            "白石县竹编博物馆什么时候开馆？",
        ),
        (("江州春季文化旅游节几时开幕？", "4月"), "旅游节有多少人参加？", "江州春季文化旅游节有多少人参加？"),
    ],
)
def test_the_matter_is_named_again(turn, question, meant):
    assert meant in after(question, asked(*turn))


def test_the_turn_before_is_told():
    ways = after("到了谁家？", asked("省长哪天去的柳溪？", "5月4日"))
    assert "省长去的柳溪，到了谁家？" in ways
    # Its answer stands where nothing can be left out.
    ways = after("惠及多少人？", asked("青石岭引水工程铺设管道多少公里？", "128.5公里"))
    assert "青石岭引水工程铺设管道128.5公里，惠及多少人？" in ways
    ways = after("惠及多少人？", asked("临河高速由谁承建？", "省交通投资集团"))
    assert "临河高速由省交通投资集团承建，惠及多少人？" in ways


def test_why_asks_for_the_reason_of_what_was_told():
    assert after("为什么？", asked("望潮港的董事长是谁？", "薛北辰")) == ["为什么望潮港的董事长是薛北辰？"]
    grown = asked("望潮港货物吞吐量增长了多少？", "14.2%")
    assert after("为什么呢？", grown) == [
        "为什么望潮港货物吞吐量增长？",
        "为什么望潮港货物吞吐量增长了14.2%？",
    ]
    assert candidates("为什么？", []) == ["为什么？"]


def test_more_of_the_same():
    ways = after("还有谁？", asked("得奖的人是谁？", "方秀英"))
    assert ways[0] == "除了方秀英，得奖的人还有谁？"


def test_a_way_back_names_the_matter_of_the_turn_meant():
    history = [asked("临河高速设几处互通立交？", "9处"), asked("城南图书馆藏书多少？", "12万册")]
    assert after("刚才说的那条高速总投资多少？", *history)[0] == "临河高速总投资多少？"


@pytest.mark.parametrize("question", ["你好", "谢谢！", "好的", "知道了", "呢", "谢谢你"])
def test_courtesy_leans_on_nothing(question):
    assert not leans(question)
    assert not underspecified(question) or question == "呢"


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("红烧肉怎么做？", False),
        ("今天天气怎么样？", False),
        ("怎么学英语？", False),
        ("猫怎么洗澡？", False),
        ("换了多少块石板？", True),
        ("石料从哪里来？", True),
        ("什么时候开始？", True),
        ("谁宣布的？", True),
        ("年龄多大？", True),
    ],
)
def test_few_words_are_about_what_was_printed_or_not(question, about):
    assert is_about(question, ["望仙桥修缮完工，更换石板1200块，石料取自当地。学生前来参观。"]) is about


def test_a_common_noun_is_what_is_asked_about_a_place():
    turn = PastTurn("云川上半年招商引资到位额是多少？", "166亿元", "a")
    assert candidates("那签约项目呢？", [turn])[1] == "上半年云川的签约项目是多少？"
    assert candidates("那鞍山呢？", [turn])[1] == "鞍山上半年招商引资到位额是多少？"
    # A place that the dictionary takes for a verb is among the ways; the archive decides.
    assert "营口上半年招商引资到位额是多少？" in candidates("那营口呢？", [turn])
