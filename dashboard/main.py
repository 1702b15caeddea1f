"""The frame around every page: looks and navigation. Executed on every run."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).with_name("assets")

st.set_page_config(page_title="Vidtrail", page_icon=_ASSETS / "icon.png", layout="wide")
st.html(_ASSETS / "style.css")

st.logo(_ASSETS / "icon.png", size="large")
page = st.navigation(
    [
        st.Page("../pages/search.py", title="Search", default=True),
        st.Page("../pages/library.py", title="Library"),
        st.Page("../pages/watch.py", title="Watch"),
    ],
    position="top",
)
page.run()
