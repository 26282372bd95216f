"""The whole article in a window of its own, with the highlight of a passage in its place."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from qa.chat import ChatSession
from qa.datatypes import Article, Passage, Span, map_span
from ui.citation import source_line
from ui.marking import Html, block, draw, group, run_script, spans_within
from ui.style import SCROLL_TO_MARK


@st.dialog("原文", width="medium")
def show_article(
    article: Article, passage: Passage, highlights: Sequence[Span], answers: Sequence[Span]
) -> None:
    """Draws ``article``, with its pieces on other pages; ``highlights`` and ``answers`` are offsets in ``passage``."""
    chat: ChatSession | None = st.session_state.get("chat")
    pieces = chat.pipeline.index.pieces(article) if chat is not None else [article]
    draw(group("wb-whole", *(piece_html(piece, passage, highlights, answers) for piece in pieces)))
    run_script(SCROLL_TO_MARK)


def piece_html(
    article: Article, passage: Passage, highlights: Sequence[Span], answers: Sequence[Span]
) -> Html:
    """Where a piece stands, and its words."""
    below = source_line(
        newspaper=article.newspaper, date=article.date, page=article.page, source=article.source
    )
    marked = (highlights, answers) if article.id == passage.article_id else ((), ())
    return group("wb-piece", block("wb-source", below), article_html(article, passage, *marked))


def article_html(
    article: Article, passage: Passage, highlights: Sequence[Span], answers: Sequence[Span]
) -> Html:
    """All parts of ``article`` in reading order; marks are carried over by their places in the document.

    A page that it is continued from or to is named where the piece there is not in the archive.
    """
    high, strong = (
        [place for start, end in spans for place in map_span(passage.spans, start, end)]
        for spans in (highlights, answers)
    )
    parts = [
        block(
            f"wb-part-{part.role}",
            part.text,
            spans_within(part.spans, high),
            spans_within(part.spans, strong),
        )
        for part in article.parts
    ]
    if article.continued_from and "#" not in article.continued_from:
        parts.insert(0, block("wb-part-link", f"上接：{article.continued_from}"))
    if article.continued_to and "#" not in article.continued_to:
        parts.append(block("wb-part-link", f"下转：{article.continued_to}"))
    return group("wb-article", *parts)
