"""The pages laid out by hand: the annotation fits the pages, nothing of them is lost, most is read rightly."""

from collections import Counter

import pytest

from benchmarks.pages.__main__ import main
from benchmarks.pages.handmade import annotated, bare, counts

PAGES = list(annotated())


def test_there_are_ten():
    assert len(PAGES) == 10
    assert sum(len(articles) for _, _, articles, _ in PAGES) >= 25


@pytest.mark.parametrize(
    ("text", "articles", "furniture"), [page[1:] for page in PAGES], ids=[p[0] for p in PAGES]
)
def test_the_annotation_stands_on_the_page(text, articles, furniture):
    page = bare(text)
    for article in articles:
        for given in (
            article["title"],
            article["kicker"],
            article["subtitle"],
            article["begins"],
            article["ends"],
        ):
            assert bare(given or "") in page
        for halves in article["joins"]:
            assert len(halves) == 2
            assert all(bare(half) in page for half in halves)
        for name in article["byline"]:
            assert name in page
    assert all(bare(line) in page for line in furniture)


def test_what_is_read_of_them():
    found: Counter[str] = Counter()
    for _, text, articles, _ in PAGES:
        found.update(counts(text, articles))
    assert found["lost"] == 0
    # Half of the headlines are read rightly (15 of 32), most cuts are (28 of 31): no worse than that.
    assert found["titles"] >= 15
    assert found["whole"] <= found["titles"] <= found["articles"]
    assert 28 <= found["joined"] <= found["cuts"]


def test_a_page_that_is_read_wrongly_counts_less():
    _, text, articles, _ = PAGES[0]
    right = counts(text, articles)
    wrong = counts(
        text, [{**article, "title": "别的题目", "joins": [["某某", "某某"]]} for article in articles]
    )
    assert right["titles"] > 0
    assert (wrong["titles"], wrong["whole"], wrong["joined"]) == (0, 0, 0)


def test_the_command(capsys):
    assert main(["--handmade"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["page", *(name for name, *_ in PAGES), "all"]
