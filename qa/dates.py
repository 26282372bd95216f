"""Dates that a text leaves half said (今年4月, 本月底, 昨日, 10月10日), completed from the day it was published."""

from __future__ import annotations

import re
from datetime import date, timedelta

_YEARS = {"前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_MONTHS = {"上个月": -1, "上月": -1, "本月": 0, "这个月": 0, "下个月": 1, "下月": 1}
_DAYS = {
    "前天": -2,
    "前日": -2,
    "昨天": -1,
    "昨日": -1,
    "今天": 0,
    "今日": 0,
    "明天": 1,
    "明日": 1,
    "后天": 2,
}
_RELATIVE = re.compile(
    rf"(?P<year>{'|'.join(_YEARS)})"
    rf"|(?P<month>{'|'.join(_MONTHS)})"
    rf"|(?P<day>{'|'.join(_DAYS)})"
    # A year behind 年 (2023年 4月) or a count (3个4月) is said already; 月 is no month in 月球 or 12月龄.
    r"|(?<![\d年年.])(?P<m>1[0-2]|0?[1-9]) ?月(?![龄均薪租份球饼])(?: ?(?P<d>3[01]|[12]\d|0?[1-9]) ?[日号])?"
)
_YEAR_BEFORE = re.compile(r"年(?:的)? ?$|[今去明前后本]年[^，。；]{0,4}$|年\d{1,2}月[至到—~-]$")
_CHINESE_YEAR = re.compile(r"[一二][〇○零一二三四五六七八九]{3}(?=年)")
_FIGURES = str.maketrans("〇○零一二三四五六七八九", "000123456789")
# A month named without a year is one of the last nine or of the next three: papers write the year of any other.
_BACK, _AHEAD = timedelta(days=270), timedelta(days=95)


def absolute(text: str, published: str | None) -> str | None:
    """``text`` with its years, months and days said in full, as of ``published`` (an ISO day).

    None where nothing is left open, or the day is not known. The words of the text stay what they are; this explains
    them.
    """
    try:
        day = date.fromisoformat(published or "")
    except ValueError:
        return None
    told = _CHINESE_YEAR.sub(lambda hit: hit.group().translate(_FIGURES), text)
    starts = _word_starts(told)
    out: list[str] = []
    at = 0
    for hit in _RELATIVE.finditer(told):
        # What follows a year that was said is a part of that date: 2023年4月, 今年 4月.
        if hit["m"] is None and hit.start() not in starts:
            continue
        said = hit["m"] is not None and _YEAR_BEFORE.search(told[: hit.start()])
        full = None if said else _full(hit, day)
        if full is not None:
            out += [told[at : hit.start()], full]
            at = hit.end()
    completed = "".join([*out, told[at:]])
    return completed if completed != text else None


def date_note(text: str, published: str | None) -> str:
    """What readers are told of the dates of an answer; empty where they are said in full."""
    completed = absolute(text, published)
    return f"按刊出日期 {published} 推算：{completed}" if completed else ""


def _word_starts(text: str) -> set[int]:
    """Where words begin: 前年 in 目前|年产量 and 本年 in 日本|年轻人 are none."""
    import jieba

    at = 0
    out = set()
    for word in jieba.cut(text):
        out.add(at)
        at += len(word)
    return out


def _full(hit: re.Match[str], day: date) -> str | None:
    if hit["year"]:
        return f"{day.year + _YEARS[hit['year']]}年"
    if hit["month"]:
        months = 12 * day.year + day.month - 1 + _MONTHS[hit["month"]]
        return f"{months // 12}年{months % 12 + 1}月"
    if hit["day"]:
        named = day + timedelta(days=_DAYS[hit["day"]])
        return f"{named.year}年{named.month}月{named.day}日"
    return _nearest_year(hit, day)


def _nearest_year(hit: re.Match[str], day: date) -> str | None:
    """A month or a day of a month with the year that it has in a paper of ``day``; None for a 30th of February."""
    for year in (day.year, day.year - 1, day.year + 1):
        try:
            named = date(year, int(hit["m"]), int(hit["d"] or 15))
        except ValueError:
            continue
        if -_BACK <= named - day <= _AHEAD:
            return f"{year}年{hit.group().replace(' ', '')}"
    return None
