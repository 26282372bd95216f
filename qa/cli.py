"""The command line: thin callers of the library. Results on stdout, progress and warnings on stderr.

Exit status: 0 done, 1 with one sentence about what is wrong, 2 wrong usage (argparse).
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from qa.errors import IndexNotFoundError, QAError, SourceError
from qa.streams import load_json, reading, writing

if TYPE_CHECKING:
    from qa.datatypes import Document

PROJECT = Path(__file__).resolve().parents[1]
SEEDS = PROJECT / "seeds"
PORT = 8501


# What argparse says, and what a reader is told.
_SAID = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"argument (\S+): expected one argument", r"\1 后面要有一个值"),
    (r"argument (\S+): invalid choice: (.+?) \(choose from .*\)", r"没有 \2 这个\1"),
    (r"argument (\S+): invalid \S+ value: (.*)", r"\1 的值 \2 不对"),
    (r"argument (\S+): ignored explicit argument (.*)", r"\1 后面不能有值 \2"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 可以是 \2，请写全"),
    (r"argument (\S+): (.*)", r"\1 \2"),
)


class _Parser(argparse.ArgumentParser):
    """Says in Chinese that a command was used wrongly, and how it is used."""

    def error(self, message: str) -> NoReturn:
        for said, told in _SAID:
            if hit := re.fullmatch(said, message, re.DOTALL):
                message = hit.expand(told)
                break
        self.print_usage(sys.stderr)
        self.exit(2, f"用法不对：{message}；运行 {self.prog} --help 看用法。\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Whatever the locale says, programs read JSON in UTF-8; half a surrogate pair becomes its escape.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    _quiet()
    options = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except QAError as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(
            f"读写文件出错（{error.filename or ''} {error.strerror or error}）；请检查路径、权限和磁盘空间。",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("已中断；已发布的索引没有改动。", file=sys.stderr)
    return 1


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _quiet() -> None:
    """Keeps to themselves what libraries say about themselves on stderr, which is for the reader of a command."""
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    warnings.filterwarnings("ignore", module="jieba")
    # A filter, not a level: jieba sets its own level when it is imported.
    for name in ("jieba", "sentence_transformers.SentenceTransformer", "sentence_transformers.base.model"):
        logging.getLogger(name).addFilter(_is_worth_a_line)
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="wenbao", description="问报：在报纸档案里查问题，用报纸的原话回答。")
    commands = parser.add_subparsers(required=True, metavar="命令")

    def add(name: str, function: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.set_defaults(command=function)
        made.add_argument(
            "--index-dir", type=Path, default=None, help="索引目录（默认 WENBAO_INDEX_DIR 或 var/index）"
        )
        made.add_argument("--model", type=_model, default=None, help="编码模型的名称或目录")
        return made

    build = add("build", _build, "建索引：读入文件或文件夹，发布新的一代")
    build.add_argument("sources", nargs="*", metavar="来源")
    build.add_argument("--add", action="append", default=[], metavar="来源", help="在现有来源之外加上")
    build.add_argument("--remove", action="append", default=[], metavar="来源", help="从现有来源里去掉")
    build.add_argument("--strict", action="store_true", help="有读不了的文件就算失败")
    articles = add("articles", _articles, "版面切分成的文章")
    articles.add_argument("sources", nargs="*", metavar="来源")
    articles.add_argument("--json", action="store_true")
    articles.add_argument("--report", action="store_true", help="修补和搁置了什么")
    text = add("text", _text, "读入的文字、报名、日期、版次、编码")
    text.add_argument("source")
    text.add_argument("--json", action="store_true")
    search = add("search", _search, "检索段落")
    search.add_argument("question")
    search.add_argument("--top-k", type=_positive, default=10)
    search.add_argument("--json", action="store_true")
    ask = add("ask", _ask, "提问")
    ask.add_argument("question")
    ask.add_argument("--json", action="store_true")
    batch = add("batch", _batch, "成批提问：IN.jsonl 到 OUT.jsonl")
    batch.add_argument("input", type=Path)
    batch.add_argument("output", type=Path)
    read = add("read", _read, "阅读 SQuAD 格式的文件，逐题给出答案")
    read.add_argument("input", type=Path)
    read.add_argument("output", type=Path)
    read.add_argument("--evidence", action="store_true")
    evaluate = add("evaluate", _evaluate, "用带答案的问题评测")
    evaluate.add_argument("questions", nargs="?", type=Path, help="默认 seeds/questions.jsonl")
    evaluate.add_argument("--squad", type=Path, help="SQuAD 格式的文件：逐段阅读，给出 EM 和 F1")
    evaluate.add_argument("--open", action="store_true", help="与 --squad 同用：全部上下文一起建索引再问")
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(wrong_usage=evaluate.error)
    add("info", _info, "索引里有什么").add_argument("--json", action="store_true")
    add("verify", _verify, "检查索引是否完好")
    add("rollback", _rollback, "退回上一代索引")
    add("ui", _ui, "打开问答页面").add_argument("--port", type=_port, default=None)
    return parser


def _positive(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 9 and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"应是 1 或更大的整数，收到 {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"应是 1 到 65535 的整数，收到 {text!r}")
    return int(text)


def _model(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("应是编码模型的名称或目录，收到的是空的")
    return text


def _print(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _root(options: argparse.Namespace) -> Path:
    from qa.index.generations import default_index_dir

    return options.index_dir if options.index_dir is not None else default_index_dir()


def _build(options: argparse.Namespace) -> int:
    from qa.index import build_index

    sources: list[str | Path] = list(options.sources)
    root = _root(options)
    if not sources and not options.add and not (root / "CURRENT").exists():
        if not SEEDS.is_dir():
            raise SourceError(f"没有给出来源，也没有找到 {SEEDS}；请运行 wenbao build 文件夹。")
        sources = [SEEDS]
    report = build_index(
        root,
        sources or None,
        add=options.add,
        remove=options.remove,
        model=options.model,
        strict=options.strict,
        progress=_progress,
    )
    for _, reason in report.failed:
        print(f"未读入：{reason}", file=sys.stderr)
    print(
        f"{report.generation}：{report.documents} 份文件，{report.articles} 篇文章，{report.passages} 个段落；"
        f"新编码 {report.embedded}，沿用 {report.reused}，不再有的文件 {len(report.dropped)}，未读入 {len(report.failed)}。"
    )
    return 0


_STAGES = {"read": "读入", "embed": "编码", "publish": "发布"}


def _progress(stage: str, done: int, total: int) -> None:
    if total and (done == total or sys.stderr.isatty()):
        print(f"{_STAGES[stage]} {done}/{total}", file=sys.stderr)


def _recorded(options: argparse.Namespace) -> list[str]:
    from qa.index.generations import read_current, read_manifest

    root = _root(options)
    return list(read_manifest(root, *read_current(root)).sources)


def _documents(sources: Sequence[str]) -> Iterator[Document]:
    """The documents of ``sources``; what cannot be read is said on stderr."""
    from qa.documents import list_files, read_documents

    for file in list_files(sources):
        try:
            reading = read_documents(file)
        except QAError as error:
            print(f"未读入：{error}", file=sys.stderr)
            continue
        for problem in reading.problems:
            print(f"未读入：{problem}", file=sys.stderr)
        yield from reading.documents


def _articles(options: argparse.Namespace) -> int:
    from qa.articles import split_articles

    read = 0
    for document in _documents(options.sources or _recorded(options)):
        layout = split_articles(document)
        read += 1
        if options.report:
            for record in [*(r.to_json() for r in layout.repairs), *(s.to_json() for s in layout.set_aside)]:
                _print({"source": document.source, **record})
            continue
        for article in layout.articles:
            if options.json:
                _print(article.to_json())
            else:
                print(
                    f"{article.id}\t{article.kind}\t{article.title}\t{'、'.join(article.byline)}\t{len(article.text)} 字"
                )
    return 0 if read else 1


def _text(options: argparse.Namespace) -> int:
    read = 0
    for document in _documents([options.source]):
        read += 1
        if options.json:
            record = asdict(document)
            _print(
                {
                    name: record[name]
                    for name in (
                        "source",
                        "text",
                        "newspaper",
                        "date",
                        "page",
                        "encoding",
                        "format",
                        "title",
                        "author",
                        "id",
                        "url",
                    )
                }
            )
        else:
            print(document.text)
    return 0 if read else 1


def _search(options: argparse.Namespace) -> int:
    from qa.retriever import Retriever

    for found in Retriever.open(_root(options), model=options.model).search(options.question, options.top_k):
        if options.json:
            _print(
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
                f"{found.rank}. [{found.score:.3f}] {found.article.title}（{found.source}）\n   {found.text}\n"
            )
    return 0


def _ask(options: argparse.Namespace) -> int:
    from qa.pipeline import QAPipeline

    reply = QAPipeline.open(_root(options), model=options.model).ask(options.question)
    if options.json:
        _print(reply.to_json())
        return 0
    print(f"答：{reply.answer.text}（把握 {reply.answer.score:.0%}）" if reply.answer else reply.reason)
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


def _batch(options: argparse.Namespace) -> int:
    from qa.chat import ChatSession
    from qa.pipeline import QAPipeline

    given, wanted = options.input, options.output
    if given.is_file() and wanted.is_file() and wanted.samefile(given):
        raise SourceError("输出不能写到输入文件里；请换一个文件名。")
    with reading(given) as lines, writing(wanted) as out:
        pipeline = QAPipeline.open(_root(options), model=options.model)
        chats: dict[str, ChatSession] = {}
        for done, (id, item) in enumerate(_batch_lines(lines), 1):
            out.write(json.dumps(_reply(pipeline, chats, id, item), ensure_ascii=False) + "\n")
            if done % 50 == 0:
                print(f"已答 {done}", file=sys.stderr)
    return 0


def _reply(pipeline: Any, chats: dict[str, Any], id: Any, item: dict[str, Any] | str) -> dict[str, Any]:
    from qa.chat import ChatSession

    if isinstance(item, str):
        return {"id": id, "error": item}
    try:
        conversation = item.get("conversation")
        if conversation is None:
            reply = pipeline.ask(item["question"], id=str(id))
        else:
            reply = chats.setdefault(str(conversation), ChatSession(pipeline)).ask(
                item["question"], id=str(id)
            )
    except QAError as error:
        return {"id": id, "error": str(error)}
    return {**reply.to_json(), "id": id}


def _read(options: argparse.Namespace) -> int:
    from qa.reader import load_reader
    from qa.squad import read_closed, squad_items

    items = squad_items(load_json(options.input), options.input)
    with writing(options.output) as out:
        answers: dict[str, Any] = {}
        for item, answer, evidence in read_closed(
            items, load_reader(), lambda d, t: print(f"已读 {d}/{t}", file=sys.stderr)
        ):
            answers[item.id] = {"answer": answer, "evidence": evidence} if options.evidence else answer
        out.write(json.dumps(answers, ensure_ascii=False, indent=1) + "\n")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    if options.squad is None and options.open:
        options.wrong_usage("--open 要与 --squad 文件 一起用")
    if options.squad is not None and options.questions is not None:
        options.wrong_usage("问题文件与 --squad 只能给一个")
    from qa.evaluation import evaluate, evaluate_squad, table
    from qa.pipeline import QAPipeline

    if options.squad is not None:
        figures = evaluate_squad(
            load_json(options.squad),
            options.squad,
            open_retrieval=options.open,
            model=options.model,
            progress=_evaluated,
        )
    else:
        path = options.questions or SEEDS / "questions.jsonl"
        if not path.exists():
            raise SourceError(f"没有找到“{path}”；请给出带答案的 JSONL 文件。")
        figures = evaluate(QAPipeline.open(_root(options), model=options.model), path, progress=_evaluated)
    if options.json:
        _print(figures)
    else:
        print(table(figures))
    return 0


def _evaluated(stage: str, done: int, total: int) -> None:
    """Progress of an evaluation: of its build as ``_progress``, of its questions every now and then."""
    name = {"read": "已读", "ask": "已问"}.get(stage)
    if name is None:
        _progress(stage, done, total)
    elif done == total or done % 50 == 0:
        print(f"{name} {done}/{total}", file=sys.stderr)


def _info(options: argparse.Namespace) -> int:
    from qa.index import open_index

    info = open_index(_root(options), model=options.model).info()
    if options.json:
        _print(info)
    else:
        for name, value in info.items():
            print(f"{name}\t{value}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from qa.index import verify_index

    problems = verify_index(_root(options))
    for problem in problems:
        print(problem, file=sys.stderr)
    print("索引有损坏；请运行 wenbao rollback 或 wenbao build。" if problems else "索引完好。")
    return 1 if problems else 0


def _rollback(options: argparse.Namespace) -> int:
    from qa.index import rollback

    print(f"已退回 {rollback(_root(options))}。")
    return 0


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ui(options: argparse.Namespace) -> int:
    root = _root(options)
    if not (root / "CURRENT").exists():
        raise IndexNotFoundError(f"在 {root} 没有索引；请先运行 wenbao build。")
    if options.port is not None and not _free(options.port):
        raise QAError(f"端口 {options.port} 已被占用；请用 --port 换一个。")
    port = options.port or next((p for p in range(PORT, PORT + 50) if _free(p)), None)
    if port is None:
        raise QAError(f"端口 {PORT} 到 {PORT + 49} 都被占用；请用 --port 指定一个。")
    flags = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "ui" / "app.py")]
    command += [f"--{name}={value}" for name, value in flags.items()]
    print(f"问报页面：http://127.0.0.1:{port}", flush=True)
    environment = {**os.environ, "WENBAO_INDEX_DIR": str(root.resolve()), "HF_HUB_OFFLINE": "1"}
    if options.model:
        environment["WENBAO_MODEL"] = options.model
    return subprocess.call(command, env=environment, stdout=sys.stderr)
