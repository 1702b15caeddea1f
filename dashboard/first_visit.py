"""What a visitor finds while no video can be searched: ways to the first ones, and progress."""

from __future__ import annotations

import streamlit as st

from dashboard import library_desk
from dashboard import search_session as session
from dashboard.components import search_states as states

_LOOK_S = 2.0


def first_visit() -> None:
    """Offer the sample videos and the library; goes on to the search when the first is read."""
    queue = library_desk.queue_view()
    if queue.active:
        # Made anew on every run: an idle page asks for nothing.
        st.fragment(_progress, run_every=_LOOK_S)()
        return
    states.first_visit("")
    with st.container(horizontal=True, gap="small", key="first", vertical_alignment="center"):
        st.button("Try the sample videos", type="primary", on_click=_samples)
        st.page_link("../pages/library.py", label="Add your own videos")
    _said()


def _progress() -> None:
    if library_desk.library_view().ready or not library_desk.queue_view().active:
        st.rerun()
    states.first_visit(f"{library_desk.queue_view().title}.")
    with st.container(horizontal=True, key="first"):
        st.page_link("../pages/library.py", label="See how far it is")


def _samples() -> None:
    """Queue the sample videos; what went wrong is said."""
    said = library_desk.add_samples()
    if said is not None and said.wrong:
        session.tell(said.text, wrong=True)


def _said() -> None:
    told = session.said()
    if told is not None:
        st.error(told.text)
