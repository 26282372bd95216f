"""The five seed documents and the questions about them: unchanged, countable, and true to the page.

The checks read the files directly and use nothing of the project, so that a mistake in the project's own
reading of a page cannot hide a mistake in the questions.
"""

import hashlib
import html
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
SHA256 = {
    "000_29cecf81cf63902d.txt": "3f1a4a54b2dbe89aeb59c6502e386f1c88ed7ebdf1156c7b4bccc7e345b3decb",
    "001_0fad52ceb7412b40.txt": "724790084cf0bdeb5828aed10db752802f3f3774c75cbbe1880e2b3a84ea88e1",
    "002_48ad849080c5637f.txt": "eb197c100d7957b2c4ba2010d0a98faf7848bdca6d1e33ce43c246e7316e14ea",
    "003_2656c4067247e3b0.txt": "7b06213f4a2deedfe5829a9d927cc8a0a0ef4e8260d3e5a1c0b432dfdc166e55",
    "004_a92002791a908d18.txt": "e827497f47998b1b179133ea3032cf1d7e28cf0b7f6911e08b0229b45d824d53",
}
ANSWERED_KINDS = {
    "fact",
    "person",
    "reason",
    "list",
    "keywords",
    "cut",
    "headline",
    "two_sentences",
    "colloquial",
}
UNANSWERED_KINDS = {"off_topic", "unstated", "false_premise"}
REQUIRED_FIELDS = {"id", "question", "answers", "evidence", "source", "kind"}
OPTIONAL_FIELDS = {"names", "conversation", "turn", "role", "pronoun", "standalone"}


def squeeze(text: str) -> str:
    """Text without any white space, which the layout adds and drops at will."""
    return re.sub(r"\s+", "", text)


def raw_lines(name: str) -> list[str]:
    """The lines of a seed as a reader sees them: no front matter, no tags, no Markdown heading marks."""
    text = (SEEDS / name).read_text(encoding="utf-8")
    if text.lstrip().startswith("---"):
        text = text.split("---", 2)[2]
    if "<p>" in text:
        text = html.unescape(re.sub(r"<[^>]+>", "\n", text))
    return [re.sub(r"^#+ ", "", line).strip() for line in text.splitlines() if line.strip()]


def load_questions() -> list[dict[str, Any]]:
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


QUESTIONS = load_questions()
LINES = {name: raw_lines(name) for name in SHA256}
SINGLE = [q for q in QUESTIONS if "conversation" not in q]
ANSWERED = [q for q in QUESTIONS if q["answers"]]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [q for q in QUESTIONS if q["kind"] == kind]


def five_grams(text: str, names: list[str]) -> set[str]:
    """Runs of five Chinese characters, none of them reaching across a name, a digit or punctuation."""
    for name in names:
        text = text.replace(name, "|")
    return {run[i : i + 5] for run in re.findall(r"[\u4e00-\u9fff]+", text) for i in range(len(run) - 4)}


@pytest.mark.parametrize("name", sorted(SHA256))
def test_documents_are_byte_for_byte_the_ones_given(name: str) -> None:
    assert hashlib.sha256((SEEDS / name).read_bytes()).hexdigest() == SHA256[name]


def test_the_folder_holds_these_documents_only() -> None:
    assert {path.name for path in SEEDS.glob("*.txt")} == set(SHA256)


def test_every_line_has_its_fields_and_an_id_of_its_own() -> None:
    for q in QUESTIONS:
        assert set(q) >= REQUIRED_FIELDS, q["id"]
        assert set(q) <= REQUIRED_FIELDS | OPTIONAL_FIELDS, q["id"]
        assert q["question"].strip(), q["id"]
    assert max(Counter(q["id"] for q in QUESTIONS).values()) == 1
    assert max(Counter(q["question"] for q in QUESTIONS).values()) == 1
    assert {q["kind"] for q in QUESTIONS} == ANSWERED_KINDS | UNANSWERED_KINDS | {"conversation"}


def test_enough_questions_of_every_kind() -> None:
    answered = [q for q in SINGLE if q["answers"]]
    assert len(answered) >= 100
    per_document = Counter(q["source"] for q in answered)
    assert set(per_document) == set(SHA256)
    assert min(per_document.values()) >= 20
    least = {"keywords": 14, "cut": 10, "headline": 10, "two_sentences": 10, "colloquial": 12}
    least |= {"off_topic": 12, "unstated": 14, "false_premise": 14}
    for kind, count in least.items():
        assert len(of_kind(kind)) >= count, kind


def test_only_the_unanswerable_kinds_have_no_answer() -> None:
    for q in QUESTIONS:
        unanswerable = q["kind"] in UNANSWERED_KINDS
        assert (q["answers"] == []) == unanswerable, q["id"]
        assert (q["evidence"] == []) == unanswerable, q["id"]
        assert (q["source"] == "") == unanswerable, q["id"]


@pytest.mark.parametrize("q", ANSWERED, ids=[q["id"] for q in ANSWERED])
def test_answers_and_evidence_are_the_words_of_the_document(q: dict[str, Any]) -> None:
    shown = "".join(LINES[q["source"]])
    for sentence in q["evidence"]:
        assert sentence == sentence.strip()
        assert "\n" not in sentence
        assert squeeze(sentence) in squeeze(shown)
    for answer in q["answers"]:
        assert answer in shown
        assert any(squeeze(answer) in squeeze(sentence) for sentence in q["evidence"]), answer
    assert len(set(q["answers"])) == len(q["answers"])


@pytest.mark.parametrize("q", of_kind("cut"), ids=[q["id"] for q in of_kind("cut")])
def test_the_evidence_of_a_cut_question_is_broken_by_the_layout(q: dict[str, Any]) -> None:
    lines = [squeeze(line) for line in LINES[q["source"]]]
    pieces = [squeeze(sentence) for sentence in q["evidence"]]
    broken = any(not any(piece in line for line in lines) for piece in pieces)
    # A caption between the halves of a sentence: two strings, the first without an end.
    parted = len(pieces) > 1 and not pieces[0].endswith(("。", "！", "？", "；", "”", "!", "?", '"'))
    assert broken or parted


@pytest.mark.parametrize("q", of_kind("headline"), ids=[q["id"] for q in of_kind("headline")])
def test_the_evidence_of_a_headline_question_is_a_line_of_its_own(q: dict[str, Any]) -> None:
    assert len(q["evidence"]) == 1
    assert q["evidence"][0] in LINES[q["source"]]
    assert not q["evidence"][0].endswith(("。", "！", "？"))


def test_two_sentence_questions_name_two_sentences() -> None:
    for q in of_kind("two_sentences"):
        assert len(set(q["evidence"])) >= 2, q["id"]


def test_keyword_questions_are_terse() -> None:
    for q in of_kind("keywords"):
        assert len(q["question"].split()) >= 3, q["id"]
        assert len(q["question"]) <= 24, q["id"]
        assert not re.search(r"[？?，。]", q["question"]), q["id"]


def test_most_questions_are_paraphrased() -> None:
    """Names may be shared, and only names: each must stand in the question and in its evidence."""
    own_words = 0
    for q in ANSWERED:
        names = q.get("names", [])
        evidence = "|".join(squeeze(sentence) for sentence in q["evidence"])
        for name in names:
            assert name in q["question"], q["id"]
        if not five_grams(q["question"], names) & five_grams(evidence, names):
            own_words += 1
    assert own_words * 2 >= len(ANSWERED)


def test_conversations_have_three_turns_in_order() -> None:
    turns = of_kind("conversation")
    names = list(dict.fromkeys(q["conversation"] for q in turns))
    assert len(names) >= 10
    assert [(q["conversation"], q["turn"]) for q in turns] == [(name, n) for name in names for n in (1, 2, 3)]
    for q in turns:
        assert q["role"] in {"first", "follow_up", "switch", "return"}, q["id"]
        assert (q["role"] == "first") == (q["turn"] == 1), q["id"]
        assert q["standalone"].strip(), q["id"]
        # A turn that needs nothing from before reads the same alone; one that leans does not.
        if q["role"] in {"follow_up", "return"}:
            assert q["standalone"] != q["question"], q["id"]
        if q["role"] == "switch":
            assert q["standalone"] == q["question"], q["id"]


def test_conversations_switch_return_and_use_pronouns() -> None:
    turns = of_kind("conversation")
    roles = Counter(q["role"] for q in turns)
    assert roles["switch"] >= 3
    assert roles["return"] >= 2
    pronouns = [q for q in turns if q.get("pronoun")]
    assert len(pronouns) >= 4
    assert all(re.search(r"[他她它]", q["question"]) for q in pronouns)
    first_source = {q["conversation"]: q["source"] for q in turns if q["turn"] == 1}
    for q in turns:
        if q["role"] == "return":
            assert q["turn"] == 3, q["id"]
            assert q["source"] == first_source[q["conversation"]], q["id"]
