"""Measures over questions with known answers: retrieval, answers, evidence, refusals, by kind of question."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from qa.chat import ChatSession
from qa.datatypes import Reply
from qa.errors import QuestionError, SourceError
from qa.index import build_index
from qa.measures import cmrc_em, cmrc_f1, first_rank, share_held, short_answer_right, squeezed
from qa.pipeline import QAPipeline
from qa.reader import load_reader
from qa.squad import SquadItem, read_closed, squad_items

# Group of questions -> measure -> value: a count for ``questions``, a share in [0, 1] for all others.
Figures = dict[str, dict[str, float]]
Row = dict[str, float]
# Stage ("read", "ask", or one of those of build_index), done, total.
Progress = Callable[[str, int, int], None]
_DEPTHS = (1, 5, 10)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody asked for."""


def load_questions(path: Path) -> list[dict[str, Any]]:
    """The questions of a JSONL file as it lies in ``seeds/``, with ``answers``, ``evidence`` and ``kind``.

    Raises SourceError that names the line where one is malformed, and where there is none at all.
    """
    out = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} 不是 UTF-8 文本（{error}）；请另存为 UTF-8。") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path} 第 {number} 行不是完好的 JSON（{error}）；请改好这一行。") from error
        if not isinstance(item, dict) or not isinstance(item.get("question"), str):
            raise SourceError(f"{path} 第 {number} 行缺少文字形式的 question；请补上。")
        for name in ("answers", "evidence"):
            value = item.setdefault(name, [])
            if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
                raise SourceError(f"{path} 第 {number} 行的 {name} 应是文字的列表；请改好这一行。")
        item["kind"] = str(item.get("kind", "question"))
        out.append(item)
    if not out:
        raise SourceError(f"{path} 里没有问题；请给出一行一个问题的 JSONL 文件。")
    return out


def evaluate(pipeline: QAPipeline, path: Path, *, progress: Progress = _silent) -> Figures:
    """The measures of a questions.jsonl: overall, of answerable and unanswerable questions, and by kind.

    ``recall@k`` and ``mrr``: a passage that holds a sentence of the evidence is among the first k; ``em``,
    ``f1``, ``right``: the short answer ("" where it was refused); ``evidence``: the highlight of the
    first evidence holds a sentence of it; ``refused_wrongly`` of answerable and ``refused_rightly`` of
    unanswerable questions; ``not_found``: refused as off-topic. Turns of one conversation are asked in order.
    Raises SourceError.
    """
    groups: dict[str, list[Row]] = {}
    chats: dict[str, ChatSession] = {}
    items = load_questions(path)
    for done, item in enumerate(items, 1):
        try:
            if item.get("conversation"):
                chat = chats.setdefault(str(item["conversation"]), ChatSession(pipeline))
                reply = chat.ask(item["question"])
            else:
                reply = pipeline.ask(item["question"])
        except QuestionError as error:
            raise SourceError(f"{path} 第 {done} 个问题不能问：{error}") from error
        text = reply.answer.text if reply.answer else ""
        row = _refusals(reply, bool(item["answers"]))
        if item["answers"]:
            rank = first_rank(item["evidence"], [found.text for found in reply.passages])
            shown = _highlights(reply)
            row |= _at_ranks(rank) | _answers(item["answers"], text)
            row["evidence"] = float(any(share_held(sentence, shown) >= 0.95 for sentence in item["evidence"]))
        names = ["overall", "answerable" if item["answers"] else "unanswerable", item["kind"]]
        if item.get("turn"):
            names.append("first_turn" if item["turn"] == 1 else "later_turn")
        for name in dict.fromkeys(names):
            groups.setdefault(name, []).append(row)
        progress("ask", done, len(items))
    first = ("overall", "answerable", "unanswerable")
    order = [name for name in first if name in groups] + sorted(set(groups) - set(first))
    return {name: _means(groups[name]) for name in order}


def evaluate_squad(
    data: Any,
    path: Path,
    *,
    open_retrieval: bool = False,
    model: str | Path | None = None,
    progress: Progress = _silent,
) -> Figures:
    """EM and F1, as CMRC 2018 defines them, of a parsed SQuAD file.

    Closed (``closed``): each question is read in its own context and always answered; questions without
    answers are left out. Open (``open``): all contexts are indexed together in a temporary index of encoder
    ``model``, and the whole pipeline answers; a refusal counts as an empty answer, ``recall@k`` asks for a
    passage of the question's own context that holds the answer, and questions without answers are a group of
    their own (``open_unanswerable``). Raises SourceError, ModelError.
    """
    items = squad_items(data, path)
    if not any(item.answers for item in items):
        raise SourceError(f"{path} 里没有带答案的问题，无法评测；请给出含 answers 的文件。")
    if not open_retrieval:
        asked = [item for item in items if item.answers]
        closed = read_closed(asked, load_reader(), lambda done, total: progress("read", done, total))
        return {"closed": _means([_exact(item.answers, answer) for item, answer, _ in closed])}
    groups: dict[str, list[Row]] = {}
    for item, source, reply in open_replies(items, model=model, progress=progress):
        groups.setdefault("open" if item.answers else "open_unanswerable", []).append(
            _open_row(item, source, reply)
        )
    return {name: _means(rows) for name, rows in sorted(groups.items())}


def open_replies(
    items: Sequence[SquadItem], *, model: str | Path | None = None, progress: Progress = _silent
) -> Iterator[tuple[SquadItem, str, Reply | None]]:
    """``(item, source of its context, reply)`` of each item, asked of an index of all their contexts.

    The index is temporary and gone when the iterator ends. The reply is None where the question cannot be
    asked (it is empty, say). Raises SourceError where no context can be read.
    """
    contexts = list(dict.fromkeys(item.context for item in items))
    names = {context: f"context-{number:06d}.txt" for number, context in enumerate(contexts, 1)}
    with tempfile.TemporaryDirectory(prefix="wenbao-") as work:
        folder = Path(work) / "contexts"
        folder.mkdir()
        for context, name in names.items():
            if context.strip():
                (folder / name).write_text(context, encoding="utf-8")
        build_index(Path(work) / "index", [folder], model=model, progress=progress)
        pipeline = QAPipeline.open(Path(work) / "index", model=str(model) if model is not None else None)
        for done, item in enumerate(items, 1):
            try:
                reply: Reply | None = pipeline.ask(item.question, id=item.id)
            except QuestionError:
                reply = None
            yield item, names[item.context], reply
            progress("ask", done, len(items))


def _open_row(item: SquadItem, source: str, reply: Reply | None) -> Row:
    if reply is None:
        row: Row = {"refused_wrongly" if item.answers else "refused_rightly": 1.0, "not_found": 1.0}
        none = {"evidence": 0.0}
        return row | _at_ranks(None) | _answers(item.answers, "") | none if item.answers else row
    row = _refusals(reply, bool(item.answers))
    if item.answers:
        golds = [squeezed(answer) for answer in item.answers]

        def holds(text: str) -> bool:
            return any(gold in squeezed(text) for gold in golds)

        ranks = (found.rank for found in reply.passages if found.source == source and holds(found.text))
        row |= _at_ranks(next(ranks, None))
        row |= _answers(item.answers, reply.answer.text if reply.answer else "")
        row["evidence"] = float(holds("\n".join(_highlights(reply))))
    return row


def _refusals(reply: Reply, answerable: bool) -> Row:
    name = "refused_wrongly" if answerable else "refused_rightly"
    return {name: float(reply.answer is None), "not_found": float(reply.status == "not_found")}


def _at_ranks(rank: int | None) -> Row:
    found = {f"recall@{k}": float(rank is not None and rank <= k) for k in _DEPTHS}
    return found | {"mrr": 1 / rank if rank else 0.0}


def _exact(answers: Sequence[str], text: str) -> Row:
    return {"em": cmrc_em(answers, text), "f1": cmrc_f1(answers, text)}


def _answers(answers: Sequence[str], text: str) -> Row:
    return _exact(answers, text) | {"right": float(short_answer_right(answers, text))}


def _highlights(reply: Reply) -> list[str]:
    """The highlighted sentences of the first evidence."""
    return [item.retrieved.text[a:b] for item in reply.evidence[:1] for a, b in item.highlights]


def _means(rows: Sequence[Row]) -> Row:
    """The mean of each measure over the rows that have it, and how many rows there are."""
    out: Row = {"questions": float(len(rows))}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row[name] for row in rows if name in row]
        out[name] = sum(values) / len(values)
    return out


def table(figures: Figures) -> str:
    """The figures as aligned lines, a group each."""
    lines = []
    for name, row in figures.items():
        cells = "  ".join(f"{k} {v:.3f}" if k != "questions" else f"n {int(v)}" for k, v in row.items())
        lines.append(f"{name:<18}{cells}")
    return "\n".join(lines)
