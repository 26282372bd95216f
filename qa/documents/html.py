"""The visible text of an HTML page, with a map to the file.

The standard library's event parser is used because it knows where in the file each event stands; it needs no
recursion, so 100,000 nested tags are read like any other page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from qa.documents.metadata import Metadata, iso_date

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
        "nav",
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
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|div|p|article|section|main|table|span|h[1-6]|ul|ol|font|center)\b[^<]*>",
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
        self.strong_depth = 0
        self.strong_runs: list[list[int]] = []

    def read(self, text: str) -> None:
        """The whole page at once."""
        self.starts = [0, *(hit.end() for hit in re.finditer("\n", text))]
        self.feed(text)
        self.close()
        self.out.new_line()

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """``<![word[``, at which the library gives up, is passed over to the next ``>`` as in a browser."""
        try:
            return super().parse_marked_section(i, bool(report))
        except AssertionError:
            return self.rawdata.find(">", i) + 1 or -1

    def _at(self) -> int:
        line, column = self.getpos()
        return self.starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
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
            self.strong_depth += 1
            self.strong_runs.append([self.out.length, -1])

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
        if tag in ("strong", "b") and self.strong_depth:
            self.strong_depth -= 1
            self.strong_runs[-1][1] = self.out.length
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
    headings (``heading``) and of lines wholly in bold (``strong``). Blanks run together as a browser shows them.
    """
    page = _Page(base)
    page.read(text)
    visible = "".join(page.out.pieces)
    marks = list(page.marks)
    for start, end in page.strong_runs:
        line_from, line_to = visible.rfind("\n", 0, start) + 1, visible.find("\n", start)
        if end > start and visible[line_from:start].strip() == "" and visible[end:line_to].strip() == "":
            marks.append((start, end, "strong"))

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
