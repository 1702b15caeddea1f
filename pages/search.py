"""Search: a question, what it was taken to mean, and the moments that answer it."""

from __future__ import annotations

import streamlit as st

from dashboard import search_session as session
from dashboard import ways
from dashboard.components import blocks
from dashboard.components import search_states as states
from dashboard.components.bar import bar
from dashboard.components.chips import chips
from dashboard.components.funnel import funnel
from dashboard.components.moments import moments
from dashboard.first_visit import first_visit
from dashboard.library_desk import library_view
from dashboard.search_desk import example_views, page_view, search_view
from dashboard.views import MomentView

states.style()
library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
if not library.ready:
    first_visit()
    blocks.not_searched(library)
    st.stop()
if watched := session.watched():
    st.switch_page("../pages/watch.py", query_params=watched)

page = page_view(session.asked_or_said())
asked = page.asked
if asked.empty:
    states.welcome()
chips(
    asked.words,
    page.question,
    key="question",
    of=session.of(asked),
    done=session.done(),
    on_act=session.on_question("question"),
)
ways.open_chosen(asked)
above = st.empty()


def line(title: str = "", took: str = "", files: tuple[tuple[str, str], ...] = ()) -> None:
    bar(
        title, took, asked, page.filters, page.kept,
        key="bar", on_act=session.on_bar("bar"), files=files, said=session.said(),
    )  # fmt: skip


def cards(key: str, listed: tuple[MomentView, ...]) -> None:
    moments(
        listed,
        key=key,
        on_act=session.on_moments(key),
        chosen=asked.moment,
        judged=bool(asked.question or asked.pictures),
    )


if page.error:
    st.error(page.error)
    st.stop()
if asked.empty:
    with st.container(horizontal=True, gap="small", key="examples"):
        for example in example_views():
            st.button(example.text, on_click=session.on_example, args=(example.text,))
    line()
    blocks.heading("In this library", library.summary)
    blocks.video_wall(library.ready)
    blocks.not_searched(library)
    st.stop()

with above:
    states.waiting()
answer = search_view(asked, session.hidden(asked))
above.empty()
if answer.error:
    line()
    st.error(answer.error)
    st.stop()

line(answer.title, answer.took, answer.files)
if not answer.count:
    states.nothing_found(bool(answer.relax))
funnel(
    answer.funnel,
    () if answer.count else answer.relax,
    key="funnel",
    of=session.of(asked),
    more=False,
    on_act=session.on_question("funnel"),
)
for number, group in enumerate(answer.groups):
    if group.title:
        blocks.heading(group.title, group.note)
    cards(f"found{number}", group.cards)
session.pages(answer.asked, answer.pages)
if answer.closest:
    blocks.heading("Close, but not quite", "each of these fails part of the question")
    if answer.count:
        funnel(
            (), answer.relax, key="relax", of=session.of(asked), more=True,
            on_act=session.on_question("relax"),
        )  # fmt: skip
    cards("close", answer.closest)
states.still_reading(library)
