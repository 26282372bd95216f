"""Measures of answers and rankings.

EM and F1 are those of the CMRC 2018 evaluation script (Cui et al. 2019): punctuation is dropped, Latin words and
single Chinese characters are the units, F1 is over the longest contiguous run that two answers share.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LATIN = re.compile(r"[a-z0-9]+|\S")


def units(text: str) -> list[str]:
    """Lower-case units of ``text``: Latin words and numbers whole, other characters one by one; no punctuation."""
    kept = "".join(
        c if not unicodedata.category(c).startswith(("P", "S")) or c in "%％℃" else " " for c in text.lower()
    )
    return _LATIN.findall(kept)


def _longest_run(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest contiguous run that ``a`` and ``b`` share."""
    best = 0
    row = [0] * (len(b) + 1)
    for x in a:
        previous = 0
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], previous + 1 if x == y else 0
            best = max(best, row[j])
    return best


def cmrc_em(answers: Sequence[str], prediction: str) -> float:
    """1.0 where ``prediction`` equals one of ``answers`` but for punctuation, else 0.0."""
    given = units(prediction)
    return float(any(units(answer) == given for answer in answers))


def cmrc_f1(answers: Sequence[str], prediction: str) -> float:
    """The best F1 of ``prediction`` against ``answers``, in [0, 1]."""
    given = units(prediction)
    best = 0.0
    for answer in answers:
        gold = units(answer)
        run = _longest_run(gold, given)
        if run:
            precision, recall = run / len(given), run / len(gold)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


def short_answer_right(answers: Sequence[str], prediction: str) -> bool:
    """Whether ``prediction`` says what one of ``answers`` says, and is short.

    It holds the gold answer and is at most three times as long (or 12 characters longer), or it is part of the gold
    answer and reaches an F1 of 0.6.
    """
    given = "".join(units(prediction))
    for answer in answers:
        gold = "".join(units(answer))
        if not gold or not given:
            continue
        if gold in given and len(given) <= max(3 * len(gold), len(gold) + 12):
            return True
        if given in gold and cmrc_f1([answer], prediction) >= 0.6:
            return True
    return False


def squeezed(text: str) -> str:
    """``text`` without blanks."""
    return "".join(text.split())


def share_held(needle: str, texts: Sequence[str]) -> float:
    """The largest share of ``needle`` that stands in one piece in one of ``texts``, blanks ignored."""
    wanted = squeezed(needle)
    best = 0
    for text in texts:
        hay = squeezed(text)
        if wanted in hay:
            return 1.0
        best = max(best, _longest_run(wanted, hay))
    return best / len(wanted) if wanted else 1.0


def first_rank(evidence: Sequence[str], passages: Sequence[str], share: float = 0.6) -> int | None:
    """The rank, from 1, of the first passage that holds a sentence of ``evidence`` (``share`` of it where it was cut)."""
    for rank, text in enumerate(passages, 1):
        if any(share_held(sentence, [text]) >= share for sentence in evidence):
            return rank
    return None
