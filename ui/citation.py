"""How an article is named: the line below its words, and the citation in GB/T 7714 form. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from qa.pages import page_number

MOST_AUTHORS = 3


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


def _page_words(number: str) -> str:
    """A page number in words: 第3版, 要闻版; "" for ""."""
    if not number:
        return ""
    return f"第{number}版" if number[-1].isdecimal() else f"{number}版"


def _clean(text: str | None) -> str:
    """``text`` on one line, without blanks around it; "" for nothing."""
    return " ".join((text or "").split()).rstrip("。")
