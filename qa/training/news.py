"""Questions made by rule from news sentences, at two stages of training.

*Recurring spans*: a sentence of an article with one of its phrases left out asks for that phrase in another
passage of the article (span selection as pre-training: Glass et al. 2020, Splinter: Ram et al. 2021).
*Clozes*: a phrase of a clause is replaced by the question word of its kind (Lewis et al. 2019), often shortened to
key words; the same question is also asked of texts that do not state it: the passage without the sentence, another
passage of the article, and the passage itself with one of the question's constraints changed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from qa.passages import sentence_spans
from qa.training.augment import NamePool, as_asked, clause_around, tagged, terse
from qa.training.data import Example, Span

_UNITS = (
    "元|人次|人|个|家|项|件|户|名|次|吨|公里|米|平方米|平方公里|亩|千瓦时|千瓦|辆|台|套|座|处|起|场|批|天|年|岁|种|款|"
    "万|亿|倍|%|美元"
)
_QUANTITY = re.compile(rf"\d[\d,]*(?:\.\d+)?(?:百|千|万|亿|万亿)?(?:多|余)?(?:{_UNITS})")
_DATE = re.compile(r"(?:\d{4} ?年)? ?\d{1,2} ?月(?: ?\d{1,2} ?日)?|\d{4} ?年(?:底|初)?")
_PLACE = re.compile(
    r"在([\u4e00-\u9fff]{2,12}?)(?=举行|召开|开幕|举办|启动|揭牌|开工|成立|去世|出生|上映|发布|开业)"
)
_REASON = re.compile(r"(?:由于|因为|因)([^，。；！？]{4,40})，([^，。；！？]{6,40})")
_PURPOSE = re.compile(r"为(?:了)?([^，。；！？]{6,30})，([^，。；！？]{8,40})")
_TITLE = re.compile(r"《[^》]{2,20}》|“[^”]{2,16}”")
_LIST = re.compile(
    r"[\u4e00-\u9fff]{2,10}(?:、[\u4e00-\u9fff]{2,10}){2,6}(?:和[\u4e00-\u9fff]{2,8}(?=[，。；等]))?"
)
_TAILS = ("？", "", "")
_NOMINAL = ("n", "v", "m", "q", "j", "i", "l", "x", "t")


def _shifted(before: str, word: str, after: str, rng: random.Random) -> str:
    """The clause with ``word`` in the place of the answer, or in front of it."""
    if rng.random() < 0.25 and word in ("什么时候", "哪里", "谁"):
        return word + before + after
    return before + word + after


def _names(text: str) -> list[tuple[Span, str]]:
    """Places of persons, places and organisations in ``text`` with the question words that ask for them."""
    asked = {"nr": "谁", "ns": "哪里", "nt": "哪个单位", "nrt": "谁", "nrfg": "谁"}
    out: list[tuple[Span, str]] = []
    at = 0
    for word, flag in tagged(text):
        if flag in asked and 2 <= len(word) <= 12:
            out.append(((at, at + len(word)), asked[flag]))
        at += len(word)
    return out


def clozes(text: str, rng: random.Random, most: int = 2) -> list[tuple[str, Span]]:
    """``(question, answer span)`` of at most ``most`` phrases of ``text``, kinds of phrase evenly drawn."""
    kinds: list[list[tuple[Span, str]]] = [
        [(hit.span(), "多少") for hit in _QUANTITY.finditer(text)],
        [(hit.span(), "什么时候") for hit in _DATE.finditer(text)],
        [(hit.span(1), "哪里") for hit in _PLACE.finditer(text)],
        [(hit.span(), "什么") for hit in _TITLE.finditer(text)],
        [(hit.span(), "哪些") for hit in _LIST.finditer(text)],
    ]
    names = _names(text)
    kinds += [[name for name in names if name[1] == word] for word in ("谁", "哪里", "哪个单位")]
    found: list[tuple[str, Span]] = []
    for kind in kinds:
        rng.shuffle(kind)
        for span, word in kind[:1]:
            left, right = clause_around(text, span)
            before, after = text[left : span[0]], text[span[1] : right]
            if not 6 <= len(before) + len(after) <= 60 or text[span[0] : span[1]] in before + after:
                continue
            asked = word
            if word == "多少":
                unit = re.search(rf"(?:{_UNITS})$", text[span[0] : span[1]])
                if unit and unit.group() not in "%万亿" and rng.random() < 0.7:
                    asked += unit.group()
            found.append((_shifted(before, asked, after, rng) + rng.choice(_TAILS), span))
    for pattern, form in (
        (_REASON, "{}的原因是什么？"),
        (_REASON, "为什么{}？"),
        (_PURPOSE, "{}是为了什么？"),
    ):
        for hit in list(pattern.finditer(text))[:1]:
            found.append((form.format(hit.group(2)), hit.span(1)))
    rng.shuffle(found)
    return found[:most]


def news_examples(
    article: str, pool: NamePool, weight: float, rng: random.Random, most: int = 2
) -> list[Example]:
    """Clozes of one passage of ``article``, each over its passage and some over texts that do not state it."""
    passages = windows_of(article)
    if not passages:
        return []
    text = rng.choice(passages)
    others = [other for other in passages if other != text]
    out: list[Example] = []
    for asked, answer in clozes(text, rng, most):
        said = text[answer[0] : answer[1]]
        shown = _as_asked(asked, rng)
        out.append(Example(shown, "", text, answer, weight))
        way = rng.random()
        if way < 0.25:
            swapped = pool.swap(asked, text, said, rng)
            if swapped is not None:
                out.append(Example(_as_asked(swapped, rng), "", text, None, weight))
        elif way < 0.45:
            rest = "".join(
                text[a:b] for a, b in sentence_spans(text) if not (a < answer[1] and answer[0] < b)
            )
            if len(rest) > 60:
                out.append(Example(shown, "", rest, None, weight))
        elif way < 0.65 and others:
            other = rng.choice(others)
            if said not in other:
                out.append(Example(shown, "", other, None, weight))
    return out


def _as_asked(question: str, rng: random.Random) -> str:
    """A cloze holds whole clauses of its passage: more often than other questions it is cut to key words."""
    return terse(question, rng) if rng.random() < 0.4 else as_asked(question, rng)


def windows_of(article: str, limit: int = 280) -> list[str]:
    """The article as runs of whole sentences of at most about ``limit`` characters, 60 at least."""
    out: list[str] = []
    start: int | None = None
    end = 0
    for a, b in sentence_spans(article):
        if start is not None and b - start > limit:
            out.append(article[start:end])
            start = None
        if start is None:
            start = a
        end = b
    if start is not None:
        out.append(article[start:end])
    return [text for text in out if 60 <= len(text) <= 2 * limit]


def _phrases(sentence: str) -> set[str]:
    """Nominal phrases of ``sentence``: runs of up to four words that carry content, 2 to 14 characters."""
    out: set[str] = set()
    run: list[str] = []
    for word, flag in (*tagged(sentence), ("。", "w")):
        if flag.startswith(_NOMINAL) and word.strip() and (flag != "x" or len(word) > 1):
            run.append(word)
            continue
        for size in range(1, 5):
            for at in range(len(run) - size + 1):
                phrase = "".join(run[at : at + size])
                if 2 <= len(phrase) <= 14 and not phrase.isdigit():
                    out.add(phrase)
        run = []
    return out


def recurring_spans(article: str, rng: random.Random, most: int = 6) -> list[Example]:
    """Sentences of ``article`` that ask for a phrase they share with another passage of it."""
    sentences = [(a, b) for a, b in sentence_spans(article) if 15 <= b - a <= 120]
    if len(sentences) < 4:
        return []
    where: dict[str, list[int]] = {}
    for number, (a, b) in enumerate(sentences):
        for phrase in _phrases(article[a:b]):
            where.setdefault(phrase, []).append(number)
    shared = {phrase: at for phrase, at in where.items() if 2 <= len(at) <= 4}
    # A phrase that only ever stands inside a longer shared one is not what is shared.
    whole = [
        phrase
        for phrase, at in shared.items()
        if not any(phrase != other and phrase in other and shared[other] == at for other in shared)
    ]
    rng.shuffle(whole)
    out: list[Example] = []
    for phrase in whole[:most]:
        places = where[phrase]
        asking, telling = rng.sample(places, 2)
        a, b = sentences[asking]
        left, right = sentences[telling]
        text, offset = _around(article, (left, right), (a, b))
        at = text.find(phrase, left - offset)
        if at < 0 or at >= right - offset:
            continue
        asked = article[a:b].replace(phrase, "什么").strip()
        if rng.random() < 0.3:
            asked = terse(asked, rng)
        out.append(Example(asked, "", text, (at, at + len(phrase))))
    return out


def _around(article: str, kept: Span, left_out: Span, limit: int = 300) -> tuple[str, int]:
    """A text of about ``limit`` characters around ``kept``, up to ``left_out``; and where in the article it begins."""
    start = max(kept[0] - limit // 2, 0)
    end = min(kept[1] + limit // 2, len(article))
    if left_out[1] <= kept[0]:
        start = max(start, left_out[1])
    else:
        end = min(end, left_out[0])
    return article[start:end], start


def pretraining_examples(articles: Sequence[str], rng: random.Random, most: int = 6) -> list[Example]:
    """Recurring spans of all ``articles``; one in eight is also asked of a passage of another article."""
    out: list[Example] = []
    for article in articles:
        made = recurring_spans(article[:3000], rng, most)
        if out and made and rng.random() < 0.8:
            other = rng.choice(out)
            if article[:3000].find(other.text[other.answer[0] : other.answer[1]] if other.answer else "") < 0:
                out.append(Example(other.question, "", made[0].text, None))
        out += made
    return out
