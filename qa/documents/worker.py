"""The child process that parses one file: bytes on stdin, one JSON object on stdout. See parsing.py.

Run as a script, and free of imports from qa, so that it starts at once.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

MEMORY = 900 * 2**20
CPU_SECONDS = 30  # the parent stops it earlier; this holds where the parent is gone


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows; there the parent's clock is the only limit
        return
    for which, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(which, (value, value))
        except (OSError, ValueError):
            continue  # a lower limit is set already, or the system has none of this kind


def _parser(kind: str) -> Any:
    """The module beside this one, loaded by its path: importing the package would import its parents."""
    spec = importlib.util.spec_from_file_location(f"wenbao_{kind}", Path(__file__).with_name(f"{kind}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(kind)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def main(kind: str) -> None:
    """Parses stdin and writes what was found, or ``{"error": a sentence}``."""
    # A library that prints must not print into the answer.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _limit()
    record: dict[str, Any]
    try:
        parser = _parser(kind)
        try:
            record = parser.parse(sys.stdin.buffer.read())
        except parser.UnreadableError as error:
            record = {"error": str(error)}
        json.dumps(record).encode()
    except MemoryError:
        record = {"error": f"解析要用的内存超过 {MEMORY // 2**20} MB，没有读入；请分成几个文件。"}
    except RecursionError:
        record = {"error": "的结构嵌套太深，没有读入；请另存后再试。"}
    except Exception as error:  # whatever a file does to its parser, the reader of the report is told
        record = {"error": f"解析不了（{type(error).__name__}）；文件多半已损坏，请重新导出。"}
    json.dump(record, out)
    out.flush()
    os._exit(0)  # a parser's clean-up of a broken file may crash; the answer is out


if __name__ == "__main__":
    main(sys.argv[1])
