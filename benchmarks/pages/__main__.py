"""``python -m benchmarks.pages [--pages 120] [--seed 7]``: how well pages are cut into articles, per trouble."""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections.abc import Collection, Sequence
from pathlib import Path

NEWS = Path(__file__).resolve().parents[3] / "shared" / "data" / "news_sample.txt.gz"
COLUMNS = (
    "boundaries titles titles_ends bylines joined wrong_joins repeats lost order chars_per_second".split()
)


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and prints the table; returns the exit status."""
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    from benchmarks.pages.corpus import read_corpus
    from benchmarks.pages.troubles import TROUBLES

    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="报纸版面切分的测量")
    parser.add_argument("--pages", type=int, default=120, help="每种情况造多少版")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--news-file", type=Path, default=NEWS, help="新闻样本，一行一篇（可为 gzip）")
    parser.add_argument("--only", nargs="+", choices=["none", *TROUBLES, "all"], help="只测这几种")
    parser.add_argument("--handmade", action="store_true", help="手工排的十版：逐版的数目")
    options = parser.parse_args(argv)
    if options.handmade:
        from benchmarks.pages.handmade import table

        print(table())
        return 0
    if options.pages < 1:
        parser.error("--pages 至少是 1")
    try:
        # Which characters follow which (qa.articles.continuation) was counted on the other articles of this file.
        counted = options.news_file.resolve() == NEWS.resolve()
        corpus = read_corpus(options.news_file, _not_counted if counted else bool)
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{'trouble':12}" + "".join(f"{name:>12}" for name in COLUMNS))
    for name in options.only or ["none", *TROUBLES, "all"]:
        chosen = TROUBLES.keys() if name == "all" else [] if name == "none" else [name]
        figures = measure(corpus, options.pages, options.seed, chosen)
        print(f"{name:12}" + "".join(_cell(figures[column]) for column in COLUMNS), flush=True)
    return 0


def _not_counted(text: str) -> bool:
    from qa.training.written import article_key, held_out

    return held_out(article_key(text))


def measure(
    corpus: Sequence[Sequence[str]], pages: int, seed: int, troubles: Collection[str]
) -> dict[str, float]:
    """The figures over ``pages`` pages with ``troubles``."""
    from benchmarks.pages.scoring import Tally, score
    from benchmarks.pages.troubles import make_page

    rng = random.Random(f"{seed} {' '.join(sorted(troubles))}")
    score(make_page(corpus, random.Random(0), ["broken"]), Tally())  # the first call loads jieba
    tally = Tally()
    for _ in range(pages):
        score(make_page(corpus, rng, troubles), tally)
    return tally.figures()


def _cell(value: float) -> str:
    if value != value:
        return f"{'-':>12}"
    return f"{value:12.0f}" if value > 1 or value == int(value) > 1 else f"{value:12.3f}"


if __name__ == "__main__":
    sys.exit(main())
