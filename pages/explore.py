"""Explore: what is in the footage, as maps of looks and of moves, and what is selected in them."""

from __future__ import annotations

import streamlit as st

from dashboard import explore_session as session
from dashboard import selection_session as selecting
from dashboard.cluster_desk import clusters_view
from dashboard.components import blocks
from dashboard.components import explore_states as states
from dashboard.components.cluster_list import cluster_list
from dashboard.components.map_bar import map_bar
from dashboard.components.maps import maps
from dashboard.components.moments import moments
from dashboard.components.rest_bar import rest_bar
from dashboard.components.selected import selected
from dashboard.components.selection_bar import selection_bar
from dashboard.explore_desk import explore_view, group_selected
from dashboard.library_desk import library_view

_LOOK_S = 1.0

states.style()
library = library_view()
if library.error:
    st.error(library.error)
    st.stop()
if not library.ready:
    blocks.no_videos("Nothing to explore yet")
    blocks.not_searched(library)
    st.stop()
if asked := session.going():
    page, query = asked
    st.switch_page(page, query_params=query)

look = session.look()
with states.waiting(look):
    view = explore_view(look)
if view.error:
    st.error(view.error)
    st.stop()


@st.fragment(run_every=_LOOK_S if view.making.state == "making" else None, key="making")
def how_far() -> None:
    now = session.how_far(view)
    if now.state != view.making.state:
        st.rerun()
    states.making(now, session.try_again)


how_far()
if not view.making.usable:
    st.stop()
map_bar(view, key="map_bar", on_act=session.on_maps("map_bar"), said=session.said())
maps(view, key="maps", on_act=session.on_maps("maps"))
states.late(view.making.late, session.lay_out_anew)
if view.opened is not None:
    with st.container(key="explore-opened"):
        key = f"opened {view.opened.id}"
        moments(
            [view.opened],
            key=key,
            on_act=session.on_cards(key),
            chosen=view.opened.id,
            judged=False,
        )

selection_bar(
    selecting.selection_view(look.selection),
    key="selection",
    on_act=selecting.on_selection("selection"),
)
if rest := selecting.rest_view():
    rest_bar(rest, key="rest_bar", on_act=selecting.on_rest("rest_bar"))
    moments(rest.cards, key="rest", on_act=selecting.on_rest("rest"))
if view.selected is None:
    states.hint()
else:
    left, right = st.columns([1, 3.2], gap="large")
    with left:
        selected(view.selected, key="selected", on_act=session.on_selected("selected"))
    with right:
        blocks.heading(view.selected.title, view.selected.order)
        moments(
            view.selected.cards,
            key="cards",
            on_act=session.on_cards("cards"),
            chosen=look.opened,
            judged=False,
        )
        session.pages(look, view.selected.pages)
if groups := clusters_view(look.space, look.level):
    with st.container(horizontal=True, vertical_alignment="bottom", key="groups-head"):
        blocks.heading("Groups", "what lies together, with the words that tell it from the rest")
        session.space_choice(look)
    cluster_list(
        groups,
        key="groups",
        chosen=group_selected(look, groups),
        on_act=session.on_groups("groups"),
    )
blocks.not_searched(library)
