"""The index directory: what a build reads, embeds, publishes; crashes, damage, locks, rollback, readers."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import DOCUMENTS, SCHOOL, write_archive

from qa import QAError, QAPipeline, SourceError, build_index
from qa.datatypes import slice_spans
from qa.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexMismatchError,
    IndexNotFoundError,
    IndexStateError,
    ModelError,
)
from qa.index import current_generation, open_index, rollback, verify_index
from qa.index import generations as on_disk
from qa.index.build import embedded_text
from qa.index.manifest import FORMAT

ROOT = Path(__file__).resolve().parents[1]
NEWS = """白鹭晨报

古桥修缮一新

本报讯 记者宋听雨报道 始建于明代的望仙桥历时14个月完成修缮，12月3日恢复通行，共花费870万元。
"""


def generation_dirs(root):
    return sorted(path.name for path in root.glob("gen-*"))


def answers(root, encoder):
    """The first passage's source for a question about the water works."""
    from qa import Retriever

    return Retriever(open_index(root, encoder=encoder)).search("青石岭引水工程总投资多少？", 1)[0].text


class TestBuild:
    def test_rows_and_records_belong_together(self, small_index, encoder):
        index = open_index(small_index, encoder=encoder)
        passages = index.passages(list(range(index.manifest.passages)))
        texts = [embedded_text(p, index.article(p.article_id)) for p in passages]
        vectors = index.vectors.vectors(list(range(len(texts))))
        assert vectors.shape == (len(passages), encoder.dim)
        assert (vectors * encoder.encode_passages(texts)).sum(axis=1).min() > 0.9999
        assert (len(index.lexical.scores("引水")), index.lexical.size) == (len(passages), len(passages))
        for passage in passages:
            document = index.document(passage.source)
            assert slice_spans(document.text, passage.spans) == passage.text
        assert index.sources() == sorted(DOCUMENTS)

    def test_only_what_changed_is_embedded(self, own_index, archive, encoder):
        first = build_index(own_index, [archive], encoder=encoder)
        assert (first.embedded, first.dropped) == (0, ())  # the same texts, from another folder
        assert encoder.embedded == []
        page = archive / "山城教育报.txt"
        page.write_bytes(SCHOOL.replace("18万元", "19万元").encode("gb18030"))
        second = build_index(own_index, encoder=encoder)
        assert len(encoder.embedded) == second.embedded == 1
        assert "投入19万元" in encoder.embedded[0]
        assert second.reused == second.passages - 1

    def test_reused_vectors_stay_with_their_passages(self, own_index, archive, encoder):
        (archive / "a.txt").write_text(NEWS, encoding="utf-8")  # sorts first: every other row moves
        report = build_index(own_index, [archive], encoder=encoder)
        assert 0 < report.embedded < report.passages
        index = open_index(own_index, encoder=encoder)
        passages = index.passages(list(range(report.passages)))
        texts = [embedded_text(p, index.article(p.article_id)) for p in passages]
        vectors = index.vectors.vectors(list(range(report.passages)))
        assert (vectors * encoder.encode_passages(texts)).sum(axis=1).min() > 0.9999

    def test_add_remove_and_recorded_sources(self, own_index, tmp_path, small_archive, encoder):
        more = tmp_path / "more.txt"
        more.write_text(NEWS, encoding="utf-8")
        added = build_index(own_index, add=[more], encoder=encoder)
        assert added.sources == (str(small_archive), str(more))
        assert added.documents == len(DOCUMENTS) + 1
        again = build_index(own_index, add=[more], encoder=encoder)
        assert again.sources == added.sources
        removed = build_index(own_index, remove=[more], encoder=encoder)
        assert removed.sources == (str(small_archive),)
        assert removed.dropped == ("more.txt",)
        with pytest.raises(SourceError, match=r"more\.txt"):
            build_index(own_index, remove=[more], encoder=encoder)
        with pytest.raises(SourceError, match="没有来源"):
            build_index(own_index, remove=[small_archive], encoder=encoder)

    def test_files_that_are_gone_are_dropped_and_counted(self, own_index, archive, tmp_path, encoder):
        other = write_archive(tmp_path / "other", {"古桥.txt": NEWS.encode()})
        build_index(own_index, [archive, other], encoder=encoder)
        (archive / "海宁晚报.md").unlink()
        report = build_index(own_index, encoder=encoder)
        assert (report.dropped, report.embedded) == (("海宁晚报.md",), 0)
        assert "海宁晚报.md" not in open_index(own_index, encoder=encoder).sources()
        shutil.rmtree(other)  # a whole source may go
        report = build_index(own_index, encoder=encoder)
        assert (report.dropped, report.sources) == (("古桥.txt",), (str(archive),))
        shutil.rmtree(archive)
        with pytest.raises(SourceError, match="不在"):
            build_index(own_index, encoder=encoder)
        assert current_generation(own_index) == report.generation

    def test_a_bad_file_is_reported_and_the_others_are_built(self, tmp_path, archive, encoder):
        (archive / "图.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
        (archive / "空.txt").write_bytes(b" \n")
        (archive / "乱.txt").write_bytes("正文".encode() + b"\xff\xfe\xff" * 5)
        (archive / "标记.html").write_text("<p></p><div> </div>", encoding="utf-8")
        (archive / "读不了.txt").symlink_to("/proc/self/mem")
        report = build_index(tmp_path / "i", [archive], encoder=encoder)
        assert report.documents == len(DOCUMENTS)
        reasons = dict(report.failed)
        assert sorted(reasons) == sorted(["图.txt", "空.txt", "乱.txt", "标记.html", "读不了.txt"])
        assert all(source in reason and reason.endswith("。") for source, reason in reasons.items())
        stored = json.loads((tmp_path / "i" / "build-report.json").read_text(encoding="utf-8"))
        assert dict(stored["failed"]) == reasons
        with pytest.raises(SourceError, match=r"strict.*乱\.txt"):
            build_index(tmp_path / "i", [archive], encoder=encoder, strict=True)
        assert generation_dirs(tmp_path / "i") == ["gen-000001"]

    def test_an_error_of_ours_in_one_page_stops_no_other(self, tmp_path, archive, encoder, monkeypatch):
        from qa.index import build

        def broken(document):
            if document.source == "海宁晚报.md":
                raise ZeroDivisionError("a slip")
            return whole(document)

        whole = build.split_articles
        monkeypatch.setattr(build, "split_articles", broken)
        report = build_index(tmp_path / "i", [archive], encoder=encoder)
        assert report.documents == len(DOCUMENTS) - 1
        assert [source for source, _ in report.failed] == ["海宁晚报.md"]
        assert "ZeroDivisionError" in report.failed[0][1]

    def test_nothing_readable_and_no_such_source(self, tmp_path, encoder):
        (tmp_path / "empty").mkdir()
        with pytest.raises(SourceError, match="没有可读的文件"):
            build_index(tmp_path / "i", [tmp_path / "empty"], encoder=encoder)
        with pytest.raises(SourceError, match="没有找到"):
            build_index(tmp_path / "i", [tmp_path / "nowhere"], encoder=encoder)
        with pytest.raises(SourceError, match="没有来源"):
            build_index(tmp_path / "i", encoder=encoder)
        with pytest.raises(IndexNotFoundError):
            open_index(tmp_path / "i", encoder=encoder)

    def test_non_ascii_paths_and_names_in_another_encoding(self, tmp_path, encoder):
        folder = write_archive(tmp_path / "档案 ①" / "旧报")
        Path(os.fsdecode(os.fsencode(folder) + b"/" + "古桥.txt".encode("gbk"))).write_text(NEWS, "utf-8")
        root = tmp_path / "索引 目录" / "第一个"
        report = build_index(root, [folder], encoder=encoder)
        assert (report.documents, report.failed) == (len(DOCUMENTS) + 1, ())
        index = open_index(root, encoder=encoder)
        assert "古桥.txt" in index.sources()
        assert "引水" in answers(root, encoder)
        assert verify_index(root) == []

    def test_an_archive_without_a_word(self, tmp_path, encoder):
        report = build_index(
            tmp_path / "i", [write_archive(tmp_path / "a", {"x.txt": "……！！".encode()})], encoder=encoder
        )
        assert report.documents == 1
        assert open_index(tmp_path / "i", encoder=encoder).generation == "gen-000001"

    def test_an_index_path_that_is_a_file(self, tmp_path, archive, encoder):
        (tmp_path / "i").write_text("x")
        with pytest.raises(IndexStateError, match="写不了索引目录"):
            build_index(tmp_path / "i", [archive], encoder=encoder)
        with pytest.raises(IndexNotFoundError, match="wenbao build"):
            open_index(tmp_path / "i", encoder=encoder)


class TestLock:
    def test_another_writer_is_named(self, own_index, encoder):
        code = (
            "import sys; from pathlib import Path; from qa.index.generations import writer_lock\n"
            "with writer_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(own_index)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        ) as holder:
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(IndexLockedError, match=f"pid {holder.pid}"):
                build_index(own_index, encoder=encoder)
            with pytest.raises(IndexLockedError):
                rollback(own_index)
            assert open_index(own_index, encoder=encoder).generation == "gen-000001"  # readers never wait
            holder.communicate()
        assert build_index(own_index, encoder=encoder).generation == "gen-000002"

    def test_the_lock_is_free_after_a_failed_build(self, own_index, tmp_path, encoder):
        with pytest.raises(SourceError):
            build_index(own_index, [tmp_path / "nowhere"], encoder=encoder)
        with (own_index / "LOCK").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class TestCrash:
    def test_killed_before_publishing(self, own_index, encoder):
        code = (
            "import os, sys, qa.index.build as b\n"
            "class Fake:\n"
            "    name, dim, fingerprint = 'fake', 4, 'f'\n"
            "    def encode_queries(self, texts): return b.np.ones((len(texts), 4), 'f')\n"
            "    def encode_passages(self, texts, progress=None): return b.np.ones((len(texts), 4), 'f')\n"
            "b.publish = lambda *a: os._exit(9)\n"
            "b.build_index(sys.argv[1], encoder=Fake())"
        )
        died = subprocess.run([sys.executable, "-c", code, str(own_index)], cwd=ROOT, check=False)
        assert died.returncode == 9
        (left,) = own_index.glob("tmp-*")
        assert (left / "vectors.faiss").is_file()
        assert current_generation(own_index) == "gen-000001"
        assert "3.6亿元" in answers(own_index, encoder)
        report = build_index(own_index, encoder=encoder)
        assert list(own_index.glob("tmp-*")) == []
        assert (report.generation, report.reused) == ("gen-000002", report.passages)

    def test_stopped_between_rename_and_current(self, own_index, encoder, monkeypatch):
        def stop(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(on_disk, "set_current", stop)
            with pytest.raises(KeyboardInterrupt):
                build_index(own_index, encoder=encoder)
        assert generation_dirs(own_index) == ["gen-000001", "gen-000002"]
        assert open_index(own_index, encoder=encoder).generation == "gen-000001"
        assert build_index(own_index, encoder=encoder).generation == "gen-000003"
        # What never was in force is not what rollback goes back to.
        assert generation_dirs(own_index) == ["gen-000001", "gen-000003"]
        assert rollback(own_index) == "gen-000001"

    def test_a_full_disk_leaves_the_old_generation(self, own_index, encoder, monkeypatch):
        from qa.index import build

        def full(*_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(build, "write_store", full)
            with pytest.raises(IndexStateError, match="磁盘空间"):
                build_index(own_index, encoder=encoder)
        assert generation_dirs(own_index) == ["gen-000001"]
        assert list(own_index.glob("tmp-*")) == []
        assert "3.6亿元" in answers(own_index, encoder)


class TestRollback:
    def test_there_and_forward_again(self, own_index, tmp_path, encoder):
        (tmp_path / "more.txt").write_text(NEWS, encoding="utf-8")
        build_index(own_index, add=[tmp_path / "more.txt"], encoder=encoder)
        assert rollback(own_index) == "gen-000001"
        assert "more.txt" not in open_index(own_index, encoder=encoder).sources()
        with pytest.raises(IndexNotFoundError, match="没有更早的一代"):
            rollback(own_index)
        report = build_index(own_index, encoder=encoder)
        assert report.generation == "gen-000003"
        # The generation that was in force is kept, not the one that had been given up.
        assert generation_dirs(own_index) == ["gen-000001", "gen-000003"]
        assert verify_index(own_index) == []

    def test_two_generations_are_kept(self, own_index, encoder):
        for _ in range(3):
            build_index(own_index, encoder=encoder)
        assert generation_dirs(own_index) == ["gen-000003", "gen-000004"]

    @pytest.mark.parametrize("damaged", ["gen-000002/manifest.json", "gen-000002/vectors.faiss", "CURRENT"])
    def test_away_from_damage(self, own_index, encoder, damaged):
        build_index(own_index, encoder=encoder)
        if damaged == "CURRENT":
            shutil.rmtree(own_index / "gen-000002")
        (own_index / damaged).write_bytes(b"\0" * 50)
        with pytest.raises(IndexDamagedError, match="wenbao rollback"):
            open_index(own_index, encoder=encoder)
        assert rollback(own_index) == "gen-000001"
        assert "3.6亿元" in answers(own_index, encoder)

    def test_never_to_a_damaged_generation(self, own_index, encoder):
        build_index(own_index, encoder=encoder)
        flip(own_index / "gen-000001" / "passages.sqlite", 4000)
        with pytest.raises(IndexNotFoundError, match=r"gen-000001.*passages\.sqlite"):
            rollback(own_index)
        assert current_generation(own_index) == "gen-000002"

    def test_no_index_there_makes_none(self, tmp_path):
        with pytest.raises(IndexNotFoundError, match="没有索引"):
            rollback(tmp_path / "nowhere")
        assert not (tmp_path / "nowhere").exists()


def flip(path, at):
    """Turns one bit of the file."""
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 0x10
    path.write_bytes(data)


def files_of(root):
    directory = root / current_generation(root)
    return sorted(p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file())


class TestDamage:
    def test_one_bit_in_any_file_is_found_and_never_loaded(self, own_index, encoder):
        names = files_of(own_index)
        assert {"manifest.json", "vectors.faiss", "passages.sqlite", "build-report.json"} <= set(names)
        assert sum(name.startswith("bm25/") for name in names) >= 4
        for name in names:
            path = own_index / "gen-000001" / name
            size = path.stat().st_size
            for at in {0, size // 3, size // 2, size - 1}:
                whole = path.read_bytes()
                flip(path, at)
                if name == "manifest.json":
                    with pytest.raises(IndexDamagedError, match=r"manifest\.json"):
                        verify_index(own_index)
                else:
                    assert verify_index(own_index) == [f"{name}：大小或校验和与清单不符"]
                with pytest.raises(IndexDamagedError) as raised:
                    open_index(own_index, encoder=encoder)
                assert name.rpartition("/")[2] in str(raised.value)
                assert "wenbao rollback" in str(raised.value)
                path.write_bytes(whole)
        assert verify_index(own_index) == []

    def test_missing_and_shortened_files(self, own_index, encoder):
        for name in files_of(own_index):
            path = own_index / "gen-000001" / name
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            with pytest.raises(IndexDamagedError):
                open_index(own_index, encoder=encoder)
            path.unlink()
            with pytest.raises(IndexDamagedError):
                open_index(own_index, encoder=encoder)
            path.write_bytes(whole)
        assert open_index(own_index, encoder=encoder).generation == "gen-000001"

    @pytest.mark.parametrize("line", ["", "gen-000001", "gen-000001 " + "0" * 64 + "\n", "gen-000009 x\n"])
    def test_a_current_that_says_something_else(self, own_index, encoder, line):
        (own_index / "CURRENT").write_text(line)
        with pytest.raises(IndexDamagedError, match="wenbao build"):
            open_index(own_index, encoder=encoder)

    def test_a_half_written_directory(self, tmp_path, encoder):
        root = tmp_path / "i"
        (root / "tmp-000001-1").mkdir(parents=True)
        (root / "tmp-000001-1" / "vectors.faiss").write_bytes(b"half")
        with pytest.raises(IndexNotFoundError, match="wenbao build"):
            open_index(root, encoder=encoder)
        with pytest.raises(IndexNotFoundError):
            open_index(tmp_path / "nowhere", encoder=encoder)
        with pytest.raises(IndexNotFoundError):
            verify_index(root)

    def test_a_damaged_manifest_loses_no_source(self, own_index, small_archive, tmp_path, encoder):
        flip(own_index / "gen-000001" / "manifest.json", 100)
        (tmp_path / "more.txt").write_text(NEWS, encoding="utf-8")
        for sources in ({}, {"add": [tmp_path / "more.txt"]}):
            with pytest.raises(IndexDamagedError, match="给出全部来源"):
                build_index(own_index, **sources, encoder=encoder)
        report = build_index(own_index, [small_archive], encoder=encoder)
        assert (report.documents, report.reused) == (len(DOCUMENTS), 0)
        assert verify_index(own_index) == []

    def test_a_damaged_parent_only_costs_time(self, own_index, encoder):
        flip(own_index / "gen-000001" / "vectors.faiss", 3000)
        report = build_index(own_index, encoder=encoder)
        assert (report.reused, report.embedded) == (0, report.passages)
        assert verify_index(own_index) == []


def rewrite_manifest(root, **changes):
    """The manifest with other values, its sum in CURRENT put right."""
    generation = current_generation(root)
    path = root / generation / "manifest.json"
    text = json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    (root / "CURRENT").write_text(f"{generation} {hashlib.sha256(text.encode()).hexdigest()}\n")


class TestMismatch:
    def test_another_encoder(self, own_index, encoder):
        rewrite_manifest(own_index, encoder="gte-news-base", encoder_fingerprint="0123456789abcdef")
        with pytest.raises(IndexMismatchError) as raised:
            open_index(own_index, encoder=encoder)
        message = str(raised.value)
        assert isinstance(raised.value, QAError)
        for part in ("gte-news-base", "0123456789ab", encoder.name, encoder.fingerprint[:12]):
            assert part in message

    def test_a_newer_format(self, own_index, encoder):
        rewrite_manifest(own_index, format=99)
        with pytest.raises(IndexMismatchError, match=rf"第 99 版.*第 {FORMAT} 版"):
            open_index(own_index, encoder=encoder)
        with pytest.raises(IndexMismatchError, match="第 99 版"):
            build_index(own_index, encoder=encoder)

    def test_counts_that_do_not_agree(self, own_index, encoder):
        rewrite_manifest(own_index, passages=3)
        with pytest.raises(IndexDamagedError, match="数目不一致"):
            open_index(own_index, encoder=encoder)

    def test_fields_that_are_missing(self, own_index, encoder):
        rewrite_manifest(own_index, files=None)
        with pytest.raises(IndexDamagedError, match="清单不完整"):
            open_index(own_index, encoder=encoder)

    def test_no_such_model(self, own_index, tmp_path):
        with pytest.raises(ModelError, match="编码模型"):
            open_index(own_index, model=str(tmp_path / "no-model"))

    def test_a_change_of_encoder_embeds_everything(self, own_index, encoder):
        rewrite_manifest(own_index, encoder_fingerprint="another")
        report = build_index(own_index, encoder=encoder)
        assert (report.reused, report.embedded) == (0, report.passages)


class RememberingReader:
    """The real reader; what it has read before it does not read again."""

    def __init__(self, inner):
        self.inner = inner
        self.fingerprint = inner.fingerprint
        self.known = {}

    def read(self, question, passages, **options):
        key = (question, tuple(passages))
        if key not in self.known:
            self.known[key] = self.inner.read(question, passages, **options)
        return self.known[key]


class TestReaders:
    def test_fifty_questions_during_a_build(self, own_index, archive, small_pipeline, encoder):
        """Each reply is of one generation; the questions after the build are answered by the new one."""
        retriever = type(small_pipeline.retriever)(open_index(own_index, encoder=encoder))
        reader = RememberingReader(small_pipeline.reader)
        pipeline = QAPipeline(retriever, reader, small_pipeline.calibration)
        page = archive / "山城教育报.txt"
        page.write_bytes(SCHOOL.replace("18万元", "23万元").encode("gb18030"))
        failures = []

        def build():
            try:
                for _ in range(3):  # more generations than are kept
                    build_index(own_index, [archive], encoder=encoder)
            except BaseException as error:
                failures.append(error)

        writer = threading.Thread(target=build)
        seen = []
        for n in range(50):
            if n == 5:
                writer.start()
            if n == 48:
                writer.join()
            reply = pipeline.ask("柳溪镇的校园气象站投入多少万元？")
            money = {
                word
                for found in reply.passages
                for word in ("18万元", "23万元")
                if word in found.text.replace(" ", "")
            }
            seen.append((reply.generation, tuple(sorted(money))))
        assert failures == []
        assert {money for generation, money in seen if generation == "gen-000001"} == {("18万元",)}
        assert {money for generation, money in seen if generation != "gen-000001"} == {("23万元",)}
        assert [generation for generation, _ in seen] == sorted(generation for generation, _ in seen)
        assert seen[0][0] == "gen-000001"
        assert seen[-1][0] == "gen-000004"

    def test_an_open_generation_outlives_its_removal(self, own_index, encoder):
        from qa import Retriever

        held = open_index(own_index, encoder=encoder)
        for _ in range(2):
            build_index(own_index, encoder=encoder)
        assert not (own_index / "gen-000001").exists()
        found = Retriever(held).search_in(held, ["青石岭引水工程总投资多少？"], 3)[0]
        assert "3.6亿元" in found[0].text
        assert found[0].lexical_score > 0

    def test_opening_follows_a_generation_that_was_replaced(self, own_index, encoder, monkeypatch):
        """Between reading CURRENT and opening, the generation is replaced and removed."""
        from qa.index import opened

        asked = []

        def stale(root):
            line = on_disk.read_current(root)
            if not asked:
                asked.append(line)
                build_index(root, encoder=encoder)
                shutil.rmtree(root / line[0])
            return line

        monkeypatch.setattr(opened, "read_current", stale)
        assert open_index(own_index, encoder=encoder).generation == "gen-000002"
