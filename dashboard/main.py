"""The frame around every page: looks and navigation. Executed on every run."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

import streamlit as st

from dashboard.links import logout_url

_ASSETS = Path(__file__).with_name("assets")

page = st.navigation(
    [
        st.Page("../pages/search.py", title="Search", default=True),
        st.Page("../pages/library.py", title="Library"),
        st.Page("../pages/watch.py", title="Watch"),
        st.Page("../pages/explore.py", title="Explore"),
        st.Page("../pages/unusual.py", title="Unusual"),
        st.Page("../pages/insight.py", title="Insight"),
    ],
    position="top",
)
st.set_page_config(
    page_title=f"{page.title} · Vidtrail", page_icon=_ASSETS / "icon.png", layout="wide"
)
st.html(_ASSETS / "style.css")
st.logo(_ASSETS / "mark.svg", size="large")
if os.environ.get("VIDTRAIL_PASSWORD_FILE"):
    # One visit in all tabs: the link leaves the page, and the server ends the session.
    st.html(f'<a class="vt-leave" href="{escape(logout_url())}" target="_self">Log out</a>')
page.run()
