"""Examples made from examples: terse questions, questions that the text does not answer, questions from news.

Readers of an archive type key words, ask about things that are not there, and ask about news; CMRC and DRCD do
none of the three. Word classes come from jieba's tagger, so no list of names is needed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache

from qa.passages import sentence_spans
from qa.training.data import Example, Question, Span, crop

# Classes that carry content in a key-word query: nouns, names, verbs, numbers, measure words, time, Latin, ...
_CONTENT = ("n", "v", "m", "q", "t", "a", "e", "j", "i", "l", "s", "f", "b", "x")
# Question words and verbs that a key-word query leaves out.
_DROPPED = frozenset(
    """
    是 有 为 什么 多少 哪 哪里 哪儿 哪个 哪些 哪年 谁 何 何时 何地 几 几个
    怎样 怎么 如何 为什么 为何 请问 吗 呢 的 了 被 会 能 要 叫 叫做 叫作
    称为 位于 主要 包括 属于 时候 时间
    """.split()
)
_NAMES = ("ns", "nr", "nt", "nz", "nrt", "nrfg")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年|[^\d]|$)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@lru_cache(maxsize=200_000)
def tagged(text: str) -> tuple[tuple[str, str], ...]:
    """``(word, class)`` of the words of ``text`` (jieba's part-of-speech tags)."""
    import jieba.posseg

    return tuple((pair.word, pair.flag) for pair in jieba.posseg.cut(text))


def terse(question: str, rng: random.Random) -> str:
    """``question`` as key words: function and question words dropped, neighbours kept together, sometimes shuffled."""
    phrases: list[str] = []
    glue = False
    for word, flag in tagged(question):
        if (
            word in _DROPPED
            or not flag.startswith(_CONTENT)
            or not word.strip()
            or (flag == "x" and len(word) == 1)
        ):
            glue = False
            continue
        if glue and rng.random() < 0.6:
            phrases[-1] += word
        else:
            phrases.append(word)
        glue = True
    if len(phrases) < 2:
        return question
    if rng.random() < 0.4:
        rng.shuffle(phrases)
    return rng.choice(("", " ", " ")).join(phrases)


_SPOKEN = {
    "为什么": ("为啥", "什么原因", "怎么会"),
    "什么时候": ("啥时候", "哪天", "何时", "什么时间"),
    "什么时间": ("啥时候", "什么时候"),
    "何时": ("什么时候", "哪天"),
    "多少": ("几", "多少"),
    "哪里": ("哪儿", "什么地方", "哪个地方"),
    "哪些": ("什么", "哪几个", "啥"),
    "什么": ("啥", "哪个", "什么样的"),
    "谁": ("哪位", "什么人", "哪个人"),
}
_OPENINGS = ("请问", "想问一下，", "我想知道", "麻烦问下")
_ENDINGS = ("呢？", "呀？", "啊", "来着？", "？", "")


def spoken(question: str, rng: random.Random) -> str:
    """``question`` as people say it: another question word of the same meaning, a polite opening, a particle."""
    for word, others in _SPOKEN.items():
        if word in question:
            question = question.replace(word, rng.choice(others), 1)
            break
    if rng.random() < 0.25:
        question = rng.choice(_OPENINGS) + question
    return question.rstrip("？?") + rng.choice(_ENDINGS)


def as_asked(question: str, rng: random.Random) -> str:
    """``question`` as written, as key words, or as spoken."""
    way = rng.random()
    if way < 0.3:
        return terse(question, rng)
    return spoken(question, rng) if way < 0.5 else question


class NamePool:
    """Names by class, to swap one of a question for another of its class."""

    def __init__(self, questions: Sequence[Question]) -> None:
        found: dict[str, set[str]] = {}
        for question in questions:
            for word, flag in tagged(question.question):
                if flag in _NAMES and len(word) >= 2:
                    found.setdefault(flag, set()).add(word)
        self.names = {flag: sorted(words) for flag, words in found.items()}

    def swap(self, question: str, text: str, answer: str, rng: random.Random) -> str | None:
        """``question`` with one constraint that the text bears out changed to one that it does not; or None."""
        choices: list[tuple[str, str]] = []
        for year in set(_YEAR.findall(question)):
            if year in text and year not in answer:
                other = str(int(year) + rng.choice((-7, -3, -2, -1, 1, 2, 3, 5)))
                if other not in text:
                    choices.append((year, other))
        for word, flag in tagged(question):
            if flag in self.names and len(word) >= 2 and word in text and word not in answer:
                other = rng.choice(self.names[flag])
                if other not in text and other not in question:
                    choices.append((word, other))
                # A name that the text does hold, elsewhere: what a false premise made from a real page looks like.
                near = [
                    w
                    for w, f in tagged(text)
                    if f == flag and w not in question and word not in w and w not in answer
                ]
                if near:
                    choices.append((word, rng.choice(near)))
        for number in set(_NUMBER.findall(question)) - set(_YEAR.findall(question)):
            if number in text and number not in answer:
                other = str(int(float(number)) + rng.choice((1, 2, 3, 7, 10)))
                if other not in text:
                    choices.append((number, other))
        if not choices:
            return None
        old, new = rng.choice(choices)
        return question.replace(old, new)


def without_answer(text: str, answer: str) -> str | None:
    """``text`` with every sentence that holds ``answer`` taken out; None where too little is left."""
    rest = "".join(text[a:b] for a, b in sentence_spans(text) if answer not in text[a:b])
    return rest if len(rest) >= 60 and answer not in rest else None


def clause_around(text: str, span: Span) -> Span:
    """The clause of ``span`` and the one before it, where both fit a question."""
    a, b = span
    left = max((text.rfind(mark, 0, a) for mark in "，。；！？：\n"), default=-1) + 1
    if a - left < 8:
        further = max((text.rfind(mark, 0, max(left - 1, 0)) for mark in "，。；！？：\n"), default=-1) + 1
        if left - further < 40:
            left = further
    stops = [at for at in (text.find(mark, b) for mark in "，。；！？\n") if at >= 0]
    return left, min(stops, default=len(text))


def positives(question: Question, rng: random.Random) -> Example:
    """The question as asked or as key words, over a passage of the product's length or a longer window."""
    asked = as_asked(question.question, rng)
    limit = rng.choice((180, 240, 280)) if rng.random() < 0.6 else 520
    text, answer = crop(question.text, question.answer, limit, rng)
    context = question.title if rng.random() < 0.5 else ""
    return Example(asked, context, text, answer)


def negative(question: Question, pool: NamePool, hard: Sequence[str], rng: random.Random) -> Example | None:
    """The question over a text that does not state its answer, in one of four ways."""
    answer = question.text[question.answer[0] : question.answer[1]]
    context = question.title if rng.random() < 0.5 else ""
    asked = as_asked(question.question, rng)
    limit = rng.choice((180, 240, 280, 420))
    way = rng.random()
    if way < 0.35:
        swapped = pool.swap(question.question, question.text, answer, rng)
        if swapped is not None:
            return Example(
                as_asked(swapped, rng), "", crop(question.text, question.answer, limit, rng)[0], None
            )
    if way < 0.65:
        rest = without_answer(question.text, answer)
        if rest is not None:
            return Example(asked, context, crop(rest, None, limit, rng)[0], None)
    others = [text for text in hard if answer not in text]
    if others:
        return Example(asked, "", crop(rng.choice(others), None, limit, rng)[0], None)
    return None
