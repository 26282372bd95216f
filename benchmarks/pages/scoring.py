"""How near the articles that were read come to the truth of a made page."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from benchmarks.pages.page import MadePage, Piece
from qa.articles import PageLayout, split_articles
from qa.datatypes import Article
from qa.documents import document_of


@dataclass(slots=True)
class Tally:
    """Counts over pages; ``figures`` makes shares of them."""

    counts: Counter[str] = field(default_factory=Counter)
    taus: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def figures(self) -> dict[str, float]:
        n = self.counts
        return {
            "pages": n["pages"],
            "boundaries": _f1(n["starts right"], n["starts read"], n["starts"]),
            "titles": _share(n["titles right"], n["articles"]),
            "titles_ends": _share(n["whole"], n["articles"]),
            "bylines": _f1(n["names right"], n["names read"], n["names"]),
            "joined": _share(n["joined"], n["cuts"]),
            "wrong_joins": _share(n["wrong joins"], n["paragraphs"], empty=0.0),
            "repeats": _share(n["repeats collapsed"], n["repeats"]),
            "lost": n["lost"],
            "order": sum(self.taus) / len(self.taus) if self.taus else float("nan"),
            "chars_per_second": n["characters"] / self.seconds if self.seconds else float("nan"),
        }


def _share(part: int, whole: int, empty: float = float("nan")) -> float:
    return part / whole if whole else empty


def _f1(right: int, read: int, true: int) -> float:
    return 2 * right / (read + true) if read + true else float("nan")


def score(page: MadePage, tally: Tally) -> PageLayout:
    """Reads ``page``, adds to ``tally`` what came of it, and returns what was read."""
    document = document_of(page.text, "page.txt", "utf-8", "")
    began = time.perf_counter()
    layout = split_articles(document)
    tally.seconds += time.perf_counter() - began
    owner = _owners(layout.articles, len(page.text))
    n = tally.counts
    n["pages"] += 1
    n["characters"] += len(page.text)
    own = [[p for p in page.pieces if p.owner == k] for k in range(len(page.stories))]
    starts = {min(p.span[0] for p in pieces) for pieces in own}
    read = {min(a for part in article.parts for a, _ in part.spans) for article in layout.articles}
    n["starts right"] += len(starts & read)
    n["starts read"] += len(read)
    n["starts"] += len(starts)
    for story, pieces in zip(page.stories, own, strict=True):
        article = _matched(pieces, owner, layout.articles)
        n["articles"] += 1
        n["names"] += len(set(story.names))
        if article is None:
            continue
        right = _bare(article.title) == _bare(story.title)
        n["titles right"] += right
        n["whole"] += right and _ends(pieces, article)
        n["names right"] += len(set(story.names) & set(article.byline))
        tau = _tau(_in_truth(pieces), article)
        if tau is not None:
            tally.taus.append(tau)
    n["names read"] += sum(len(set(article.byline)) for article in layout.articles)
    _joins(page.pieces, layout.articles, n)
    aside = [(a, b, item.kind) for item in layout.set_aside for a, b in item.spans]
    for piece in page.pieces:
        if piece.repeat:
            n["repeats"] += 1
            n["repeats collapsed"] += any(
                kind == "repeat" and a <= piece.span[0] and piece.span[0] < b for a, b, kind in aside
            )
    n["lost"] += lost(page, layout)
    return layout


def lost(page: MadePage, layout: PageLayout) -> int:
    """Characters that nobody could find again: in no part and not set aside, or set aside though they are unique."""
    seen = bytearray(len(page.text))
    for article in layout.articles:
        for part in article.parts:
            for a, b in part.spans:
                seen[a:b] = b"\1" * (b - a)
    kept = _bare("".join(part.text for article in layout.articles for part in article.parts))
    unique = bytearray(len(page.text))
    for piece in page.pieces:
        if piece.owner >= 0:
            unique[piece.span[0] : piece.span[1]] = b"\1" * (piece.span[1] - piece.span[0])
    gone = 0
    for item in layout.set_aside:
        text = _bare("".join(page.text[a:b] for a, b in item.spans))
        for a, b in item.spans:
            seen[a:b] = b"\1" * (b - a)
            if item.kind == "furniture" or text not in kept:
                gone += sum(unique[a:b])
    return gone + sum(1 for c, s in zip(page.text, seen, strict=True) if not s and not c.isspace())


def _bare(text: str) -> str:
    return "".join(text.split())


def _owners(articles: Sequence[Article], length: int) -> list[int]:
    out = [-1] * length
    for k, article in enumerate(articles):
        for part in article.parts:
            for a, b in part.spans:
                out[a:b] = [k] * (b - a)
    return out


def _matched(pieces: Iterable[Piece], owner: Sequence[int], articles: Sequence[Article]) -> Article | None:
    """The article that holds most of the characters of a story."""
    votes = Counter(k for p in pieces for k in owner[p.span[0] : p.span[1]] if k >= 0)
    return articles[votes.most_common(1)[0][0]] if votes else None


def _in_truth(pieces: Iterable[Piece]) -> list[Piece]:
    """The paragraphs of a story in the order in which they were written."""
    body = [p for p in pieces if p.role == "paragraph" and not p.repeat]
    return sorted(body, key=lambda p: (p.place, p.joins))


def _ends(pieces: Iterable[Piece], article: Article) -> bool:
    """Whether the body begins and ends where the story does."""
    body = _in_truth(pieces)
    paragraphs = [part for part in article.parts if part.role == "paragraph"]
    if not paragraphs:
        return False
    return paragraphs[0].spans[0][0] == body[0].span[0] and paragraphs[-1].spans[-1][1] == body[-1].span[1]


def _tau(body: Sequence[Piece], article: Article) -> float | None:
    """Kendall's tau of the order of the story's paragraphs in the article."""
    at: dict[int, int] = {}
    for part in article.parts:
        if part.role == "paragraph":
            for a, _ in part.spans:
                at.setdefault(a, len(at))
    ranks = [at[p.span[0]] for p in body if p.span[0] in at]
    if len(ranks) < 2:
        return None
    pairs = list(combinations(ranks, 2))
    return sum(1 if a < b else -1 for a, b in pairs) / len(pairs)


def _joins(pieces: Sequence[Piece], articles: Sequence[Article], n: Counter[str]) -> None:
    """Which pieces the reader took for one paragraph, and which of them are."""
    starts = {p.span[0]: p for p in pieces}
    ends = {p.span[1]: p for p in pieces}
    made = set()
    for article in articles:
        for part in article.parts:
            for (_, end), (start, _) in pairwise(part.spans):
                before, after = ends.get(end), starts.get(start)
                # Inside a piece the lines are wrapped; only where a piece begins is something joined.
                if after is not None:
                    made.add((id(before), id(after)))
    body = [p for p in pieces if p.role == "paragraph"]
    n["paragraphs"] += len(body)
    true = {
        (id(a), id(b))
        for a in body
        for b in body
        if b.joins and a.owner == b.owner and a.place == b.place and not a.joins and not a.repeat
    }
    n["cuts"] += len(true)
    n["joined"] += len(true & made)
    # A repeat that was kept instead of the first printing stands for it.
    twins = {
        (id(a), id(b))
        for a in body
        for b in body
        if a.repeat and b.joins and (a.owner, a.place) == (b.owner, b.place)
    }
    n["wrong joins"] += len(made - true - twins)
