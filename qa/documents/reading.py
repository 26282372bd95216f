"""Files -> Documents. A file's kind is that of its content, whatever its name ends in."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.datatypes import Document
from qa.documents import jsonl
from qa.documents.decoding import decode
from qa.documents.html import looks_like_html, read_html
from qa.documents.listing import SourceFile
from qa.documents.markdown import looks_like_markdown, read_markdown
from qa.documents.metadata import Metadata, from_front_matter, from_path, from_text
from qa.documents.parsing import parse_apart
from qa.errors import SourceError

MAX_BYTES = 64 * 1024 * 1024
MAX_LINE = 200_000  # characters; a page of a newspaper has some 10,000
MAX_FRONT_MATTER = 65536  # characters; YAML is slow to read, and no page says that much about itself
MAX_BAD_LINES = 20  # of a file of records, reported one by one
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)", re.DOTALL)
# YAML's reader takes minutes for lists within lists within lists.
_NESTED = re.compile(r"(?:[\[{]\s*(?:[\w\"']+:\s+)?){20}|(?:[-?:][ \t]+){20}")
_XML = re.compile(r"\s*<\?xml\b[^>]*\?>\s*(?:<!--.*?-->\s*)*+", re.DOTALL)
_Runs = list[tuple[int, int, int]]
_Marks = list[tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file held. ``problems``: sentences about the parts of it that could not be read."""

    documents: tuple[Document, ...]
    problems: tuple[str, ...] = ()


def read_documents(file: SourceFile) -> Reading:
    """The Documents of ``file``: one, or one for each record; SourceError where nothing in it can be read."""
    data = _bytes(file)
    sha256 = hashlib.sha256(data).hexdigest()
    kind = _binary_kind(data)
    if kind == "pdf":
        return _parsed(data, file.source, "pdf", sha256)
    if kind == "docx":
        return _parsed(data, file.source, "docx", sha256)
    raw, encoding = decode(data, file.source)
    text, line_map = _unix_lines(raw)
    if jsonl.looks_like_json_lines(text):
        return _records(text, line_map, file.source, encoding)
    if jsonl.looks_like_json(text):
        raise SourceError(
            f"{file.source} 是 JSON 文件，但不是每行一条记录（JSON Lines），没有读入；请导出成一行一篇文章。"
        )
    return Reading((_checked(document_of(raw, file.source, encoding, sha256)),))


def read_document(file: SourceFile) -> Document:
    """The Document of a file that holds one, whole; SourceError otherwise."""
    reading = read_documents(file)
    if reading.problems:
        raise SourceError("".join(reading.problems))
    if len(reading.documents) != 1:
        raise SourceError(f"{file.source} 里有 {len(reading.documents)} 篇文章，这里只能读一篇。")
    return reading.documents[0]


def _bytes(file: SourceFile) -> bytes:
    if file.problem:
        raise SourceError(file.problem)
    try:
        status = file.path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{file.source} 不是普通文件，没有读。")
        if status.st_size > MAX_BYTES:
            raise SourceError(
                f"{file.source} 有 {status.st_size / 2**20:.0f} MB，超过 {MAX_BYTES // 2**20} MB 的上限；请分成几个文件。"
            )
        with file.path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)  # it may have grown
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SourceError(f"读不了 {file.source}（{reason or error}）；请检查文件和权限。") from error
    if not data.strip():
        raise SourceError(f"{file.source} 是空文件；请检查来源。")
    return data


def _binary_kind(data: bytes) -> str | None:
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    return "pdf" if head.startswith(b"%PDF-") else "docx" if head.startswith(b"PK\x03\x04") else None


def _checked(document: Document) -> Document:
    """``document``, unless nothing in it can be read or one of its lines is no newspaper's."""
    if not document.text.strip():
        raise SourceError(f"{document.source} 里没有可读的文字；请检查来源。")
    if len(document.text) > MAX_LINE:
        longest = max(map(len, document.text.split("\n")))
        if longest > MAX_LINE:
            raise SourceError(
                f"{document.source} 里有一行长 {longest} 字，超过 {MAX_LINE} 字的上限，没有读入；请按段落分行。"
            )
    return document


def _parsed(data: bytes, source: str, kind: Any, sha256: str) -> Reading:
    """The Document of a PDF or DOCX file. It has no map to the file, whose text is packed."""
    parsed = parse_apart(kind, data, source)
    known = from_path(source).or_else(from_text(parsed.text)).or_else(Metadata(title=parsed.title))
    document = _made(parsed.text, source, kind, kind, sha256, known, [], list(parsed.marks))
    return Reading((_checked(document),), parsed.problems)


def _records(text: str, line_map: Sequence[tuple[int, int, int]], source: str, encoding: str) -> Reading:
    """A Document for each line; the lines that cannot be read are problems."""
    documents: list[Document] = []
    bad: list[str] = []
    count = 0
    for line, start, number in jsonl.lines_of(text):
        try:
            record = jsonl.read_record(line, start)
            documents.append(_checked(_of_record(record, f"{source}:{number}", encoding, line, line_map)))
        except jsonl.BadRecordError as error:
            count += 1
            bad.append(f"{source} 第 {number} 行没有读入：{error}。")
        except SourceError as error:
            count += 1
            bad.append(str(error))
    if not documents:
        raise SourceError(f"{source} 的 {count} 行都读不了；{bad[0]}")
    if count > MAX_BAD_LINES:
        bad = [
            *bad[:MAX_BAD_LINES],
            f"{source} 另有 {count - MAX_BAD_LINES} 行没有读入，原因类似；请检查导出的格式。",
        ]
    return Reading(tuple(documents), tuple(bad))


def _of_record(
    record: jsonl.Record, source: str, encoding: str, line: str, line_map: Sequence[tuple[int, int, int]]
) -> Document:
    """The Document of a record: its title as a heading, a blank line, its text."""
    pieces: list[str] = []
    runs: _Runs = []
    marks: _Marks = []
    length = 0

    def put(text: str, map: Sequence[tuple[int, int, int]]) -> None:
        nonlocal length
        pieces.extend((text, "\n"))
        runs.extend((length + at, place, size) for at, place, size in map)
        length += len(text) + 1

    known = from_front_matter(_lower(record.fields))
    if record.title is not None:
        put(*_one_line(record.title))
        marks.append((0, len(pieces[0]), "heading"))
        put("", ())
    for piece in record.paragraphs:
        text, to_piece = _unix_lines(piece.text)
        to_file = _through(to_piece, piece.map)
        if looks_like_html(text):
            text, visible, html_marks, meta = _html(text, source)
            known = known.or_else(meta)
            marks += [(length + a, length + b, label) for a, b, label in html_marks]
            to_file = _through(visible, to_file)
        put(text, to_file)
    text = "".join(pieces)
    return _made(
        text,
        source,
        "jsonl",
        encoding,
        hashlib.sha256(line.encode()).hexdigest(),
        known.or_else(from_path(source)),
        _through(runs, line_map),
        marks,
        id=_plain(record.fields.get("id")),
        url=_plain(record.fields.get("url")),
    )


def _lower(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in ("id", "url")}


def _plain(value: Any) -> str | None:
    return str(value).strip()[:2000] or None if isinstance(value, str | int) else None


def _one_line(piece: jsonl.Piece) -> tuple[str, tuple[tuple[int, int, int], ...]]:
    """A title without the blanks around it, its line ends as blanks."""
    start = len(piece.text) - len(piece.text.lstrip())
    end = len(piece.text.rstrip())
    text = re.sub(r"[\r\n]", " ", piece.text[start:end])
    cut = [
        (max(a, start), max(a, start) - a + place, min(a + n, end) - max(a, start))
        for a, place, n in piece.map
    ]
    return text, tuple((a - start, place, n) for a, place, n in cut if n > 0)


def document_of(raw: str, source: str, encoding: str, sha256: str) -> Document:
    """The Document of a decoded file: front matter apart, HTML as its visible text, line ends as ``\\n``."""
    text, line_map = _unix_lines(raw)
    fields, start = _front_matter(text)
    body = text[start:]
    known = from_path(source).or_else(fields)
    marks: _Marks = []
    kind = "text"
    declared = _XML.match(body)
    inside = declared.end() if declared else 0
    if looks_like_html(body[inside:]) or (
        Path(source).suffix.lower() in (".html", ".htm", ".xhtml") and "<" in body
    ):
        kind = "html"
        visible, runs, marks, meta = _html(body[inside:], source, start + inside)
        known = known.or_else(meta)
    elif declared:
        raise SourceError(f"{source} 是 XML 文件，没有读入；请转成文本、Markdown、HTML 或 JSON Lines 文件。")
    elif looks_like_markdown(body):
        kind = "markdown"
        visible, runs, marks = read_markdown(body, start)
    else:
        visible, runs = body, [(0, start, len(body))] if body else []
    known = known.or_else(from_text(visible))
    return _made(visible, source, kind, encoding, sha256, known, _through(runs, line_map), marks)


def _html(text: str, source: str, base: int = 0) -> tuple[str, _Runs, _Marks, Metadata]:
    try:
        return read_html(text, base)
    except SourceError as error:  # it does not know whose text it reads
        raise SourceError(f"{source} {error}") from error


def _made(
    text: str,
    source: str,
    kind: Any,
    encoding: str,
    sha256: str,
    known: Metadata,
    file_map: _Runs,
    marks: _Marks,
    id: str | None = None,
    url: str | None = None,
) -> Document:
    return Document(
        source=source,
        text=text,
        format=kind,
        encoding=encoding,
        sha256=sha256,
        title=known.title,
        newspaper=known.newspaper,
        date=known.date,
        page=known.page,
        author=known.author,
        file_map=tuple(file_map),
        marks=tuple(marks),
        id=id,
        url=url,
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


def _front_matter(text: str) -> tuple[Metadata, int]:
    """What the YAML fields between ``---`` lines at the beginning say, and where the text after them starts."""
    hit = _FRONT_MATTER.match(text)
    if hit is None or len(hit.group(1)) > MAX_FRONT_MATTER or _NESTED.search(hit.group(1)):
        return Metadata(), 0
    import yaml

    try:
        fields = yaml.safe_load(hit.group(1))
        # ValueError: a number of thousands of digits, which Python does not print
        return (from_front_matter(fields), hit.end()) if isinstance(fields, dict) else (Metadata(), 0)
    except (yaml.YAMLError, ValueError, RecursionError):
        return Metadata(), 0  # a line of dashes in a text that is no front matter


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
