"""The folders of the server that may be read, to add a video or all videos of a folder."""

from __future__ import annotations

import streamlit as st

from dashboard import library_desk as desk
from dashboard import library_session as session
from dashboard.library_views import as_label

_PLACE = "library place"


@st.dialog("Add from a folder of the server", width="medium")
def folder_picker() -> None:
    """A dialog: walk through folders or type a path; what is added goes into the queue."""
    view = desk.folder_view(st.session_state.get(_PLACE, ""))
    if not view.roots:
        st.markdown(
            "No folder of this server may be read from here yet. Whoever starts the server allows "
            "some, and everything below them can then be added without being sent:"
        )
        st.code(f"{view.variable}=/videos:/media/cameras vidtrail serve", language=None)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="typed"):
        typed = st.text_input(
            "Path of a video or folder", value=view.path, placeholder=view.roots[0]
        )
        if st.button("Open", key="open_typed"):
            _open(typed)
    if view.error:
        st.error(view.error)
        return
    with st.container(horizontal=True, gap="xsmall", key="crumbs"):
        for root in view.roots:
            if root != view.crumbs[0][1]:
                st.button(
                    as_label(root), key=f"root {root}", on_click=_go, args=(root,), type="tertiary"
                )
        for name, path in view.crumbs:
            st.button(
                f"{as_label(name)} /", key=f"up {path}", on_click=_go, args=(path,), type="tertiary"
            )
    with st.container(height=320, border=True, gap=None, key="entries"):
        for name, path in view.folders:
            st.button(
                as_label(name), key=f"in {path}", on_click=_go, args=(path,), type="tertiary",
                icon=":material/folder:",
            )  # fmt: skip
        for name, size, path in view.files:
            if st.button(
                f"{as_label(name)} :gray[{size}]", key=f"add {path}", type="tertiary",
                icon=":material/movie:", help="Add this video",
            ):  # fmt: skip
                _add(path)
        if view.left_out:
            st.caption(f"and {view.left_out:,} more: type the path of what you look for")
        if not view.folders and not view.files:
            st.caption("Nothing here that could be added.")
    some = f" ({len(view.files):,} here)" if view.files else ""
    if st.button(
        f"Add all videos in this folder and below{some}",
        type="primary", key="add_all", disabled=not (view.files or view.folders),
    ):  # fmt: skip
        _add(view.path)


def _go(path: str) -> None:
    st.session_state[_PLACE] = path


def _open(typed: str) -> None:
    """Add a file that was typed, or go to a folder."""
    if desk.folder_view(typed).error:
        _add(typed)
    _go(typed)
    st.rerun(scope="fragment")


def _add(path: str) -> None:
    session.add_from(path)
    st.rerun()
