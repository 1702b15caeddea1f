"""What is compared with what: fields in which the normal is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from dashboard.unusual_views import Asked, ChoicesView
from dashboard.views import VideoView

_SPACES = {"moves": "Moves", "looks": "Looks"}
_ALL = ""
_MISSING = object()


def controls(
    asked: Asked, videos: Sequence[VideoView], known: ChoicesView, go: Callable[[Asked], None]
) -> None:
    """Fields that hold what is asked; `go` is told what a person changes them to.

    Keys hold what is asked: a field is made anew when the address says something else.
    """
    names = {video.id: video.name for video in videos}

    def set_space() -> None:
        go(replace(asked, space=st.session_state["unusual space"] or asked.space))

    def set_video() -> None:
        go(replace(asked, video=st.session_state["unusual video"] or _ALL))

    def set_normal() -> None:
        state = st.session_state
        go(
            replace(
                asked,
                normal=tuple(state["unusual normal"]),
                kinds=tuple(state["unusual kinds"]),
                after_s=state["unusual from"],
                before_s=state["unusual to"],
                question=state["unusual question"].strip(),
                selection=state["unusual selection"] or _ALL,
            )
        )

    _hold("unusual space", asked.space)
    _hold("unusual video", asked.video)
    _hold("unusual normal", list(asked.normal))
    _hold("unusual kinds", [each for each in asked.kinds if each in known.classes])
    _hold("unusual from", asked.after_s)
    _hold("unusual to", asked.before_s)
    _hold("unusual question", asked.question)
    _hold("unusual selection", asked.selection)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    left.segmented_control(
        "Unusual in their", list(_SPACES), format_func=_SPACES.__getitem__, key="unusual space",
        on_change=set_space,
    )  # fmt: skip
    right.selectbox(
        "Show", [_ALL, *names], format_func=lambda each: names.get(each, "All videos"),
        key="unusual video", on_change=set_video,
    )  # fmt: skip
    chosen = asked.normal or asked.kinds or asked.question or asked.selection
    said = bool(chosen) or asked.after_s is not None
    with st.expander("What is normal", expanded=said or asked.before_s is not None):
        above, beside = st.columns([1, 1])
        above.multiselect(
            "Videos", list(names), format_func=names.__getitem__, key="unusual normal",
            placeholder="All videos", on_change=set_normal,
        )  # fmt: skip
        beside.selectbox(
            "A selection", [_ALL, *known.selections],
            format_func=lambda each: known.selections.get(each, "Any objects"),
            key="unusual selection", on_change=set_normal, disabled=not known.selections,
            help="Objects that were selected on the page Explore; they are kept.",
        )  # fmt: skip
        one, two, three, four = st.columns([2, 1, 1, 2])
        one.multiselect(
            "Kinds", list(known.classes), key="unusual kinds", placeholder="All kinds",
            on_change=set_normal,
        )  # fmt: skip
        two.number_input(
            "From second", 0.0, value=None, step=1.0, key="unusual from", on_change=set_normal
        )
        three.number_input(
            "To second", 0.0, value=None, step=1.0, key="unusual to", on_change=set_normal
        )
        four.text_input(
            "What answers", key="unusual question", placeholder="such as: white van",
            on_change=set_normal,
        )  # fmt: skip


def _hold(key: str, value: object) -> None:
    """Put what the address says into a field, in place of what stood in it."""
    if st.session_state.get(key, _MISSING) != value:
        st.session_state[key] = value
