"""Articles that are printed more than once: found by MinHash, settled by what they share.

MinHash over runs of five characters with banding: Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive
Datasets, chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qa.folding import fold

GRAM = 5
SHARED = 0.7  # of the runs of two articles together, to be one story
SHORTEST = 30  # runs: less is a caption or a weather line, alike without being a reprint
BANDS, ROWS = 20, 4  # half of the pairs at the threshold of 0.47, all but one in 200 at SHARED
_SEED = 20231011

Hashes = npt.NDArray[np.uint64]


def stories(texts: Sequence[str]) -> list[int]:
    """For each text the number of the first text that it is a near-copy of; its own number where it is none."""
    runs = [_runs(text) for text in texts]
    out = list(range(len(texts)))
    buckets: dict[tuple[int, bytes], list[int]] = {}
    for number, own in enumerate(runs):
        if len(own) < SHORTEST:
            continue
        signature = _signature(own)
        near: set[int] = set()
        for band in range(BANDS):
            bucket = buckets.setdefault((band, signature[band * ROWS : (band + 1) * ROWS].tobytes()), [])
            near.update(bucket)
            bucket.append(number)
        like = [other for other in sorted(near) if _jaccard(own, runs[other]) >= SHARED]
        if like:
            out[number] = out[like[0]]
    return out


def _runs(text: str) -> Hashes:
    """The hashes of the runs of GRAM characters of ``text``, folded and without blanks; sorted, each once."""
    bare = "".join(fold(text).split())
    codes = np.frombuffer(bare.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    if len(codes) < GRAM:
        return np.empty(0, np.uint64)
    hashed = np.zeros(len(codes) - GRAM + 1, np.uint64)
    for place in range(GRAM):
        hashed = hashed * np.uint64(1_000_003) + codes[place : len(codes) - GRAM + 1 + place]
    hashed ^= hashed >> np.uint64(29)
    hashed *= np.uint64(0xBF58476D1CE4E5B9)  # splitmix64: neighbouring runs end far apart
    return np.unique(hashed ^ (hashed >> np.uint64(32)))


def _permutations() -> tuple[Hashes, Hashes]:
    numbers = np.random.default_rng(_SEED)
    factors = numbers.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return factors, numbers.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)


_FACTORS, _SHIFTS = _permutations()


def _signature(runs: Hashes) -> Hashes:
    """The least value of ``runs`` under each permutation, (BANDS * ROWS,)."""
    return np.asarray((runs[:, None] * _FACTORS + _SHIFTS).min(axis=0), dtype=np.uint64)


def _jaccard(one: Hashes, other: Hashes) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)
