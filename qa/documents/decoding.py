"""Bytes to text without losing a character.

The order (BOM, strict UTF-8, Big5 and UTF-16 where they show, strict GB18030) is that of files from Chinese
archives: UTF-8 never fits by accident, GB18030 takes in GBK and GB2312, and detectors guess short GBK wrong.
"""

from __future__ import annotations

import codecs
import re

from qa.errors import SourceError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1f\x7f]")
_MAGIC = {
    b"\x89PNG": "PNG 图片",
    b"\xff\xd8\xff": "JPEG 图片",
    b"GIF8": "GIF 图片",
    b"PK\x03\x04": "ZIP 或 Office 文档",
    b"%PDF": "PDF 文档",
    b"\x1f\x8b": "gzip 压缩文件",
    b"\xd0\xcf\x11\xe0": "旧版 Office 文档",
    b"7z\xbc\xaf": "7z 压缩文件",
    b"Rar!\x1a\x07": "RAR 压缩文件",
    b"BZh": "bzip2 压缩文件",
    b"\xfd7zXZ": "xz 压缩文件",
    b"RIFF": "WebP 图片或影音文件",
    b"II*\x00": "TIFF 图片",
    b"MM\x00*": "TIFF 图片",
    b"{\\rtf": "RTF 文档",
    b"SQLite format 3": "SQLite 数据库",
    b"\x7fELF": "程序文件",
}


def decode(data: bytes, name: str) -> tuple[str, str]:
    """``(text, encoding)`` of ``data``; raises SourceError where it is no text or no encoding fits whole.

    ``name`` is how the message calls the file.
    """
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            if magic == b"\xd0\xcf\x11\xe0" and "EncryptedPackage".encode("utf-16-le") in data:
                raise SourceError(f"{name} 是加了密码的 Office 文档，打不开；请去掉密码后再试。")
            raise SourceError(f"{name} 是{what}，不是文本；请先转成文本、Markdown、HTML、PDF 或 DOCX 文件。")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding.removesuffix("-sig")
            except UnicodeDecodeError as error:
                raise SourceError(
                    f"{name} 的开头标明是 {encoding}，但第 {error.start} 字节不合这种编码；"
                    "请重新导出这个文件。"
                ) from error
    if b"\x00" in data:
        wide = _utf16_without_bom(data)
        if wide is not None:
            return wide
        raise SourceError(f"{name} 含有空字节，是二进制文件；请换成文本文件。")
    try:
        return _text(data.decode("utf-8"), name), "utf-8"
    except UnicodeDecodeError as error:
        if _nearly_utf8(data):
            raise SourceError(
                f"{name} 是 UTF-8 编码，但第 {error.start} 字节（0x{data[error.start]:02x}）坏了；"
                "为了不丢字，没有读入；请从来源重新取这个文件。"
            ) from error
    if _looks_big5(data):
        try:
            return _text(data.decode("big5hkscs"), name), "big5"
        except UnicodeDecodeError:
            pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        wide = _utf16_without_bom(data)
        if wide is not None:
            return wide
        raise SourceError(
            f"{name} 第 {error.start} 字节（0x{data[error.start]:02x}）不合 UTF-8、Big5 或 GB18030；"
            "为了不丢字，没有读入；请用文本编辑器另存为 UTF-8。"
        ) from error
    # Half of a Chinese character in UTF-16 is often a control character, which no page holds.
    wide = _utf16_without_bom(data) if _CONTROLS.search(text) else None
    return wide or (_text(text, name), "gb18030")


def _text(text: str, name: str) -> str:
    """``text``, unless it is full of control characters: then the bytes fitted by chance."""
    controls = len(_CONTROLS.findall(text))
    if controls > 2 + len(text) // 200:
        raise SourceError(f"{name} 里有 {controls} 个控制字符，是二进制文件；请换成文本文件。")
    return text


def _nearly_utf8(data: bytes) -> bool:
    """Whether ``data`` is UTF-8 with a few bad bytes: read by another encoding, it would be wholly wrong."""
    text = data.decode("utf-8", errors="replace")  # to count, never to show
    wide = sum("\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" for char in text)
    return wide > 10 * text.count("\ufffd")


def _utf16_without_bom(data: bytes) -> tuple[str, str] | None:
    """UTF-16 of mostly Chinese or ASCII text without its mark, told by where its zero bytes stand."""
    if len(data) % 2:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:4000]
        usual = sum(
            c in "\r\n\t" or " " <= c <= "~" or "\u3000" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef"
            for c in sample
        )
        if sample and usual >= 0.9 * len(sample):
            return text, encoding
    return None


def _looks_big5(data: bytes) -> bool:
    """Whether ``data`` is likelier Chinese as Big5 than as GB18030.

    Both encodings accept most byte pairs, but each has its common characters together in a first level. The
    right encoding finds nearly all characters there, the wrong one turns common characters into rare ones.
    (The detector of charset-normalizer missed one Big5 text of 20 characters in fourteen, and whole pages
    rich in quotation marks.)
    """
    try:
        as_big5 = data.decode("big5hkscs")
    except UnicodeDecodeError:
        return False
    as_gb = data.decode("gb18030", errors="replace")  # a damaged GBK file is no Big5 for that
    return _likelihood(data, as_big5, b"\xa4\x40", b"\xc6\x7e") > _likelihood(
        data, as_gb, b"\xb0\xa1", b"\xd7\xf9"
    )


_SAMPLE = 65536  # bytes looked at, from the first that is not ASCII
_MARKS = range(0xA1, 0xA4)  # both encodings keep punctuation here
_COMMON = frozenset(
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會"
    "可也你对對生能而子那得于於年，。、"
)


def _likelihood(data: bytes, text: str, first: bytes, last: bytes) -> float:
    """Share of the wide characters that are of the first level (``first`` to ``last``), and of the commonest.

    Characters of the private use area, which no page holds, count against it.
    """
    at = next((i for i, byte in enumerate(data) if byte > 127), len(data))
    end = min(at + _SAMPLE, len(data))
    pairs = usual = 0
    while at < end:
        if data[at] < 128:
            at += 1
            continue
        pairs += 1
        usual += data[at] in _MARKS or first <= data[at : at + 2] <= last
        at += 2
    wide = [char for char in text if ord(char) > 127]
    common = sum(char in _COMMON for char in wide) - sum("\ue000" <= char <= "\uf8ff" for char in wide)
    return usual / max(pairs, 1) + common / max(len(wide), 1)
