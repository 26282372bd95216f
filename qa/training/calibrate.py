"""Fit the calibration: from readings of questions of every kind to probabilities and thresholds.

    python -m qa.training.calibrate --questions seeds/questions.jsonl --data ../shared/data

Questions: those of ``--questions`` over their own documents, and CMRC's held-out ones (never trained on) over a pool of
their contexts and news passages; for each of the latter also one that its text does not answer (a constraint
swapped, or its text taken out of the pool). Fitted by logistic regression with L2 (Newton's method); figures are of
cross-validation by question, so none was seen by the fit that scores it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embeddings import load_encoder
from qa.answering.calibration import Calibration, LinearModel, sigmoid
from qa.answering.candidates import Candidate, candidates_of, question_features
from qa.answering.questions import understand
from qa.index import build_index, open_index
from qa.measures import short_answer_right, squeezed
from qa.pipeline import MOST_READ, RETRIEVED, QAPipeline
from qa.reader import load_reader
from qa.retriever import Retriever
from qa.training.augment import NamePool, terse
from qa.training.data import crop
from qa.training.mixture import MixtureSettings, load_questions, news_passages

PROJECT = Path(__file__).resolve().parents[2]
CANDIDATE_FEATURES = [
    "dense",
    "dense_gap",
    "rank",
    "lexical",
    "states",
    "headline",
    "covered",
    "covered_article",
    "covered_sentence",
    "absent_year",
    "absent_number",
    "absent_name",
    "margin",
    "margin_gap",
    "behind",
    "fits",
    "misfits",
    "length",
    "long",
    "echo",
]
STATED_FEATURES = [
    "candidate",
    "ahead",
    "agree",
    "topic",
    "most_states",
    "states",
    "margin",
    "covered",
    "covered_article",
    "covered_sentence",
    "absent_year",
    "absent_number",
    "absent_name",
    "dense",
    "misfits",
]
RIGHT_FEATURES = ["candidate", "ahead", "agree", "stated_logit", "margin", "states", "length"]
WRONGLY_REFUSED = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is right for it; ``answers`` empty: not answered by the documents."""

    question: str
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    kind: str


@dataclass(slots=True)
class Read:
    """A question as it was read: its candidates' features and which of them are right."""

    asked: Asked
    topic: float
    rows: list[dict[str, float]]
    right: list[bool]
    candidates: list[Candidate]
    readings: Any


def read_all(pipeline: QAPipeline, questions: Sequence[Asked]) -> list[Read]:
    """Open retrieval and reading of every question, all MOST_READ passages read."""
    blank = LinearModel({}, 0.0)
    index = pipeline.index
    out = []
    for number, asked in enumerate(questions):
        found = pipeline.retriever.search_in(index, [asked.question], RETRIEVED)[0]
        reading = pipeline.read(index, asked.question, found, MOST_READ)
        facts = understand(asked.question)
        made = candidates_of(facts, found[: len(reading.readings)], reading.readings, blank, index.rarity)
        right = [is_right(asked, candidate, found[candidate.position].text) for candidate in made]
        out.append(Read(asked, reading.topic, [c.features for c in made], right, made, reading.readings))
        if number % 100 == 99:
            print(f"read {number + 1} of {len(questions)}", file=sys.stderr)
    return out


def is_right(asked: Asked, candidate: Candidate, passage: str) -> bool:
    """Whether a candidate says the answer, and stands in a sentence of the evidence where that is known."""
    if not asked.answers or not short_answer_right(asked.answers, candidate.text):
        return False
    if not asked.evidence:
        return True
    around = squeezed(passage[max(candidate.span.start - 8, 0) : candidate.span.end + 8])
    inner = squeezed(candidate.text)
    return any(inner in squeezed(sentence) for sentence in asked.evidence) or any(
        around in squeezed(sentence) for sentence in asked.evidence
    )


def fit(
    rows: Sequence[dict[str, float]],
    targets: Sequence[bool],
    weights: Sequence[float],
    names: Sequence[str],
    penalty: float,
) -> LinearModel:
    """Logistic regression with an L2 penalty on standardised features, by Newton's method."""
    x = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    mean, scale = x.mean(0), x.std(0)
    scale[scale < 1e-9] = 1.0
    z = np.hstack([(x - mean) / scale, np.ones((len(x), 1))])
    y, w = np.asarray(targets, np.float64), np.asarray(weights, np.float64)
    shrink = np.diag([penalty] * len(names) + [1e-6])
    beta = np.zeros(z.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (w * (p - y)) + shrink @ beta
        hessian = (z * (w * p * (1 - p))[:, None]).T @ z + shrink
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    slopes = beta[:-1] / scale
    return LinearModel(
        {name: round(float(v), 6) for name, v in zip(names, slopes, strict=True)},
        round(float(beta[-1] - (slopes * mean).sum()), 6),
    )


def fit_all(reads: Sequence[Read], domain: float) -> tuple[LinearModel, LinearModel, LinearModel]:
    """The three models of a Calibration. Questions of the own documents weigh ``domain`` times as much."""
    rows, right, weights = [], [], []
    for read in reads:
        if not read.asked.answers:
            continue
        heft = domain if read.asked.evidence else 1.0
        for row, hit in zip(read.rows, read.right, strict=True):
            rows.append(row)
            right.append(hit)
            weights.append(heft * (3.0 if hit else 1.0))
    candidate = fit(rows, right, weights, CANDIDATE_FEATURES, 4.0)
    features, stated, right_first, hefts = [], [], [], []
    for read in reads:
        if not read.rows:
            continue
        _, chosen, best = choose(read, candidate)
        features.append(best)
        stated.append(bool(read.asked.answers))
        right_first.append(read.right[chosen])
        hefts.append(
            domain
            if read.asked.evidence or read.asked.kind in ("unstated", "false_premise", "off_topic")
            else 1.0
        )
    stated_model = fit(features, stated, hefts, STATED_FEATURES, 4.0)
    for row in features:
        row["stated_logit"] = stated_model.logit(row)
    right_model = fit(features, right_first, hefts, RIGHT_FEATURES, 4.0)
    return candidate, stated_model, right_model


def choose(read: Read, model: LinearModel) -> tuple[list[Candidate], int, dict[str, float]]:
    """The candidates ordered by ``model``, the place of the best in the unordered list, the question's features."""
    order = sorted(range(len(read.rows)), key=lambda n: (-model.logit(read.rows[n]), n))
    ranked = [
        Candidate(c.position, c.span, c.text, c.features, model.logit(c.features))
        for c in (read.candidates[n] for n in order)
    ]
    return ranked, order[0], question_features(ranked, read.readings, read.topic)


def report(
    reads: Sequence[Read], scored: Sequence[tuple[float, float, bool]], threshold: float, topic: float
) -> dict[str, Any]:
    """Shares by kind of question, at the thresholds; ECE and AUROC of the scores."""
    kinds: dict[str, list[tuple[float, float, bool, float]]] = {}
    for read, (stated, right, hit) in zip(reads, scored, strict=True):
        kinds.setdefault(read.asked.kind, []).append((stated, right, hit, read.topic))
    out: dict[str, Any] = {}
    for kind, items in sorted(kinds.items()):
        out[kind] = {
            "questions": len(items),
            "refused": round(sum(t < topic or s < threshold for s, _, _, t in items) / len(items), 3),
            "not_found": round(sum(t < topic for _, _, _, t in items) / len(items), 3),
            "right": round(sum(hit for _, _, hit, _ in items) / len(items), 3),
        }
    yes = [s for read, (s, _, _) in zip(reads, scored, strict=True) if read.asked.answers]
    for kind in ("unstated", "false_premise", "off_topic", "swapped", "removed"):
        no = [s for read, (s, _, _) in zip(reads, scored, strict=True) if read.asked.kind == kind]
        if no:
            out[kind]["auroc"] = round(
                sum((a > b) + 0.5 * (a == b) for a in yes for b in no) / (len(yes) * len(no)), 3
            )
    probabilities = np.array([right for _, right, _ in scored])
    hits = np.array([float(hit) for _, _, hit in scored])
    bins = np.minimum((probabilities * 10).astype(int), 9)
    ece = sum(
        abs(probabilities[bins == b].mean() - hits[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    )
    out["ece"] = round(float(ece), 3)
    return out


def own_questions(path: Path) -> list[Asked]:
    """The questions of a questions.jsonl, follow-ups by their stand-alone form."""
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        text = item.get("standalone") or item["question"]
        out.append(Asked(text, tuple(item["answers"]), tuple(item["evidence"]), item["kind"]))
    return out


def held_out_questions(data: Path, count: int, rng: random.Random) -> tuple[list[Asked], list[str]]:
    """Questions over a pool of texts, answerable and not; and the pool."""
    train, held = load_questions(data, MixtureSettings())
    names = NamePool(train)
    rng.shuffle(held)
    asked: list[Asked] = []
    pool: list[str] = news_passages(data, 1500, rng)
    for number, question in enumerate(held[:count]):
        answer = question.text[question.answer[0] : question.answer[1]]
        text, _ = crop(question.text, question.answer, 280, rng)
        said = terse(question.question, rng) if rng.random() < 0.3 else question.question
        if number % 5 == 4:
            asked.append(Asked(said, (), (), "removed"))
            continue
        pool.append(text)
        swapped = names.swap(question.question, question.text, answer, rng) if number % 5 == 3 else None
        asked.append(Asked(swapped, (), (), "swapped") if swapped else Asked(said, (answer,), (), "cmrc"))
    return asked, pool


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=PROJECT.parent / "shared" / "data")
    parser.add_argument("--questions", type=Path, default=PROJECT / "seeds" / "questions.jsonl")
    parser.add_argument("--reader", type=Path, default=PROJECT / "qa" / "models" / "reader")
    parser.add_argument("--held-out", type=int, default=500)
    options = parser.parse_args()
    rng = random.Random(7)
    encoder, reader = load_encoder(), load_reader(options.reader)
    blank = Calibration(LinearModel({}, 0), LinearModel({}, 0), LinearModel({}, 0), 0, 0, 1, 1)
    reads: list[Read] = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        asked, pool = held_out_questions(options.data, options.held_out, rng)
        (root / "pool").mkdir()
        for number, text in enumerate(pool):
            (root / "pool" / f"{number:05d}.txt").write_text(text, encoding="utf-8")
        for sources, questions in (
            (options.questions.parent, own_questions(options.questions)),
            (root / "pool", asked),
        ):
            index_dir = root / f"index-{sources.name}"
            build_index(index_dir, [sources], encoder=encoder)
            pipeline = QAPipeline(Retriever(open_index(index_dir, encoder=encoder)), reader, blank)
            reads += read_all(pipeline, questions)
    calibration, figures = calibrate(reads, rng)
    calibration.save(options.reader)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


def calibrate(
    reads: Sequence[Read], rng: random.Random, *, domain: float = 3.0, folds: int = 5
) -> tuple[Calibration, dict[str, Any]]:
    """The calibration fitted on all ``reads``, and the figures of ``folds``-fold cross-validation."""
    order = list(range(len(reads)))
    rng.shuffle(order)
    scored: dict[int, tuple[float, float, bool]] = {}
    for fold in range(folds):
        test = order[fold::folds]
        models = fit_all([reads[n] for n in order if n not in set(test)], domain)
        for n in test:
            scored[n] = score(reads[n], *models)
    usable = [n for n in order if reads[n].rows]
    topics = sorted(reads[n].topic for n in usable if reads[n].asked.answers)
    away = [reads[n].topic for n in usable if reads[n].asked.kind == "off_topic"]
    # Nearer the off-topic side: a question that the archive only touches is refused by ``stated`` as well.
    topic = (max(away) * 0.6 + topics[int(0.005 * len(topics))] * 0.4) if away else topics[0]
    topic = min(topic, topics[int(0.01 * len(topics))])
    own = sorted(scored[n][0] for n in usable if reads[n].asked.answers and reads[n].asked.evidence)
    threshold = own[int(WRONGLY_REFUSED * 0.6 * len(own))]
    candidate, stated, right = fit_all(reads, domain)
    calibration = Calibration(
        candidate,
        stated,
        right,
        round(topic, 4),
        round(threshold, 4),
        alternative_threshold=0.35,
        settled=0.97,
    )
    listed = [reads[n] for n in usable]
    return calibration, report(listed, [scored[n] for n in usable], threshold, topic)


def score(
    read: Read, candidate: LinearModel, stated: LinearModel, right: LinearModel
) -> tuple[float, float, bool]:
    """Probability that the answer is stated, that the best candidate is right, and whether it is."""
    if not read.rows:
        return 0.0, 0.0, False
    _, chosen, features = choose(read, candidate)
    features["stated_logit"] = stated.logit(features)
    return sigmoid(features["stated_logit"]), sigmoid(right.logit(features)), read.right[chosen]


if __name__ == "__main__":
    main()
