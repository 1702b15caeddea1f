"""What a visitor does on the page Explore; the view itself lives in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast, get_args

import streamlit as st

from core.errors import VidtrailError
from core.explore.features import SPACES, Space
from dashboard import explore_desk as desk
from dashboard import map_making
from dashboard.cluster_desk import rename_cluster
from dashboard.events import Event, unheard
from dashboard.explore_address import By, Look
from dashboard.explore_views import ExploreView, MakingView
from dashboard.search_views import Said

_SAID, _GO = "explore said", "explore go"


def look() -> Look:
    """The view that the address asks for."""
    return Look.read(st.query_params.to_dict())


def go(view: Look) -> None:
    """Look at something else: it becomes the address, a step that the back button undoes."""
    st.query_params.from_dict(view.params())


def said() -> Said | None:
    """What went wrong or happened last."""
    told: Said | None = st.session_state.get(_SAID)
    return told


def tell(text: str, *, wrong: bool = False) -> None:
    st.session_state[_SAID] = Said(text, wrong)


def going() -> tuple[str, dict[str, str]] | None:
    """The page that was just asked for, with its query; told once."""
    asked: tuple[str, dict[str, str]] | None = st.session_state.pop(_GO, None)
    return asked


def acting(key: str, act: Callable[[Look, Event], Look | None]) -> Callable[[], None]:
    """A callback for the events of a component: what `act` returns is the next view."""

    def happened() -> None:
        for event in unheard(key):
            st.session_state.pop(_SAID, None)
            try:
                view = act(look(), event)
                if view is not None:
                    go(view)
            except VidtrailError as error:
                tell(str(error), wrong=True)

    return happened


def on_maps(key: str) -> Callable[[], None]:
    """Callback of the maps and of the line above them."""
    return acting(key, _map_act)


def _map_act(view: Look, event: Event) -> Look | None:
    kind = event["kind"]
    if kind == "select":
        return desk.drawn(view, event)
    if kind == "legend":
        return desk.of_legend(view, event)
    if kind == "open":
        return desk.opened(view, event)
    if kind == "clear":
        return view.anew(selection="")
    if kind == "by" and event["value"] in get_args(By):
        return replace(view, by=cast("By", event["value"]))
    if kind == "space" and event["value"] in SPACES:
        return replace(view, space=cast("Space", event["value"]), level=None)
    if kind == "ask":
        return replace(view, by="question", question=" ".join(str(event["text"]).split()))
    return None  # "stale": the maps have changed, which this run shows


def on_selected(key: str) -> Callable[[], None]:
    """Callback of the counts and the timeline of what is selected."""

    def act(view: Look, event: Event) -> Look | None:
        if event["kind"] in ("only", "without"):
            return desk.narrowed(view, str(event["value"]), out=event["kind"] == "without")
        return None

    return acting(key, act)


def on_cards(key: str) -> Callable[[], None]:
    """Callback of the cards of objects."""
    return acting(key, card_act)


def card_act(view: Look, event: Event) -> Look | None:
    """What is done with the card of an object."""
    kind, name = event["kind"], str(event["moment"])
    video_id, _, track = name.partition(":")
    if kind == "watch":
        leave("../pages/watch.py", {"v": video_id, "o": track})
    elif kind == "like":
        leave("../pages/search.py", {"s": f"like[{video_id}:{track}]"})
    elif kind == "drop":
        return desk.without(view, name)
    elif kind in ("open", "close"):
        return replace(view, opened=name if kind == "open" else "")
    return None


def leave(page: str, query: dict[str, str]) -> None:
    """Go to another page, with its query."""
    st.session_state[_GO] = (page, query)


def on_groups(key: str) -> Callable[[], None]:
    """Callback of the list of groups."""

    def act(view: Look, event: Event) -> Look | None:
        kind, level = event["kind"], int(event["level"])
        if kind == "choose":
            return desk.of_group(view, level, int(event["cluster"]))
        if kind == "level":
            return replace(view, level=level)
        if kind == "rename":
            name = str(event["name"] or "")
            if why := rename_cluster(view.space, level, int(event["cluster"]), name):
                tell(why, wrong=True)
        return None

    return acting(key, act)


def space_choice(view: Look) -> None:
    """Whether groups of looks or of moves are listed."""
    key = f"explore groups of {view.space}"  # another one each time: the address decides

    def chosen() -> None:
        go(replace(view, space=st.session_state[key] or view.space, level=None))

    st.segmented_control(
        "Groups of", SPACES, default=view.space, key=key, on_change=chosen,
        label_visibility="collapsed",
    )  # fmt: skip


def how_far(view: ExploreView) -> MakingView:
    """How far the maps are now, asked again while they are being made."""
    return desk.making_now() if view.making.state == "making" else view.making


def try_again(job_id: int) -> None:
    try:
        map_making.try_again(job_id)
    except VidtrailError as error:
        tell(str(error), wrong=True)


def lay_out_anew() -> None:
    try:
        map_making.lay_out_anew()
    except VidtrailError as error:
        tell(str(error), wrong=True)


def pages(view: Look, many: int) -> None:
    """The pages of what is selected, where there is more than one."""
    if many == 1:
        return
    key = f"explore page {view.page} of {many} {view.selection}"

    def turned() -> None:
        go(replace(view, page=int(st.session_state[key]), opened=""))

    st.pagination(many, default=view.page, key=key, on_change=turned, width="stretch")
