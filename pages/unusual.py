"""Unusual: what is far from what is usual here, and why."""

from __future__ import annotations

import streamlit as st

from dashboard import unusual_session as session
from dashboard.components import blocks, unusual_controls, unusual_list
from dashboard.library_desk import library_view
from dashboard.unusual_desk import choices, unusual_view

unusual_list.style()
library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
if not library.ready:
    blocks.no_videos("Nothing to compare yet")
    blocks.not_searched(library)
    st.stop()

asked = session.read(st.query_params.to_dict(), library.ready)
blocks.heading("Unusual", "objects unlike what is normal, each with the reason")
with st.spinner("Reading what the library holds …"):
    known = choices(asked)
unusual_controls.controls(asked, library.ready, known, session.go)
with st.spinner(f"Comparing {known.objects:,} objects with what is normal …"):
    view = unusual_view(asked, session.shown())
if view.error:
    st.error(view.error)
    st.stop()
if view.over_time is not None:
    unusual_list.over_time(view.over_time)
if view.untold:
    blocks.notice("Nothing can be told yet", view.untold)
elif not view.odd:
    blocks.notice("Nothing is unusual", f"All objects are as the normal ones are: {view.normal}.")
else:
    blocks.heading(f"{view.count:,} unusual", f"compared with {view.normal}")
    unusual_list.odd_list(view.odd)
    if view.count > len(view.odd):
        st.button("Show more", on_click=session.more)
if view.thin:
    st.caption(view.thin)
blocks.not_searched(library)
