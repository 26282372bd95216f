"""SQuAD-format files and news text as training examples."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import SourceError
from qa.passages import sentence_spans

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the headline in front of the text (may be empty), the text, and the answer in it.

    ``answer`` None: the text does not state it. ``weight`` scales the loss of the example.
    """

    question: str
    context: str
    text: str
    answer: Span | None
    weight: float = 1.0


def read_json(path: Path) -> Any:
    """The JSON of ``path``, which may be gzipped. Raises SourceError with what is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"读不了训练数据 {path}（{error}）；请给出 SQuAD 格式的 .json 或 .json.gz 文件。"
        ) from error
    try:
        return json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    except (ValueError, OSError, EOFError) as error:
        raise SourceError(f"训练数据 {path} 不是完好的 JSON（{error}）；请检查文件。") from error


@dataclass(frozen=True, slots=True)
class Question:
    """One answerable question of a SQuAD file: ``answer`` is a span of ``text``."""

    question: str
    title: str
    text: str
    answer: Span


def read_squad(path: Path) -> list[Question]:
    """The questions of a SQuAD-format file whose first answer stands in its context at or near its offset."""
    out = []
    try:
        for entry in read_json(path)["data"]:
            title = str(entry.get("title") or "")
            for paragraph in entry["paragraphs"]:
                text = paragraph["context"]
                for item in paragraph["qas"]:
                    for answer in item["answers"][:1]:
                        start = locate(text, answer["text"], int(answer["answer_start"]))
                        if start is not None:
                            span = (start, start + len(answer["text"]))
                            out.append(Question(item["question"], title, text, span))
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"训练数据 {path} 不是 SQuAD 格式（{error!r}）；请检查文件。") from error
    return out


def locate(text: str, answer: str, near: int) -> int | None:
    """The occurrence of ``answer`` nearest to the offset that the file gives (offsets of CMRC are often off)."""
    best: int | None = None
    at = text.find(answer) if answer else -1
    while at >= 0:
        if best is None or abs(at - near) < abs(best - near):
            best = at
        at = text.find(answer, at + 1)
    return best


def split_by_title(
    questions: list[Question], share: float, seed: int
) -> tuple[list[Question], list[Question]]:
    """``(train, held_out)``, no article on both sides."""
    titles = sorted({q.title or q.text[:20] for q in questions})
    random.Random(seed).shuffle(titles)
    held = set(titles[: int(len(titles) * share)])
    train = [q for q in questions if (q.title or q.text[:20]) not in held]
    return train, [q for q in questions if (q.title or q.text[:20]) in held]


def crop(text: str, answer: Span | None, limit: int, rng: random.Random) -> tuple[str, Span | None]:
    """A run of whole sentences of at most about ``limit`` characters, holding ``answer`` at a random place."""
    if len(text) <= limit:
        return text, answer
    sentences = sentence_spans(text)
    if answer is None:
        first = last = rng.randrange(len(sentences))
    else:
        inside = [i for i, (a, b) in enumerate(sentences) if a < answer[1] and answer[0] < b]
        first, last = inside[0], inside[-1]
    while True:
        can = [side for side, free in (("left", first > 0), ("right", last < len(sentences) - 1)) if free]
        if not can:
            break
        side = rng.choice(can)
        a = sentences[first - 1][0] if side == "left" else sentences[first][0]
        b = sentences[last + 1][1] if side == "right" else sentences[last][1]
        if b - a > limit:
            break
        if side == "left":
            first -= 1
        else:
            last += 1
    start, end = sentences[first][0], sentences[last][1]
    return text[start:end], None if answer is None else (answer[0] - start, answer[1] - start)


def read_news(path: Path) -> Iterator[tuple[str, str]]:
    """``(date, text)`` of the articles of a news file, one a line: ``time，正文：text``."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            time, _, text = line.strip().partition("，正文：")
            if text:
                yield time[:10], text
