"""One reply: the answer, its evidence and source, other answers, the other passages; or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from qa.datatypes import Article, Evidence, Passage, Reply, RetrievedPassage, Span, reprints_note
from qa.dates import date_note
from qa.scope import undated_note
from ui.article_view import show_article
from ui.citation import citation, source_line
from ui.marking import Html, block, draw, group

Ask = Callable[[str, str | None], None]

SURE, RATHER_SURE = 0.8, 0.6


def show_reply(reply: Reply, number: int, link: str, ask: Ask) -> None:
    """Draws ``reply``, the turn of that ``number``. ``link`` opens it anew; ``ask`` asks a question again."""
    if reply.standalone_question != reply.question:
        show_understood(reply, number, ask)
    if reply.answer is None:
        show_unanswered(reply, number)
    else:
        draw(
            group(
                "wb-head",
                block("wb-answer", reply.answer.text),
                block("wb-sure", f"{confidence(reply.answer.score)}，请对照原文"),
            )
        )
        if note := date_note(reply.answer.text, reply.evidence[0].retrieved.article.date):
            draw(block("wb-label", note))
        show_evidence(reply.evidence[0], f"{number}-0", link)
        show_alternatives(reply, number, link)
    if reply.undated_left_out:
        draw(block("wb-label", undated_note(reply.undated_left_out)))
    shown = {item.retrieved.passage.id for item in reply.evidence}
    show_passages([found for found in reply.passages if found.passage.id not in shown], number)


def confidence(probability: float) -> str:
    """A calibrated probability in words and rounded percent; never certainty."""
    percent = min(max(5 * round(20 * probability), 5), 95)
    words = "把握较大" if probability >= SURE else "有些把握" if probability >= RATHER_SURE else "把握不大"
    return f"{words}（约 {percent}%）"


def show_understood(reply: Reply, number: int, ask: Ask) -> None:
    """How a follow-up was understood, and a way to say it otherwise."""
    with st.container(horizontal=True, vertical_alignment="center"):
        draw(block("wb-understood", f"理解为：{reply.standalone_question}"), width="content")
        with (
            st.popover("修改", type="tertiary", icon=":material/edit:"),
            st.form(f"edit-{number}", border=False),
        ):
            st.text_input("您问的是", reply.standalone_question, key=f"wording-{number}")
            st.form_submit_button("按这个问", on_click=ask_again, args=(f"wording-{number}", ask))


def ask_again(key: str, ask: Ask) -> None:
    """Asks what the reader wrote into the field of that ``key``, as it is."""
    ask(st.session_state[key], st.session_state[key])


def show_unanswered(reply: Reply, number: int) -> None:
    """The reason, and the nearest passages: open where they are on the topic, else folded away."""
    draw(block("wb-reason", reply.reason or "没有找到答案。"))
    if not reply.evidence:
        return
    with st.expander("最接近的段落", expanded=reply.status == "related"):
        for place, item in enumerate(reply.evidence):
            show_evidence(item, f"{number}-{place}")


def show_alternatives(reply: Reply, number: int, link: str) -> None:
    """Other answers, each with its evidence and source."""
    if reply.alternatives:
        draw(block("wb-label", "别的报道里另有说法"))
    for other in reply.alternatives:
        draw(group("wb-head", block("wb-other", other.text), block("wb-sure", confidence(other.score))))
        show_evidence(reply.evidence[other.evidence_index], f"{number}-{other.evidence_index}", link)


def show_evidence(item: Evidence, key: str, link: str = "") -> None:
    """A paragraph with what supports the answer marked, where it comes from, and the way to the article."""
    passage, article = item.retrieved.passage, item.retrieved.article
    draw(quotation(passage, article, item.highlights, item.answer_spans))
    show_reprints(item.retrieved)
    with st.container(horizontal=True, gap="small"):
        article_button(passage, article, key, item.highlights, item.answer_spans)
        with st.popover("引用", type="tertiary", icon=":material/format_quote:"):
            draw(block("wb-label", "引文（GB/T 7714）"))
            st.code(citation_of(article), language=None, wrap_lines=True)
            if link:
                draw(block("wb-label", "这个问题的链接"))
                st.code(link, language=None, wrap_lines=True)


def show_passages(passages: Sequence[RetrievedPassage], number: int) -> None:
    """The passages that were found besides the evidence, with their scores."""
    if not passages:
        return
    with st.expander(f"找到的其他段落（{len(passages)}）"):
        for found in passages:
            draw(group("wb-found", block("wb-label", scores(found)), quotation(found.passage, found.article)))
            show_reprints(found)
            article_button(found.passage, found.article, f"{number}-found-{found.rank}")


def show_reprints(found: RetrievedPassage) -> None:
    """Where else the same story is printed."""
    if found.reprints:
        draw(block("wb-label", reprints_note(found)))


def scores(found: RetrievedPassage) -> str:
    """Rank and scores of a passage found."""
    parts = [f"第 {found.rank}", f"综合 {found.score:.3f}"]
    if found.dense_score is not None:
        parts.append(f"语义 {found.dense_score:.3f}{_place(found.dense_rank)}")
    if found.lexical_score is not None:
        parts.append(f"词语 {found.lexical_score:.1f}{_place(found.lexical_rank)}")
    return " · ".join(parts)


def _place(rank: int | None) -> str:
    return f"（第 {rank}）" if rank is not None else ""


def quotation(
    passage: Passage, article: Article, highlights: Sequence[Span] = (), answers: Sequence[Span] = ()
) -> Html:
    """The words of a passage, marked, and below them the article's title and what else is known of it.

    A passage that is the headline already shows the title.
    """
    headline = passage.kind == "headline"
    below = source_line(
        authors=article.byline,
        newspaper=article.newspaper,
        date=article.date,
        page=article.page,
        section="标题" if headline else passage.section or article.section,
        source=article.source,
    )
    title = [block("wb-title", f"《{article.title}》")] if article.title.strip() and not headline else []
    return group(
        "wb-quote",
        block("wb-paper", passage.text, highlights, answers),
        *title,
        block("wb-source", below),
    )


def citation_of(article: Article) -> str:
    """The citation of ``article``, ready to paste."""
    return citation(
        title=article.title,
        authors=article.byline,
        newspaper=article.newspaper,
        date=article.date,
        page=article.page,
    )


def article_button(
    passage: Passage,
    article: Article,
    key: str,
    highlights: Sequence[Span] = (),
    answers: Sequence[Span] = (),
) -> None:
    """A button that opens the whole article; a passage without highlights is highlighted whole."""
    if st.button("在文中查看", key=f"article-{key}", type="tertiary", icon=":material/article:"):
        show_article(article, passage, highlights or ((0, len(passage.text)),), answers)
