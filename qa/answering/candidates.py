"""Candidate answers: every span that the reader proposes, with what speaks for it and against it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.answering.calibration import LinearModel
from qa.answering.questions import QuestionFacts, type_fit
from qa.answering.spans import fitted_span
from qa.answering.units import unit_fit
from qa.datatypes import RetrievedPassage, Span
from qa.folding import fold
from qa.passages import sentence_spans
from qa.reader import PassageReading, SpanScore

Rarity = Callable[[str], float]
SPANS_PER_PASSAGE = 3
# What opens a reason or an aim. 为 alone does not where it means "is" or "for" (成为, 作为, 为群众).
_CAUSE = re.compile(
    r"由于|因(?!素|子)|为了|为进一步|为[加推提促保做落贯全规切更方满解缓防]|旨在|目的|以便|致使|导致|得益于|缘于|[源归]于"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One span of one passage. ``position``: which of the read passages; ``logit``: log odds of being right."""

    position: int
    span: SpanScore
    text: str
    features: dict[str, float]
    logit: float


def coverage(words: Sequence[str], text: str, rarity: Rarity) -> float:
    """Share of ``words``, weighted by rarity, that occur in the folded ``text``; 1 where there are no words."""
    total = sum(rarity(word) for word in words)
    return sum(rarity(word) for word in words if word in text) / total if total else 1.0


def passage_features(
    facts: QuestionFacts,
    found: RetrievedPassage,
    reading: PassageReading,
    best_dense: float,
    best_lexical: float,
    rarity: Rarity,
) -> dict[str, float]:
    """What speaks for a passage: closeness to the question, its words, the constraints met and missed.

    A year, number or name of the question that neither the passage nor its article mentions is *absent*; absence
    alone does not refuse (the place of a local paper goes without saying), the calibration weighs it.
    """
    article = found.article
    frame = fold(
        " ".join(
            part for part in (article.title, article.kicker, article.subtitle, found.passage.section) if part
        )
    )
    text = fold(found.text)
    whole = (
        fold(article.text)
        + frame
        + fold(" ".join(x for x in (article.date, article.newspaper, article.section) if x))
    )
    near = text + frame
    dense = found.dense_score or 0.0
    lexical = found.lexical_score or 0.0
    return {
        "dense": dense,
        "dense_gap": dense - best_dense,
        "rank": 1 / (1 + found.rank),
        "lexical": lexical / best_lexical if best_lexical > 0 else 0.0,
        "states": _clip(reading.states if reading.states is not None else 0.0, 8.0),
        "headline": float(found.passage.kind == "headline"),
        "covered": coverage(facts.words, near, rarity),
        "covered_article": coverage(facts.words, whole, rarity),
        "absent_year": float(sum(year not in whole for year in facts.years)),
        "absent_number": float(min(sum(number not in near for number in facts.numbers), 2)),
        "absent_name": float(min(sum(name not in whole for _, name in facts.names), 2)),
        "person": float(any(kind == "person" and name in whole for kind, name in facts.names)),
    }


def candidates_of(
    facts: QuestionFacts,
    retrieved: Sequence[RetrievedPassage],
    readings: Sequence[PassageReading],
    model: LinearModel,
    rarity: Rarity,
) -> list[Candidate]:
    """All candidates of the read passages, best first."""
    if not retrieved:
        return []
    best_dense = max(found.dense_score or 0.0 for found in retrieved)
    best_lexical = max(found.lexical_score or 0.0 for found in retrieved)
    best_margin = max((span.score for reading in readings for span in reading.spans), default=0.0)
    out: list[Candidate] = []
    for position, (found, reading) in enumerate(zip(retrieved, readings, strict=True)):
        shared = passage_features(facts, found, reading, best_dense, best_lexical, rarity)
        sentences = sentence_spans(found.text)
        taken: set[Span] = set()
        for order, read in enumerate(reading.spans[:SPANS_PER_PASSAGE]):
            fitted = fitted_span(found.text, (read.start, read.end), facts)
            if fitted in taken:
                continue
            taken.add(fitted)
            span = SpanScore(*fitted, read.score)
            text = found.text[span.start : span.end]
            sentence = "".join(found.text[a:b] for a, b in sentences if a < span.end and span.start < b)
            fit = type_fit(facts.types, text, facts.text)
            unit = unit_fit(facts.text, text)
            features = {
                **shared,
                "margin": _clip(span.score, 25.0) / 5,
                "margin_gap": _clip(span.score - best_margin, 25.0) / 5,
                "behind": float(order),
                "covered_sentence": coverage(facts.words, fold(sentence), rarity),
                "fits": float(fit > 0),
                "misfits": float(fit < 0),
                "unit_fits": float(unit > 0),
                "unit_misfits": float(unit < 0),
                "length": math.log(len(text)),
                "long": float(len(text) > 40 and "list" not in facts.types and "reason" not in facts.types),
                "cause": float(
                    "reason" in facts.types
                    and bool(_CAUSE.search(found.text[max(span.start - 3, 0) : span.end]))
                ),
                "echo": float(fold(text) in facts.text),
            }
            out.append(Candidate(position, span, text, features, model.logit(features)))
    out.sort(key=lambda c: (-c.logit, c.position, c.span.start))
    return out


def question_features(
    candidates: Sequence[Candidate], readings: Sequence[PassageReading], topic: float
) -> dict[str, float]:
    """What the outcome is decided on: the best candidate, how far ahead it is, who agrees, how near the topic is."""
    best = candidates[0]
    folded = fold(best.text)
    rivals = [c for c in candidates[1:] if fold(c.text) not in folded and folded not in fold(c.text)]
    agree = sum(
        c.position != best.position and (fold(c.text) in folded or folded in fold(c.text))
        for c in candidates[1:]
    )
    return {
        **best.features,
        "candidate": best.logit,
        "ahead": min(best.logit - rivals[0].logit, 6.0) if rivals else 6.0,
        "agree": float(min(agree, 2)),
        "topic": _clip(topic, 6.0),
        "most_covered": max(c.features["covered"] for c in candidates),
        "most_margin": max(c.features["margin"] for c in candidates),
        "most_states": max((_clip(r.states, 8.0) for r in readings if r.states is not None), default=0.0),
    }


def _clip(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
