"""Articles to passages: every character in its place, cuts at sentence ends, a bound on length."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.articles import split_articles
from qa.datatypes import Article, Part, map_span, slice_spans
from qa.documents import document_of
from qa.passages import LONGEST, LONGEST_SENTENCE, context_of, sentence_spans, split_passages

PIECES = st.sampled_from(
    [
        "市长介绍了情况",
        "全年产量1.1吨",
        "同比增长12.5%",
        "共计1,200人",
        "“好。很好！”他说",
        "“我们到了，就在这里。”",
        "（详见第三版。）",
        "《新路！》出版",
        "他问：“来不来？”",
        "参观者有老人、孩子",
        "网址是a.b.com",
        "价格为3.6亿元",
        "大家都笑了……",
        "‘真的？’",
        "“没有合上的引号",
        "只有右半个”",
    ]
)
MARKS = st.sampled_from(["。", "！", "？", "；", "，", "……", "，", "、"])
PARAGRAPHS = st.lists(
    st.lists(st.tuples(PIECES, MARKS), min_size=1, max_size=40).map(
        lambda pairs: "".join(word + mark for word, mark in pairs)
    ),
    min_size=1,
    max_size=6,
)


def sentences(text):
    return [text[a:b] for a, b in sentence_spans(text)]


def article_of(paragraphs, subheads=()):
    """An article whose body lies in a document with two characters before and a blank line between."""
    text = "页眉\n" + "\n".join(paragraphs)
    parts, spans, at = [], [], 3
    for number, paragraph in enumerate(paragraphs):
        spans.append((at, at + len(paragraph) + (number < len(paragraphs) - 1)))
        role = "subhead" if number in subheads else "paragraph"
        parts.append(Part(role, paragraph, ((at, at + len(paragraph)),)))
        at += len(paragraph) + 1
    body = "\n".join(paragraphs)
    return text, Article(
        id="a.txt#1",
        source="a.txt",
        title="标题",
        text=body,
        spans=tuple(spans),
        kind="news",
        parts=tuple(parts),
    )


class TestSentences:
    @pytest.mark.parametrize(
        "expected",
        [
            ["甲到了。", "乙走了！", "丙呢？", "丁"],
            ["产量为1.1吨，比上年多0.3吨。", "单价3.50元。"],
            ["他说：“好。很好！我们再来。”随后离开。", "门关了。"],
            ["“一切就绪。”", "“出发！”"],
            ["“一切就绪。”他说，“出发！”"],
            ["会议通过了决定（见第二版。共三项），随后闭幕。", "散会。"],
            ["山高水长……", "他不再说话。"],
            ["“这么多……”他叹道。", "“是啊。”"],
            ["《谁来救救我？》一书出版。", "读者踊跃。"],
            ["第一行没有句号\n", "第二行。"],
            ["邮箱是a.b@c.com，网址www.d.cn/?x=1!y。", "完。"],
            ["真的吗？！", "真的！！！", "好。"],
            ["他问“来不来？”，没有人答。", "散了。"],
            ["价格涨了3.5元"],
        ],
        ids=range(14),
    )
    def test_examples(self, expected):
        assert sentences("".join(expected)) == expected

    def test_an_unclosed_quotation_swallows_nothing(self):
        text = "“没有合上的引号。第二句。第三句。"
        assert sentences(text) == ["“没有合上的引号。", "第二句。", "第三句。"]

    def test_a_long_quotation_is_cut_inside(self):
        text = "他说：“" + "我们一定要把这件事情办好。" * 12 + "”"
        assert len(sentences(text)) == 12

    @settings(max_examples=300, deadline=None)
    @given(PARAGRAPHS)
    def test_they_cover_the_text_and_end_at_ends(self, paragraphs):
        text = "\n".join(paragraphs)
        spans = sentence_spans(text)
        assert "".join(text[a:b] for a, b in spans) == text
        for a, b in spans[:-1]:
            assert text[a:b].rstrip("”’」』）)】》]\"'\n…")[-1:] in "。！？!?" or text[b - 1] in "\n…”’》）"
            assert not (text[b - 1].isdigit() and text[b].isdigit())

    @settings(max_examples=300, deadline=None)
    @given(st.text(st.sampled_from("甲乙。！？；，…“”‘’（）《》1.,%a!?\n 　"), max_size=80))
    def test_any_text_is_covered(self, text):
        spans = sentence_spans(text)
        assert "".join(text[a:b] for a, b in spans) == text
        assert all(a < b for a, b in spans)


class TestPassages:
    @settings(max_examples=200, deadline=None)
    @given(PARAGRAPHS, st.sets(st.integers(0, 5), max_size=2))
    def test_verbatim_bounded_and_complete(self, paragraphs, subheads):
        text, article = article_of(paragraphs, subheads)
        assert slice_spans(text, article.spans) == article.text
        passages = [passage for passage in split_passages(article) if passage.article_start is not None]
        covered = [0] * len(article.text)
        for passage in passages:
            assert slice_spans(text, passage.spans) == passage.text
            alone = len(sentence_spans(passage.text)) == 1  # only a sentence may be longer
            assert 0 < len(passage.text) <= (LONGEST_SENTENCE if alone else LONGEST)
            start = passage.article_start
            assert article.text[start : start + len(passage.text)] == passage.text
            for n in range(start, start + len(passage.text)):
                covered[n] += 1
        at = 0
        for number, paragraph in enumerate(paragraphs):
            expected = 0 if number in subheads else 1
            assert set(covered[at : at + len(paragraph)]) == {expected}
            at += len(paragraph) + 1

    @settings(max_examples=200, deadline=None)
    @given(PARAGRAPHS)
    def test_cut_at_sentence_ends(self, paragraphs):
        """Where a sentence is not itself longer than a passage may be."""
        text, article = article_of(paragraphs)
        del text
        ends = {0}
        for part in article.parts:
            at = part.spans[0][0] - 3
            inside = sentence_spans(part.text)
            ends |= {at + b for _, b in inside}
            if any(b - a > LONGEST_SENTENCE for a, b in inside):
                return
        for passage in split_passages(article):
            assert passage.article_start + len(passage.text) in ends

    def test_a_sentence_that_is_too_long_is_cut_at_its_commas(self):
        clauses = [f"第{n}条规定了1.{n}万吨的指标" for n in range(60)]
        _, article = article_of(["，".join(clauses) + "。"])
        passages = split_passages(article)
        assert len(passages) > 2
        assert all(
            passage.text[-1] in "，。" and len(passage.text) <= LONGEST_SENTENCE for passage in passages
        )
        assert "".join(passage.text for passage in passages) == article.text

    def test_a_text_without_any_mark_is_still_bounded(self):
        _, article = article_of(["字" * 1000])
        assert [len(passage.text) for passage in split_passages(article)] == [420, 420, 160]

    def test_short_paragraphs_stand_together_long_ones_alone(self):
        short = ["本市明日有雨。", "气温十度。", "出行请带伞。"]
        _, article = article_of(short)
        assert [passage.text for passage in split_passages(article)] == ["\n".join(short)]
        long = "这一段比较长，写了许多事情，足够单独成为一段给人看的文字。" * 6
        _, article = article_of([long, long])
        assert [passage.text for passage in split_passages(article)] == [long, long]

    def test_a_subhead_is_the_frame_of_what_follows(self):
        _, article = article_of(["开头一段。", "小标题", "后面一段。"], {1})
        passages = split_passages(article)
        assert [(passage.text, passage.kind, passage.section) for passage in passages] == [
            ("开头一段。", "body", None),
            ("后面一段。", "body", "小标题"),
            ("小标题", "headline", None),
        ]
        assert [context_of(passage, article) for passage in passages] == ["标题", "标题｜小标题", ""]

    def test_the_headline_is_a_passage_without_context(self):
        document = document_of(
            "大桥明日通车\n\n本报讯 记者甲乙报道 大桥明日通车，全长三公里。\n", "a.txt", "utf-8", ""
        )
        (article,) = split_articles(document).articles
        first, *rest = split_passages(article)
        assert (first.kind, first.text, first.id) == ("headline", "大桥明日通车", "a.txt#1/0")
        assert slice_spans(document.text, first.spans) == first.text
        assert context_of(first, article) == ""
        assert [passage.kind for passage in rest] == ["body"]
        assert [passage.id for passage in rest] == ["a.txt#1/1"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=6),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_map_span_finds_the_same_characters(gaps, start, end):
    text = "".join(chr(0x4E00 + n) for n in range(120))
    spans, at = [], 0
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    whole = slice_spans(text, spans)
    mapped = map_span(spans, start, end)
    assert slice_spans(text, mapped) == whole[start:end]
    assert all(left[1] != right[0] for left, right in pairwise(mapped))
