"""What a generation of the index says about itself: ``manifest.json``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from qa.errors import IndexDamagedError, IndexMismatchError

FORMAT = 3


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the generation: its size in bytes and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """See DESIGN: counts, sources, sums of the files, fingerprints of what the index was built with.

    ``dense_reference``: mean and standard deviation of the best dense score that questions about nothing in
    particular get on this index. ``created``: ISO time with its zone.
    """

    format: int
    generation: str
    parent: str | None
    created: str
    documents: int
    articles: int
    passages: int
    sources: tuple[str, ...]
    source_files: dict[str, str]  # source -> SHA-256 of the file
    files: dict[str, FileEntry]
    encoder: str
    encoder_fingerprint: str
    dim: int
    reader_fingerprint: str
    splitter: str
    dense_reference: tuple[float, float]

    def to_json(self) -> str:
        """The text of ``manifest.json``."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str) -> Manifest:
        """The manifest in ``text``; ``name`` is how messages call the generation.

        Raises IndexMismatchError for a newer format, IndexDamagedError where fields are missing.
        """
        try:
            stored: dict[str, Any] = json.loads(text)
            found = stored["format"]
            if found != FORMAT:
                raise IndexMismatchError(
                    f"索引 {name} 的格式是第 {found} 版，本程序读第 {FORMAT} 版；请用写它的程序版本，或运行 wenbao build 重新建索引。"
                )
            return cls(
                **{
                    **stored,
                    "sources": tuple(stored["sources"]),
                    "source_files": {str(k): str(v) for k, v in stored["source_files"].items()},
                    "files": {k: FileEntry(**v) for k, v in stored["files"].items()},
                    "dense_reference": (
                        float(stored["dense_reference"][0]),
                        float(stored["dense_reference"][1]),
                    ),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise IndexDamagedError(
                f"索引 {name} 的清单不完整（{error!r}）；请运行 wenbao rollback 回到上一代，或运行 wenbao build 重新建索引。"
            ) from error
