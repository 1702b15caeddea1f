"""Watch: one video with everything that was found in it, and the object that was chosen."""

from __future__ import annotations

import streamlit as st

from dashboard import watch_layout as layout
from dashboard.components.player import player
from dashboard.library_desk import library_view
from dashboard.watch_correct import history_list, note_bar
from dashboard.watch_desk import object_view, watch_view
from dashboard.watch_panel import object_panel
from dashboard.watch_state import KEY, watching

library = library_view()
if library.error:
    st.error(library.error)
    st.stop()

layout.style()
now = watching()
view = watch_view(now.video_id, now.track_id, now.loop)
if view.player is None:
    layout.why_not(view)
    layout.chooser(library)
    st.stop()

layout.head(view, now)
with st.container(key="watch-main"):
    left, right = st.columns([2.35, 1], gap="medium")
with left:
    player(
        view.player,
        key=KEY,
        selected=now.selected,
        seek=now.seek,
        loop=now.looping,
        on_act=layout.acted,
        on_cursor=layout.came_to,
    )
with right:
    note_bar(now)
    if now.track_id is not None:
        object_panel(now, object_view(now.video_id, now.track_id))
    else:
        layout.nothing_chosen()
        history_list(now)
