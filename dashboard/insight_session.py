"""What a visitor does on the page Insight; the view itself lives in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import VidtrailError
from dashboard import sketching
from dashboard.events import unheard
from dashboard.insight_desk import of_same_view
from dashboard.insight_views import ArmView, Counting, InsightView
from dashboard.search_views import Said
from dashboard.services import services

_SAID = "insight said"


def counting() -> Counting:
    """The view that the address asks for."""
    return Counting.read(st.query_params.to_dict())


def go(view: Counting) -> None:
    """Count something else: it becomes the address, a step that the back button undoes."""
    st.query_params.from_dict(view.params())


def said() -> Said | None:
    """What happened last; told once."""
    told: Said | None = st.session_state.pop(_SAID, None)
    return told


def open_number(name: str) -> None:
    """Show the objects behind a number, "" for none."""
    go(replace(counting(), opened=name, page=1))


def on_numbers(key: str) -> Callable[[], None]:
    """Callback of a table, or a picture, whose numbers open."""

    def happened() -> None:
        for event in unheard(key):
            if event["kind"] == "open":
                open_number(str(event["opens"]))

    return happened


def on_change(key: str, change: Callable[[Counting, Any], Counting]) -> Callable[[], None]:
    """Callback of something that is filled in: what `change` makes of its value is the next view.

    Call it where the thing is about to be shown.
    """

    def happened() -> None:
        go(change(counting(), st.session_state[key]))

    return happened


def on_line(key: str) -> Callable[[], None]:
    """Callback of the picture on which a line is drawn."""

    def happened() -> None:
        event = st.session_state[key].get("drawn")
        if event and event["points"]:
            points = tuple((float(x), float(y)) for x, y in event["points"])
            go(counting().anew(line=points, opened=""))

    return happened


def on_box(key: str) -> Callable[[], None]:
    """Callback of the heat map: a box drawn there opens the objects that were in it."""

    def happened() -> None:
        event = st.session_state[key].get("drawn")
        if event and event["points"]:
            corners = [value for point in event["points"] for value in point]
            open_number("heat:" + ",".join(f"{value:.4f}" for value in corners))

    return happened


def keep_line(view: InsightView, name_key: str) -> None:
    """Keep the line that is drawn under the name that was filled in."""
    now = counting()
    try:
        zone = sketching.kept(
            services().library(), str(st.session_state[name_key]), now.line, "line",
            view.camera, only_this_video=False,
        )  # fmt: skip
    except VidtrailError as error:
        st.session_state[_SAID] = Said(str(error), wrong=True)
        return
    st.session_state[name_key] = ""
    st.session_state[_SAID] = Said(f"Kept as “{zone.name}”: also for questions such as “crosses "
                                   f"line[{zone.name}]”.")  # fmt: skip
    go(now.anew(line=()))


def take_same_view(video_id: str) -> None:
    """Count in all videos that show the same place in the same way."""
    try:
        cameras = of_same_view(video_id)
    except VidtrailError as error:
        st.session_state[_SAID] = Said(str(error), wrong=True)
        return
    if len(cameras) == 1:
        st.session_state[_SAID] = Said("No other video shows this view.")
    go(counting().within(cameras=cameras))


def forget_line(zone_id: int) -> None:
    """Forget a line that is kept."""
    try:
        services().library().zones.remove(zone_id)
    except VidtrailError as error:
        st.session_state[_SAID] = Said(str(error), wrong=True)
    go(counting().anew())


def rename_arm(video_id: str, arm: ArmView, key: str) -> None:
    """Give an arm the name that was filled in; an empty one gives it back its own."""
    try:
        services().library().arm_names.keep(video_id, str(st.session_state[key]), arm.x, arm.y)
    except VidtrailError as error:
        st.session_state[_SAID] = Said(str(error), wrong=True)
