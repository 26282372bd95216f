"""Questions written by hand about news articles: in readers' words, with what the articles do not say among them.

``news_questions.jsonl`` beside this file holds them, one a line: ``article`` (the first twelve hex digits of the
SHA-256 of the article's text), ``title`` (a headline, written with them: the news sample has none), ``question``,
``answer`` (empty where the article does not state it), ``evidence`` (half-open spans of the article's text; the
sentence that comes nearest where there is no answer) and ``kind``. The articles themselves stay in the data folder.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.errors import SourceError
from qa.passages import sentence_spans
from qa.training.augment import as_asked
from qa.training.data import Example, Span, crop
from qa.training.news import windows_of

QUESTIONS = Path(__file__).with_name("news_questions.jsonl")
HEADLINE = "headline"
LIMITS = (160, 220, 280)


@dataclass(frozen=True, slots=True)
class Written:
    """A question about ``text``. ``answer``: its span in the text, or in the title for the kind ``headline``; None
    where the article does not state it. ``evidence``: spans of the text, none for the kind ``headline``."""

    article: str
    title: str
    text: str
    question: str
    answer: Span | None
    evidence: tuple[Span, ...]
    kind: str

    @property
    def said(self) -> str:
        """The words of the answer; empty where there is none."""
        where = self.title if self.kind == HEADLINE else self.text
        return "" if self.answer is None else where[slice(*self.answer)]


def article_key(text: str) -> str:
    """The key of a news article."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_written(path: Path, articles: Mapping[str, str]) -> list[Written]:
    """The questions of ``path`` over ``articles``, by key; those about other articles are passed over.

    Raises SourceError with the line that does not fit its article.
    """
    out = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            item = json.loads(line)
            if item["article"] not in articles:
                continue
            text, title = articles[item["article"]], item["title"]
            evidence = tuple((int(a), int(b)) for a, b in item["evidence"])
            where, spans = (title, ((0, len(title)),)) if item["kind"] == HEADLINE else (text, evidence)
            answer = _place(where, item["answer"], spans) if item["answer"] else None
            out.append(
                Written(item["article"], title, text, item["question"], answer, evidence, item["kind"])
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(f"{path}:{number} 与新闻样本不配（{error!r}）；请检查这一行。") from error
    return out


def _place(text: str, answer: str, spans: Sequence[Span]) -> Span:
    """Where ``answer`` stands in the first of the ``spans`` that holds it."""
    for a, b in spans:
        at = text.find(answer, a, b)
        if at >= 0:
            return at, at + len(answer)
    raise ValueError(f"{answer} is not in the evidence")


def held_out(article: str) -> bool:
    """Whether the questions of an article are kept from training: those of one in five."""
    return int(article, 16) % 5 == 0


def written_examples(
    questions: Sequence[Written], hard: Sequence[Sequence[str]], copies: int, rng: random.Random
) -> Iterator[Example]:
    """Each question ``copies`` times, over other cuts of its text; texts that do not answer it among them.

    ``hard``: for each question passages of other articles that share words with it.
    """
    for question, others in zip(questions, hard, strict=True):
        for _ in range(copies):
            asked = question.question if rng.random() < 0.8 else as_asked(question.question, rng)
            yield _over_its_text(question, asked, rng)
            unanswered = _over_another(question, asked, others, rng)
            if unanswered is not None and rng.random() < (0.6 if question.answer else 0.3):
                yield unanswered


def _over_its_text(question: Written, asked: str, rng: random.Random) -> Example:
    if question.kind == HEADLINE:
        return Example(asked, "", question.title, question.answer)
    around = min(a for a, _ in question.evidence), max(b for _, b in question.evidence)
    context = question.title if rng.random() < 0.75 else ""
    text, place = crop(question.text, around, rng.choice(LIMITS), rng)
    assert place is not None  # a crop holds what it is made around
    if question.answer is None:
        return Example(asked, context, text, None)
    shift = place[0] - around[0]
    return Example(asked, context, text, (question.answer[0] + shift, question.answer[1] + shift))


def _over_another(question: Written, asked: str, others: Sequence[str], rng: random.Random) -> Example | None:
    """The question over its article without the evidence, over another passage of it, or of another article."""
    context = question.title if rng.random() < 0.75 else ""
    said = question.said
    way = rng.random()
    if way < 0.3 and question.evidence:
        kept = "".join(
            question.text[a:b]
            for a, b in sentence_spans(question.text)
            if not any(a < end and start < b for start, end in question.evidence)
        )
        if len(kept) > 60 and (not said or said not in kept):
            return Example(asked, context, crop(kept, None, rng.choice(LIMITS), rng)[0], None)
    if way < 0.65:
        passages = [text for text in windows_of(question.text) if not said or said not in text]
        if question.answer is None:
            near = [question.text[a:b] for a, b in question.evidence]
            passages = [text for text in passages if not any(sentence in text for sentence in near)]
        if passages:
            return Example(asked, context, rng.choice(passages), None)
    strangers = [text for text in others if not said or said not in text]
    return Example(asked, "", rng.choice(strangers), None) if strangers else None
