"""An opened generation: everything that answering a question needs, read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from embeddings import Encoder, EncoderError, VectorIndex, load_encoder
from qa.datatypes import Article, Document, Passage
from qa.errors import IndexDamagedError, IndexMismatchError, ModelError
from qa.index.generations import (
    check_files,
    current_generation,
    default_index_dir,
    read_current,
    read_manifest,
)
from qa.index.manifest import Manifest
from qa.index.store import Store
from qa.lexical import LexicalIndex, words
from qa.scope import Scope

VECTORS, STORE, BM25 = "vectors.faiss", "passages.sqlite", "bm25"


class Index:
    """One generation. Safe to share between threads; stays usable after a newer one has replaced it."""

    def __init__(
        self,
        root: Path,
        manifest: Manifest,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        store: Store,
        encoder: Encoder,
    ) -> None:
        self.root = root
        self.manifest = manifest
        self.vectors = vectors
        self.lexical = lexical
        self.store = store
        self.encoder = encoder

    @property
    def generation(self) -> str:
        return self.manifest.generation

    def passages(self, rows: list[int]) -> list[Passage]:
        """The passages of these rows."""
        return self.store.passages(rows)

    def headlines(self, article_id: str) -> list[tuple[int, Passage]]:
        """``(row, passage)`` of an article's headline and sub-headings, in order."""
        return self.store.headlines(article_id)

    def rows_of_article(self, article_id: str) -> list[int]:
        """The rows of the passages of an article."""
        return self.store.rows_of_article(article_id)

    def article(self, id: str) -> Article:
        """The article of ``id``; KeyError where there is none."""
        return self.store.article(id)

    def reprints(self, article_id: str) -> list[Article]:
        """The other articles that print the same story, in order."""
        return self.store.reprints(article_id)

    def pieces(self, article: Article) -> list[Article]:
        """``article`` with the pieces on other pages that it is continued from and to, in reading order."""
        before, after = self._followed(article, "continued_from"), self._followed(article, "continued_to")
        return [*reversed(before), article, *after]

    def _followed(self, article: Article, link: str) -> list[Article]:
        """The pieces that ``link`` leads to from ``article``, one after another; a page that is not here ends it."""
        out = [article]
        while "#" in (id := getattr(out[-1], link) or "") and id not in {piece.id for piece in out}:
            out.append(self.store.article(id))
        return out[1:]

    def articles(self, source: str | None = None) -> Iterable[Article]:
        """All articles in order, or those of one document."""
        return self.store.articles(source)

    def document(self, source: str) -> Document:
        """The document that goes by ``source``; KeyError where there is none."""
        return self.store.document(source)

    def sources(self) -> list[str]:
        """The names of the documents, sorted."""
        return self.store.sources()

    def newspapers(self) -> list[str]:
        """The names of the newspapers, sorted."""
        return self.store.newspapers()

    def days(self) -> tuple[str, str] | None:
        """The first and the last date of the articles; None where none has a date."""
        return self.store.days()

    def rows_in(self, scope: Scope) -> list[int]:
        """The rows of the passages in ``scope``."""
        return self.store.rows_in(scope)

    def undated_in(self, scope: Scope) -> int | None:
        """How many articles the days of ``scope`` leave out for want of a date; None where it has no days."""
        return self.store.undated_in(scope) if scope.dated else None

    def rarity(self, word: str) -> float:
        """How much ``word`` tells, in (0, 1]: see LexicalIndex.rarity."""
        return self.lexical.rarity(word)

    def topic_score(self, best_dense: float) -> float:
        """How far the best dense score of a question stands above that of questions about nothing in particular.

        In standard deviations; the level of such scores moves with the archive, so each index keeps its own.
        """
        mean, deviation = self.manifest.dense_reference
        return (best_dense - mean) / max(deviation, 1e-6)

    def info(self) -> dict[str, Any]:
        """What ``wenbao info`` prints."""
        m = self.manifest
        return {
            "index_dir": str(self.root),
            "generation": m.generation,
            "created": m.created,
            "documents": m.documents,
            "articles": m.articles,
            "passages": m.passages,
            "encoder": m.encoder,
            "dim": m.dim,
            "bytes": sum(entry.bytes for entry in m.files.values()),
            "sources": list(m.sources),
        }


def open_index(
    index_dir: str | Path | None = None, *, model: str | Path | None = None, encoder: Encoder | None = None
) -> Index:
    """The current generation of ``index_dir``. ``encoder``: an encoder that is loaded already.

    Raises IndexNotFoundError, IndexDamagedError, IndexMismatchError (naming both encoders), ModelError.
    """
    root = Path(index_dir) if index_dir is not None else default_index_dir()
    while True:
        generation, sha256 = read_current(root)
        try:
            index = _open(root, generation, sha256, model, encoder)
        except IndexDamagedError:
            if current_generation(root) == generation:
                raise
            continue  # it was replaced and removed while it was being opened
        words("预热")  # the dictionary is loaded now, not at the first question
        return index


def _open(
    root: Path, generation: str, sha256: str, model: str | Path | None, encoder: Encoder | None
) -> Index:
    manifest = read_manifest(root, generation, sha256)
    check_files(root, manifest)
    if encoder is None:
        try:
            encoder = load_encoder(model)
        except EncoderError as error:
            raise ModelError(str(error)) from error
    if encoder.fingerprint != manifest.encoder_fingerprint:
        raise IndexMismatchError(
            f"索引 {root} 是用编码模型“{manifest.encoder}”（{manifest.encoder_fingerprint[:12]}）建的，"
            f"现在用的是“{encoder.name}”（{encoder.fingerprint[:12]}）；"
            "请用 --model 指出原来的模型，或运行 wenbao build 重新建索引。"
        )
    directory = root / generation
    try:
        vectors = VectorIndex.load(directory / VECTORS, manifest.files[VECTORS].sha256)
        lexical = LexicalIndex.load(directory / BM25)
        store = Store(directory / STORE)
        counts = store.counts()
    except (EncoderError, OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
        raise IndexDamagedError(
            f"索引 {directory} 已损坏（{error}）；"
            "请运行 wenbao rollback 回到上一代，或运行 wenbao build 重新建索引。"
        ) from error
    expected = (manifest.documents, manifest.articles, manifest.passages)
    if (
        counts != expected
        or len(vectors) != counts[2]
        or lexical.size != counts[2]
        or vectors.dim != manifest.dim
    ):
        raise IndexDamagedError(
            f"索引 {directory} 各部分的数目不一致"
            f"（清单 {expected}，文档库 {counts}，向量 {len(vectors)}，词 {lexical.size}）；"
            "请运行 wenbao rollback 或 wenbao build。"
        )
    return Index(root, manifest, vectors, lexical, store, encoder)
