"""What is known about a document: from its path, its front matter, its own lines - in this order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any

_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_CHINESE = re.compile(
    r"([一二][〇○零一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}
_PAGE = re.compile(r"第?\s*([0-9０-９]{1,3}|[一二三四五六七八九十]{1,3}|[A-D]\d{1,2})\s*版")
# "本报" and "该报" point to a newspaper without naming it.
_PAPER = re.compile(
    r"(?!本报|该报|日报|晚报)[\u4e00-\u9fff]{1,10}(?:日报|晚报|早报|晨报|时报|商报|都市报|青年报|法制报|法治报|工人报|农民报|导报|快报|周报|周刊|新报|画报|报)"
)


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
    for pattern in (_ISO, _COMPACT):
        hit = pattern.search(text)
        if hit:
            return _valid(*(int(part) for part in hit.groups()))
    hit = _CHINESE.search(text)
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
    hit = _PAGE.search(text)
    return hit.group(1).translate(str.maketrans("０１２３４５６７８９", "0123456789")) if hit else None


def from_path(source: str) -> Metadata:
    """Newspaper, date and page as the folders and the file name say, e.g. ``辽宁日报/2023-10-11/03版.txt``."""
    path = PurePosixPath(source)
    parts = [*path.parts[:-1], path.stem]
    newspaper = next((hit.group() for part in parts if (hit := _PAPER.search(part))), None)
    day = (
        iso_date("/".join(parts))
        if _ISO.search("/".join(parts)) or _COMPACT.search("/".join(parts))
        else None
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


_MASTHEAD_LINES = 6


def from_text(text: str) -> Metadata:
    """What a masthead in the first lines says: a short line that names a newspaper, a full date, a page."""
    newspaper = day = page = None
    lines = [line.strip(" #\t　") for line in text.splitlines() if line.strip()][:_MASTHEAD_LINES]
    for line in lines:
        if not is_masthead(line):
            continue
        hit = _PAPER.search(line)
        newspaper = newspaper or (hit.group() if hit and len(line) - len(hit.group()) <= 40 else None)
        day = day or iso_date(line)
        page = page or page_label(line)
    return Metadata(newspaper=newspaper, date=day, page=page)


def is_masthead(line: str) -> bool:
    """Whether ``line`` is nothing but newspaper, date, weekday, page and issue - not a sentence, not a headline."""
    if re.search(r"记者|通讯员|摄|报道|讯", line):
        return False
    bare = _PAPER.sub("", line, count=1)
    for pattern in (_ISO, _COMPACT, _CHINESE, _PAGE):
        bare = pattern.sub("", bare)
    if bare == line:
        return False  # it names no newspaper, no date and no page
    bare = re.sub(
        r"日|星期[一二三四五六日天]|农历\S*|今日\d*版?|总?第?\s*\d+\s*期|责任?编辑?\S*|版式\S*|电话\S*|[\d\s|·—:：/,，。、()（）-]",
        "",
        bare,
    )
    return len(bare) <= 4 and len(line) <= 80
