"""qa.training.written: the questions written by hand, and the examples made of them."""

import json
import random

import pytest

from qa.errors import SourceError
from qa.training.written import (
    HEADLINE,
    QUESTIONS,
    article_key,
    held_out,
    read_written,
    written_examples,
)

TEXT = (
    "5月17日，云川市青石岭引水工程正式通水，市水务局局长郝明轩到场。工程总投资3.6亿元，铺设管道128.5公里，沿线建有泵站七座，"
    "由云川市水务集团施工，工期两年零三个月。郝明轩说，引水工程明年还要延长20公里，把水送到最远的白露镇，届时再添泵站两座。"
    "青石岭村的村民说，过去吃水靠挑，一天要走六里山路，如今水龙头装进了厨房，老人孩子都高兴，家家户户把旧水缸搬出来养鱼。"
    "村里还打算用省下来的工夫种花椒，合作社已经订下苗木一万株，秋天栽下去，三年以后挂果，由江州的工厂按保底价收购。"
)
TITLE = "青石岭引水工程通水 总投资3.6亿元"
KEY = article_key(TEXT)


def line(question, answer, evidence, kind):
    spans = [[TEXT.index(part), TEXT.index(part) + len(part)] for part in evidence]
    return {
        "article": KEY, "title": TITLE, "question": question, "answer": answer, "evidence": spans, "kind": kind,
    }  # fmt: skip


LINES = [
    line("青石岭的管子铺了多长？", "128.5公里", ["工程总投资3.6亿元，铺设管道128.5公里"], "number"),
    line("青石岭 总投资", "3.6亿元", [], HEADLINE),
    line("引水工程哪天开工？", "", ["5月17日，云川市青石岭引水工程正式通水"], "unstated"),
]


@pytest.fixture
def written_file(tmp_path):
    def write(lines):
        path = tmp_path / "questions.jsonl"
        path.write_text(
            "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), encoding="utf-8"
        )
        return path

    return write


def test_answers_are_found_in_their_evidence(written_file):
    number, headline, unstated = read_written(written_file(LINES), {KEY: TEXT})
    assert number.said == "128.5公里"
    assert TEXT[slice(*number.answer)] == "128.5公里"
    assert headline.said == "3.6亿元"
    assert TITLE[slice(*headline.answer)] == "3.6亿元"
    assert unstated.answer is None
    assert unstated.said == ""
    # The same words stand earlier in the text; the answer is the one of the evidence.
    later = line("郝明轩说延长多少公里？", "工程", ["郝明轩说，引水工程明年还要延长20公里"], "fact")
    (found,) = read_written(written_file([later]), {KEY: TEXT})
    assert found.answer[0] == TEXT.index("郝明轩说，引水工程") + len("郝明轩说，引水")


@pytest.mark.parametrize(
    "broken",
    [
        line("多长？", "129公里", ["铺设管道128.5公里"], "number"),
        {key: value for key, value in LINES[0].items() if key != "kind"},
        {**LINES[0], "evidence": [["a", 3]]},
    ],
)
def test_a_line_that_does_not_fit_is_named(written_file, broken):
    with pytest.raises(SourceError, match=r"questions\.jsonl:2 与新闻样本不配"):
        read_written(written_file([LINES[0], broken]), {KEY: TEXT})


def test_questions_about_other_articles_are_passed_over(written_file):
    other = {**LINES[0], "article": "0" * 12}
    assert read_written(written_file([other]), {KEY: TEXT}) == []
    assert len(read_written(written_file([other, *LINES]), {KEY: TEXT})) == len(LINES)


def test_examples_hold_the_answer_or_do_not_state_it(written_file):
    questions = read_written(written_file(LINES), {KEY: TEXT})
    hard = [["白露镇的水塔高41米，" * 8]] * len(questions)
    made = list(written_examples(questions, hard, 40, random.Random(3)))
    said = {}
    for example in made:
        if example.answer is not None:
            said.setdefault(example.text[slice(*example.answer)], []).append(example)
    assert {key: len(ones) for key, ones in said.items()} == {"128.5公里": 40, "3.6亿元": 40}
    assert {one.text for one in said["3.6亿元"]} == {TITLE}
    assert len({one.text for one in said["128.5公里"]}) > 1  # other cuts of the text
    unanswered = [one for one in made if one.answer is None]
    assert sum("5月17日" in one.text for one in unanswered) >= 40
    # A negative of an answerable question is no text that says the answer (terse questions keep 管子 and 投资).
    assert not [one for one in unanswered if "管" in one.question and "128.5公里" in one.text]
    assert made == list(written_examples(questions, hard, 40, random.Random(3)))


def test_the_shipped_questions():
    lines = [json.loads(one) for one in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    assert len(lines) >= 1500
    assert len({(one["article"], one["question"]) for one in lines}) == len(lines)
    for one in lines:
        assert set(one) == {"article", "title", "question", "answer", "evidence", "kind"}
        assert (one["kind"] in ("unstated", "false_premise")) == (not one["answer"])
        assert one["answer"] in one["title"] if one["kind"] == HEADLINE else one["evidence"]
        assert all(0 <= a < b for a, b in one["evidence"])
    kept = [one for one in lines if held_out(one["article"])]
    assert 0.1 < len(kept) / len(lines) < 0.3
