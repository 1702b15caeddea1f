"""States of the page Explore beside its maps: how far they are, what one can do with them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from html import escape
from pathlib import Path

import streamlit as st

from dashboard.explore_address import Look
from dashboard.explore_views import MakingView
from dashboard.views import counted

_STYLE = Path(__file__).parents[1] / "assets" / "explore.css"


def style() -> None:
    """The look of what is only on this page."""
    st.html(_STYLE)


def waiting(look: Look) -> AbstractContextManager[None]:
    """Words for what takes long in a large library, while it does."""
    words = {"unusual": "Comparing all objects with each other …", "question": "Asking …"}
    # Always there: what comes and goes above the maps would have them drawn anew.
    return st.spinner(words.get(look.by, "Reading the maps …"))


def making(view: MakingView, again: Callable[[int], None]) -> None:
    """How far the maps are; nothing where they are as they should be."""
    if view.state == "making":
        done = f"{100 * view.share:.0f}"
        st.html(
            f'<div class="ve-making" role="status"><p>{escape(view.said)}</p>'
            f'<div role="progressbar" aria-valuenow="{done}" aria-valuemin="0" aria-valuemax="100" '
            f'aria-label="Maps"><i style="width: {done}%"></i></div></div>'
        )
    elif view.state != "ready":
        old = " What you see is how they were before." if view.usable else ""
        st.warning(f"The maps could not be made: {view.said}{old}")
        if view.job:
            st.button("Try again", on_click=again, args=(view.job,), key="maps_again")


def late(many: int, anew: Callable[[], None]) -> None:
    """That much was added since the maps were laid out, and a way to lay them out anew."""
    if not many:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="late"):
        st.html(
            f'<p class="ve-hint">{escape(counted(many, "object"))} came after these maps were laid '
            "out and stand beside what they are most like. Laid out anew, the maps tell more, and "
            "points move.</p>"
        )
        st.button("Lay out anew", on_click=anew, key="maps_anew")


def hint() -> None:
    """What to do with the maps while nothing is selected."""
    st.html(
        '<p class="ve-hint">Every point is an object. Draw around some to see them here, in both '
        "maps; <kbd>Shift</kbd> adds, <kbd>Alt</kbd> takes away. Click a point to open it, a "
        "colour above to select all that have it.</p>"
    )
