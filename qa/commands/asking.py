"""Commands that ask: search, ask, batch."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from qa.commands.common import index_root, print_json
from qa.dates import date_note
from qa.errors import QAError, ScopeError, SourceError
from qa.folding import fold
from qa.scope import Scope, undated_note
from qa.streams import reading, writing

if TYPE_CHECKING:
    from qa.chat import ChatSession
    from qa.index import Index
    from qa.pipeline import QAPipeline

SHOWN = 8  # names in an error message


def _scope(options: argparse.Namespace, index: Index) -> Scope:
    """What the options keep to. Raises ScopeError for a document or a newspaper that the index does not hold."""
    for given, known, what in (
        (options.source, index.sources, "文件"),
        (options.newspaper, index.newspapers, "报纸"),
    ):
        held = {fold(name) for name in known()} if given else set()
        for name in given or ():
            if fold(name) not in held:
                some = "、".join(known()[:SHOWN]) or "无"
                raise ScopeError(
                    f"索引里没有{what}“{name}”；有：{some}{' 等' if len(held) > SHOWN else ''}。"
                )
    return Scope.of(options.source, options.newspaper, options.date_from, options.date_to)


def _say_undated(count: int | None) -> None:
    if count:
        print(undated_note(count), file=sys.stderr)


def search(options: argparse.Namespace) -> int:
    from qa.datatypes import reprints_note
    from qa.retriever import Retriever, check_question

    retriever = Retriever.open(index_root(options), model=options.model)
    scope = _scope(options, retriever.index)
    _say_undated(retriever.index.undated_in(scope))
    question = check_question(options.question)
    for found in retriever.search_in(retriever.index, [question], options.top_k, scope)[0]:
        if options.json:
            print_json(
                {
                    "passage_id": found.passage.id,
                    "text": found.text,
                    "source": found.source,
                    "source_spans": [list(span) for span in found.spans],
                    "article": {"id": found.article.id, "title": found.article.title},
                    "score": found.score,
                    "rank": found.rank,
                    "dense_score": found.dense_score,
                    "dense_rank": found.dense_rank,
                    "lexical_score": found.lexical_score,
                    "lexical_rank": found.lexical_rank,
                }
            )
        else:
            print(
                f"{found.rank}. [{found.score:.3f}] {found.article.title}（{found.source}）\n   {found.text}"
            )
            print(f"   {reprints_note(found)}\n" if found.reprints else "")
    return 0


def ask(options: argparse.Namespace) -> int:
    from qa.pipeline import QAPipeline

    pipeline = QAPipeline.open(index_root(options), model=options.model)
    reply = pipeline.reply(options.question, options.question, _scope(options, pipeline.index))
    _say_undated(reply.undated_left_out)
    if options.json:
        print_json(reply.to_json())
        return 0
    print(f"答：{reply.answer.text}（把握 {reply.answer.score:.0%}）" if reply.answer else reply.reason)
    if reply.answer and (note := date_note(reply.answer.text, reply.evidence[0].retrieved.article.date)):
        print(note)
    for item in reply.evidence:
        article = item.retrieved.article
        print(
            f"\n《{article.title}》{'、'.join(article.byline)} {article.date or ''}（{article.source}）\n{item.retrieved.text}"
        )
    return 0


def _batch_lines(lines: IO[bytes]) -> Iterator[tuple[Any, dict[str, Any] | str]]:
    """``(id, item)`` of each line; the item is a sentence where the line is malformed.

    The id is given back as it came; a line without one goes by its number.
    """
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            item = json.loads(raw.decode("utf-8-sig"))  # a file from Windows may begin with a mark
        except (ValueError, RecursionError) as error:
            yield str(number), f"第 {number} 行不是完好的 JSON（{error}）"
            continue
        known = item.get("id") if isinstance(item, dict) else None
        id = known if known is not None else str(number)
        if isinstance(item, dict) and isinstance(item.get("question"), str):
            yield id, item
        else:
            yield id, f"第 {number} 行缺少文字形式的 question"


def batch(options: argparse.Namespace) -> int:
    from qa.pipeline import QAPipeline

    given, wanted = options.input, options.output
    if given.is_file() and wanted.is_file() and wanted.samefile(given):
        raise SourceError("输出不能写到输入文件里；请换一个文件名。")
    with reading(given) as lines, writing(wanted) as out:
        pipeline = QAPipeline.open(index_root(options), model=options.model)
        scope = _scope(options, pipeline.index)
        _say_undated(pipeline.index.undated_in(scope))
        chats: dict[str, ChatSession] = {}
        for done, (id, item) in enumerate(_batch_lines(lines), 1):
            out.write(json.dumps(_reply(pipeline, chats, scope, id, item), ensure_ascii=False) + "\n")
            if done % 50 == 0:
                print(f"已答 {done}", file=sys.stderr)
    return 0


def _reply(
    pipeline: QAPipeline, chats: dict[str, ChatSession], scope: Scope, id: Any, item: dict[str, Any] | str
) -> dict[str, Any]:
    from qa.chat import ChatSession

    if isinstance(item, str):
        return {"id": id, "error": item}
    try:
        conversation = item.get("conversation")
        if conversation is None:
            reply = pipeline.reply(item["question"], item["question"], scope, id=str(id))
        else:
            chat = chats.setdefault(str(conversation), ChatSession(pipeline, scope))
            reply = chat.ask(item["question"], id=str(id))
    except QAError as error:
        return {"id": id, "error": str(error)}
    return {**reply.to_json(), "id": id}
