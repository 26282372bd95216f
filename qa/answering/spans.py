"""A candidate span fitted to what the question asks for: the date alone, the whole name, the whole list.

The reader chooses tokens; whether "于万军" begins at 于, or whether a list has another item, is often seen better from
the words around. Every change keeps the span one contiguous run of the passage.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa.answering.questions import SURNAMES, QuestionFacts
from qa.answering.units import asked_units, quantities
from qa.datatypes import Span

_DATE = re.compile(
    r"(?:\d{4} ?年 ?)?\d{1,2} ?月(?: ?\d{1,2} ?日)?(?: ?(?:至|到|—|-|~) ?(?:\d{1,2} ?月 ?)?\d{1,2} ?[日月])?|\d{4} ?年"
)
_NEAR_DATE = re.compile(r"[今去明前本当次同]年|[本当上下]月|[初中底末旬前后]")
_QUOTED = re.compile(r"“[^“”]{2,24}”|《[^《》]{2,30}》|「[^「」]{2,24}」")
_STOPS = "，。；！？：、,;!?"
_ITEM = rf"(?:“[^“”]{{1,24}}”|《[^《》]{{1,30}}》|[^{_STOPS}“”《》\s]{{1,18}}?)"
_NEXT_ITEM = re.compile(rf"(?:、|和|与|及|以及){_ITEM}(?=[{_STOPS}和与及等）)]|$)")
_PERSON_CLASSES = ("nr", "nrt", "nrfg")
# A given name behind its surname behind a title ("主席于万军"): a dictionary takes some surnames for other words.
_SURNAME = re.compile(f"(?<=[长席记任员者师民士理授人])[{''.join(sorted(SURNAMES))}]$")
_AROUND = 12  # characters on each side that tell where words end
LONGER = 6  # characters by which a span must exceed what is asked for, to be cut to it


def fitted_span(text: str, span: Span, facts: QuestionFacts) -> Span:
    """``span`` of ``text``, or the run in its place that has the form which ``facts`` ask for."""
    return _whole_words(text, _as_asked(text, span, facts))


def _as_asked(text: str, span: Span, facts: QuestionFacts) -> Span:
    """``span``, or the run that has the form which ``facts`` ask for."""
    kinds = facts.types
    if "list" in kinds:
        return _whole_list(text, _whole_quote(text, span))
    if "date" in kinds:
        return _alone(text, span, [hit.span() for hit in _DATE.finditer(text, *span)], _NEAR_DATE)
    if "number" in kinds:
        asked = asked_units(facts.text)
        fitting = [place for place, unit in quantities(text[slice(*span)]) if unit in asked]
        return _alone(text, span, [(span[0] + a, span[0] + b) for a, b in fitting], None)
    if "person" in kinds:
        return _whole_name(text, span)
    return span


def _alone(text: str, span: Span, found: list[Span], spoilt: re.Pattern[str] | None) -> Span:
    """The only one of ``found``, where the span says much more than it; ``spoilt`` matches what would be lost."""
    if len(found) != 1 or (span[1] - span[0]) - (found[0][1] - found[0][0]) < LONGER:
        return span
    start, end = found[0]
    if spoilt and (spoilt.search(text, span[0], start) or spoilt.search(text, end, span[1])):
        return span
    return start, end


def _whole_quote(text: str, span: Span) -> Span:
    """The quotation that the span lies in, marks and all, where the span is a good part of it."""
    for hit in _QUOTED.finditer(text, max(span[0] - 30, 0), min(span[1] + 30, len(text))):
        start, end = hit.span()
        if start <= span[0] and span[1] <= end and 3 * (span[1] - span[0]) >= end - start - 2:
            return start, end
    return span


def _whole_list(text: str, span: Span) -> Span:
    """The span with the items that follow it in an enumeration."""
    start, end = span
    while (hit := _NEXT_ITEM.match(text, end)) and hit.end() - start <= 120:
        end = hit.end()
    return start, end


def _whole_name(text: str, span: Span) -> Span:
    """The only person's name that the span touches, whole, where the span cuts it or says more than it."""
    left, right = max(span[0] - 20, 0), min(span[1] + 20, len(text))
    names = [
        (left + a, left + b) for a, b in _names(text[left:right]) if left + a < span[1] and span[0] < left + b
    ]
    if len(names) != 1 or span[1] - span[0] > 16:
        return span
    start, end = names[0]
    if end - start == 2 and _SURNAME.search(text[max(start - 2, 0) : start]):
        start -= 1
    return start, end


def _whole_words(text: str, span: Span) -> Span:
    """``span`` with the dictionary words whole that its ends part in two."""
    start, end = span
    left = max(start - _AROUND, 0)
    for a, b in _known_words(text[left : end + _AROUND]):
        if left + a < start < left + b <= end:
            start = left + a
        elif start <= left + a < end < left + b:
            end = left + b
    return start, end


@lru_cache(maxsize=4096)
def _known_words(text: str) -> tuple[Span, ...]:
    """Places of the Chinese words of ``text`` that the dictionary has, two to four characters long."""
    import jieba

    out = []
    at = 0
    for word in jieba.cut(text, HMM=False):
        if 2 <= len(word) <= 4 and "\u4e00" <= word[0] <= "\u9fff":
            out.append((at, at + len(word)))
        at += len(word)
    return tuple(out)


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[Span, ...]:
    """Places of persons' names of two to four characters, by jieba's word classes."""
    import jieba.posseg

    out = []
    at = 0
    for pair in jieba.posseg.cut(text):
        if pair.flag in _PERSON_CLASSES and 2 <= len(pair.word) <= 4:
            out.append((at, at + len(pair.word)))
        at += len(pair.word)
    return tuple(out)
