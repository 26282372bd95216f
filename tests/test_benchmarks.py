"""The parts of the benchmarks that decide what a figure means; the measuring itself is not a test."""

import gzip
import json
import time
from pathlib import Path

import pytest

from benchmarks import __main__ as runner
from benchmarks import commands, encoding, news
from benchmarks.environment import environment
from benchmarks.report import markdown
from benchmarks.timing import asked_between, in_turns, percentile
from benchmarks.unit import PASSAGES, TOKENS, Reference
from qa.index import open_index


def test_percentiles():
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert percentile([1.0], 0.95) == 1.0
    assert percentile([0.0, 10.0], 0.95) == pytest.approx(9.5)
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_works_are_timed_in_turns():
    order: list[str] = []
    times = in_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
    assert order == ["a", "b"] * 3  # once to warm up
    assert {name: len(own) for name, own in times.items()} == {"a": 2, "b": 2}


def test_the_unit_is_taken_between_the_questions():
    order: list[str] = []
    work = [lambda: order.append("q"), lambda: time.sleep(0.02), lambda: order.append("q")]
    times, unit = asked_between(work, lambda: order.append("u"), 2, 2)
    assert order == ["u", "q", "u", "q"] * 2
    assert len(times) == 3
    assert times[1] >= 0.02 > unit


def test_the_unit_is_eight_passages_of_230_tokens():
    reference = Reference()
    assert len(reference._eight) == PASSAGES
    assert {reference.tokens(text) for text in reference._eight} == {TOKENS}
    with pytest.raises(ValueError, match="too short"):
        reference.cut("太短的文字。")
    assert reference.encode(["甲"]).shape == (1, 384)


def test_the_texts_that_are_encoded_are_those_of_the_seeds():
    texts = encoding.seed_texts()
    assert len(texts) > 100
    assert all(text.strip() for text in texts)


def test_the_table_shows_the_bar_of_the_processor():
    figures = {"ask": {"ask_p50_u": 0.5}, "encode": {"same_first_passage": 1.0}}
    assert "| ask, p50, U | 0.50 | ≤ 0.45 |" in markdown(figures, True)
    assert "| ask, p50, U | 0.50 | ≤ 0.7 |" in markdown(figures, False)
    assert "| same first passage | 100.0% | ≥ 99 % |" in markdown(figures, False)
    assert "news" not in markdown(figures, True)


def test_where_it_was_measured():
    where = environment(2)
    assert where["versions"]["torch"]
    assert where["processor"]
    assert where["threads"] == 2


def sample(path: Path, *lines: str) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    return path


def test_articles_of_a_sample_are_files_with_their_date(tmp_path):
    file = sample(
        tmp_path / "n.txt.gz",
        "2023-08-16 18:24:57，正文：望潮港新开三条航线。",
        "，正文： \t青石岭通水，正文如下。",
        "没有标记的一行，也是文章。",
        "",
    )
    assert list(news.articles(file)) == [
        "---\ndate: 2023-08-16\n---\n望潮港新开三条航线。\n",
        "青石岭通水，正文如下。\n",
        "没有标记的一行，也是文章。\n",
    ]
    with pytest.raises(FileNotFoundError, match="--news-file"):
        next(news.articles(tmp_path / "none.gz"))


def test_known_items_are_words_of_a_sentence_of_the_index(small_index):
    index = open_index(small_index)
    items = news.known_items(index, 5)
    assert items
    assert items == news.known_items(index, 5)
    for question, sentence in items:
        assert len(question.split()) == news.WORDS
        assert all(word in sentence for word in question.split())
        assert len(sentence) >= 20


def test_without_the_sample_it_stops_with_a_sentence(tmp_path, capsys):
    assert runner.main(["--only", "--news", "--news-file", str(tmp_path / "none.gz")]) == 1
    assert "--news-file" in capsys.readouterr().err


def test_the_runner_writes_the_figures_with_what_they_depend_on(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(commands, "measure", lambda threads, rounds: {"help_s": 0.1 * threads * rounds})
    words = ["--only", "commands", "--rounds", "1", "--name", "t", "--results", str(tmp_path)]
    assert runner.main(words) == 0
    record = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert record["figures"] == {"commands": {"help_s": 0.2}}
    assert record["command"] == "python -m benchmarks " + " ".join(words)
    assert {"commit", "versions", "processor", "threads", "load_average"} <= set(record)
    assert "| wenbao --help, s | 0.20 | ≤ 0.5 |" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--only"], ["--rounds", "0"], ["--only", "x"]])
def test_wrong_usage(words):
    with pytest.raises(SystemExit) as stopped:
        runner.main(words)
    assert stopped.value.code == 2
