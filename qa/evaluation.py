"""Measures over questions with known answers: retrieval, answers, evidence, refusals, by kind of question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qa.chat import ChatSession
from qa.errors import SourceError
from qa.measures import cmrc_em, cmrc_f1, first_rank, share_held, short_answer_right
from qa.pipeline import QAPipeline
from qa.reader import load_reader
from qa.squad import read_closed, squad_items


def evaluate(pipeline: QAPipeline, path: Path) -> dict[str, dict[str, float]]:
    """The measures of a questions.jsonl, overall and by kind; shares in [0, 1]."""
    groups: dict[str, list[dict[str, float]]] = {}
    chats: dict[str, ChatSession] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item.get("conversation"):
            reply = chats.setdefault(item["conversation"], ChatSession(pipeline)).ask(item["question"])
        else:
            reply = pipeline.ask(item["question"])
        text = reply.answer.text if reply.answer else ""
        row = {"refused": float(reply.answer is None), "not_found": float(reply.status == "not_found")}
        if item["answers"]:
            rank = first_rank(item["evidence"], [found.text for found in reply.passages])
            shown = [e.retrieved.text[a:b] for e in reply.evidence[:1] for a, b in e.highlights]
            row |= {f"recall@{k}": float(rank is not None and rank <= k) for k in (1, 5, 10)}
            row |= {
                "mrr": 1 / rank if rank else 0.0,
                "em": cmrc_em(item["answers"], text),
                "f1": cmrc_f1(item["answers"], text),
                "right": float(short_answer_right(item["answers"], text)),
                "evidence": float(any(share_held(sentence, shown) >= 0.95 for sentence in item["evidence"])),
            }
        names = [item["kind"], "answerable" if item["answers"] else "unanswerable"]
        if item.get("turn"):
            names.append("first_turn" if item["turn"] == 1 else "later_turn")
        for name in names:
            groups.setdefault(name, []).append(row)
    return {
        name: {"questions": float(len(rows)), **{k: sum(r[k] for r in rows) / len(rows) for k in rows[0]}}
        for name, rows in sorted(groups.items())
    }


def evaluate_squad(data: Any, path: Path, *, open_retrieval: bool) -> dict[str, dict[str, float]]:
    """EM and F1 of closed reading of a SQuAD file."""
    if open_retrieval:
        raise SourceError("这一版还不能用 --open 评测；请去掉 --open，评测逐段阅读。")
    items = [item for item in squad_items(data, path) if item.answers]
    if not items:
        raise SourceError(f"{path} 里没有带答案的问题，无法评测；请给出含 answers 的文件。")
    em = f1 = 0.0
    for item, answer, _ in read_closed(items, load_reader()):
        em += cmrc_em(item.answers, answer)
        f1 += cmrc_f1(item.answers, answer)
    return {"closed": {"questions": float(len(items)), "em": em / len(items), "f1": f1 / len(items)}}


def table(figures: dict[str, dict[str, float]]) -> str:
    """The figures as aligned lines."""
    lines = []
    for name, row in figures.items():
        cells = "  ".join(f"{k} {v:.3f}" if k != "questions" else f"n {int(v)}" for k, v in row.items())
        lines.append(f"{name:<16}{cells}")
    return "\n".join(lines)
