"""U, the unit of speed: sentence-transformers, in fp32, encodes 8 passages of 230 tokens.

With the shipped encoder. Bars on the time of a question are multiples of it, taken in the same run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.environment import SEEDS
from embeddings.encoder import SHIPPED
from qa.documents import list_files, read_document

PASSAGES, TOKENS = 8, 230


class Reference:
    """The shipped encoder as the sentence-transformers library runs it: fp32, its own batches."""

    def __init__(self) -> None:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._model: Any = SentenceTransformer(
            str(SHIPPED), device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32}
        )
        self._eight = self.cut("".join(read_document(file).text for file in list_files([SEEDS])))

    def encode(self, texts: Sequence[str], prompt: str = "passage: ") -> npt.NDArray[np.float32]:
        """Unit vectors of ``texts`` with ``prompt`` before each, float32 (n, dim)."""
        vectors = self._model.encode(
            list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def unit(self) -> None:
        """The work that takes one U."""
        self.encode(self._eight)

    def tokens(self, text: str) -> int:
        """Tokens of ``text`` as a passage, prefix and marks included."""
        return len(self._model.tokenizer("passage: " + text, truncation=False)["input_ids"])

    def cut(self, text: str) -> list[str]:
        """PASSAGES pieces of ``text``, one after the other, of exactly TOKENS tokens each.

        Raises ValueError where the text is too short for them.
        """
        out: list[str] = []
        at = 0
        while len(out) < PASSAGES:
            end = next(
                (
                    end
                    for end in range(at + TOKENS // 2, min(at + 4 * TOKENS, len(text)) + 1)
                    if self.tokens(text[at:end]) == TOKENS
                ),
                None,
            )
            if end is None:
                if at + 4 * TOKENS > len(text):
                    raise ValueError(f"text of {len(text)} characters is too short for {PASSAGES} passages")
                at += 1  # no end gives exactly this many tokens from here
                continue
            out.append(text[at:end])
            at = end
        return out
