"""The runner: ``python -m benchmarks [--only GROUP ...] [--news [--articles N]] [--name NAME]``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
GROUPS = ("commands", "ask", "encode")


def main(argv: Sequence[str] | None = None) -> int:
    """Measures, prints the table, writes the JSON; returns the exit status."""
    options = _options(argv)
    os.environ["HF_HUB_OFFLINE"] = "1"
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    from benchmarks import environment, report

    news_file = options.news_file or environment.NEWS
    if options.news and not news_file.is_file():
        print(f"没有找到新闻样本 {news_file}；请用 --news-file 指出它，或去掉 --news。", file=sys.stderr)
        return 1
    began = datetime.now().astimezone()
    where = environment.environment(options.threads)
    load = [environment.load_average()]
    figures: dict[str, dict[str, float]] = {}
    record = {
        "when": began.isoformat(timespec="seconds"),
        "command": " ".join(["python -m benchmarks", *(sys.argv[1:] if argv is None else argv)]),
        **where,
        "rounds": options.rounds,
        # Above the number of threads others were running too: the seconds are too long, the ratios hold.
        "load_average": load,
        "figures": figures,
    }
    file = options.results / f"{options.name or began.strftime('%Y-%m-%d-%H%M')}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    for name, measure in _measures(options, news_file):
        print(f"{name} …", file=sys.stderr)
        figures[name] = measure()
        load.append(environment.load_average())
        # After each group: what was measured is kept, whatever ends the run.
        file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(report.markdown(figures, bool(where["bf16_units"])))
    print(f"\n{where['processor']}, {options.threads} threads, commit {where['commit'][:7]}; {file}")
    return 0


def _measures(
    options: argparse.Namespace, news_file: Path
) -> list[tuple[str, Callable[[], dict[str, float]]]]:
    """The chosen measurements in order: the commands first, while this process holds no model."""
    from benchmarks import asking, commands, encoding, news
    from benchmarks.unit import Reference

    held: list[Reference] = []

    def reference() -> Reference:
        import faiss
        import torch

        if not held:
            torch.set_num_threads(options.threads)
            faiss.omp_set_num_threads(options.threads)
            held.append(Reference())
        return held[0]

    known: dict[str, Callable[[], dict[str, float]]] = {
        "commands": lambda: commands.measure(options.threads, options.rounds),
        "ask": lambda: asking.measure(reference(), options.rounds),
        "encode": lambda: encoding.measure(reference(), options.rounds),
        "news": lambda: news.measure(reference(), news_file, options.articles, options.rounds),
    }
    chosen = options.only
    return [(name, known[name]) for name in known if name in chosen or (name == "news" and options.news)]


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {text}")
    return value


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="速度与大小的测量")
    parser.add_argument("--only", nargs="*", choices=GROUPS, help="只测这几组（可空，与 --news 同用）")
    parser.add_argument("--news", action="store_true", help="另测大索引：用新闻样本建索引、检索")
    parser.add_argument("--news-file", type=Path, help="新闻样本（默认 ../shared/data/news_sample.txt.gz）")
    parser.add_argument("--articles", type=_positive, help="只用样本的前 N 篇")
    parser.add_argument("--threads", type=_positive, default=2)
    parser.add_argument("--rounds", type=_positive, default=3, help="每项测几遍，取中位数")
    parser.add_argument("--name", help="结果文件的名字（默认日期和时间）")
    parser.add_argument("--results", type=Path, default=RESULTS, help="结果目录")
    options = parser.parse_args(argv)
    if options.only is not None and not options.only and not options.news:
        parser.error("--only 没有给出要测的组")
    if options.only is None:
        options.only = list(GROUPS)
    return options


if __name__ == "__main__":
    sys.exit(main())
