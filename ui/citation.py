"""How an article is named: the line below its words, and the citation in GB/T 7714 form. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_AUTHORS = 3
_PAGE = re.compile(r"第?\s*(.+?)\s*版?")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def citation(
    *,
    title: str | None = None,
    authors: Sequence[str | None] = (),
    newspaper: str | None = None,
    date: str | None = None,
    page: str | None = None,
) -> str:
    """The reference in the form of GB/T 7714-2015 for newspapers: ``作者. 题名[N]. 报纸名, 日期(版次).``

    More than three authors are the first three and 等. Unknown parts are left out together with their
    punctuation.
    """
    names = [name for name in map(_clean, authors) if name]
    by = ", ".join(names[:MOST_AUTHORS]) + (", 等" if len(names) > MOST_AUTHORS else "")
    place = ", ".join(part for part in (_clean(newspaper), _clean(date)) if part)
    number = page_number(page)
    if number:
        place = f"{place}({number})" if place else _page_words(number)
    return "".join(f"{part}. " for part in (by, f"{_clean(title)}[N]", place) if part).rstrip()


def source_line(
    *,
    authors: Sequence[str | None] = (),
    newspaper: str | None = None,
    date: str | None = None,
    page: str | None = None,
    section: str | None = None,
    source: str | None = None,
) -> str:
    """Byline, newspaper, date, page, section and file, as far as they are known, on one line."""
    number = page_number(page)
    issue = " ".join(part for part in (_clean(newspaper), _clean(date), _page_words(number)) if part)
    names = "、".join(name for name in map(_clean, authors) if name)
    return " · ".join(part for part in (names, issue, _clean(section), _clean(source)) if part)


def page_number(page: str | None) -> str:
    """The page without 第 and 版 and leading zeros, Chinese numerals as figures; "" where it is unknown.

    "第03版" is 3, "A08版" is A08, "第十二版" is 12, "要闻" stays.
    """
    text = _clean(page)
    hit = _PAGE.fullmatch(text)
    bare = hit.group(1) if hit else text
    if bare.isdecimal():
        return str(int(bare))
    return _numeral(bare) or bare


def _page_words(number: str) -> str:
    """A page number in words: 第3版, 要闻版; "" for ""."""
    if not number:
        return ""
    return f"第{number}版" if number[-1].isdecimal() else f"{number}版"


def _numeral(text: str) -> str:
    """A Chinese numeral below one hundred as figures; "" where ``text`` is none."""
    hit = re.fullmatch(r"([一二两三四五六七八九]?)(十?)([零〇一二三四五六七八九]?)", text)
    if not hit or not text:
        return ""
    tens, ten, ones = hit.groups()
    if not ten:
        return str(_DIGITS[text]) if len(text) == 1 else ""
    return str(10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0))


def _clean(text: str | None) -> str:
    """``text`` on one line, without blanks around it; "" for nothing."""
    return " ".join((text or "").split()).rstrip("。")
