"""HTML made from untrusted text: escaped first, then marked by offsets. No other module makes HTML.

``block`` is the one function through which words of a document, a title, a file name or a question become
HTML. What it makes has the type ``Html``; ``draw`` takes nothing else, so mypy finds a text that went around.

Not named html.py: Streamlit puts this folder first on the import path, where it would hide the standard one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal, NewType

import streamlit as st

Span = tuple[int, int]
Html = NewType("Html", str)


def block(css_class: str, text: str, highlights: Sequence[Span] = (), answers: Sequence[Span] = ()) -> Html:
    """A ``<div>`` that shows ``text``, its ``highlights`` marked, its ``answers`` marked more strongly."""
    return Html(f'<div class="{escape(css_class)}" lang="zh-CN">{marked(text, highlights, answers)}</div>')


def group(css_class: str, *blocks: Html) -> Html:
    """A ``<div>`` around blocks."""
    return Html(f'<div class="{escape(css_class)}" lang="zh-CN">{"".join(blocks)}</div>')


def marked(text: str, highlights: Sequence[Span], answers: Sequence[Span]) -> Html:
    """``text`` escaped, its ``highlights`` in ``<mark>`` and its ``answers`` in ``<mark class="answer">``.

    Spans are offsets in ``text``; they may overlap; what lies outside ``text`` is left out. The text of the
    result is ``text``, character for character.
    """
    inside = [
        min(max(at, 0), len(text)) for span in (*highlights, *answers) for at in span if span[0] < span[1]
    ]
    edges = sorted({0, len(text), *inside})
    out = []
    for start, end in itertools.pairwise(edges):
        # A line end is written as a reference, since st.html tidies the white space of what it is given.
        piece = escape(text[start:end]).replace("\n", "&#10;")
        if any(a <= start and end <= b for a, b in answers):
            piece = f'<mark class="answer">{piece}</mark>'
        elif any(a <= start and end <= b for a, b in highlights):
            piece = f"<mark>{piece}</mark>"
        out.append(piece)
    return Html("".join(out))


def spans_within(spans: Iterable[Span], places: Sequence[Span]) -> tuple[Span, ...]:
    """Where ``places`` of a document stand in a text that lies at ``spans`` of the document.

    Touching pieces are one span. The reverse of ``qa.datatypes.map_span``.
    """
    out: list[Span] = []
    at = 0
    for start, end in spans:
        for a, b in sorted(places):
            low, high = max(start, a), min(end, b)
            if low < high:
                piece = (at + low - start, at + high - start)
                if out and out[-1][1] >= piece[0]:
                    piece = (out.pop()[0], piece[1])
                out.append(piece)
        at += end - start
    return tuple(out)


def draw(html: Html, *, width: Literal["stretch", "content"] = "stretch") -> None:
    """Draws what ``block`` and ``group`` made; scripts in it, were there any, are taken out by Streamlit."""
    st.html(html, width=width)


def run_script(script: Html) -> None:
    """Runs a constant of ``ui.style``; never given anything made from a text."""
    st.html(script, unsafe_allow_javascript=True)
