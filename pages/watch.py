"""Watch: one video with everything that was found in it."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.components import blocks
from dashboard.library_desk import library_view
from dashboard.links import video_url

library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
chosen = st.query_params.get("v")
video = next((video for video in library.ready if video.id == chosen), None)
if video is None:
    blocks.notice("No video chosen", "Open one from the library or from an answer.")
    st.stop()
blocks.heading(video.name, video.length)
st.html(f'<video controls muted src="{escape(video_url(video.id))}"></video>')
