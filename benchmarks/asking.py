"""``ask`` over the seeds: a warm pipeline in this process, all questions of ``seeds/questions.jsonl``."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.environment import SEEDS
from benchmarks.timing import asked_between, percentile
from benchmarks.unit import Reference
from qa.evaluation import load_questions
from qa.index import build_index
from qa.pipeline import QAPipeline

EVERY = 12  # questions between two measurements of U


def questions() -> list[str]:
    """The seeds' questions as they stand alone: turns of conversations in their written-out form."""
    return [
        str(item.get("standalone") or item["question"]) for item in load_questions(SEEDS / "questions.jsonl")
    ]


def measure(reference: Reference, rounds: int) -> dict[str, float]:
    """p50 and p95 of ``ask`` in seconds and in U, over the medians of each question's ``rounds``."""
    with tempfile.TemporaryDirectory(prefix="wenbao-bench-") as work:
        build_index(Path(work) / "index", [SEEDS])
        pipeline = QAPipeline.open(Path(work) / "index")
        asked = questions()
        for question in asked[:5]:
            reference.unit()
            pipeline.ask(question)
        times, unit = asked_between(
            [partial(pipeline.ask, question) for question in asked], reference.unit, rounds, EVERY
        )
        p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    return {
        "questions": len(asked),
        "unit_s": unit,
        "ask_p50_s": p50,
        "ask_p95_s": p95,
        "ask_p50_u": p50 / unit,
        "ask_p95_u": p95 / unit,
    }
