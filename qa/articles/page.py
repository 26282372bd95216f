"""A Document -> its articles, with a report of what was repaired and what was set aside."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qa.articles.blocks import Block, blocks_of
from qa.articles.bylines import names_in, names_in_lead
from qa.articles.headings import Head, roles_of, series_name
from qa.articles.joining import chains
from qa.articles.lines import lines_of
from qa.articles.repeats import find_repeats
from qa.datatypes import Article, ArticleKind, Document, Part, PartRole, Span, slice_spans

# Headings that open a part of an article, never an article.
_INSIDE = re.compile(
    r"^(?:核心提示|编者按|阅读提示|内容提要|核心阅读|记者手记|采访手记|相关链接|新闻链接|延伸阅读|新闻背景|专家点评|记者观察)[:：]?$"
)
_LONGEST_CAPTION = 64
_PICTURE_GAP = 3
_BRIEF = 200


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done to the text of an article: ``kind`` is joined, moved or resumed."""

    kind: str
    article_id: str
    spans: tuple[Span, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "article": self.article_id, "spans": [list(span) for span in self.spans]}


@dataclass(frozen=True, slots=True)
class SetAside:
    """Text that is in no article: ``kind`` is repeat (``kept`` says of what) or furniture (``reason`` says why)."""

    kind: str
    reason: str
    spans: tuple[Span, ...]
    kept: tuple[Span, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "reason": self.reason,
            "spans": [list(span) for span in self.spans],
            "kept": [list(span) for span in self.kept],
        }


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Every non-blank character of the document is in one part of one article, or set aside."""

    document: Document
    articles: tuple[Article, ...]
    repairs: tuple[Repair, ...]
    set_aside: tuple[SetAside, ...]


@dataclass(slots=True)
class _Draft:
    """An article as it is collected: what stands above it, and its pieces with their roles."""

    head: Head
    banner: str | None
    pieces: list[tuple[PartRole, Block]] = field(default_factory=list)

    @property
    def level(self) -> int:
        return min((line.level for line in self.head.of("title") if line.level), default=0)

    @property
    def subhead_shapes(self) -> set[tuple[int, ...]]:
        return {_shape(block) for role, block in self.pieces if role == "subhead"}

    @property
    def reports(self) -> bool:
        """Whether it is a report with a lead, which has no sub-headings; a feature has."""
        first = next((block for role, block in self.pieces if role == "paragraph"), None)
        return first is not None and (first.first.leads or first.first.comes_from is not None)


def _shape(block: Block) -> tuple[int, ...]:
    text = block.text
    return (block.level, text.count(" "), text.count("“"), int(len(text) > 8))


def split_articles(document: Document) -> PageLayout:
    """Cuts a page into its articles. Never raises; text that fits nowhere is an article without a title."""
    lines = lines_of(document)
    blocks = blocks_of(lines)
    aside: list[SetAside] = _markup(document, blocks)
    bodies = [n for n, block in enumerate(blocks) if block.kind == "body"]
    repeats = find_repeats([blocks[n].text for n in bodies])
    for repeat, kept in sorted(repeats.items()):
        a, b = blocks[bodies[repeat]], blocks[bodies[kept]]
        aside.append(SetAside("repeat", "printed twice", a.spans, b.spans))
    dropped = {bodies[repeat] for repeat in repeats}
    flow: list[Block] = []
    for n, block in enumerate(blocks):
        if n in dropped:
            continue
        if block.kind in ("masthead", "furniture"):
            aside.append(SetAside("furniture", block.kind, block.spans))
        else:
            flow.append(block)
    drafts, resumed = _drafts(flow)
    articles: list[Article] = []
    repairs: list[Repair] = []
    for number, draft in enumerate(drafts, 1):
        article, done = _article(document, draft, f"{document.source}#{number}", len(drafts) == 1)
        articles.append(article)
        repairs += done
        if number - 1 in resumed:
            repairs.append(Repair("resumed", article.id, resumed[number - 1]))
    return PageLayout(
        document, tuple(articles), tuple(repairs), tuple(sorted(aside, key=lambda item: item.spans))
    )


def _markup(document: Document, blocks: Sequence[Block]) -> list[SetAside]:
    """The marks of Markdown headings, which are shown nowhere."""
    out = []
    for block in blocks:
        for line in block.lines:
            begin = document.text.rfind("\n", 0, line.start) + 1
            mark = document.text[begin : line.start]
            if mark.strip():
                at = begin + len(mark) - len(mark.lstrip())
                out.append(SetAside("furniture", "markup", ((at, at + len(mark.strip())),)))
    return out


def _drafts(flow: Sequence[Block]) -> tuple[list[_Draft], dict[int, tuple[Span, ...]]]:
    """The articles of the page as drafts; and where a feature is taken up again further down."""
    names = Counter(series_name(block.text) for block in flow if block.kind in ("heading", "banner"))
    series = frozenset(name for name, count in names.items() if count > 1)
    drafts: list[_Draft] = []
    resumed: dict[int, tuple[Span, ...]] = {}
    current: _Draft | None = None
    banner: str | None = None
    pending: list[Block] = []
    for n, block in enumerate(flow):
        after = flow[n + 1] if n + 1 < len(flow) else None
        if block.kind in ("body", "continued"):
            if _is_caption(block, after, current, pending):
                _close_head(pending, current, drafts, series, banner)
                current = current or _start(drafts, [], series, banner)
                current.pieces.append(("caption", block))
                continue
            earlier = _to_resume(pending, block, current, drafts)
            if earlier is not None:
                current = earlier
                resumed[drafts.index(earlier)] = pending[0].spans
                current.pieces += [("subhead", item) for item in pending]
            elif pending or current is None:
                current, banner = _place(pending, block, current, drafts, series, banner)
            pending = []
            current.pieces.append(("paragraph", block))
        elif block.kind == "credit":
            if current is not None and not pending:
                current.pieces.append(("credit", block))
            else:
                pending.append(block)
        elif block.kind == "byline" and current is not None and not pending and _signs(current):
            current.pieces.append(("byline", block))
        else:
            pending.append(block)
    if pending:
        _close_head(pending, current, drafts, series, banner)
    return drafts, resumed


def _signs(draft: _Draft) -> bool:
    """Whether a byline after the body of ``draft`` is its signature."""
    return any(role == "paragraph" for role, _ in draft.pieces) and not any(
        role == "byline" for role, _ in draft.pieces
    )


def _is_caption(block: Block, after: Block | None, current: _Draft | None, pending: Sequence[Block]) -> bool:
    """A short sentence with a credit below it, or set apart by the gap that a picture leaves."""
    if pending or len(block.lines) > 1 or len(block.text) > _LONGEST_CAPTION or block.first.leads:
        return False
    if after is not None and after.kind == "credit":
        return current is not None and any(role == "paragraph" for role, _ in current.pieces)
    return current is not None and block.gap >= _PICTURE_GAP and block.first.complete


def _start(
    drafts: list[_Draft], pending: Sequence[Block], series: frozenset[str], banner: str | None
) -> _Draft:
    draft = _Draft(roles_of([line for block in pending for line in block.lines], series), banner)
    drafts.append(draft)
    return draft


def _close_head(
    pending: list[Block],
    current: _Draft | None,
    drafts: list[_Draft],
    series: frozenset[str],
    banner: str | None,
) -> None:
    """Headings with no body below them: the end of the page, or a picture below."""
    if pending:
        if current is not None and all(block.kind == "byline" for block in pending):
            current.pieces += [("byline", block) for block in pending]
        else:
            _start(drafts, pending, series, banner)
        pending.clear()


def _to_resume(
    pending: Sequence[Block], body: Block, current: _Draft | None, drafts: Sequence[_Draft]
) -> _Draft | None:
    """An earlier feature whose sub-headings look like the heading at hand, when the article between has none."""
    if (
        current is None
        or len(pending) != 1
        or pending[0].kind != "heading"
        or body.first.leads
        or body.first.comes_from
    ):
        return None
    if not pending[0].level or current.subhead_shapes:
        return None
    shape = _shape(pending[0])
    return next(
        (draft for draft in reversed(drafts) if draft is not current and shape in draft.subhead_shapes), None
    )


def _place(
    pending: Sequence[Block],
    body: Block,
    current: _Draft | None,
    drafts: list[_Draft],
    series: frozenset[str],
    banner: str | None,
) -> tuple[_Draft, str | None]:
    """The draft that ``body`` belongs to: a new one, or the current one with a sub-heading."""
    if current is not None and not _opens_article(pending, body, current):
        current.pieces += [(_inner_role(block), block) for block in pending]
        return current, banner
    banners = [block for block in pending if block.kind == "banner"]
    banner = banners[-1].text if banners else banner
    head = list(pending)
    inside: list[Block] = []
    while head and head[-1].kind == "heading" and _INSIDE.match(head[-1].text):
        inside.insert(0, head.pop())
    draft = _start(drafts, head, series, banner)
    draft.pieces += [("subhead", block) for block in inside]
    return draft, banner


def _inner_role(block: Block) -> PartRole:
    if block.kind in ("byline", "credit"):
        return block.kind
    return "subhead"


def _opens_article(pending: Sequence[Block], body: Block, current: _Draft) -> bool:
    """Whether the lines above ``body`` announce an article, not a part of the current one."""
    headings = [block for block in pending if block.kind == "heading"]
    if len(headings) == 1 and _INSIDE.match(headings[0].text):
        return False
    if body.first.leads or body.first.comes_from is not None:
        return True
    if any(block.kind in ("banner", "subtitle") for block in pending):
        return True
    if headings and any(block.kind == "byline" for block in pending):
        return True
    if not headings:
        return False
    level = min((block.level for block in headings if block.level), default=0)
    if level and current.level:
        return level <= current.level
    if not any(role == "paragraph" for role, _ in current.pieces):
        return False
    if level:
        return level < 3 and current.reports
    return current.reports or len(headings) > 1


def _article(document: Document, draft: _Draft, id: str, alone: bool) -> tuple[Article, list[Repair]]:
    repairs: list[Repair] = []
    parts = [
        Part(role, line.text, ((line.start, line.end),))
        for line, role in zip(draft.head.lines, draft.head.roles, strict=True)
    ]
    run: list[Block] = []

    def close_run() -> None:
        for chain in chains([b.text for b in run], [b.first.opens_paragraph for b in run]):
            spans = tuple(span for n in chain for span in run[n].spans)
            parts.append(Part("paragraph", slice_spans(document.text, spans), spans))
            for a, b in itertools.pairwise(chain):
                repairs.append(Repair("joined" if b == a + 1 else "moved", id, run[b].spans))
        run.clear()

    for role, block in draft.pieces:
        if role == "paragraph":
            run.append(block)
            continue
        if role == "subhead":
            close_run()
            parts.append(Part(role, block.text, block.spans))
        else:
            # Captions, credits and signatures stand between paragraphs without parting them.
            parts.append(Part(role, block.text, block.spans))
    close_run()
    # What stands between paragraphs comes after them: reading order of the text first.
    head_size = len(draft.head.lines)
    inner = parts[head_size:]
    parts = [
        *parts[:head_size],
        *(p for p in inner if p.role in ("paragraph", "subhead")),
        *(p for p in inner if p.role not in ("paragraph", "subhead")),
    ]
    body = [part for part in parts if part.role in ("paragraph", "subhead")]
    text, spans = _lines(document, body)
    headline, headline_spans = _lines(
        document, [p for p in parts if p.role in ("kicker", "title", "subtitle")]
    )
    first = next((block for role, block in draft.pieces if role == "paragraph"), None)
    last = next((block for role, block in reversed(draft.pieces) if role == "paragraph"), None)
    title = draft.head.text("title") or (document.title if alone and document.title else "")
    continued = first.first.comes_from if first else None
    names = [name for part in parts if part.role in ("byline", "credit") for name in names_in(part.text)]
    if first is not None:
        names = [*names_in_lead(_spaced(document, first)), *names]
    article = Article(
        id=id,
        source=document.source,
        title=title,
        text=text,
        spans=spans,
        kind=_kind(draft, text, continued, title),
        parts=tuple(parts),
        headline=headline,
        headline_spans=headline_spans,
        byline=tuple(dict.fromkeys(names)),
        newspaper=document.newspaper,
        page=document.page,
        date=document.date,
        section=draft.banner,
        label=" ".join(line.text for line in draft.head.of("label") if line.kind != "banner") or None,
        kicker=draft.head.text("kicker"),
        subtitle=draft.head.text("subtitle"),
        continued_from=continued,
        continued_to=last.lines[-1].goes_to if last else None,
    )
    return article, repairs


def _spaced(document: Document, block: Block) -> str:
    """The text of ``block`` with the blanks at which its lines were wrapped: they stand between names."""
    return "".join(
        " " * (line.start > 0 and document.text[line.start - 1] in " \u3000") + line.text
        for line in block.lines
    )


def _lines(document: Document, parts: Sequence[Part]) -> tuple[str, tuple[Span, ...]]:
    """The text of ``parts``, separated by line ends of the document, and its places there."""
    spans: list[Span] = []
    for part in parts:
        if spans:
            at = document.text.find("\n", spans[-1][1])
            # The last line of a document may lack its end; another line's serves as well.
            at = at if at >= 0 else document.text.find("\n")
            if spans[-1][1] == at:
                spans[-1] = (spans[-1][0], at + 1)
            else:
                spans.append((at, at + 1))
        spans += part.spans
    return slice_spans(document.text, spans), tuple(spans)


def _kind(draft: _Draft, text: str, continued: str | None, title: str) -> ArticleKind:
    if continued:
        return "continuation"
    roles = {role for role, _ in draft.pieces}
    subtitle = draft.head.text("subtitle") or ""
    if re.match(r"[—─-]+(?:访|对话|专访)", subtitle):
        return "interview"
    if draft.reports:
        return "brief" if len(text) < _BRIEF else "news"
    if (
        "credit" in roles
        and "subhead" not in roles
        and not draft.head.of("byline")
        and len(text) < 2 * _BRIEF
    ):
        return "caption"
    if draft.head.of("byline") or subtitle or "subhead" in roles:
        return "feature"
    return "news" if title and text else "other"
