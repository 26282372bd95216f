"""Files, pipes and standard streams that commands read and write; a file is replaced whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from qa.errors import SourceError


@contextmanager
def reading(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, of a pipe, or of the standard input (``-``)."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    if path.is_dir():
        raise SourceError(f"“{path}”是文件夹；请给出一个文件。")
    if not path.exists():
        raise SourceError(f"没有找到“{path}”；请检查路径。")
    with path.open("rb") as file:
        yield file


@contextmanager
def writing(path: Path) -> Iterator[IO[str]]:
    """A text file that takes the place of ``path`` once all is written; ``-`` is the standard output.

    Opened before the work, so that what cannot be written is known before it. A link stays a link: its target is
    replaced. What is no file (a pipe, a terminal) is written to as it is.
    """
    if str(path) in ("-", "/dev/stdout"):
        yield sys.stdout
        sys.stdout.flush()
        return
    target = path.resolve()
    if target.is_dir():
        raise SourceError(f"输出“{path}”是文件夹；请给出一个文件名。")
    if not target.parent.is_dir():
        raise SourceError(f"输出目录 {target.parent} 不在；请先建好。")
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
        return
    handle, name = tempfile.mkstemp(prefix=".wenbao-", suffix=".tmp", dir=target.parent)
    beside = Path(name)
    try:
        os.close(handle)
        beside.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        with beside.open("w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def load_json(path: Path) -> Any:
    """The JSON of a file in UTF-8, with or without a mark at its beginning, or of such a file packed by gzip."""
    with reading(path) as file:
        data = file.read()
    try:
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        return json.loads(data.decode("utf-8-sig"))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{path} 是损坏的 gzip 文件；请重新取得它。") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} 不是 UTF-8 文本（第 {error.start} 字节）；请另存为 UTF-8。") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} 不是完好的 JSON（{error}）；请检查文件。") from error
