"""Library: the videos, and what is being read."""

from __future__ import annotations

import streamlit as st

from dashboard.components import blocks
from dashboard.library_desk import library_view

library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
blocks.heading("Videos", library.summary)
blocks.video_wall(library.ready)
blocks.not_searched(library)
