"""The flow of the page: what a run draws, what one reader's state is, what goes into the address.

Shared by all readers: the pipeline and the example questions. Everything else is in the session state.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from qa.chat import ChatSession
from qa.errors import QAError
from qa.index import default_index_dir
from qa.pipeline import QAPipeline
from ui.examples import example_questions
from ui.marking import block, draw, group, run_script
from ui.reply_view import show_reply
from ui.scope_view import choose_scope
from ui.style import ICON, SCROLL_TO_NEWEST, STYLE

READER, ARCHIVE = ":material/person:", ":material/newspaper:"
LEAD = "向报纸提问，用报纸的原话回答：短答案、标出的依据，以及它出自哪篇文章。"
UNEXPECTED = "页面出了意外的错误，详情已记入启动页面的终端；请刷新页面再试，或运行 wenbao verify 检查索引。"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for its answer; ``standalone`` where the reader said what is meant."""

    question: str
    standalone: str | None = None


@st.cache_resource(show_spinner="正在载入模型和索引……")
def shared_pipeline(index_dir: Path, model: str | None) -> QAPipeline:
    """The pipeline, shared by all readers. An error is not kept: the next run tries again."""
    return QAPipeline.open(index_dir, model=model)


@st.cache_resource(show_spinner="正在从报纸里挑几个例子……", max_entries=2)
def shared_examples(_pipeline: QAPipeline, root: Path, generation: str) -> list[str]:  # noqa: ARG001
    """Example questions of one generation of the index."""
    return example_questions(_pipeline)


def main() -> None:
    """Draws the page."""
    st.set_page_config(page_title="问报", page_icon=ICON, layout="centered")
    draw(STYLE)
    try:
        page()
    except QAError as error:
        notice(str(error))
    except Exception:
        logging.getLogger(__name__).exception("the page failed")
        notice(UNEXPECTED)


def page() -> None:
    """The sidebar, the turns so far, and the one just asked. Raises QAError where there is no index."""
    pipeline = shared_pipeline(default_index_dir().resolve(), os.environ.get("WENBAO_MODEL"))
    pipeline.retriever.refresh()
    chat: ChatSession = st.session_state.setdefault("chat", ChatSession(pipeline))
    with st.sidebar:
        sidebar(pipeline, chat)
    typed = st.chat_input("输入问题")
    asked = st.session_state.pop("asked", None) or (Asked(typed) if typed else None) or linked()
    if not chat.turns and asked is None:
        welcome(pipeline)
    for number, reply in enumerate(chat.turns):
        show_question(reply.question)
        with st.chat_message("assistant", avatar=ARCHIVE):
            show_reply(reply, number, link(reply.standalone_question, chat), ask)
    if asked is not None:
        answer(chat, asked)


def answer(chat: ChatSession, asked: Asked) -> None:
    """Asks and draws the new turn; a question that cannot be asked is answered by what is wrong with it."""
    show_question(asked.question)
    with st.chat_message("assistant", avatar=ARCHIVE):
        try:
            with st.spinner("正在查报……"):
                reply = chat.ask(asked.question, standalone=asked.standalone)
        except QAError as error:
            notice(str(error))
            return
        st.query_params.from_dict(address(reply.standalone_question, chat))
        show_reply(reply, len(chat.turns) - 1, link(reply.standalone_question, chat), ask)
    run_script(SCROLL_TO_NEWEST)


def ask(question: str, standalone: str | None = None) -> None:
    """Leaves a question for the run that follows; called by buttons."""
    st.session_state["asked"] = Asked(question, standalone)


def linked() -> Asked | None:
    """The question of the address, when the page is opened with one."""
    if "linked" in st.session_state:
        return None
    st.session_state["linked"] = True
    question = st.query_params.get("q")
    return Asked(question) if question else None


def address(question: str, chat: ChatSession) -> dict[str, str | list[str]]:
    """The query of an address that opens the page with ``question``, and with what of the archive was chosen."""
    scope = chat.scope
    chosen: dict[str, str | list[str]] = {
        "doc": sorted(scope.sources or ()),
        "paper": st.session_state.get("newspapers") or [],
        "from": scope.first_day or "",
        "to": scope.last_day or "",
    }
    return {"q": question, **{name: value for name, value in chosen.items() if value}}


def link(question: str, chat: ChatSession) -> str:
    """A whole address that opens the page with ``question``."""
    page_address = (st.context.url or "").partition("?")[0].rstrip("/")
    return f"{page_address}/?{urlencode(address(question, chat), doseq=True)}"


def sidebar(pipeline: QAPipeline, chat: ChatSession) -> None:
    """What the index holds, the choice of documents, a new conversation."""
    st.button("新的对话", icon=":material/add:", width="stretch", on_click=start_anew, args=(chat,))
    index = pipeline.index
    chat.scope = choose_scope(index)
    info = index.info()
    built = datetime.fromisoformat(info["created"]).astimezone()
    draw(
        group(
            "wb-facts",
            block("wb-label", "索引里有"),
            block("wb-fact", f"{info['documents']} 份文件"),
            block("wb-fact", f"{info['articles']} 篇文章"),
            block("wb-fact", f"{info['passages']} 个段落"),
            block("wb-label", f"建于 {built:%Y-%m-%d %H:%M}"),
            block("wb-label", f"模型 {info['encoder']}"),
        )
    )


def start_anew(chat: ChatSession) -> None:
    """Forgets the conversation and what the address says of it."""
    chat.clear()
    st.query_params.clear()


def welcome(pipeline: QAPipeline) -> None:
    """What the page is for, and questions to begin with."""
    draw(group("wb-welcome", block("wb-name", "问报"), block("wb-lead", LEAD)))
    examples = shared_examples(pipeline, pipeline.index.root, pipeline.index.generation)
    if examples:
        with st.container(gap="small"):
            draw(block("wb-label", "可以这样问"))
            for number, question in enumerate(examples):
                st.button(question, key=f"example-{number}", on_click=ask, args=(question,))


def show_question(question: str) -> None:
    """What the reader asked, as typed."""
    with st.chat_message("user", avatar=READER):
        draw(block("wb-asked", question))


def notice(text: str) -> None:
    """A sentence about what is wrong."""
    draw(block("wb-notice", text))
