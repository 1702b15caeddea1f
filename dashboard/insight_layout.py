"""The sections of the page Insight: what is chosen, and the numbers below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from core.explore.counts import INTERVALS_S
from dashboard import insight_session as session
from dashboard.charts import opening_chart, stacked_bars
from dashboard.components import blocks
from dashboard.components.drawing import Drawn, drawing
from dashboard.components.flows import flows
from dashboard.components.moments import moments
from dashboard.components.number_table import number_table
from dashboard.insight_views import ArmView, Counting, InsightView

_STYLE = Path(__file__).parent / "assets" / "insight.css"
_MODES = {"came": "Coming into view", "there": "In view"}
_SHAPES = {"pairs": "From and to", "kinds": "By kind", "time": "By time"}
_WIDE_PX, _HIGH_PX = 860, 470
_TWO = "insight sections"


def style() -> None:
    """The look of what is only on this page."""
    st.html(_STYLE)
    st.session_state[_TWO] = 0


def _set(key: str, value: Any) -> str:
    """What the address says is what is shown; the key, for the widget."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


# --- what is counted -----------------------------------------------------------------------------


def choices(view: InsightView) -> None:
    """What is counted: videos, kinds, how long an interval is, which time."""
    scope = view.asked.scope
    names = dict(view.videos)
    with st.container(key="insight-choices"):
        columns = st.columns([2.2, 2.2, 1.1, 1.8], gap="small", vertical_alignment="bottom")
        with columns[0]:
            st.multiselect(
                "Videos", list(names), format_func=lambda each: names.get(each, each),
                placeholder="All videos",
                key=_set("insight videos", [v for v in scope.videos if v in names]),
                on_change=session.on_change(
                    "insight videos",
                    lambda now, value: now.within(videos=tuple(value), cameras=()),
                ),
            )  # fmt: skip
        with columns[1]:
            kinds = list(dict.fromkeys([*view.kinds, *scope.kinds]))
            st.multiselect(
                "Kinds", kinds, placeholder="All kinds",
                key=_set("insight kinds", list(scope.kinds)),
                on_change=session.on_change(
                    "insight kinds", lambda now, value: now.within(kinds=tuple(value))
                ),
            )  # fmt: skip
        with columns[2]:
            steps = sorted({float(step) for step in INTERVALS_S} | {scope.step_s or 1.0})
            st.selectbox(
                "Interval", [0.0, *steps], format_func=_step_said,
                key=_set("insight step", scope.step_s or 0.0),
                on_change=session.on_change(
                    "insight step", lambda now, value: now.within(step_s=value or None)
                ),
            )  # fmt: skip
        with columns[3]:
            longest = max(round(view.longest_s + 0.05, 1), 1.0)
            span = (scope.after_s or 0.0, min(scope.before_s or longest, longest))
            st.slider(
                "Time in each video", 0.0, longest, step=_slider_step(longest),
                key=_set("insight span", (min(span[0], span[1]), span[1])), format="%.0f s",
                on_change=session.on_change("insight span", _between(longest)),
            )  # fmt: skip


def _between(longest: float) -> Callable[[Counting, Any], Counting]:
    def change(now: Counting, value: tuple[float, float]) -> Counting:
        after, before = value
        return now.within(
            after_s=after if after > 0.0 else None, before_s=before if before < longest else None
        )

    return change


def _slider_step(longest: float) -> float:
    return 0.5 if longest <= 120.0 else 1.0 if longest <= 3600.0 else 10.0


def _step_said(seconds: float) -> str:
    if not seconds:
        return "Automatic"
    if seconds >= 3600.0:
        return f"{seconds / 3600.0:g} h"
    return f"{seconds / 60.0:g} min" if seconds >= 60.0 else f"{seconds:g} s"


def facts(view: InsightView) -> None:
    """The numbers on top."""
    with st.container(horizontal=True, gap="small", key="insight-facts"):
        for k, (number, words, opens) in enumerate(view.facts):
            st.button(
                f"**{number}** {words}", key=f"insight fact {k}", disabled=not opens,
                on_click=session.open_number, args=(opens,),
                help="Show the objects" if opens else None,
            )  # fmt: skip


# --- sections ------------------------------------------------------------------------------------


def _head(title: str, note: str, view: InsightView, file: str) -> None:
    links = "".join(
        f'<a class="vi-file" href="{escape(href)}" target="_self" download>CSV</a>'
        for name, href in view.files
        if name == file
    )
    st.html(f'<div class="vi-head"><h2>{escape(title)}</h2><p>{escape(note)}</p>{links}</div>')


def over_time(view: InsightView) -> None:
    """Objects over time, by kind."""
    time = view.time
    if time is None:
        return
    _head("Over time", f"each bar is {time.step}", view, "counts")
    st.segmented_control(
        "What is counted", list(_MODES), format_func=lambda each: _MODES[each],
        key=_set("insight mode", view.asked.mode), label_visibility="collapsed", required=True,
        on_change=session.on_change(
            "insight mode", lambda now, value: now.anew(mode=value or now.mode)
        ),
    )  # fmt: skip
    if time.series:
        figure = stacked_bars(
            time.series, time.said, ticks=time.ticks, borders=time.borders,
            opened=view.asked.opened,
        )  # fmt: skip
        opening_chart(figure, time.series, key="insight chart", on_open=session.open_number)
    else:
        st.caption("Nothing that is counted was there in this time.")
    opened(view, "time")


def where(view: InsightView) -> None:
    """Which camera's picture is meant by what has a place."""
    names = dict(view.videos)
    cameras = view.asked.scope.cameras or (view.camera,)
    blocks.heading("In the picture", "movements, places and lines are of one camera's view")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            "View", list(names), format_func=lambda each: names.get(each, each),
            key=_set("insight view", [v for v in cameras if v in names]),
            help="Several videos can be chosen where they are of one camera that stood still.",
            on_change=session.on_change(
                "insight view", lambda now, value: now.within(cameras=tuple(value))
            ),
        )  # fmt: skip
        if len(names) > 1:
            st.button(
                "All videos of this view", key="insight same view",
                on_click=session.take_same_view, args=(view.camera,),
                help="Adds those whose standing picture is the same: one camera, other hours.",
            )  # fmt: skip


def from_where_to_where(view: InsightView) -> None:
    """Turning movements: drawn, as a table, and what the arms are called."""
    found = view.movements
    if found is None:
        return
    _head("From where to where", "turning movements between the arms of the picture", view,
          "movements")  # fmt: skip
    left, right = _two()
    with left:
        flows(found, key="insight flows", opened=view.asked.opened,
              on_act=session.on_numbers("insight flows"))  # fmt: skip
    with right:
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.segmented_control(
                "Laid out", list(_SHAPES), format_func=lambda each: _SHAPES[each],
                key=_set("insight shape", view.asked.shape), label_visibility="collapsed",
                required=True,
                on_change=session.on_change(
                    "insight shape", lambda now, value: now.anew(shape=value or now.shape)
                ),
            )  # fmt: skip
            if found.arms:
                with st.popover("Name the arms", type="tertiary"):
                    _arm_names(view, found.arms)
        number_table(found.numbers, key="insight moves", on_act=session.on_numbers("insight moves"))
        st.caption(found.said)
    opened(view, "movements")


def _arm_names(view: InsightView, arms: Sequence[ArmView]) -> None:
    st.caption("Such as “Mill Road” or “North”; names are kept for this video.")
    for k, arm in enumerate(arms):
        key = f"insight arm {k} {view.camera}"
        st.text_input(
            f"Name of arm {k + 1}", key=_set(key, arm.name), max_chars=40,
            on_change=session.rename_arm, args=(view.camera, arm, key),
        )  # fmt: skip


def lines(view: InsightView) -> None:
    """Lines drawn by hand, and who crossed them each way."""
    found = view.lines
    if found is None:
        return
    _head("Across a line", "draw a line: who crosses it is counted each way", view, "lines")
    left, right = _two()
    with left, st.container(width=_wide(view.ratio)):
        shown = [Drawn("line", points, name) for name, points in found.shown]
        drawing(found.still, shape="line", key="insight line", shapes=shown,
                on_drawn=session.on_line("insight line"))  # fmt: skip
    with right:
        if found.numbers is None:
            st.caption("No line yet. Draw one on the picture: two points are enough.")
        else:
            number_table(found.numbers, key="insight lines",
                         on_act=session.on_numbers("insight lines"))  # fmt: skip
        if view.asked.line:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                st.text_input("Keep the line under a name", key="insight line name",
                              placeholder="such as gate", max_chars=40)  # fmt: skip
                st.button("Keep", on_click=session.keep_line, args=(view, "insight line name"))
                st.button(
                    "Discard", type="tertiary",
                    on_click=lambda: session.go(session.counting().anew(line=())),
                )  # fmt: skip
        for number, name in found.kept:
            st.button(f"Forget “{name}”", key=f"insight forget {number}", type="tertiary",
                      on_click=session.forget_line, args=(number,))  # fmt: skip
    opened(view, "lines")


def heat(view: InsightView) -> None:
    """Where objects spend their time."""
    found = view.heat
    if found is None:
        return
    _head("Where they spend their time", found.said, view, "occupancy")
    with st.container(width=_wide(view.ratio)):
        drawing(found.picture, shape="box", key="insight heat",
                on_drawn=session.on_box("insight heat"))  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("The brighter, the longer. Draw a box to see who was there.")
        st.button("Who was at the brightest spot", key="insight brightest", type="tertiary",
                  on_click=session.open_number, args=(found.longest,))  # fmt: skip
    opened(view, "heat")


def stays(view: InsightView) -> None:
    """How long objects stay."""
    found = view.stays
    if found is None:
        return
    _head("How long they stay", f"in zone {view.asked.zone}" if view.asked.zone else
          "from when they come into view until they leave it", view, "dwell")  # fmt: skip
    if found.zones:
        st.segmented_control(
            "Where", ["", *found.zones], format_func=lambda each: each or "In view",
            key=_set("insight zone", view.asked.zone), label_visibility="collapsed", required=True,
            on_change=session.on_change(
                "insight zone", lambda now, value: now.anew(zone=value or "")
            ),
        )  # fmt: skip
    if not found.series:
        st.caption("Nothing that is counted stayed there.")
        return
    left, right = _two()
    with left:
        figure = stacked_bars(found.series, found.labels, opened=view.asked.opened, height=260)
        opening_chart(figure, found.series, key="insight lasting", on_open=session.open_number)
    with right:
        number_table(found.numbers, key="insight stays",
                     on_act=session.on_numbers("insight stays"))  # fmt: skip
    opened(view, "stays")


def _wide(ratio: float) -> int:
    """How wide a picture is drawn, so that all of it is in sight."""
    return round(min(_WIDE_PX, _HIGH_PX * ratio))


def _two() -> tuple[Any, Any]:
    """Two columns, one below the other where there is little room."""
    with st.container(key=f"insight-two-{st.session_state[_TWO]}"):
        st.session_state[_TWO] += 1
        left, right = st.columns([1.15, 1], gap="medium")
    return left, right


# --- the objects behind a number -----------------------------------------------------------------


def opened(view: InsightView, section: str) -> None:
    """The objects behind the number that was chosen, below the section it stands in."""
    found = view.opened
    if found is None or found.section != section:
        return
    with st.container(key="insight-opened", border=True):
        links = ""
        if found.search:
            links = (
                f'<a href="{escape(found.search)}" target="_self">Open as results</a>'
                f'<a href="{escape(found.explore)}" target="_self">Show on the maps</a>'
            )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.html(
                f'<div class="vi-opened"><h3>{escape(found.title)} '
                f"<small>{found.count:,}</small></h3>{links}</div>"
            )
            st.button("Close", key="insight close", type="tertiary",
                      on_click=session.open_number, args=("",))  # fmt: skip
        if found.cards:
            moments(found.cards, key="insight cards")
        if found.pages > 1:
            _pages(view.asked, found.pages)


def _pages(asked: Counting, many: int) -> None:
    key = f"insight page {asked.page} of {many}"

    def turned() -> None:
        session.go(replace(session.counting(), page=int(st.session_state[key])))

    st.pagination(many, default=asked.page, key=key, on_change=turned, width="stretch")


def told() -> None:
    """What happened last."""
    if said := session.said():
        (st.error if said.wrong else st.success)(said.text)
