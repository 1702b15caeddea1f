"""Other ways to ask, each in a dialog: by a picture, by what is drawn on a frame of a video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st

from core.errors import VidtrailError
from core.language.sketches import ZoneHow
from core.library.catalog import VideoRecord
from core.library.zones import Zone
from dashboard import search_session as session
from dashboard import sketching
from dashboard.address import Asked
from dashboard.components.drawing import Drawn, Shape, drawing
from dashboard.editing import with_picture
from dashboard.links import picture_url, still_url
from dashboard.pictures import MOST_BYTES, pictures, with_box
from dashboard.services import services
from dashboard.sketching import Points, Way

_DRAWN, _GIVEN = "ways drawn", "ways given"
_STILL_PX = 1280
_MOST_WIDE_PX, _MOST_HIGH_PX = 860, 440
_TITLES: dict[Way, str] = {
    "path": "Along a path", "zone": "In a zone", "line": "Across a line",
    "boxes": "First here, then there",
}  # fmt: skip
_HINTS: dict[Way, str] = {
    "path": "Draw the way that objects go, from its beginning to its end.",
    "zone": "Click the corners of the zone; the first corner again closes it.",
    "line": "Draw the line that objects cross.",
    "boxes": "Draw a box where objects are first, then another where they are later.",
}


def open_chosen(asked: Asked) -> None:
    """Open the dialog that the visitor just chose, if any."""
    chosen = session.way()
    if not chosen:
        return
    st.session_state[_DRAWN] = {}
    st.session_state.pop(_GIVEN, None)
    if chosen == "picture":
        _by_picture(asked)
    elif chosen in _TITLES:
        st.dialog(_TITLES[chosen], width="large")(_by_drawing)(asked, chosen)


def _drawn_in(key: str) -> Callable[[], None]:
    """A callback that keeps the points of a drawing, until the dialog is opened again."""

    def happened() -> None:
        event = st.session_state[key]["drawn"]
        if event:
            st.session_state[_DRAWN] = {**st.session_state[_DRAWN], key: event["points"]}

    return happened


def _points(key: str) -> Points | None:
    found: Points | None = st.session_state[_DRAWN].get(key)
    return found


@st.dialog("By a picture", width="medium")
def _by_picture(asked: Asked) -> None:
    given = st.file_uploader(
        "A picture that shows it",
        type=["jpg", "jpeg", "png", "webp"],
        max_upload_size=MOST_BYTES >> 20,
    )
    if given is None:
        st.caption("A photo or a cut-out of the object. It stays on this machine.")
        return
    try:
        key = _kept(given)
    except VidtrailError as error:
        st.error(str(error))
        return
    st.caption("Draw a box around the object, or search with all of the picture.")
    board = f"ways picture {key}"
    width, height = pictures().size(key)
    with st.container(width=_width_px(width, height)):
        drawing(picture_url(key), shape="box", key=board, on_drawn=_drawn_in(board))
    corners = _points(board)
    box = None if corners is None else (*corners[0], *corners[1])
    label = "Search with all of it" if box is None else "Search with what is in the box"
    if st.button(label, type="primary"):
        session.go(with_picture(asked, with_box(key, cast("Any", box))))
        st.rerun()


def _width_px(width: int, height: int) -> int:
    """How wide a picture is shown, so that the button below it stays in sight."""
    return round(min(_MOST_WIDE_PX, _MOST_HIGH_PX * width / max(height, 1)))


def _kept(given: Any) -> str:
    """Key of an uploaded picture, stored once an upload."""
    known: tuple[str, str] | None = st.session_state.get(_GIVEN)
    if known is None or known[0] != given.file_id:
        known = (given.file_id, pictures().keep(given.getvalue()))
        st.session_state[_GIVEN] = known
    return known[1]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is drawn on, and how it is meant. video_id: "" where it counts in every video."""

    record: VideoRecord
    still: str
    video_id: str
    how: ZoneHow
    either_way: bool


def _by_drawing(asked: Asked, way: Way) -> None:
    try:
        frame = _frame(asked, way)
        st.caption(_HINTS[way])
        words = _boxes(frame) if way == "boxes" else _one(frame, way)
    except VidtrailError as error:
        st.error(str(error))
        return
    if words:
        session.go(sketching.with_words(asked, words))
        st.rerun()


def _frame(asked: Asked, way: Way) -> _Frame:
    """Which video, when, and what is to be done there; raises VidtrailError."""
    records = {record.video_id: record for record in services().library().ready()}
    chosen = [video for video in records if video in (asked.filters.videos or ())]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        video = st.selectbox(
            "Video", list(records), index=list(records).index(chosen[0]) if chosen else 0,
            format_func=lambda each: records[each].name,
        )  # fmt: skip
        record = records[video]
        t_s = st.slider("Time", 0.0, max(0.1, record.duration_s), 0.0, 0.1, format="%.1f s")
    how: ZoneHow = "in"
    either = False
    with right:
        if way == "zone":
            how = st.selectbox("What objects do", sketching.HOWS, format_func=_said)
        if way == "line":
            either = st.toggle("Either way", value=True)
        only = st.toggle("Only in this video", value=True)
    still = still_url(record.video_id, t_s, _STILL_PX)
    return _Frame(record, still, record.video_id if only else "", how, either)


def _said(how: ZoneHow) -> str:
    return {"in": "are in it", "enters": "enter it", "leaves": "leave it", "stops in": "stop in it",
            "from": "come from it", "to": "go to it"}.get(how, how)  # fmt: skip


def _board(frame: _Frame, shape: Shape, key: str, shapes: list[Drawn]) -> Points | None:
    with st.container(width=_width_px(frame.record.width, frame.record.height)):
        drawing(frame.still, shape=shape, key=key, shapes=shapes, on_drawn=_drawn_in(key))
    return _points(key)


def _one(frame: _Frame, way: Way) -> str:
    """The words of a path, a zone or a line, once the visitor asks for it; "" until then."""
    shape: Shape = "path" if way == "path" else "zone" if way == "zone" else "line"
    zones = services().library().zones.of_video(frame.record)
    named = [zone for zone in zones if zone.kind == shape]
    shown = [Drawn(zone.kind, zone.points, zone.name) for zone in named]
    points = _board(frame, shape, f"ways {way}", shown)
    name = "" if way == "path" else _name()
    if st.button("Search", type="primary", disabled=points is None) and points is not None:
        if way == "path":
            return sketching.path_words(points, frame.video_id)
        if name.strip():
            zone = sketching.kept(
                services().library(), name, points, "zone" if way == "zone" else "line",
                frame.record.video_id, only_this_video=bool(frame.video_id),
            )  # fmt: skip
            return sketching.kept_words(zone, frame.how, either_way=frame.either_way)
        if way == "zone":
            return sketching.zone_words(points, frame.how, frame.video_id)
        return sketching.line_words(points, either_way=frame.either_way, video_id=frame.video_id)
    return _stored(frame, named)


def _name() -> str:
    return st.text_input(
        "Keep it under a name", placeholder="optional, such as gate", max_chars=40, key="ways name"
    )


def _stored(frame: _Frame, zones: list[Zone]) -> str:
    """The zones and lines kept for this video: to be asked for, or forgotten."""
    chosen = ""
    for zone in zones:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{zone.name}**")
            if st.button("Search here", key=f"ways use {zone.zone_id}"):
                chosen = sketching.kept_words(zone, frame.how, either_way=frame.either_way)
            st.button(
                "Forget", key=f"ways forget {zone.zone_id}", type="tertiary",
                on_click=services().library().zones.remove, args=(zone.zone_id,),
            )  # fmt: skip
    return chosen


def _boxes(frame: _Frame) -> str:
    """The words of two boxes, once both are drawn and asked for; "" until then."""
    first = _points("ways first")
    if first is None:
        _board(frame, "box", "ways first", [])
        return ""
    shown = [Drawn("box", tuple((x, y) for x, y in first), "first")]
    then = _board(frame, "box", "ways then", shown)
    if st.button("Search", type="primary", disabled=then is None) and then is not None:
        return sketching.boxes_words(first, then, frame.video_id)
    return ""
