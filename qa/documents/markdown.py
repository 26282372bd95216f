"""Markdown: the text as it is read, without the signs for bold and links; headings keep theirs, tables theirs."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^#{1,6}[ \t]+\S", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*$", re.MULTILINE)
# Bold: two asterisks that touch the words within. Single ones stand for notes and lists in print, and
# underscores in names: they stay.
_BOLD = re.compile(r"(?<![*\\])(\*{2,3})(?![*\s])([^*\n]{1,400}?)(?<!\s)\1(?!\*)")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]{1,300})\]\((?:https?:|/|\.|#|mailto:)[^()\s]{0,1000}\)")


def looks_like_markdown(text: str) -> bool:
    """Whether ``text`` has headings, bold words or tables of Markdown."""
    return bool(_HEADING.search(text) or _RULE.search(text) or _BOLD.search(text))


def read_markdown(
    text: str, base: int = 0
) -> tuple[str, list[tuple[int, int, int]], list[tuple[int, int, str]]]:
    """Text without the signs, map to the file (``base``: where ``text`` starts there), and marks.

    Marks: ``strong`` for lines wholly in bold, ``table`` for rows, ``furniture`` for the rule under a table's head.
    """
    dropped: list[tuple[int, int]] = []
    for hit in _BOLD.finditer(text):
        dropped += [(hit.start(), hit.start(2)), (hit.end(2), hit.end())]
    for hit in _LINK.finditer(text):
        dropped += [(hit.start(), hit.start(1)), (hit.end(1), hit.end())]
    dropped.sort()
    pieces: list[str] = []
    runs: list[tuple[int, int, int]] = []
    at = length = 0
    for start, end in [*dropped, (len(text), len(text))]:
        if start > at:
            pieces.append(text[at:start])
            runs.append((length, base + at, start - at))
            length += start - at
        at = max(at, end)
    plain = "".join(pieces)
    return plain, runs, sorted([*_strong(text, dropped), *_tables(plain)])


def _strong(text: str, dropped: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """The lines that are one run of bold, at their places in the text without the signs."""
    out = []
    starts = [start for start, _ in dropped]
    before = [0]
    for start, end in dropped:
        before.append(before[-1] + end - start)
    for n, (start, end) in enumerate(dropped[:-1]):
        if text[start:end].strip("*") or text[max(start - 1, 0) : start].strip() or starts[n + 1] < end:
            continue
        close, stop = dropped[n + 1]
        if text[close:stop] == text[start:end] and not text[stop : stop + 1].strip("\n"):
            first = start == 0 or text[start - 1] == "\n"
            if first and "\n" not in text[start:stop]:
                out.append((start - before[n], close - before[n + 1], "strong"))
    return out


def _tables(text: str) -> list[tuple[int, int, str]]:
    """The rows of tables: the lines with bars around the rule under the head."""
    if not _RULE.search(text):
        return []
    out = []
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    row = 0
    while row < len(lines):
        if not (_RULE.fullmatch(lines[row]) and row and "|" in lines[row - 1]):
            row += 1
            continue
        last = row
        while last + 1 < len(lines) and "|" in lines[last + 1]:
            last += 1
        for n in range(row - 1, last + 1):
            out.append((starts[n], starts[n] + len(lines[n].rstrip()), "furniture" if n == row else "table"))
        row = last + 1
    return out
