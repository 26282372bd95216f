"""The values that travel through qa: Document -> Article -> Passage -> RetrievedPassage -> Reply.

All are frozen. Offsets are Python string indexes, half-open. The verbatim equation holds for every
``text`` with ``spans`` beside it::

    "".join(document.text[a:b] for a, b in spans) == text
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Span = tuple[int, int]
Status = Literal["answered", "related", "not_found"]
ArticleKind = Literal["news", "brief", "feature", "interview", "continuation", "sidebar", "caption", "other"]
PartRole = Literal[
    "label", "kicker", "title", "subtitle", "byline", "subhead", "paragraph", "caption", "credit"
]


def slice_spans(text: str, spans: Iterable[Span]) -> str:
    """The characters of ``text`` at ``spans``, in the order given (left side of the verbatim equation)."""
    return "".join(text[a:b] for a, b in spans)


def map_span(spans: Iterable[Span], start: int, end: int) -> tuple[Span, ...]:
    """Places in the document of ``[start, end)`` of a text that lies at ``spans`` of the document.

    Touching pieces are merged, so an unbroken run of the document is one span.
    """
    out: list[Span] = []
    at = 0
    for a, b in spans:
        length = b - a
        lo, hi = max(start - at, 0), min(end - at, length)
        if lo < hi:
            piece = (a + lo, a + hi)
            if out and out[-1][1] == piece[0]:
                out[-1] = (out[-1][0], piece[1])
            else:
                out.append(piece)
        at += length
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Document:
    """One file, or one record of it, as read: its decoded visible text and what is known about it.

    ``source``: POSIX path relative to the SOURCE folder. ``text``: line ends are ``\\n``, no BOM, no front
    matter, no markup of HTML. ``file_map``: ``(text_start, file_start, length)`` runs, in characters of the
    decoded file, that say where the text stands in the file; empty for PDF and DOCX. ``marks``: ``(start, end,
    label)`` of what the file itself marks up (``heading``, ``strong``, ``table`` for rows, ``furniture`` for menus
    and the like). ``date`` is ISO (YYYY-MM-DD) or None. ``id``, ``url``: as the archive gives them.
    """

    source: str
    text: str
    format: Literal["text", "markdown", "html", "jsonl", "pdf", "docx"]
    encoding: str
    sha256: str
    title: str | None = None
    newspaper: str | None = None
    date: str | None = None
    page: str | None = None
    author: str | None = None
    file_map: tuple[tuple[int, int, int], ...] = ()
    marks: tuple[tuple[int, int, str], ...] = ()
    id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an article with one role: a headline, a byline, a paragraph, a sub-heading, a caption."""

    role: PartRole
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a page.

    ``text`` is the body, paragraphs separated by ``\\n``; ``spans`` are its places in ``Document.text``
    (each separator is a line end of the document, so the verbatim equation holds for the whole body).
    ``parts`` holds every piece in reading order, headlines included; its ``subhead`` parts are lines of the
    body too. ``headline`` is kicker, title and subtitle as printed, a line each. ``id`` is ``<source>#<number>``,
    numbered from 1 in the order of the page.
    """

    id: str
    source: str
    title: str
    text: str
    spans: tuple[Span, ...]
    kind: ArticleKind
    parts: tuple[Part, ...]
    headline: str = ""
    headline_spans: tuple[Span, ...] = ()
    byline: tuple[str, ...] = ()
    newspaper: str | None = None
    page: str | None = None
    date: str | None = None
    section: str | None = None
    label: str | None = None
    kicker: str | None = None
    subtitle: str | None = None
    continued_from: str | None = None
    continued_to: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The record that ``wenbao articles --json`` prints."""
        return {
            "id": self.id,
            "source": self.source,
            "newspaper": self.newspaper,
            "page": self.page,
            "date": self.date,
            "section": self.section,
            "label": self.label,
            "kicker": self.kicker,
            "title": self.title,
            "subtitle": self.subtitle,
            "byline": list(self.byline),
            "kind": self.kind,
            "continued_from": self.continued_from,
            "continued_to": self.continued_to,
            "text": self.text,
            "spans": [list(span) for span in self.spans],
        }


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article, or its headline: what is embedded, found and read.

    ``id`` is ``<article id>/<number>``. ``section`` is the sub-heading that the passage stands under.
    ``article_start``: offset of the passage in ``Article.text``; None for a headline.
    """

    id: str
    article_id: str
    source: str
    text: str
    spans: tuple[Span, ...]
    kind: Literal["body", "headline"] = "body"
    section: str | None = None
    article_start: int | None = None


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    """A passage found for a question.

    ``score``: fused score, higher is better. ``dense_score``: cosine in [-1, 1]; ``lexical_score``: BM25, at
    least 0; ranks count from 1; a component that did not find the passage has rank None (its score is then
    still given where it is known). ``copies``: ids of near-identical passages that were collapsed into it.
    ``reprints``: the other articles that print the same story.
    """

    passage: Passage
    article: Article
    score: float
    rank: int
    dense_score: float | None = None
    dense_rank: int | None = None
    lexical_score: float | None = None
    lexical_rank: int | None = None
    copies: tuple[str, ...] = ()
    reprints: tuple[Article, ...] = ()

    @property
    def text(self) -> str:
        return self.passage.text

    @property
    def source(self) -> str:
        return self.passage.source

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.passage.spans


def reprints_note(found: RetrievedPassage) -> str:
    """Where else the story of ``found`` is printed: 同一稿件，见 3 处：…; empty where nowhere."""
    if not found.reprints:
        return ""
    places = [
        " ".join(part for part in (article.newspaper, article.date, article.source) if part)
        for article in found.reprints
    ]
    return f"同一稿件，见 {len(places) + 1} 处，另见：{'；'.join(places)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The short answer: one contiguous run of its passage. ``score`` is a calibrated probability."""

    text: str
    score: float
    source_spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that supports the answer (or is nearest to the question), with what to highlight in it."""

    retrieved: RetrievedPassage
    highlights: tuple[Span, ...]
    answer_spans: tuple[Span, ...]
    score: float

    def to_json(self) -> dict[str, Any]:
        passage, article = self.retrieved.passage, self.retrieved.article
        return {
            "passage_id": passage.id,
            "text": passage.text,
            "highlights": [list(span) for span in self.highlights],
            "answer_spans": [list(span) for span in self.answer_spans],
            "source": passage.source,
            "source_spans": [list(span) for span in passage.spans],
            "article": {
                "id": article.id,
                "title": article.title,
                "byline": list(article.byline),
                "date": article.date,
                "newspaper": article.newspaper,
                "page": article.page,
                "section": passage.section or article.section,
            },
            "score": self.score,
        }


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer worth showing; ``evidence_index`` points into ``Reply.evidence``."""

    text: str
    score: float
    evidence_index: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything that one question brought: the outcome, the answer, the evidence, the passages found.

    ``status`` is one of ``answered``, ``related`` (the archive writes about it, but does not state this) and
    ``not_found``. ``reason``: a short Chinese sentence unless answered. ``seconds`` has the keys retrieve,
    read and total. ``undated_left_out``: how many articles were left out for want of a date, where the question
    was asked of a range of dates.
    """

    id: str
    question: str
    standalone_question: str
    generation: str
    status: Status
    reason: str | None
    answer: Answer | None
    evidence: tuple[Evidence, ...]
    alternatives: tuple[Alternative, ...]
    passages: tuple[RetrievedPassage, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    undated_left_out: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The record that ``wenbao ask --json`` and ``wenbao batch`` print."""
        answer = self.answer
        return {
            "id": self.id,
            "question": self.question,
            "standalone_question": self.standalone_question,
            "generation": self.generation,
            "status": self.status,
            "reason": self.reason,
            "answer": None
            if answer is None
            else {
                "text": answer.text,
                "score": answer.score,
                "source_spans": [list(s) for s in answer.source_spans],
            },
            "evidence": [item.to_json() for item in self.evidence],
            "alternatives": [
                {"text": other.text, "score": other.score, "evidence_index": other.evidence_index}
                for other in self.alternatives
            ],
            "passages": [
                {
                    "passage_id": found.passage.id,
                    "text": found.passage.text,
                    "source": found.passage.source,
                    "title": found.article.title,
                    "score": found.score,
                    "rank": found.rank,
                }
                for found in self.passages
            ],
            "seconds": self.seconds,
            **({} if self.undated_left_out is None else {"undated_left_out": self.undated_left_out}),
        }
