"""A made page: articles with their truth, set as blocks of lines."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.pages import words


@dataclass(slots=True)
class Piece:
    """Text of one article (``owner``; -1 for what belongs to no article) with its ``role``, printed as ``lines``.

    ``place``: number of the text among the paragraphs of its article. ``joins``: it goes on where the piece printed
    before it, of the same article, was cut. ``repeat``: it is printed a second time.
    """

    owner: int
    role: str
    text: str
    place: int = 0
    joins: bool = False
    repeat: bool = False
    lines: tuple[str, ...] = ()
    span: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Story:
    """One article before the layout: the truth."""

    title: str
    names: list[str]
    pieces: list[Piece] = field(default_factory=list)
    lead: bool = True


@dataclass(frozen=True, slots=True)
class MadePage:
    """The text of a page, and its pieces in the order printed, each with its span in the text."""

    text: str
    stories: tuple[Story, ...]
    pieces: tuple[Piece, ...]


def a_name(rng: random.Random) -> str:
    return rng.choice(words.SURNAMES) + "".join(rng.sample(words.GIVEN, rng.choice((1, 2, 2))))


def headline_from(sentences: Sequence[str], rng: random.Random) -> str:
    """A clause of the article's first sentences, as headlines are worded; blanks where the clause has none."""
    # No headline is a date, a picture's credit or the name of an agency.
    unlike = re.compile(r"\d{4}年|\d+月\d+日|\d+时|[年月日时]$|时间|记者|摄|讯|报道|编辑|指出$|表示$")
    for sentence in sentences[:4]:
        for clause in re.split(r"[，。；！？!?,;：:]", sentence):
            clause = clause.strip("“”、 ")
            if (
                9 <= len(clause) <= 24
                and not unlike.search(clause)
                and re.fullmatch(r"[\u4e00-\u9fff0-9A-Za-z.%“”《》·]+", clause)
            ):
                return (
                    clause
                    if clause.count("“") == clause.count("”")
                    else clause.replace("“", "").replace("”", "")
                )
    first = re.sub(r"[^\u4e00-\u9fff]", "", sentences[0])
    return first[: rng.randint(10, 16)]


def make_story(number: int, sentences: Sequence[str], rng: random.Random, shape: str) -> Story:
    """``shape``: report (a lead that names who wrote it) or feature (a byline below the headline)."""
    place = rng.choice(words.PLACES)
    a, b = a_name(rng), a_name(rng)
    title = headline_from(sentences, rng)
    story = Story(title, [], lead=shape == "report")
    story.pieces.append(Piece(number, "title", title))
    lead = ""
    if shape == "report":
        form = rng.choice(words.LEADS)
        lead = form.format(a=a, b=b, place=place)
    else:
        form = rng.choice(words.BYLINES)
        story.pieces.append(Piece(number, "byline", form.format(a=a, b=b)))
    story.names = [name for mark, name in (("{a}", a), ("{b}", b)) if mark in form]
    at, rest = 0, list(sentences)
    while rest:
        count = rng.choice((1, 2, 2, 3))
        text, rest = "".join(rest[:count]), rest[count:]
        story.pieces.append(Piece(number, "paragraph", (lead if at == 0 else "") + text, at))
        at += 1
    return story


def set_page(blocks: Sequence[Sequence[Piece]], stories: Sequence[Story]) -> MadePage:
    """The blocks as the text of a page: a line end after each line of a piece, a blank line between pieces.

    The lines of a head (kicker, title, byline) stand as they are given: ``lines`` of a piece are printed as they are.
    """
    out: list[str] = []
    at = 0
    pieces: list[Piece] = []
    for block in blocks:
        for piece in block:
            body = "\n".join(piece.lines or (piece.text,))
            piece.span = (at, at + len(body))
            pieces.append(piece)
            out.append(body + "\n\n")
            at += len(body) + 2
    return MadePage("".join(out), tuple(stories), tuple(pieces))
