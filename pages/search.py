"""Search: a question, what it was taken to mean, and the moments that answer it."""

from __future__ import annotations

import streamlit as st

from dashboard.components import blocks
from dashboard.components.moments import moments
from dashboard.library_desk import library_view
from dashboard.search_desk import EXAMPLES
from dashboard.search_desk import ask as answered
from dashboard.views import counted, names

library = library_view()
blocks.masthead(library)

if library.error:
    st.error(library.error)
    st.stop()
if not library.ready:
    blocks.notice(
        "No videos to search yet",
        "Add some, then reload this page. `vidtrail demo` indexes the sample videos that come "
        "with Vidtrail; your own are added with:",
        "vidtrail add PATH-TO-VIDEOS",
    )
    blocks.not_searched(library)
    st.stop()

question = st.text_input(
    "What are you looking for?",
    key="q",
    bind="query-params",
    type="search",
    icon=":material/search:",
    placeholder="red car turning left",
    label_visibility="collapsed",
)


def ask(example: str) -> None:
    st.session_state["q"] = example


if not (question or "").strip():
    with st.container(horizontal=True, gap="small"):
        for example in EXAMPLES:
            st.button(example, on_click=ask, args=(example,), type="secondary")
    blocks.heading("In this library")
    blocks.video_wall(library.ready)
    blocks.not_searched(library)
    st.stop()

with st.spinner("Searching", show_time=True):
    answer = answered(question)

if answer.error:
    st.error(answer.error)
    st.stop()

blocks.understood(answer.understood, answer.unknown)
if answer.found:
    blocks.heading(counted(len(answer.found), "moment"), f"in {answer.took_s * 1000:.0f} ms")
    blocks.funnel(answer.funnel)
    moments(answer.found, key="found")
else:
    blocks.notice("Nothing found", "Nothing in this library answers all of the question.")
    blocks.funnel(answer.funnel)
    blocks.misses(answer.misses)
if answer.unknown:
    st.caption(f"Not understood, and left out of the search: {names(answer.unknown)}.")
if answer.untested:
    st.caption(f"Understood, but nothing here can measure it: {names(answer.untested)}.")
if answer.near:
    blocks.heading("Near misses", "each fails part of the question")
    moments(answer.near, key="near")
