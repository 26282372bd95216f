"""Fit the calibration: from readings of questions of every kind to probabilities and thresholds.

    python -m qa.training.calibrate --questions seeds/questions.jsonl --data ../shared/data

The questions are those of qa.training.held_out. The figures are of cross-validation by question, so none was seen
by the fit that scores it; thresholds are chosen on those scores.
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
from qa.datatypes import RetrievedPassage
from qa.index import build_index, open_index
from qa.measures import short_answer_right, squeezed
from qa.pipeline import QAPipeline, depths
from qa.reader import PassageReading, Reader, load_reader
from qa.retriever import Retriever
from qa.training.fitting import choice, logistic
from qa.training.held_out import Asked, away, cmrc_questions, news_questions, own_questions, own_swapped

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
    "unit_fits",
    "unit_misfits",
    "length",
    "long",
    "cause",
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
    "unit_misfits",
]
RIGHT_FEATURES = ["candidate", "ahead", "agree", "stated_logit", "margin", "states", "length"]
TOPIC_FEATURES = ["topic", "most_covered", "covered_article", "most_states", "most_margin", "person"]
# What can only speak for (1) or against (-1) an answer, whatever a few hundred questions happen to say.
SIGNS = {
    "absent_year": -1,
    "absent_number": -1,
    "absent_name": -1,
    "misfits": -1,
    "unit_misfits": -1,
    "fits": 1,
    "unit_fits": 1,
    "person": 1,
}
# A question of one's own documents counts as much as three of the encyclopaedia: they are what users bring.
OWN_WEIGHT = 3.0
WRONGLY_REFUSED, WRONGLY_NOT_FOUND = 0.02, 0.013
# On the own questions nothing changed when reading stopped at this probability of ``stated`` after the first passages
# (two thirds of them), against reading all of each; below it, recall@5 fell by a point.
SETTLED = 0.5
ALTERNATIVE = 0.35
BLANK = LinearModel({}, 0.0)
UNDECIDED = Calibration(BLANK, BLANK, BLANK, BLANK, 0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Read:
    """A question as it was read: its candidates (unordered) and which of them are right."""

    asked: Asked
    topic: float
    candidates: list[Candidate]
    right: list[bool]
    readings: tuple[PassageReading, ...]

    @property
    def weight(self) -> float:
        return OWN_WEIGHT if self.asked.own else 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """The probabilities of one question, and whether its best candidate is right."""

    on_topic: float
    stated: float
    right: float
    hit: bool


def read_question(pipeline: QAPipeline, asked: Asked) -> Read:
    """Open retrieval and reading of one question, all passages read that ever are."""
    index = pipeline.index
    found = pipeline.retrieve(index, [asked.question])[0]
    reading = pipeline.read(index, asked.question, found, depths(found)[1])
    facts = understand(asked.question)
    made = candidates_of(facts, found[: len(reading.readings)], reading.readings, BLANK, index.rarity)
    right = [is_right(asked, candidate, found[candidate.position]) for candidate in made]
    return Read(asked, reading.topic, made, right, reading.readings)


def is_right(asked: Asked, candidate: Candidate, found: RetrievedPassage) -> bool:
    """Whether a candidate says the answer, and stands in a sentence of the evidence where that is known."""
    if not asked.answers or not short_answer_right(asked.answers, candidate.text):
        return False
    if not asked.evidence:
        return True
    around = squeezed(found.text[max(candidate.span.start - 8, 0) : candidate.span.end + 8])
    inner = squeezed(candidate.text)
    return any(inner in squeezed(text) or around in squeezed(text) for text in asked.evidence)


@dataclass(frozen=True, slots=True)
class Models:
    """The linear models of a Calibration."""

    candidate: LinearModel
    stated: LinearModel
    right: LinearModel
    topic: LinearModel


def fit(reads: Sequence[Read]) -> Models:
    """The models fitted on ``reads``."""
    reads = [read for read in reads if read.candidates]
    candidate = choice(
        [([c.features for c in r.candidates], r.right, r.weight) for r in reads if any(r.right)],
        CANDIDATE_FEATURES,
        signs=SIGNS,
    )
    best = [chosen(read, candidate) for read in reads]
    rows = [row for _, row in best]
    weights = [read.weight for read in reads]
    stated = logistic(
        rows, [bool(read.asked.answers) for read in reads], weights, STATED_FEATURES, signs=SIGNS
    )
    for row in rows:
        row["stated_logit"] = stated.logit(row)
    right = logistic(rows, [hit for hit, _ in best], weights, RIGHT_FEATURES)
    # A question whose text was taken out of a pool may or may not be near another text of it: not used.
    known = [n for n, read in enumerate(reads) if read.asked.kind != "removed"]
    on_topic = [reads[n].asked.kind not in ("away", "off_topic") for n in known]
    topic = logistic(
        [rows[n] for n in known], on_topic, [weights[n] for n in known], TOPIC_FEATURES, signs=SIGNS
    )
    return Models(candidate, stated, right, topic)


def chosen(read: Read, model: LinearModel) -> tuple[bool, dict[str, float]]:
    """Whether the candidate that ``model`` puts first is right, and the question's features with it."""
    logits = [model.logit(c.features) for c in read.candidates]
    order = sorted(range(len(logits)), key=lambda n: (-logits[n], n))
    ranked = [
        Candidate(c.position, c.span, c.text, c.features, logits[n])
        for n, c in ((n, read.candidates[n]) for n in order)
    ]
    return read.right[order[0]], question_features(ranked, read.readings, read.topic)


def score(read: Read, models: Models) -> Scored:
    """What the models say of a question; all zero where nothing was read."""
    if not read.candidates:
        return Scored(0.0, 0.0, 0.0, False)
    hit, row = chosen(read, models.candidate)
    row["stated_logit"] = models.stated.logit(row)
    return Scored(
        sigmoid(models.topic.logit(row)),
        sigmoid(row["stated_logit"]),
        sigmoid(models.right.logit(row)),
        hit,
    )


def calibrate(
    reads: Sequence[Read], rng: random.Random, *, folds: int = 5
) -> tuple[Calibration, dict[str, Any]]:
    """The calibration fitted on ``reads``, and the figures of ``folds``-fold cross-validation.

    Those that are ``unseen`` are scored by what was fitted on all the others.
    """
    order = [n for n, read in enumerate(reads) if not read.asked.unseen]
    rng.shuffle(order)
    scored: dict[int, Scored] = {}
    for fold in range(folds):
        test = set(order[fold::folds])
        models = fit([reads[n] for n in order if n not in test])
        scored |= {n: score(reads[n], models) for n in test}
    own = [scored[n] for n in order if reads[n].asked.own and reads[n].asked.answers]
    topic = quantile([s.on_topic for s in own], WRONGLY_NOT_FOUND)
    stated = quantile([s.stated for s in own if s.on_topic >= topic], WRONGLY_REFUSED - WRONGLY_NOT_FOUND)
    models = fit([reads[n] for n in order])
    scored |= {n: score(read, models) for n, read in enumerate(reads) if read.asked.unseen}
    calibration = Calibration(
        models.candidate,
        models.stated,
        models.right,
        models.topic,
        topic_threshold=round(topic, 4),
        stated_threshold=round(stated, 4),
        alternative_threshold=ALTERNATIVE,
        settled=SETTLED,
    )
    return calibration, report(reads, [scored[n] for n in range(len(reads))], calibration)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie."""
    return float(np.quantile(np.asarray(values), share))


def report(reads: Sequence[Read], scored: Sequence[Scored], at: Calibration) -> dict[str, Any]:
    """Shares by kind of question at the thresholds; AUROC of ``stated`` by kind of unanswerable question; ECE."""
    kinds: dict[str, list[Scored]] = {}
    for read, one in zip(reads, scored, strict=True):
        kinds.setdefault(read.asked.kind, []).append(one)
        if read.asked.own and read.asked.answers:
            kinds.setdefault("own", []).append(one)
    out: dict[str, Any] = {}
    yes = {
        unseen: np.array(
            [
                one.stated
                for read, one in zip(reads, scored, strict=True)
                if read.asked.answers and read.asked.unseen == unseen
            ]
        )
        for unseen in (False, True)
    }
    unseen_kinds = {read.asked.kind for read in reads if read.asked.unseen}
    answerable = {read.asked.kind for read in reads if read.asked.answers} | {"own"}
    for kind, ones in sorted(kinds.items()):
        missed = [one.on_topic < at.topic_threshold for one in ones]
        refused = [gone or one.stated < at.stated_threshold for gone, one in zip(missed, ones, strict=True)]
        out[kind] = {
            "questions": len(ones),
            "refused": round(sum(refused) / len(ones), 3),
            "not_found": round(sum(missed) / len(ones), 3),
        }
        if kind in answerable:
            out[kind]["right"] = round(sum(one.hit for one in ones) / len(ones), 3)
        else:
            no = np.array([one.stated for one in ones])[:, None]
            rivals = yes[kind in unseen_kinds]
            out[kind]["auroc"] = round(float(((rivals > no) + 0.5 * (rivals == no)).mean()), 3)
    out["ece"] = round(expected_calibration_error(scored), 3)
    return out


def expected_calibration_error(scored: Sequence[Scored], bins: int = 10) -> float:
    """How far the probability of being right stands from the share that is, over equal bins (Guo et al. 2017)."""
    said = np.array([one.right for one in scored])
    hits = np.array([float(one.hit) for one in scored])
    place = np.minimum((said * bins).astype(int), bins - 1)
    parts = [(place == b) for b in range(bins) if (place == b).any()]
    return float(sum(abs(said[part].mean() - hits[part].mean()) * part.mean() for part in parts))


def read_all(reader: Reader, questions: Path, data: Path, count: int, rng: random.Random) -> list[Read]:
    """All questions, asked of the own documents (the folder of ``questions``) and of two pools of other texts."""
    own = own_questions(questions)
    other, pool = cmrc_questions(data, count, rng)
    news, articles = news_questions(data, rng)
    out: list[Read] = []
    with tempfile.TemporaryDirectory() as scratch:
        for source, asked in (
            (questions.parent, [*own, *own_swapped(own, rng), *away(other, own=True)]),
            (_folder(Path(scratch) / "pool", pool), [*other, *away(own, own=False)]),
            (_folder(Path(scratch) / "news", articles), news),
        ):
            out += read_archive(reader, source, asked, Path(scratch) / f"index-{len(out)}")
    return out


def _folder(folder: Path, texts: Sequence[str]) -> Path:
    """``folder``, made, with a file for each of ``texts``."""
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number:05d}.txt").write_text(text, encoding="utf-8")
    return folder


def read_archive(reader: Reader, source: Path, asked: Sequence[Asked], index_dir: Path) -> list[Read]:
    """``asked`` of the documents of ``source``, indexed at ``index_dir``."""
    encoder = load_encoder()
    build_index(index_dir, [source], encoder=encoder)
    pipeline = QAPipeline(Retriever(open_index(index_dir, encoder=encoder)), reader, UNDECIDED)
    out = []
    for number, one in enumerate(asked, 1):
        out.append(read_question(pipeline, one))
        if number % 100 == 0:
            print(f"{source}: read {number} of {len(asked)}", file=sys.stderr)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=PROJECT.parent / "shared" / "data")
    parser.add_argument("--questions", type=Path, default=PROJECT / "seeds" / "questions.jsonl")
    parser.add_argument("--reader", type=Path, default=PROJECT / "qa" / "models" / "reader")
    parser.add_argument("--held-out", type=int, default=500, help="questions of CMRC")
    options = parser.parse_args()
    rng = random.Random(7)
    reads = read_all(load_reader(options.reader), options.questions, options.data, options.held_out, rng)
    calibration, figures = calibrate(reads, rng)
    calibration.save(options.reader)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
