"""What is known about a document: from its path, its front matter, its own lines - in this order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any

from qa.documents.masthead import CHINESE, COMPACT, ISO, MASTHEAD_LINES, PAGE, PAPER, masthead
from qa.documents.masthead import is_masthead as is_masthead

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}


@dataclass(frozen=True, slots=True)
class Metadata:
    """All parts are None where they are unknown; ``date`` is ISO."""

    title: str | None = None
    newspaper: str | None = None
    date: str | None = None
    page: str | None = None
    author: str | None = None

    def or_else(self, other: Metadata) -> Metadata:
        """Self, its unknown parts taken from ``other``."""
        return replace(
            other,
            **{name: value for name in self.__slots__ if (value := getattr(self, name)) is not None},
        )


def iso_date(value: Any) -> str | None:
    """The ISO date in ``value`` (a date, or text in one of the usual forms), or None."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    for pattern in (ISO, COMPACT):
        hit = pattern.search(text)
        if hit:
            return _valid(*(int(part) for part in hit.groups()))
    hit = CHINESE.search(text)
    if hit:
        year = int("".join(str(_DIGITS[c]) for c in hit.group(1)))
        return _valid(year, chinese_number(hit.group(2)), chinese_number(hit.group(3)))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    # A time zone moves the date: the page was published on the date that its own clock shows.
    return (moment if moment.tzinfo is None else moment.astimezone(moment.tzinfo or UTC)).date().isoformat()


def _valid(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def chinese_number(text: str) -> int:
    """一 to 九十九 as a number."""
    if "十" not in text:
        return _DIGITS.get(text, 0)
    tens, _, ones = text.partition("十")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def page_label(text: str) -> str | None:
    """The page that ``text`` names ("03版" -> "03"), or None."""
    hit = PAGE.search(text)
    return hit.group(1).translate(str.maketrans("０１２３４５６７８９", "0123456789")) if hit else None


def from_path(source: str) -> Metadata:
    """Newspaper, date and page as the folders and the file name say, e.g. ``辽宁日报/2023-10-11/03版.txt``."""
    path = PurePosixPath(source)
    parts = [*path.parts[:-1], path.stem]
    newspaper = next((hit.group() for part in parts if (hit := PAPER.search(part))), None)
    day = (
        iso_date("/".join(parts)) if ISO.search("/".join(parts)) or COMPACT.search("/".join(parts)) else None
    )
    return Metadata(newspaper=newspaper, date=day, page=page_label(path.stem))


def from_front_matter(fields: dict[str, Any]) -> Metadata:
    """The fields of a YAML front matter, under the names in use."""

    def first(*names: str) -> str | None:
        for name in names:
            value = fields.get(name)
            if isinstance(value, str | int | float) and str(value).strip():
                return str(value).strip()
            if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
                return "、".join(value)
        return None

    day = next(
        (
            iso_date(fields[n])
            for n in ("date", "pubdate", "published", "publish_date", "日期")
            if fields.get(n)
        ),
        None,
    )
    page = first("page", "版次", "版面")
    return Metadata(
        title=first("title", "标题", "题名"),
        newspaper=first("newspaper", "paper", "media", "source", "报纸", "来源", "报名"),
        date=day,
        page=(page_label(page) or page) if page else None,
        author=first("author", "authors", "作者", "记者"),
    )


def from_text(text: str) -> Metadata:
    """What the mastheads in the first lines say: a name of a newspaper, a full date, a page."""
    newspaper = day = page = None
    lines = [line.strip(" #*\t　") for line in text.splitlines() if line.strip()][:MASTHEAD_LINES]
    for line in lines:
        found = masthead(line)
        if found is None or not found.placed:
            continue
        newspaper = newspaper or found.name
        day = day or iso_date(line)
        page = page or page_label(line)
    return Metadata(newspaper=newspaper, date=day, page=page)
