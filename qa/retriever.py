"""Retriever: a question -> the passages that are likeliest to answer it.

Dense (encoder and FAISS) and lexical (BM25 over jieba words) rankings are fused by weighted reciprocal rank (Cormack,
Clarke and Buettcher 2009). Near-identical passages are shown once.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from embeddings import Encoder
from qa.datatypes import Passage, RetrievedPassage
from qa.errors import QuestionError
from qa.folding import fold, to_simplified
from qa.index import Index, current_generation, default_index_dir, open_index
from qa.scope import WHOLE, Scope

Scores = npt.NDArray[np.float32]

LONGEST_QUESTION = 1000
POOL = 60  # how deep each ranking is looked at
RANK_CONSTANT = 20.0
DENSE_WEIGHT, LEXICAL_WEIGHT = 2.0, 1.0
SAME_SHARE = 0.8
MOST_REPRINTS = 10  # so many more passages are looked at, to fill the places of reprints
_GRAM = 5
_QUOTED = re.compile(r"“([^“”]{2,})”|\"([^\"]{2,})\"|「([^「」]{2,})」|『([^『』]{2,})』")


def check_question(question: str) -> str:
    """``question`` without blanks around it and control characters; QuestionError where nothing can be asked."""
    if not isinstance(question, str):
        raise QuestionError(f"问题应是一段文字，收到的是 {type(question).__name__}。")
    text = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in question
    )
    text = " ".join(text.split())
    if not any(char.isalnum() for char in text):
        raise QuestionError("问题是空的；请输入要查的内容。")
    if len(text) > LONGEST_QUESTION:
        raise QuestionError(f"问题有 {len(text)} 个字，最多 {LONGEST_QUESTION} 个字；请缩短后再问。")
    return text


class Ranker(Protocol):
    """Scores every passage of an index for questions."""

    def scores(self, index: Index, questions: Sequence[str]) -> Sequence[Scores]:
        """For each question one score a passage, float32 (passages,); higher is better."""
        ...


class DenseRanker:
    """Cosine of the question's and the passages' vectors."""

    def scores(self, index: Index, questions: Sequence[str]) -> Sequence[Scores]:
        """See Ranker. Beyond the pool a score is not computed and given as -1."""
        vectors = index.encoder.encode_queries([to_simplified(question) for question in questions])
        rows, scores = index.vectors.search(vectors, len(index.vectors))
        out = []
        for row, score in zip(rows, scores, strict=True):
            full = np.full(len(index.vectors), -1.0, np.float32)
            full[row] = score
            out.append(full)
        return out


class LexicalRanker:
    """BM25 over jieba words."""

    def scores(self, index: Index, questions: Sequence[str]) -> Sequence[Scores]:
        """See Ranker."""
        return [index.lexical.scores(question) for question in questions]


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The rows of one ranker in order, and the place of each (from 1)."""

    rows: list[int]
    ranks: dict[int, int]


def _ranking(scores: Scores, allowed: npt.NDArray[np.bool_] | None, least: float) -> _Ranking:
    usable = scores if allowed is None else np.where(allowed, scores, -np.inf)
    count = min(POOL, len(usable))
    top = np.argpartition(-usable, count - 1)[:count] if count else np.empty(0, np.int64)
    rows = [
        int(row)
        for row in sorted(top, key=lambda row: (-float(usable[row]), int(row)))
        if usable[row] > least
    ]
    return _Ranking(rows, {row: place for place, row in enumerate(rows, 1)})


class Retriever:
    """Searches the current generation of an index directory; follows a newer one at the next call.

    Safe to share between threads.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = threading.Lock()
        self.dense: Ranker = DenseRanker()
        self.lexical: Ranker = LexicalRanker()

    @classmethod
    def open(cls, index_dir: str | Path | None = None, *, model: str | Path | None = None) -> Retriever:
        """The retriever of ``index_dir`` (default: ``WENBAO_INDEX_DIR`` or ``var/index``).

        ``model``: encoder name or path where the index was built with another than the shipped one. Raises
        IndexStateError, ModelError.
        """
        root = Path(index_dir) if index_dir is not None else default_index_dir()
        return cls(open_index(root, model=model))

    @property
    def index(self) -> Index:
        """The generation in use."""
        return self._index

    @property
    def encoder(self) -> Encoder:
        return self._index.encoder

    def refresh(self) -> Index:
        """The newest published generation, opened where it is not in use yet."""
        with self._lock:
            if current_generation(self._index.root) != self._index.generation:
                self._index = open_index(self._index.root, encoder=self._index.encoder)
            return self._index

    def search(
        self,
        question: str,
        top_k: int = 5,
        *,
        sources: Collection[str] | None = None,
        newspapers: Collection[str] | None = None,
        date_from: str | None = None,
        date_to: str | None = None,
    ) -> list[RetrievedPassage]:
        """The best ``top_k`` passages for ``question``, best first.

        ``sources`` keeps to the documents and ``newspapers`` to the newspapers that go by these names, ``date_from``
        and ``date_to`` to articles published then ("2023-10-11", "2023-10", "2023"; ``index.undated_in`` says how
        many have no date). A phrase in quotation marks must occur in a passage. Raises QuestionError for an empty
        or over-long question, ScopeError for a date that is none, ValueError for ``top_k`` below 1, TypeError where
        it is no whole number or a single name stands for a collection.
        """
        if not isinstance(top_k, int) or isinstance(top_k, bool):
            raise TypeError(f"top_k is {top_k!r}; expected a whole number")
        if top_k < 1:
            raise ValueError(f"top_k is {top_k}; expected at least 1")
        scope = Scope.of(sources, newspapers, date_from, date_to)
        return self.search_in(self.refresh(), [check_question(question)], top_k, scope)[0]

    def search_in(
        self,
        index: Index,
        questions: Sequence[str],
        top_k: int,
        scope: Scope = WHOLE,
        *,
        headlines_of: int = 0,
        phrases_in_article: bool = False,
    ) -> list[list[RetrievedPassage]]:
        """As ``search``, for checked questions in one batch, in a generation that the caller holds.

        ``phrases_in_article``: a phrase in quotation marks may also stand elsewhere in the passage's article.
        ``headlines_of``: the headlines of the articles that the first so many passages come from follow these
        passages, where they are not among the ``top_k`` anyway: a headline alone has few words to be found by.
        """
        allowed: npt.NDArray[np.bool_] | None = None
        if not scope.whole:
            allowed = np.zeros(len(index.vectors), dtype=bool)
            allowed[index.rows_in(scope)] = True
        dense = self.dense.scores(index, questions)
        lexical = self.lexical.scores(index, questions)
        return [
            self._fused(index, question, d, x, top_k, allowed, headlines_of, phrases_in_article)
            for question, d, x in zip(questions, dense, lexical, strict=True)
        ]

    def _fused(
        self,
        index: Index,
        question: str,
        dense: Scores,
        lexical: Scores,
        top_k: int,
        allowed: npt.NDArray[np.bool_] | None,
        headlines_of: int,
        phrases_in_article: bool,
    ) -> list[RetrievedPassage]:
        phrases = quoted_phrases(question)
        if phrases:
            holding = self._with_phrases(index, phrases, lexical, allowed)
            allowed = _whole_articles(index, holding, allowed) if phrases_in_article else holding
        by_dense, by_words = _ranking(dense, allowed, -1.0), _ranking(lexical, allowed, 0.0)
        fused: dict[int, float] = {}
        for ranking, weight in ((by_dense, DENSE_WEIGHT), (by_words, LEXICAL_WEIGHT)):
            for row, place in ranking.ranks.items():
                fused[row] = fused.get(row, 0.0) + weight / (RANK_CONSTANT + place)
        best = sorted(fused, key=lambda row: (-fused[row], row))
        passages = dict(zip(best, index.passages(best), strict=True)) if best else {}
        kept = _one_a_story(index, collapse([passages[row] for row in best], top_k + MOST_REPRINTS), top_k)
        rows = {passage.id: row for row, passage in passages.items()}
        for row, headline in self._headlines_over(index, [passage for passage, _ in kept[:headlines_of]]):
            own = grams(headline.text)
            if not any(near_copies(own, grams(passage.text)) for passage, _ in kept):
                rows[headline.id] = row
                kept.insert(headlines_of, (headline, ()))
        out = []
        for rank, (passage, copies) in enumerate(kept, 1):
            row = rows[passage.id]
            out.append(
                RetrievedPassage(
                    passage=passage,
                    article=index.article(passage.article_id),
                    score=fused.get(row, 0.0),
                    rank=rank,
                    dense_score=float(dense[row]),
                    dense_rank=by_dense.ranks.get(row),
                    lexical_score=float(lexical[row]),
                    lexical_rank=by_words.ranks.get(row),
                    copies=copies,
                    reprints=tuple(index.reprints(passage.article_id)),
                )
            )
        return out

    @staticmethod
    def _headlines_over(index: Index, passages: Sequence[Passage]) -> Iterator[tuple[int, Passage]]:
        """The headline of each passage's article and the sub-headings they stand under, each once."""
        sections: dict[str, set[str | None]] = {}
        for passage in passages:
            sections.setdefault(passage.article_id, set()).add(passage.section)
        for article_id, under in sections.items():
            title = index.article(article_id).headline
            for row, headline in index.headlines(article_id):
                if headline.text == title or headline.text in under:
                    yield row, headline

    @staticmethod
    def _with_phrases(
        index: Index, phrases: Sequence[str], lexical: Scores, allowed: npt.NDArray[np.bool_] | None
    ) -> npt.NDArray[np.bool_]:
        """The passages that hold all phrases.

        Looked at are those that share words with the question, and those that hold a phrase as it is typed: the
        words of a phrase can be cut otherwise in its passage.
        """
        out = np.zeros(len(lexical), dtype=bool)
        rows = {*np.flatnonzero(lexical > 0).tolist(), *index.store.rows_holding(phrases)}
        candidates = sorted(row for row in rows if allowed is None or allowed[row])
        for start in range(0, len(candidates), 500):
            chunk = candidates[start : start + 500]
            for row, passage in zip(chunk, index.passages(chunk), strict=True):
                text = _squeezed(passage.text)
                out[row] = all(phrase in text for phrase in phrases)
        return out


def _whole_articles(
    index: Index, rows: npt.NDArray[np.bool_], allowed: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.bool_]:
    """``rows``, and the other allowed rows of their articles."""
    out = np.zeros_like(rows)
    for row, passage in zip(
        chosen := [int(r) for r in np.flatnonzero(rows)], index.passages(chosen), strict=True
    ):
        if not out[row]:
            out[index.rows_of_article(passage.article_id)] = True
    return out if allowed is None else out & allowed


def quoted_phrases(question: str) -> list[str]:
    """The phrases in quotation marks of ``question``, folded and without blanks."""
    return [_squeezed(next(group for group in hit if group)) for hit in _QUOTED.findall(question)]


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


def grams(text: str) -> frozenset[str]:
    """The runs of five characters of ``text``, folded and without blanks."""
    bare = _squeezed(text)
    return frozenset(bare[i : i + _GRAM] for i in range(max(len(bare) - _GRAM + 1, 1)))


def collapse(passages: Sequence[Passage], top_k: int) -> list[tuple[Passage, tuple[str, ...]]]:
    """The first ``top_k`` passages that are no near-copies of one before; each with the ids of its copies.

    Near-copies share SAME_SHARE of the five-character runs of the shorter. A headline gives its place to the
    paragraph that holds its words.
    """
    kept: list[tuple[Passage, frozenset[str], list[str]]] = []
    for passage in passages:
        own = grams(passage.text)
        alike = [n for n, (_, theirs, _) in enumerate(kept) if near_copies(own, theirs)]
        if not alike:
            if len(kept) == top_k:
                break
            kept.append((passage, own, []))
            continue
        first, _, copies = kept[alike[0]]
        if first.kind == "headline" and passage.kind != "headline":
            gone = [other.id for other, _, _ in (kept[n] for n in alike) if other.kind == "headline"]
            kept[alike[0]] = (passage, own, [*gone, *copies])
            kept = [entry for entry in kept if entry[0].id not in gone]
        else:
            copies.append(passage.id)
    return [(passage, tuple(copies)) for passage, _, copies in kept]


def _one_a_story(
    index: Index, kept: Sequence[tuple[Passage, tuple[str, ...]]], top_k: int
) -> list[tuple[Passage, tuple[str, ...]]]:
    """The first ``top_k`` of ``kept`` without those that an article before, which prints the same story, holds too.

    Another paper breaks its paragraphs elsewhere, so that no two passages need be alike.
    """
    out: list[tuple[Passage, tuple[str, ...]]] = []
    printed: dict[str, int] = {}  # an article that prints the story of a result -> the place of the result
    for passage, copies in kept:
        place = printed.get(passage.article_id)
        if place is not None:
            first, others = out[place]
            if near_copies(grams(passage.text), grams(index.article(first.article_id).text)):
                out[place] = (first, (*others, passage.id, *copies))
                continue
        if len(out) == top_k:
            break
        for article in index.reprints(passage.article_id):
            printed.setdefault(article.id, len(out))
        out.append((passage, copies))
    return out


def near_copies(grams: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two sets of ``grams`` share SAME_SHARE of the smaller."""
    return len(grams & others) >= SAME_SHARE * min(len(grams), len(others))
