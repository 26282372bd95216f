"""Lines -> blocks: lines that were wrapped at a column's width are one piece of text again."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.articles.joining import bridge, is_open, starts_inside_clause
from qa.articles.lines import Line, LineKind
from qa.datatypes import Span

WIDEST_COLUMN = 60
_WRAPPED_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text of one kind: one line, or several that were wrapped."""

    kind: LineKind
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple((line.start, line.end) for line in self.lines)

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def gap(self) -> int:
        return self.first.gap

    @property
    def level(self) -> int:
        return self.first.level


def column_width(lines: Sequence[Line]) -> int | None:
    """The width, in characters, at which the page's lines were wrapped; None where they were not.

    Wrapped text has many lines of one length, give or take one for marks that may not start a line.
    """
    touching = [
        len(b.text) for a, b in itertools.pairwise(lines) if not b.gap and a.kind in ("body", "heading")
    ]
    if len(touching) < 6:
        return None
    lengths = Counter(len(line.text) for line in lines if len(line.text) <= WIDEST_COLUMN)
    if not lengths:
        return None
    width, _ = max(
        lengths.items(), key=lambda item: (item[1] + lengths[item[0] - 1] + lengths[item[0] + 1], item[0])
    )
    full = sum(count for length, count in lengths.items() if abs(length - width) <= 1)
    return width if width >= 8 and full >= _WRAPPED_SHARE * len(lines) else None


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """The blocks of a page, in order."""
    width = column_width(lines)
    out: list[Block] = []
    for n, line in enumerate(lines):
        last = out[-1] if out else None
        if (
            line.kind == "heading"
            and last is not None
            and _rest_of_column(line, lines[n + 1 :][:1], last, width)
        ):
            line = replace(line, kind="body")
        before = last.lines[-1] if last else None
        if last is not None and before is not None and _goes_on(before, line, last, width):
            out[-1] = Block("body", (*last.lines, replace(line, kind="body")))
        else:
            out.append(Block(line.kind, (line,)))
    return [_settled(out, n) for n in range(len(out))]


def _rest_of_column(line: Line, after: Sequence[Line], block: Block, width: int | None) -> bool:
    """Whether ``line``, set apart, begins a column: it fills its width, and a line of the text stands below.

    The sentence is one that was cut above, or one that goes on below.
    """
    if width is None or abs(len(line.text) - width) > 1 or line.level or not after or after[0].gap:
        return False
    if block.kind != "body":
        return False
    return is_open(block.text) or (after[0].kind == "body" and not after[0].opens_paragraph)


def _goes_on(before: Line, line: Line, block: Block, width: int | None) -> bool:
    """Whether ``line`` is the wrapped rest of ``before``."""
    if line.gap or line.opens_paragraph or line.level or width is None:
        return False
    if line.kind == "subtitle":  # a dash inside a sentence where the line was wrapped
        return block.kind == "body" and len(before.text) >= width - 1 and is_open(before.text)
    if line.kind not in ("body", "heading") or line.comes_from:
        return False
    if block.kind == "heading" and before.kind == "heading":
        # Full lines without any mark of a sentence are body all the same; shorter ones are headlines.
        return len(before.text) >= width - 1 and not before.level and len(line.text) >= width - 1
    return block.kind == "body" and len(before.text) >= width - 2


def _settled(blocks: Sequence[Block], n: int) -> Block:
    """A short piece of a cut sentence looks like a headline; what stands before and after tells."""
    block = blocks[n]
    if block.kind != "heading" or block.level or n == 0 or n + 1 == len(blocks):
        return block
    before, after = blocks[n - 1], blocks[n + 1]
    if before.kind != "body" or after.kind != "body" or after.first.leads or after.first.comes_from:
        return block
    if is_open(before.text) and bridge(before.text, block.text):
        return Block("body", block.lines)
    if bridge(block.text, after.text) or "、" in block.text or starts_inside_clause(after.text):
        return Block("body", block.lines)
    return block
