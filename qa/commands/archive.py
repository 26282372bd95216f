"""Commands about the archive: build, text, articles, info, verify, rollback."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from qa.commands.common import SEEDS, index_root, print_json, progress
from qa.errors import QAError, SourceError

if TYPE_CHECKING:
    from qa.datatypes import Article, Document


def build(options: argparse.Namespace) -> int:
    from qa.index import build_index

    sources: list[str | Path] = list(options.sources)
    root = index_root(options)
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
        progress=progress,
    )
    for _, reason in report.failed:
        print(f"未读入：{reason}", file=sys.stderr)
    print(
        f"{report.generation}：{report.documents} 份文件，{report.articles} 篇文章，{report.passages} 个段落；"
        f"新编码 {report.embedded}，沿用 {report.reused}，不再有的文件 {len(report.dropped)}，未读入 {len(report.failed)}。"
    )
    return 0


def _recorded(options: argparse.Namespace) -> list[str]:
    from qa.index.generations import read_current, read_manifest

    root = index_root(options)
    return list(read_manifest(root, *read_current(root)).sources)


def documents_of(sources: Sequence[str]) -> Iterator[Document]:
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


def articles(options: argparse.Namespace) -> int:
    from qa.articles import linked, split_articles

    read = 0
    found: list[Article] = []
    for document in documents_of(options.sources or _recorded(options)):
        layout = split_articles(document)
        read += 1
        found += layout.articles
        if options.report:
            for record in [*(r.to_json() for r in layout.repairs), *(s.to_json() for s in layout.set_aside)]:
                print_json({"source": document.source, **record})
    for article in linked(found) if not options.report else ():
        if options.json:
            print_json(article.to_json())
        else:
            print(
                f"{article.id}\t{article.kind}\t{article.title}\t{'、'.join(article.byline)}\t{len(article.text)} 字"
            )
    return 0 if read else 1


def text(options: argparse.Namespace) -> int:
    read = 0
    for document in documents_of([options.source]):
        read += 1
        if options.json:
            record = asdict(document)
            print_json(
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


def info(options: argparse.Namespace) -> int:
    from qa.index import open_index

    info = open_index(index_root(options), model=options.model).info()
    if options.json:
        print_json(info)
    else:
        for name, value in info.items():
            print(f"{name}\t{value}")
    return 0


def verify(options: argparse.Namespace) -> int:
    from qa.index import verify_index

    problems = verify_index(index_root(options))
    for problem in problems:
        print(problem, file=sys.stderr)
    print("索引有损坏；请运行 wenbao rollback 或 wenbao build。" if problems else "索引完好。")
    return 1 if problems else 0


def rollback(options: argparse.Namespace) -> int:
    from qa.index import rollback

    print(f"已退回 {rollback(index_root(options))}。")
    return 0
