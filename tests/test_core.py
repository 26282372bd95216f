"""The main road with the real parts: seeds -> index -> passages -> answer, and the verbatim equation on the way."""

import json
from pathlib import Path

import pytest

from qa import QAPipeline, QuestionError, Retriever, SourceError, build_index
from qa.articles import split_articles
from qa.cli import main
from qa.datatypes import slice_spans
from qa.documents import list_files, read_document
from qa.documents.decoding import decode
from qa.passages import sentence_spans, split_passages
from qa.reader.decoding import tidy_span
from ui.marking import marked

SEEDS = Path(__file__).resolve().parents[1] / "seeds"


@pytest.fixture(scope="session")
def index_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("索引") / "index"
    report = build_index(root, [SEEDS])
    assert (report.documents, report.failed) == (5, ())
    return root


def test_nothing_is_lost_and_everything_is_verbatim():
    for file in list_files([SEEDS]):
        document = read_document(file)
        layout = split_articles(document)
        times = [0] * len(document.text)
        for item in (*(p for a in layout.articles for p in a.parts), *layout.set_aside):
            for a, b in item.spans:
                for i in range(a, b):
                    times[i] += 1
        assert all(n == 1 for n, char in zip(times, document.text, strict=True) if not char.isspace())
        for article in layout.articles:
            assert slice_spans(document.text, article.spans) == article.text
            for passage in split_passages(article):
                assert slice_spans(document.text, passage.spans) == passage.text


def test_gbk_keeps_rare_characters_and_binary_is_refused():
    assert decode("朱镕基讲话".encode("gb18030"), "x") == ("朱镕基讲话", "gb18030")
    with pytest.raises(SourceError, match="PNG"):
        decode(b"\x89PNG\r\n", "x")


def test_sentences_keep_numbers_and_quotes_whole():
    text = "产量1.1吨。他说：“好。很好！”随后离开。"
    assert [text[a:b] for a, b in sentence_spans(text)] == ["产量1.1吨。", "他说：“好。很好！”随后离开。"]


def test_a_span_gets_its_unit_and_stays_out_of_numbers():
    assert tidy_span("覆盖率达到69%。", 5, 7) == (5, 8)
    assert tidy_span("共有2014年", 3, 4) is None


def test_answer_is_verbatim(index_dir):
    pipeline = QAPipeline.open(index_dir)
    reply = pipeline.ask("锦州上半年招商引资到位额是多少？")
    assert reply.status == "answered"
    assert reply.answer is not None
    assert "166亿元" in reply.answer.text
    document = pipeline.index.document(reply.evidence[0].retrieved.source)
    assert slice_spans(document.text, reply.answer.source_spans) == reply.answer.text
    with pytest.raises(QuestionError):
        pipeline.ask("  ")


def test_retriever_filters_and_unchanged_texts_are_not_embedded_again(index_dir):
    retriever = Retriever.open(index_dir)
    source = retriever.index.sources()[1]
    found = retriever.search("锦州招商", 5, sources=[source])
    assert found
    assert {item.source for item in found} == {source}
    assert retriever.search("“没有这样的话”是谁说的") == []
    report = build_index(index_dir, encoder=retriever.encoder)
    assert report.embedded == 0
    assert retriever.refresh().generation == report.generation


def test_batch_gives_a_bad_line_its_place(index_dir, tmp_path):
    lines = ['{"id": "a", "question": "锦州港在哪里？"}', "{", '{"id": "c"}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert main(["batch", str(tmp_path / "in.jsonl"), str(out), "--index-dir", str(index_dir)]) == 0
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert records[0]["id"] == "a"
    assert len(records[0]["passages"]) == 10
    assert ["error" in record for record in records] == [False, True, True]


def test_no_index_is_one_sentence(tmp_path, capsys):
    assert main(["ask", "问题", "--index-dir", str(tmp_path / "none")]) == 1
    assert "wenbao build" in capsys.readouterr().err


def test_untrusted_text_is_escaped_and_marked_by_offsets():
    assert marked("<b>甲乙", [(3, 5)], [(4, 5)]) == '&lt;b&gt;<mark>甲</mark><mark class="answer">乙</mark>'
