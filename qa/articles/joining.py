"""Sentences that the layout cut, and which piece goes on where another stops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

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


def chains(texts: Sequence[str], fixed: Sequence[bool]) -> list[list[int]]:
    """The pieces of one article in reading order, as runs: each run is one paragraph.

    ``texts``: pieces as printed; ``fixed[i]``: piece ``i`` begins a paragraph for sure (it is indented, or a lead).
    An open piece is joined with the piece that goes on: one that completes its cut word, wherever it stands, else
    the next piece, unless that one begins afresh. A piece is taken once.
    """
    follows: dict[int, int] = {}
    taken: set[int] = set()
    open_pieces = [i for i, text in enumerate(texts) if is_open(text)]
    # A word completed by the next piece settles both, before anything further off is looked at.
    for i in open_pieces:
        j = i + 1
        if j < len(texts) and not fixed[j] and bridge(texts[i], texts[j]):
            follows[i] = j
            taken.add(j)
    for i in open_pieces:
        if i in follows:
            continue
        far = [
            j
            for j in range(len(texts))
            if j not in taken
            and abs(j - i) > 1
            and not fixed[j]
            and not is_fresh(texts[j])
            and (j == 0 or not is_open(texts[j - 1]))
            and bridge(texts[i], texts[j]) >= 3
            and not _reaches(follows, j, i)
        ]
        near = i + 1 if i + 1 < len(texts) and i + 1 not in taken and not fixed[i + 1] else None
        previous = i - 1 if _precedes(texts, fixed, i) and i - 1 not in taken else None
        if previous is not None and not _reaches(follows, previous, i):
            chosen: int | None = previous
        elif len(far) == 1:
            chosen = far[0]
        elif near is not None and (not is_fresh(texts[near]) or unclosed(texts[i])):
            chosen = near
        else:
            chosen = None
        if chosen is not None and not _reaches(follows, chosen, i):
            follows[i] = chosen
            taken.add(chosen)
    out = []
    for i in range(len(texts)):
        if i in taken:
            continue
        run = [i]
        while run[-1] in follows:
            run.append(follows[run[-1]])
        out.append(run)
    return out


def _precedes(texts: Sequence[str], fixed: Sequence[bool], i: int) -> bool:
    """Whether the piece printed before piece ``i`` is the rest of it: two columns changed places.

    Nothing else may want that piece: the one before it is complete. It must complete a cut word, or begin inside a
    clause where the piece after ``i`` begins a paragraph.
    """
    before = i - 1
    if before < 0 or fixed[before]:
        return False
    length = bridge(texts[i], texts[before])
    if length >= 3:
        return True
    if before == 0 or is_open(texts[before - 1]) or is_fresh(texts[before]):
        return False
    if length:
        return True
    return (i + 1 == len(texts) or fixed[i + 1] or is_fresh(texts[i + 1])) and starts_inside_clause(
        texts[before]
    )


def _reaches(follows: dict[int, int], start: int, goal: int) -> bool:
    """Whether following from ``start`` leads to ``goal`` (joining them would close a ring)."""
    while start in follows:
        start = follows[start]
        if start == goal:
            return True
    return start == goal
