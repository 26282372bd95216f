"""From readings to a reply: units, fitted spans, what a question asks, evidence, the three outcomes."""

import json
import math
from dataclasses import replace

import pytest

from qa import ModelError
from qa.answering.calibration import Calibration, LinearModel, sigmoid
from qa.answering.candidates import candidates_of, coverage, passage_features, question_features
from qa.answering.evidence import supporting_sentences, trimmed
from qa.answering.questions import answer_types, type_fit, understand
from qa.answering.replies import Reading, answer_question, judge, why_unanswered
from qa.answering.spans import fitted_span
from qa.answering.units import asked_units, quantities, unit_fit
from qa.datatypes import Article, Passage, RetrievedPassage
from qa.reader import PassageReading, SpanScore


def even(_word):
    return 1.0


def retrieved(
    number, text, *, title="", rank=1, date=None, newspaper=None, kind="body", dense=0.8, lexical=4.0
):
    """A passage that is the whole of an article, ten characters into its document."""
    spans = ((10, 10 + len(text)),)
    article = Article(
        f"报.txt#{number}", "报.txt", title, text, spans, "news", (), date=date, newspaper=newspaper
    )
    passage = Passage(f"{article.id}/0", article.id, "报.txt", text, spans, kind=kind, article_start=0)
    return RetrievedPassage(passage, article, 0.1, rank, dense, rank, lexical, rank)


def read(text, *answers, states=None, null=0.0):
    """A reading whose spans are ``(answer, score)`` as they stand first in ``text``."""
    spans = []
    for answer, score in answers:
        at = text.index(answer)
        spans.append(SpanScore(at, at + len(answer), score))
    return PassageReading(tuple(spans), null, states)


class TestUnits:
    @pytest.mark.parametrize(
        ("question", "has", "has_not"),
        [
            ("惠及多少户？", "户", "元"),
            ("查处了几起案件？", "件", "人"),
            ("来了几个人？", "人", "吨"),
            ("产值增长了多少？", "%", "元"),
            ("工期多久？", "个月", "元"),
            ("古井有多深？", "米", "吨"),
            ("修这座桥花了多少？", "元", "米"),
            ("运了几千吨？", "公斤", "公里"),
        ],
    )
    def test_what_a_question_counts(self, question, has, has_not):
        units = asked_units(question)
        assert has in units
        assert has_not not in units

    def test_a_question_without_a_unit(self):
        assert asked_units("谁修的桥？") == frozenset()
        assert unit_fit("谁修的桥？", "3座") == 0

    def test_quantities_with_their_places(self):
        text = "投资3.6亿元，惠及117个行政村、21.4万人，历时三年"
        found = quantities(text)
        assert [(text[a:b], unit) for (a, b), unit in found] == [
            ("3.6亿元", "元"),
            ("117个", "个"),
            ("21.4万人", "人"),
            ("三年", "年"),
        ]
        assert quantities("开工、通水") == []

    @pytest.mark.parametrize(
        ("question", "answer", "fit"),
        [
            ("查处了几起案件？", "62个项目", 1),  # 个 counts cases too
            ("查处了几起案件？", "38万元", -1),
            ("惠及多少户？", "２１４户", 1),
            ("惠及多少户？", "2400人", -1),
            ("产值增长了多少？", "14.2%", 1),
            ("惠及多少户？", "很多", 0),
            ("运了多少吨？", "约3000多公斤", 1),
        ],
    )
    def test_whether_an_answer_counts_it(self, question, answer, fit):
        assert unit_fit(question, answer) == fit


class TestQuestions:
    @pytest.mark.parametrize(
        ("question", "kind"),
        [
            ("哪些人参加了开馆仪式？", "list"),
            ("大桥什么时候通车？", "date"),
            ("图书馆几点关门？", "date"),
            ("哪年建成的？", "date"),
            ("藏书几册？", "number"),
            ("惠及多少人？", "number"),
            ("谁是馆长？", "person"),
            ("馆长叫什么名字", "person"),
            ("在哪里举行？", "place"),
            ("为什么停产？", "reason"),
            ("云川 图书馆 藏书", "open"),
        ],
    )
    def test_types(self, question, kind):
        assert answer_types(question) == {kind}

    def test_several_types_at_once(self):
        assert answer_types("谁在什么时候发现的？") == {"person", "date"}

    def test_facts(self):
        facts = understand("２０２１年云川市城南圖書館藏書多少册？比2019年多3.5万册吗？")
        assert facts.text == "2021年云川市城南图书馆藏书多少册?比2019年多3.5万册吗?"
        assert facts.years == ("2021", "2019")
        assert facts.numbers == ("3.5",)
        assert ("place", "云川") in facts.names
        assert {"图书馆", "藏书"} <= set(facts.words)
        assert not {"多少", "吗", "年"} & set(facts.words)
        assert len(set(facts.words)) == len(facts.words)

    def test_a_year_is_four_digits_of_two_centuries(self):
        assert understand("1998年").years == ("1998",)
        facts = understand("投资20215元、1850年")
        assert facts.years == ()
        assert facts.numbers == ("20215", "1850")

    @pytest.mark.parametrize(
        ("kind", "answer", "fit"),
        [
            ("number", "三成", 1),
            ("number", "沿江一带的村庄", -1),
            ("date", "2019年3月", 1),
            ("date", "今年上半年", 1),
            ("date", "谭立秋", -1),
            ("person", "谭立秋", 1),
            ("person", "谭立秋等21人", -1),
            ("person", "市水务局局长郝明轩", 0),
            ("place", "5月17日", -1),
            ("place", "青石岭", 0),
            ("reason", "大雾", -1),
            ("reason", "连日大雾，航道封闭", 1),
            ("open", "大雾", 0),
        ],
    )
    def test_the_form_of_an_answer(self, kind, answer, fit):
        assert type_fit({kind}, answer) == fit

    def test_one_type_that_fits_is_enough(self):
        assert type_fit({"person", "date"}, "2019年3月") == 1
        assert type_fit(set(), "2019年3月") == 0

    @pytest.mark.parametrize(
        ("question", "answer", "fit"),
        [
            ("几点开门", "2019年3月", -1),
            ("几点开门", "上午8时30分", 1),
            ("哪天开市", "2019年3月", -1),
            ("哪天开市", "3月18日", 1),
            ("几月开市", "2019年", -1),
            ("哪年通车", "3月18日", -1),
            ("哪年通车", "1987年", 1),
            ("什么时候通车", "3月", 1),
            # What the question says itself does not answer it.
            ("2019年的庙会什么时候开市", "2019年庙会", -1),
            ("2019年的庙会什么时候开市", "2019年3月18日", 1),
        ],
    )
    def test_the_part_of_a_date_that_is_asked_for(self, question, answer, fit):
        assert type_fit(answer_types(question), answer, question) == fit

    @pytest.mark.parametrize(
        ("question", "answer", "fit"),
        [
            ("新增了多少岗位", "2016年至2021年", -1),
            ("新增了多少岗位", "45.8万人", 1),
            ("干了多少年", "12年", 1),
            ("300兆瓦的电站投资多少", "300兆瓦", -1),
            ("哪座城市办了庙会", "沈阳", 1),
            ("哪座城市办了庙会", "紧迫感", 0),
            ("哪个机构开了会", "市水务局", 1),
            ("哪个机构开了会", "沈阳", -1),
            ("有哪些渠道", "三条", -1),
            ("有哪些渠道", "电话、微信", 0),
        ],
    )
    def test_what_is_asked_and_what_the_question_says_itself(self, question, answer, fit):
        assert type_fit(answer_types(question), answer, question) == fit

    def test_a_reason_is_told_by_the_word_that_opens_it(self):
        text = "为加强安全，港口停航两天，市长到场"
        found = retrieved(1, text)
        reading = read(text, ("加强安全", 3.0), ("市长到场", 2.0))
        made = candidates_of(understand("港口为什么停航？"), [found], [reading], LinearModel({}, 0.0), even)
        assert {c.text: c.features["cause"] for c in made} == {"加强安全": 1.0, "市长到场": 0.0}
        made = candidates_of(understand("港口停航几天？"), [found], [reading], LinearModel({}, 0.0), even)
        assert {c.features["cause"] for c in made} == {0.0}

    @pytest.mark.parametrize(
        ("question", "name"),
        [
            ("何建平是什么职务？", "何建平"),
            ("请问常建军负责什么？", "常建军"),
            ("欧阳秀英今年多大年纪？", "欧阳秀英"),
            ("薛北辰是哪里人？", "薛北辰"),
        ],
    )
    def test_a_name_that_the_dictionary_parts_is_whole(self, question, name):
        facts = understand(question)
        assert ("person", name) in facts.names
        assert name in facts.words

    @pytest.mark.parametrize("question", ["于企业有什么好处？", "向社会公开了什么？", "万亩良田在哪里？"])
    def test_no_name_is_made_of_common_words(self, question):
        assert not [name for kind, name in understand(question).names if kind == "person"]


class TestFittedSpan:
    @pytest.mark.parametrize(
        ("question", "text", "chosen", "fitted"),
        [
            (
                "大桥何时通车？",
                "大桥于2021年5月17日正式建成通车。",
                "于2021年5月17日正式建成通车",
                "2021年5月17日",
            ),
            # What says which year is not lost.
            ("大桥何时通车？", "大桥于去年5月17日正式建成通车。", "去年5月17日正式建成通车", None),
            ("大桥何时通车？", "大桥于5月17日通车。", "于5月17日通车", None),
            ("何时封航？", "封航从5月1日延长到了同年的6月3日早晨。", "5月1日延长到了同年的6月3日", None),
            (
                "养了多少亩？",
                "今年养殖梭子蟹共计1500亩，产值4200万元。",
                "今年养殖梭子蟹共计1500亩",
                "1500亩",
            ),
            ("养了多少亩？", "养蟹共1500亩，养虾共计3000亩。", "养蟹共1500亩，养虾共计3000亩", None),
            ("展出了哪些画？", "展出了“春山”、“夜航船”和“听雨”。", "春山", "“春山”、“夜航船”和“听雨”"),
            (
                "产品有哪些？",
                "产品有苹果、梨、核桃和花椒等，远销各地。",
                "苹果、梨",
                "苹果、梨、核桃和花椒",
            ),
            ("馆长是谁？", "馆长谭立秋表示，图书馆开放。", "立秋", "谭立秋"),
            ("理事长是谁？", "合作社理事长王建国介绍，收成好。", "理事长王建国介绍", "王建国"),
            ("桥叫什么？", "桥叫望仙桥，建于明代。", "望仙桥", None),
        ],
    )
    def test_cases(self, question, text, chosen, fitted):
        start = text.index(chosen)
        span = (start, start + len(chosen))
        out = fitted_span(text, span, understand(question))
        assert text[slice(*out)] == (chosen if fitted is None else fitted)
        if fitted is None:
            assert out == span

    def test_a_surname_that_a_dictionary_takes_for_another_word(self):
        text = "公司董事长于万军说，订单排到年底。"
        start = text.index("万军")
        assert text[slice(*fitted_span(text, (start, start + 2), understand("董事长是谁？")))] == "于万军"

    def test_a_list_stays_within_bounds(self):
        text = "有" + "、".join(f"第{n}个村子里的人" for n in range(40)) + "。"
        start, end = fitted_span(text, (1, 9), understand("有哪些村？"))
        assert start == 1
        assert 9 < end <= 121


class TestEvidence:
    @staticmethod
    def support(text, answer, question, frame=""):
        at = text.index(answer)
        spans = supporting_sentences(text, (at, at + len(answer)), understand(question), frame, even)
        return [text[a:b] for a, b in spans]

    def test_the_sentence_of_the_answer(self):
        text = "望仙桥建于明代。修缮花费870万元。工期两年。"
        assert self.support(text, "870万元", "修缮花费多少？") == ["修缮花费870万元。"]

    @pytest.mark.parametrize(
        ("before", "core", "answer", "question"),
        [
            (
                "护林员韦长青守在鹿鸣山。",
                "他每天巡山20公里。",
                "20公里",
                "护林员韦长青每天巡山多少公里？",
            ),
            (
                "云川机床厂去年搬到城西。",
                "这家企业现有工人860名。",
                "860名",
                "云川机床厂有多少工人？",
            ),
            ("望潮港开通三条航线。", "其最远一条通往海防。", "海防", "望潮港最远的航线通往哪里？"),
        ],
    )
    def test_the_sentence_before_gives_the_subject(self, before, core, answer, question):
        text = f"天气转暖。{before}{core}市民称便。"
        assert self.support(text, answer, question) == [before + core]

    def test_it_is_left_out_where_it_adds_nothing(self):
        text = "当天下着小雨。他每天巡山20公里。"
        assert self.support(text, "20公里", "护林员韦长青每天巡山多少公里？") == ["他每天巡山20公里。"]

    def test_it_is_left_out_where_the_headline_says_it(self):
        text = "青石岭引水工程正式通水。总投资达到3.6亿元。"
        question = "青石岭引水工程总投资多少？"
        assert self.support(text, "3.6亿元", question) == [text]
        assert self.support(text, "3.6亿元", question, "青石岭引水工程通水") == ["总投资达到3.6亿元。"]

    def test_an_ellipsis_is_a_pause(self):
        text = "先生老了。他望着江水……半晌才说出名字望仙桥。大家都笑了。"
        assert self.support(text, "望仙桥", "说出什么名字？") == ["他望着江水……半晌才说出名字望仙桥。"]
        assert self.support(text, "江水", "望着什么？") == ["他望着江水……半晌才说出名字望仙桥。"]

    def test_an_ellipsis_at_the_end_of_a_paragraph_is_an_end(self):
        text = "他望着江水……\n半晌才说出名字望仙桥。"
        assert self.support(text, "望仙桥", "说出什么名字？") == ["半晌才说出名字望仙桥。"]

    def test_an_answer_over_two_sentences_has_both(self):
        text = "开头。甲说一。乙说二。结尾。"
        assert self.support(text, "一。乙说二", "说什么？") == ["甲说一。乙说二。"]

    def test_no_blanks_at_the_ends(self):
        text = "第一段。\n　　第二段写着7只白鹇。\n\n第三段。"
        assert self.support(text, "7只", "几只白鹇？") == ["第二段写着7只白鹇。"]
        assert trimmed("　 \n", 0, 3) == (3, 3)


class TestCandidates:
    def test_coverage_weighs_rare_words(self):
        rarity = {"大桥": 1.0, "望仙桥": 3.0}.__getitem__
        assert coverage(("大桥", "望仙桥"), "大桥通车", rarity) == pytest.approx(0.25)
        assert coverage(("大桥", "望仙桥"), "大桥望仙桥", rarity) == 1.0
        assert coverage((), "大桥通车", rarity) == 1.0
        assert coverage(("大桥",), "江水", rarity) == 0.0

    def test_constraints_are_met_by_passage_or_article(self):
        facts = understand("2021年云川市引水工程铺设128.5公里管道吗？")
        text = "工程铺设管道128.5公里。"
        bare, dated = (
            passage_features(facts, found, read(text), 0.8, 4.0, even)
            for found in (
                retrieved(1, text),
                retrieved(1, text, title="云川市引水工程通水", date="2021-05-18"),
            )
        )
        assert (bare["absent_year"], bare["absent_name"], bare["absent_number"]) == (1.0, 1.0, 0.0)
        assert (dated["absent_year"], dated["absent_name"], dated["absent_number"]) == (0.0, 0.0, 0.0)
        assert bare["covered"] < dated["covered"] <= dated["covered_article"]
        assert dated["dense_gap"] == 0.0
        assert dated["lexical"] == 1.0

    def test_features_of_each_span_and_the_order(self):
        text = "工程总投资3.6亿元，惠及21.4万人。"
        found = [retrieved(1, text, rank=1), retrieved(2, "江上有雾。", rank=2, dense=0.5, lexical=1.0)]
        readings = [read(text, ("21.4万人", 6.0), ("3.6亿元", 5.0)), read("江上有雾。", ("雾", -3.0))]
        model = LinearModel({"unit_fits": 2.0, "unit_misfits": -2.0, "margin": 1.0}, 0.5)
        made = candidates_of(understand("工程总投资多少元？"), found, readings, model, even)
        assert [c.text for c in made] == ["3.6亿元", "雾", "21.4万人"]
        best = made[0]
        assert best.text == text[best.span.start : best.span.end]
        assert (best.features["unit_fits"], best.features["unit_misfits"]) == (1.0, 0.0)
        assert best.features["behind"] == 1.0
        assert best.features["margin"] == pytest.approx(1.0)
        assert best.features["margin_gap"] == pytest.approx(-0.2)
        assert best.features["length"] == pytest.approx(math.log(5))
        assert best.logit == pytest.approx(0.5 + 2.0 + 1.0)
        assert made[1].features["dense_gap"] == pytest.approx(-0.3)
        assert candidates_of(understand("谁？"), [], [], model, even) == []

    def test_two_spans_fitted_to_one_are_one_candidate(self):
        text = "大桥于2021年5月17日正式建成通车。"
        reading = read(text, ("于2021年5月17日正式建成通车", 5.0), ("2021年5月17日", 4.0))
        made = candidates_of(
            understand("大桥何时通车？"), [retrieved(1, text)], [reading], LinearModel({}, 0.0), even
        )
        assert [(c.text, c.features["behind"]) for c in made] == [("2021年5月17日", 0.0)]

    def test_who_agrees_and_who_differs(self):
        texts = ["馆长谭立秋说。", "谭立秋任馆长。", "馆长罗小满说。"]
        found = [retrieved(n, text, rank=n) for n, text in enumerate(texts, 1)]
        readings = [
            read(texts[0], ("谭立秋", 8.0), states=1.0),
            read(texts[1], ("谭立秋", 6.0), states=2.0),
            read(texts[2], ("罗小满", 3.0), states=-9.0),
        ]
        made = candidates_of(
            understand("馆长是谁？"), found, readings, LinearModel({"margin": 5.0}, 0.0), even
        )
        row = question_features(made, readings, 9.0)
        assert row["agree"] == 1.0
        assert row["ahead"] == pytest.approx(5.0)
        assert row["topic"] == 6.0
        assert row["most_states"] == 2.0
        alone = question_features(made[:2], readings[:2], 0.5)
        assert (alone["ahead"], alone["topic"]) == (6.0, 0.5)


PAPERS = [
    ("引水工程通水", "云川市青石岭引水工程总投资3.6亿元。他们修了三年。"),
    ("引水工程过半", "去年报道，青石岭引水工程概算投资3.2亿元。"),
    ("蟹农增收", "蟹湾村合作社预计产值4200万元。"),
]


def planted(*, stated=0.0, topic=0.0, alternative=0.3):
    """A calibration that goes by the reader's margin, with these thresholds."""
    by_margin = LinearModel({"margin": 1.0}, 0.0)
    return Calibration(
        candidate=by_margin,
        stated=by_margin,
        right=LinearModel({"stated_logit": 0.5}, 0.0),
        topic=LinearModel({"topic": 1.0}, 0.0),
        topic_threshold=topic,
        stated_threshold=stated,
        alternative_threshold=alternative,
        settled=1.0,
    )


@pytest.fixture
def reading():
    found = tuple(retrieved(n, text, title=title, rank=n) for n, (title, text) in enumerate(PAPERS, 1))
    readings = (
        read(PAPERS[0][1], ("3.6亿元", 5.0), ("三年", 1.0)),
        read(PAPERS[1][1], ("3.2亿元", 4.0)),
    )
    return Reading("云川市青石岭引水工程总投资多少元？", found, readings, 1.0)


class TestReplies:
    def test_answered(self, reading):
        out = answer_question(reading, planted(), even)
        assert (out.status, out.reason) == ("answered", None)
        assert out.answer.text == "3.6亿元"
        at = PAPERS[0][1].index("3.6亿元")
        assert out.answer.source_spans == ((10 + at, 10 + at + 5),)
        assert out.answer.score == pytest.approx(sigmoid(0.5))
        assert out.stated == pytest.approx(sigmoid(1.0))
        first = out.evidence[0]
        assert first.retrieved.article.title == "引水工程通水"
        assert first.answer_spans == ((at, at + 5),)
        assert [first.retrieved.text[a:b] for a, b in first.highlights] == [
            "云川市青石岭引水工程总投资3.6亿元。"
        ]

    def test_alternatives_are_of_other_articles(self, reading):
        out = answer_question(reading, planted(), even)
        assert [(o.text, o.evidence_index) for o in out.alternatives] == [("3.2亿元", 1)]
        assert out.evidence[1].retrieved.article.title == "引水工程过半"
        assert out.alternatives[0].score <= out.answer.score
        assert out.alternatives[0].score == pytest.approx(min(sigmoid(0.8), sigmoid(0.5)))
        assert len(out.evidence) == 2

    def test_unlikely_and_like_answers_are_no_alternatives(self, reading):
        assert answer_question(reading, planted(alternative=0.9), even).alternatives == ()
        same = replace(
            reading, readings=(reading.readings[0], read(PAPERS[1][1], ("3.2亿元", 4.0)))
        ).retrieved
        text = "青石岭引水工程总投资3.6亿元，已通水。"
        other = (same[0], retrieved(2, text, rank=2), same[2])
        again = replace(
            reading, retrieved=other, readings=(reading.readings[0], read(text, ("3.6亿元", 4.0)))
        )
        assert answer_question(again, planted(), even).alternatives == ()

    def test_one_alternative_an_article_and_three_at_most(self):
        texts = [f"引水工程投资{n}亿元，又说{n + 20}亿元。" for n in range(2, 9)]
        found = tuple(retrieved(n, text, rank=n) for n, text in enumerate(texts, 1))
        readings = tuple(
            read(text, (text[6:9], 9.0 - n), (text[12:16], 8.9 - n)) for n, text in enumerate(texts)
        )
        out = answer_question(Reading("引水工程投资多少元？", found, readings, 1.0), planted(), even)
        assert out.answer.text == "2亿元"
        assert [o.text for o in out.alternatives] == ["3亿元", "4亿元", "5亿元"]
        assert [o.evidence_index for o in out.alternatives] == [1, 2, 3]

    def test_related(self, reading):
        out = answer_question(reading, planted(stated=0.99), even)
        assert out.status == "related"
        assert out.answer is None
        assert out.alternatives == ()
        assert out.reason == "找到了相关报道，但没有写明这一点。"
        assert len(out.evidence) == 3
        assert all(e.highlights == () and e.answer_spans == () for e in out.evidence)

    def test_not_found(self, reading):
        out = answer_question(replace(reading, topic=-4.0), planted(topic=0.4), even)
        assert (out.status, out.answer, out.alternatives) == ("not_found", None, ())
        assert "没有找到" in out.reason
        assert [e.retrieved.passage.id for e in out.evidence] == [p.passage.id for p in out.passages]

    def test_off_topic_goes_before_unstated(self, reading):
        out = answer_question(replace(reading, topic=-4.0), planted(topic=0.4, stated=0.99), even)
        assert out.status == "not_found"

    @pytest.mark.parametrize("question", ["呢？", "为什么？", "是什么？", "谁"])
    def test_a_question_that_names_nothing_finds_nothing(self, reading, question):
        out = answer_question(replace(reading, question=question), planted(), even)
        assert (out.status, out.answer) == ("not_found", None)
        assert "写明" in out.reason

    def test_the_nearest_passages_are_in_the_order_of_their_scores(self, reading):
        found = tuple(replace(p, score=0.1 * n) for n, p in enumerate(reading.retrieved))
        out = answer_question(replace(reading, retrieved=found, topic=-4.0), planted(topic=0.4), even)
        scores = [e.score for e in out.evidence]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] == found[-1].score

    def test_nothing_read(self):
        out = answer_question(Reading("谁？", (), (), 0.0), planted(), even)
        assert (out.status, out.evidence, out.passages, out.stated) == ("not_found", (), (), 0.0)
        assert judge(Reading("谁？", (), (), 0.0), planted(), even).candidates == []

    def test_the_thresholds_themselves_pass(self, reading):
        exact = planted(stated=sigmoid(1.0), topic=sigmoid(1.0))
        assert answer_question(reading, exact, even).status == "answered"

    def test_passages_are_ranked_by_what_was_read(self, reading):
        turned = replace(
            reading,
            readings=(read(PAPERS[0][1], ("3.6亿元", 2.0)), read(PAPERS[1][1], ("3.2亿元", 4.0))),
        )
        out = answer_question(turned, planted(), even)
        assert out.answer.text == "3.2亿元"
        assert [p.article.title for p in out.passages] == ["引水工程过半", "引水工程通水", "蟹农增收"]
        assert [p.rank for p in out.passages] == [1, 2, 3]

    @pytest.mark.parametrize(
        ("question", "reason"),
        [
            ("2016年引水工程投资多少？", "没有找到 2016 年的相关报道。"),
            ("海宁市引水工程投资多少？", "海宁"),
            ("李国强说引水工程投资多少？", "李国强"),
            ("让9700人受益的引水工程投资多少？", "9700"),
            ("引水工程投资多少？", "找到了相关报道，但没有写明这一点。"),
            ("2021年云川市引水工程投资多少？", "找到了相关报道，但没有写明这一点。"),
        ],
    )
    def test_why_unanswered(self, question, reason):
        found = retrieved(1, PAPERS[0][1], title=PAPERS[0][0], date="2021-05-18", newspaper="云川日报")
        assert reason in why_unanswered(understand(question), found)

    def test_what_kind_of_name_is_missing(self):
        found = retrieved(1, PAPERS[0][1])
        assert "地方" in why_unanswered(understand("海宁市引水工程投资多少？"), found)
        assert "（问题里的人）" in why_unanswered(understand("李国强说引水工程投资多少？"), found)


class TestCalibration:
    def test_sigmoid(self):
        assert sigmoid(0.0) == 0.5
        assert sigmoid(2.0) + sigmoid(-2.0) == pytest.approx(1.0)
        assert sigmoid(1e9) <= 1.0
        assert 0.0 <= sigmoid(-1e9) < 1e-20

    def test_a_model_wants_all_its_features(self):
        model = LinearModel({"a": 2.0, "b": -1.0}, 0.5)
        assert model.logit({"a": 1.0, "b": 3.0, "c": 99.0}) == pytest.approx(-0.5)
        with pytest.raises(KeyError):
            model.logit({"a": 1.0})

    def test_saved_and_loaded(self, tmp_path):
        made = planted(stated=0.25, topic=0.125, alternative=0.5)
        made.save(tmp_path)
        assert Calibration.load(tmp_path) == made

    def test_what_is_missing_or_broken_is_said(self, tmp_path):
        with pytest.raises(ModelError, match=r"qa\.training\.calibrate"):
            Calibration.load(tmp_path)
        planted().save(tmp_path)
        path = tmp_path / "calibration.json"
        stored = json.loads(path.read_text(encoding="utf-8"))
        for broken in ("{", "[]", json.dumps({**stored, "topic": 3}), json.dumps({**stored, "settled": "x"})):
            path.write_text(broken, encoding="utf-8")
            with pytest.raises(ModelError, match=r"calibration\.json"):
                Calibration.load(tmp_path)
