"""Files to Documents: encodings without a lost character, visible text of HTML with its map, metadata."""

import html as standard_html
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import SourceError
from qa.documents import SourceFile, document_of, list_files, read_document
from qa.documents.decoding import decode
from qa.documents.html import looks_like_html, read_html

STORY = "本报讯 朱镕基总理昨日在京会见来访客人，双方就“十五”计划交换意见。会谈持续了1.5小时。"
TRADITIONAL = "【本報訊】昨日下午，市長在會議上表示：「這項工程將於明年三月完工，屆時兩岸的學生都能受惠。」"


def read(path, data, name="a.txt"):
    file = path / name
    file.write_bytes(data)
    return read_document(SourceFile(file, name))


class TestDecoding:
    @pytest.mark.parametrize(
        ("data", "encoding"),
        [
            (STORY.encode("gbk"), "gb18030"),
            (STORY.encode("utf-8"), "utf-8"),
            (STORY.encode("utf-8-sig"), "utf-8"),
            (STORY.encode("utf-16"), "utf-16"),
            (b"\xfe\xff" + STORY.encode("utf-16-be"), "utf-16"),
            (STORY.encode("utf-16-le"), "utf-16-le"),
            (STORY.encode("utf-16-be"), "utf-16-be"),
            (STORY.encode("utf-32"), "utf-32"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_each_encoding_is_told_and_nothing_is_lost(self, data, encoding):
        assert decode(data, "x") == (STORY, encoding)

    @pytest.mark.parametrize("length", [8, 12, 20, len(TRADITIONAL)])
    def test_big5(self, length):
        assert decode(TRADITIONAL[:length].encode("big5"), "x") == (TRADITIONAL[:length], "big5")

    def test_big5_full_of_quotation_marks_or_after_much_ascii(self):
        marks = "“穩”中求“進”，“進”中求“優”，“優”中求“新”。"
        assert decode(marks.encode("big5"), "x") == (marks, "big5")
        late = "<!-- " + "x" * 70_000 + " -->\n" + TRADITIONAL
        assert decode(late.encode("big5"), "x") == (late, "big5")

    def test_traditional_text_in_gbk_is_no_big5(self):
        text = TRADITIONAL.replace("「", "“").replace("」", "”")
        assert decode(text.encode("gbk"), "x") == (text, "gb18030")

    def test_gbk_whose_first_kilobytes_are_ascii(self):
        text = "PAGE 03 " * 400 + STORY
        assert decode(text.encode("gbk"), "x") == (text, "gb18030")

    def test_four_byte_characters(self):
        text = "㐂、𠮷、䶮，这些字GBK里没有。"
        assert decode(text.encode("gb18030"), "x") == (text, "gb18030")

    @pytest.mark.parametrize("length", range(8, 48, 2))
    def test_a_file_cut_inside_a_character_is_refused(self, length):
        with pytest.raises(SourceError, match="没有读入"):
            decode(STORY.encode("gbk")[:length], "x")

    def test_utf8_with_a_bad_byte_is_not_taken_for_another_encoding(self):
        data = STORY.encode()
        for bad in (data[:-1], data[:30] + b"\x81" + data[30:], b"\xa1\xa1" + data):
            with pytest.raises(SourceError, match="UTF-8 编码，但第"):
                decode(bad, "x")

    def test_utf16_without_a_mark_and_without_a_zero_byte(self):
        text = "总理昨日在京会见来访客人，双方就水利交换意见。" * 3
        for encoding in ("utf-16-le", "utf-16-be"):
            assert b"\0" not in text.encode(encoding)
            assert decode(text.encode(encoding), "x") == (text, encoding)

    def test_bytes_that_fit_by_chance_are_no_text(self):
        with pytest.raises(SourceError, match="控制字符"):
            decode(bytes(range(1, 127)) * 4, "x")

    def test_a_lone_bad_byte_is_refused_with_its_place(self):
        data = STORY.encode("gbk")[:19] + b"\xff" + STORY.encode("gbk")[19:]
        with pytest.raises(SourceError, match=r"甲\.txt 第 19 字节（0xff）.*没有读入"):
            decode(data, "甲.txt")
        with pytest.raises(SourceError, match="utf-16"):
            decode(b"\xff\xfe\x00\xd8\x41", "x")

    @pytest.mark.parametrize(
        ("head", "what"),
        [
            (b"\x89PNG\r\n\x1a\n", "PNG"),
            (b"%PDF-1.7", "PDF"),
            (b"PK\x03\x04", "ZIP"),
            (b"{\\rtf1", "RTF"),
            (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "密码"),
            (b"\xd0\xcf\x11\xe0", "Office"),
            (b"\0\1\2\3" * 9, "二进制"),
        ],
    )
    def test_binary_is_named(self, head, what):
        with pytest.raises(SourceError, match=what):
            decode(head + bytes(range(256)), "x")

    @settings(max_examples=150, deadline=None)
    @given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=60))
    def test_what_is_decoded_encodes_to_the_same_bytes(self, text):
        """Whichever encoding is chosen, no byte of the file is lost or changed."""
        for encoding in ("utf-8", "gb18030", "utf-8-sig", "utf-16"):
            data = f"{text}\n".encode(encoding)
            decoded, chosen = decode(data, "x")
            again = decoded.encode("big5hkscs" if chosen == "big5" else chosen)
            assert again == data.removeprefix(b"\xef\xbb\xbf")

    @settings(max_examples=200, deadline=None)
    @given(st.binary(min_size=1, max_size=60))
    def test_any_bytes_are_decoded_whole_or_refused(self, data):
        try:
            decoded, chosen = decode(data, "x")
        except SourceError:
            return
        assert decoded.encode("big5hkscs" if chosen == "big5" else chosen) in (data, data[3:], data[4:])


class TestReading:
    def test_line_ends_become_one_kind_and_the_map_leads_back(self, tmp_path):
        raw = "第一行\r\n第二行\r第三行\n\r\n末行"
        document = read(tmp_path, raw.encode())
        assert document.text == "第一行\n第二行\n第三行\n\n末行"
        places = {}
        for text_start, file_start, length in document.file_map:
            places.update((text_start + n, file_start + n) for n in range(length))
        assert sorted(places) == list(range(len(document.text)))
        for here, there in places.items():
            assert document.text[here] == raw[there] or (document.text[here] == "\n" and raw[there] == "\r")
        assert [places[document.text.index(char)] for char in "一二三末"] == [
            raw.index(c) for c in "一二三末"
        ]

    def test_no_mark_of_the_encoding_is_in_the_text(self, tmp_path):
        assert read(tmp_path, STORY.encode("utf-8-sig")).text == STORY
        assert read(tmp_path, STORY.encode("utf-16")).text == STORY

    def test_empty_missing_and_too_large(self, tmp_path, monkeypatch):
        with pytest.raises(SourceError, match="空文件"):
            read(tmp_path, b"\r\n \t")
        with pytest.raises(SourceError, match="空文件"):
            read(tmp_path, b"")
        with pytest.raises(SourceError, match=r"gone\.txt"):
            read_document(SourceFile(tmp_path / "gone.txt", "gone.txt"))
        monkeypatch.setattr("qa.documents.reading.MAX_BYTES", 10)
        with pytest.raises(SourceError, match="上限"):
            read(tmp_path, b"x" * 11)

    def test_the_kind_is_that_of_the_content(self, tmp_path):
        assert read(tmp_path, b"<html><body><p>x</p></body></html>", "a.txt").format == "html"
        assert read(tmp_path, "# 标题\n\n正文。".encode(), "a.txt").format == "markdown"
        assert read(tmp_path, "文中说<p>是一个标记。".encode(), "a.txt").format == "text"
        assert read(tmp_path, STORY.encode(), "a.html").format == "text"

    def test_files_of_a_folder(self, tmp_path):
        for name in ("a/一.txt", "a/README.md", "a/.hidden", "a/.git/x.txt", "a/data.jsonl", "a/二/三.md"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x", encoding="utf-8")
        (tmp_path / "a/questions.jsonl").write_text('{"id": 1, "question": "x"}', encoding="utf-8")
        assert [file.source for file in list_files([tmp_path / "a"])] == ["data.jsonl", "一.txt", "二/三.md"]
        assert [file.source for file in list_files([tmp_path / "a/README.md"])] == ["README.md"]
        with pytest.raises(SourceError, match="没有找到"):
            list_files([tmp_path / "b"])

    def test_equal_names_get_their_folders_name(self, tmp_path):
        for name in ("晚报/03版.txt", "日报/03版.txt", "日报/04版.txt"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("x", encoding="utf-8")
        files = list_files([tmp_path / "晚报", tmp_path / "日报", tmp_path / "日报"])
        assert [file.source for file in files] == ["04版.txt", "日报/03版.txt", "晚报/03版.txt"]
        assert len({file.path for file in files}) == 3


PAGE = """<!DOCTYPE html>
<html><head><title>旧桥 &amp; 新路</title>
<meta name="author" content="温舒"><meta property="og:site_name" content="江畔晚报">
<meta name="pubdate" content="2020-07-09T08:00:00+08:00">
<style>p { color: red }</style><script>document.write("<p>不该出现</p>")</script></head>
<body><nav>首页 &gt; 要闻</nav>
<h1>旧桥 &amp; 新路</h1>
<!-- 注释不该出现 --><p>一座   桥，
走了 <b>30</b> 年&mdash;&mdash;&ldquo;该歇歇了&rdquo;。</p><p style="display: none">隐藏的字</p>
<div>5 &lt; 6，a&nbsp;b，&#20320;&#x597D;<br>第二行</div>
<table><tr><td>甲</td><td>乙</td></tr></table><noscript>请开脚本</noscript></body></html>"""


class TestHtml:
    def test_visible_text_alone(self, tmp_path):
        document = read(tmp_path, PAGE.encode())
        assert document.text == (
            "首页 > 要闻\n旧桥 & 新路\n一座 桥， 走了 30 年——“该歇歇了”。\n5 < 6，a b，你好\n第二行\n甲\t乙\n"
        )
        assert (document.title, document.author, document.newspaper, document.date) == (
            "旧桥 & 新路",
            "温舒",
            "江畔晚报",
            "2020-07-09",
        )
        marked = [(document.text[a:b].strip(), label) for a, b, label in document.marks]
        assert marked == [("首页 > 要闻", "furniture"), ("旧桥 & 新路", "heading"), ("甲\t乙", "table")]

    def test_the_map_leads_to_the_file(self, tmp_path):
        raw = "---\r\ntitle: x\r\n---\r\n" + PAGE.replace("\n", "\r\n")
        document = read(tmp_path, raw.encode("utf-8-sig"))
        mapped = 0
        for text_start, file_start, length in document.file_map:
            for here, at in zip(
                document.text[text_start:], range(file_start, file_start + length), strict=False
            ):
                entity = re.match(r"&#?\w+;", raw[at:])
                there = standard_html.unescape(entity.group()) if entity else raw[at]
                assert here == there or (here == " " and there.isspace())
            mapped += length
        # Only the line ends, which stand for tags, have no place in the file.
        assert mapped == len(re.sub(r"[\n\t]", "", document.text))
        assert "title" not in document.text

    @pytest.mark.parametrize(
        ("page", "text"),
        [
            ("<html><head><title>题</title><body><p>正文</p></body></html>", "正文\n"),
            ("<html><head><meta charset=gbk><p>正文</p>", "正文\n"),
            ("<html><head><title>题</title>正文<p>二</p>", "正文\n二\n"),
            ("<div>甲<![foo[bar]]>乙</div>", "甲乙\n"),
            ("<div>甲<![if !IE]>乙<![endif]></div>", "甲乙\n"),
            ("<p hidden>甲<p>乙</p>丙", "乙\n丙\n"),
            ("<div hidden>甲<div>乙</div>丙</div><p>丁</p>", "丁\n"),
            ("<div>甲<p>乙</div>丙</p>丁", "甲\n乙\n丙\n丁\n"),
            ("<p>1 < 2，3 > 2</p>", "1 < 2，3 > 2\n"),
            ("<p>甲&unknown;乙&#0;</p>", "甲&unknown;乙\ufffd\n"),
            ("<div>" + "<b>" * 20000 + "甲", "甲\n"),
        ],
        ids=range(11),
    )
    def test_pages_that_are_not_well_formed(self, page, text):
        assert read_html(page)[0] == text

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(st.sampled_from([*re.findall(r"<[^>]+>|[^<]+", PAGE), "<![x[", "<!--", "</", "&#x;", "]]>"]))
    )
    def test_any_heap_of_tags_is_read(self, pieces):
        raw = "<div>" + "".join(pieces)
        text, runs, marks, _ = read_html(raw)
        assert all(0 <= a < b <= len(text) and text[a:b].strip() for a, b, _ in marks)
        assert all(0 <= there < len(raw) for _, there, _ in runs)
        ends = [start + length for start, _, length in runs]
        assert all(a <= b for a, b in zip(ends, [start for start, _, _ in runs][1:], strict=False))

    def test_text_that_mentions_tags_is_no_page(self):
        assert not looks_like_html("网页用<p>和</p>分段。")
        assert not looks_like_html("<白鹿原>是一部小说")
        assert looks_like_html("\n<!-- x -->\n<div>x</div>")


class TestFrontMatter:
    def test_its_fields_are_known_and_not_shown(self, tmp_path):
        raw = (
            "---\ntitle: 山河\nauthor: [甲一, 乙二]\ndate: Tue, 12 Apr 2022 08:00:00 GMT\n"
            "source: 江畔晚报\npage: 第5版\n---\n\n正文在此。\n"
        )
        document = read(tmp_path, raw.encode())
        assert document.text.strip() == "正文在此。"
        assert (document.title, document.author, document.date, document.newspaper, document.page) == (
            "山河",
            "甲一、乙二",
            "2022-04-12",
            "江畔晚报",
            "5",
        )
        ((_, file_start, length),) = document.file_map
        assert raw[file_start : file_start + length] == document.text

    @pytest.mark.parametrize(
        "raw",
        [
            "---\n这是一行破折号之间的正文\n---\n后文",
            "---\n: [ : broken\n---\n后文",
            "---\n没有结束的一行\n后文",
            "---\nkey: " + "长" * 70_000 + "\n---\n后文",
        ],
        ids=range(4),
    )
    def test_dashes_that_are_no_front_matter_are_text(self, tmp_path, raw):
        assert read(tmp_path, raw.encode()).text == raw

    @pytest.mark.parametrize(
        ("value", "day"),
        [
            ("2023-10-11", "2023-10-11"),
            ("2023年10月1日", "2023-10-01"),
            ("2023/1/5 08:00", "2023-01-05"),
            ("二〇二一年五月十八日", "2021-05-18"),
            ("Sun, 29 May 2022 21:20:46 GMT", "2022-05-29"),
            ("2021-13-45", None),
            ("不详", None),
            ("0", None),
        ],
    )
    def test_dates(self, value, day):
        assert document_of(f"---\ndate: '{value}'\n---\n正文", "a.txt", "utf-8", "").date == day

    def test_an_impossible_date_stops_nothing(self, tmp_path):
        document = read(tmp_path, "---\ntitle: 甲\ndate: 2021-13-45\n---\n正文".encode())
        assert document.text.endswith("正文")
        assert document.date is None

    def test_path_before_front_matter_before_text(self):
        document = document_of(
            "河畔日报 2001年2月3日 第08版\n\n正文。", "江畔晚报/2020-07-09/03版.txt", "utf-8", ""
        )
        assert (document.newspaper, document.date, document.page) == ("江畔晚报", "2020-07-09", "03")
        document = document_of("河畔日报 2001年2月3日 第08版\n\n正文。", "x.txt", "utf-8", "")
        assert (document.newspaper, document.date, document.page) == ("河畔日报", "2001-02-03", "08")


def test_the_text_holds_what_the_file_holds(tmp_path):
    """Plain text is shown as it is, to the character."""
    raw = "\n\n　　缩进的一段，含<b>标签</b>、$x$ 和 ![](http://example.invalid/a.png)。\n\n* 一\n* 二\n"
    document = read(tmp_path, raw.encode())
    assert document.text == raw
    assert Path(document.source).name == "a.txt"
