"""What stands around the player on the watch page, and what its events do."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from dashboard.components import blocks
from dashboard.corrections import make_copy
from dashboard.events import unheard
from dashboard.links import poster_url
from dashboard.views import LibraryView, counted
from dashboard.watch_state import KEY, Watching, open_video, watching
from dashboard.watch_views import WatchView

_CSS = Path(__file__).with_name("assets") / "watch.css"
_CARDS = 48
_TITLES = {
    "unknown": "This video is not here",
    "unread": "Still being read",
    "damaged": "This video cannot be opened",
}


def style() -> None:
    st.html(_CSS)


def head(view: WatchView, now: Watching) -> None:
    """The video's name, what it is, and the way to its search."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(
            f'<div class="vt-watch-head"><h1>{escape(view.name)}</h1>'
            f"<span>{escape(view.note)}</span></div>",
            width="stretch",
        )
        st.page_link(
            "../pages/search.py",
            label="Search in this video",
            icon=":material/search:",
            query_params={"in": now.video_id},
        )
        st.button(
            "Another video",
            icon=":material/grid_view:",
            type="tertiary",
            on_click=open_video,
            args=("",),
        )


def why_not(view: WatchView) -> None:
    """Why there is no player, where a video was asked for."""
    if view.state in _TITLES:
        name = f"{view.name}: " if view.name and view.name not in view.said else ""
        blocks.notice(_TITLES[view.state], f"{name}{view.said}")


def chooser(library: LibraryView) -> None:
    """The videos that can be watched."""
    if not library.ready:
        blocks.notice("Nothing to watch yet", "Add a video on the page Library.")
        return
    blocks.heading("Choose a video", counted(len(library.ready), "video"))
    with st.container(key="watch-wall", horizontal=True, gap="medium"):
        for number, video in enumerate(library.ready[:_CARDS]):
            with st.container(key=f"watch-card-{number}", gap=None):
                st.html(f'<img src="{escape(poster_url(video.id))}" alt="" loading="lazy">')
                st.button(
                    video.name,
                    key=f"open-{video.id}",
                    type="tertiary",
                    on_click=open_video,
                    args=(video.id,),
                )
                objects = counted(video.objects, "object")
                st.html(f'<p class="vt-note">{escape(video.length)} · {escape(objects)}</p>')
    if len(library.ready) > _CARDS:
        st.caption("The others are on the page Library, which can look for names.")


def nothing_chosen() -> None:
    blocks.notice(
        "Choose an object",
        "Click a box in the picture or a bar in the timeline, or press N. Its pictures, its path, "
        "what it did and where else it was seen appear here.",
    )
    st.html('<h3 class="vt-h3">Corrections in this video</h3>')


def acted() -> None:
    """What was done in the player."""
    now = watching()
    for act in unheard(KEY):
        if act["kind"] == "copy":
            now.note = make_copy(now.video_id)
        else:
            now.acted(act)


def came_to() -> None:
    """Where the player paused or was moved to."""
    t_s, now = st.session_state[KEY]["cursor"], watching()
    if t_s is not None:
        now.t_s = float(t_s)
        now.write()
