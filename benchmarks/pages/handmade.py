"""Ten pages laid out by hand, annotated by someone who had not read the rules: how well they are read.

``handmade_pages/pages.json`` holds for each page its articles in order: title (a headline of two lines joined by one blank),
kicker, subtitle, byline, the first and the last characters of the body, the places where the layout cut a sentence
(the ends of both halves); and the lines that belong to no article. Blanks do not count.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa.articles import split_articles
from qa.datatypes import Article
from qa.documents import document_of

FOLDER = Path(__file__).with_name("handmade_pages")
COLUMNS = ("articles", "titles", "whole", "names", "names_read", "names_right", "cuts", "joined", "lost")


def annotated() -> Iterator[tuple[str, str, list[dict[str, Any]], list[str]]]:
    """``(name, text, articles, furniture)`` of each page."""
    for page in json.loads((FOLDER / "pages.json").read_text(encoding="utf-8")):
        text = (FOLDER / page["page"]).read_text(encoding="utf-8")
        yield page["page"], text, page["articles"], page["furniture"]


def bare(text: str) -> str:
    """``text`` without blanks."""
    return "".join(text.split())


def counts(text: str, truth: list[dict[str, Any]]) -> Counter[str]:
    """What was read rightly of one page: see COLUMNS (``whole``: title and both ends)."""
    document = document_of(text, "page.txt", "utf-8", "")
    layout = split_articles(document)
    out: Counter[str] = Counter(articles=len(truth))
    for article in layout.articles:
        out["names_read"] += len(set(article.byline))
    for known in truth:
        out["names"] += len(set(known["byline"]))
        out["cuts"] += len(known["joins"])
        found = _matched(known, layout.articles)
        if found is None:
            continue
        body = bare(found.text)
        title = bare(found.title) == bare(known["title"] or "")
        out["titles"] += title
        ends = body.startswith(bare(known["begins"])) and body.endswith(bare(known["ends"]))
        out["whole"] += title and ends
        out["names_right"] += len(set(known["byline"]) & set(found.byline))
        out["joined"] += sum(bare(one + other) in body for one, other in known["joins"])
    seen = bytearray(len(document.text))
    for spans in (
        *(part.spans for article in layout.articles for part in article.parts),
        *(item.spans for item in layout.set_aside),
    ):
        for a, b in spans:
            seen[a:b] = b"\1" * (b - a)
    out["lost"] = sum(not was and not char.isspace() for char, was in zip(document.text, seen, strict=True))
    return out


def _matched(known: dict[str, Any], articles: tuple[Article, ...]) -> Article | None:
    """The article that holds the beginning of the body, or else its end."""
    for place in ("begins", "ends"):
        for article in articles:
            if bare(known[place]) in bare(article.text):
                return article
    return None


def table() -> str:
    """The counts of each page, and of all."""
    whole: Counter[str] = Counter()
    lines = [f"{'page':12}" + "".join(f"{name:>12}" for name in COLUMNS)]
    for name, text, truth, _ in annotated():
        found = counts(text, truth)
        whole.update(found)
        lines.append(f"{name:12}" + "".join(f"{found[column]:12}" for column in COLUMNS))
    lines.append(f"{'all':12}" + "".join(f"{whole[column]:12}" for column in COLUMNS))
    return "\n".join(lines)
