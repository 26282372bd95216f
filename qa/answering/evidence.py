"""Which sentences of a passage support an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answering.candidates import Rarity
from qa.answering.questions import QuestionFacts
from qa.datatypes import Span
from qa.folding import fold
from qa.passages import sentence_spans

# A sentence that opens with one of these takes its subject from the sentence before.
_LEANS = re.compile(
    r"[“\"‘'（(\s]*(?:他们?|她们?|它们?|这|该|其|此|那|双方|两者|前者|后者|上述|同时|会上|会议|活动|对此|目前|截至)"
)


def supporting_sentences(
    text: str, answer: Span, facts: QuestionFacts, frame: str, rarity: Rarity
) -> tuple[Span, ...]:
    """The sentence(s) that hold ``answer``, and the one before where the support starts there.

    The sentence before is added where it names words of the question that neither the answer's sentence nor the
    ``frame`` (headline, section) names and the answer's sentence leans on it. Touching sentences are one span.
    """
    sentences = _without_pauses(text, sentence_spans(text))
    inside = [i for i, (a, b) in enumerate(sentences) if a < answer[1] and answer[0] < b]
    if not inside:
        return (answer,)
    first, last = inside[0], inside[-1]
    if first > 0 and _needs_previous(
        text, sentences[first - 1], sentences[first : last + 1], facts, frame, rarity
    ):
        first -= 1
    start, end = sentences[first][0], sentences[last][1]
    return (trimmed(text, start, end),)


def _without_pauses(text: str, sentences: Sequence[Span]) -> list[Span]:
    """``sentences``, those joined that only an ellipsis parts: it is a pause as often as an end."""
    out: list[Span] = []
    for start, end in sentences:
        if out and text[: out[-1][1]].rstrip().endswith("…") and "\n" not in text[out[-1][1] - 1 : start + 1]:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _needs_previous(
    text: str, before: Span, core: Sequence[Span], facts: QuestionFacts, frame: str, rarity: Rarity
) -> bool:
    stated = fold("".join(text[a:b] for a, b in core))
    missing = [word for word in facts.words if word not in stated]
    gained = sum(rarity(word) for word in missing if word in fold(text[before[0] : before[1]]))
    if not gained:
        return False
    if _LEANS.match(stated):
        return True
    lacking = sum(rarity(word) for word in missing if word not in fold(frame))
    total = sum(rarity(word) for word in facts.words) or 1.0
    return gained / total >= 0.25 and lacking > 0


def trimmed(text: str, start: int, end: int) -> Span:
    """``[start, end)`` without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
