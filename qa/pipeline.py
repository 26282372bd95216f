"""QAPipeline: from an index directory and a question to a Reply."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from qa.answering import Calibration, Reading, answer_question
from qa.answering.replies import Outcome, judge
from qa.datatypes import Reply, RetrievedPassage
from qa.index import Index
from qa.passages import context_of
from qa.reader import PassageReading, Reader, SpanReader, load_reader
from qa.retriever import Retriever, check_question
from qa.scope import WHOLE, Scope

RETRIEVED = 10
FIRST_READ = 4
MOST_READ = 8


def depths(retrieved: Sequence[RetrievedPassage]) -> tuple[int, int]:
    """How many of ``retrieved`` are read at first, and at most: headlines that were added are read besides."""
    added = max(len(retrieved) - RETRIEVED, 0)
    return FIRST_READ + added, MOST_READ + added


class Weighed(NamedTuple):
    """The probability that the archive states the answer of a question, the article that does, and the answer."""

    stated: float
    article: str | None
    answer: str


class QAPipeline:
    """Answers questions from an index directory; follows a newer generation at the next question.

    Safe to share between threads. ``reader`` may be any Reader; its calibration must lie beside it, so a reader
    of one's own comes with its own ``calibration``.
    """

    def __init__(self, retriever: Retriever, reader: Reader, calibration: Calibration) -> None:
        self.retriever = retriever
        self.reader = reader
        self.calibration = calibration

    @classmethod
    def open(
        cls,
        index_dir: str | Path | None = None,
        *,
        model: str | None = None,
        reader: str | Path | None = None,
    ) -> QAPipeline:
        """The pipeline of ``index_dir`` (default: WENBAO_INDEX_DIR, or ``var/index``).

        ``model``: encoder name or path, ``reader``: reader directory; the shipped ones by default. Raises
        IndexStateError where there is no sound index, ModelError where a model cannot be loaded.
        """
        retriever = Retriever.open(index_dir, model=model)
        loaded: SpanReader = load_reader(reader)
        return cls(retriever, loaded, Calibration.load(loaded.directory))

    @property
    def index(self) -> Index:
        """The generation in use."""
        return self.retriever.index

    def ask(
        self,
        question: str,
        *,
        sources: Collection[str] | None = None,
        newspapers: Collection[str] | None = None,
        date_from: str | None = None,
        date_to: str | None = None,
        id: str = "",
    ) -> Reply:
        """The reply to one question that stands alone, from the part of the archive that ``Retriever.search`` describes.

        Raises QuestionError where the question is empty, too long, or no text; ScopeError for a date that is none.
        """
        return self.reply(question, question, Scope.of(sources, newspapers, date_from, date_to), id=id)

    def reply(self, question: str, standalone: str, scope: Scope = WHOLE, *, id: str = "") -> Reply:
        """As ``ask``, for a question that was understood as ``standalone``."""
        asked, understood = check_question(question), check_question(standalone)
        began = time.perf_counter()
        index = self.retriever.refresh()
        retrieved = self.retrieve(index, [understood], scope)[0]
        found = time.perf_counter()
        outcome = self.outcome(index, understood, retrieved)
        done = time.perf_counter()
        return Reply(
            id=id,
            question=asked,
            standalone_question=understood,
            generation=index.generation,
            status=outcome.status,
            reason=outcome.reason,
            answer=outcome.answer,
            evidence=outcome.evidence,
            alternatives=outcome.alternatives,
            passages=outcome.passages[:RETRIEVED],
            undated_left_out=index.undated_in(scope),
            seconds={"retrieve": found - began, "read": done - found, "total": done - began},
        )

    def retrieve(
        self, index: Index, questions: Sequence[str], scope: Scope = WHOLE
    ) -> list[list[RetrievedPassage]]:
        """What is read for each question, in order: the best passages, and the headlines of the first ones."""
        return self.retriever.search_in(
            index, questions, RETRIEVED, scope, headlines_of=FIRST_READ, phrases_in_article=True
        )

    def outcome(self, index: Index, question: str, retrieved: Sequence[RetrievedPassage]) -> Outcome:
        """Reads the first passages, the others only when in doubt, and decides."""
        first, most = depths(retrieved)
        reading = self.read(index, question, retrieved, first)
        outcome = answer_question(reading, self.calibration, index.rarity)
        if len(retrieved) > first and outcome.stated < self.calibration.settled:
            reading = self.read(index, question, retrieved, most, begun=reading.readings)
            outcome = answer_question(reading, self.calibration, index.rarity)
        return outcome

    def read(
        self,
        index: Index,
        question: str,
        retrieved: Sequence[RetrievedPassage],
        count: int,
        begun: Sequence[PassageReading] = (),
    ) -> Reading:
        """The first ``count`` passages read, those of ``begun`` not again."""
        todo = retrieved[len(begun) : count]
        pairs = [(context_of(found.passage, found.article), found.text) for found in todo]
        readings = [*begun, *self.reader.read(question, pairs)] if pairs else list(begun)
        topic = index.topic_score(max((found.dense_score or 0.0 for found in retrieved), default=0.0))
        return Reading(question, tuple(retrieved), tuple(readings), topic)

    def weigh(self, questions: Sequence[str], scope: Scope = WHOLE, *, count: int = 3) -> list[Weighed]:
        """For each way to put a question, how well the archive answers it.

        Reads ``count`` passages for each; the questions are embedded in one batch.
        """
        index = self.retriever.refresh()
        out: list[Weighed] = []
        for question, found in zip(questions, self.retrieve(index, questions, scope), strict=True):
            reading = self.read(index, question, found, count)
            judged = judge(reading, self.calibration, index.rarity)
            if judged.candidates:
                best = judged.candidates[0]
                out.append(Weighed(judged.stated, found[best.position].article.id, best.text))
            else:
                out.append(Weighed(judged.stated, None, ""))
        return out
