"""Insight: how many, from where to where, how long; every number opens the objects behind it."""

from __future__ import annotations

import streamlit as st

from dashboard import insight_layout as layout
from dashboard import insight_session as session
from dashboard.components import blocks
from dashboard.insight_desk import insight_view
from dashboard.library_desk import library_view

library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
if not library.ready:
    blocks.no_videos("Nothing to count yet")
    blocks.not_searched(library)
    st.stop()

layout.style()
view = insight_view(session.counting())
blocks.heading("Insight", library.summary)
layout.told()
layout.choices(view)
if view.error:
    st.error(view.error)
    st.stop()
layout.facts(view)
layout.over_time(view)
layout.stays(view)
layout.where(view)
layout.from_where_to_where(view)
layout.lines(view)
layout.heat(view)
