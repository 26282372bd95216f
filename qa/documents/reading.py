"""Files and folders -> Documents."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.datatypes import Document
from qa.documents.decoding import decode
from qa.documents.html import looks_like_html, read_html
from qa.documents.metadata import from_front_matter, from_path, from_text
from qa.errors import SourceError

MAX_BYTES = 64 * 1024 * 1024
MAX_FRONT_MATTER = 65536  # characters; YAML is slow to read, and no page says that much about itself
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)", re.DOTALL)
# What lies beside the pages in an archive's folders and is no page: notes about them, data about them.
_BESIDE = re.compile(r"readme(?:\..*)?|.*\.jsonl?|.*\.csv|.*\.py", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read. ``source``: the name it goes by, POSIX, relative to the folder that was given."""

    path: Path
    source: str


def list_files(sources: Sequence[str | Path]) -> list[SourceFile]:
    """The files of ``sources`` (files or folders, recursively), sorted.

    In folders, hidden files, READMEs and data files (JSON, CSV) are left out; a file given by itself is always read.

    Names are relative to the folder given. Where two folders hold the same name, the folders' own names are put
    in front; a file given by itself goes by its name. Raises SourceError where a source does not exist.
    """
    groups: list[list[tuple[Path, str, str]]] = []
    for given in sources:
        root = Path(given)
        if root.is_file():
            groups.append([(root, _readable(root.name), _readable(root.resolve().parent.name))])
        elif root.is_dir():
            group = []
            for path in sorted(root.rglob("*")):
                relative = path.relative_to(root)
                hidden = any(part.startswith(".") for part in relative.parts)
                if path.is_file() and not hidden and not _BESIDE.fullmatch(path.name):
                    group.append((path, _readable(relative.as_posix()), _readable(root.resolve().name)))
            groups.append(group)
        else:
            raise SourceError(f"没有找到“{given}”；请检查路径，这里需要一个文件或文件夹。")
    count: dict[str, set[Path]] = {}
    for group in groups:
        for path, name, _ in group:
            count.setdefault(name, set()).add(path.resolve())
    out: dict[Path, SourceFile] = {}
    taken: set[str] = set()
    for group in groups:
        for path, name, folder in group:
            resolved = path.resolve()
            if resolved in out:
                continue  # the same file given twice
            unique = name if len(count[name]) == 1 else f"{folder}/{name}"
            number = 2
            while unique in taken:
                unique = f"{folder}-{number}/{name}"
                number += 1
            taken.add(unique)
            out[resolved] = SourceFile(path, unique)
    return sorted(out.values(), key=lambda file: file.source)


def _readable(name: str) -> str:
    """A file's name as text: one that is not UTF-8 was mostly written on a system with GBK names."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", errors="replace")
    return name


def read_document(file: SourceFile) -> Document:
    """The Document of ``file``; SourceError with the reason where it cannot be read whole."""
    try:
        size = file.path.stat().st_size
        if size > MAX_BYTES:
            raise SourceError(
                f"{file.source} 有 {size / 2**20:.0f} MB，超过 {MAX_BYTES // 2**20} MB 的上限；请分成几个文件。"
            )
        data = file.path.read_bytes()
    except OSError as error:
        raise SourceError(f"读不了 {file.source}（{error.strerror or error}）；请检查文件和权限。") from error
    if not data.strip():
        raise SourceError(f"{file.source} 是空文件；请检查来源。")
    raw, encoding = decode(data, file.source)
    document = document_of(raw, file.source, encoding, hashlib.sha256(data).hexdigest())
    if not document.text.strip():
        raise SourceError(f"{file.source} 里没有可读的文字；请检查来源。")
    return document


def document_of(raw: str, source: str, encoding: str, sha256: str) -> Document:
    """The Document of a decoded file: front matter apart, HTML as its visible text, line ends as ``\\n``."""
    text, line_map = _unix_lines(raw)
    fields, start = _front_matter(text)
    body = text[start:]
    known = from_path(source).or_else(from_front_matter(fields))
    marks: list[tuple[int, int, str]] = []
    if looks_like_html(body) or (Path(source).suffix.lower() in (".html", ".htm", ".xhtml") and "<" in body):
        visible, runs, marks, meta = read_html(body, start)
        kind = "html"
        known = known.or_else(meta)
    else:
        visible, runs = body, [(0, start, len(body))] if body else []
        kind = "markdown" if _MARKDOWN_HEADING.search(body) else "text"
    known = known.or_else(from_text(visible))
    return Document(
        source=source,
        text=visible,
        format="html" if kind == "html" else "markdown" if kind == "markdown" else "text",
        encoding=encoding,
        sha256=sha256,
        title=known.title,
        newspaper=known.newspaper,
        date=known.date,
        page=known.page,
        author=known.author,
        file_map=tuple(_through(runs, line_map)),
        marks=tuple(marks),
    )


def _unix_lines(raw: str) -> tuple[str, list[tuple[int, int, int]]]:
    """``raw`` with ``\\n`` line ends and without form feeds at them, and the map back to ``raw``."""
    if "\r" not in raw:
        return raw, [(0, 0, len(raw))]
    pieces: list[str] = []
    runs: list[tuple[int, int, int]] = []
    at = length = 0
    for hit in re.finditer(r"\r\n?", raw):
        pieces += [raw[at : hit.start()], "\n"]
        runs.append((length, at, hit.start() - at + 1))
        length += hit.start() - at + 1
        at = hit.end()
    pieces.append(raw[at:])
    runs.append((length, at, len(raw) - at))
    return "".join(pieces), [run for run in runs if run[2]]


def _front_matter(text: str) -> tuple[dict[str, Any], int]:
    """The YAML fields between ``---`` lines at the beginning, and where the text after them starts."""
    hit = _FRONT_MATTER.match(text)
    if hit is None or len(hit.group(1)) > MAX_FRONT_MATTER:
        return {}, 0
    import yaml

    try:
        fields = yaml.safe_load(hit.group(1))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, 0  # a line of dashes in a text that is no front matter
    return (fields, hit.end()) if isinstance(fields, dict) else ({}, 0)


def _through(
    runs: Sequence[tuple[int, int, int]], line_map: Sequence[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    """The map ``runs`` (text to unix lines) carried on by ``line_map`` (unix lines to file)."""
    if len(line_map) == 1:
        return list(runs)
    out: list[tuple[int, int, int]] = []
    at = 0
    for start, middle, length in sorted(runs, key=lambda run: run[1]):
        end = middle + length
        while at < len(line_map) and line_map[at][0] + line_map[at][2] <= middle:
            at += 1
        n = at
        while n < len(line_map) and line_map[n][0] < end:
            a, b = max(middle, line_map[n][0]), min(end, line_map[n][0] + line_map[n][2])
            out.append((start + a - middle, line_map[n][1] + a - line_map[n][0], b - a))
            n += 1
    return sorted(out)
