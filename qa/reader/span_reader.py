"""The Reader protocol, and the reader that is shipped: a span model over passages."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from embeddings.cpu import cpu_has_bf16
from qa.errors import ModelError
from qa.reader.decoding import MAX_CHARS, FloatArray, SpanScore, best_spans
from qa.reader.model import HEADS_FILE, SETTINGS_FILE, TOKENIZER_FILE, WEIGHTS_FILE, SpanNetwork
from qa.reader.windows import PAD, View, Window, WindowMaker, view_of

SHIPPED = Path(__file__).resolve().parents[1] / "models" / "reader"
BATCH_TOKENS = 4096
_NOTHING: FloatArray = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What the reader found in one passage.

    ``spans``: candidate answers, best first, offsets in the passage's text; their scores are sums of logits minus
    ``null_score`` of their window, so that they compare across passages (Clark and Gardner 2018).
    ``states``: logit of "this passage states the answer"; None from a reader without that output.
    """

    spans: tuple[SpanScore, ...]
    null_score: float
    states: float | None


class Reader(Protocol):
    """Anything that reads passages for a question."""

    fingerprint: str

    def read(
        self,
        question: str,
        passages: Sequence[tuple[str, str]],
        *,
        top_k: int = 5,
        max_chars: int = MAX_CHARS,
    ) -> list[PassageReading]:
        """One reading for each ``(context, text)``, in order; the context is the article's headline or ""."""
        ...


class SpanReader:
    """Reads with a span model; safe to share between threads (one question at a time enters the model)."""

    def __init__(self, directory: Path = SHIPPED, *, bf16: bool | None = None) -> None:
        from tokenizers import Tokenizer

        self.directory = directory
        # Without units for it, bf16 is emulated: seven times slower than float32 on a processor with AVX2 alone.
        self.bf16 = cpu_has_bf16() if bf16 is None else bf16
        self._model = SpanNetwork(directory, bf16=self.bf16)
        settings = _settings(directory)
        tokenizer: Any = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._maker = WindowMaker(
            tokenizer, int(settings.get("max_tokens", 384)), int(settings.get("stride", 128))
        )
        self._with_context = bool(settings.get("context", False))
        self._lock = threading.Lock()
        self.fingerprint = _fingerprint(directory)

    def read(
        self,
        question: str,
        passages: Sequence[tuple[str, str]],
        *,
        top_k: int = 5,
        max_chars: int = MAX_CHARS,
    ) -> list[PassageReading]:
        """See Reader. The question may hold spaces between key words; they are read as printed."""
        views = [view_of(text) for _, text in passages]
        pairs = [
            (view_of(context).text if self._with_context else "", view.text)
            for (context, _), view in zip(passages, views, strict=True)
        ]
        with self._lock:
            windows = self._maker.windows(question_text(question), pairs)
            flat = [window for group in windows for window in group]
            logits = self._logits(flat)
        out = []
        at = 0
        for view, group in zip(views, windows, strict=True):
            out.append(_reading(view, group, logits[at : at + len(group)], top_k, max_chars))
            at += len(group)
        return out

    def read_many(
        self, questions: Sequence[tuple[str, str]], *, max_chars: int = MAX_CHARS
    ) -> list[PassageReading]:
        """One reading for each ``(question, text)`` without context: closed reading in batches."""
        views = [view_of(text) for _, text in questions]
        with self._lock:
            windows = [
                self._maker.windows(question_text(question), [("", view.text)])[0]
                for (question, _), view in zip(questions, views, strict=True)
            ]
            logits = self._logits([window for group in windows for window in group])
        out = []
        at = 0
        for view, group in zip(views, windows, strict=True):
            out.append(_reading(view, group, logits[at : at + len(group)], 1, max_chars))
            at += len(group)
        return out

    def _logits(self, windows: Sequence[Window]) -> list[tuple[FloatArray, FloatArray, float | None]]:
        """Start and end logits, each (tokens of the window,), and the ``states`` logit, of each window."""
        import torch

        out: list[tuple[FloatArray, FloatArray, float | None]] = [(_NOTHING, _NOTHING, None)] * len(windows)
        order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
        for batch in _batches(order, windows):
            length = max(len(windows[n].ids) for n in batch)
            ids = torch.full((len(batch), length), PAD)
            for row, n in enumerate(batch):
                ids[row, : len(windows[n].ids)] = torch.tensor(windows[n].ids)
            start, end, states = self._model(ids, ids != PAD)
            for row, n in enumerate(batch):
                size = len(windows[n].ids)
                stated = None if states is None else float(states[row])
                out[n] = (start[row, :size].numpy(), end[row, :size].numpy(), stated)
        return out


def question_text(question: str) -> str:
    """A question as the model is shown it: simplified characters, runs of blanks as one space."""
    from qa.folding import to_simplified

    return " ".join(to_simplified(question).split())


def _batches(order: Sequence[int], windows: Sequence[Window]) -> list[list[int]]:
    """Runs of ``order`` (sorted by length) whose padded size stays within BATCH_TOKENS."""
    out: list[list[int]] = []
    batch: list[int] = []
    for n in order:
        if batch and len(windows[n].ids) * (len(batch) + 1) > BATCH_TOKENS:
            out.append(batch)
            batch = []
        batch.append(n)
    return [*out, batch] if batch else out


def _reading(
    view: View,
    windows: Sequence[Window],
    logits: Sequence[tuple[FloatArray, FloatArray, float | None]],
    top_k: int,
    max_chars: int,
) -> PassageReading:
    """The readings of a passage's windows as one: spans of all, the window output of the surest."""
    found: list[SpanScore] = []
    for window, (start, end, _) in zip(windows, logits, strict=True):
        null = float(start[0] + end[0])
        body = slice(window.first, window.first + len(window.offsets))
        for span in best_spans(
            start[body], end[body], window.offsets, view.text, top_k=top_k, max_chars=max_chars
        ):
            a, b = view.original(span.start, span.end)
            found.append(SpanScore(a, b, span.score - null))
    found.sort(key=lambda span: (-span.score, span.start))
    kept: list[SpanScore] = []
    for span in found:
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    stated = [states for _, _, states in logits if states is not None]
    null_score = min(float(start[0] + end[0]) for start, end, _ in logits)
    return PassageReading(tuple(kept[:top_k]), null_score, max(stated) if stated else None)


def _settings(directory: Path) -> dict[str, Any]:
    path = directory / SETTINGS_FILE
    if not path.is_file():
        return {}
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} 不是完好的 JSON（{error}）；请重新取得模型文件。") from error
    if not isinstance(settings, dict):
        raise ModelError(f"{path} 应是一个 JSON 对象，实际是 {type(settings).__name__}；请重新取得模型文件。")
    return settings


def _fingerprint(directory: Path) -> str:
    digest = hashlib.sha256()
    for name in (WEIGHTS_FILE, HEADS_FILE, TOKENIZER_FILE, SETTINGS_FILE):
        path = directory / name
        digest.update(name.encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def load_reader(directory: str | Path | None = None) -> SpanReader:
    """The reader of ``directory``, or the shipped one. Raises ModelError where it is not a whole span model."""
    return SpanReader(Path(directory) if directory is not None else SHIPPED)
