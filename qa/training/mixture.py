"""What the shipped reader is trained on, from the files in the data folder and the questions written by hand."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.errors import SourceError
from qa.folding import to_simplified
from qa.lexical import words
from qa.training.augment import NamePool, negative, positives
from qa.training.data import Example, Question, crop, read_news, read_squad, split_by_title
from qa.training.news import news_examples, pretraining_examples
from qa.training.written import QUESTIONS, Written, article_key, held_out, read_written, written_examples

CMRC_TRAIN = "cmrc2018_train.json.gz"
DRCD_DEV = "drcd_dev.json.gz"
NEWS = "news_sample.txt.gz"
HELD_OUT_SEED = 1  # the questions held out stay the same whatever a run's seed is


@dataclass(frozen=True, slots=True)
class MixtureSettings:
    """How much of what: shares of questions that get a negative beside them, news articles, their weight, and
    how often a question written by hand comes back."""

    negatives: float = 0.6
    news_articles: int = 2500
    news_weight: float = 0.4
    written_copies: int = 5
    held_out: float = 0.1
    seed: int = 1


def data_file(folder: Path, name: str) -> Path:
    """The path of a data file; SourceError with what to do where it is not there."""
    path = folder / name
    if not path.is_file():
        raise SourceError(f"训练数据目录 {folder} 里没有 {name}；请用 --data 指出放有这些文件的目录。")
    return path


def load_questions(folder: Path, settings: MixtureSettings) -> tuple[list[Question], list[Question]]:
    """``(train, held_out)``: CMRC train split by article, DRCD (in simplified characters) added to train."""
    train, held_out = split_by_title(
        read_squad(data_file(folder, CMRC_TRAIN)), settings.held_out, HELD_OUT_SEED
    )
    drcd = [
        Question(to_simplified(q.question), to_simplified(q.title), to_simplified(q.text), q.answer)
        for q in read_squad(data_file(folder, DRCD_DEV))
    ]
    return train + drcd, held_out


def hard_texts(
    questions: Sequence[Question | Written], pool: Sequence[str], count: int = 4
) -> list[list[str]]:
    """For each question the texts of ``pool``, other than its own, that share most words with it (BM25)."""
    import bm25s

    vocabulary: dict[str, int] = {}
    rows = [[vocabulary.setdefault(word, len(vocabulary)) for word in words(text)] for text in pool]
    ranker = bm25s.BM25()
    ranker.index((rows, vocabulary), show_progress=False)
    out: list[list[str]] = []
    for question in questions:
        known = [vocabulary[word] for word in words(question.question) if word in vocabulary]
        if not known:
            out.append([])
            continue
        best, _ = ranker.retrieve([known], k=min(count + 2, len(pool)), show_progress=False)
        texts = [pool[int(row)] for row in best[0]]
        out.append(
            [text for text in texts if text[:40] not in question.text and question.text[:40] not in text][
                :count
            ]
        )
    return out


def news_passages(folder: Path, count: int, rng: random.Random) -> list[str]:
    """One passage of whole sentences, of at most 280 characters, from each of ``count`` news articles."""
    articles = [text for _, text in read_news(data_file(folder, NEWS))]
    return [crop(text[:3000], None, 280, rng)[0] for text in rng.sample(articles, min(count, len(articles)))]


def examples(folder: Path, settings: MixtureSettings) -> list[Example]:
    """The training examples; none is of a text with a question held out."""
    rng = random.Random(settings.seed)
    train, _ = load_questions(folder, settings)
    news = news_passages(folder, settings.news_articles, rng)
    texts = sorted({q.text for q in train})
    print(f"{len(train)} questions, {len(texts)} texts, {len(news)} news passages", file=sys.stderr)
    pool = [crop(text, None, 280, rng)[0] for text in texts] + news
    hard = hard_texts(train, pool)
    names = NamePool(train)
    out: list[Example] = []
    for question, others in zip(train, hard, strict=True):
        out.append(positives(question, rng))
        if rng.random() < settings.negatives:
            unanswered = negative(question, names, others, rng)
            if unanswered is not None:
                out.append(unanswered)
    articles = [text for _, text in read_news(data_file(folder, NEWS))]
    for article in rng.sample(articles, min(settings.news_articles, len(articles))):
        out += news_examples(article[:3000], names, settings.news_weight, rng)
    return out + written(folder, settings)


def load_written(folder: Path) -> list[Written]:
    """The questions written by hand, each with its article."""
    articles = {article_key(text): text for _, text in read_news(data_file(folder, NEWS))}
    return read_written(QUESTIONS, articles)


def written(folder: Path, settings: MixtureSettings) -> list[Example]:
    """Examples of the questions written by hand, but for those of the articles held out."""
    rng = random.Random(settings.seed)
    questions = [question for question in load_written(folder) if not held_out(question.article)]
    pool = news_passages(folder, settings.news_articles, rng)
    hard = hard_texts(questions, pool)
    return list(written_examples(questions, hard, settings.written_copies, rng))


def pretraining(folder: Path, seed: int) -> list[Example]:
    """Recurring spans of all news articles."""
    articles = [text for _, text in read_news(data_file(folder, NEWS))]
    return pretraining_examples(articles, random.Random(seed))
