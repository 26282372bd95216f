"""PDF and DOCX, parsed in a process of their own.

Their parsers are large, and the files come from anywhere: whatever one of them does to its parser - endless loops,
gigabytes, a crash - ends with that process and is a sentence about that file. One process a file: it starts in
0.1 s, and no file can leave anything behind for the next. Bytes go in and JSON comes out, over pipes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa.errors import SourceError

SECONDS = 25
_WORKER = Path(__file__).with_name("worker.py")
_NAMES = {"pdf": "PDF", "docx": "Word"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the parser found. ``problems``: sentences about parts that could not be read."""

    text: str
    marks: tuple[tuple[int, int, str], ...]
    title: str | None
    problems: tuple[str, ...]


def parse_apart(kind: Literal["pdf", "docx"], data: bytes, name: str) -> Parsed:
    """The text of a file; SourceError where it cannot be read, took too long or too much, or broke the parser."""
    what = _NAMES[kind]
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_WORKER), kind], input=data, capture_output=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"{name} 解析 {SECONDS} 秒还没有完，已经停下；请把这个 {what} 文件分成几个，或另存后再试。"
        ) from None
    except OSError as error:
        raise SourceError(
            f"{name} 没有解析：启动解析进程失败（{error}）；请检查系统的内存和权限。"
        ) from error
    try:
        record = json.loads(done.stdout)
        if "error" in record:
            raise SourceError(f"{name} {record['error']}")
        text, title = record["text"], record["title"]
        marks = tuple((int(a), int(b), str(label)) for a, b, label in record["marks"])
        problems = tuple(f"{name} {problem}" for problem in record["problems"])
        if not isinstance(text, str) or not (title is None or isinstance(title, str)):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise SourceError(
            f"{name} 使解析进程中断（返回值 {done.returncode}）；文件多半已损坏，请重新导出这个 {what} 文件。"
        ) from None
    return Parsed(text, marks, title, problems)
