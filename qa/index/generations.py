"""Generations on disk: the writer's lock, publishing, finding the current one, checking, going back.

Order of publishing: the files of ``tmp-...`` are flushed, its directory is flushed, it is renamed to
``gen-NNNNNN``, the index directory is flushed, ``CURRENT`` is written beside and renamed, and flushed again. A
crash at any point leaves the generation before in force.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from qa.errors import IndexDamagedError, IndexLockedError, IndexNotFoundError, IndexStateError
from qa.index.manifest import FileEntry, Manifest

CURRENT, LOCK, MANIFEST = "CURRENT", "LOCK", "manifest.json"
KEPT = 2
_REPAIR = "请运行 wenbao rollback 回到上一代，或运行 wenbao build 重新建索引。"
_CURRENT_LINE = re.compile(r"(gen-\d{6}) ([0-9a-f]{64})\n")
_GENERATION = re.compile(r"gen-(\d{6})")


def default_index_dir() -> Path:
    """``WENBAO_INDEX_DIR`` where it is set, else ``var/index``."""
    return Path(os.environ.get("WENBAO_INDEX_DIR") or "var/index")


@contextmanager
def writer_lock(root: Path) -> Iterator[None]:
    """Holds the lock of writers; readers never take it. Raises IndexLockedError with who holds it."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = (root / LOCK).open("a+", encoding="utf-8", errors="replace")
    except OSError as error:
        raise IndexStateError(
            f"写不了索引目录 {root}（{error.strerror or error}）；请检查路径和权限，或用 --index-dir 换一个目录。"
        ) from error
    with handle as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "未知进程"
            raise IndexLockedError(f"索引 {root} 正由另一个进程写入（{holder}）；请等它结束再试。") from error
        file.seek(0)
        file.truncate()
        file.write(f"pid {os.getpid()}，{datetime.now().astimezone().isoformat(timespec='seconds')} 开始\n")
        file.flush()
        for left in root.glob("tmp-*"):  # what a writer that was killed left behind
            shutil.rmtree(left, ignore_errors=True)
        yield


def fsync_path(path: Path) -> None:
    """Flushes a file or a directory to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_entry(path: Path) -> FileEntry:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(path.stat().st_size, digest)


def generation_files(directory: Path) -> dict[str, FileEntry]:
    """The files of a generation but its manifest, by their path in it."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(directory).as_posix(): file_entry(path) for path in paths}


def generation_numbers(root: Path) -> list[int]:
    """The numbers of the generations that lie in ``root``, ascending."""
    hits = (_GENERATION.fullmatch(path.name) for path in root.glob("gen-*") if path.is_dir())
    return sorted(int(hit.group(1)) for hit in hits if hit)


def publish(root: Path, work: Path, manifest: Manifest) -> None:
    """Makes the finished ``work`` directory the current generation. The lock must be held."""
    text = manifest.to_json()
    for name in manifest.files:
        fsync_path(work / name)
    (work / MANIFEST).write_text(text, encoding="utf-8")
    fsync_path(work / MANIFEST)
    fsync_path(work)
    work.rename(root / manifest.generation)
    fsync_path(root)
    set_current(root, manifest.generation, hashlib.sha256(text.encode()).hexdigest())
    # The one before is what rollback goes back to and what readers may be opening, whatever its number.
    kept = {manifest.generation, manifest.parent or ""}
    numbers = [number for number in generation_numbers(root) if f"gen-{number:06d}" not in kept]
    for number in numbers if manifest.parent else numbers[: -(KEPT - 1)]:
        if f"gen-{number:06d}" != manifest.parent:
            shutil.rmtree(root / f"gen-{number:06d}", ignore_errors=True)


def set_current(root: Path, generation: str, sha256: str) -> None:
    """Replaces ``CURRENT``."""
    beside = root / f"{CURRENT}.tmp"
    beside.write_text(f"{generation} {sha256}\n", encoding="utf-8")
    fsync_path(beside)
    beside.replace(root / CURRENT)
    fsync_path(root)


def read_current(root: Path) -> tuple[str, str]:
    """``(generation, SHA-256 of its manifest)`` that is in force. Raises IndexNotFoundError, IndexDamagedError."""
    try:
        line = (root / CURRENT).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexNotFoundError(
            f"在 {root} 没有索引；请先运行 wenbao build，或用 --index-dir 指出索引目录。"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError(
            f"{root / CURRENT} 读不了（{error}）；请运行 wenbao rollback 或 wenbao build。"
        ) from error
    hit = _CURRENT_LINE.fullmatch(line)
    if hit is None:
        raise IndexDamagedError(
            f"{root / CURRENT} 的内容是 {line[:40]!r}，应是“gen-编号 校验和”；请运行 wenbao rollback 或 wenbao build。"
        )
    return hit.group(1), hit.group(2)


def current_generation(root: Path) -> str:
    """The name of the generation in force; as cheap as reading one small file."""
    return read_current(root)[0]


def read_manifest(root: Path, generation: str, expected_sha256: str | None) -> Manifest:
    """The manifest of a generation, its own sum checked where it is known."""
    path = root / generation / MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamagedError(
            f"索引 {root / generation} 不完整，读不了 {MANIFEST}（{error.strerror or error}）；{_REPAIR}"
        ) from error
    if expected_sha256 is not None and hashlib.sha256(data).hexdigest() != expected_sha256:
        raise IndexDamagedError(f"{path} 的校验和与 CURRENT 记的不符，清单已损坏；{_REPAIR}")
    return Manifest.from_json(data.decode("utf-8", errors="replace"), f"{root / generation}")


def check_sizes(root: Path, manifest: Manifest) -> None:
    """Raises IndexDamagedError where a file is missing or has another size than the manifest says."""
    for name, entry in manifest.files.items():
        path = root / manifest.generation / name
        size = path.stat().st_size if path.is_file() else None
        if size != entry.bytes:
            found = "文件不在" if size is None else f"{size} 字节"
            raise IndexDamagedError(f"索引文件 {path} 应有 {entry.bytes} 字节，现在{found}；{_REPAIR}")


def verify_files(root: Path) -> list[str]:
    """What is wrong with the current generation, every byte read; empty where it is whole."""
    generation, sha256 = read_current(root)
    manifest = read_manifest(root, generation, sha256)
    problems = []
    for name, entry in manifest.files.items():
        path = root / generation / name
        if not path.is_file():
            problems.append(f"{name}：文件不在")
        elif file_entry(path) != entry:
            problems.append(f"{name}：大小或校验和与清单不符")
    return problems


def check_files(root: Path, manifest: Manifest) -> None:
    """Raises IndexDamagedError where a file is missing or has another size or sum than the manifest says."""
    check_sizes(root, manifest)
    for name, entry in manifest.files.items():
        path = root / manifest.generation / name
        try:
            same = file_entry(path) == entry
        except OSError as error:
            raise IndexDamagedError(
                f"读不了索引文件 {path}（{error.strerror or error}）；{_REPAIR}"
            ) from error
        if not same:
            raise IndexDamagedError(f"索引文件 {path} 的校验和与清单不符，文件已损坏；{_REPAIR}")


def rollback(root: Path) -> str:
    """Puts the generation before the current one in force, its files checked; returns its name.

    Works also where the current one is damaged. Raises IndexStateError where there is none to go back to.
    """
    if not root.is_dir():
        raise IndexNotFoundError(
            f"在 {root} 没有索引；请先运行 wenbao build，或用 --index-dir 指出索引目录。"
        )
    with writer_lock(root):
        damaged = ""
        for name in _before(root):
            try:
                check_files(root, read_manifest(root, name, None))
            except IndexStateError as error:
                damaged = f"（{name} 也不能用：{error}）"
                continue
            set_current(root, name, file_entry(root / name / MANIFEST).sha256)
            return name
    raise IndexNotFoundError(f"在 {root} 没有更早的一代可退回{damaged}；请运行 wenbao build 重新建索引。")


def _before(root: Path) -> list[str]:
    """The generations that rollback may go back to: the parent of the current one, then those with lower numbers."""
    names = [f"gen-{number:06d}" for number in reversed(generation_numbers(root))]
    try:
        now = current_generation(root)
    except IndexStateError:
        return names
    try:
        parent = read_manifest(root, now, None).parent
    except IndexStateError:
        parent = None
    lower = [name for name in names if name < now]
    return [parent, *(name for name in lower if name != parent)] if parent in lower else lower
