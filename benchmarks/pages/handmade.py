"""Ten pages laid out and annotated by hand, by someone who had not read the rules: how well they are cut.

``handmade_pages/pages.json`` holds, for each page, its articles and the ``furniture`` that belongs to none. ``begins``,
``ends`` and ``joins`` are what is printed, white space removed. A caption may be read as an article of its own or
as a ``caption`` part of the article whose picture it is; names are compared with those of all that were read into one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from qa.articles import PageLayout, split_articles
from qa.datatypes import Article, Document
from qa.documents import document_of

FOLDER = Path(__file__).with_name("handmade_pages")
COLUMNS = ("articles", "titles", "bylines", "joined", "wrong_joins", "lost")

_BEFORE = r"(?:[（(]上接[^）)]*[）)])?"  # kept or not, the notes of a continuation do not move the ends
_AFTER = r"(?:[（(](?:下转|记者)?[^）)]{1,16}[）)]|[^。！？]{0,14}摄)?"


class HandArticle(TypedDict):
    """One article as annotated."""

    title: str | None
    kicker: str | None
    subtitle: str | None
    byline: list[str]
    begins: str
    ends: str
    joins: list[list[str]]


class HandPage(TypedDict):
    """One page as annotated."""

    page: str
    articles: list[HandArticle]
    furniture: list[str]


@dataclass(slots=True)
class Figures:
    """Counts over pages, and what was read wrongly, a line each."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def cells(self) -> dict[str, str]:
        n = self.counts
        names = n["names read"] + n["names"]
        return {
            "articles": f"{n['whole']}/{n['articles']}",
            "titles": f"{n['titles right']}/{n['articles']}",
            "bylines": f"{2 * n['names right'] / names:.3f}" if names else "-",
            "joined": f"{n['joined']}/{n['cuts']}",
            "wrong_joins": str(n["wrong joins"]),
            "lost": str(n["lost"]),
        }

    def add(self, other: Figures) -> None:
        self.counts.update(other.counts)
        self.failures.extend(other.failures)


def pages() -> list[HandPage]:
    """The annotations, in the order of the pages."""
    found: list[HandPage] = json.loads((FOLDER / "pages.json").read_text("utf-8"))
    return found


def document(page: HandPage) -> Document:
    """The page as the archive reads it."""
    return document_of((FOLDER / page["page"]).read_text("utf-8"), page["page"], "utf-8", "")


def bare(text: str | None) -> str:
    return "".join((text or "").split())


def measure(page: HandPage) -> Figures:
    """Reads one page and compares it with its annotation."""
    read = document(page)
    layout = split_articles(read)
    truth = owners(page, read.text)
    found = Figures()
    n = found.counts
    names: dict[int | None, set[str]] = {}
    for k, article in enumerate(page["articles"]):
        what = article["title"] or article["begins"]
        votes = Counter(
            i
            for i, other in enumerate(layout.articles)
            for part in other.parts
            for a, b in part.spans
            for owner in truth[a:b]
            if owner == k
        )
        at = votes.most_common(1)[0][0] if votes else None
        names.setdefault(at, set()).update(article["byline"])
        n["articles"] += 1
        if at is None:
            _fail(found, page, f"「{what}」: in no article")
            continue
        title, ends = _head_and_ends(article, layout.articles[at])
        n["titles right"] += title
        n["whole"] += title and ends
        text = bare(layout.articles[at].text)
        if not title:
            _fail(found, page, f"title 「{layout.articles[at].title}」, right 「{article['title']}」")
        if not ends:
            right = f"「{article['begins']}…{article['ends']}」"
            _fail(found, page, f"「{what}」: ends 「{text[:12]}…{text[-12:]}」, right {right}")
    for i, other in enumerate(layout.articles):
        own, true = set(other.byline), names.pop(i, set())
        n["names right"] += len(own & true)
        n["names read"] += len(own)
        n["names"] += len(true)
        if own != true:
            _fail(found, page, f"「{other.title}」: byline {sorted(own)}, right {sorted(true)}")
    n["names"] += sum(map(len, names.values()))
    _joins(page, layout, truth, found)
    n["lost"] = lost(read.text, layout, truth)
    if n["lost"]:
        _fail(found, page, f"{n['lost']} characters of articles read into none")
    return found


def owners(page: HandPage, text: str) -> list[int]:
    """For each character the article that it belongs to by the annotation, -1 where to none.

    Of articles one inside another, the inner one: a page may print one between the two halves of another.
    """
    places = [i for i, c in enumerate(text) if not c.isspace()]
    plain = "".join(text[i] for i in places)
    spans: list[tuple[int, int, int]] = []
    for k, article in enumerate(page["articles"]):
        begin = plain.index(article["begins"])
        end = plain.index(article["ends"]) + len(article["ends"])
        heads = [plain.rfind(bare(h), 0, begin) for h in (article["kicker"], article["title"]) if h]
        begin = min([begin, *(h for h in heads if 0 <= begin - h < 120)])
        spans.append((end - begin, k, begin))
    out = [-1] * len(text)
    for length, k, begin in sorted(spans, reverse=True):
        a, b = places[begin], places[begin + length - 1] + 1
        out[a:b] = [k] * (b - a)
    return out


def lost(text: str, layout: PageLayout, truth: Sequence[int]) -> int:
    """Characters of annotated articles that stand in no article read; a line printed twice need stand in one only."""
    seen = bytearray(len(text))
    for article in layout.articles:
        spans = [*article.headline_spans, *article.spans, *(s for p in article.parts for s in p.spans)]
        for a, b in spans:
            seen[a:b] = b"\1" * (b - a)
    kept = bare("".join(article.headline + article.text for article in layout.articles))
    gone = at = 0
    for line in text.split("\n"):
        if bare(line) not in kept:
            here = range(at, at + len(line))
            gone += sum(truth[i] >= 0 and not seen[i] and not text[i].isspace() for i in here)
        at += len(line) + 1
    return gone


def _head_and_ends(article: HandArticle, read: Article) -> tuple[bool, bool]:
    shape = re.compile(
        _BEFORE + re.escape(article["begins"]) + ".*" + re.escape(article["ends"]) + _AFTER, re.S
    )
    short = re.compile(_BEFORE + re.escape(article["ends"]) + _AFTER)  # a caption of one short line
    if article["title"] is None and any(
        part.role == "caption" and article["begins"] in bare(part.text) and article["ends"] in bare(part.text)
        for part in read.parts
    ):
        return True, True
    text = bare(read.text)
    whole = shape.fullmatch(text) or short.fullmatch(text)
    return bare(read.title) == bare(article["title"]), whole is not None


def _joins(page: HandPage, layout: PageLayout, truth: Sequence[int], found: Figures) -> None:
    n = found.counts
    paragraphs = [bare(line) for article in layout.articles for line in article.text.split("\n")]
    for article in page["articles"]:
        for first, second in article["joins"]:
            n["cuts"] += 1
            if any(first + second in paragraph for paragraph in paragraphs):
                n["joined"] += 1
            else:
                _fail(found, page, f"not joined: 「{first}|{second}」")
    for read in layout.articles:
        for part in read.parts:
            mixed = {k for a, b in part.spans for k in truth[a:b]} - {-1}
            if len(mixed) > 1:
                n["wrong joins"] += 1
                _fail(found, page, f"two articles in one paragraph: 「{part.text[:12]}…{part.text[-12:]}」")


def _fail(found: Figures, page: HandPage, what: str) -> None:
    found.failures.append(f"{page['page']} {what}")


def main() -> None:
    """Prints the table, a row for each page and one for all, and below it what was read wrongly."""
    total = Figures()
    print(f"{'page':12}" + "".join(f"{name:>12}" for name in COLUMNS))
    for page in pages():
        found = measure(page)
        total.add(found)
        print(_row(page["page"], found))
    print(_row("all", total))
    for line in total.failures:
        print(line)


def _row(name: str, figures: Figures) -> str:
    return f"{name:12}" + "".join(f"{figures.cells()[column]:>12}" for column in COLUMNS)
