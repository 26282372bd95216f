"""From hand-made logits to spans: chosen jointly, in the text, never through a number, word or bracket."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.reader import best_spans
from qa.reader.decoding import tidy_span


def logits(text, start, end):
    """One token a character; the start of ``start`` and the end of ``end`` score highest."""
    starts, ends = np.zeros(len(text), np.float32), np.zeros(len(text), np.float32)
    starts[text.index(start)] = 5
    ends[text.index(end) + len(end) - 1] = 5
    return starts, ends, [(n, n + 1) for n in range(len(text))]


def best(text, start, end, **options):
    spans = best_spans(*logits(text, start, end), text, **options)
    return text[spans[0].start : spans[0].end]


@pytest.mark.parametrize(
    ("text", "start", "end", "answer"),
    [
        ("市长郝明轩说，工程已完工。", "郝", "轩", "郝明轩"),
        ("总投资3.6亿元，历时两年。", "3.6", "3.6", "3.6亿元"),
        ("覆盖率达到69%。", "69", "69", "69%"),
        ("工程于2018年9月12日开工。", "2018", "9月", "2018年9月12日"),
        ("共有读者1,200人次到馆。", "1,200", "人", "1,200人次"),
        ("他著有《山河》一书。", "山河", "山河", "山河"),
        ("他著有《山河》一书。", "《", "山河", "《山河》"),
        ("获“先进集体”称号。", "先进", "”", "“先进集体”"),
        ("他说，明天见。", "，", "。", "明天见"),
    ],
)
def test_spans_are_whole(text, start, end, answer):
    assert best(text, start, end) == answer


def test_start_and_end_are_chosen_together():
    """The best end stands before the best start: the best pair is another."""
    text = "甲乙丙丁戊己"
    starts = np.array([3, 0, 0, 0, 9, 0], np.float32)
    ends = np.array([0, 8, 0, 0, 0, 1], np.float32)
    offsets = [(n, n + 1) for n in range(6)]
    first, second, *_ = best_spans(starts, ends, offsets, text)
    assert (first.start, first.end, first.score) == (0, 2, 11.0)  # not (4, 2)
    assert (second.start, second.end, second.score) == (4, 6, 10.0)


def test_no_two_spans_overlap_and_the_best_comes_first():
    rng = np.random.default_rng(4)
    text = "甲乙丙丁戊己庚辛壬癸" * 4
    offsets = [(n, n + 1) for n in range(len(text))]
    spans = best_spans(rng.normal(size=40), rng.normal(size=40), offsets, text, top_k=8)
    assert len(spans) == 8
    assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)
    taken = [n for span in spans for n in range(span.start, span.end)]
    assert len(taken) == len(set(taken))


def test_length_and_count_are_bounded():
    text = "字" * 300
    starts, ends = np.zeros(300, np.float32), np.zeros(300, np.float32)
    starts[0], ends[299] = 9, 9
    offsets = [(n, n + 1) for n in range(300)]
    spans = best_spans(starts, ends, offsets, text, top_k=3, max_chars=20)
    assert 0 < len(spans) <= 3
    assert all(span.end - span.start <= 20 for span in spans)


def test_nothing_to_read_and_lengths_that_differ():
    nothing = np.empty(0, np.float32)
    assert best_spans(nothing, nothing, [], "") == []
    assert best_spans(np.ones(2), np.ones(2), [(0, 1), (1, 2)], "。！") == []
    with pytest.raises(ValueError, match="2 starts, 1 ends, 2 offsets"):
        best_spans(np.ones(2), np.ones(1), [(0, 1), (1, 2)], "甲乙")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("共有2014年", 3, 4), ("在GitHub上", 2, 4), ("用3.14算", 3, 5), ("有1,200人", 1, 2)],
)
def test_what_starts_or_ends_inside_a_number_or_word_is_none_or_whole(text, start, end):
    span = tidy_span(text, start, end)
    assert span is None or not (cuts_word(text, span[0]) or cuts_word(text, span[1]))


def cuts_word(text, at):
    """Whether ``at`` stands between two letters or digits, or beside the point of a number."""
    if not 0 < at < len(text):
        return False
    pair = text[at - 1] + text[at]
    if pair.isascii() and pair.isalnum():
        return True
    around = text[max(at - 2, 0) : at + 2]
    return (pair[0] in ".," and around[0].isdigit() and pair[1].isdigit() and at >= 2) or (
        pair[1] in ".," and pair[0].isdigit() and text[at + 1 : at + 2].isdigit()
    )


PAIRS = {"“": "”", "（": "）", "(": ")", "《": "》", "‘": "’", "「": "」"}
WORDS = st.sampled_from(
    [
        *"甲乙丙丁万元年月日，。；：、“”（）《》‘’「」()·%",
        "3.6",
        "1,200",
        "2018",
        "GDP",
        "5G",
        "WTO",
        "10",
        " ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=30), st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_every_span_is_a_whole_piece_of_the_text(pieces, seed, width):
    text = "".join(pieces)
    offsets = [(n, min(n + width, len(text))) for n in range(0, len(text), width)]
    rng = np.random.default_rng(seed)
    count = len(offsets)
    spans = best_spans(
        rng.normal(size=count).astype(np.float32), rng.normal(size=count).astype(np.float32), offsets, text
    )
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        answer = text[span.start : span.end]
        assert not cuts_word(text, span.start)
        assert not cuts_word(text, span.end)
        assert answer[0] not in "，。；：、 "
        waiting = []
        for char in answer:
            if char in PAIRS:
                waiting.append(PAIRS[char])
            elif char in PAIRS.values():
                assert waiting.pop() == char
        assert waiting == []
    taken = [n for span in spans for n in range(span.start, span.end)]
    assert len(taken) == len(set(taken))


def test_no_span_goes_over_a_line_end():
    text = "港口扩建\n渔民转产"
    offsets = [(n, n + 1) for n in range(len(text))]
    starts, ends = np.full(9, -5.0, np.float32), np.full(9, -5.0, np.float32)
    starts[2], ends[6], ends[3] = 5.0, 5.0, 4.0
    best = best_spans(starts, ends, offsets, text)
    assert text[best[0].start : best[0].end] == "扩建"
    assert all("\n" not in text[span.start : span.end] for span in best)
