"""Example questions, made from what the index holds: a figure, a day or a place is asked for.

"1128个村庄开展清洁行动" becomes "多少个村庄开展清洁行动？". Only those that are answered rightly are shown.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator

from qa.datatypes import Article
from qa.errors import QAError
from qa.index import Index
from qa.passages import sentence_spans
from qa.pipeline import QAPipeline

SHORTEST, SHORTEST_OF_BODY, LONGEST = 11, 14, 30
MOST_DOCUMENTS = 12  # looked at, spread over the archive
# The text of a button is read as Markdown, in which none of these characters means anything.
_PLAIN = re.compile(r"[\u4e00-\u9fff0-9A-Za-z，、·]+？")
_CUTS = re.compile(r"[\s，。；：！？,;:!?…—]+")
_QUOTES = re.compile(r"[“”‘’\"'「」『』《》]")
_DAY = re.compile(r"(?:\d{1,2}月)?\d{1,2}日")
_FIGURE = re.compile(
    r"(?<![\dA-Za-z.])\d+(?:\.\d+)?(?:[余多]?[十百千万亿]+)?[余多]?"
    r"(?=[个家项名位人户台吨元米亩场次届期批件座条辆种支起册篇所枚艘株张头只]|公里|公顷|公斤|平方|立方|千米|[千兆]瓦)"
)
_PLACE = re.compile(r"在([\u4e00-\u9fff]{2,6}?)(?=(?:召开|举行|举办|开幕|闭幕|启动|揭牌|开工|通车|投产)$)")
# Clauses that say little by themselves, or compare.
_VAGUE = re.compile(
    r"^(?:其中|同比|[比较约达为共由从到近超第这该此他她它我本在将已并也还又则而最现目的\d])"
    r"|[%率倍时]|分之|左右|强调|表示|介绍"
)


def from_headline(article: Article) -> Iterator[tuple[str, str]]:
    """Questions that the headline of ``article`` answers, each with that answer."""
    for clause in _CUTS.split(_QUOTES.sub("", article.title)):
        yield from _asking(clause, SHORTEST)


def from_body(article: Article) -> Iterator[tuple[str, str]]:
    """Questions that the body of ``article`` answers, each with that answer."""
    for start, end in sentence_spans(article.text):
        for clause in _CUTS.split(_QUOTES.sub("", article.text[start:end])):
            if not _VAGUE.search(clause):
                yield from _asking(clause, SHORTEST_OF_BODY)


def _asking(clause: str, shortest: int) -> Iterator[tuple[str, str]]:
    """``clause`` with its one day, figure or place asked for, and what was there."""
    numbers = [
        (*hit.span(), asked)
        for pattern, asked in ((_DAY, "哪一天"), (_FIGURE, "多少"))
        for hit in pattern.finditer(clause)
    ]
    found = numbers or [(*hit.span(1), "哪里") for hit in _PLACE.finditer(clause)]
    if len(found) != 1:
        return
    start, end, asked = found[0]
    question = f"{clause[:start]}{asked}{clause[end:]}？"
    if shortest <= len(question) <= LONGEST and _PLAIN.fullmatch(question):
        yield question, clause[start:end]


def possible_examples(index: Index) -> list[tuple[str, str]]:
    """Questions with their answers, one an article, those of headlines first, the documents taking turns.

    Looks at no more than MOST_DOCUMENTS documents, spread over the archive.
    """
    sources = index.sources()
    step = max(len(sources) / MOST_DOCUMENTS, 1)
    spread = [sources[int(n * step)] for n in range(min(len(sources), MOST_DOCUMENTS))]
    documents = [list(index.articles(source)) for source in spread]
    out: dict[str, str] = {}
    asked: set[str] = set()
    for questions in (from_headline, from_body):
        for row in itertools.zip_longest(*documents):
            for article in row:
                made = next(questions(article), None) if article is not None else None
                if article is not None and article.id not in asked and made is not None:
                    asked.add(article.id)
                    out.setdefault(*made)
    return list(out.items())


def example_questions(pipeline: QAPipeline, count: int = 4, seconds: float = 3.0) -> list[str]:
    """Up to ``count`` questions that the archive answers rightly.

    They are tried for about ``seconds``; on a machine too slow for that, untried ones fill the places left.
    """
    possible = possible_examples(pipeline.index)
    good: list[str] = []
    end = time.monotonic() + seconds
    while possible and len(good) < count and time.monotonic() < end:
        question, expected = possible.pop(0)
        try:
            reply = pipeline.ask(question)
        except QAError:
            return good
        if reply.answer is not None and expected in reply.answer.text:
            good.append(question)
    return good + [question for question, _ in possible[: count - len(good)]]
