"""Sentences that the layout cut, and which piece goes on where another stops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from qa.articles.continuation import goes_on

_SENTENCE_END = re.compile(r"(?:[。！？!?…]|\.{3,})[”’」』）)】》\"'\s]*$")
# "(下转第三版)" ends what this page has of the article; the sentence goes on elsewhere, if anywhere.
_GOES_ELSEWHERE = re.compile(r"[（(【\[]?\s*下?转\s*第?[^（）()。，]{1,6}版[^（）()。，]{0,6}[）)】\]]?\s*$")
_LIST_FOLLOWS = re.compile(r"[：:]\s*$")
# What opens a paragraph of its own: an ordinal, a time, a turn of the report.
_FRESH = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,2}|\d{1,2})[）)、．.]|第[一二三四五六七八九十]+[，、章节条]|[●■◆▲★□]|(?:问|答|记者|主持人)\s*[:：]|"
    r"(?:据(?:了解|悉|介绍|统计|测算)|近年来|今年以来|目前|截至|此外|同时|下一步|日前|近日|连日来|活动现场|会议(?:要求|指出|强调)|"
    r"\d{1,2}月\d{1,2}日[，,上下]|\d{4}年[，,以来]|记者)"
)
_TAIL = 6


def is_open(text: str) -> bool:
    """Whether ``text`` stops before its sentence does."""
    return not (_SENTENCE_END.search(text) or _LIST_FOLLOWS.search(text) or _GOES_ELSEWHERE.search(text))


def is_fresh(text: str) -> bool:
    """Whether ``text`` reads like the beginning of a paragraph."""
    return bool(_FRESH.match(text))


@lru_cache(maxsize=100_000)
def _words(text: str) -> tuple[str, ...]:
    import jieba

    return tuple(jieba.cut(text))


def bridge(before: str, after: str) -> int:
    """Length of the word that the cut between ``before`` and ``after`` parts in two; 0 where it parts none.

    "黑龙江" + "省" is a cut between words, "食品工" + "业大省" parts 工业. Digits and Latin letters on both sides count as
    one word as well.
    """
    tail, head = before[-_TAIL:].strip(), after[:_TAIL].strip()
    if not tail or not head:
        return 0
    if tail[-1].isascii() and head[0].isascii() and tail[-1].isalnum() and head[0].isalnum():
        return 2
    at = 0
    for word in _words(tail + head):
        end = at + len(word)
        if at < len(tail) < end:
            return len(word) if any("\u4e00" <= c <= "\u9fff" for c in word) else 0
        at = end
    return 0


def starts_inside_clause(text: str) -> bool:
    """Whether ``text`` begins with the rest of a clause: its first clause has no verb and is no time or ordinal."""
    import jieba.posseg

    clause = re.split(r"[，。！？；：,;:!?]", text[:40], maxsplit=1)[0]
    if is_fresh(text) or len(clause) > 24 or not clause or clause[0] in "“‘「『《（(":
        return False
    return not any(pair.flag in ("v", "vd", "vi", "t") for pair in jieba.posseg.cut(clause))


def unclosed(text: str) -> bool:
    """Whether a quotation or bracket that ``text`` opens is still open at its end."""
    return any(text.count(a) > text.count(b) for a, b in ("“”", "（）", "《》", "「」", "()"))


# What speaks for and against a join, in log odds beside those of ``goes_on``; chosen on benchmarks.pages, seed 7, but for
# BEFORE: made pages exchange columns more often than real ones do.
NEXT, BEFORE, FAR = 9.0, 0.0, -3.5  # where the rest is printed, seen from the piece that stops
PARTED_WORD, UNCLOSED, FRESH = 4.0, 4.0, -5.0
LEAST = 0.0


def chains(texts: Sequence[str], fixed: Sequence[bool]) -> list[list[int]]:
    """The pieces of one article in reading order, as runs: each run is one paragraph.

    ``texts``: pieces as printed; ``fixed[i]``: piece ``i`` begins a paragraph for sure (it is indented, or a lead).
    Of all ways to go on from an open piece the likeliest comes first, and so on; a piece is taken once, and one
    that nothing likely goes on from stops for good.
    """
    ways = sorted(
        (
            (score, i, j)
            for i, text in enumerate(texts)
            if is_open(text)
            for j in range(len(texts))
            if j != i and not fixed[j] and (score := _likely(texts, i, j)) > LEAST
        ),
        key=lambda way: (-way[0], way[1], way[2]),
    )
    follows: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in ways:
        if i not in follows and j not in taken and not _reaches(follows, j, i):
            follows[i] = j
            taken.add(j)
    out = []
    for i in range(len(texts)):
        if i in taken:
            continue
        run = [i]
        while run[-1] in follows:
            run.append(follows[run[-1]])
        out.append(run)
    return out


def _likely(texts: Sequence[str], i: int, j: int) -> float:
    """Log odds that piece ``j`` goes on where piece ``i`` stops."""
    score = goes_on(texts[i], texts[j]) + (NEXT if j == i + 1 else BEFORE if j == i - 1 else FAR)
    if bridge(texts[i], texts[j]):
        score += PARTED_WORD
    elif is_fresh(texts[j]):
        score += FRESH
    if unclosed(texts[i]):
        score += UNCLOSED
    return score


def _reaches(follows: dict[int, int], start: int, goal: int) -> bool:
    """Whether following from ``start`` leads to ``goal`` (joining them would close a ring)."""
    while start in follows:
        start = follows[start]
        if start == goal:
            return True
    return start == goal
