"""HTML made from untrusted text: escaped first, marked by offsets.

Not named html.py: Streamlit puts this folder first on the import path, where that would hide the standard module.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

Span = tuple[int, int]


def marked(text: str, highlights: Sequence[Span], answers: Sequence[Span]) -> str:
    """``text`` as HTML, its ``highlights`` marked and its ``answers`` marked more strongly."""
    edges = sorted({0, len(text), *(at for span in (*highlights, *answers) for at in span)})
    out = []
    for a, b in itertools.pairwise(edges):
        piece = escape(text[a:b]).replace("\n", "<br>")
        if any(x <= a and b <= y for x, y in answers):
            piece = f'<mark class="answer">{piece}</mark>'
        elif any(x <= a and b <= y for x, y in highlights):
            piece = f"<mark>{piece}</mark>"
        out.append(piece)
    return "".join(out)
