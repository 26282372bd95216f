"""From start and end logits to answer spans: pure functions of arrays and text.

Start and end are chosen jointly, as the pair with the highest sum (Devlin et al. 2019, section 4.2). A pair is
ruled out where the text shows that it cannot be an answer: it starts or ends inside a number or a Latin word, or
holds one half of a bracket or quotation pair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Offsets = Sequence[tuple[int, int]]
FloatArray = npt.NDArray[np.float32]

MAX_CHARS = 80
_PAIRS = {
    "“": "”",
    "‘": "’",
    "（": "）",
    "(": ")",
    "《": "》",
    "「": "」",
    "『": "』",
    "【": "】",
    "[": "]",
    "〈": "〉",
}
_CLOSERS = {closer: opener for opener, closer in _PAIRS.items()}
_EDGE = " \t\n，。；：！？、,;:!?…—-·"
_SCALE = "十百千万亿"
_UNIT = (
    "人民币|平方公里|平方千米|平方米|立方米|千瓦时|兆瓦|千瓦|公里|千米|毫米|厘米|公斤|千克|公顷|毫升|"
    "个百分点|百分点|批次|人次|台次|户次|件次|车次|架次|美元|欧元|日元|港元|万元|元|人|名|位|个|家|项|件|户|次|吨|克|米|升|"
    "亩|台|套|座|处|起|场|批|辆|艘|架|条|栋|间|所|支|只|头|棵|株|种|款|类|例|宗|笔|份|张|本|部|集|期|届|级|层|岁|"
    "周年|年|个月|月|日|天|小时|分钟|秒|倍|成|度|％|%|℃"
)
# With a unit if there is one: 4.4亿千瓦时 is not 4.4亿千.
_NUMBER = rf"\d[\d,，]*(?:\.\d+)? ?[{_SCALE}]*[多余]?[{_SCALE}]*"
_QUANTITY = re.compile(rf"{_NUMBER} ?(?:{_UNIT})|\d[\d,，]*(?:\.\d+)?(?: ?[{_SCALE}]+)?[多余]?[{_SCALE}]*")
_DATE = re.compile(
    r"(?:\d{4} ?年 ?)?\d{1,2} ?月(?: ?\d{1,2} ?日)?(?: ?[至到—-] ?(?:\d{1,2} ?月 ?)?\d{1,2} ?[日月])?|\d{4} ?年"
)


@dataclass(frozen=True, slots=True)
class SpanScore:
    """A candidate answer: ``text[start:end]``; ``score`` is start logit + end logit."""

    start: int
    end: int
    score: float


def _inside_word(text: str, at: int) -> bool:
    """Whether offset ``at`` parts a number or a Latin word in two."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isascii() and after.isascii() and before.isalnum() and after.isalnum():
        return True
    # A point or comma inside a number: 1.1, 1,000.
    if before in ".,":
        return after.isdigit() and at >= 2 and text[at - 2].isdigit()
    if after in ".,":
        return before.isdigit() and at + 1 < len(text) and text[at + 1].isdigit()
    return False


def _unpaired(text: str) -> list[int]:
    """Offsets of brackets and quotation marks of ``text`` whose other half is not in it."""
    open_at: list[int] = []
    lone: list[int] = []
    for i, char in enumerate(text):
        if char in _PAIRS:
            open_at.append(i)
        elif char in _CLOSERS:
            if open_at and text[open_at[-1]] == _CLOSERS[char]:
                open_at.pop()
            else:
                lone.append(i)
    return sorted(lone + open_at)


def tidy_span(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without punctuation at its ends, with its numbers and dates whole; None where it is no answer.

    A mark at an end whose partner stands just outside is completed, one whose partner is further off is dropped;
    a lone mark in the middle rules the span out.
    """
    start, end = _trimmed(text, start, end)
    for _ in range(4):
        lone = _unpaired(text[start:end])
        if not lone:
            break
        first, last = start + lone[0], start + lone[-1]
        if text[first] in _PAIRS and end < len(text) and text[end] == _PAIRS[text[first]]:
            end += 1
        elif text[last] in _CLOSERS and start > 0 and text[start - 1] == _CLOSERS[text[last]]:
            start -= 1
        elif first == start:
            start += 1
        elif last == end - 1:
            end -= 1
        else:
            return None
    start, end = _whole_quantities(text, start, end)
    start, end = _trimmed(text, start, end)
    if start >= end or _inside_word(text, start) or _inside_word(text, end) or _unpaired(text[start:end]):
        return None
    return start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without punctuation and blanks at its ends."""
    while start < end and text[start] in _EDGE:
        start += 1
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    return start, end


def _whole_quantities(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with a number at its end given its unit ("69" -> "69%", "120余批" -> "120余批次")."""
    left = max(start - 16, 0)
    area = text[left : end + 16]
    for pattern in (_DATE, _QUANTITY):
        for hit in pattern.finditer(area):
            a, b = hit.start() + left, hit.end() + left
            if start <= a < end < b:
                return start, b
            if a < start < b <= end:
                return a, end
    return start, end


def best_spans(
    start_logits: FloatArray,
    end_logits: FloatArray,
    offsets: Offsets,
    text: str,
    *,
    top_k: int = 5,
    max_chars: int = MAX_CHARS,
    beam: int = 24,
) -> list[SpanScore]:
    """The best ``top_k`` spans of ``text``, best first; no two of them overlap and
    none crosses a line end.

    ``start_logits`` and ``end_logits``: float arrays (tokens,); ``offsets[k]``: half-open character span of token
    ``k``. Pairs are formed of the ``beam`` best starts and ends. A span is returned once, with its best score.
    Returns an empty list for an empty text. Raises ValueError where the lengths differ.
    """
    if not len(start_logits) == len(end_logits) == len(offsets):
        raise ValueError(
            f"lengths differ: {len(start_logits)} starts, {len(end_logits)} ends, {len(offsets)} offsets"
        )
    starts = np.argsort(-np.asarray(start_logits), kind="stable")[:beam]
    ends = np.argsort(-np.asarray(end_logits), kind="stable")[:beam]
    pairs = [
        (float(start_logits[i] + end_logits[j]), int(i), int(j))
        for i in starts
        for j in ends
        if i <= j and offsets[j][1] - offsets[i][0] <= max_chars
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    out: list[SpanScore] = []
    for score, i, j in pairs:
        span = tidy_span(text, offsets[i][0], offsets[j][1])
        # No answer goes on from one line of a headline, or one paragraph, to the next.
        if span is None or span[1] - span[0] > max_chars + 16 or "\n" in text[slice(*span)]:
            continue
        if all(span[1] <= other.start or other.end <= span[0] for other in out):
            out.append(SpanScore(*span, score))
            if len(out) == top_k:
                break
    return out
