"""Our encoder against sentence-transformers in fp32: the same model, texts and threads."""

from __future__ import annotations

import statistics

import numpy as np

from benchmarks.asking import questions
from benchmarks.environment import SEEDS
from benchmarks.timing import in_turns
from benchmarks.unit import Reference
from embeddings import load_encoder
from qa.articles import split_articles
from qa.documents import list_files, read_document
from qa.folding import to_simplified
from qa.index.build import embedded_text
from qa.passages import split_passages


def seed_texts() -> list[str]:
    """What is embedded of the seeds, a text for each passage."""
    return [
        embedded_text(passage, article)
        for file in list_files([SEEDS])
        for article in split_articles(read_document(file)).articles
        for passage in split_passages(article)
    ]


def measure(reference: Reference, rounds: int) -> dict[str, float]:
    """Passages a second of both, how many times as fast ours is, and how far the results agree."""
    encoder = load_encoder()
    texts = seed_texts()
    times = in_turns(
        {"library": lambda: reference.encode(texts), "ours": lambda: encoder.encode_passages(texts)}, rounds
    )
    library, ours = statistics.median(times["library"]), statistics.median(times["ours"])
    asked = [to_simplified(question) for question in questions()]
    one, other = encoder.encode_passages(texts), reference.encode(texts)
    first = (encoder.encode_queries(asked) @ one.T).argmax(axis=1)
    theirs = (reference.encode(asked, "query: ") @ other.T).argmax(axis=1)
    return {
        "texts": len(texts),
        "mean_tokens": statistics.mean(reference.tokens(text) for text in texts),
        "library_per_s": len(texts) / library,
        "ours_per_s": len(texts) / ours,
        "times_as_fast": library / ours,
        "same_first_passage": float(np.mean(first == theirs)),
        "lowest_cosine": float((one * other).sum(axis=1).min()),
    }
