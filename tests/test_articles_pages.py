"""The made pages: their truth matches the page, a seed makes them again, and reading them loses nothing."""

import gzip
import random
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.pages import __main__ as runner
from benchmarks.pages.corpus import clean, read_corpus
from benchmarks.pages.scoring import Tally, score
from benchmarks.pages.troubles import TROUBLES, make_page

_WHO = "市水务局 县农业农村局 老城区街道 港务集团 第二实验小学 山区林场 公交公司 城北社区 省地质院 渔业合作社".split()
_WHAT = (
    "完成了{n}公里管道的检修",
    "新建了{n}座小型泵站",
    "组织{n}名志愿者清理河岸",
    "把{n}亩坡地改成了果园",
    "为{n}户居民换上了新水表",
    "登记了{n}处需要修缮的老屋",
    "向{n}名学生开放了实验室",
)
_TURN = "去年秋天 今年以来 上个月 经过半年施工 在专家指导下 根据居民的建议 连续三天".split()


def invented(count: int, seed: int = 1) -> list[list[str]]:
    """Articles of sentences made from the three lists above, none twice in an article."""
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        sentences: list[str] = []
        for _ in range(rng.randint(8, 14)):
            first, second = (rng.choice(_WHAT).format(n=rng.randint(11, 9999)) for _ in range(2))
            sentences.append(
                f"{rng.choice(_TURN)}，{rng.choice(_WHO)}{first}，{rng.choice(_WHO)}还{second}。"
            )
        out.append(sentences)
    return out


@pytest.fixture(scope="module")
def corpus() -> list[list[str]]:
    return invented(60)


@pytest.mark.parametrize("name", [*TROUBLES, "all"])
def test_the_truth_lies_on_the_page_and_a_seed_makes_it_again(corpus: list[list[str]], name: str) -> None:
    troubles = [*TROUBLES] if name == "all" else [name]
    page = make_page(corpus, random.Random(3), troubles)
    assert page.text == make_page(corpus, random.Random(3), troubles).text
    assert page.text != make_page(corpus, random.Random(4), troubles).text
    at = 0
    for piece in page.pieces:
        a, b = piece.span
        assert a >= at
        assert page.text[a:b].replace("\n", "") == piece.text
        assert not page.text[at:a].strip()
        at = b
    assert not page.text[at:].strip()
    assert {piece.owner for piece in page.pieces} - {-1} == set(range(len(page.stories)))


def test_each_trouble_shows_on_the_page(corpus: list[list[str]]) -> None:
    def pieces(name: str) -> list:
        rng = random.Random(5)
        return [piece for _ in range(10) for piece in make_page(corpus, rng, [name]).pieces]

    assert any(p.joins for p in pieces("broken"))
    assert any(p.repeat for p in pieces("repeats"))
    assert {"kicker", "label", "subtitle", "caption", "credit"} <= {p.role for p in pieces("furnished")}
    assert any(p.role == "subhead" for p in pieces("sidebars"))
    assert any(p.owner == -1 for p in pieces("clutter"))
    assert any(len(p.lines) > 3 for p in pieces("wrapped"))
    assert any("上接" in p.text for p in pieces("continued"))
    assert any("," in p.text for p in pieces("punctuated"))
    moved = pieces("moved")
    assert any(a.joins and not b.joins and a.place == b.place for a, b in pairwise(moved))


def test_nothing_is_lost_over_some_hundred_pages(corpus: list[list[str]]) -> None:
    rng, tally = random.Random(11), Tally()
    for name in [*TROUBLES, "all", "all", "all"]:
        for _ in range(15):
            score(make_page(corpus, rng, [*TROUBLES] if name == "all" else [name]), tally)
    figures = tally.figures()
    assert figures["pages"] == 15 * (len(TROUBLES) + 3)
    assert figures["lost"] == 0


def test_a_plain_page_is_read_as_it_was_made(corpus: list[list[str]]) -> None:
    rng, tally = random.Random(2), Tally()
    for _ in range(20):
        score(make_page(corpus, rng, []), tally)
    figures = tally.figures()
    assert figures["boundaries"] >= 0.98
    assert figures["titles"] >= 0.97
    assert figures["bylines"] >= 0.95
    assert figures["wrong_joins"] == 0
    assert figures["order"] == 1


def test_an_article_of_the_sample_is_cleaned() -> None:
    body = "市水务局完成了 12 公里管道的检修，还新建了两座泵站。" + "".join(
        f"第{n}个村子的居民从此用上了自来水，比过去省去许多力气。" for n in range(9)
    )
    sentences = clean(f"2023-08-16 18:24:57，正文：某某社8月16日消息，{body}责任编辑：张三")
    assert sentences[0] == "市水务局完成了12公里管道的检修，还新建了两座泵站。"
    assert len(sentences) == 10
    assert clean("2023-08-16 18:24:57，正文：太短。") == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["--news-file", str(tmp_path / "没有.gz")]) == 1
    assert "没有找到新闻样本" in capsys.readouterr().err
    (tmp_path / "坏.gz").write_bytes(b"\x1f\x8b\x00")
    assert runner.main(["--news-file", str(tmp_path / "坏.gz")]) == 1
    assert "读不出文字" in capsys.readouterr().err
    sample = tmp_path / "news.gz"
    sample.write_bytes(gzip.compress("\n".join("".join(s) for s in invented(40)).encode()))
    assert len(read_corpus(sample)) == 40
    assert runner.main(["--news-file", str(sample), "--pages", "2", "--only", "none", "broken"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown] == ["trouble", "none", "broken"]
