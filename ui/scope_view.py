"""The part of the sidebar that keeps questions to some documents, newspapers and days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from qa.errors import ScopeError
from qa.index import Index
from qa.scope import Scope, days_of, undated_note
from ui.marking import block, draw


def choose_scope(index: Index) -> Scope:
    """Draws the choices that ``index`` offers and returns what is chosen; the address may have chosen before."""
    documents = _choice("只查这些文件", index.sources(), "documents", "doc", "全部文件")
    newspapers = index.newspapers()
    papers = _choice("只查这些报纸", newspapers, "newspapers", "paper", "全部报纸") if newspapers else []
    first, last = _days(index)
    scope = Scope.of(documents or None, papers or None, first, last)
    if undated := index.undated_in(scope):
        draw(block("wb-label", undated_note(undated)))
    return scope


def _choice(label: str, names: Sequence[str], key: str, parameter: str, placeholder: str) -> list[str]:
    if key not in st.session_state:
        wanted = set(st.query_params.get_all(parameter))
        st.session_state[key] = [name for name in names if name in wanted]
    else:
        # A newer generation may lack what was chosen.
        st.session_state[key] = [name for name in st.session_state[key] if name in set(names)]
    return st.multiselect(label, names, key=key, placeholder=placeholder, select_all=False)


def _days(index: Index) -> tuple[str | None, str | None]:
    """The first and the last day that are asked for, as far as they are."""
    span = index.days()
    if span is None:
        return None, None
    earliest, latest = date.fromisoformat(days_of(span[0])[0]), date.fromisoformat(days_of(span[1])[1])
    chosen: list[str | None] = []
    for label, key, parameter in (("从哪天起", "first-day", "from"), ("到哪天止", "last-day", "to")):
        if key not in st.session_state:
            st.session_state[key] = _day(st.query_params.get(parameter))
        known = st.session_state[key]
        if known is not None and not earliest <= known <= latest:
            st.session_state[key] = min(max(known, earliest), latest)
        day = st.date_input(label, key=key, min_value=earliest, max_value=latest, format="YYYY-MM-DD")
        chosen.append(day.isoformat() if isinstance(day, date) else None)
    first, last = chosen
    if first is not None and last is not None and first > last:
        draw(block("wb-notice", f"起始日期 {first} 在截止日期 {last} 之后，没有按日期筛选。"))
        return None, None
    return first, last


def _day(text: str | None) -> date | None:
    """The day of an address; None where it says none."""
    try:
        return date.fromisoformat(days_of(text)[0]) if text else None
    except ScopeError:
        return None
