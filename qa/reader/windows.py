"""From a question and a text to the token windows of the span model, and back to offsets.

The model reads ``<s> question </s></s> context </s> text </s>`` (XLM-R ids; the part ``context </s>`` is left
out where there is no context). The context is the headline of the article: it helps to understand the text,
but answers come from the text alone.

What the model is shown is a *view* of the text: traditional characters become simplified ones, and the spaces
that OCR and web pages put between Chinese characters, digits and quotes are dropped. The view keeps the place
of each of its characters, so offsets always come back to the text as printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qa.folding import to_simplified

BOS, PAD, EOS = 0, 1, 2
QUESTION_TOKENS = 64
CONTEXT_TOKENS = 48


@dataclass(frozen=True, slots=True)
class View:
    """A text as the model is shown it; ``places[i]`` is the offset in the original of character ``i``."""

    text: str
    places: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original text that ``[start, end)`` of the view stands for."""
        return self.places[start], self.places[end - 1] + 1


def _is_wide(char: str) -> bool:
    """Chinese characters and Chinese punctuation; spaces beside them carry no meaning."""
    return (
        "\u2e80" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\uff00" <= char <= "\uffef"
        or char in "“”‘’…—·"
    )


def view_of(text: str) -> View:
    """The view of ``text``: simplified, without spaces that touch a Chinese character on either side."""
    simple = to_simplified(text)
    if not any(char.isspace() for char in simple):
        return View(simple, tuple(range(len(simple))))
    kept: list[str] = []
    places: list[int] = []
    length = len(simple)
    i = 0
    while i < length:
        char = simple[i]
        if not char.isspace():
            kept.append(char)
            places.append(i)
            i += 1
            continue
        j = i
        while j < length and simple[j].isspace():
            j += 1
        before = simple[i - 1] if i else ""
        after = simple[j] if j < length else ""
        if before and after and not _is_wide(before) and not _is_wide(after):
            kept.append(" ")
            places.append(i)
        i = j
    return View("".join(kept), tuple(places))


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the model. ``offsets[k]`` is the span in the *view* of text token ``first + k``."""

    ids: tuple[int, ...]
    first: int
    offsets: tuple[tuple[int, int], ...]


class WindowMaker:
    """Builds windows with one fast tokenizer (a ``tokenizers.Tokenizer``; not shared between threads)."""

    def __init__(self, tokenizer: Any, max_tokens: int = 384, stride: int = 128) -> None:
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.stride = stride

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        return list(self.tokenizer.encode_batch(list(texts), add_special_tokens=False))

    def windows(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[list[Window]]:
        """For each ``(context, view text)`` the windows that cover the text; at least one window each."""
        encodings = self._encode([question, *(part for pair in pairs for part in pair)])
        head = [BOS, *encodings[0].ids[:QUESTION_TOKENS], EOS, EOS]
        out = []
        for n in range(len(pairs)):
            context, body = encodings[1 + 2 * n], encodings[2 + 2 * n]
            prefix = [*head, *context.ids[:CONTEXT_TOKENS], EOS] if context.ids else head
            out.append(self._split(prefix, list(body.ids), list(body.offsets)))
        return out

    def _split(self, prefix: list[int], ids: list[int], offsets: list[tuple[int, int]]) -> list[Window]:
        room = self.max_tokens - len(prefix) - 1
        step = max(room - self.stride, 1)
        out = []
        start = 0
        while True:
            end = min(start + room, len(ids))
            out.append(
                Window(
                    (*prefix, *ids[start:end], EOS), len(prefix), tuple((a, b) for a, b in offsets[start:end])
                )
            )
            if end == len(ids):
                return out
            start += step
