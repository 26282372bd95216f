"""What of a web page is not its article: menus, the path to the page, lists of links, buttons, the footer.

It is labelled, not dropped: the text of the document stays whole, and who reads the marks leaves it aside. What shows
in the words of a line alone is told by qa/articles/furniture.py, for documents of every format.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

# Tags of HTML 5 that say so, lists, which may be of links, and other boxes, whose class may say so.
SAYS_SO = frozenset(("nav", "footer"))
BOXES = frozenset(
    (
        "nav",
        "footer",
        "ul",
        "ol",
        "dl",
        "div",
        "section",
        "aside",
        "header",
        "p",
        "span",
        "table",
        "td",
        "form",
    )
)
_LISTS = frozenset(("ul", "ol", "dl", "nav"))
_WORDS = frozenset(
    "nav navbar navi navigation menu submenu topmenu breadcrumb breadcrumbs crumb crumbs share sharebar bdshare "
    "bdsharebuttonbox footer foot copyright pager pagination related recommend recommended toolbar sitemap "
    "prevnext preandnext hotnews ranklist comment comments login advert ads".split()
)
_MOST = 300  # characters beside links that a box of furniture may hold, unless its tag says so


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the page at ``[start, end)`` of the text; ``hinted``: its class or id says it is furniture."""

    start: int
    end: int
    tag: str
    hinted: bool


def is_hinted(attributes: dict[str, str]) -> bool:
    """Whether the names that a tag was given are those of furniture."""
    if attributes.get("role") in ("navigation", "contentinfo", "search", "menu", "menubar"):
        return True
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}"[:500]
    return any(word in _WORDS for word in re.split(r"[\s_-]+", names.lower()))


def furniture_marks(
    text: str, boxes: Sequence[Box], links: Sequence[tuple[int, int]]
) -> list[tuple[int, int, str]]:
    """The marks ``(start, end, "furniture")`` of a page, disjoint and in order.

    ``links``: the places of the texts of links, in order and disjoint. A box that its class calls furniture is
    believed only where it holds hardly any sentences: names are chosen freely.
    """
    starts = [start for start, _ in links]
    ends = [end for _, end in links]
    linked = [0]
    for start, end in links:
        linked.append(linked[-1] + len("".join(text[start:end].split())))
    solid = [0]
    for char in text:
        solid.append(solid[-1] + (not char.isspace()))
    stops = [hit.start() for hit in re.finditer("。", text)]
    found: list[tuple[int, int]] = []
    for box in boxes:
        if box.end <= box.start:
            continue
        first, last = bisect_left(starts, box.start), bisect_left(ends, box.end + 1)
        in_links = linked[max(last, first)] - linked[first]
        size = solid[box.end] - solid[box.start]
        sentences = bisect_left(stops, box.end) - bisect_left(stops, box.start)
        if (
            (box.tag in SAYS_SO and size - in_links <= 2 * _MOST)
            or (box.hinted and size - in_links <= _MOST and sentences <= 2)
            or (box.tag in _LISTS and last - first >= 2 and in_links >= 0.7 * size and sentences <= 2)
        ):
            found.append((box.start, box.end))
    out: list[tuple[int, int, str]] = []
    for start, end in sorted(found):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end), "furniture")
        else:
            out.append((start, end, "furniture"))
    return out
