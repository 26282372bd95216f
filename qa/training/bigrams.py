"""``python -m qa.training.bigrams``: which characters follow which in the news sample, for qa.articles.continuation."""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from qa.articles.continuation import FILE, LEVELS, plain
from qa.passages import sentence_spans
from qa.training.data import read_news
from qa.training.written import article_key, held_out

PROJECT = Path(__file__).resolve().parents[2]
RARE = 6  # a pair that is seen less often tells little
_NOT_COUNTED = re.compile(r"[\s\ue000-\uf8ff]")


def count(articles: Iterable[str]) -> str:
    """The text of the file."""
    pairs: Counter[str] = Counter()
    stands: Counter[str] = Counter()
    begins: Counter[str] = Counter()
    for article in articles:
        for start, end in sentence_spans(article):
            sentence = "".join(plain(char) for char in _NOT_COUNTED.sub("", article[start:end]))
            stands.update(sentence)
            begins.update(sentence[:1])
            pairs.update(sentence[n : n + 2] for n in range(len(sentence) - 1))
    behind: dict[str, list[str]] = {}
    for pair, times in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if times >= RARE:
            behind.setdefault(pair[0], []).append(pair[1] + LEVELS[round(math.log2(times))])
    lines = (
        f"{char}\t{times}\t{begins[char]}\t{''.join(behind.get(char, ()))}"
        for char, times in sorted(stands.items(), key=lambda item: (-item[1], item[0]))
        if times >= RARE
    )
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m qa.training.bigrams", description=__doc__)
    parser.add_argument(
        "--news", type=Path, default=PROJECT.parent / "shared" / "data" / "news_sample.txt.gz"
    )
    parser.add_argument("--out", type=Path, default=PROJECT / "qa" / "articles" / FILE)
    options = parser.parse_args()
    # What is measured on (benchmarks/pages, and the questions held out) is not counted.
    articles = (text for _, text in read_news(options.news) if not held_out(article_key(text)))
    options.out.write_text(count(articles), encoding="utf-8")


if __name__ == "__main__":
    main()
