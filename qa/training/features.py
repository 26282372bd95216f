"""Examples as padded batches of token ids with targets."""

from __future__ import annotations

import lzma
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa.reader.windows import PAD, View, WindowMaker, view_of
from qa.training.data import Example, Span

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Feature:
    """One window with its targets; ``start`` and ``end`` are token positions, 0 where there is no answer."""

    ids: tuple[int, ...]
    first: int
    start: int
    end: int
    weight: float


def view_span(view: View, span: Span) -> Span | None:
    """The span of the view that stands for ``span`` of the original; None where nothing of it is shown."""
    inside = [i for i, place in enumerate(view.places) if span[0] <= place < span[1]]
    return (inside[0], inside[-1] + 1) if inside else None


def feature_of(example: Example, maker: WindowMaker) -> Feature | None:
    """The first window of ``example``; None where the answer lies beyond it (or in no token)."""
    view = view_of(example.text)
    window = maker.windows(example.question, [(view_of(example.context).text, view.text)])[0][0]
    if example.answer is None:
        return Feature(window.ids, window.first, 0, 0, example.weight)
    span = view_span(view, example.answer)
    if span is None:
        return None
    covered = [k for k, (a, b) in enumerate(window.offsets) if a < span[1] and span[0] < b]
    if not covered or window.offsets[covered[-1]][1] < span[1]:
        return None
    return Feature(
        window.ids, window.first, window.first + covered[0], window.first + covered[-1], example.weight
    )


def batches(features: Sequence[Feature], tokens: int, rng: random.Random) -> list[list[Feature]]:
    """Shuffled batches of similar length, each of at most ``tokens`` tokens with its padding."""
    order = sorted(features, key=lambda f: (len(f.ids) // 24, rng.random()))
    out: list[list[Feature]] = []
    batch: list[Feature] = []
    for feature in order:
        if batch and max(len(f.ids) for f in [*batch, feature]) * (len(batch) + 1) > tokens:
            out.append(batch)
            batch = []
        batch.append(feature)
    if batch:
        out.append(batch)
    rng.shuffle(out)
    return out


def tensors(batch: Sequence[Feature]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids and attention mask, (n, length) int64, and the positions a span may take, (n, length) bool."""
    import torch

    length = max(len(feature.ids) for feature in batch)
    ids = torch.full((len(batch), length), PAD)
    allowed = torch.zeros((len(batch), length), dtype=torch.bool)
    for row, feature in enumerate(batch):
        ids[row, : len(feature.ids)] = torch.tensor(feature.ids)
        allowed[row, 0] = True
        allowed[row, feature.first : len(feature.ids) - 1] = True
    return ids, (ids != PAD).long(), allowed


def save_features(features: Sequence[Feature], path: Path) -> None:
    """Features as one xz file (ids need 16 bits: the shipped vocabulary has under 65,536 pieces)."""
    heads = [(len(f.ids), f.first, f.start, f.end, round(1000 * f.weight)) for f in features]
    table = np.array(heads, dtype="<u2").reshape(len(features), 5)
    ids = np.concatenate([np.array(f.ids, dtype="<u2") for f in features])
    # Texts come back in other windows: a dictionary as large as the file finds them.
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 256 << 20}]
    with lzma.open(path, "wb", filters=filters) as stream:
        stream.write(np.array([len(features)], dtype="<u4").tobytes() + table.tobytes() + ids.tobytes())


def load_features(path: Path) -> list[Feature]:
    """The features that ``save_features`` wrote."""
    with lzma.open(path) as stream:
        raw = stream.read()
    count = int(np.frombuffer(raw, dtype="<u4", count=1)[0])
    table = np.frombuffer(raw, dtype="<u2", count=5 * count, offset=4).reshape(count, 5)
    ids = np.frombuffer(raw, dtype="<u2", offset=4 + 10 * count).astype(np.int64)
    ends = np.cumsum(table[:, 0].astype(np.int64))
    return [
        Feature(tuple(ids[end - int(size) : end].tolist()), int(first), int(start), int(stop), weight / 1000)
        for (size, first, start, stop, weight), end in zip(table.tolist(), ends.tolist(), strict=True)
    ]
