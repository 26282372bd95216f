"""Pages of a newspaper: how their numbers are written, "第03版", "A08版", "第十二版"."""

from __future__ import annotations

import re

_PAGE = re.compile(r"第?\s*(.+?)\s*版?")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def page_number(page: str | None) -> str:
    """The page without 第 and 版 and leading zeros, Chinese numerals as figures; "" where it is unknown.

    "第03版" is 3, "A08版" is A08, "第十二版" is 12, "要闻" stays.
    """
    text = " ".join((page or "").split())
    hit = _PAGE.fullmatch(text)
    bare = hit.group(1) if hit else text
    if bare.isdecimal():
        return str(int(bare))
    return _numeral(bare) or bare


def _numeral(text: str) -> str:
    """A Chinese numeral below one hundred as figures; "" where ``text`` is none."""
    hit = re.fullmatch(r"([一二两三四五六七八九]?)(十?)([零〇一二三四五六七八九]?)", text)
    if not hit or not text:
        return ""
    tens, ten, ones = hit.groups()
    if not ten:
        return str(_DIGITS[text]) if len(text) == 1 else ""
    return str(10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0))
