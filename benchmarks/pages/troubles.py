"""What layouts, optical reading and web pages do to a page. Each trouble can be switched on by itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence

from benchmarks.pages import words
from benchmarks.pages.page import MadePage, Piece, Story, a_name, make_story, set_page

Blocks = list[list[Piece]]
_FULL_TO_HALF = str.maketrans("，：；（）？！", ",:;()?!")
_ALIKE = {
    "日": "曰",
    "己": "已",
    "未": "末",
    "人": "入",
    "土": "士",
    "天": "夭",
    "大": "犬",
    "千": "干",
    "贝": "见",
    "目": "日",
}


def broken(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """Paragraphs cut in mid-sentence by the end of a column, often inside a word."""
    for block in blocks:
        for n in range(len(block) - 1, -1, -1):
            piece = block[n]
            if piece.role == "paragraph" and len(piece.text) > 90 and not piece.repeat and rng.random() < 0.5:
                low = 40 if piece.place == 0 else 20
                # The end of a sentence is no place where a column's end breaks one.
                at = next(
                    (
                        k
                        for k in (rng.randint(low, len(piece.text) - 20) for _ in range(20))
                        if piece.text[k - 1] not in "。！？!?” ）"
                        and piece.text[k] not in "，。、；：！？”）,"
                    ),
                    0,
                )
                if at:
                    rest = Piece(piece.owner, piece.role, piece.text[at:], piece.place, joins=True)
                    piece.text = piece.text[:at]
                    block.insert(n + 1, rest)


def moved(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """The rest of a cut paragraph is printed before its beginning, or two paragraphs change places."""
    for block in blocks:
        spots = [
            n
            for n, piece in enumerate(block)
            if piece.joins and not block[n - 1].joins and block[n - 1].place
        ]
        if spots and rng.random() < 0.6:
            n = rng.choice(spots)
            block[n - 1], block[n] = block[n], block[n - 1]


def interleaved(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """The last paragraph of an article stands inside the one after it, behind that one's first cut paragraph."""
    for n in range(len(blocks) - 1):
        own, other = blocks[n], blocks[n + 1]
        spots = [k for k, piece in enumerate(other) if piece.joins]
        if len(own) > 3 and spots and own[-1].joins and own[-2].role == "paragraph" and rng.random() < 0.5:
            other.insert(spots[0] + 1, own.pop())


def repeats(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """A paragraph is printed twice, whole or its end."""
    for block in blocks:
        spots = [n for n, p in enumerate(block) if p.role == "paragraph" and len(p.text) > 50 and not p.joins]
        if spots and rng.random() < 0.4:
            n = rng.choice(spots)
            text = block[n].text if rng.random() < 0.6 else block[n].text[len(block[n].text) // 3 :]
            block.insert(n + 1, Piece(block[n].owner, "paragraph", text, block[n].place, repeat=True))


def furnished(stories: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """Kickers, labels, subtitles, headlines of two lines, sub-notes, captions with credits."""
    for block, story in zip(blocks, stories, strict=True):
        owner, place = block[0].owner, rng.choice(words.PLACES)
        head = block[0]
        kind = rng.choice(("kicker", "label", "subtitle", "two", "none"))
        if kind == "two" and len(head.text) >= 14:
            middle = len(head.text) // 2
            head.lines = (head.text[:middle], head.text[middle:])
            story.title = f"{head.text[:middle]} {head.text[middle:]}"
        elif kind == "kicker":
            block.insert(0, Piece(owner, "kicker", rng.choice(words.KICKERS)))
        elif kind == "subtitle" and not story.lead:
            block.insert(1, Piece(owner, "subtitle", rng.choice(words.SUBTITLES).format(place=place)))
        elif kind == "label":
            block.insert(0, Piece(owner, "label", rng.choice(words.LABELS)))
        if rng.random() < 0.3:
            name = a_name(rng)
            spot = next((k for k, p in enumerate(block) if p.role == "paragraph"), 0) + 1
            if spot < len(block) and not block[spot].joins:
                block[spot:spot] = [
                    Piece(owner, "caption", rng.choice(words.CAPTIONS).format(place=place)),
                    Piece(owner, "credit", rng.choice(words.CREDITS).format(a=name)),
                ]
                story.names.append(name)


def sidebars(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """A part of the article under a heading of its own (新闻链接), at its end."""
    for block in blocks:
        if len(block) > 5 and rng.random() < 0.3 and block[-1].role == "paragraph" and not block[-1].joins:
            block.insert(len(block) - 1, Piece(block[0].owner, "subhead", rng.choice(words.NOTES)))


def continued(stories: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """Pieces that go on from another page, and articles that go on at another."""
    for block, story in zip(blocks, stories, strict=True):
        paragraphs = [p for p in block if p.role == "paragraph"]
        draw = rng.random()
        if draw < 0.2 and story.lead:
            first = paragraphs[0]
            for mark in ("报道 ", "）", "本报讯 "):
                if mark in first.text[:40]:
                    first.text = first.text[first.text.index(mark) + len(mark) :]
                    break
            first.text = rng.choice(("（上接第一版）", "(上接01版)")) + first.text
            story.names = []
        elif draw < 0.4:
            paragraphs[-1].text += rng.choice(("（下转第三版）", "(下转第五版)"))


def clutter(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """A masthead, navigation, a footer."""
    place, paper = rng.choice(words.PLACES), rng.choice(words.PAPERS)
    date = f"20{rng.randint(10, 24)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
    head = [Piece(-1, "furniture", f"{place}{paper} {date} 第0{rng.randint(1, 8)}版")]
    if rng.random() < 0.5:
        head.append(Piece(-1, "furniture", rng.choice(words.NAVIGATION).format(place=place, paper=paper)))
    blocks.insert(0, head)
    foot = rng.choice(words.FOOTERS).format(a=a_name(rng), b=a_name(rng))
    blocks.append([Piece(-1, "furniture", foot)])


def wrapped(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """Paragraphs are lines of one width."""
    width = rng.randint(14, 28)
    for block in blocks:
        for piece in block:
            if piece.role == "paragraph":
                piece.lines = tuple(piece.text[n : n + width] for n in range(0, len(piece.text), width))


def punctuated(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """Half-width punctuation in some articles."""
    for block in blocks:
        if rng.random() < 0.6:
            for piece in block:
                if piece.role == "paragraph":
                    piece.text = piece.text.translate(_FULL_TO_HALF)


def misread(_: Sequence[Story], rng: random.Random, blocks: Blocks) -> None:
    """About one character in a hundred is taken for one that looks like it."""
    for block in blocks:
        for piece in block:
            if piece.role == "paragraph":
                piece.text = "".join(_ALIKE.get(c, c) if rng.random() < 0.15 else c for c in piece.text)


Trouble = Callable[[Sequence[Story], random.Random, Blocks], None]
# In the order in which a page gets them: words first, then the layout.
TROUBLES: dict[str, Trouble] = {
    "continued": continued,
    "sidebars": sidebars,
    "furnished": furnished,
    "punctuated": punctuated,
    "misread": misread,
    "broken": broken,
    "moved": moved,
    "interleaved": interleaved,
    "repeats": repeats,
    "clutter": clutter,
    "wrapped": wrapped,
}
# What another trouble is needed for: only a cut paragraph can be moved.
NEEDS = {"moved": ("broken",), "interleaved": ("broken",)}


def make_page(corpus: Sequence[Sequence[str]], rng: random.Random, troubles: Collection[str]) -> MadePage:
    """A page of four to seven articles with ``troubles``."""
    chosen = rng.sample(range(len(corpus)), rng.randint(4, 7))
    stories = []
    for n, row in enumerate(chosen):
        shape = "report" if rng.random() < 0.7 else "feature"
        stories.append(make_story(n, corpus[row], rng, shape))
    blocks: Blocks = [list(story.pieces) for story in stories]
    wanted = set(troubles) | {need for name in troubles for need in NEEDS.get(name, ())}
    for name, trouble in TROUBLES.items():
        if name in wanted:
            trouble(stories, rng, blocks)
    return set_page(blocks, stories)
