"""Closed reading of SQuAD-format files: always an answer, with the sentence that supports it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.datatypes import Span
from qa.errors import SourceError
from qa.passages import sentence_spans
from qa.reader import SpanReader

BATCH = 32
MAX_CHARS = 160
_HALF = re.compile("[\ud800-\udfff]")  # half of a surrogate pair: JSON can hold one, a file of text cannot


@dataclass(frozen=True, slots=True)
class SquadItem:
    """One question of a file. ``answers`` is empty where the file does not give them."""

    id: str
    question: str
    context: str
    answers: tuple[str, ...]


def squad_items(data: Any, name: str | Path) -> list[SquadItem]:
    """The questions of a parsed SQuAD file. Raises SourceError that says what is not as it should be."""
    try:
        out = [
            SquadItem(
                _text(item["id"], "id", (str, int)),
                _text(item["question"], "question"),
                _text(paragraph["context"], "context"),
                tuple(dict.fromkeys(_text(answer["text"], "text") for answer in item.get("answers") or ())),
            )
            for entry in data["data"]
            for paragraph in entry["paragraphs"]
            for item in paragraph["qas"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        what = "层次不对"
        if isinstance(error, KeyError):
            what = f"缺少 {error.args[0]}"
        elif isinstance(error, _WrongValueError):
            what = str(error)
        raise SourceError(
            f"{name} 不是 SQuAD 格式（{what}）；应是 "
            '{"data": [{"paragraphs": [{"context", "qas": [{"id", "question"}]}]}]}。'
        ) from error
    if not out:
        raise SourceError(f"{name} 里没有问题；请检查文件。")
    return out


class _WrongValueError(TypeError):
    """A value of a file is not what it should be; says which, in Chinese."""


def _text(value: Any, field: str, kinds: type | tuple[type, ...] = str) -> str:
    """``value`` as text of the same length that can be written to a file."""
    if not isinstance(value, kinds) or isinstance(value, bool):
        shown = json.dumps(value, ensure_ascii=False)
        raise _WrongValueError(f"{field} 应是文字，却是 {shown[:40]}")
    return _HALF.sub("\ufffd", str(value))


def read_closed(
    items: list[SquadItem], reader: SpanReader, progress: Callable[[int, int], None] | None = None
) -> Iterator[tuple[SquadItem, str, str]]:
    """``(item, answer, evidence)`` of each item, in order; neither text is empty unless the context is."""
    for start in range(0, len(items), BATCH):
        batch = items[start : start + BATCH]
        readings = reader.read_many([(item.question, item.context) for item in batch], max_chars=MAX_CHARS)
        for item, reading in zip(batch, readings, strict=True):
            span = (
                (reading.spans[0].start, reading.spans[0].end) if reading.spans else _fallback(item.context)
            )
            yield item, item.context[slice(*span)], _sentences(item.context, span)
        if progress is not None:
            progress(min(start + BATCH, len(items)), len(items))


def _fallback(context: str) -> Span:
    """The first sentence, where no span of the text can be an answer (it has no word at all)."""
    spans = sentence_spans(context)
    return spans[0] if spans else (0, 0)


def _sentences(context: str, span: Span) -> str:
    inside = [(a, b) for a, b in sentence_spans(context) if a < span[1] and span[0] < b]
    return context[inside[0][0] : inside[-1][1]].strip() if inside else context[slice(*span)]
