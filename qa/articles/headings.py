"""What the lines above a body are: label, kicker, headline, subtitle, byline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.articles.lines import Line
from qa.datatypes import PartRole

# A kicker names who says it or sets the scene; the headline says what.
_KICKER_END = re.compile(r"(?:指出|强调|要求|提出|表示|部署|时|上)$")
_SERIES = re.compile(r"——[^—]{2,12}$")
SHORT = 16
_COLUMN_NAME = 5


@dataclass(slots=True)
class Head:
    """The lines above one body, each with its role, in the order printed."""

    lines: list[Line] = field(default_factory=list)
    roles: list[PartRole] = field(default_factory=list)

    def of(self, role: PartRole) -> list[Line]:
        """The lines of ``role``."""
        return [line for line, given in zip(self.lines, self.roles, strict=True) if given == role]

    def text(self, role: PartRole) -> str | None:
        """The lines of ``role`` as one text, a space between two; None where there is none."""
        found = self.of(role)
        return " ".join(line.text for line in found) if found else None


def roles_of(lines: Sequence[Line], series: frozenset[str]) -> Head:
    """The roles of the lines above one body.

    ``series``: texts that stand over several articles of the page (without what follows a dash).
    """
    roles: list[PartRole] = ["title"] * len(lines)
    seen_byline = False
    for i, line in enumerate(lines):
        if line.kind == "byline":
            roles[i] = "byline"
            seen_byline = True
        elif line.kind == "credit":
            roles[i] = "credit"
        elif line.kind == "subtitle":
            roles[i] = "subtitle"
        elif line.kind in ("banner", "masthead") or series_name(line.text) in series or seen_byline:
            # A headline stands above its byline; what follows the byline belongs to a series.
            roles[i] = "label"
    titles = [i for i, role in enumerate(roles) if role == "title"]
    if len(titles) > 1:
        _divide([lines[i] for i in titles], titles, roles)
    elif not titles:
        labels = [i for i, role in enumerate(roles) if role == "label" and lines[i].kind == "heading"]
        if labels:
            roles[labels[-1]] = "title"
    return Head(list(lines), roles)


def series_name(text: str) -> str:
    """The part of a label that its whole series shares: what stands before the dash."""
    return text.partition("——")[0].strip()


def _divide(lines: Sequence[Line], rows: Sequence[int], roles: list[PartRole]) -> None:
    """Several headline lines: which are kicker, headline, subtitle."""
    levels = [line.level for line in lines]
    if any(levels) and len(set(levels)) > 1:
        # Markup of different depth: the highest is the headline, above it stands a kicker, below it a subtitle.
        top = min((level for level in levels if level), default=0)
        main = levels.index(top)
        for k, row in enumerate(rows):
            roles[row] = "kicker" if k < main else "title" if k == main else "subtitle"
        return
    first, rest = lines[0], list(lines[1:])
    if len(rest) >= 2 and rest[0].gap and all(not line.gap for line in rest[1:]):
        roles[rows[0]] = "label"  # set apart from a headline whose lines stand together
        first, rest, rows = rest[0], rest[1:], rows[1:]
    elif rest[0].gap and len(first.text) <= _COLUMN_NAME and len(rest[0].text) > 2 * len(first.text):
        # The lines of one headline stand together; a few characters set apart above it name a column of the paper.
        roles[rows[0]] = "label"
        first, rest, rows = rest[0], rest[1:], rows[1:]
    if not rest:
        return
    if (_parallel(first.text) and not _parallel(rest[0].text)) or _KICKER_END.search(first.text):
        roles[rows[0]] = "kicker"
        rows = rows[1:]
        first, rest = rest[0], rest[1:]
    if (len(rest) >= 2 and len(rest[-1].text) > max(len(first.text), len(rest[0].text)) + 4) or (
        len(rest) == 1
        and len(first.text) <= SHORT
        and len(rest[0].text) > 2 * len(first.text)
        and len(first.text) > 6
    ):
        roles[rows[-1]] = "subtitle"


def _parallel(text: str) -> bool:
    """Two phrases of like length with a space between ("共商合作机制 推动协同发展"), as kickers are set."""
    halves = text.split()
    return len(halves) == 2 and abs(len(halves[0]) - len(halves[1])) <= 2 and 4 <= len(halves[0]) <= 14
