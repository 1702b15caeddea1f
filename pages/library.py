"""Library: videos come in, are read, and stand here as cards."""

from __future__ import annotations

import streamlit as st

from dashboard import library_session as session
from dashboard.components import library_states as states
from dashboard.components.coverage import coverage
from dashboard.components.dropzone import dropzone
from dashboard.components.jobs import jobs
from dashboard.components.video_cards import video_cards
from dashboard.folder_picker import folder_picker
from dashboard.library_desk import (
    coverage_of,
    is_closed,
    library_view,
    profile_views,
    queue_view,
    removed_views,
)

states.style()
library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
if asked := session.going():
    page, query = asked
    st.switch_page(page, query_params=query)

queue = queue_view()
first = not library.videos and not queue.jobs
if is_closed():
    states.closed(library)
else:
    dropzone(
        profile_views(),
        session.profile(),
        first=first,
        key="zone",
        on_act=session.on_zone("zone"),
    )
if first:
    states.command()


@st.fragment(run_every=session.poll_s(queue), key="queue_fragment")
def show_queue() -> None:
    now = queue_view()
    if now.error:
        st.error(now.error)
    elif now.jobs:
        jobs(now, key="jobs", on_act=session.on_queue("jobs"))
    if session.ended_since(now) or now.active != queue.active:
        st.rerun()


show_queue()
video_cards(
    session.shelf(), library.summary, session.said(), key="cards", on_act=session.on_shelf("cards")
)
states.bin_of(removed_views(), session.restore, session.empty_bin)

if video := session.coverage_asked():

    @st.dialog("What was looked at", width="large")
    def show_coverage() -> None:
        coverage(coverage_of(video))

    show_coverage()
elif session.folder_asked():
    folder_picker()
