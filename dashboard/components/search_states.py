"""States of the search page beside its results: a first visit, a welcome, waiting, nothing yet."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from dashboard.links import icon_url
from dashboard.views import LibraryView, counted

_STYLE = Path(__file__).parents[1] / "assets" / "search.css"
_CARDS = 4


def style() -> None:
    """The look of what is only on this page."""
    st.html(_STYLE)


def welcome() -> None:
    """The name of the product, above the box, while nothing is asked."""
    st.html(
        f'<header class="vs-welcome"><h1><img src="{escape(icon_url())}" alt="">Vidtrail</h1>'
        "<p>Ask your videos in plain words. Every answer comes with its evidence.</p></header>"
    )


def first_visit(reading: str) -> None:
    """What there is to do while nothing can be searched yet. reading: what is being read, or ""."""
    welcome()
    if reading:
        title = "Reading the first videos"
        text = f"{reading} Questions can be asked as soon as the first one is done."
    else:
        title = "No videos to search yet"
        text = (
            "Add your own, or try Vidtrail on the videos that come with it: short clips of a "
            "rendered town, in which cars turn, buses stop and people cross."
        )
    st.html(f'<section class="vs-first"><h2>{escape(title)}</h2><p>{escape(text)}</p></section>')


def waiting() -> None:
    """Cards that are not there yet; they show only when it takes long enough to be noticed."""
    card = '<div class="vs-card"><i></i><b></b><b></b></div>'
    st.html(f'<div class="vs-waiting" role="status" aria-label="Searching">{card * _CARDS}</div>')


def nothing_found(can_relax: bool) -> None:
    """That no object is all of what was asked, and where to go from there."""
    further = (
        "Leave out a part below, or change one above."
        if can_relax
        else "Change a part above, or take out a filter."
    )
    st.html(f'<p class="vs-reading">No object here is and does all of it at once. {further}</p>')


def still_reading(library: LibraryView) -> None:
    """How many videos are not in the answer, because they are not read yet or are damaged."""
    reading, damaged = len(library.unfinished), len(library.damaged)
    said = []
    if reading:
        verb = "is" if reading == 1 else "are"
        said.append(f"{counted(reading, 'video')} {verb} not read to the end yet")
    if damaged:
        verb = "is" if damaged == 1 else "are"
        said.append(f"{counted(damaged, 'video')} {verb} damaged")
    if said:
        st.html(f'<p class="vs-reading">Not searched: {escape(" and ".join(said))}.</p>')
