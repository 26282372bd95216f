"""Fits of linear models: logistic regression, and the choice of one candidate among those of a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from qa.answering.calibration import LinearModel

Rows = Sequence[dict[str, float]]


def _standardised(rows: Rows, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``(values, mean, scale)``: float64 (rows, names), (names,), (names,)."""
    x = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    mean, scale = x.mean(0), x.std(0)
    scale[scale < 1e-9] = 1.0
    return (x - mean) / scale, mean, scale


def _model(names: Sequence[str], slopes: np.ndarray, bias: float) -> LinearModel:
    weights = {name: round(float(v), 6) for name, v in zip(names, slopes, strict=True)}
    return LinearModel(weights, round(float(bias), 6))


def _bounds(names: Sequence[str], signs: Mapping[str, int]) -> list[tuple[float | None, float | None]]:
    """The range of each slope: what can only speak for a thing, or only against it, is fitted as no other."""
    return [(0.0 if signs.get(name) == 1 else None, 0.0 if signs.get(name) == -1 else None) for name in names]


def logistic(
    rows: Rows,
    targets: Sequence[bool],
    weights: Sequence[float],
    names: Sequence[str],
    penalty: float = 4.0,
    signs: Mapping[str, int] = MappingProxyType({}),
) -> LinearModel:
    """Logistic regression with an L2 penalty on standardised features; ``signs``: 1 or -1 where a slope has one."""
    from scipy.optimize import minimize

    x, mean, scale = _standardised(rows, names)
    y, w = np.asarray(targets, np.float64), np.asarray(weights, np.float64)

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ beta[:-1] + beta[-1]
        p = 1 / (1 + np.exp(-np.clip(z, -30, 30)))
        value = (w * (np.logaddexp(0, z) - y * z)).sum() + penalty / 2 * beta[:-1] @ beta[:-1]
        wrong = w * (p - y)
        return float(value), np.append(x.T @ wrong + penalty * beta[:-1], wrong.sum())

    begin = np.zeros(len(names) + 1)
    bounds = [*_bounds(names, signs), (None, None)]
    beta = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 1000}).x
    slopes = beta[:-1] / scale
    return _model(names, slopes, beta[-1] - (slopes * mean).sum())


def choice(
    groups: Sequence[tuple[Rows, Sequence[bool], float]],
    names: Sequence[str],
    penalty: float = 4.0,
    signs: Mapping[str, int] = MappingProxyType({}),
) -> LinearModel:
    """A conditional logit (McFadden 1974): of the rows of a group one that is right should come first.

    ``groups``: ``(rows, which are right, weight)``, at least one right in each. The scores are then stretched and
    shifted by a logistic regression over all rows, so that they are log odds of being right.
    """
    from scipy.optimize import minimize

    x, mean, scale = _standardised([row for rows, _, _ in groups for row in rows], names)
    right = np.array([hit for _, hits, _ in groups for hit in hits], dtype=np.float64)
    sizes = [len(rows) for rows, _, _ in groups]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(groups)), sizes)
    weights = np.array([weight for _, _, weight in groups])

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ beta
        e = np.exp(z - np.maximum.reduceat(z, starts)[owner])
        every, good = np.add.reduceat(e, starts), np.add.reduceat(e * right, starts) + 1e-12
        value = (weights * (np.log(every) - np.log(good))).sum() + penalty / 2 * beta @ beta
        slope = x.T @ ((e / every[owner] - e * right / good[owner]) * weights[owner]) + penalty * beta
        return float(value), slope

    bounds = _bounds(names, signs)
    beta = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", bounds=bounds).x
    scores = [{"score": float(score)} for score in x @ beta]
    stretch = logistic(scores, right.astype(bool).tolist(), weights[owner].tolist(), ["score"], 1e-3)
    slopes = beta / scale * stretch.weights["score"]
    return _model(names, slopes, stretch.bias - (slopes * mean).sum())
