"""Folders -> the files to read, each under a name of its own.

An archive's folder is untrusted like its texts: links that lead out of it are not followed, what is no regular
file is not opened, and both are named with the reason, as a file that cannot be read is.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.errors import SourceError

# What lies beside the pages in an archive's folders and is no page: notes about them, data about them.
_BESIDE = re.compile(r"readme(?:\..*)?|.*\.json|.*\.csv|.*\.py", re.IGNORECASE)
_RECORDS = re.compile(r".*\.(?:jsonl|ndjson)", re.IGNORECASE)
_HEAD = 65536  # bytes of a file of records that tell what the records are
_KINDS = (
    (stat.S_ISFIFO, "管道"),
    (stat.S_ISSOCK, "套接字"),
    (stat.S_ISCHR, "设备"),
    (stat.S_ISBLK, "设备"),
    (stat.S_ISDIR, "文件夹"),
)
_Entry = tuple[Path, str, str, str | None]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read. ``source``: the name it goes by, POSIX, relative to the folder that was given.

    ``problem``: why it is not to be opened at all, a sentence; reading it raises SourceError with that.
    """

    path: Path
    source: str
    problem: str | None = None


def list_files(sources: Sequence[str | Path]) -> list[SourceFile]:
    """The files of ``sources`` (files or folders, recursively), sorted.

    In folders, hidden files, READMEs and data files (JSON, CSV, questions in JSON Lines) are left out; a file given
    by itself is always read.

    Names are relative to the folder given. Where two folders hold the same name, the folders' own names are put
    in front; a file given by itself goes by its name. Raises SourceError where a source does not exist.
    """
    groups: list[list[_Entry]] = []
    for given in sources:
        root = Path(given)
        mode = _mode(root)
        if mode is not None and stat.S_ISREG(mode):
            groups.append([(root, _readable(root.name), _readable(root.resolve().parent.name), None)])
        elif mode is not None and stat.S_ISDIR(mode):
            groups.append(sorted(_in_folder(root)))
        elif mode is not None:
            raise SourceError(f"“{_readable(str(given))}”是{_kind(mode)}，读不了；这里需要一个文件或文件夹。")
        else:
            raise SourceError(f"没有找到“{_readable(str(given))}”；请检查路径，这里需要一个文件或文件夹。")
    count: dict[str, set[str]] = {}
    for group in groups:
        for path, name, _, _ in group:
            count.setdefault(name, set()).add(os.path.realpath(path))
    out: dict[str, SourceFile] = {}
    taken: set[str] = set()
    for group in groups:
        for path, name, folder, problem in group:
            # A link that is not followed stands for itself.
            resolved = str(path) if problem else os.path.realpath(path)
            if resolved in out:
                continue  # the same file given twice
            unique = name if len(count[name]) == 1 else f"{folder}/{name}"
            number = 2
            while unique in taken:
                unique = f"{folder}-{number}/{name}"
                number += 1
            taken.add(unique)
            out[resolved] = SourceFile(path, unique, problem)
    return sorted(out.values(), key=lambda file: file.source)


def _mode(path: Path) -> int | None:
    """What ``path`` is, links followed; None where there is nothing, or no such path can be."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None


def _kind(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "特殊文件")


def _in_folder(root: Path) -> Iterator[_Entry]:
    """The entries below ``root`` that are to be read, and those that cannot be, with the reason."""
    home = os.path.realpath(root)
    folder = _readable(Path(home).name)
    unread: list[OSError] = []

    def entry(path: Path, problem: str | None = None) -> _Entry:
        name = _readable(path.relative_to(root).as_posix())
        return path, name, folder, f"{name} {problem}" if problem else None

    for here, folders, names in os.walk(root, onerror=unread.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            path = Path(here, name)
            # Links to folders are not walked (os.walk); one that leads inside shows what is read anyway.
            if path.is_symlink() and not _inside(path, home):
                yield entry(path, "是通到文件夹之外的链接，没有跟进去；需要时请把链接所指的文件夹单独给出。")
        for name in names:
            path = Path(here, name)
            if name.startswith(".") or _BESIDE.fullmatch(name):
                continue
            mode = _mode(path)
            if mode is None:
                yield entry(path, "是断了的链接，读不了；请检查链接所指的文件。")
            elif not stat.S_ISREG(mode):
                yield entry(path, f"是{_kind(mode)}，不是普通文件，没有读。")
            elif path.is_symlink() and not _inside(path, home):
                yield entry(path, "是通到文件夹之外的链接，没有读；需要时请把链接所指的文件单独给出。")
            elif not (_RECORDS.fullmatch(name) and _holds_questions(path)):
                yield entry(path)
    for error in unread:
        yield entry(Path(error.filename), f"读不了（{error.strerror}）；请检查文件夹的权限。")


def _inside(path: Path, home: str) -> bool:
    """Whether a link leads to something in the folder ``home``."""
    return os.path.realpath(path).startswith(home.rstrip(os.sep) + os.sep) or os.path.realpath(path) == home


def _holds_questions(path: Path) -> bool:
    """Whether a file of records holds questions (or replies to them), not articles."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False  # reading it will tell why
    return b'"question"' in head.replace(b"\0", b"")


def _readable(name: str) -> str:
    """A file's name as text: one that is not UTF-8 was mostly written on a system with GBK names.

    Control characters, which a terminal would obey, are shown as replaced.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("gb18030", errors="replace")
    return "".join(char if char.isprintable() or char in "\u3000\xa0" else "\ufffd" for char in name)
