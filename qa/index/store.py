"""Documents, articles and passages of a generation in one SQLite file, opened read-only."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from qa.datatypes import Article, Document, Part, Passage, Span
from qa.folding import fold
from qa.scope import Scope

_SCHEMA = """
PRAGMA journal_mode = DELETE;
CREATE TABLE documents (source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, newspaper TEXT, date TEXT,
    story INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX articles_by_story ON articles (story);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article TEXT NOT NULL, source TEXT NOT NULL,
    headline INTEGER NOT NULL, embedded TEXT NOT NULL, record TEXT NOT NULL
);
CREATE INDEX passages_by_source ON passages (source);
CREATE INDEX passages_by_article ON passages (article);
"""


def write_store(
    path: Path,
    documents: Iterable[Document],
    articles: Iterable[tuple[Article, int]],
    passages: Iterable[tuple[Passage, str]],
) -> None:
    """Writes a new file; each article comes with its story (see qa.reprints), each passage with the hash of the text
    that was embedded for it."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_SCHEMA)
        connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?)", ((d.source, d.sha256, _dump(d)) for d in documents)
        )
        connection.executemany(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (n, a.id, a.source, a.newspaper and fold(a.newspaper), a.date, story, _dump(a))
                for n, (a, story) in enumerate(articles)
            ),
        )
        connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (n, p.id, p.article_id, p.source, p.kind == "headline", key, _dump(p))
                for n, (p, key) in enumerate(passages)
            ),
        )
        connection.commit()
    finally:
        connection.close()


def _dump(value: Any) -> str:
    return json.dumps(asdict(value), ensure_ascii=False, separators=(",", ":"))


class Store:
    """A generation's records. Safe to share between threads: one connection, one statement at a time.

    The file is opened immutable: it is never written again, and stays readable after its directory was removed.
    """

    def __init__(self, path: Path) -> None:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()

    def _rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, parameters).fetchall()

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of ``rows``, in that order. Raises IndexError for a row that is not there."""
        marks = ",".join("?" * len(rows))
        found = dict(
            self._rows(f"SELECT row, record FROM passages WHERE row IN ({marks})", [int(r) for r in rows])
        )
        try:
            return [_passage(found[int(row)]) for row in rows]
        except KeyError as error:
            raise IndexError(f"no passage in row {error}") from None

    def headlines(self, article_id: str) -> list[tuple[int, Passage]]:
        """``(row, passage)`` of the headline and the sub-headings of an article, in order."""
        found = self._rows(
            "SELECT row, record FROM passages WHERE article = ? AND headline ORDER BY row", (article_id,)
        )
        return [(int(row), _passage(record)) for row, record in found]

    def rows_of_article(self, article_id: str) -> list[int]:
        """The rows of the passages of an article, ascending."""
        found = self._rows("SELECT row FROM passages WHERE article = ? ORDER BY row", (article_id,))
        return [int(row) for (row,) in found]

    def rows_holding(self, phrases: Iterable[str]) -> list[int]:
        """The rows of passages whose record holds one of ``phrases``, character by character."""
        out: list[int] = []
        for phrase in phrases:
            out += [
                int(row)
                for (row,) in self._rows("SELECT row FROM passages WHERE instr(record, ?)", (phrase,))
            ]
        return out

    def article(self, id: str) -> Article:
        """The article of ``id``; KeyError where there is none."""
        found = self._rows("SELECT record FROM articles WHERE id = ?", (id,))
        if not found:
            raise KeyError(id)
        return _article(found[0][0])

    def articles(self, source: str | None = None) -> Iterator[Article]:
        """All articles in order, or those of one document."""
        where, values = ("WHERE source = ?", (source,)) if source is not None else ("", ())
        for (record,) in self._rows(f"SELECT record FROM articles {where} ORDER BY number", values):
            yield _article(record)

    def reprints(self, article_id: str) -> list[Article]:
        """The other articles that print the story of this one, in order."""
        found = self._rows(
            "SELECT o.record FROM articles a JOIN articles o ON o.story = a.story AND o.id != a.id"
            " WHERE a.id = ? ORDER BY o.number",
            (article_id,),
        )
        return [_article(record) for (record,) in found]

    def document(self, source: str) -> Document:
        """The document that goes by ``source``; KeyError where there is none."""
        found = self._rows("SELECT record FROM documents WHERE source = ?", (source,))
        if not found:
            raise KeyError(source)
        return _document(found[0][0])

    def sources(self) -> list[str]:
        """The names of the documents, sorted."""
        return [source for (source,) in self._rows("SELECT source FROM documents ORDER BY source")]

    def newspapers(self) -> list[str]:
        """The names of the newspapers, as they were written first, sorted."""
        found = self._rows(
            "SELECT json_extract(record, '$.newspaper'), MIN(number) FROM articles"
            " WHERE newspaper IS NOT NULL GROUP BY newspaper"
        )
        return sorted(str(name) for name, _ in found)

    def days(self) -> tuple[str, str] | None:
        """The first and the last date of the articles; None where none has a date."""
        first, last = self._rows("SELECT MIN(date), MAX(date) FROM articles")[0]
        return None if first is None else (str(first), str(last))

    def rows_in(self, scope: Scope) -> list[int]:
        """The rows of the passages of the articles in ``scope``, ascending."""
        conditions, values = _conditions(scope)
        # A date that is only a month or a year is in the range where some day of it is: "~" sorts behind "-".
        for condition, day in (("a.date || '~' >= ?", scope.first_day), ("a.date <= ?", scope.last_day)):
            if day is not None:
                conditions.append(condition)
                values.append(day)
        found = self._rows(
            "SELECT p.row, p.source FROM passages p JOIN articles a ON a.id = p.article"
            f" WHERE {' AND '.join(conditions)} ORDER BY p.row",
            values,
        )
        return [int(row) for row, source in found if scope.sources is None or source in scope.sources]

    def undated_in(self, scope: Scope) -> int:
        """How many articles have no date, of those that ``scope`` would hold but for its days."""
        conditions, values = _conditions(scope)
        found = self._rows(
            f"SELECT a.source FROM articles a WHERE a.date IS NULL AND {' AND '.join(conditions)}", values
        )
        return sum(scope.sources is None or source in scope.sources for (source,) in found)

    def embedded(self) -> dict[str, int]:
        """For each embedded text, by its hash, a row that holds its vector."""
        return dict(self._rows("SELECT embedded, row FROM passages"))

    def counts(self) -> tuple[int, int, int]:
        """How many documents, articles and passages there are."""
        d, a, p = (
            self._rows(f"SELECT COUNT(*) FROM {name}")[0][0] for name in ("documents", "articles", "passages")
        )
        return d, a, p

    def problems(self) -> list[str]:
        """What SQLite's own check of the file finds; empty where it is whole."""
        return [str(row[0]) for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]


def _conditions(scope: Scope) -> tuple[list[str], list[str]]:
    """SQL conditions on articles for the newspapers of ``scope``, and their values."""
    if scope.newspapers is None:
        return ["TRUE"], []
    names = sorted(scope.newspapers)
    return [f"a.newspaper IN ({','.join('?' * len(names))})"], names


def _spans(value: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    return tuple((int(a), int(b)) for a, b in value)


def _passage(record: str) -> Passage:
    given = json.loads(record)
    return Passage(**{**given, "spans": _spans(given["spans"])})


def _article(record: str) -> Article:
    given = json.loads(record)
    parts = tuple(Part(p["role"], p["text"], _spans(p["spans"])) for p in given["parts"])
    return Article(
        **{
            **given,
            "spans": _spans(given["spans"]),
            "headline_spans": _spans(given["headline_spans"]),
            "parts": parts,
            "byline": tuple(given["byline"]),
        }
    )


def _document(record: str) -> Document:
    given = json.loads(record)
    tuples = {name: tuple(tuple(item) for item in given[name]) for name in ("file_map", "marks")}
    return Document(**{**{f.name: given[f.name] for f in fields(Document) if f.name in given}, **tuples})
