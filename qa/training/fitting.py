"""Fits of linear models: logistic regression, and the choice of one candidate among those of a question."""

from __future__ import annotations

from collections.abc import Sequence

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


def logistic(
    rows: Rows,
    targets: Sequence[bool],
    weights: Sequence[float],
    names: Sequence[str],
    penalty: float = 4.0,
) -> LinearModel:
    """Logistic regression with an L2 penalty on standardised features, by Newton's method."""
    x, mean, scale = _standardised(rows, names)
    z = np.hstack([x, np.ones((len(x), 1))])
    y, w = np.asarray(targets, np.float64), np.asarray(weights, np.float64)
    shrink = np.diag([penalty] * len(names) + [1e-6])
    beta = np.zeros(z.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (w * (p - y)) + shrink @ beta
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + shrink
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    slopes = beta[:-1] / scale
    return _model(names, slopes, beta[-1] - (slopes * mean).sum())


def choice(
    groups: Sequence[tuple[Rows, Sequence[bool], float]], names: Sequence[str], penalty: float = 4.0
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

    beta = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    scores = [{"score": float(score)} for score in x @ beta]
    stretch = logistic(scores, right.astype(bool).tolist(), weights[owner].tolist(), ["score"], 1e-3)
    slopes = beta / scale * stretch.weights["score"]
    return _model(names, slopes, stretch.bias - (slopes * mean).sum())
