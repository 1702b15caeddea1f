"""States of the library page beside its cards: nothing yet, read-only, what was removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboard.library_views import RemovedView, as_label
from dashboard.views import LibraryView, counted

_STYLE = Path(__file__).parents[1] / "assets" / "library.css"
_SHOWN = 30


def style() -> None:
    """The look of what is only on this page."""
    st.html(_STYLE)


def command() -> None:
    """The other way to add videos."""
    st.html('<p class="vl-cli">On the server itself: <code>vidtrail add PATH-TO-VIDEOS</code></p>')


def closed(library: LibraryView) -> None:
    """Nothing can be added or removed."""
    st.html(
        f'<p class="vt-note">The library {escape(library.place)} is read-only here: its videos can '
        "be searched and watched, but none added or removed.</p>"
    )


def bin_of(
    removed: Sequence[RemovedView],
    restore: Callable[[str], None],
    empty: Callable[[], None],
) -> None:
    """What was removed and can be had back."""
    if not removed:
        return
    with st.expander(f"Removed · {counted(len(removed), 'video')}"), st.container(key="bin"):
        for video in removed[:_SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(as_label(f"{video.name} · {video.when}"), width="stretch")
                st.button(
                    "Put back", key=f"back {video.id}", on_click=restore, args=(video.id,),
                    type="tertiary",
                )  # fmt: skip
        if len(removed) > _SHOWN:
            st.caption(f"and {len(removed) - _SHOWN:,} more")
        st.caption("They are deleted for good after 30 days; files of your own are never deleted.")
        st.button("Delete them now", key="empty_bin", on_click=empty, type="secondary")
