"""The command line: the fields of each command, its exit status, and one clear sentence for bad input."""

import gzip
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qa.cli import main
from qa.datatypes import slice_spans

ROOT = Path(__file__).resolve().parents[1]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
REPLY = [
    *("id", "question", "standalone_question", "generation", "status", "reason", "answer", "evidence"),
    *("alternatives", "passages", "seconds"),
]
EVIDENCE = [
    *("passage_id", "text", "highlights", "answer_spans", "source", "source_spans", "article", "score"),
]
ARTICLE_OF_EVIDENCE = ["id", "title", "byline", "date", "newspaper", "page", "section"]
PASSAGE = ["passage_id", "text", "source", "title", "score", "rank"]
ARTICLE = [
    *(
        "id",
        "source",
        "newspaper",
        "page",
        "date",
        "section",
        "label",
        "kicker",
        "title",
        "subtitle",
        "byline",
    ),
    *("kind", "continued_from", "continued_to", "text", "spans"),
]
COMMANDS = [
    *("build", "articles", "text", "search", "ask", "batch", "read", "evaluate"),
    *("info", "verify", "rollback", "ui"),
]
SQUAD = {
    "data": [
        {
            "paragraphs": [
                {
                    "context": "工程总投资3.6亿元。市水务局局长郝明轩介绍，工程于2018年9月开工。",
                    "qas": [
                        {"id": "q1", "question": "局长是谁？", "answers": [{"text": "郝明轩"}]},
                        {"id": "q2", "question": "红烧肉怎么做？"},
                    ],
                },
                {"context": "……", "qas": [{"id": "q3", "question": "谁？"}]},
            ]
        }
    ]
}


@pytest.fixture(scope="module", autouse=True)
def one_pipeline(small_pipeline):
    """The models are loaded once: opening an index takes those that are loaded already."""
    from qa import QAPipeline, Retriever
    from qa.index import open_index

    def pipeline(index_dir=None, *, model=None, reader=None):
        del reader
        assert model is None
        retriever = Retriever(open_index(index_dir, encoder=small_pipeline.retriever.encoder))
        return QAPipeline(retriever, small_pipeline.reader, small_pipeline.calibration)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QAPipeline, "open", staticmethod(pipeline))
        yield


@pytest.fixture
def run(capsys, small_index):
    """Runs a command on the small index; gives status, output and messages."""

    def call(*words, index_dir=small_index):
        status = main([*map(str, words), "--index-dir", str(index_dir)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def failed(result):
    """The message of a command that ended with 1: one Chinese sentence, nothing on stdout."""
    status, out, err = result
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert CHINESE.search(err)
    assert err.rstrip()[-1] in "。！"
    assert "Traceback" not in err
    return err


def check_reply(reply, index_dir):
    from qa.index.generations import current_generation

    assert list(reply) == REPLY
    assert reply["generation"] == current_generation(index_dir)
    assert reply["status"] in ("answered", "related", "not_found")
    assert (reply["answer"] is not None) == (reply["status"] == "answered") == (reply["reason"] is None)
    if reply["answer"] is not None:
        assert list(reply["answer"]) == ["text", "score", "source_spans"]
        assert 0 < reply["answer"]["score"] <= 1
    else:
        assert CHINESE.search(reply["reason"])
    for item in reply["evidence"]:
        assert list(item) == EVIDENCE
        assert list(item["article"]) == ARTICLE_OF_EVIDENCE
        assert all(0 <= a < b <= len(item["text"]) for a, b in item["highlights"] + item["answer_spans"])
        assert bool(item["answer_spans"]) == (reply["status"] == "answered")
    assert all(list(other) == ["text", "score", "evidence_index"] for other in reply["alternatives"])
    assert all(list(found) == PASSAGE for found in reply["passages"])
    assert [found["rank"] for found in reply["passages"]] == list(range(1, len(reply["passages"]) + 1))
    assert list(reply["seconds"]) == ["retrieve", "read", "total"]


class TestAsk:
    def test_fields(self, run, small_index):
        status, out, err = run("ask", "青石岭引水工程铺设管道多少公里？", "--json")
        assert (status, err, out.count("\n")) == (0, "", 1)
        reply = json.loads(out)
        check_reply(reply, small_index)
        assert reply["status"] == "answered"
        assert "128.5公里" in reply["answer"]["text"]
        first = reply["evidence"][0]
        ((start, end),) = first["answer_spans"]
        assert first["text"][start:end] == reply["answer"]["text"]
        assert any(a <= start and end <= b for a, b in first["highlights"])
        assert first["article"]["byline"] == ["陆文渊"]
        assert (first["article"]["date"], first["article"]["page"]) == ("2021-05-18", "03")

    def test_words_for_a_reader(self, run):
        status, out, err = run("ask", "青石岭引水工程铺设管道多少公里？")
        assert (status, err) == (0, "")
        assert "128.5公里" in out
        assert "引水入川" in out
        assert "None" not in out

    @pytest.mark.parametrize("question", ["", "   ", "？？", "\x00\x1b", "问" * 10_000])
    def test_a_question_that_is_none(self, run, question):
        assert "问题" in failed(run("ask", question))

    def test_no_index(self, run, tmp_path):
        for command in (
            ["ask", "甲"],
            ["search", "甲"],
            ["info"],
            ["verify"],
            ["rollback"],
            ["articles"],
            ["ui"],
        ):
            assert "wenbao build" in failed(run(*command, index_dir=tmp_path / "nowhere"))
        assert not (tmp_path / "nowhere").exists()


class TestSearch:
    def test_fields(self, run):
        status, out, _ = run("search", "望潮港吞吐量", "--top-k", "3", "--json")
        lines = [json.loads(line) for line in out.splitlines()]
        assert (status, len(lines)) == (0, 3)
        for rank, line in enumerate(lines, 1):
            assert line["rank"] == rank
            assert {"passage_id", "text", "source", "source_spans", "article", "score"} <= set(line)
            assert {"dense_score", "dense_rank", "lexical_score", "lexical_rank"} <= set(line)
        assert lines[0]["source"] == "海宁晚报.md"

    def test_words_for_a_reader(self, run):
        status, out, _ = run("search", "望潮港吞吐量")
        assert status == 0
        assert out.startswith("1. [")


class TestBatch:
    def write(self, tmp_path, text):
        path = tmp_path / "in.jsonl"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path, tmp_path / "out.jsonl"

    def test_order_bad_lines_and_conversations(self, run, tmp_path, small_index):
        lines = [
            '{"id": "a", "question": "望潮港集团董事长是谁？"}',
            '{"id": "b", "question": ',
            '{"id": "c"}',
            '{"id": "d", "question": ""}',
            '{"id": "e", "question": "青石岭引水工程总投资多少？", "conversation": "k"}',
            '["no object"]',
            '{"id": "f", "question": "那管道有多长呢？", "conversation": "k"}',
            '{"id": "g", "question": 7}',
            '{"id": "h", "question": "' + "问" * 10_000 + '"}',
            '{"question": "护林员"}',
            '{"id": 12, "question": "那管道有多长呢？"}',
        ]
        source, out = self.write(tmp_path, "\n".join(lines))
        status, printed, _ = run("batch", source, out)
        assert (status, printed) == (0, "")
        records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        ids = [record["id"] for record in records]
        assert ids == ["a", "2", "c", "d", "e", "6", "f", "g", "h", "10", 12]
        bad = [n for n, record in enumerate(records) if "error" in record]
        assert bad == [1, 2, 3, 5, 7, 8]
        for n in bad:
            assert list(records[n]) == ["id", "error"]
            assert CHINESE.search(records[n]["error"])
        for n in set(range(11)) - set(bad):
            check_reply(records[n], small_index)
        assert records[6]["question"] == "那管道有多长呢？"
        assert records[6]["standalone_question"] != "那管道有多长呢？"  # leans on the turn before
        assert records[10]["standalone_question"] == "那管道有多长呢？"  # has none before
        assert not list(tmp_path.glob("*.tmp"))

    def test_a_file_from_windows(self, run, tmp_path):
        source, out = self.write(tmp_path, '\ufeff{"id": "a", "question": "护林员是谁？"}\r\n\r\n'.encode())
        assert run("batch", source, out)[0] == 0
        (record,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
        assert (record["id"], "error" in record) == ("a", False)

    def test_bytes_that_are_no_text_and_half_characters(self, run, tmp_path):
        source, out = self.write(
            tmp_path,
            '{"id": "a", "question": "谁"}\n'.encode("gbk")
            + b'{"id": "\\ud800", "question": "\\ud800"}\n'
            + b"[" * 100_000
            + b"\n",
        )
        assert run("batch", source, out)[0] == 0
        records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        assert ["error" in record for record in records] == [True, True, True]
        assert [record["id"] for record in records[1:]] == ["\ud800", "3"]

    def test_a_link_stays_a_link(self, run, tmp_path):
        source, out = self.write(tmp_path, '{"id": "a", "question": "护林员是谁？"}')
        target = tmp_path / "there" / "real.jsonl"
        target.parent.mkdir()
        target.write_text("old", encoding="utf-8")
        target.chmod(0o640)
        out.symlink_to(target)
        assert run("batch", source, out)[0] == 0
        assert out.is_symlink()
        assert json.loads(target.read_text(encoding="utf-8"))["id"] == "a"
        assert target.stat().st_mode & 0o777 == 0o640
        assert [path.name for path in target.parent.iterdir()] == ["real.jsonl"]

    @pytest.mark.parametrize("command", ["batch", "read"])
    def test_a_folder_is_refused_before_the_work(self, run, tmp_path, monkeypatch, command):
        source, _ = self.write(tmp_path, json.dumps(SQUAD))
        monkeypatch.setattr("qa.pipeline.QAPipeline.open", None)
        monkeypatch.setattr("qa.reader.load_reader", None)
        assert "文件夹" in failed(run(command, source, tmp_path))
        assert "文件夹" in failed(run(command, tmp_path, tmp_path / "out"))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl"]

    def test_standard_streams(self, run, monkeypatch, small_index):
        line = '{"id": "a", "question": "护林员是谁？"}\n'.encode()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line)))
        status, out, _ = run("batch", "-", "-")
        assert status == 0
        check_reply(json.loads(out), small_index)

    def test_pipes(self, run, tmp_path):
        source, sink = tmp_path / "in", tmp_path / "out"
        os.mkfifo(source)
        os.mkfifo(sink)
        line = '{"id": "a", "question": "护林员是谁？"}\n'
        got = []
        threads = [
            threading.Thread(target=lambda: source.write_text(line, encoding="utf-8"), daemon=True),
            threading.Thread(target=lambda: got.append(sink.read_text(encoding="utf-8")), daemon=True),
        ]
        for thread in threads:
            thread.start()
        assert run("batch", source, sink)[0] == 0
        for thread in threads:
            thread.join(10)
        assert json.loads(got[0])["id"] == "a"
        assert sink.is_fifo()

    def test_where_it_cannot_be_done(self, run, tmp_path):
        source, out = self.write(tmp_path, '{"id": "a", "question": "谁"}')
        assert "没有找到" in failed(run("batch", tmp_path / "gone.jsonl", out))
        assert "输入文件" in failed(run("batch", source, source))
        assert "不在" in failed(run("batch", source, tmp_path / "no" / "out.jsonl"))
        assert source.read_text(encoding="utf-8") == '{"id": "a", "question": "谁"}'


class TestRead:
    @pytest.fixture(autouse=True)
    def _one_reader(self, monkeypatch, small_pipeline):
        monkeypatch.setattr("qa.reader.load_reader", lambda *_: small_pipeline.reader)

    def test_always_an_answer(self, run, tmp_path):
        (tmp_path / "in.json").write_text(json.dumps(SQUAD), encoding="utf-8")
        assert run("read", tmp_path / "in.json", tmp_path / "out.json")[0] == 0
        answers = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        assert list(answers) == ["q1", "q2", "q3"]
        context = SQUAD["data"][0]["paragraphs"][0]["context"]
        assert answers["q1"] == "郝明轩"
        assert answers["q2"] in context
        assert all(answers.values())
        assert run("read", tmp_path / "in.json", tmp_path / "out.json", "--evidence")[0] == 0
        answers = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        assert answers["q1"] == {
            "answer": "郝明轩",
            "evidence": "市水务局局长郝明轩介绍，工程于2018年9月开工。",
        }
        assert all(item["answer"] in item["evidence"] for item in answers.values())

    @pytest.mark.parametrize(
        "pack", [lambda data: b"\xef\xbb\xbf" + data, gzip.compress], ids=["mark", "gzip"]
    )
    def test_marked_and_packed_files(self, run, tmp_path, pack):
        (tmp_path / "in.json").write_bytes(pack(json.dumps(SQUAD).encode()))
        assert run("read", tmp_path / "in.json", tmp_path / "out.json")[0] == 0
        assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["q1"] == "郝明轩"

    @pytest.mark.parametrize(
        "data", [gzip.compress(b"{}")[:-9], "甲".encode("gb18030")], ids=["gzip", "gb18030"]
    )
    def test_bytes_that_are_no_json(self, run, tmp_path, data):
        (tmp_path / "in.json").write_bytes(data)
        assert "in.json" in failed(run("read", tmp_path / "in.json", tmp_path / "out.json"))

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [("context", None, "null"), ("context", ["甲"], "甲"), ("question", 7, "7"), ("id", None, "null")],
    )
    def test_values_that_are_no_text(self, run, tmp_path, field, value, said):
        paragraph = {"context": "甲是乙。", "qas": [{"id": "1", "question": "甲是谁？"}]}
        (paragraph if field == "context" else paragraph["qas"][0])[field] = value
        (tmp_path / "in.json").write_text(
            json.dumps({"data": [{"paragraphs": [paragraph]}]}), encoding="utf-8"
        )
        message = failed(run("read", tmp_path / "in.json", tmp_path / "out.json"))
        assert field in message
        assert said in message

    def test_a_long_context(self, run, tmp_path):
        context = "过去吃水靠挑，现在拧开龙头就有。" * 400 + SQUAD["data"][0]["paragraphs"][0]["context"]
        paragraph = {"context": context, "qas": [{"id": "1", "question": "水务局局长是谁？"}]}
        (tmp_path / "in.json").write_text(
            json.dumps({"data": [{"paragraphs": [paragraph]}]}), encoding="utf-8"
        )
        assert run("read", tmp_path / "in.json", "-")[1].strip().startswith("{")

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"data": [{}]}', '{"data": []}', "\udcff"])
    def test_what_is_no_squad_file(self, run, tmp_path, text):
        (tmp_path / "in.json").write_text(text, encoding="utf-8", errors="surrogateescape")
        assert "in.json" in failed(run("read", tmp_path / "in.json", tmp_path / "out.json"))
        assert not (tmp_path / "out.json").exists()

    def test_no_such_file(self, run, tmp_path):
        assert "没有找到" in failed(run("read", tmp_path / "gone.json", tmp_path / "out.json"))


class TestText:
    def test_fields(self, run, small_archive):
        status, out, err = run("text", small_archive / "云川日报", "--json")
        assert (status, err) == (0, "")
        record = json.loads(out)
        assert {"source", "text", "newspaper", "date", "page", "encoding"} <= set(record)
        assert record["source"] == "2021-05-18/03版.txt"
        assert (record["date"], record["page"], record["encoding"]) == ("2021-05-18", "03", "utf-8")
        assert json.loads(run("text", small_archive / "山城教育报.txt", "--json")[1])["encoding"] == "gb18030"
        assert "朱镕光" in run("text", small_archive / "山城教育报.txt")[1]

    def test_a_bad_file_does_not_stop_the_others(self, run, tmp_path):
        (tmp_path / "a.txt").write_bytes(b"\x89PNG")
        (tmp_path / "b.txt").write_text("正文。", encoding="utf-8")
        for command in ("text", "articles"):
            status, out, err = run(command, tmp_path, "--json")
            assert (status, json.loads(out)["source"]) == (0, "b.txt")
            assert err.startswith("未读入：")
            assert "a.txt" in err
            (tmp_path / "c").mkdir(exist_ok=True)
            (tmp_path / "c" / "a.txt").write_bytes(b"\x89PNG")
            assert "a.txt" in failed(run(command, tmp_path / "c"))
            (tmp_path / "c" / "a.txt").unlink()
        assert "没有找到" in failed(run("text", tmp_path / "gone"))


class TestArticles:
    def test_fields(self, run, small_archive):
        status, out, _ = run("articles", small_archive, "--json")
        records = [json.loads(line) for line in out.splitlines()]
        assert status == 0
        assert all(list(record) == ARTICLE for record in records)
        assert {record["title"] for record in records} >= {"引水入川 润泽百村", "望潮港前四月吞吐量创新高"}
        kinds = {"news", "brief", "feature", "interview", "continuation", "sidebar", "caption", "other"}
        assert {record["kind"] for record in records} <= kinds
        for record in records:
            document = json.loads(run("text", small_archive / record["source"], "--json")[1])
            assert slice_spans(document["text"], record["spans"]) == record["text"]

    def test_recorded_sources_and_other_forms(self, run, small_archive):
        assert run("articles", "--json")[1] == run("articles", small_archive, "--json")[1]
        assert "引水入川" in run("articles")[1]
        status, out, _ = run("articles", "--report")
        assert status == 0
        assert all("source" in json.loads(line) for line in out.splitlines())


class TestIndex:
    def test_info_and_verify(self, run, own_index, small_archive):
        status, out, _ = run("info", "--json", index_dir=own_index)
        info = json.loads(out)
        assert (status, info["generation"], info["documents"]) == (0, "gen-000001", 4)
        assert info["sources"] == [str(small_archive)]
        assert run("info", index_dir=own_index)[0] == 0
        assert run("verify", index_dir=own_index) == (0, "索引完好。\n", "")
        with (own_index / "gen-000001" / "passages.sqlite").open("r+b") as file:
            file.seek(5000)
            file.write(b"x")
        status, out, err = run("verify", index_dir=own_index)
        assert status == 1
        assert "passages.sqlite" in err
        assert "wenbao rollback" in out
        assert "wenbao rollback" in failed(run("ask", "甲", index_dir=own_index))

    def test_build_and_rollback(self, run, archive, tmp_path):
        root = tmp_path / "i"
        (archive / "坏.txt").write_bytes(b"\0\1\2")
        assert "strict" in failed_build(run("build", archive, "--strict", index_dir=root))
        status, out, err = run("build", archive, index_dir=root)
        assert status == 0
        assert "4 份文件" in out
        assert "未读入：坏.txt" in err
        report = json.loads((root / "build-report.json").read_text(encoding="utf-8"))
        assert (report["documents"], [name for name, _ in report["failed"]]) == (4, ["坏.txt"])
        (archive / "坏.txt").unlink()
        (archive / "护林.html").unlink()
        status, out, err = run("build", index_dir=root)
        assert status == 0
        assert "新编码 0" in out
        assert "不再有的文件 1" in out
        assert run("rollback", index_dir=root)[:2] == (0, "已退回 gen-000001。\n")
        assert "没有更早的一代" in failed(run("rollback", index_dir=root))

    def test_what_cannot_be_built(self, run, own_index, tmp_path):
        assert "没有找到" in failed(run("build", tmp_path / "gone", index_dir=own_index))
        assert "来源里没有" in failed(run("build", "--remove", tmp_path, index_dir=own_index))
        (tmp_path / "empty").mkdir()
        assert "没有可读的文件" in failed(run("build", tmp_path / "empty", index_dir=own_index))
        (tmp_path / "file").write_text("x")
        assert "写不了" in failed(run("build", tmp_path / "file", index_dir=tmp_path / "file"))
        assert run("verify", index_dir=own_index)[0] == 0

    @pytest.mark.parametrize("model", ["no/such-model", "/nowhere/模型"])
    def test_no_such_model(self, run, model):
        assert "编码模型" in failed(run("search", "甲", "--model", model))

    def test_a_port_in_use(self, run):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            assert "--port" in failed(run("ui", "--port", taken.getsockname()[1]))


def failed_build(result):
    """As ``failed``, for a build, which tells its progress on stderr too."""
    status, out, err = result
    assert (status, out) == (1, "")
    return err


class TestUsage:
    @pytest.mark.parametrize(
        "words",
        [
            [],
            ["nonsense"],
            ["ask"],
            ["search", "甲", "--top-k", "0"],
            ["search", "甲", "--top-k", "x"],
            ["search", "甲", "--top-k", "-1"],
            ["search", "甲", "--top-k", "2.5"],
            ["search", "甲", "--top-k", "9" * 5000],
            ["search", "甲", "--model", " "],
            ["ui", "--port", "0"],
            ["ui", "--port", "-1"],
            ["ui", "--port", "65536"],
            ["ui", "--port", "99999"],
            ["ui", "--port", "http"],
            ["batch", "a"],
        ],
        ids=lambda words: " ".join(words)[:30],
    )
    def test_wrong_usage_is_two(self, words, capsys):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        said = captured.err.splitlines()[-1]
        assert said.startswith("用法不对：")
        assert not re.search(r"argument|required|invalid|expected", said)

    def test_all_commands_of_the_contract(self, capsys):
        with pytest.raises(SystemExit) as stopped:
            main(["--help"])
        assert stopped.value.code == 0
        text = capsys.readouterr().out
        for name in COMMANDS:
            assert re.search(rf"^    {name}\b", text, re.MULTILINE), name
            with pytest.raises(SystemExit):
                main([name, "--help"])
            assert "--index-dir" in capsys.readouterr().out

    def test_the_environment_names_the_index(self, monkeypatch, capsys, small_index):
        monkeypatch.setenv("WENBAO_INDEX_DIR", str(small_index))
        assert main(["verify"]) == 0
        monkeypatch.setenv("WENBAO_INDEX_DIR", str(small_index / "nowhere"))
        assert main(["verify"]) == 1
        assert "nowhere" in capsys.readouterr().err

    def test_help_loads_nothing_heavy(self):
        code = (
            "import sys, qa.cli\n"
            "try: qa.cli.main(['--help'])\n"
            "except SystemExit: pass\n"
            "heavy = 'torch transformers faiss streamlit numpy jieba opencc bm25s lxml yaml'.split()\n"
            "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True, timeout=60
        )
        assert done.stderr == b"[]\n"

    def test_libraries_say_nothing_on_stderr(self, small_index):
        command = [sys.executable, "-m", "qa", "ask", "护林员是谁？", "--index-dir", str(small_index)]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, check=True, timeout=120)
        assert done.stderr == b""

    def test_output_is_utf8_in_any_locale_and_a_closed_pipe_is_no_error(self, small_archive):
        command = [sys.executable, "-m", "qa", "text", str(small_archive / "山城教育报.txt"), "--json"]
        environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
        done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=True, timeout=60)
        assert "朱镕光" in json.loads(done.stdout.decode("utf-8"))["text"]
        piped = " ".join(command[:-2]) + f" '{command[-2]}' | head -c 1"
        done = subprocess.run(["bash", "-c", piped], capture_output=True, cwd=ROOT, check=True, timeout=60)
        assert done.stderr == b""
