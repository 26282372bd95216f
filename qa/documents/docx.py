"""The text of a DOCX file, paragraph by paragraph. Runs in the child process of parsing.py; imports nothing of qa.

Expat reads the XML as a stream: depth costs nothing, a document type (which Word never writes, and which entity
bombs need) ends it, and what a ZIP member unpacks to is counted while it unpacks.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any
from xml.parsers import expat

MAX_XML = 128 * 2**20  # bytes of one part, unpacked
MAX_TEXT = 10_000_000  # characters
_LONGEST_ROW = 200
_MAIN, _STYLES, _CORE = "word/document.xml", "word/styles.xml", "docProps/core.xml"
_OTHER = {
    "xl/workbook.xml": "Excel 表格",
    "ppt/presentation.xml": "PowerPoint 演示文稿",
    "META-INF/container.xml": "EPUB 电子书",
    "content.xml": "OpenDocument 文档",
}
_HEADING = re.compile(r"(?:heading|标题)\s*\d*|title|subtitle|副标题", re.IGNORECASE)
# Deleted and moved text, codes of fields, and the second form of a drawing for old programs.
_UNSEEN = frozenset(("del", "moveFrom", "instrText", "delText", "Fallback", "rt"))


class UnreadableError(Exception):
    """Why the file is not read, in words for the reader."""


def parse(data: bytes) -> dict[str, Any]:
    """Text, marks (``heading``, ``strong``, ``table``), title and problems."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = set(archive.namelist())
        if _MAIN not in names:
            what = next((kind for name, kind in _OTHER.items() if name in names), "ZIP 压缩文件")
            raise UnreadableError(f"是{what}，不是 Word 文档；请解开，或转成文本、PDF、DOCX 文件。")
        styles = _Styles()
        if _STYLES in names:
            _feed(archive, _STYLES, styles.start, lambda _: None, lambda _: None)
        body = _Body(styles.headings())
        _feed(archive, _MAIN, body.start, body.end, body.characters)
        core = _Core()
        if _CORE in names:
            _feed(archive, _CORE, core.start, core.end, core.characters)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableError("的压缩包已损坏，打不开；请用 Word 重新保存。") from error
    except RuntimeError as error:  # zipfile's word for a password
        raise UnreadableError("加了密码，打不开；请去掉密码后再试。") from error
    except expat.ExpatError as error:
        raise UnreadableError(f"里的 XML 不完整（{error}）；请用 Word 重新保存。") from error
    text, marks = body.text()
    return {"text": text, "marks": marks, "title": core.title.strip() or None, "problems": []}


def _feed(
    archive: zipfile.ZipFile,
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> None:
    """Streams a part of the file through the handlers, which get names without their namespaces."""

    def refuse(*_: object) -> None:
        raise UnreadableError("里的 XML 自带文档类型或实体定义，可能是用来撑爆内存的，没有读入。")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda tag, given: start(
        tag.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in given.items()}
    )
    parser.EndElementHandler = lambda tag: end(tag.rpartition(" ")[2])
    parser.CharacterDataHandler = characters
    size = 0
    part: IO[bytes]
    with archive.open(name) as part:
        while chunk := part.read(65536):
            size += len(chunk)
            if size > MAX_XML:
                raise UnreadableError(
                    f"解压后超过 {MAX_XML // 2**20} MB，可能是压缩炸弹，没有读入；请分成几个文件。"
                )
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


class _Styles:
    """Which paragraph styles are headings: by name, by outline level, or through the style they are based on."""

    def __init__(self) -> None:
        self.own: dict[str, bool] = {}
        self.base: dict[str, str] = {}
        self.id = ""

    def start(self, tag: str, given: dict[str, str]) -> None:
        value = given.get("val", "")
        if tag == "style":
            self.id = given.get("styleId", "")
        elif tag == "name":
            self.own[self.id] = bool(_HEADING.fullmatch(value)) or self.own.get(self.id, False)
        elif tag == "basedOn":
            self.base[self.id] = value
        elif tag == "outlineLvl" and value.isdigit():
            self.own[self.id] = int(value) < 9

    def headings(self) -> frozenset[str]:
        out = set()
        for style in self.own:
            at, seen = style, set[str]()
            while at not in seen and not self.own.get(at) and at in self.base:
                seen.add(at)
                at = self.base[at]
            if self.own.get(at):
                out.add(style)
        return frozenset(out)


class _Paragraph:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.heading = False
        self.plain = self.bold = 0  # characters


class _Body:
    """Collects paragraphs as lines ``(text, label)``; a row of a table with short cells is one line."""

    def __init__(self, headings: frozenset[str]) -> None:
        self.headings = headings
        self.lines: list[tuple[str, str]] = []
        self.length = 0
        self.unseen = 0
        self.open: list[_Paragraph] = []
        self.in_text = 0
        self.in_run = False
        self.run_bold = False
        self.rows: list[list[int]] = []  # of each open row: how many lines there were where each cell began

    def start(self, tag: str, given: dict[str, str]) -> None:
        if self.unseen or tag in _UNSEEN:
            self.unseen += 1
            return
        value = given.get("val", "")
        if tag == "p":
            self.open.append(_Paragraph())
        elif tag == "tr":
            self.rows.append([])
        elif tag == "tc" and self.rows:
            self.rows[-1].append(len(self.lines))
        elif not self.open:
            return
        elif tag == "pStyle":
            self.open[-1].heading |= value in self.headings
        elif tag == "outlineLvl":
            self.open[-1].heading |= value.isdigit() and int(value) < 9
        elif tag == "r":
            self.in_run, self.run_bold = True, False
        elif tag == "b" and self.in_run:
            self.run_bold = value not in ("0", "false", "off")
        elif tag == "t":
            self.in_text += 1
        elif tag == "tab" and self.in_run:
            self._put("\t")
        elif tag in ("br", "cr"):
            self._put("\n")
        elif tag == "noBreakHyphen":
            self._put("-")

    def end(self, tag: str) -> None:
        if self.unseen:
            self.unseen -= 1
        elif tag == "p" and self.open:
            self._close(self.open.pop())
        elif tag == "tr" and self.rows:
            self._close_row(self.rows.pop())
        elif tag == "t" and self.in_text:
            self.in_text -= 1
        elif tag == "r":
            self.in_run = False

    def characters(self, data: str) -> None:
        if self.in_text and self.open and not self.unseen:
            self._put(data)

    def _put(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_TEXT:
            raise UnreadableError(f"的文字超过 {MAX_TEXT // 10_000} 万字，没有读入；请分成几个文件。")
        paragraph = self.open[-1]
        paragraph.pieces.append(text)
        if self.run_bold and self.in_run:
            paragraph.bold += len(text.strip())
        else:
            paragraph.plain += len(text.strip())

    def _close(self, paragraph: _Paragraph) -> None:
        bold = paragraph.bold and not paragraph.plain
        label = "heading" if paragraph.heading else "strong" if bold else ""
        self.lines += [(line, label) for line in "".join(paragraph.pieces).split("\n")]

    def _close_row(self, cells: list[int]) -> None:
        if not cells:
            return
        bounds = [*cells, len(self.lines)]
        texts = [
            [text.strip() for text, _ in self.lines[a:b] if text.strip()]
            for a, b in itertools.pairwise(bounds)
        ]
        row = "\t".join(text[0] for text in texts if text)
        # Tables that only lay out a page hold whole paragraphs in their cells.
        if all(len(text) <= 1 for text in texts) and row and len(row) <= _LONGEST_ROW:
            self.lines[cells[0] :] = [(row, "table")]

    def text(self) -> tuple[str, list[tuple[int, int, str]]]:
        marks = []
        at = 0
        for line, label in self.lines:
            if label and line.strip():
                marks.append((at + len(line) - len(line.lstrip()), at + len(line.rstrip()), label))
            at += len(line) + 1
        return "".join(f"{line}\n" for line, _ in self.lines), marks


class _Core:
    """The title in the properties."""

    def __init__(self) -> None:
        self.title = ""
        self.inside = False

    def start(self, tag: str, _given: dict[str, str]) -> None:
        self.inside = tag == "title"

    def end(self, _tag: str) -> None:
        self.inside = False

    def characters(self, data: str) -> None:
        if self.inside and len(self.title) < 1000:
            self.title += data
