"""What part of the archive a question is asked of: documents, newspapers, dates of publication."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection
from dataclasses import dataclass

from qa.errors import ScopeError
from qa.folding import fold

_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True, slots=True)
class Scope:
    """Restrictions that hold together; None restricts nothing.

    ``sources``: names of documents. ``newspapers``: names, folded. ``first_day``, ``last_day``: ISO days, both
    included; an article without a date is outside of any range of days.
    """

    sources: frozenset[str] | None = None
    newspapers: frozenset[str] | None = None
    first_day: str | None = None
    last_day: str | None = None

    @classmethod
    def of(
        cls,
        sources: Collection[str] | None = None,
        newspapers: Collection[str] | None = None,
        date_from: str | None = None,
        date_to: str | None = None,
    ) -> Scope:
        """The scope that a reader asks for; dates are days, months or years: 2023-10-11, 2023-10, 2023年.

        Raises ScopeError for a date that is none or a range that is empty, TypeError for a single name.
        """
        for name, given in (("sources", sources), ("newspapers", newspapers)):
            if isinstance(given, str):  # would be taken for its characters
                raise TypeError(f"{name} is {given!r}; expected a collection of names, such as [{given!r}]")
        first = None if date_from is None else days_of(date_from)[0]
        last = None if date_to is None else days_of(date_to)[1]
        if first is not None and last is not None and first > last:
            raise ScopeError(f"起始日期 {date_from} 在截止日期 {date_to} 之后；请把两个日期对调。")
        return cls(
            None if sources is None else frozenset(sources),
            None if newspapers is None else frozenset(map(fold, newspapers)),
            first,
            last,
        )

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self == WHOLE

    @property
    def dated(self) -> bool:
        """Whether articles are chosen by their dates."""
        return self.first_day is not None or self.last_day is not None


WHOLE = Scope()


def days_of(text: str) -> tuple[str, str]:
    """The first and the last ISO day of a day, a month or a year. Raises ScopeError where ``text`` is none of them."""
    hit = _DIGITS.fullmatch(text.strip()) or _DATE.fullmatch(text.strip())
    if hit:
        year, month, day = (int(part) if part else 0 for part in hit.groups())
        months = (month, month) if month else (1, 12)
        given = all(part is None or int(part) for part in hit.groups())
        if given and months[1] <= 12 and day <= calendar.monthrange(year, months[1])[1]:
            last = day or calendar.monthrange(year, months[1])[1]
            return f"{year:04}-{months[0]:02}-{day or 1:02}", f"{year:04}-{months[1]:02}-{last:02}"
    raise ScopeError(f"“{text}”不是日期；请写成 2023-10-11、2023-10 或 2023。")


def undated_note(count: int) -> str:
    """What readers are told of ``count`` articles that a range of dates left out."""
    return f"另有 {count} 篇文章没有日期，按日期筛选时没有查。"
