"""Timings that can be compared on a machine that others use too: taken in turns, summed up by medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def seconds(work: Callable[[], Any]) -> float:
    """How long ``work`` takes, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(works: Mapping[str, Callable[[], Any]], rounds: int, warm_up: int = 1) -> dict[str, list[float]]:
    """Seconds of each of ``works``, ``rounds`` times in turns, so that a busy spell falls on all of them."""
    for _ in range(warm_up):
        for work in works.values():
            work()
    out: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            out[name].append(seconds(work))
    return out


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (in [0, 1]) of ``values`` do not exceed, between neighbours in proportion.

    Raises ValueError where there are no values.
    """
    if not values:
        raise ValueError("no values to take a percentile of")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def asked_between(
    questions: Sequence[Callable[[], Any]], unit: Callable[[], Any], rounds: int, every: int
) -> tuple[list[float], float]:
    """Median seconds of each question over ``rounds``, and of ``unit``, taken every ``every`` questions."""
    times: list[list[float]] = [[] for _ in questions]
    units: list[float] = []
    for _ in range(rounds):
        for n, question in enumerate(questions):
            if n % every == 0:
                units.append(seconds(unit))
            times[n].append(seconds(question))
    return [statistics.median(own) for own in times], statistics.median(units)
