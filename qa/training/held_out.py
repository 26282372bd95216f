"""Questions that the calibration is fitted on, each with the archive it is asked of.

*own*: the questions of a questions.jsonl over their own documents. *own_swapped*: answerable ones of them with a
constraint changed, which their documents do not answer. *cmrc*: held-out questions of CMRC over a pool of their
contexts and of news passages; *swapped*: with a constraint changed; *removed*: without their text in the pool.
*news*, *news_unstated*, *news_false_premise*: questions written by hand about news articles that the reader was not
trained on, over these and other news; the calibration is not fitted on them either. *away*: questions asked of the
other archive, which writes nothing about them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.training.augment import NamePool, as_asked
from qa.training.data import Question, crop, read_news
from qa.training.mixture import (
    NEWS,
    MixtureSettings,
    data_file,
    load_questions,
    load_written,
    news_passages,
)
from qa.training.written import HEADLINE, article_key, held_out

NEWS_IN_POOL = 1500
MOST_AWAY = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is right for it; ``answers`` empty: its archive does not answer it.

    ``own``: it is asked of the own documents. ``unseen``: figures are reported on it, nothing is fitted.
    """

    question: str
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    kind: str
    own: bool
    unseen: bool = False


def own_questions(path: Path) -> list[Asked]:
    """The questions of a questions.jsonl, follow-ups by their stand-alone form."""
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        text = item.get("standalone") or item["question"]
        out.append(Asked(text, tuple(item["answers"]), tuple(item["evidence"]), item["kind"], True))
    return out


def own_swapped(own: Sequence[Asked], rng: random.Random) -> list[Asked]:
    """Answerable questions with a name, year or number that their evidence bears out changed to another."""
    pool = NamePool([Question(asked.question, "", "", (0, 0)) for asked in own])
    out = []
    for asked in own:
        if asked.answers and asked.evidence:
            changed = pool.swap(asked.question, "".join(asked.evidence), asked.answers[0], rng)
            if changed is not None:
                out.append(Asked(changed, (), (), "own_swapped", True))
    return out


def cmrc_questions(data: Path, count: int, rng: random.Random) -> tuple[list[Asked], list[str]]:
    """``count`` held-out questions, answerable and not, in the words of readers; and the pool of texts."""
    train, held = load_questions(data, MixtureSettings())
    names = NamePool(train)
    rng.shuffle(held)
    asked: list[Asked] = []
    pool: list[str] = news_passages(data, NEWS_IN_POOL, rng)
    for number, question in enumerate(held[:count]):
        answer = question.text[question.answer[0] : question.answer[1]]
        text, _ = crop(question.text, question.answer, 280, rng)
        said = as_asked(question.question, rng)
        if number % 5 == 4:
            asked.append(Asked(said, (), (), "removed", False))
            continue
        pool.append(text)
        swapped = names.swap(question.question, question.text, answer, rng) if number % 5 == 3 else None
        asked.append(
            Asked(swapped, (), (), "swapped", False) if swapped else Asked(said, (answer,), (), "cmrc", False)
        )
    return asked, pool


def news_questions(data: Path, rng: random.Random) -> tuple[list[Asked], list[str]]:
    """The questions written by hand about the articles held out; these articles and others, without headlines."""
    asked: list[Asked] = []
    pool: dict[str, str] = {}
    for question in load_written(data):
        if not held_out(question.article) or question.kind == HEADLINE:
            continue
        pool[question.article] = question.text
        evidence = tuple(question.text[a:b] for a, b in question.evidence)
        answered = question.answer is not None
        kind = "news" if answered else f"news_{question.kind}"
        asked.append(
            Asked(
                question.question,
                (question.said,) * answered,
                evidence if answered else (),
                kind,
                own=False,
                unseen=True,
            )
        )
    texts = [text for _, text in read_news(data_file(data, NEWS))]
    for text in rng.sample(texts, min(NEWS_IN_POOL, len(texts))):
        pool.setdefault(article_key(text), text)
    return asked, list(pool.values())


def away(questions: Sequence[Asked], own: bool) -> list[Asked]:
    """``questions`` as asked of an archive that writes nothing about them; ``own``: that archive is the own one."""
    kinds = ("removed", "swapped", "off_topic", "own_swapped")
    chosen = [asked for asked in questions if asked.kind not in kinds][:MOST_AWAY]
    return [Asked(asked.question, (), (), "away", own) for asked in chosen]
