"""JSON Lines, PDF, DOCX, Markdown, and what of a web page is no article."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from qa import SourceError
from qa.articles import split_articles
from qa.datatypes import slice_spans
from qa.documents import SourceFile, document_of, read_documents
from qa.documents import parsing as parsing_module
from qa.documents.html import read_html

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PARAGRAPH = "本报讯 记者陆文渊报道 云川市青石岭引水工程昨日通水，工程总投资3.6亿元，惠及117个行政村。"


def reading(folder, data, name="a.bin"):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_documents(SourceFile(path, name))


def make_pdf(pages, info=""):
    """A PDF whose pages are lists of ``(x, y, size, text)``; no font is in it, as PDFium needs none to tell the text."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{6 + 2 * n} 0 R' for n in range(len(pages)))}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0"
        " /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >>",
    ]
    for n, page in enumerate(pages):
        stream = "\n".join(
            f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm <{text.encode('utf-16-be').hex()}> Tj ET"
            for x, y, size, text in page
        )
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {7 + 2 * n} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for place in places:
        out += f"{place:010d} 00000 n \n".encode()
    return bytes(
        out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {info} >>\nstartxref\n{start}\n%%EOF".encode()
    )


def make_docx(path, body, *, styles="", core="", prolog="", name="word/document.xml"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, f"{prolog}<w:document {W}><w:body>{body}</w:body></w:document>")
        if styles:
            archive.writestr("word/styles.xml", f"<w:styles {W}>{styles}</w:styles>")
        if core:
            archive.writestr(
                "docProps/core.xml",
                f'<c:core xmlns:c="c" xmlns:dc="http://purl.org/dc/elements/1.1/">{core}</c:core>',
            )
    return path.read_bytes()


def paragraph(text, properties="", run=""):
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


class TestJsonLines:
    def test_each_record_is_a_document_with_its_own_fields(self, tmp_path):
        lines = [
            {
                "id": 7,
                "title": "引水入川",
                "正文": PARAGRAPH,
                "来源": "云川日报",
                "date": 20210518,
                "page": "03版",
            },
            {
                "Title": "旧粮库",
                "content": ["第一段说粮库。", "第二段说书。"],
                "author": ["甲", "乙"],
                "url": "http://x.invalid/1",
            },
        ]
        data = "\r\n".join(json.dumps(line, ensure_ascii=n == 0) for n, line in enumerate(lines))
        found = reading(tmp_path, data, "导出.txt")
        assert found.problems == ()
        first, second = found.documents
        assert (first.source, first.format, first.encoding) == ("导出.txt:1", "jsonl", "utf-8")
        assert (first.title, first.newspaper, first.date, first.page, first.id) == (
            "引水入川",
            "云川日报",
            "2021-05-18",
            "03",
            "7",
        )
        assert first.text == f"引水入川\n\n{PARAGRAPH}\n"
        assert second.text == "旧粮库\n\n第一段说粮库。\n第二段说书。\n"
        assert (second.author, second.url, second.date) == ("甲、乙", "http://x.invalid/1", None)
        (article,) = split_articles(first).articles
        assert (article.title, article.id) == ("引水入川", "导出.txt:1#1")
        assert slice_spans(first.text, article.spans) == article.text == PARAGRAPH

    def test_the_map_leads_through_escapes_to_the_file(self, tmp_path):
        text = '一"二\\三\n四\r\n五😀六\t七'
        raw = "\n" + json.dumps({"text": [text, "<p>甲&lt;乙</p><p>丙</p>"], "title": " 题 "})
        (document,) = reading(tmp_path, raw).documents
        assert document.text == '题\n\n一"二\\三\n四\n五😀六\t七\n甲<乙\n丙\n\n'
        for start, place, length in document.file_map:
            for n in range(length):
                there = re.match(r"(?:\\u[0-9a-f]{4}){1,2}|\\.|.", raw[place + n :], re.DOTALL).group()
                char = document.text[start + n]
                if there.startswith("\\u"):
                    assert char == json.loads(f'"{there[:6]}"') or char == json.loads(f'"{there}"')
                else:
                    assert char in ("\n", there, json.loads(f'"{there}"') if there[0] == "\\" else "<")

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ('{"text": "没有完', "第 2 行.*不是完整的 JSON"),
            ('{"text": "甲"} 多余', "第 2 行.*不是完整的 JSON"),
            ('["甲"]', "第 2 行.*不是完整的 JSON"),
            ('{"标题": "只有标题"}', "第 2 行.*没有正文"),
            ('{"text": "　"}', "第 2 行.*正文是空的"),
            ('{"text": {"a": 1}}', "第 2 行.*正文应当是字符串"),
            ('{"text": "甲\\u0000乙"}', "第 2 行.*空字符"),
            ('{"text": "甲\\ud800乙"}', "第 2 行.*代理字符"),
            ('{"text": "甲", "page": ' + "9" * 5000 + "}", "第 2 行"),
            ('{"text": ' + "[" * 100_000, "第 2 行"),
        ],
        ids=range(10),
    )
    def test_a_bad_line_is_named_and_the_others_are_read(self, tmp_path, line, reason):
        good = json.dumps({"text": PARAGRAPH}, ensure_ascii=False)
        found = reading(tmp_path, f"{good}\n{line}\n\n{good}\n", "甲.jsonl")
        assert [document.source for document in found.documents] == ["甲.jsonl:1", "甲.jsonl:4"]
        (problem,) = found.problems
        assert re.search(reason, problem)

    def test_files_without_a_good_line(self, tmp_path):
        with pytest.raises(SourceError, match=r"2 行都读不了.*第 1 行.*没有正文"):
            reading(tmp_path, '{"html_body": "x"}\n{"a": 1}')
        with pytest.raises(SourceError, match="不是每行一条记录"):
            reading(tmp_path, '[\n{"text": "x"}\n]')
        many = '{"text": "甲。"}\n' + '{"x": 1}\n' * 50
        assert len(reading(tmp_path, many).problems) == 21

    def test_gbk(self, tmp_path):
        (document,) = reading(
            tmp_path, json.dumps({"正文": PARAGRAPH}, ensure_ascii=False).encode("gbk")
        ).documents
        assert (document.text, document.encoding) == (f"{PARAGRAPH}\n", "gb18030")


class TestPdf:
    def test_lines_headlines_and_pages(self, tmp_path):
        pdf = make_pdf(
            [
                [(50, 700, 30, "引水入川润泽百村"), (50, 660, 10, "第一行"), (50, 645, 10, "第二行。")],
                [(50, 700, 10, "次页的字。")],
            ]
        )
        found = reading(tmp_path, pdf, "云川日报-20210518.txt")
        (document,) = found.documents
        assert found.problems == ()
        assert document.text == "引水入川润泽百村\n第一行\n第二行。\n\n次页的字。\n"
        assert (document.format, document.encoding, document.newspaper, document.date) == (
            "pdf",
            "pdf",
            "云川日报",
            "2021-05-18",
        )
        assert document.marks == ((0, 8, "heading"),)

    def test_columns_under_a_headline_are_read_one_after_the_other(self, tmp_path):
        left = [(50, 640 - 15 * n, 10, f"左栏第{'一二三四五六'[n]}行的文字") for n in range(6)]
        right = [(300, 640 - 15 * n, 10, f"右栏第{'一二三四五六'[n]}行的文字") for n in range(6)]
        # The file itself goes across the columns.
        across = [line for pair in zip(left, right, strict=True) for line in pair]
        page = [(50, 700, 30, "横贯两栏的一个大标题在上"), *across, (50, 500, 10, "横贯全页的一行脚注" * 4)]
        (document,) = reading(tmp_path, make_pdf([page])).documents
        lines = [line.strip() for line in document.text.split("\n") if line.strip()]
        assert lines == [page[0][3], *(line[3] for line in left), *(line[3] for line in right), page[-1][3]]

    def test_a_headline_from_top_to_bottom(self, tmp_path):
        # PDFium leaves out a lone character whose font is not in the file: its box has no width.
        page = [(500, 700 - 20 * n, 20, f"{char}　") for n, char in enumerate("竖排标题")]
        page += [(50, 700 - 15 * n, 10, "横排的文字一行。") for n in range(4)]
        (document,) = reading(tmp_path, make_pdf([page])).documents
        assert "竖排标题\n" in document.text

    def test_no_text_layer_and_some_pages_without(self, tmp_path):
        with pytest.raises(SourceError, match="没有文字层；请先做文字识别"):
            reading(tmp_path, make_pdf([[], []]))
        found = reading(tmp_path, make_pdf([[(50, 700, 10, "有字。")], []]), "甲.pdf")
        assert found.problems == (
            "甲.pdf 第 2 页没有文字层，其余各页已读入；如果是扫描页，请先做文字识别（OCR）。",
        )

    def test_encrypted_and_damaged(self, tmp_path):
        lock = (
            f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >>"
            f" /ID [<{'00' * 16}> <{'00' * 16}>]"
        )
        with pytest.raises(SourceError, match="加了密码"):
            reading(tmp_path, make_pdf([[(50, 700, 10, "密。")]], lock))
        with pytest.raises(SourceError, match="已损坏"):
            reading(tmp_path, b"%PDF-1.7\n" + bytes(range(256)) * 4)


class TestDocx:
    def test_paragraphs_headings_and_tables(self, tmp_path):
        styles = (
            '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
            '<w:style w:styleId="own"><w:name w:val="本报标题"/><w:basedOn w:val="1"/></w:style>'
        )
        cell = "<w:tc>{}</w:tc>".format
        body = (
            paragraph("引水入川", '<w:pStyle w:val="own"/>')
            + paragraph(PARAGRAPH)
            + paragraph("粗体小标题", run="<w:b/>")
            + "<w:p><w:r><w:t>一</w:t><w:tab/><w:t>二</w:t><w:br/><w:t>三 &amp; 四</w:t></w:r>"
            "<w:del><w:r><w:delText>删</w:delText><w:t>删</w:t></w:r></w:del></w:p>"
            + f"<w:tbl><w:tr>{cell(paragraph('年份'))}{cell(paragraph('产量'))}</w:tr>"
            f"<w:tr>{cell(paragraph('2020年'))}{cell(paragraph('5.6万吨'))}</w:tr>"
            f"<w:tr>{cell(paragraph('甲。') + paragraph('乙。'))}</w:tr></w:tbl>"
        )
        data = make_docx(tmp_path / "x", body, styles=styles, core="<dc:title>题</dc:title>")
        (document,) = reading(tmp_path, data, "云川日报.doc").documents
        assert document.text == (
            f"引水入川\n{PARAGRAPH}\n粗体小标题\n一\t二\n三 & 四\n年份\t产量\n2020年\t5.6万吨\n甲。\n乙。\n"
        )
        assert [(document.text[a:b], label) for a, b, label in document.marks] == [
            ("引水入川", "heading"),
            ("粗体小标题", "strong"),
            ("年份\t产量", "table"),
            ("2020年\t5.6万吨", "table"),
        ]
        assert (document.format, document.title, document.newspaper) == ("docx", "题", "云川日报")

    def test_a_text_box_is_read_once(self, tmp_path):
        box = f"<w:txbxContent>{paragraph('框里的字')}</w:txbxContent>"
        body = (
            "<w:p><w:r><w:t>框外的字</w:t></w:r><w:r><mc:AlternateContent xmlns:mc='mc'>"
            f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        )
        (document,) = reading(tmp_path, make_docx(tmp_path / "x", body)).documents
        assert document.text == "框里的字\n框外的字\n"

    def test_other_packages_are_named(self, tmp_path):
        for name, what in (("xl/workbook.xml", "Excel"), ("content.xml", "OpenDocument"), ("a.txt", "ZIP")):
            with pytest.raises(SourceError, match=rf"{what}.*不是 Word"):
                reading(tmp_path, make_docx(tmp_path / "x", "", name=name))
        whole = make_docx(tmp_path / "x", paragraph(PARAGRAPH))
        with pytest.raises(SourceError, match="损坏"):
            reading(tmp_path, whole[: len(whole) // 2])


class TestTheChild:
    @pytest.fixture
    def worker(self, tmp_path, monkeypatch):
        def replaced_by(code):
            path = tmp_path / "worker.py"
            path.write_text(code, encoding="utf-8")
            monkeypatch.setattr(parsing_module, "_WORKER", path)
            monkeypatch.setattr(parsing_module, "SECONDS", 2)

        return replaced_by

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("while True: pass", "2 秒还没有完"),
            ("import os; os.abort()", "中断（返回值 -6）"),
            ("print('no json')", "中断"),
            ('print(\'{"text": 1, "title": null, "marks": [], "problems": []}\')', "中断"),
        ],
    )
    def test_whatever_becomes_of_it_is_a_sentence(self, tmp_path, worker, code, reason):
        worker(code)
        with pytest.raises(SourceError, match=reason):
            reading(tmp_path, make_pdf([[(50, 700, 10, "字。")]]))

    def test_its_memory_is_limited(self, tmp_path):
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); import worker; worker._limit();"
            "\ntry: x = bytearray(2**30)\nexcept MemoryError: print('limited')"
        )
        folder = Path(parsing_module.__file__).parent
        probe = tmp_path / "probe.py"
        probe.write_text(
            code.replace(
                "sys.path.insert(0, sys.argv[1]); import worker",
                "import importlib.util as u; s = u.spec_from_file_location('worker', sys.argv[1] + '/worker.py');"
                " worker = u.module_from_spec(s); s.loader.exec_module(worker)",
            ),
            encoding="utf-8",
        )
        done = subprocess.run(
            ["python3", str(probe), str(folder)], capture_output=True, text=True, check=False
        )
        assert done.stdout == "limited\n"

    def test_no_pickle_and_no_torch(self):
        for path in Path(parsing_module.__file__).parent.glob("*.py"):
            source = path.read_text(encoding="utf-8")
            assert not re.search(r"pickle|marshal|shelve|\beval\(|\bexec\(|import torch", source), path


class TestMarkdown:
    def test_signs_of_bold_and_links_are_not_text(self):
        raw = "# 标题\n\n**小标题**\n\n产量**5.6万吨**，见[本报网站](https://x.invalid/a)，5*3=15，a_b_c。\n"
        document = document_of(raw, "a.md", "utf-8", "")
        assert document.text == "# 标题\n\n小标题\n\n产量5.6万吨，见本报网站，5*3=15，a_b_c。\n"
        assert [(document.text[a:b], label) for a, b, label in document.marks] == [("小标题", "strong")]
        for start, place, length in document.file_map:
            assert document.text[start : start + length] == raw[place : place + length]

    def test_rows_of_tables_head_nothing(self):
        raw = "# 标题\n\n本报讯 表中是产量。\n\n| 年份 | 产量 |\n|---|---|\n| 2020年 | 5.6万吨 |\n\n后文说明情况。\n"
        document = document_of(raw, "a.md", "utf-8", "")
        labels = [label for _, _, label in document.marks]
        assert labels == ["table", "furniture", "table"]
        (article,) = split_articles(document).articles
        assert "2020年 | 5.6万吨" in article.text
        assert "---" not in article.text


WEB = f"""<html><head><title>t</title><meta property="og:title" content="引水入川 润泽百村"></head><body>
<div class="top-nav"><a href=/>首页</a> <a href=/a>要闻</a></div>
<div class="crumbs"><a>首页</a> &gt; <a>新闻</a> &gt; 正文</div>
<h1>引水入川 润泽百村</h1><p>{PARAGRAPH}</p><p>“过去吃水靠挑，现在拧开龙头就有。”韩桂兰说。</p>
<p>分享到：微信 微博 QQ空间</p><div>上一篇：<a>老粮库变身图书馆</a></div><div>下一篇：<a>渔民养蟹</a></div>
<ul><li><a>今日要闻甲</a></li><li><a>今日要闻乙</a></li><li><a>今日要闻丙</a></li></ul>
<footer>云川日报社版权所有</footer></body></html>"""


class TestFurniture:
    def test_only_the_article_is_an_article(self):
        document = document_of(WEB, "a.html", "utf-8", "")
        (article,) = split_articles(document).articles
        assert (article.title, article.kicker) == ("引水入川 润泽百村", None)
        assert article.text == f"{PARAGRAPH}\n“过去吃水靠挑，现在拧开龙头就有。”韩桂兰说。"
        assert "今日要闻甲" in document.text  # labelled, not dropped

    def test_a_name_is_not_believed_against_the_text(self):
        text, _, marks, _ = read_html(f"<div class='content nav'><p>{PARAGRAPH * 8}</p></div>")
        assert PARAGRAPH in text
        assert marks == []

    def test_lists_of_text_are_text(self):
        _, _, marks, _ = read_html("<ul><li>第一条，见<a>附件</a>。</li><li>第二条，照办。</li></ul>")
        assert marks == []

    def test_tables_that_lay_out_a_page_stay_lines(self):
        text, _, marks, _ = read_html(
            f"<table><tr><td>左</td><td><p>{PARAGRAPH}</p><p>{PARAGRAPH}</p></td></tr></table>"
        )
        assert text == f"左\n{PARAGRAPH}\n{PARAGRAPH}\n"
        assert marks == []
