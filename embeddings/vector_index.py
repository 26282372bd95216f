"""Nearest rows by inner product: FAISS behind arrays and row numbers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.errors import EncoderError

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# Exact search is fast enough up to here at 384 dimensions; beyond, a graph (HNSW) trades a little recall for speed.
EXACT_UP_TO = 200_000
_LINKS = 32


class VectorIndex:
    """Unit vectors, row ``i`` being item ``i``. Immutable; searches may run in several threads."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        """The index of ``vectors``, float32 (n, dim)."""
        import faiss

        if vectors.ndim != 2 or vectors.dtype != np.float32:
            raise ValueError(
                f"vectors are {vectors.dtype} of shape {vectors.shape}; expected float32 (n, dim)"
            )
        dim = vectors.shape[1]
        if len(vectors) <= EXACT_UP_TO:
            index: Any = faiss.IndexFlatIP(dim)
        else:
            index = faiss.IndexHNSWFlat(dim, _LINKS, faiss.METRIC_INNER_PRODUCT)
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    @property
    def dim(self) -> int:
        return int(self._index.d)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, queries: Vectors, k: int, allowed: Rows | None = None
    ) -> tuple[list[Rows], list[Vectors]]:
        """For each query the rows of the ``k`` nearest items, nearest first, and their inner products.

        ``queries``: float32 (n, dim). ``allowed`` keeps to these rows. Fewer than ``k`` come back where there are
        not more. Raises EncoderError where the width is not the index's (FAISS's own message is empty).
        """
        import faiss

        if queries.ndim != 2 or queries.shape[1] != self.dim:
            raise EncoderError(
                f"问题的向量形状是 {queries.shape}，索引的宽度是 {self.dim}；请用建索引时的编码模型，或重新建索引。"
            )
        count = min(k, len(self))
        if count < 1:
            return [np.empty(0, np.int64)] * len(queries), [np.empty(0, np.float32)] * len(queries)
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(allowed, dtype=np.int64))
            kind: Any = faiss.SearchParameters if len(self) <= EXACT_UP_TO else faiss.SearchParametersHNSW  # type: ignore[attr-defined]  # in faiss, not in its stubs
            parameters = kind(sel=selector)
        scores, rows = self._index.search(
            np.ascontiguousarray(queries, dtype=np.float32), count, params=parameters
        )
        kept = [row >= 0 for row in rows]  # FAISS pads with -1
        return (
            [row[keep].astype(np.int64) for row, keep in zip(rows, kept, strict=True)],
            [score[keep] for score, keep in zip(scores, kept, strict=True)],
        )

    def vectors(self, rows: Sequence[int] | Rows) -> Vectors:
        """The stored vectors of ``rows``, float32 (len(rows), dim)."""
        wanted = np.asarray(rows, dtype=np.int64)
        if len(wanted) and (wanted.min() < 0 or wanted.max() >= len(self)):
            raise IndexError(f"rows {wanted.min()}..{wanted.max()} of an index of {len(self)}")
        out: Vectors = (
            self._index.reconstruct_batch(wanted) if len(wanted) else np.empty((0, self.dim), np.float32)
        )
        return out

    def save(self, path: Path) -> str:
        """Writes the index, flushed to the disk; returns the SHA-256 of the file.

        Through Python, since FAISS's own writer loses a file on a full disk without an error and does not fsync.
        """
        import faiss

        data = faiss.serialize_index(self._index).tobytes()
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return hashlib.sha256(data).hexdigest()

    @classmethod
    def load(cls, path: Path, expected_sha256: str | None = None) -> VectorIndex:
        """The index of a file that ``save`` wrote. Raises EncoderError where it is not whole."""
        import faiss

        try:
            data = path.read_bytes()
        except OSError as error:
            raise EncoderError(
                f"读不了向量文件 {path}（{error}）；请运行 wenbao verify，或重新建索引。"
            ) from error
        if expected_sha256 is not None and hashlib.sha256(data).hexdigest() != expected_sha256:
            raise EncoderError(
                f"向量文件 {path} 的校验和与清单不符，文件已损坏；请运行 wenbao rollback 或重新建索引。"
            )
        try:
            return cls(faiss.deserialize_index(np.frombuffer(data, np.uint8)))
        except RuntimeError as error:
            raise EncoderError(
                f"{path} 不是向量索引（{str(error)[:80]}）；请运行 wenbao rollback 或重新建索引。"
            ) from error
