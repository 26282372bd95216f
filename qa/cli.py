"""The command line: thin callers of the library. Results on stdout, progress and warnings on stderr.

Exit status: 0 done, 1 with one sentence about what is wrong, 2 wrong usage (argparse).
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from qa.commands import archive, asking, measuring, page
from qa.errors import QAError

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

    build = add("build", archive.build, "建索引：读入文件或文件夹，发布新的一代")
    build.add_argument("sources", nargs="*", metavar="来源")
    build.add_argument("--add", action="append", default=[], metavar="来源", help="在现有来源之外加上")
    build.add_argument("--remove", action="append", default=[], metavar="来源", help="从现有来源里去掉")
    build.add_argument("--strict", action="store_true", help="有读不了的文件就算失败")
    articles = add("articles", archive.articles, "版面切分成的文章")
    articles.add_argument("sources", nargs="*", metavar="来源")
    articles.add_argument("--json", action="store_true")
    articles.add_argument("--report", action="store_true", help="修补和搁置了什么")
    text = add("text", archive.text, "读入的文字、报名、日期、版次、编码")
    text.add_argument("source")
    text.add_argument("--json", action="store_true")

    def narrowed(made: argparse.ArgumentParser) -> None:
        made.add_argument("--source", action="append", metavar="文件", help="只查这份文件（可以多次给出）")
        made.add_argument("--newspaper", action="append", metavar="报纸", help="只查这份报纸（可以多次给出）")
        made.add_argument(
            "--from", dest="date_from", metavar="日期", help="从这天起：2023-10-11、2023-10 或 2023"
        )
        made.add_argument("--to", dest="date_to", metavar="日期", help="到这天止")

    search = add("search", asking.search, "检索段落")
    narrowed(search)
    search.add_argument("question")
    search.add_argument("--top-k", type=_positive, default=10)
    search.add_argument("--json", action="store_true")
    ask = add("ask", asking.ask, "提问")
    ask.add_argument("question")
    narrowed(ask)
    ask.add_argument("--json", action="store_true")
    batch = add("batch", asking.batch, "成批提问：IN.jsonl 到 OUT.jsonl")
    narrowed(batch)
    batch.add_argument("input", type=Path)
    batch.add_argument("output", type=Path)
    read = add("read", measuring.read, "阅读 SQuAD 格式的文件，逐题给出答案")
    read.add_argument("input", type=Path)
    read.add_argument("output", type=Path)
    read.add_argument("--evidence", action="store_true")
    evaluate = add("evaluate", measuring.evaluate, "用带答案的问题评测")
    evaluate.add_argument("questions", nargs="?", type=Path, help="默认 seeds/questions.jsonl")
    evaluate.add_argument("--squad", type=Path, help="SQuAD 格式的文件：逐段阅读，给出 EM 和 F1")
    evaluate.add_argument("--open", action="store_true", help="与 --squad 同用：全部上下文一起建索引再问")
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(wrong_usage=evaluate.error)
    add("info", archive.info, "索引里有什么").add_argument("--json", action="store_true")
    add("verify", archive.verify, "检查索引是否完好")
    add("rollback", archive.rollback, "退回上一代索引")
    add("ui", page.ui, "打开问答页面").add_argument("--port", type=_port, default=None)
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
