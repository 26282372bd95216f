"""Pieces of one article on several pages of an issue: "（下转第四版）" and "（上接第一版）" linked by article ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from qa.datatypes import Article
from qa.folding import fold
from qa.pages import page_number

# Of several pieces that could be the one, the likest must share this many times as much as the next.
CLEARLY = 1.5


def linked(articles: Sequence[Article]) -> list[Article]:
    """``articles`` in their order; where both halves of a jump are there, each names the other by its id.

    Two pieces belong together when they stand in one issue (same newspaper, same date), each names the page of the
    other, and no other pair could be meant as well, or their words settle which.
    """
    out = {article.id: article for article in articles}
    to_come = [article for article in articles if article.continued_to and _issue(article)]
    ahead = [article for article in articles if article.continued_from and _issue(article)]
    pairs = [(one, other) for one in to_come for other in ahead if _could_follow(one, other)]
    for first, second in _settled(pairs):
        out[first.id] = replace(out[first.id], continued_to=second.id)
        out[second.id] = replace(out[second.id], continued_from=first.id)
    return list(out.values())


def _issue(article: Article) -> tuple[str, str] | None:
    """The issue that a piece stands in; None where it is not known, and nothing can be linked."""
    if article.newspaper and article.date and article.page:
        return fold(article.newspaper), article.date
    return None


def _could_follow(first: Article, second: Article) -> bool:
    return (
        first.id != second.id
        and _issue(first) == _issue(second)
        and page_number(first.continued_to) == page_number(second.page)
        and page_number(second.continued_from) == page_number(first.page)
    )


def _settled(pairs: Sequence[tuple[Article, Article]]) -> Iterable[tuple[Article, Article]]:
    """The pairs that are beyond doubt, no piece in two of them."""
    likeness = {(one.id, other.id): _likeness(one, other) for one, other in pairs}
    for one, other in pairs:
        rivals = [
            likeness[a.id, b.id]
            for a, b in pairs
            if (a.id == one.id or b.id == other.id) and (a.id, b.id) != (one.id, other.id)
        ]
        if not rivals or likeness[one.id, other.id] > CLEARLY * max(rivals):
            yield one, other


def _likeness(one: Article, other: Article) -> float:
    """The share of the pairs of characters of the shorter piece, headlines included, that the other has too."""
    first, second = (_pairs(f"{article.title} {article.text}") for article in (one, other))
    return len(first & second) / max(min(len(first), len(second)), 1)


def _pairs(text: str) -> set[str]:
    bare = "".join(char for char in fold(text) if char.isalnum())
    return {bare[i : i + 2] for i in range(len(bare) - 1)}
