"""A large index: news articles as files, built, weighed and searched.

Recall is of a proxy: key words of a random sentence must find the passage that holds it. They are the
sentence's own words, so this is easier than what people ask; it shows what the size of an archive costs.
"""

from __future__ import annotations

import gzip
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from benchmarks.asking import questions
from benchmarks.timing import asked_between, percentile
from benchmarks.unit import Reference
from embeddings import load_encoder
from qa.index import Index, build_index
from qa.lexical import words
from qa.measures import first_rank
from qa.passages import sentence_spans
from qa.retriever import Retriever

PROXY_QUESTIONS = 300
WORDS = 4
EVERY = 20  # searches between two measurements of U
_ARTICLE = re.compile(r"(?P<head>[^，]*)，正文：(?P<text>.*)", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def articles(path: Path) -> Iterator[str]:
    """The articles of the sample, each as the text of a file: its date, where it is known, as front matter.

    Raises FileNotFoundError with a sentence that says what to do.
    """
    if not path.is_file():
        raise FileNotFoundError(f"没有找到新闻样本 {path}；请用 --news-file 指出它，或去掉 --news。")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            hit = _ARTICLE.match(line.strip())
            text = hit["text"].strip() if hit else line.strip()
            date = _DATE.search(hit["head"]) if hit else None
            if text:
                yield f"---\ndate: {date.group()}\n---\n{text}\n" if date else f"{text}\n"


def measure(reference: Reference, path: Path, count: int | None, rounds: int) -> dict[str, float]:
    """Passages a second of the build, MB of the index, p50 and p95 of a search, recall of the proxy."""
    texts = list(islice(articles(path), count))
    with tempfile.TemporaryDirectory(prefix="wenbao-bench-") as work:
        folder = Path(work) / "news"
        for n, text in enumerate(texts):
            file = folder / f"{n // 500:03d}" / f"{n:06d}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        encoder = load_encoder()
        marks: dict[str, list[float]] = {}

        def mark(stage: str, _done: int, _total: int) -> None:
            marks.setdefault(stage, []).append(time.perf_counter())

        began = time.perf_counter()
        report = build_index(Path(work) / "index", [folder], encoder=encoder, progress=mark)
        took = time.perf_counter() - began
        embedding = marks["embed"][-1] - marks["embed"][0]
        size = sum(file.stat().st_size for file in (Path(work) / "index").rglob("*") if file.is_file())
        retriever = Retriever.open(Path(work) / "index")
        proxy = known_items(retriever.index, PROXY_QUESTIONS)
        asked = [*questions(), *(question for question, _ in proxy)]
        for question in asked[:5]:
            reference.unit()
            retriever.search(question, 10)
        times, unit = asked_between(
            [partial(retriever.search, question, 10) for question in asked], reference.unit, rounds, EVERY
        )
        ranks = [
            first_rank([sentence], [found.text for found in retriever.search(question, 10)])
            for question, sentence in proxy
        ]
    return {
        "articles": report.articles,
        "files": report.documents,
        "passages": report.passages,
        "build_s": took,
        "build_per_s": report.passages / took,
        "embed_per_s": report.passages / embedding,
        "index_mb": size / 1e6,
        "searches": len(asked),
        "unit_s": unit,
        "search_p50_s": percentile(times, 0.5),
        "search_p95_s": percentile(times, 0.95),
        "search_p50_u": percentile(times, 0.5) / unit,
        "search_p95_u": percentile(times, 0.95) / unit,
        "proxy_questions": len(proxy),
        "proxy_recall_1": _share(ranks, 1),
        "proxy_recall_10": _share(ranks, 10),
    }


def _share(ranks: Sequence[int | None], depth: int) -> float:
    return sum(rank is not None and rank <= depth for rank in ranks) / max(len(ranks), 1)


def known_items(index: Index, count: int, seed: int = 7) -> list[tuple[str, str]]:
    """``(question, sentence)``: the rarest words of sentences drawn at random, in the sentence's order."""
    random_ = random.Random(seed)
    out: list[tuple[str, str]] = []
    rows = random_.sample(range(index.manifest.passages), min(4 * count, index.manifest.passages))
    for passage in index.passages(rows):
        spans = [(a, b) for a, b in sentence_spans(passage.text) if 25 <= b - a <= 120]
        if not spans:
            continue
        sentence = passage.text[slice(*random_.choice(spans))].strip()
        own = [w for w in dict.fromkeys(words(sentence)) if len(w) > 1 and not any(c.isdigit() for c in w)]
        rare = sorted(own, key=lambda word: -index.rarity(word))[:WORDS]
        if len(rare) == WORDS:
            out.append((" ".join(word for word in own if word in rare), sentence))
        if len(out) == count:
            break
    return out
