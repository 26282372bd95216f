"""From a question to passages: scores, ranks, quotations, the filter, repeats, questions that are none."""

import numpy as np
import pytest
from conftest import DOCUMENTS, write_archive

from qa import QuestionError, Retriever, build_index
from qa.datatypes import Passage, slice_spans
from qa.index import open_index
from qa.retriever import LONGEST_QUESTION, check_question, collapse, grams, quoted_phrases


@pytest.fixture(scope="module")
def retriever(small_index):
    return Retriever.open(small_index)


class TestSearch:
    @pytest.mark.parametrize(
        ("question", "source", "words"),
        [
            ("青石岭引水工程铺设了多长的管道？", "云川日报/2021-05-18/03版.txt", "128.5公里"),
            ("望潮港集团的董事长叫什么名字", "海宁晚报.md", "薛北辰"),
            ("巡山的護林員發現了幾隻白鷴？", "护林.html", "7 只白鹇"),
            ("气象站 投入", "山城教育报.txt", "18万元"),
            ("图书馆晚上几点关门？", "云川日报/2021-05-18/03版.txt", "21时"),
        ],
    )
    def test_the_passage_that_answers_comes_first(self, retriever, question, source, words):
        first = retriever.search(question, 3)[0]
        assert first.source == source
        assert words in first.text

    def test_scores_ranks_and_places(self, retriever):
        found = retriever.search("望潮港的集装箱吞吐量", 8)
        assert [item.rank for item in found] == list(range(1, len(found) + 1))
        assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
        vector = retriever.encoder.encode_queries(["望潮港的集装箱吞吐量"])[0]
        index = retriever.index
        rows = {
            passage.id: row for row, passage in enumerate(index.passages(list(range(len(index.vectors)))))
        }
        lexical = index.lexical.scores("望潮港的集装箱吞吐量")
        for item in found:
            row = rows[item.passage.id]
            assert item.dense_score == pytest.approx(
                float(index.vectors.vectors([row])[0] @ vector), abs=2e-3
            )
            assert item.lexical_score == pytest.approx(float(lexical[row]), abs=1e-4)
            assert (item.lexical_rank is None) == (lexical[row] <= 0)
            assert item.dense_rank >= 1
            assert slice_spans(index.document(item.source).text, item.spans) == item.text
            assert item.article.id == item.passage.article_id
        best = max(found, key=lambda item: item.dense_score)
        assert best.dense_rank == 1
        assert max(found, key=lambda item: item.lexical_score).lexical_rank == 1

    @pytest.mark.parametrize("top_k", [2.5, "3", None, True])
    def test_top_k_is_a_whole_number(self, retriever, top_k):
        with pytest.raises(TypeError, match="top_k"):
            retriever.search("桥", top_k=top_k)

    def test_sources_is_a_collection_of_names(self, retriever):
        name = retriever.search("桥", top_k=1)[0].passage.source
        with pytest.raises(TypeError, match="sources"):
            retriever.search("桥", sources=name)
        assert {found.passage.source for found in retriever.search("桥", sources=[name])} == {name}

    def test_top_k(self, retriever):
        few, more = retriever.search("工程投资多少", 2), retriever.search("工程投资多少", 6)
        assert [item.passage.id for item in few] == [item.passage.id for item in more[:2]]
        assert [item.score for item in few] == [item.score for item in more[:2]]
        assert len(retriever.search("工程", 1000)) <= retriever.index.manifest.passages
        with pytest.raises(ValueError, match="top_k"):
            retriever.search("工程", 0)

    def test_the_filter_keeps_to_its_documents(self, retriever):
        for source in DOCUMENTS:
            found = retriever.search("青石岭引水工程花了多少钱？", 10, sources=[source])
            assert found
            assert {item.source for item in found} == {source}
            assert min(item.dense_rank for item in found) == 1
        both = retriever.search("本报讯", 10, sources=["护林.html", "山城教育报.txt"])
        assert {item.source for item in both} <= {"护林.html", "山城教育报.txt"}
        assert retriever.search("工程", 10, sources=[]) == []
        assert retriever.search("工程", 10, sources=["没有的.txt"]) == []

    def test_the_newest_generation_answers(self, own_index, archive, encoder):
        retriever = Retriever(open_index(own_index, encoder=encoder))
        (archive / "新.txt").write_text(
            "白鹭晨报\n\n古桥修缮一新\n\n本报讯 记者宋听雨报道 望仙桥修缮花费870万元。\n", encoding="utf-8"
        )
        assert all(item.source != "新.txt" for item in retriever.search("望仙桥修缮花费", 10))
        build_index(own_index, [archive], encoder=encoder)
        assert retriever.search("望仙桥修缮花费", 2)[0].source == "新.txt"
        assert retriever.index.generation == "gen-000002"


class TestQuotations:
    def test_a_quoted_phrase_must_occur(self, retriever):
        for question in ("谁说“拧开龙头就有”？", '谁说"拧开龙头就有"？', "谁说「拧开龙头就有」？"):
            found = retriever.search(question, 10)
            assert found
            assert all("拧开龙头就有" in item.text for item in found)
        assert retriever.search("“拧开龙头就没有”是谁说的", 10) == []

    def test_layout_spaces_width_and_script_do_not_matter(self, retriever):
        (found,) = retriever.search("“发现7只白鷴”", 10)
        assert "发现 7 只白鹇" in found.text

    def test_all_phrases_of_a_question(self, retriever):
        found = retriever.search("“通水”和“21.4万人”", 10)
        assert found
        assert all("通水" in item.text and "21.4万人" in item.text for item in found)
        assert retriever.search("“通水”和“梭子蟹”", 10) == []

    def test_a_phrase_that_cuts_words_in_two(self, retriever):
        """岭引, 水工: neither is a word of the passage, so BM25 does not know it."""
        assert all("岭引水工" in item.text for item in retriever.search("“岭引水工”", 10))
        assert retriever.search("“岭引水工”", 10)

    def test_what_is_a_phrase(self):
        assert quoted_phrases("“甲乙”与「丙 丁」") == ["甲乙", "丙丁"]
        assert quoted_phrases("“ＡＢ　Ｃ”圖") == ["abc"]
        assert quoted_phrases("没有引号") == []
        assert quoted_phrases("“甲”只有一字") == []


def passage(number, text, kind="body"):
    return Passage(f"a#1/{number}", "a#1", "a", text, ((0, len(text)),), kind)


class TestRepeats:
    TEXT = "工程总投资3.6亿元，铺设管道128.5公里，惠及117个行政村、21.4万人，沿线村庄普及率明显提高。"

    def test_near_copies_are_shown_once(self):
        changed = self.TEXT.replace("明显", "显著")
        other = "望潮港完成货物吞吐量2860万吨，同比增长14.2%。"
        found = collapse(
            [passage(n, text) for n, text in enumerate((self.TEXT, changed, other, self.TEXT))], 10
        )
        assert [(kept.id, copies) for kept, copies in found] == [("a#1/0", ("a#1/1", "a#1/3")), ("a#1/2", ())]

    def test_a_piece_of_a_passage_is_a_copy(self):
        found = collapse([passage(0, self.TEXT), passage(1, self.TEXT[:40])], 10)
        assert [copies for _, copies in found] == [("a#1/1",)]

    def test_a_headline_gives_its_place_to_the_paragraph_that_holds_its_words(self):
        body, headline = passage(0, self.TEXT), passage(1, self.TEXT[:20], "headline")
        other = passage(2, "望潮港完成货物吞吐量2860万吨，同比增长14.2%。")
        for order in ([headline, other, body], [body, other, headline]):
            found = collapse(order, 10)
            assert [(kept.id, copies) for kept, copies in found] == [("a#1/0", ("a#1/1",)), ("a#1/2", ())]

    def test_top_k_counts_what_is_kept(self):
        texts = [f"第{n}件事情与别的都不相同{'甲乙丙丁戊己庚辛'[n] * 9}" for n in range(8)]
        doubled = [passage(2 * n + k, text) for n, text in enumerate(texts) for k in range(2)]
        found = collapse(doubled, 5)
        assert [kept.id for kept, _ in found] == [f"a#1/{2 * n}" for n in range(5)]
        assert all(len(copies) == 1 for _, copies in found)

    def test_no_two_in_a_top_ten_are_alike(self, tmp_path, encoder):
        """Papers that print the same dispatch with other words here and there."""
        story = (
            "本报讯 记者甲乙报道 {}水库大坝加固工程{}开工，总投资{}万元，"
            "工期{}个月，完工后可防御五十年一遇的洪水。\n"
        )
        pages = {}
        for n in range(8):
            text = story.format("双河口", f"{n + 1}日", 5200, 18)
            pages[f"报{n}.txt"] = (
                f"水利要闻\n\n大坝加固开工\n\n{text}\n{story.format('白鹤滩', '昨日', 100 + n, n)}"
            )
        root = tmp_path / "i"
        build_index(
            root, [write_archive(tmp_path / "a", {k: v.encode() for k, v in pages.items()})], encoder=encoder
        )
        found = Retriever(open_index(root, encoder=encoder)).search("双河口水库大坝加固工程投资多少？", 10)
        bodies = [grams(item.text) for item in found if item.passage.kind == "body"]
        for n, one in enumerate(bodies):
            for two in bodies[:n]:
                assert len(one & two) < 0.8 * min(len(one), len(two))
        assert sum(len(item.copies) for item in found) >= 7


class TestQuestions:
    @pytest.mark.parametrize("question", ["", "  \n\t", "？！……", "\0\x01\x02", "\u200b\ufeff", "\ud800"])
    def test_nothing_to_ask(self, retriever, question):
        with pytest.raises(QuestionError, match="问题是空的"):
            retriever.search(question)

    def test_too_long(self, retriever):
        with pytest.raises(QuestionError, match="10000 个字，最多"):
            retriever.search("问" * 10_000)
        assert retriever.search("引水工程" * (LONGEST_QUESTION // 4), 1)

    @pytest.mark.parametrize("question", [None, 7, b"bytes", ["list"]])
    def test_no_text(self, question):
        with pytest.raises(QuestionError, match=type(question).__name__):
            check_question(question)

    def test_control_characters_are_blanks(self, retriever):
        assert check_question("\x1b引水\0工程\r\n 投资\u202e多少 \ud83d") == "引水 工程 投资 多少"
        found = retriever.search("青石岭\0引水工程\x07总投资\u2028多少\u202e？", 1)
        assert "3.6亿元" in found[0].text

    @pytest.mark.parametrize(
        "question", ["a", "1", "“”", "“", "😀甲", "SELECT * FROM passages; --", "%_\\'\""]
    )
    def test_odd_but_askable(self, retriever, question):
        if any(char.isalnum() for char in question):
            assert all(np.isfinite(item.score) for item in retriever.search(question))
        else:
            with pytest.raises(QuestionError):
                retriever.search(question)
