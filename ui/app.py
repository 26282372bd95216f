"""The chat page; started by ``wenbao ui``."""

from __future__ import annotations

import os
from html import escape

import streamlit as st

from qa.chat import ChatSession
from qa.datatypes import Reply
from qa.errors import QAError
from qa.pipeline import QAPipeline
from ui.marking import marked

STYLE = """<style>
mark{background:#ffe58f;color:#222;padding:0 .1em} mark.answer{background:#f5a623;color:#111;font-weight:600}
.answer-text{font-size:1.6rem;font-weight:600;overflow-wrap:anywhere} .paper{line-height:1.9;overflow-wrap:anywhere}
.source{opacity:.75;font-size:.9rem;overflow-wrap:anywhere}</style>"""


@st.cache_resource(show_spinner="正在载入模型和索引……")
def pipeline() -> QAPipeline:
    """The pipeline, shared by all readers; what belongs to one reader is in the session state."""
    return QAPipeline.open(model=os.environ.get("WENBAO_MODEL"))


def show(reply: Reply) -> None:
    """One reply: the answer, or the reason, and the evidence."""
    if reply.standalone_question != reply.question:
        st.html(f'<div class="source">理解为：{escape(reply.standalone_question)}</div>')
    head = reply.answer.text if reply.answer else reply.reason or ""
    st.html(f'<div class="answer-text">{escape(head)}</div>')
    for item in reply.evidence:
        article = item.retrieved.article
        known = [
            f"《{article.title}》" if article.title else "",
            "、".join(article.byline),
            article.newspaper,
            article.date,
        ]
        source = " · ".join(part for part in (*known, article.source) if part)
        text = marked(item.retrieved.text, item.highlights, item.answer_spans)
        st.html(f'<div class="paper">{text}</div><div class="source">{escape(source)}</div>')


def main() -> None:
    """Draws the page."""
    st.set_page_config(page_title="问报", page_icon="📰")
    st.html(STYLE)
    st.title("问报")
    try:
        shared = pipeline()
    except QAError as error:
        st.html(f"<p>{escape(str(error))}</p>")
        return
    chat: ChatSession = st.session_state.setdefault("chat", ChatSession(shared))
    with st.sidebar:
        info = shared.index.info()
        st.html(f"<p>文件 {info['documents']}，文章 {info['articles']}，段落 {info['passages']}</p>")
        if st.button("新的对话"):
            chat.clear()
    asked = st.chat_input("输入问题")
    linked = st.query_params.get("q")
    if asked is None and linked and not chat.turns:
        asked = linked
    if asked:
        try:
            chat.ask(asked)
            st.query_params["q"] = asked
        except QAError as error:
            st.html(f"<p>{escape(str(error))}</p>")
    for reply in chat.turns:
        with st.chat_message("user"):
            st.html(escape(reply.question))
        with st.chat_message("assistant"):
            show(reply)


main()
