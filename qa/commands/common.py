"""What several commands share: where the index is, how results and progress are said."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = PROJECT / "seeds"

_STAGES = {"read": "读入", "embed": "编码", "publish": "发布"}


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def index_root(options: argparse.Namespace) -> Path:
    from qa.index.generations import default_index_dir

    return options.index_dir if options.index_dir is not None else default_index_dir()


def progress(stage: str, done: int, total: int) -> None:
    if total and (done == total or sys.stderr.isatty()):
        print(f"{_STAGES[stage]} {done}/{total}", file=sys.stderr)
