"""Linear models that turn features into probabilities; fitted by a script, stored with the reader as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from qa.errors import ModelError

CALIBRATION_FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A logistic regression over named features; a feature that it does not name counts nothing."""

    weights: dict[str, float]
    bias: float

    def logit(self, features: Mapping[str, float]) -> float:
        """The log odds. Raises KeyError where a feature that the model names is not given."""
        return self.bias + sum(weight * features[name] for name, weight in self.weights.items())


def sigmoid(logit: float) -> float:
    """The probability of log odds, safe at both ends."""
    if logit >= 0:
        return 1 / (1 + math.exp(-min(logit, 60.0)))
    odds = math.exp(max(logit, -60.0))
    return odds / (1 + odds)


@dataclass(frozen=True, slots=True)
class Calibration:
    """``candidate`` orders spans and scores each; ``right`` is the score shown of the answer; ``stated`` says whether
    the archive answers at all, ``topic`` whether it writes about the matter.

    ``topic_threshold``: below this probability of ``topic`` nothing is found. ``stated_threshold``: below this
    probability of ``stated`` the question is not answered. ``alternative_threshold``: least probability of
    another answer that is shown. ``settled``: probability at which the first passages read are enough.
    """

    candidate: LinearModel
    stated: LinearModel
    right: LinearModel
    topic: LinearModel
    topic_threshold: float
    stated_threshold: float
    alternative_threshold: float
    settled: float

    @classmethod
    def load(cls, directory: Path) -> Calibration:
        """The calibration stored beside a reader; ModelError where it is missing or incomplete."""
        path = directory / CALIBRATION_FILE
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            models = {
                name: LinearModel(
                    {key: float(value) for key, value in stored[name]["weights"].items()},
                    float(stored[name]["bias"]),
                )
                for name in ("candidate", "stated", "right", "topic")
            }
            numbers = {
                name: float(stored[name])
                for name in ("topic_threshold", "stated_threshold", "alternative_threshold", "settled")
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"读不了校准文件 {path}（{error!r}）；它由 python -m qa.training.calibrate 写成，请重新取得模型文件。"
            ) from error
        return cls(**models, **numbers)  # type: ignore[arg-type]  # names checked just above

    def save(self, directory: Path) -> None:
        """Writes the file that ``load`` reads."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False)
        (directory / CALIBRATION_FILE).write_text(text + "\n", encoding="utf-8")
