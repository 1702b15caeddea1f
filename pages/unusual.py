"""Unusual: what is far from what is usual here."""

from __future__ import annotations

import streamlit as st

from dashboard.components import blocks
from dashboard.library_desk import library_view

library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
if not library.ready:
    blocks.no_videos("Nothing to compare yet")
    blocks.not_searched(library)
    st.stop()

blocks.heading("Unusual", library.summary)
