"""Other ways to ask, each in a dialog: by a picture, by what is drawn on a frame of a video."""

from __future__ import annotations

import streamlit as st

from dashboard import search_session as session
from dashboard.address import Asked


def open_chosen(asked: Asked) -> None:
    """Open the dialog that the visitor just chose, if any."""
    chosen = session.way()
    if chosen == "picture":
        by_picture(asked)


@st.dialog("Search by a picture", width="medium")
def by_picture(asked: Asked) -> None:
    """Give an image file, and say where in it the object is."""
    st.write("To do")
