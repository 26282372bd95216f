"""Building a generation: sources -> documents -> articles -> passages -> vectors and words -> published."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

import numpy as np

from embeddings import Encoder, EncoderError, VectorIndex, load_encoder
from embeddings.vector_index import Vectors
from qa.articles import linked, split_articles
from qa.datatypes import Article, Document, Passage
from qa.documents import SourceFile, list_files, read_documents
from qa.errors import IndexNotFoundError, IndexStateError, ModelError, QAError, SourceError
from qa.folding import to_simplified
from qa.index.generations import (
    default_index_dir,
    generation_files,
    generation_numbers,
    publish,
    read_current,
    read_manifest,
    writer_lock,
)
from qa.index.manifest import FORMAT, Manifest
from qa.index.opened import BM25, STORE, VECTORS
from qa.index.store import Store, write_store
from qa.lexical import LexicalIndex
from qa.passages import SPLITTER, context_of, split_passages
from qa.reprints import stories

REPORT = "build-report.json"
# stage ("read", "embed", "publish"), done, total
Progress = Callable[[str, int, int], None]
_Page = tuple[Document, Sequence[Article]]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. ``failed``: ``(source, reason)`` of the files that could not be read."""

    generation: str
    sources: tuple[str, ...]
    documents: int
    articles: int
    passages: int
    embedded: int
    reused: int
    dropped: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


def embedded_text(passage: Passage, article: Article) -> str:
    """What is embedded and indexed for a passage: its headline and sub-heading, and its text, simplified."""
    context = context_of(passage, article)
    return to_simplified(f"{context}\n{passage.text}" if context else passage.text)


def build_index(
    index_dir: str | Path | None = None,
    sources: Sequence[str | Path] | None = None,
    *,
    add: Sequence[str | Path] = (),
    remove: Sequence[str | Path] = (),
    model: str | Path | None = None,
    encoder: Encoder | None = None,
    reader_fingerprint: str = "",
    strict: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Builds and publishes a new generation of ``sources`` (default: the recorded ones), with ``add`` and ``remove``.

    Only texts that the generation before has not embedded with the same encoder are embedded. One bad file never
    stops a build: it is in the report; with ``strict`` it raises SourceError and nothing is published. Raises
    SourceError where a source does not exist or nothing can be read, IndexLockedError, ModelError, and
    IndexStateError where the disk is full.
    """
    root = Path(index_dir) if index_dir is not None else default_index_dir()
    tell = progress or _silent
    with writer_lock(root):
        parent = _parent(root, needed=not sources)
        wanted = _sources(parent, sources, add, remove)
        files = list_files(wanted)
        if encoder is None:
            try:
                encoder = load_encoder(model)
            except EncoderError as error:
                raise ModelError(str(error)) from error
        pages, failed = _read(files, tell)
        if failed and strict:
            listed = "；".join(reason for _, reason in failed[:5])
            raise SourceError(f"有 {len(failed)} 个文件读不了，按 --strict 的要求没有发布：{listed}")
        if not pages:
            reasons = "；".join(reason for _, reason in failed[:5]) or "其中没有文件"
            raise SourceError(
                f"在 {'、'.join(wanted)} 里没有可读的文件（{reasons}）；请给出含有文本、Markdown、HTML、JSON Lines、PDF 或 DOCX 的文件夹。"
            )
        number = max(generation_numbers(root), default=0) + 1
        work = root / f"tmp-{number:06d}-{os.getpid()}"
        try:
            work.mkdir()
            report = _write(
                root,
                work,
                f"gen-{number:06d}",
                wanted,
                pages,
                failed,
                parent,
                encoder,
                reader_fingerprint,
                tell,
            )
        except OSError as error:
            raise IndexStateError(
                f"写不了索引 {root}（{error.strerror or error}）；请检查磁盘空间和权限。原来的索引没有改动。"
            ) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return report


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody asked for."""


def _parent(root: Path, *, needed: bool) -> Manifest | None:
    """The manifest of the current generation; None where there is none.

    One that cannot be read matters only where the list of sources is to come from it (``needed``).
    """
    try:
        generation, sha256 = read_current(root)
        return read_manifest(root, generation, sha256)
    except IndexNotFoundError:
        return None
    except IndexStateError as error:
        if not needed:
            return None
        raise type(error)(f"{error}重建时请给出全部来源，例如 wenbao build 文件夹。") from error


def _sources(
    parent: Manifest | None,
    given: Sequence[str | Path] | None,
    add: Sequence[str | Path],
    remove: Sequence[str | Path],
) -> list[str]:
    """The list of sources of the new generation, as absolute paths."""
    base = list(dict.fromkeys(str(Path(s).resolve()) for s in given)) if given else []
    if not given and parent is not None:
        base = list(parent.sources)
    for source in add:
        if str(Path(source).resolve()) not in base:
            base.append(str(Path(source).resolve()))
    for source in remove:
        path = str(Path(source).resolve())
        if path not in base:
            raise SourceError(f"来源里没有“{source}”，不能去掉；现有来源：{'、'.join(base) or '无'}。")
        base.remove(path)
    unwritable = [source for source in base if not source.isprintable()]
    if unwritable:
        raise SourceError(f"来源的路径 {unwritable[0]!r} 里有不能显示的字符，记录不了；请改名后再试。")
    if not base:
        raise SourceError("没有来源；请给出要建索引的文件或文件夹，例如 wenbao build seeds。")
    # A recorded source that is gone is dropped, as its files are; one that was just given must be there.
    new = {str(Path(s).resolve()) for s in (*(given or ()), *add)}
    kept = [source for source in base if Path(source).exists() or source in new]
    if not kept:
        raise SourceError(f"记录的来源都不在了：{'、'.join(base)}；请给出新的文件或文件夹。")
    return kept


def _read(files: Sequence[SourceFile], tell: Progress) -> tuple[list[_Page], list[tuple[str, str]]]:
    pages: list[_Page] = []
    failed: list[tuple[str, str]] = []
    for done, file in enumerate(files, 1):
        try:
            reading = read_documents(file)
            failed += ((file.source, problem) for problem in reading.problems)
            pages += ((document, split_articles(document).articles) for document in reading.documents)
        except QAError as error:
            failed.append((file.source, str(error)))
        except Exception as error:  # whatever a page holds, the others are built
            failed.append((file.source, f"{file.source} 处理时出错（{error!r}）；请把这个文件报告给开发者。"))
        tell("read", done, len(files))
    return pages, failed


def _write(
    root: Path,
    work: Path,
    generation: str,
    sources: Sequence[str],
    pages: Sequence[_Page],
    failed: Sequence[tuple[str, str]],
    parent: Manifest | None,
    encoder: Encoder,
    reader_fingerprint: str,
    tell: Progress,
) -> BuildReport:
    articles = linked([article for _, page in pages for article in page])
    passages: list[Passage] = []
    texts: list[str] = []
    documents = [document for document, _ in pages]
    for article in articles:
        for passage in split_passages(article):
            passages.append(passage)
            texts.append(embedded_text(passage, article))
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    vectors, reused = _vectors(root, texts, keys, parent, encoder, tell)
    VectorIndex.build(vectors).save(work / VECTORS)
    LexicalIndex.build(texts).save(work / BM25)
    told = stories([article.text for article in articles])
    write_store(work / STORE, documents, zip(articles, told, strict=True), zip(passages, keys, strict=True))
    report = BuildReport(
        generation=generation,
        sources=tuple(sources),
        documents=len(documents),
        articles=len(articles),
        passages=len(passages),
        embedded=len(passages) - reused,
        reused=reused,
        dropped=tuple(sorted(set(parent.source_files) - {d.source for d in documents})) if parent else (),
        failed=tuple(failed),
    )
    text = json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n"
    (work / REPORT).write_text(text, encoding="utf-8")
    manifest = Manifest(
        format=FORMAT,
        generation=generation,
        parent=parent.generation if parent else None,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
        documents=len(documents),
        articles=len(articles),
        passages=len(passages),
        sources=tuple(sources),
        source_files={d.source: d.sha256 for d in documents},
        files=generation_files(work),
        encoder=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        dim=encoder.dim,
        reader_fingerprint=reader_fingerprint,
        splitter=SPLITTER,
        dense_reference=dense_reference(vectors, encoder),
    )
    tell("publish", 0, 1)
    publish(root, work, manifest)
    (root / REPORT).write_text(text, encoding="utf-8")
    tell("publish", 1, 1)
    return report


def _vectors(
    root: Path,
    texts: Sequence[str],
    keys: Sequence[str],
    parent: Manifest | None,
    encoder: Encoder,
    tell: Progress,
) -> tuple[Vectors, int]:
    """The vector of each text, and how many were taken from the generation before."""
    known: dict[str, int] = {}
    old: VectorIndex | None = None
    if parent is not None and parent.encoder_fingerprint == encoder.fingerprint:
        directory = root / parent.generation
        try:
            old = VectorIndex.load(directory / VECTORS, parent.files[VECTORS].sha256)
            known = Store(directory / STORE).embedded()
        except Exception as error:  # whatever is wrong with it, a damaged parent only costs time
            del error
            known, old = {}, None
    out = np.empty((len(texts), encoder.dim), dtype=np.float32)
    have = [n for n, key in enumerate(keys) if key in known]
    if old is not None and have:
        out[have] = old.vectors([known[keys[n]] for n in have])
    todo = [n for n, key in enumerate(keys) if key not in known]
    tell("embed", 0, len(todo))
    if todo:
        out[todo] = encoder.encode_passages(
            [texts[n] for n in todo], progress=lambda done, total: tell("embed", done, total)
        )
    return out, len(have)


def dense_reference(vectors: Vectors, encoder: Encoder) -> tuple[float, float]:
    """Mean and standard deviation of the best inner product that generic questions reach among ``vectors``."""
    questions = (
        resources.files("qa.index").joinpath("generic_questions.txt").read_text(encoding="utf-8").split("\n")
    )
    asked = encoder.encode_queries([question for question in questions if question.strip()])
    best = (asked @ vectors.T).max(axis=1)
    return float(best.mean()), float(best.std())
