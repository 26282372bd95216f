"""The visible text of an HTML page, with a map to the file.

The standard library's event parser is used because it knows where in the file each event stands; it needs no
recursion, so 100,000 nested tags are read like any other page.
"""

from __future__ import annotations

import itertools
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from qa.documents.furniture import BOXES, Box, furniture_marks, is_hinted
from qa.documents.metadata import Metadata, iso_date
from qa.errors import SourceError

# The library's parser is quadratic on some broken pages, e.g. thousands of tags without an end.
SECONDS = 20
_NEAR = 60  # how many open boxes are looked through for the one that an end tag closes
_LONGEST_CELL = 60

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HIDDEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "select",
        "button",
        "head",
        "textarea",
        "audio",
        "video",
        "canvas",
    ]
)
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
# What a head may hold; any other tag, and any text, ends a head that was not closed.
_IN_HEAD = frozenset(["base", "link", "meta", "noscript", "script", "style", "template", "title"])
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_STARTS = re.compile(
    r"\s*(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body|div|p|article|section|main|table|span|h[1-6]|ul|ol|font|center)\b[^<]*>",
    re.IGNORECASE | re.DOTALL,
)
_CLOSES = re.compile(
    r"</(?:p|div|html|body|article|section|table|span|h[1-6]|ul|ol|font|center)\s*>", re.IGNORECASE
)
_META_DATES = frozenset(
    [
        "article:published_time",
        "pubdate",
        "publishdate",
        "publish-date",
        "date",
        "dc.date",
        "dc.date.issued",
        "og:published_time",
        "firstpublishedtime",
    ]
)
_META_NAMES = {
    "title": frozenset(["og:title", "twitter:title", "dc.title", "articletitle"]),
    "author": frozenset(["author", "article:author", "dc.creator"]),
    "newspaper": frozenset(["og:site_name", "source", "mediaid", "contentsource", "dc.publisher"]),
}


def looks_like_html(text: str) -> bool:
    """Whether ``text`` is a page: it begins with a tag of structure, and closes one.

    Text that merely mentions tags is not; it is shown as it is.
    """
    return bool(_STARTS.match(text)) and bool(_CLOSES.search(text))


@dataclass(slots=True)
class _Output:
    """Visible text as it grows: pieces, the map ``(text_start, file_start, length)``, blanks run together."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    map: list[tuple[int, int, int]] = field(default_factory=list)
    line_start: bool = True
    space: int | None = None  # where in the file a blank stands that is due before the next character

    def character_run(self, text: str, at: int) -> None:
        """``text``, which holds no blanks and stands at ``at`` of the file; a blank that is due goes before it."""
        if self.space is not None and not self.line_start:
            self._put(" ", self.space)
        self.space = None
        self._put(text, at)
        self.line_start = False

    def _put(self, text: str, at: int) -> None:
        self.pieces.append(text)
        last = self.map[-1] if self.map else None
        if last and last[0] + last[2] == self.length and last[1] + last[2] == at:
            self.map[-1] = (last[0], last[1], last[2] + len(text))
        else:
            self.map.append((self.length, at, len(text)))
        self.length += len(text)

    def new_line(self) -> None:
        """Ends the line; the line end stands for a tag, so it has no place in the file."""
        self.space = None
        if not self.line_start:
            self.pieces.append("\n")
            self.length += 1
            self.line_start = True


class _Page(HTMLParser):
    def __init__(self, base: int) -> None:
        super().__init__(convert_charrefs=False)
        self.base = base
        self.out = _Output()
        self.hidden: list[str] = []
        self.starts: list[int] = [0]
        self.title_parts: list[str] = []
        self.in_title = False
        self.meta: dict[str, str] = {}
        self.marks: list[tuple[int, int, str]] = []
        self.heading_from: int | None = None
        self.strong_open: list[int] = []
        self.strong_runs: list[tuple[int, int]] = []
        self.link_from: int | None = None
        self.links: list[tuple[int, int]] = []
        self.open_boxes: list[tuple[str, int, bool]] = []
        self.boxes: list[Box] = []
        self.rows: list[list[int]] = []  # of each open row: where its cells begin
        self.closed_rows: list[tuple[list[int], int]] = []
        self.deadline = time.monotonic() + SECONDS

    def read(self, text: str) -> None:
        """The whole page at once."""
        self.starts = [0, *(hit.end() for hit in re.finditer("\n", text))]
        self.feed(text)
        self.close()
        self._end_link()
        self.out.new_line()
        while self.open_boxes:
            self._close_box()

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """``<![word[``, at which the library gives up, is passed over to the next ``>`` as in a browser."""
        try:
            return super().parse_marked_section(i, bool(report))
        except AssertionError:
            return self.rawdata.find(">", i) + 1 or -1

    def _at(self) -> int:
        if time.monotonic() > self.deadline:
            raise SourceError(f"的 HTML 读了 {SECONDS} 秒还没有完，已经停下；标记多半已损坏，请另存后再试。")
        line, column = self.getpos()
        return self.starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._at()
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self._meta(given)
        if tag == "title" and not self.in_title:
            self.in_title = True
        if tag in _VOID:
            if tag in _BLOCKS and not self.hidden:
                self.out.new_line()
            return
        if self.hidden == ["head"] and tag not in _IN_HEAD:
            self.hidden.clear()
        if self.hidden and self.hidden[-1] == "p" and tag in _BLOCKS:
            self.hidden.pop()  # a block ends a paragraph that was not closed
        concealed = "hidden" in given or re.search(
            r"display\s*:\s*none", given.get("style", ""), re.IGNORECASE
        )
        if tag in _HIDDEN or concealed or (self.hidden and tag == self.hidden[-1]):
            self.hidden.append(tag)
            return
        if self.hidden:
            return
        if tag in _BLOCKS:
            self.out.new_line()
        if tag in _HEADINGS:
            self.heading_from = self.out.length
        if tag in ("strong", "b"):
            self.strong_open.append(self.out.length)
        elif tag == "a":
            self._end_link()
            self.link_from = self.out.length
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append(self.out.length)
        if tag in BOXES:
            self.open_boxes.append((tag, self.out.length, is_hinted(given)))

    def _end_link(self) -> None:
        if self.link_from is not None and self.out.length > self.link_from:
            self.links.append((self.link_from, self.out.length))
        self.link_from = None

    def _close_box(self) -> None:
        tag, start, hinted = self.open_boxes.pop()
        self.boxes.append(Box(start, self.out.length, tag, hinted))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        if self.hidden:
            if tag == self.hidden[-1]:
                self.hidden.pop()
            elif tag in ("body", "html"):
                self.hidden.clear()  # whatever was open is closed with them
            return
        if tag in ("strong", "b") and self.strong_open:
            self.strong_runs.append((self.strong_open.pop(), self.out.length))
        elif tag == "a":
            self._end_link()
        elif tag == "tr" and self.rows:
            self.closed_rows.append((self.rows.pop(), self.out.length))
        if tag in BOXES and any(name == tag for name, _, _ in self.open_boxes[-_NEAR:]):
            while self.open_boxes[-1][0] != tag:
                self._close_box()
            self._close_box()
        if tag in _BLOCKS:
            end = self.out.length
            self.out.new_line()
            if tag in _HEADINGS and self.heading_from is not None:
                if end > self.heading_from:
                    self.marks.append((self.heading_from, end, "heading"))
                self.heading_from = None

    def handle_data(self, data: str) -> None:
        at = self._at()
        if self.in_title:
            self.title_parts.append(data)
        elif self.hidden == ["head"] and data.strip():
            self.hidden.clear()
        if self.hidden or self.in_title:
            return
        for hit in re.finditer(r"[^ \t\r\n\f]+|[ \t\r\n\f]+", data):
            if hit.group()[0] in " \t\r\n\f":
                if self.out.space is None:
                    self.out.space = self.base + at + hit.start()
            else:
                self.out.character_run(hit.group(), self.base + at + hit.start())

    def _reference(self, raw: str) -> None:
        text = unescape(raw)
        if self.in_title:
            self.title_parts.append(text)
            return
        if self.hidden:
            return
        if not text.strip(" \t\r\n\f\xa0"):
            if self.out.space is None:
                self.out.space = self.base + self._at()
            return
        self.out.character_run(text, self.base + self._at())

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _meta(self, given: dict[str, str]) -> None:
        name = (given.get("name") or given.get("property") or given.get("itemprop") or "").lower()
        content = given.get("content", "").strip()
        if name and content:
            self.meta.setdefault(name, content)


def read_html(
    text: str, base: int = 0
) -> tuple[str, list[tuple[int, int, int]], list[tuple[int, int, str]], Metadata]:
    """Visible text, map to the file, marks and metadata of a page.

    ``base``: where ``text`` starts in the decoded file. Marks are ``(start, end, label)`` in the visible text, of
    headings (``heading``), lines wholly in bold (``strong``), rows of tables with short cells (``table``), which
    are one line, and what is no part of the article (``furniture``). Blanks run together as a browser shows them.
    """
    page = _Page(base)
    page.read(text)
    visible, marks = _with_rows("".join(page.out.pieces), page.closed_rows)
    marks += page.marks
    breaks = [hit.start() for hit in re.finditer("\n", visible)]
    for start, end in page.strong_runs:
        # The line from its beginning to the bold words, and from them to its end; neither is long where they count.
        before, after = bisect_left(breaks, start), bisect_left(breaks, end)
        line_from = breaks[before - 1] + 1 if before else 0
        line_to = breaks[after] if after < len(breaks) else len(visible)
        if end > start and start - line_from < 9 and line_to - end < 9:
            outside = visible[line_from:start] + visible[end:line_to]
            if not outside.strip() and visible[start:end].strip():
                marks.append((start, end, "strong"))
    marks += furniture_marks(visible, page.boxes, page.links)

    def first(names: frozenset[str], use: Callable[[str], str | None] = lambda value: value) -> str | None:
        return next(
            (found for name, value in page.meta.items() if name in names and (found := use(value))), None
        )

    title = first(_META_NAMES["title"]) or " ".join("".join(page.title_parts).split()) or None
    metadata = Metadata(
        title=title,
        author=first(_META_NAMES["author"]),
        newspaper=first(_META_NAMES["newspaper"]),
        date=first(_META_DATES, iso_date),
    )
    return visible, page.out.map, sorted(marks), metadata


def _with_rows(visible: str, rows: list[tuple[list[int], int]]) -> tuple[str, list[tuple[int, int, str]]]:
    """The rows of tables as lines, cells parted by tabs, and their marks.

    A line end between cells stands for a tag, so it may as well be a tab. Tables that lay out a page have long
    cells, or cells of several lines: they stay as they are.
    """
    characters: list[str] | None = None
    marks = []
    breaks = [hit.start() for hit in re.finditer("\n", visible)]
    done = 0
    for cells, end in rows:
        bounds = [*dict.fromkeys(cells), end]
        # Rows of a table within a cell come first; the row around them is none of short cells.
        if len(bounds) < 3 or bounds[0] < done or end - bounds[0] > _LONGEST_CELL * len(bounds):
            continue
        done = end
        texts = [visible[a:b] for a, b in itertools.pairwise(bounds)]
        if any(len(text) > _LONGEST_CELL or "\n" in text.strip("\n") for text in texts):
            continue
        if sum(bool(text.strip()) for text in texts) < 2:
            continue
        characters = characters or list(visible)
        last = end - 1 if visible[end - 1] == "\n" else end
        for place in breaks[bisect_right(breaks, bounds[0] - 1) : bisect_left(breaks, last)]:
            characters[place] = "\t"
        marks.append((bounds[0], last, "table"))
    return ("".join(characters) if characters else visible), marks
