"""Both maps side by side: a lasso in one lights up the other, at once and in the browser.

Plotly draws the points and moves them; what is drawn around, pointed at and clicked is found here
(`plane.js`), so that a selection crosses the wire as its outline and never as its points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from dashboard.explore_views import ExploreView, PaintView
from dashboard.links import plotly_url
from dashboard.map_files import plotly_version

_HERE = Path(__file__).parent
# One script in the end: each file uses those before it.
SCRIPTS = ("../sender.js", "points.js", "plane.js", "maps.js")

# Plotly puts its styles into the document, so this lives there too and not in a shadow of its own.
_component = st.components.v2.component(
    "maps",
    html=(_HERE / "maps.html").read_text(encoding="utf-8"),
    css=(_HERE / "maps.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
    isolate_styles=False,
)


def maps(view: ExploreView, *, key: str, on_act: Callable[[], None]) -> None:
    """Show the maps. They send `act`: {n, kind, edition} with kind and values

    select: space, x and y (corners of the outline, as on the map), mode "new", "add" or "take".
    open: row, the object that was clicked. clear. stale: the maps on the server are others.
    """
    paint = view.paint or PaintView("")
    _component(
        key=key,
        data={
            "plotly": plotly_url(plotly_version()),
            "edition": view.edition,
            "points": view.points,
            "objects": view.objects,
            "lit": view.lit,
            "known": list(view.known),
            "paint": asdict(paint),
        },
        on_act_change=on_act,
    )
