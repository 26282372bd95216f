"""ui.marking: what is shown is the text itself, escaped, marked by offsets; places carried over."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.datatypes import map_span
from ui.marking import block, group, marked, spans_within


class Reading(HTMLParser):
    """The text of a piece of HTML, each character with the tags and classes it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        classes = dict(attrs).get("class")
        self.open.append(f"{tag}.{classes}" if classes else tag)

    def handle_endtag(self, tag):
        assert self.open.pop().split(".")[0] == tag

    def handle_data(self, data):
        self.text += data
        self.inside += [" ".join(self.open)] * len(data)


def test_a_highlight_and_the_answer_in_it():
    assert marked("全长1280米的桥。", [(0, 9)], [(2, 7)]) == (
        '<mark>全长</mark><mark class="answer">1280米</mark><mark>的桥</mark>。'
    )


def test_nothing_is_marked_without_spans():
    assert marked("全长1280米。", [], []) == "全长1280米。"
    assert marked("", [], []) == ""


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><b>粗</b>',
        "' onmouseover='x",
        "&lt;b&gt; &amp; &#60;",
        "![](http://127.0.0.1/x.png) $x$ :red[红] _a_ ~b~ `c` [d](http://e)",
    ],
)
def test_hostile_text_is_text(text):
    made = block("wb-paper", text, [(0, 4)], [(1, 3)])
    read = Reading(made)
    assert read.text == text
    assert set(" ".join(read.inside).split()) <= {"div.wb-paper", "mark", "mark.answer"}
    assert "<script" not in made
    assert "<img" not in made


def test_a_mark_cut_inside_what_looks_like_markup_opens_none():
    for at in range(9):
        assert Reading(marked("<script>x", [(0, at)], [(at, 9)])).text == "<script>x"


def test_white_space_and_line_ends_stay():
    made = block("wb-paper", "甲  乙\n   \n　丙\n")
    assert "\n" not in made
    assert Reading(made).text == "甲  乙\n   \n　丙\n"


def test_group_keeps_the_blocks_and_their_order():
    read = Reading(group("wb-quote", block("wb-a", "甲"), block("wb-b", "<乙>")))
    assert read.text == "甲<乙>"
    assert read.inside[0] == "div.wb-quote div.wb-a"


SPANS = st.lists(st.tuples(st.integers(-3, 30), st.integers(-3, 30)), max_size=4)


@given(text=st.text(alphabet='甲乙<>&"\n a', max_size=25), highlights=SPANS, answers=SPANS)
def test_every_character_is_marked_as_its_offset_says(text, highlights, answers):
    read = Reading(marked(text, highlights, answers))
    assert read.text == text
    for place, inside in enumerate(read.inside):
        if any(a <= place < b for a, b in answers):
            assert inside == "mark.answer"
        elif any(a <= place < b for a, b in highlights):
            assert inside == "mark"
        else:
            assert inside == ""


def test_places_of_a_document_in_a_text_of_two_pieces():
    # The text is document[10:14] + document[20:25].
    spans = [(10, 14), (20, 25)]
    assert spans_within(spans, [(11, 13)]) == ((1, 3),)
    assert spans_within(spans, [(12, 22)]) == ((2, 6),)
    assert spans_within(spans, [(12, 14), (20, 21)]) == ((2, 5),)
    assert spans_within(spans, [(21, 22), (10, 11)]) == ((0, 1), (5, 6))
    assert spans_within(spans, [(14, 20), (25, 40)]) == ()
    assert spans_within(spans, []) == ()


@given(st.data())
def test_spans_within_turns_map_span_round(data):
    lengths = data.draw(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 5)), min_size=1, max_size=5))
    spans, at = [], 0
    for length, gap in lengths:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    size = sum(length for length, _ in lengths)
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    assert spans_within(spans, map_span(spans, start, end)) == ((start, end),)
