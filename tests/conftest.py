"""Shared parts: a small invented archive with its index, the real encoder and reader, loaded once for all.

The index that ``small_index`` names is read by many tests; a test that changes an index takes a copy of it,
``own_index``.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import load_encoder
from embeddings.encoder import Progress, Vectors
from qa.index import build_index

WATER = """云川日报 2021年5月18日 第03版

引水入川 润泽百村

本报记者 陆文渊

本报讯 5月17日，云川市青石岭引水工程正式通水。工程总投资3.6亿元，铺设管道128.5公里，\
惠及117个行政村、21.4万人。

市水务局局长郝明轩介绍，工程于2018年9月开工，历时两年零八个月。“过去吃水靠挑，现在拧开龙头就有。”\
家住青石岭村的韩桂兰说。

据了解，工程建成后，沿线村庄的自来水普及率由61%提高到98%，每年可节约运水费用430万元。

老粮库变身图书馆

本报记者 沈若溪

本报讯 5月16日，由旧粮库改造的云川市城南图书馆开馆迎客。馆内藏书12万册，设阅览座位860个，全年免费开放。

馆长谭立秋表示，图书馆每晚开放到21时，周一闭馆整理。首日接待读者3200人次。
"""

HARBOUR = """# 海宁晚报

## 望潮港前四月吞吐量创新高

本报讯 记者曹砚秋报道 今年前四月，望潮港完成货物吞吐量2860万吨，同比增长14.2%；\
集装箱吞吐量41万标箱，同比增长9.8%。

望潮港集团董事长薛北辰说，增长主要来自新开通的三条近洋航线。新航线分别通往釜山、大阪和海防。

## 渔民合作社养出“黄金蟹”

本报讯 记者罗小满报道 滨海镇蟹湾村渔民合作社今年养殖梭子蟹1500亩，预计产值4200万元。\
合作社理事长戴阿海介绍，每亩收入比去年多了6000元。
"""

FOREST = """---
title: 护林三十载 青山不负人
author: 林见秋
date: Tue, 12 Apr 2022 08:00:00 GMT
---
<div><h1>护林三十载 青山不负人</h1>
<p>在 鹿鸣山 林场，护林员 韦长青 已经守了 31 年山。他每天巡山 20 公里，磨破了 60 多双胶鞋。</p>
<p>2019 年 3 月，韦长青在巡山时发现 7 只白鹇。&ldquo;那是这里 40 年来头一回看到。&rdquo;他说。</p>
<p>如今，林场的森林覆盖率由 48% 提高到 91.3%，成为省级自然保护区。</p></div>
"""

SCHOOL = """山城教育报

乡村学校办起气象站

本报讯 记者贺知秋报道 柳溪镇中心小学去年建起全县第一座校园气象站，42名学生轮流担任观测员。

校长朱镕光介绍，气象站投入18万元，由县气象局捐赠设备。\
学生每天上午8时和下午2时各观测一次，数据上传县气象局。
"""

DOCUMENTS = {
    "云川日报/2021-05-18/03版.txt": WATER.encode(),
    "海宁晚报.md": HARBOUR.encode(),
    "护林.html": FOREST.encode(),
    "山城教育报.txt": SCHOOL.encode("gb18030"),
}


class CountingEncoder:
    """The real encoder; it notes what it is asked to embed, and computes the vector of a text once."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.name: str = inner.name
        self.dim: int = inner.dim
        self.fingerprint: str = inner.fingerprint
        self.embedded: list[str] = []
        self._known: dict[tuple[str, str], Vectors] = {}

    def _remembered(self, kind: str, texts: Sequence[str], encode: Any) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if (kind, text) not in self._known]
        if new:
            self._known.update(((kind, text), row) for text, row in zip(new, encode(new), strict=True))
        rows = [self._known[kind, text] for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dim), np.float32)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._remembered("query", texts, self.inner.encode_queries)

    def encode_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        self.embedded += texts
        out = self._remembered("passage", texts, self.inner.encode_passages)
        if progress is not None:
            progress(len(texts), len(texts))
        return out


def write_archive(root: Path, documents: dict[str, bytes] | None = None) -> Path:
    """The invented documents (or those given), as files below ``root``."""
    for name, data in (DOCUMENTS if documents is None else documents).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


@pytest.fixture(scope="session")
def real_encoder():
    return load_encoder()


@pytest.fixture(scope="session")
def _remembering(real_encoder):
    return CountingEncoder(real_encoder)


@pytest.fixture
def encoder(_remembering):
    """The real encoder, counting from nothing."""
    _remembering.embedded.clear()
    return _remembering


@pytest.fixture(scope="session")
def small_archive(tmp_path_factory):
    """The folder of the invented documents; not to be changed."""
    return write_archive(tmp_path_factory.mktemp("archive") / "报纸")


@pytest.fixture(scope="session")
def small_index(tmp_path_factory, small_archive, _remembering):
    """The index of the invented documents; not to be changed."""
    root = tmp_path_factory.mktemp("index") / "index"
    report = build_index(root, [small_archive], encoder=_remembering)
    assert (report.documents, report.failed) == (4, ())
    return root


@pytest.fixture
def archive(tmp_path):
    """A folder of the invented documents of the test's own."""
    return write_archive(tmp_path / "报纸")


@pytest.fixture
def own_index(tmp_path, small_index):
    """A copy of the index for the test to change; its recorded source is ``small_archive``."""
    return shutil.copytree(small_index, tmp_path / "own-index")


@pytest.fixture(scope="session")
def small_pipeline(small_index):
    from qa import QAPipeline

    return QAPipeline.open(small_index)
