"""Article -> passages: runs of whole sentences, with their places in the document.

A passage is what is embedded, found, read and shown. It ends where a sentence ends, stays within a paragraph
unless paragraphs are short, and is never longer than LONGEST characters. The headline is a passage of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.datatypes import Article, Passage, Span, map_span

LONGEST = 280
LONGEST_SENTENCE = (
    420  # a sentence is evidence as a whole; this many characters still fit the reader's window
)
AIM = 190
SHORT_PARAGRAPH = 60
LONGEST_QUOTE = 90
SPLITTER = f"sentences-4 longest={LONGEST},{LONGEST_SENTENCE} aim={AIM} short={SHORT_PARAGRAPH}"

_OPEN = {"“": "”", "‘": "’", "（": "）", "(": ")", "《": "》", "「": "」", "『": "』", "【": "】", "[": "]"}
_CLOSE = frozenset(_OPEN.values())
_ENDS = frozenset("。！？!?")
_TRAILING = frozenset("”’」』）)】》]\"'")

_QUOTES = frozenset("”’」』\"'")
# Who said it, behind the quotation whose beginning stands in an earlier sentence: one sentence with its end.
_SPEAKER = re.compile(
    r"[^。！？!?\n“”\"]{0,24}?(?:说|表示|介绍|指出|认为|感慨|告诉记者|强调|坦言|称|道)[。，：！]"
)


def sentence_spans(text: str) -> list[Span]:
    """The sentences of ``text``, which they cover from end to end.

    A sentence ends after 。！？…… and the closing marks behind it, or at a line end; not inside quotation marks or
    brackets, unless the quotation is longer than LONGEST_QUOTE characters.
    """
    closes = _closing_places(text)
    out: list[Span] = []
    start = 0
    shut = -1  # offset up to which the text is inside quotation marks or brackets
    i = 0
    length = len(text)
    while i < length:
        char = text[i]
        if char == "\n":
            out.append((start, i + 1))
            start, shut = i + 1, -1
        elif i in closes and closes[i] > shut and closes[i] - i <= LONGEST_QUOTE:
            shut = closes[i]
        elif i >= shut and (
            char in _ENDS
            or (char == "…" and text[i - 1 : i] == "…" and text[i + 1 : i + 2] not in ("…", "，", "、"))
        ):
            if char in "!?" and not _is_chinese_mark(text, i):
                i += 1
                continue
            j = i + 1
            while j < length and (text[j] in _TRAILING or text[j] in _ENDS or text[j] == "…"):
                j += 1
            if text[j - 1] not in _QUOTES or not _SPEAKER.match(text, j):
                out.append((start, j))
                start = j
            i = j
            continue
        elif (
            i == shut
            and i
            and text[i - 1] in _ENDS
            and not (i + 1 < length and text[i + 1] in "，、；：,;")
            # The quotation ends with its own sentence: “……。”他说 goes on, “……。” at the end of all does not.
            and (i + 1 == length or text[i + 1] in "\n" + "".join(_OPEN))
        ):
            out.append((start, i + 1))
            start = i + 1
        i += 1
    if start < length:
        out.append((start, length))
    return out


def _is_chinese_mark(text: str, at: int) -> bool:
    """Half-width ! and ? end a sentence between Chinese characters, not inside Latin text or addresses."""
    return at > 0 and not (
        text[at - 1].isascii() and text[at + 1 : at + 2].isascii() and text[at + 1 : at + 2].isalnum()
    )


def _closing_places(text: str) -> dict[int, int]:
    """Where each opening mark is closed; marks without a partner are left out."""
    waiting: list[tuple[str, int]] = []
    out: dict[int, int] = {}
    for i, char in enumerate(text):
        if char in _OPEN:
            waiting.append((_OPEN[char], i))
        elif char in _CLOSE:
            for n in range(len(waiting) - 1, max(len(waiting) - 4, -1), -1):
                if waiting[n][0] == char:
                    out[waiting[n][1]] = i
                    del waiting[n:]
                    break
        elif char == "\n":
            waiting.clear()
    return out


def split_passages(article: Article) -> list[Passage]:
    """The passages of ``article``: its headline, its body in order, its sub-headings and captions.

    Every passage satisfies the verbatim equation; none is blank.
    """
    out: list[Passage] = []

    def add(text: str, spans: tuple[Span, ...], kind: str, section: str | None, start: int | None) -> None:
        if text.strip():
            out.append(
                Passage(
                    id=f"{article.id}/{len(out)}",
                    article_id=article.id,
                    source=article.source,
                    text=text,
                    spans=spans,
                    kind="headline" if kind == "headline" else "body",
                    section=section,
                    article_start=start,
                )
            )

    if article.headline:
        add(article.headline, article.headline_spans, "headline", None, None)
    for start, end, section in _body_runs(article):
        add(article.text[start:end], map_span(article.spans, start, end), "body", section, start)
    for part in article.parts:
        if part.role == "subhead":
            add(part.text, part.spans, "headline", None, None)
        elif part.role == "caption":
            add(part.text, part.spans, "body", None, None)
    return out


def _body_runs(article: Article) -> Iterator[tuple[int, int, str | None]]:
    """``(start, end, section)`` of the passages of the body, offsets in ``article.text``."""
    section: str | None = None
    pieces: list[tuple[int, int]] = []
    at = 0
    for part in (part for part in article.parts if part.role in ("paragraph", "subhead")):
        end = at + len(part.text)
        if part.role == "subhead":
            yield from ((a, b, section) for a, b in _packed(pieces, article.text))
            pieces = []
            section = part.text
        else:
            pieces.append((at, end))
        at = end + 1
    yield from ((a, b, section) for a, b in _packed(pieces, article.text))


def _packed(paragraphs: Sequence[Span], text: str) -> Iterator[Span]:
    """Passages of the paragraphs of one section: long paragraphs are cut, neighbouring short ones put together."""
    held: Span | None = None
    for start, end in paragraphs:
        short = end - start < SHORT_PARAGRAPH
        if held is not None:
            if (short or held[1] - held[0] < SHORT_PARAGRAPH) and end - held[0] <= AIM:
                held = (held[0], end)
                continue
            yield held
            held = None
        runs = list(_runs(text, start, end))
        yield from runs[:-1]
        if runs:
            held = runs[-1]
    if held is not None:
        yield held


def _runs(text: str, start: int, end: int) -> Iterator[Span]:
    """One paragraph as runs of sentences of like length, each of about AIM characters."""
    pieces = [(start + a, start + b) for a, b in sentence_spans(text[start:end])]
    pieces = [small for piece in pieces for small in _small_enough(text, *piece)]
    count = max(round((end - start) / AIM), 1)
    share = (end - start) / count
    run: Span | None = None
    for a, b in pieces:
        if run is None:
            run = (a, b)
        elif b - run[0] > LONGEST or (b - run[0]) - share > share - (run[1] - run[0]):
            yield run
            run = (a, b)
        else:
            run = (run[0], b)
    if run is not None:
        yield run


def _small_enough(text: str, start: int, end: int) -> list[Span]:
    """A sentence longer than LONGEST_SENTENCE cut at ；, then at ，, then anywhere."""
    if end - start <= LONGEST_SENTENCE:
        return [(start, end)]
    for marks in ("；;", "，,：:、"):
        cuts = [m.end() + start for m in re.finditer(rf"[{marks}][”’」』）)】》]*", text[start:end])]
        middle = (start + end) / 2
        inside = [
            cut
            for cut in cuts
            if start + 20 < cut < end - 20 and not (text[cut : cut + 1].isdigit() and text[cut - 2].isdigit())
        ]
        if inside:
            at = min(inside, key=lambda cut: abs(cut - middle))
            return [*_small_enough(text, start, at), *_small_enough(text, at, end)]
    return [(a, min(a + LONGEST_SENTENCE, end)) for a in range(start, end, LONGEST_SENTENCE)]


def context_of(passage: Passage, article: Article) -> str:
    """What encoder and reader see in front of a passage: the headline and the sub-heading it stands under."""
    if passage.kind == "headline":
        return ""
    return "｜".join(part for part in (article.title, passage.section) if part)
