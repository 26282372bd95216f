"""The text layer of a PDF file, in reading order. Runs in the child process of parsing.py; imports nothing of qa.

PDFium says where each character stands. Characters make runs (a line within its column), and runs are ordered by
cutting the page along its white gaps: columns from left to right where a gap runs from top to bottom, else slabs
from top to bottom. Where no cut is possible the order of the file is kept, which is mostly that of its frames.
"""

from __future__ import annotations

import ctypes
import itertools
import statistics
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MAX_PAGES = 2000
MAX_TEXT = 10_000_000  # characters
_LARGER = 1.3  # times the usual size of the file: a headline
_UNKNOWN = "\ufffd"


class UnreadableError(Exception):
    """Why the file is not read, in words for the reader."""


@dataclass(slots=True)
class _Run:
    """Characters side by side. Coordinates are in points, ``y`` growing downwards; ``size`` is that of the type."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


def parse(data: bytes) -> dict[str, Any]:
    """Text (a blank line between pages), marks (``heading``), title and problems."""
    try:
        document = pypdfium2.PdfDocument(data)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableError("加了密码，打不开；请去掉密码后再试。") from error
        raise UnreadableError("打不开，PDF 的结构已损坏；请重新导出。") from error
    if pages > MAX_PAGES:
        raise UnreadableError(f"自称有 {pages} 页，超过 {MAX_PAGES} 页的上限，没有读入；请分成几个文件。")
    read: list[list[list[_Run]]] = []
    damaged: list[int] = []
    bare: list[int] = []
    size = unknown = 0
    for number in range(pages):
        try:
            runs = _runs(document, number)
        except pypdfium2.PdfiumError:
            damaged.append(number + 1)
            continue
        if not runs:
            bare.append(number + 1)
        size += sum(len(run.text) for run in runs)
        unknown += sum(run.text.count(_UNKNOWN) for run in runs)
        if size > MAX_TEXT:
            raise UnreadableError(f"的文字超过 {MAX_TEXT // 10_000} 万字，没有读入；请分成几个文件。")
        read.append(_ordered(runs))
    if not size:
        if damaged:
            raise UnreadableError("的各页都打不开，PDF 已损坏；请重新导出。")
        raise UnreadableError("没有文字层；请先做文字识别（OCR）。")
    if unknown > size / 10:
        raise UnreadableError("的文字层没有注明字符编码，读出来是乱码；请重新导出，或做文字识别（OCR）。")
    problems = []
    if damaged:
        problems.append(f"第 {_listed(damaged)} 页打不开，其余各页已读入；请重新导出。")
    if bare:
        problems.append(
            f"第 {_listed(bare)} 页没有文字层，其余各页已读入；如果是扫描页，请先做文字识别（OCR）。"
        )
    if unknown:
        problems.append(
            f"有 {unknown} 个字没有注明字符编码，以 {_UNKNOWN} 代替；请重新导出，或做文字识别（OCR）。"
        )
    text, marks = _written(read)
    title = document.get_metadata_dict().get("Title", "").strip()
    # Programs that make pages write their own file's name there; a headline has Chinese characters in it.
    known = title if any("\u4e00" <= char <= "\u9fff" for char in title) and "." not in title else None
    return {"text": text, "marks": marks, "title": known, "problems": problems}


def _listed(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:10])) + (" 等" if len(numbers) > 10 else "")


def _runs(document: pypdfium2.PdfDocument, number: int) -> list[_Run]:
    """The runs of a page, in the order of the file."""
    page = document[number]
    try:
        height = page.get_height()
        textpage = page.get_textpage()
        try:
            return _collect(textpage.raw, textpage.count_chars(), height)
        finally:
            textpage.close()
    finally:
        page.close()


def _collect(textpage: Any, count: int, height: float) -> list[_Run]:
    out: list[_Run] = []
    box = pdfium.FS_RECTF()
    place = ctypes.byref(box)
    space = False
    high = 0
    for n in range(count):
        code = pdfium.FPDFText_GetUnicode(textpage, n)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
        high = 0
        char = _character(code)
        if not char.strip():
            space = space or char == " "
            continue
        if not pdfium.FPDFText_GetLooseCharBox(textpage, n, place):
            continue
        x0, x1 = box.left, box.right
        y0, y1 = height - box.top, height - box.bottom
        size = max(y1 - y0, 0.1)
        last = out[-1] if out else None
        if last is not None and _continues(last, x0, y0, y1, size):
            gap = x0 - last.x1
            # PDFium puts a blank where letters stand apart; in spaced Chinese that is no blank.
            if space and not (gap < size and _wide(last.text[-1]) and _wide(char)):
                last.text += " "
            last.text += char
            last.x1 = max(last.x1, x1)
            last.y0, last.y1 = min(last.y0, y0), max(last.y1, y1)
        elif last is not None and len(last.text.rstrip()) >= 1 and _goes_down(last, x0, x1, y0, size):
            last.text += char  # a headline set from top to bottom
            last.y1 = y1
        else:
            out.append(_Run(char, x0, y0, x1, y1, size))
        space = False
    return [run for run in out if run.text.strip()]


def _character(code: int) -> str:
    if code == 2:
        return "-"  # PDFium's sign for a hyphen at the end of a line
    if code in (0xFFFE, 0xFFFF, 0xFFFD) or 0xD800 <= code < 0xF900 or 0 < code < 9:
        return _UNKNOWN  # private use area and halves of characters: the font does not say what they are
    if code < 32 or code > 0x10FFFF:
        return ""
    return " " if code == 0xA0 else chr(code)


def _wide(char: str) -> bool:
    return char >= "\u2e80"


def _continues(run: _Run, x0: float, y0: float, y1: float, size: float) -> bool:
    """Whether a character at ``x0`` goes on with ``run``: on its line, to the right, at no column's distance."""
    overlap = min(run.y1, y1) - max(run.y0, y0)
    return (
        overlap > 0.5 * min(size, run.y1 - run.y0)
        and -0.5 * size < x0 - run.x1 < 1.4 * max(size, run.size)
        and 0.6 < size / run.size < 1.7
    )


def _goes_down(run: _Run, x0: float, x1: float, y0: float, size: float) -> bool:
    upright = len(run.text) == 1 or run.y1 - run.y0 > 1.5 * (run.x1 - run.x0)
    return (
        upright
        and _wide(run.text[-1])
        and abs(x0 - run.x0) < 0.2 * size
        and abs(x1 - run.x1) < 0.2 * size
        and -0.3 * size < y0 - run.y1 < 0.35 * size
        and abs(size - run.size) < 0.1 * size
    )


def _ordered(runs: list[_Run]) -> list[list[_Run]]:
    """The runs in reading order, as stretches of lines below one another in one column."""
    if not runs:
        return []
    out: list[list[_Run]] = []
    todo = [runs]
    while todo:
        group = todo.pop()
        columns = _columns(group)
        if len(columns) > 1:
            todo += reversed(columns)
            continue
        slabs = _slabs(group)
        if len(slabs) == 1:
            # On one line, or a tangle that no gap cuts.
            level = max(run.y0 for run in group) < min(run.middle for run in group) + 0.1
            out.append(sorted(group, key=lambda run: run.x0) if level else group)
            continue
        parts = _together(slabs)
        if len(parts) > 1:
            todo += reversed(parts)
        elif all(len(slab) == 1 for slab in slabs):
            out.append([slab[0] for slab in slabs])
        else:
            todo += reversed(slabs)
    return out


def _columns(runs: list[_Run]) -> list[list[_Run]]:
    """``runs`` parted where a white gap runs from top to bottom; two short columns need a wider one."""
    if len(runs) < 2:
        return [runs]
    em = statistics.median(run.size for run in runs)
    parts: list[list[_Run]] = []
    edge = 0.0
    for run in sorted(runs, key=lambda run: run.x0):
        if parts and run.x0 - edge < 0.6 * em:
            parts[-1].append(run)
            edge = max(edge, run.x1)
        else:
            parts.append([run])
            edge = run.x1
    out: list[list[_Run]] = []
    for part in parts:
        gap = min(run.x0 for run in part) - max(run.x1 for run in out[-1]) if out else 0.0
        if out and gap < 2 * em and min(len(part), len(out[-1])) < 4:
            out[-1] += part
        else:
            out.append(part)
    if len(out) == 1:
        return [runs]
    place = {id(run): n for n, run in enumerate(runs)}
    return [sorted(part, key=lambda run: place[id(run)]) for part in out]


def _slabs(runs: list[_Run]) -> list[list[_Run]]:
    """``runs`` parted where a white gap runs from left to right."""
    out: list[list[_Run]] = []
    edge = 0.0
    for run in sorted(runs, key=lambda run: run.y0):
        # Boxes of neighbouring lines touch and overlap a little.
        if out and run.y0 + 0.25 * run.size < edge:
            out[-1].append(run)
            edge = max(edge, run.y1 - 0.25 * run.size)
        else:
            out.append([run])
            edge = run.y1 - 0.25 * run.size
    place = {id(run): n for n, run in enumerate(runs)}
    return [sorted(slab, key=lambda run: place[id(run)]) for slab in out]


def _together(slabs: list[list[_Run]]) -> list[list[_Run]]:
    """Slabs put together as long as what they make has columns - or none: a line across the page starts anew."""
    out: list[list[_Run]] = []
    several = False
    for slab in slabs:
        if out:
            joined = out[-1] + slab
            stays = len(_columns(joined)) > 1
            if stays == several and (several or len(_columns(slab)) == 1):
                out[-1] = joined
                continue
        out.append(list(slab))
        several = len(_columns(slab)) > 1
    return out


def _written(pages: list[list[list[_Run]]]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text, and its headlines. Indents are kept, they show where paragraphs begin."""
    sizes: list[float] = []
    for run in (run for page in pages for stretch in page for run in stretch):
        sizes += [run.size] * min(len(run.text), 50)
    usual = statistics.median(sizes)
    pieces: list[str] = []
    marks: list[tuple[int, int, str]] = []
    at = 0

    def put(text: str) -> None:
        nonlocal at
        pieces.append(text)
        at += len(text)

    for number, page in enumerate(pages):
        if number and pieces:
            put("\n")
        for stretch in page:
            left = min(run.x0 for run in stretch)
            steps = [b.y0 - a.y0 for a, b in itertools.pairwise(stretch)]
            step = statistics.median(steps) if steps else 0.0
            for n, run in enumerate(stretch):
                if n and step > 0 and run.y0 - stretch[n - 1].y0 > 1.6 * max(step, run.size):
                    put("\n")
                if len(stretch) > 2 and 1.4 * run.size < run.x0 - left < 2.8 * run.size:
                    put("　　")
                text = run.text.strip()
                if run.size > _LARGER * usual:
                    marks.append((at, at + len(text), "heading"))
                put(f"{text}\n")
    return "".join(pieces), marks
