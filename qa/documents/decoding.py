"""Bytes to text without losing a character.

The order (BOM, strict UTF-8, a detector for Big5 and UTF-16 alone, strict GB18030) is that of files from Chinese
archives: UTF-8 never fits by accident, GB18030 takes in GBK and GB2312, and detectors guess short GBK wrong.
"""

from __future__ import annotations

import codecs

from qa.errors import SourceError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"\x89PNG": "PNG 图片",
    b"\xff\xd8\xff": "JPEG 图片",
    b"GIF8": "GIF 图片",
    b"PK\x03\x04": "ZIP 或 Office 文档",
    b"%PDF": "PDF 文档",
    b"\x1f\x8b": "gzip 压缩文件",
    b"\xd0\xcf\x11\xe0": "旧版 Office 文档",
    b"7z\xbc\xaf": "7z 压缩文件",
    b"SQLite format 3": "SQLite 数据库",
    b"\x7fELF": "程序文件",
}


def decode(data: bytes, name: str) -> tuple[str, str]:
    """``(text, encoding)`` of ``data``; raises SourceError where it is no text or no encoding fits whole.

    ``name`` is how the message calls the file.
    """
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise SourceError(f"{name} 是{what}，不是文本；请先转成文本、Markdown 或 HTML 文件。")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding.removesuffix("-sig")
            except UnicodeDecodeError as error:
                raise SourceError(
                    f"{name} 的开头标明是 {encoding}，但第 {error.start} 字节不合这种编码；请重新导出这个文件。"
                ) from error
    if b"\x00" in data:
        wide = _utf16_without_bom(data)
        if wide is not None:
            return wide
        raise SourceError(f"{name} 含有空字节，是二进制文件；请换成文本文件。")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if _looks_big5(data):
        try:
            return data.decode("big5hkscs"), "big5"
        except UnicodeDecodeError:
            pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name} 第 {error.start} 字节（0x{data[error.start]:02x}）不合 UTF-8、Big5 或 GB18030；"
            "为了不丢字，没有读入；请用文本编辑器另存为 UTF-8。"
        ) from error
    return text, "gb18030"


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
    """Whether a detector takes ``data`` for Big5, and the text is likelier Chinese that way than as GB18030.

    Both encodings accept most byte pairs; in the wrong one common characters turn into rare ones.
    """
    from charset_normalizer import from_bytes

    best = from_bytes(data[:65536], cp_isolation=["big5", "big5hkscs", "gb18030"]).best()
    if best is None or "big5" not in best.encoding:
        return False
    try:
        as_big5, as_gb = data.decode("big5hkscs"), data.decode("gb18030", errors="replace")
    except UnicodeDecodeError:
        return False
    return _common_share(as_big5) > _common_share(as_gb)


_COMMON = frozenset(
    "的一是不了在人有我他這这個个們们中來来上大為为和國国地到以說说時时要就出會会可也你對对生能而子那得於于年，。、"
)


def _common_share(text: str) -> float:
    wide = [c for c in text if ord(c) > 127]
    return sum(c in _COMMON for c in wide) / max(len(wide), 1)
