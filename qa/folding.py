"""Text folded for comparison, one character for one, so that offsets stay valid.

Traditional characters become simplified (character table of OpenCC), full width becomes half width, ASCII
becomes lower case. Only one-to-one mappings are made: ``len(fold(text)) == len(text)``.
"""

from __future__ import annotations

from functools import cache


@cache
def _simplified_table() -> dict[int, str]:
    """Traditional to simplified, for the characters of the CJK blocks that OpenCC changes alone."""
    from opencc import OpenCC

    converter = OpenCC("t2s")
    blocks = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00))
    originals = "\n".join(chr(code) for block in blocks for code in block)
    converted = converter.convert(originals).split("\n")
    pairs = zip(originals.split("\n"), converted, strict=True)
    return {ord(old): new for old, new in pairs if old != new and len(new) == 1}


@cache
def _folding_table() -> dict[int, str]:
    table = dict(_simplified_table())
    table.update({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
    table[0x3000] = " "
    table.update({code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)})
    table.update({code: chr(code - 0xFEE0).lower() for code in range(0xFF21, 0xFF3B)})
    return table


def to_simplified(text: str) -> str:
    """``text`` in simplified characters, same length; everything else stays."""
    return text.translate(_simplified_table())


def fold(text: str) -> str:
    """``text`` simplified, half width and lower case, same length."""
    return text.translate(_folding_table())
