"""Clean articles from a news sample: a line is ``time，正文：text``, gzip or plain."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

_TIME = re.compile(r"^.*?，正文：")
_HEAD = re.compile(r"^\s*\d{4}-\d\d-\d\d[^，]*，正文：")
_TAIL = re.compile(
    r"(?:广告声明|责任编辑|编辑[:：]|来源[:：]|原标题|特别声明|免责声明|版权声明|校对[:：]|转载请注明|版权所有).*$"
)
_LEAD = re.compile(r"^.{0,40}?(?:消息，|[讯电]\s|电（[^）]*）|报道，)")
_SENTENCE = re.compile(r".+?[。！？!?]+[”’」』）)】]*")
SHORTEST, LONGEST = 200, 1200


def read_corpus(path: Path, wanted: Callable[[str], bool] = bool) -> list[list[str]]:
    """The articles whose text is ``wanted``, each as its sentences.

    Raises FileNotFoundError or ValueError with a Chinese sentence.
    """
    if not path.is_file():
        raise FileNotFoundError(f"没有找到新闻样本 {path}；请用 --news-file 指出它。")
    data = path.read_bytes()
    try:
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"{path} 读不出文字；应是 UTF-8 文本或它的 gzip 压缩，一行一篇。") from error
    found = [
        sentences
        for line in text.splitlines()
        if wanted(_TIME.sub("", line.strip())) and (sentences := clean(line))
    ]
    if len(found) < 30:
        raise ValueError(f"{path} 里只有 {len(found)} 篇可用的新闻，至少要 30 篇；请换一个新闻样本。")
    return found


def clean(line: str) -> list[str]:
    """The sentences of an article without furniture, runs of blanks and its lead; none where little is left."""
    text = _TAIL.sub("", _HEAD.sub("", line.strip()).rpartition("正文：")[2])
    text = _LEAD.sub("", re.sub(r"\s+", "", text))
    text = re.sub(r"。{2,}", "。", text).lstrip("，。、；：）)】 ")
    sentences: list[str] = []
    seen: set[str] = set()
    size = 0
    for sentence in _SENTENCE.findall(text):
        # A sentence that stands twice in one article would be a repeat that nobody planned.
        if sentence in seen or len(sentence) < 8 or len(sentence) > 220:
            continue
        if sentence.count("“") != sentence.count("”") or sentence.count("（") != sentence.count("）"):
            continue
        seen.add(sentence)
        sentences.append(sentence)
        size += len(sentence)
        if size > LONGEST:
            break
    return sentences if size >= SHORTEST and len(sentences) >= 4 else []
