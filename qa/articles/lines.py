"""A page as lines, each with what it looks like: a sentence, a headline, a byline, a credit, a mark of the layout."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from qa.articles.bylines import is_byline, is_credit
from qa.articles.furniture import is_furniture
from qa.datatypes import Document
from qa.documents.masthead import MASTHEAD_LINES, is_masthead

LineKind = Literal[
    "body", "heading", "subtitle", "byline", "credit", "continued", "banner", "masthead", "furniture"
]

_MARKDOWN = re.compile(r"(#{1,6})\s+")
_SENTENCE_END = re.compile(r"(?:[。！？!?…]|\.{3,})[”’」』）)】》\"'\s]*$")
_CLAUSE_END = re.compile(r"[，、；：,;:]\s*$")
_LEAD = re.compile(
    r"[【\[（(]?(?:本报(?:讯|综合消息|[\u4e00-\u9fff]{0,12}\d{0,2}月?\d{0,2}[日曰]?[电讯])|(?:新华社|新华网|中新社|人民日报|据)[^，。]{0,24}[电讯]"
    r"|[^，。\s]{2,8}讯[\s（(]|(?:见习|实习|本报)?记者[^，。]{2,20}报道)"
)
_CONTINUED = re.compile(
    r"[（(【\[]\s*(?:紧接|上接|下转|转|接)\s*(?:第?\s*[^）)】\]]{1,8}版)[^）)】\]]{0,8}[）)】\]]"
)
# Without brackets the mark must be all there is after the end of a sentence, or the whole line.
_BARE_CONTINUED = re.compile(
    r"(?:(?<=[。！？”])|^)[\s▲▼▶►◀◆■]*(?P<mark>(?:上接|下转)\s*第?\s*[\w]{1,4}版[\u4e00-\u9fff·]{0,4})$"
)
# Romanised names of columns (图说 TUSHUO) stand on banners, never in a headline.
_BANNER = re.compile(r"^[\u4e00-\u9fff·\s]{2,10}[\s/|·]*[A-Z][A-Z\s]{3,}$")
# "问：" and "答：" open the turns of an interview; so do a speaker's name and a colon.
_TURN = re.compile(r"(?:问|答|记者|主持人|Q|A)\s*[:：]")
_WROTE = re.compile(r"文[并/／、字:：]\s*[图摄]|[/／、]\s*文|^[（(\s]*文")
# One blank is what stood between two words where the line was wrapped.
_INDENT = ("  ", "\t", "　")
LONGEST_HEADLINE = 46
# No headline ends in a word that needs another after it.
_DANGLING = re.compile(r"(?:[的和与及在对是将把被从向以或于等]|(?<![行作认人成])为)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank line. ``start``, ``end``: the text without marks and blanks around it, in the document.

    ``gap``: blank lines before it. ``level``: depth of a Markdown or HTML heading, 0 where there is none.
    ``indented``: it begins with blanks, as a paragraph does. ``row``: number among the lines of the page.
    """

    row: int
    start: int
    end: int
    text: str
    kind: LineKind
    gap: int
    level: int = 0
    indented: bool = False

    @property
    def complete(self) -> bool:
        """Whether the line ends where a sentence ends."""
        return bool(_SENTENCE_END.search(self.text))

    @property
    def leads(self) -> bool:
        """Whether the line opens a report (本报讯, 新华社…电, 记者…报道)."""
        return bool(_LEAD.match(self.text))

    @property
    def opens_paragraph(self) -> bool:
        """Whether a paragraph begins here for sure: it is indented, opens a report, or somebody else speaks."""
        return self.indented or self.leads or bool(_TURN.match(self.text))

    @property
    def comes_from(self) -> str | None:
        """The page that "(上接第一版)" at the start of the line names."""
        hit = _CONTINUED.match(self.text) or _BARE_CONTINUED.match(self.text)
        return _page_of(hit.group()) if hit and "转" not in hit.group()[:4] else None

    @property
    def goes_to(self) -> str | None:
        """The page that "(下转第四版)" at the end of the line names."""
        hit = list(_CONTINUED.finditer(self.text)) or list(_BARE_CONTINUED.finditer(self.text))
        return _page_of(hit[-1].group()) if hit and "转" in hit[-1].group()[:4] else None


def _page_of(mark: str) -> str:
    hit = re.search(r"(?:接|转)\s*(?:第\s*)?([^第）)】\]\s]{1,8}?版)", mark)
    name = hit.group(1) if hit else mark
    return name if name.startswith("第") else f"第{name}"


def lines_of(document: Document) -> list[Line]:
    """The non-blank lines of a document, in order."""
    marked: dict[str, list[tuple[int, int]]] = {}
    for a, b, label in sorted(document.marks):
        marked.setdefault(label, []).append((a, b))

    def is_marked(label: str, start: int, end: int) -> bool:
        spans = marked.get(label, [])
        n = bisect_right(spans, (start, len(document.text) + 1)) - 1
        return n >= 0 and spans[n][1] >= end

    printed = Counter(line.strip() for line in document.text.split("\n"))
    out: list[Line] = []
    at = gap = 0
    for raw in document.text.split("\n"):
        stripped = raw.strip()
        if not stripped:
            gap += 1
            at += len(raw) + 1
            continue
        start = at + len(raw) - len(raw.lstrip())
        end = start + len(stripped)
        level = 0
        mark = _MARKDOWN.match(stripped) if document.format != "html" else None
        if mark:
            level = len(mark.group(1))
            start += mark.end()
        elif is_marked("heading", start, end):
            level = 2
        elif is_marked("strong", start, end):
            level = 3
        text = document.text[start:end]
        placed = len(out) < MASTHEAD_LINES or printed[stripped] > 1 or text == document.newspaper
        kind = _kind(text, level, placed)
        if is_marked("furniture", start, end):
            kind = "furniture"
        elif is_marked("table", start, end):
            kind = "body"  # a row is short and has no stop, but heads nothing
        if kind in ("masthead", "furniture") and not gap and out and _goes_on_below(out[-1], text):
            kind = "body"
        out.append(Line(len(out), start, end, text, kind, gap if out else 0, level, raw.startswith(_INDENT)))
        gap = 0
        at += len(raw) + 1
    for n, (line, after) in enumerate(pairwise(out)):
        # A number that goes on in the line below is a figure cut in two, no page's number.
        if (
            line.kind == "furniture"
            and line.text.isdigit()
            and after.kind == "body"
            and after.text[0].isdigit()
        ):
            out[n] = replace(line, kind="body")
    return out


def _goes_on_below(before: Line, text: str) -> bool:
    """Whether ``text`` is the last line of a wrapped paragraph that only looks like a page's number (…第 / 三版）)."""
    if before.complete or len(text) > 8 or not re.search(r"\w", text):
        return False
    # Of a cut "(下转第三版)" the closing bracket is left.
    return before.kind == "body" or (before.kind == "heading" and (len(before.text) > 9 or text[-1] in "）)"))


def _kind(text: str, level: int, placed: bool) -> LineKind:
    """``placed``: the line stands where mastheads stand."""
    if _CONTINUED.fullmatch(text) or _BARE_CONTINUED.fullmatch(text):
        return "continued"
    if is_furniture(text):
        return "furniture"
    if is_masthead(text, placed):
        return "masthead"
    if _BANNER.match(text):
        return "banner"
    if (
        text.startswith(("——", "—", "──", "--"))
        and len(text) <= LONGEST_HEADLINE + 20
        and not _SENTENCE_END.search(text)
    ):
        return "subtitle"
    if is_credit(text) and not _WROTE.search(text):
        return "credit"  # a photographer who also wrote (文并摄) signs the article
    if is_byline(text):
        return "byline"
    if level and len(text) <= 2 * LONGEST_HEADLINE:
        return "heading"
    if _may_be_headline(text):
        return "heading"
    return "body"


def _may_be_headline(text: str) -> bool:
    """A short line without the marks of a sentence. Commas are rare in printed headlines, which use spaces."""
    if (
        len(text) > LONGEST_HEADLINE
        or len(text) < 2
        or _LEAD.match(text)
        or _CONTINUED.search(text)
        or _TURN.match(text)
    ):
        return False
    if "。" in text or "，" in text or "," in text or "；" in text or _CLAUSE_END.search(text):
        return False
    return not (re.search(r"…$", text) or _DANGLING.search(text) or not re.search(r"[\u4e00-\u9fff]", text))
