"""Files made to do harm, and folders: each is read, or refused with a reason, quickly; the others are read."""

import contextlib
import os
import resource
import socket
import time
import zipfile
from pathlib import Path

import pytest
from test_documents_formats import PARAGRAPH, W, make_docx, make_pdf, paragraph

from qa import SourceError
from qa.documents import SourceFile, list_files, read_documents
from qa.documents.html import looks_like_html
from qa.index import build_index

LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {'abcdefghijk'[n + 1]} '{f'&{chr(97 + n)};' * 10}'>" for n in range(10)
)


def reading(folder, data, name="a.bin"):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        return read_documents(SourceFile(path, name))
    finally:
        assert time.monotonic() - start < 30
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**20  # KiB


class TestFiles:
    def test_zip_bomb(self, tmp_path):
        path = tmp_path / "bomb"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("word/document.xml", "w") as part,
        ):
            part.write(f"<w:document {W}><w:body>".encode())
            for _ in range(200):
                part.write(b" " * 2**20)
        assert path.stat().st_size < 300_000
        with pytest.raises(SourceError, match="压缩炸弹"):
            reading(tmp_path, path.read_bytes())

    def test_a_bomb_of_text(self, tmp_path):
        data = make_docx(tmp_path / "x", paragraph("字" * 11_000_000))
        with pytest.raises(SourceError, match="超过 1000 万字"):
            reading(tmp_path, data)

    def test_entities_that_multiply(self, tmp_path):
        with pytest.raises(SourceError, match="实体定义"):
            reading(tmp_path, make_docx(tmp_path / "x", paragraph("&k;"), prolog=f"{LAUGHS}]>"))
        with pytest.raises(SourceError, match="XML 文件"):
            reading(tmp_path, f"<?xml version='1.0'?>{LAUGHS}]><r>&k;</r>")
        (document,) = reading(
            tmp_path, f"{LAUGHS}]><html><body><p>&k;{PARAGRAPH}</p></body></html>", "a.html"
        ).documents
        assert PARAGRAPH in document.text
        assert "haha" not in document.text

    def test_front_matter_that_multiplies(self, tmp_path):
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
        text = "---\n" + "\n".join([*lines, "title: *a11"]) + f"\n---\n{PARAGRAPH}"
        assert reading(tmp_path, text).documents[0].text == PARAGRAPH
        for value in ("[" * 50_000, "- " * 20_000, "{a: " * 10_000, "0x" + "f" * 60_000, "9" * 60_000):
            assert PARAGRAPH in reading(tmp_path, f"---\ntitle: {value}\n---\n{PARAGRAPH}").documents[0].text

    def test_nested_tags(self, tmp_path):
        for tags in ("<div class=nav>", "<div><b>", "<ul><li><a>", "<table><tr><td>"):
            (document,) = reading(tmp_path, tags * 100_000 + f"<p>{PARAGRAPH}</p></div>").documents
            assert PARAGRAPH in document.text
        (document,) = reading(tmp_path, "<div>" + "<b>字</b>" * 50_000 + "</div>").documents
        assert len(document.text) == 50_001

    def test_nested_paragraphs_of_docx(self, tmp_path):
        body = (
            "<w:p><w:r><w:txbxContent>" * 50_000 + paragraph("底") + "</w:txbxContent></w:r></w:p>" * 50_000
        )
        assert "底" in reading(tmp_path, make_docx(tmp_path / "x", body)).documents[0].text

    def test_comments_do_not_take_for_ever(self):
        assert not looks_like_html("<!-- x -->" * 5000 + "字")

    @pytest.mark.parametrize("piece", ["<a ", "<!--", "<![x[", "</", "<a b='", "&#", "<?"])
    def test_broken_tags_end(self, tmp_path, monkeypatch, piece):
        monkeypatch.setattr("qa.documents.html.SECONDS", 2)
        # Either it ends in time or it is stopped; which, is the library's affair.
        with contextlib.suppress(SourceError):
            assert (
                PARAGRAPH
                in reading(tmp_path, f"<div>{PARAGRAPH}</div>" + piece * 30_000, "a.html").documents[0].text
            )

    def test_a_million_pages(self, tmp_path):
        pdf = make_pdf([[(50, 700, 10, "字。")]]).replace(b"/Count 1 ", b"/Count 1000000 ")
        with pytest.raises(SourceError, match="自称有 1000000 页"):
            reading(tmp_path, pdf)

    def test_pages_in_a_ring(self, tmp_path):
        pdf = make_pdf([[(50, 700, 10, "字。")]]).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]")
        with pytest.raises(SourceError):
            reading(tmp_path, pdf)

    def test_a_very_long_line(self, tmp_path):
        with pytest.raises(SourceError, match="一行长 7000000 字"):
            reading(tmp_path, "字" * 7_000_000)
        with pytest.raises(SourceError, match="一行长"):
            reading(tmp_path, "<p>" + "字" * 7_000_000 + "</p>")
        with pytest.raises(SourceError, match="一行长"):
            reading(tmp_path, '{"text": "' + "字" * 7_000_000 + '"}')

    @pytest.mark.parametrize(
        "data",
        [
            b"\x89PNG\r\n\x1a\n" + bytes(99),
            b"\xff\xd8\xff\xe0" + bytes(99),
            os.urandom(4096) + b"\0\1",
            b"",
            b"%PDF-",
            b"PK\x03\x04",
        ],
    )
    def test_what_is_no_text(self, tmp_path, data):
        with pytest.raises(SourceError, match=r"^a\.bin"):
            reading(tmp_path, data)


@pytest.fixture
def folder(tmp_path):
    """A folder with one good file, everything that is no file, and a secret beside it."""
    (tmp_path / "secret.txt").write_text("不该读到的秘密。", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.txt").write_text("不该读到的秘密。", encoding="utf-8")
    root = tmp_path / "报纸"
    (root / "内").mkdir(parents=True)
    (root / "内/好.txt").write_text(PARAGRAPH, encoding="utf-8")
    (root / "out.txt").symlink_to("../secret.txt")
    (root / "outdir").symlink_to("../outside")
    (root / "same.txt").symlink_to("内/好.txt")
    (root / "loop").symlink_to(".")
    (root / "内/up").symlink_to("..")
    (root / "self").symlink_to("self")
    (root / "gone").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as sock:
        here = Path.cwd()  # an address of a socket may have 100 bytes
        os.chdir(root)
        try:
            sock.bind("socket")
        finally:
            os.chdir(here)
        yield root


class TestFolders:
    def test_what_is_no_file_is_named_and_not_opened(self, folder):
        files = list_files([folder])
        problems = {file.source: file.problem for file in files if file.problem}
        # Two names of one file are one file.
        assert sum(file.problem is None for file in files) == 1
        assert {name: text.split("，")[0].removeprefix(f"{name} ") for name, text in problems.items()} == {
            "out.txt": "是通到文件夹之外的链接",
            "outdir": "是通到文件夹之外的链接",
            "self": "是断了的链接",
            "gone": "是断了的链接",
            "pipe": "是管道",
            "socket": "是套接字",
        }
        for file in files:
            if file.problem:
                with pytest.raises(SourceError):
                    read_documents(file)

    def test_a_pipe_given_by_itself(self, folder):
        with pytest.raises(SourceError, match="是管道"):
            list_files([folder / "pipe"])
        with pytest.raises(SourceError, match="不是普通文件"):
            read_documents(SourceFile(folder / "pipe", "pipe"))

    @pytest.mark.parametrize("name", ["a\0b", "x" * 300, "/".join(["y" * 200] * 30), "没有"])
    def test_names_that_cannot_be(self, tmp_path, name):
        with pytest.raises(SourceError, match="没有找到"):
            list_files([f"{tmp_path}/{name}"])

    def test_names_with_dots_and_controls(self, tmp_path):
        (tmp_path / "a").mkdir()
        for name in ("x..txt", "\x1b[31m红\n.txt", "长" * 80):
            (tmp_path / "a" / name).write_text(PARAGRAPH, encoding="utf-8")
        names = [file.source for file in list_files([tmp_path / "a/../a"])]
        assert sorted(names) == sorted(["x..txt", "\ufffd[31m红\ufffd.txt", "长" * 80])

    def test_no_permission(self, tmp_path):
        root = tmp_path / "a"
        (root / "shut").mkdir(parents=True)
        (root / "no.txt").write_text(PARAGRAPH, encoding="utf-8")
        for path in tmp_path.parents[:3]:
            path.chmod(0o755)
        tmp_path.chmod(0o755)
        (root / "no.txt").chmod(0)
        (root / "shut").chmod(0)
        root_user = os.geteuid() == 0
        if root_user:
            os.seteuid(65534)
        try:
            shut, no = sorted(list_files([root]), key=lambda file: file.problem is None)
            assert shut.problem == "shut 读不了（Permission denied）；请检查文件夹的权限。"
            with pytest.raises(SourceError, match=r"读不了 no\.txt（Permission denied）"):
                read_documents(no)
        finally:
            if root_user:
                os.seteuid(0)
            (root / "shut").chmod(0o755)

    def test_a_build_reads_what_it_can_and_says_the_rest(self, folder, tmp_path, encoder):
        (folder / "空.txt").write_bytes(b"")
        (folder / "图.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
        (folder / "坏.pdf").write_bytes(b"%PDF-1.4 broken")
        (folder / "版.pdf").write_bytes(make_pdf([[(50, 700, 10, "望潮港吞吐量创新高。")]]))
        (folder / "稿.docx").write_bytes(make_docx(tmp_path / "x", paragraph(PARAGRAPH)))
        (folder / "导出.jsonl").write_text(
            '{"text": "甲地的事。"}\n{"text": 坏\n{"text": "乙地的事。"}\n', encoding="utf-8"
        )
        report = build_index(tmp_path / "index", [folder], encoder=encoder)
        assert report.documents == 5
        reasons = dict(report.failed)
        assert set(reasons) == {
            "out.txt", "outdir", "self", "gone", "pipe", "socket", "空.txt", "图.txt", "坏.pdf", "导出.jsonl",
        }  # fmt: skip
        assert "第 2 行" in reasons["导出.jsonl"]
        assert all(text.endswith("。") for text in reasons.values())
