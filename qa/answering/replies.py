"""The outcome of a question: answered, related or not found, with everything that is shown for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.answering.calibration import Calibration, sigmoid
from qa.answering.candidates import Candidate, Rarity, candidates_of, question_features
from qa.answering.evidence import supporting_sentences
from qa.answering.questions import QuestionFacts, understand
from qa.datatypes import Alternative, Answer, Evidence, RetrievedPassage, Status, map_span
from qa.folding import fold
from qa.reader import PassageReading

NEAREST = 3
MOST_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one question: passages in the order retrieved, and one reading for each of the first."""

    question: str
    retrieved: tuple[RetrievedPassage, ...]
    readings: tuple[PassageReading, ...]
    topic: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The part of a Reply that does not depend on who asked: see Reply for the fields."""

    status: Status
    reason: str | None
    answer: Answer | None
    evidence: tuple[Evidence, ...]
    alternatives: tuple[Alternative, ...]
    passages: tuple[RetrievedPassage, ...]
    stated: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The candidates, best first; the probabilities that the archive writes about the matter, that it states the
    answer, and that the best candidate is right."""

    candidates: list[Candidate]
    on_topic: float = 0.0
    stated: float = 0.0
    right: float = 0.0


def judge(reading: Reading, calibration: Calibration, rarity: Rarity) -> Judgement:
    """What was read, weighed."""
    facts = understand(reading.question)
    read = reading.retrieved[: len(reading.readings)]
    candidates = candidates_of(facts, read, reading.readings, calibration.candidate, rarity)
    if not candidates:
        return Judgement([])
    features = question_features(candidates, reading.readings, reading.topic)
    features["stated_logit"] = calibration.stated.logit(features)
    return Judgement(
        candidates,
        sigmoid(calibration.topic.logit(features)),
        sigmoid(features["stated_logit"]),
        sigmoid(calibration.right.logit(features)),
    )


def answer_question(reading: Reading, calibration: Calibration, rarity: Rarity) -> Outcome:
    """The outcome of one question over what was retrieved and read for it."""
    facts = understand(reading.question)
    judged = judge(reading, calibration, rarity)
    candidates, stated = judged.candidates, judged.stated
    ordered = reordered(reading, candidates)
    if not (facts.words or facts.names or facts.years or facts.numbers):
        reason = "问题里没有可以查找的词，请写明人、地方、单位或事情。"
        return Outcome("not_found", reason, None, _nearest(ordered), (), ordered, 0.0)
    if not candidates or judged.on_topic < calibration.topic_threshold:
        reason = "报库中没有找到与这个问题相关的报道。"
        return Outcome("not_found", reason, None, _nearest(ordered), (), ordered, stated)
    if stated < calibration.stated_threshold:
        reason = why_unanswered(facts, reading.retrieved[candidates[0].position])
        return Outcome("related", reason, None, _nearest(ordered), (), ordered, stated)
    best, score = candidates[0], judged.right
    chosen = [best, *other_answers(best, candidates, reading, calibration)]
    evidence = [_evidence(candidate, reading, facts, rarity) for candidate in chosen]
    alternatives = [
        Alternative(other.text, min(sigmoid(other.logit), score), index)
        for index, other in enumerate(chosen)
        if index
    ]
    passage = reading.retrieved[best.position].passage
    answer = Answer(best.text, score, map_span(passage.spans, best.span.start, best.span.end))
    return Outcome("answered", None, answer, tuple(evidence), tuple(alternatives), ordered, stated)


def reordered(reading: Reading, candidates: Sequence[Candidate]) -> tuple[RetrievedPassage, ...]:
    """The passages with those read first, by their best candidate; ranks count anew from 1."""
    best: dict[int, float] = {}
    for candidate in candidates:
        best.setdefault(candidate.position, candidate.logit)
    count = len(reading.readings)
    order = sorted(range(count), key=lambda n: (-best.get(n, float("-inf")), n))
    order += range(count, len(reading.retrieved))
    return tuple(_ranked(reading.retrieved[n], rank) for rank, n in enumerate(order, 1))


def _ranked(found: RetrievedPassage, rank: int) -> RetrievedPassage:
    return replace(found, rank=rank)


def other_answers(
    best: Candidate, candidates: Sequence[Candidate], reading: Reading, calibration: Calibration
) -> list[Candidate]:
    """Different answers of other articles that are likely enough to be shown, one an article."""
    out: list[Candidate] = []
    articles = {reading.retrieved[best.position].article.id}
    for candidate in candidates[1:]:
        article = reading.retrieved[candidate.position].article.id
        text = fold(candidate.text)
        known = any(text in fold(other.text) or fold(other.text) in text for other in [best, *out])
        if article in articles or known or sigmoid(candidate.logit) < calibration.alternative_threshold:
            continue
        articles.add(article)
        out.append(candidate)
        if len(out) == MOST_ALTERNATIVES:
            break
    return out


def _evidence(candidate: Candidate, reading: Reading, facts: QuestionFacts, rarity: Rarity) -> Evidence:
    found = reading.retrieved[candidate.position]
    span = (candidate.span.start, candidate.span.end)
    frame = " ".join(part for part in (found.article.title, found.passage.section) if part)
    highlights = supporting_sentences(found.text, span, facts, frame, rarity)
    return Evidence(found, highlights, (span,), sigmoid(candidate.logit))


def _nearest(ordered: Sequence[RetrievedPassage]) -> tuple[Evidence, ...]:
    nearest = sorted(ordered, key=lambda found: -found.score)[:NEAREST]
    return tuple(Evidence(found, (), (), found.score) for found in nearest)


def why_unanswered(facts: QuestionFacts, nearest: RetrievedPassage) -> str:
    """One sentence: which constraint of the question the nearest report does not bear out, where that is seen."""
    article = nearest.article
    whole = fold(
        " ".join(part for part in (article.title, article.text, article.date, article.newspaper) if part)
    )
    for year in facts.years:
        if year not in whole:
            return f"没有找到 {year} 年的相关报道。"
    for kind, name in facts.names:
        if name not in whole:
            what = {"place": "地方", "organisation": "单位", "person": "人"}[kind]
            return f"找到了相近的报道，但其中没有提到“{name}”（问题里的{what}）。"
    for number in facts.numbers:
        if number not in whole:
            return f"找到了相近的报道，但其中没有“{number}”这个数。"
    return "找到了相关报道，但没有写明这一点。"
