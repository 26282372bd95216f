"""Commands that measure: read and evaluate."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from qa.commands.common import SEEDS, index_root, print_json, progress
from qa.errors import SourceError
from qa.streams import load_json, writing


def read(options: argparse.Namespace) -> int:
    from qa.reader import load_reader
    from qa.squad import read_closed, squad_items

    items = squad_items(load_json(options.input), options.input)
    with writing(options.output) as out:
        answers: dict[str, Any] = {}
        for item, answer, evidence in read_closed(
            items, load_reader(), lambda d, t: print(f"已读 {d}/{t}", file=sys.stderr)
        ):
            answers[item.id] = {"answer": answer, "evidence": evidence} if options.evidence else answer
        out.write(json.dumps(answers, ensure_ascii=False, indent=1) + "\n")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    if options.squad is None and options.open:
        options.wrong_usage("--open 要与 --squad 文件 一起用")
    if options.squad is not None and options.questions is not None:
        options.wrong_usage("问题文件与 --squad 只能给一个")
    from qa.evaluation import evaluate, evaluate_squad, table
    from qa.pipeline import QAPipeline

    if options.squad is not None:
        figures = evaluate_squad(
            load_json(options.squad),
            options.squad,
            open_retrieval=options.open,
            model=options.model,
            progress=_evaluated,
        )
    else:
        path = options.questions or SEEDS / "questions.jsonl"
        if not path.exists():
            raise SourceError(f"没有找到“{path}”；请给出带答案的 JSONL 文件。")
        figures = evaluate(
            QAPipeline.open(index_root(options), model=options.model), path, progress=_evaluated
        )
    if options.json:
        print_json(figures)
    else:
        print(table(figures))
    return 0


def _evaluated(stage: str, done: int, total: int) -> None:
    """Progress of an evaluation: of its build as ``progress``, of its questions every now and then."""
    name = {"read": "已读", "ask": "已问"}.get(stage)
    if name is None:
        progress(stage, done, total)
    elif done == total or done % 50 == 0:
        print(f"{name} {done}/{total}", file=sys.stderr)
