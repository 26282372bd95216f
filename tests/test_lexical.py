"""Words and BM25: folded jieba words, the formula itself, what is saved is what is loaded."""

import math
import shutil

import numpy as np
import pytest

from qa.folding import fold, to_simplified
from qa.lexical import K1, B, LexicalIndex, words

TEXTS = [
    "云川市引水工程正式通水，惠及117个行政村。",
    "望潮港新开三条航线，吞吐量增长。",
    "引水工程总投资3.6亿元，工程历时两年。",
    "……！！",
    "図書館與圖書館都是Library。",
]


def test_words_are_folded_and_without_punctuation():
    assert "圖書館" not in words("圖書館")
    assert words("圖書館") == words("图书馆")
    assert words("ＡＢＣ１２") == words("abc12")
    assert words("，。！……  \n") == []
    assert {"引水", "工程", "正式"} <= set(words(TEXTS[0]))
    assert {"行政", "行政村"} <= set(words("行政村"))  # long words and the shorter ones in them


def test_folding_keeps_every_place():
    text = "臺灣「圖書館」ＡＢＣ，　ｘ①㈠ﬁ\t𠮷龘"
    assert len(fold(text)) == len(to_simplified(text)) == len(text)
    assert fold("ＡbC　（１）") == "abc (1)"
    assert to_simplified("ＡbC 圖") == "ＡbC 图"


def test_scores_are_those_of_the_formula():
    index = LexicalIndex.build(TEXTS)
    tokens = [words(text) for text in TEXTS]
    mean = sum(map(len, tokens)) / len(tokens)
    for question in ("引水工程投资", "航线", "图书馆"):
        expected = np.zeros(len(TEXTS))
        for word in words(question):
            having = sum(word in row for row in tokens)
            idf = math.log(1 + (len(TEXTS) - having + 0.5) / (having + 0.5))
            for n, row in enumerate(tokens):
                tf = row.count(word)
                expected[n] += idf * tf / (tf + K1 * (1 - B + B * len(row) / mean))
        scores = index.scores(question)
        assert scores.dtype == np.float32
        assert np.allclose(scores, expected, atol=1e-4)
        assert scores.max() > 0
    assert index.scores("引水")[1] == 0
    assert list(index.scores("全是没有的词汇龘龘")) == [0] * 5
    assert list(index.scores("，。")) == [0] * 5


def test_traditional_questions_find_simplified_texts_and_the_reverse():
    index = LexicalIndex.build(TEXTS)
    assert np.array_equal(index.scores("圖書館"), index.scores("图书馆"))
    assert index.scores("LIBRARY").argmax() == 4


def test_rarity_falls_with_the_number_of_texts():
    index = LexicalIndex.build(TEXTS)
    assert index.rarity("从未出现") == 1.0
    assert 0 < index.rarity("工程") < index.rarity("航线") <= 1.0


def test_saved_and_loaded_again(tmp_path):
    index = LexicalIndex.build(TEXTS)
    index.save(tmp_path / "词")
    again = LexicalIndex.load(tmp_path / "词")
    assert again.size == 5
    for question in ("引水工程投资", "航线", "没有"):
        assert np.array_equal(again.scores(question), index.scores(question))
    assert again.rarity("工程") == index.rarity("工程")
    shutil.rmtree(tmp_path / "词")  # the arrays stay mapped
    assert np.array_equal(again.scores("航线"), index.scores("航线"))
    with pytest.raises(OSError, match=r"words\.json"):
        LexicalIndex.load(tmp_path / "词")


@pytest.mark.parametrize("texts", [["……"], ["！", "？"], ["一"]])
def test_texts_with_hardly_a_word(texts, tmp_path):
    index = LexicalIndex.build(texts)
    index.save(tmp_path / "b")
    assert len(LexicalIndex.load(tmp_path / "b").scores("一个问题")) == len(texts)
