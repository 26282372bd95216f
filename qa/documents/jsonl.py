"""JSON Lines: an archive's own export, one article a line.

A line is a JSON object in the encoding of the file. Names of fields, the first that is there counts (capitals do
not matter):

    text       text, content, body, article, 正文, 内容, 全文   needed: a string, or a list of paragraphs; may be HTML
    title      title, headline, 标题, 题名
    newspaper  newspaper, paper, media, source, 报纸, 报名, 来源
    date       date, pubdate, published, publish_date, 日期      2023-10-11, 2023年10月11日, 20231011, ...
    page       page, 版次, 版面, 版                              "03版", 3
    author     author, authors, 作者, 记者                      a string, or a list of strings
    id         id, 编号                                        the archive's own number of the article
    url        url, link, 链接, 网址

Each record is a Document of its own, named ``<file>:<line>``, so that its title, date and newspaper are its own
and spans count from its beginning. Its text is the title, marked as a heading, a blank line, and the text - and
both are mapped to their places in the file, escapes included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_NAMES = {
    "text": ("text", "content", "body", "article", "正文", "内容", "全文"),
    "title": ("title", "headline", "标题", "题名"),
    "newspaper": ("newspaper", "paper", "media", "source", "报纸", "报名", "来源"),
    "date": ("date", "pubdate", "published", "publish_date", "日期"),
    "page": ("page", "版次", "版面", "版"),
    "author": ("author", "authors", "作者", "记者"),
    "id": ("id", "编号"),
    "url": ("url", "link", "链接", "网址"),
}
_LOOKED_AT = 20  # lines that tell whether a file is JSON Lines
_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = json.JSONDecoder()


class BadRecordError(Exception):
    """What is wrong with a line, in words for the reader."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A string of a record: its characters, and where they stand in the file ``(start, file_start, length)``."""

    text: str
    map: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One line: the paragraphs of its text, its title, and the plain fields under the names of the list above."""

    paragraphs: tuple[Piece, ...]
    title: Piece | None
    fields: dict[str, Any]


def looks_like_json_lines(text: str) -> bool:
    """Whether most of the first lines are JSON objects, each whole on its line."""
    if not text.lstrip().startswith("{"):
        return False
    lines = []
    for line, _, _ in lines_of(text):
        lines.append(line)
        if len(lines) == _LOOKED_AT:
            break
    objects = sum(_is_object(line) for line in lines)
    return objects > 0 and 2 * objects >= len(lines)


def looks_like_json(text: str) -> bool:
    """Whether the file is JSON of another shape: one value over many lines."""
    begin = text.lstrip()[:1]
    if begin not in ("{", "["):
        return False
    try:
        _DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def lines_of(text: str) -> Iterator[tuple[str, int, int]]:
    """``(line, start, number)`` of the lines that are not blank, numbered from 1."""
    at = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield line, at, number
        at += len(line) + 1


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_record(line: str, start: int) -> Record:
    """The record on a line that begins at ``start`` of the file; raises BadRecordError."""
    try:
        members = _members(line)
    except RecursionError as error:
        raise BadRecordError("嵌套太深") from error
    except ValueError as error:
        raise BadRecordError(f"不是完整的 JSON 对象（{_reason(error)}）") from error
    named = {key.strip().lower(): value for key, value in members.items()}
    found: dict[str, tuple[Any, int, int]] = {}
    for field, names in _NAMES.items():
        for name in names:
            if name in named and named[name][0] not in (None, "", []):
                found[field] = named[name]
                break
    if "text" not in found:
        raise BadRecordError("没有正文；正文的字段名可以是 " + "、".join(_NAMES["text"]))
    paragraphs = tuple(_pieces(line, start, *found["text"]))
    if not any(piece.text.strip() for piece in paragraphs):
        raise BadRecordError("正文是空的")
    title = None
    if "title" in found and isinstance(found["title"][0], str) and found["title"][0].strip():
        (title,) = _pieces(line, start, *found["title"])
    return Record(
        paragraphs, title, {field: value for field, (value, _, _) in found.items() if field != "text"}
    )


def _reason(error: ValueError) -> str:
    return f"第 {error.colno} 列" if isinstance(error, json.JSONDecodeError) else "有读不了的数"


def _members(line: str) -> dict[str, tuple[Any, int, int]]:
    """``{key: (value, start, end)}`` of the object on ``line``, with the places of the values."""

    def skip(at: int, wanted: str = "") -> int:
        at = _blank_end(line, at)
        if wanted and line[at : at + 1] != wanted:
            raise json.JSONDecodeError("expected", line, at)
        return at + len(wanted)

    out: dict[str, tuple[Any, int, int]] = {}
    at = skip(skip(0, "{"))
    while line[at : at + 1] != "}":
        if out:
            at = skip(skip(at, ","))
        if line[at : at + 1] != '"':
            raise json.JSONDecodeError("key", line, at)
        key, at = _DECODER.raw_decode(line, at)
        begin = skip(skip(at, ":"))
        value, end = _DECODER.raw_decode(line, begin)
        out[key] = (value, begin, end)
        at = skip(end)
    if skip(at + 1) != len(line):
        raise json.JSONDecodeError("more", line, at)
    return out


def _blank_end(line: str, at: int) -> int:
    hit = _BLANK.match(line, at)
    return hit.end() if hit else at


def _pieces(line: str, start: int, value: Any, begin: int, end: int) -> Iterator[Piece]:
    """The strings in a value - a string or a list of strings - with their places."""
    if isinstance(value, str):
        yield _piece(line, start, value, begin, end)
        return
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRecordError("正文应当是字符串，或由字符串组成的列表")
    at = _blank_end(line, begin + 1)
    for item in value:
        _, stop = _DECODER.raw_decode(line, at)
        yield _piece(line, start, item, at, stop)
        at = _blank_end(line, _blank_end(line, stop) + 1)


def _piece(line: str, start: int, value: str, begin: int, end: int) -> Piece:
    """``value``, whose literal, quotes included, is ``line[begin:end]``."""
    if "\0" in value:
        raise BadRecordError("文字里有空字符（\\u0000）")
    if _SURROGATE.search(value):
        raise BadRecordError("文字里有不成对的代理字符（\\ud800 至 \\udfff）")
    runs: list[tuple[int, int, int]] = []
    at, length = begin + 1, 0
    for hit in _ESCAPE.finditer(line, begin + 1, end - 1):
        if hit.start() > at:
            runs.append((length, start + at, hit.start() - at))
            length += hit.start() - at
        runs.append((length, start + hit.start(), 1))
        length += 1
        at = hit.end()
    if end - 1 > at:
        runs.append((length, start + at, end - 1 - at))
    return Piece(value, tuple(runs))
