"""The ten pages laid out by hand: their annotations stand on the pages, and the reader keeps every character."""

import re

import pytest

from benchmarks.pages import __main__ as runner
from benchmarks.pages import handmade
from qa.articles import split_articles

PAGES = handmade.pages()


def test_there_are_ten_pages_of_the_right_size():
    assert [page["page"] for page in PAGES] == [f"{k:02}.txt" for k in range(1, 11)]
    for page in PAGES:
        assert 700 <= len(handmade.bare((handmade.FOLDER / page["page"]).read_text("utf-8"))) <= 1600


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["page"])
def test_annotations_stand_on_the_page_once(page):
    raw = (handmade.FOLDER / page["page"]).read_text("utf-8")
    text = handmade.bare(re.sub(r"<[^>]+>", "", raw))
    last = -1
    for article in page["articles"]:
        assert text.count(article["begins"]) == text.count(article["ends"]) == 1
        begin, end = text.index(article["begins"]), text.index(article["ends"]) + len(article["ends"])
        assert last < begin < end
        last = begin
        for head in (article["title"], article["kicker"], article["subtitle"]):
            assert handmade.bare(head) in text
        for name in article["byline"]:
            assert name in text
        for first, second in article["joins"]:
            assert text.count(first) == text.count(second) == 1
            assert begin < text.index(first) < text.index(second) < end
    for line in page["furniture"]:
        assert handmade.bare(line) in handmade.bare(raw)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["page"])
def test_no_character_is_lost(page):
    """Every one stands in an article or among what was set aside, which the report lists."""
    document = handmade.document(page)
    layout = split_articles(document)
    spans = [s for item in layout.set_aside for s in item.spans]
    spans += [s for a in layout.articles for s in (*a.headline_spans, *a.spans)]
    spans += [s for a in layout.articles for p in a.parts for s in p.spans]
    seen = set().union(*(range(a, b) for a, b in spans))
    assert not [c for i, c in enumerate(document.text) if i not in seen and not c.isspace()]


def test_the_command_prints_a_row_for_each_page_and_one_for_all(capsys):
    assert runner.main(["--handmade"]) == 0
    rows = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert rows[:12] == ["page", *(page["page"] for page in PAGES), "all"]
