"""How a model in training does on windows held out: quick figures to choose settings by.

Spans are compared token by token, without the rules of decoding and with one gold answer, so EM is stricter than
what ``wenbao evaluate --squad`` prints; differences between two models carry over.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa.training.features import Feature, tensors
from qa.training.model import SpanModel

MOST_TOKENS = 48


def trial(model: SpanModel, features: Sequence[Feature], *, batch: int = 64) -> dict[str, float]:
    """EM and token F1 of the windows with an answer (0 to 1); AUROC of ``states`` and of the span's margin over the
    null score, windows with an answer against those without (nan where there is one kind only)."""
    import torch

    device = next(model.network.parameters()).device
    model.train(False)
    exact = overlap = 0.0
    scores: list[tuple[float, float, bool]] = []
    ordered = sorted(features, key=lambda f: len(f.ids))
    for at in range(0, len(ordered), batch):
        rows = ordered[at : at + batch]
        ids, mask, allowed = (tensor.to(device) for tensor in tensors(rows))
        with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16):
            start, end, stated = model.forward(ids, mask)
        null = start[:, 0] + end[:, 0]
        allowed[:, 0] = False
        start, end = start.masked_fill(~allowed, -1e4), end.masked_fill(~allowed, -1e4)
        length = ids.shape[1]
        band = torch.ones(length, length, device=device).triu().tril(MOST_TOKENS - 1).bool()
        pairs = (start[:, :, None] + end[:, None, :]).masked_fill(~band, -1e5).flatten(1)
        best, place = pairs.max(-1)
        margins = (best - null).tolist()
        logits = [0.0] * len(rows) if stated is None else stated.tolist()
        for row, spot, margin, logit in zip(rows, place.tolist(), margins, logits, strict=True):
            scores.append((logit, margin, row.start > 0))
            if row.start > 0:
                a, b = divmod(spot, length)
                shared = max(min(b, row.end) - max(a, row.start) + 1, 0)
                exact += (a, b) == (row.start, row.end)
                overlap += 2 * shared / (b - a + 1 + row.end - row.start + 1)
    answered = sum(has for _, _, has in scores) or 1
    return {
        "em": exact / answered,
        "f1": overlap / answered,
        "auroc_states": _auroc([s for s, _, has in scores if has], [s for s, _, has in scores if not has]),
        "auroc_margin": _auroc([m for _, m, has in scores if has], [m for _, m, has in scores if not has]),
    }


def _auroc(yes: Sequence[float], no: Sequence[float]) -> float:
    import numpy as np

    if not yes or not no:
        return float("nan")
    low = np.sort(np.array(no))
    below = np.searchsorted(low, yes, "left") + np.searchsorted(low, yes, "right")
    return float(below.mean() / 2 / len(no))
