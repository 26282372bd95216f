"""How likely a text goes on in another, by which characters follow which in Chinese news.

``bigrams.txt`` beside this file holds the counts, a line for each character: the character, how often it stands, how
often a sentence begins with it, and the characters that follow it, each with the binary logarithm of its count in one
figure or letter. ``python -m qa.training.bigrams`` makes it. Digits count as one character, Latin letters as another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from qa.folding import to_simplified

FILE = "bigrams.txt"
LEVELS = "0123456789abcdefghijklmnopqrstuvwxyz"
# So many times a character is as if it had been seen everywhere, in proportion to how common it is.
_AFTER, _AT_START = 20.0, 50.0


@dataclass(frozen=True, slots=True)
class Bigrams:
    """Counts: of characters, of sentences that begin with them, and of the characters behind them."""

    stands: dict[str, int]
    begins: dict[str, int]
    follows: dict[str, dict[str, int]]
    total: int
    sentences: int

    def common(self, char: str) -> float:
        """The share of ``char`` among all characters."""
        return (self.stands.get(char, 0) + 0.5) / (self.total + 4000)

    def after(self, before: str, char: str) -> float:
        """The share of ``char`` among what follows ``before``."""
        seen = self.follows.get(before, {}).get(char, 0)
        return (seen + _AFTER * self.common(char)) / (self.stands.get(before, 0) + _AFTER)

    def at_start(self, char: str) -> float:
        """The share of ``char`` among what sentences begin with."""
        return (self.begins.get(char, 0) + _AT_START * self.common(char)) / (self.sentences + _AT_START)


def plain(char: str) -> str:
    """``char`` as it is counted."""
    if char.isdigit():
        return "0"
    return "a" if char.isascii() and char.isalpha() else to_simplified(char)


def goes_on(before: str, after: str) -> float:
    """The log odds that ``after`` is the rest of ``before``, against a sentence of its own, by the cut between them."""
    counts = _bigrams()
    last, first = plain(before.rstrip()[-1:]), plain(after.lstrip()[:1])
    if not last or not first:
        return 0.0
    return math.log(counts.after(last, first) / counts.at_start(first))


@lru_cache(maxsize=1)
def _bigrams() -> Bigrams:
    stands: dict[str, int] = {}
    begins: dict[str, int] = {}
    follows: dict[str, dict[str, int]] = {}
    for line in resources.files("qa.articles").joinpath(FILE).read_text(encoding="utf-8").splitlines():
        char, stood, began, behind = line.split("\t")
        stands[char], begins[char] = int(stood), int(began)
        follows[char] = {
            other: 2 ** LEVELS.index(level) for other, level in zip(behind[::2], behind[1::2], strict=True)
        }
    return Bigrams(stands, begins, follows, sum(stands.values()), sum(begins.values()))
