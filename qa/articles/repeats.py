"""Paragraphs that are printed twice, whole or in part."""

from __future__ import annotations

from collections.abc import Sequence

SHORTEST = 16


def squeezed(text: str) -> str:
    """``text`` without blanks: what two printings of a paragraph have in common."""
    return "".join(text.split())


def find_repeats(texts: Sequence[str]) -> dict[int, int]:
    """For each text that another holds whole, which one is kept: ``{repeat: kept}``.

    Of two equal texts the first is kept, of two unequal the longer. Texts shorter than SHORTEST repeat by chance
    (names, credits) and are left alone.
    """
    bare = [squeezed(text) for text in texts]
    out: dict[int, int] = {}
    # Holders are looked up by a probe from the middle, so that a page is not compared pair by pair.
    order = sorted(range(len(bare)), key=lambda n: (-len(bare[n]), n))
    kept: list[int] = []
    joined = ""
    starts: list[tuple[int, int]] = []
    for n in order:
        text = bare[n]
        if len(text) >= SHORTEST:
            at = joined.find(text)
            if at >= 0:
                out[n] = _holder(starts, at)
                continue
        starts.append((len(joined), n))
        joined += text + "\n"
        kept.append(n)
    return out


def _holder(starts: Sequence[tuple[int, int]], at: int) -> int:
    from bisect import bisect_right

    return starts[bisect_right([start for start, _ in starts], at) - 1][1]
