"""A page with nothing but a picture to draw on, and what was drawn, as text."""

from __future__ import annotations

import json
from urllib.parse import quote

import streamlit as st

from dashboard.components.drawing import Drawn, drawing


def picture(colour: str) -> str:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540">'
        f'<rect width="960" height="540" fill="{colour}"/></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def took() -> None:
    st.session_state["took"] = st.session_state["board"]["drawn"]


st.title("Drawing")
shape = st.query_params.get("shape", "path")
other = st.toggle("Another picture")
shapes = [Drawn("zone", ((0.7, 0.1), (0.9, 0.1), (0.9, 0.3)), "yard")]
drawing(
    picture("#456" if other else "#654"), shape=shape, key="board", shapes=shapes, on_drawn=took
)
st.code(json.dumps(st.session_state.get("took")))
