"""Words and BM25: the lexical half of the retriever, persisted as plain arrays."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qa.folding import fold

Scores = npt.NDArray[np.float32]
K1, B = 1.2, 0.75
VOCABULARY_FILE = "words.json"


@cache
def _tokenizer() -> Any:
    """jieba's tokenizer, its dictionary loaded; it writes to its log what it loads, which no reader asks for."""
    import jieba

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    return jieba.dt


def words(text: str) -> list[str]:
    """The folded words of ``text``: jieba's search mode (long words and the shorter ones in them), no punctuation."""
    return [word for word in _tokenizer().cut_for_search(fold(text)) if any(char.isalnum() for char in word)]


class LexicalIndex:
    """BM25 (Robertson and Zaragoza 2009; the Lucene form, as bm25s computes it) over the words of texts.

    Scores are computed when the index is built; a query only adds up the columns of its words.
    """

    def __init__(self, ranker: Any, vocabulary: dict[str, int], size: int) -> None:
        self._ranker = ranker
        self._vocabulary = vocabulary
        self.size = size

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """The index of ``texts``, in order."""
        import bm25s

        vocabulary: dict[str, int] = {}
        rows = [[vocabulary.setdefault(word, len(vocabulary)) for word in words(text)] for text in texts]
        ranker = bm25s.BM25(method="lucene", k1=K1, b=B)
        if not vocabulary:
            vocabulary[""] = 0  # bm25s needs a column; texts without any word then score 0
            rows = [[0] for _ in texts]
        ranker.index((rows, vocabulary), show_progress=False)
        return cls(ranker, vocabulary, len(texts))

    def save(self, directory: Path) -> None:
        """Writes the arrays and the words into ``directory``, which is made."""
        directory.mkdir(parents=True, exist_ok=True)
        self._ranker.save(str(directory), corpus=None, show_progress=False)
        text = json.dumps({"size": self.size, "words": self._vocabulary}, ensure_ascii=False)
        (directory / VOCABULARY_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> LexicalIndex:
        """The index of ``directory``, its arrays memory-mapped. Raises OSError or ValueError where it is not whole."""
        import bm25s

        stored = json.loads((directory / VOCABULARY_FILE).read_text(encoding="utf-8"))
        ranker = bm25s.BM25.load(str(directory), mmap=True, load_corpus=False)
        return cls(ranker, stored["words"], int(stored["size"]))

    def scores(self, question: str) -> Scores:
        """The BM25 score of every text for the words of ``question``, float32 (size,); all 0 where none is known."""
        known = [self._vocabulary[word] for word in words(question) if word in self._vocabulary]
        if not known or not self.size:
            return np.zeros(self.size, np.float32)
        return np.asarray(self._ranker.get_scores_from_ids(known), dtype=np.float32)

    def rarity(self, word: str) -> float:
        """How much ``word`` tells, in (0, 1]: its inverse document frequency; 1 where no text has it."""
        column = self._vocabulary.get(fold(word))
        if column is None:
            return 1.0
        pointers = self._ranker.scores["indptr"]
        count = int(pointers[column + 1] - pointers[column])
        return math.log(1 + self.size / (count + 0.5)) / math.log(1 + 2 * self.size)
