"""A still on which a person draws a path, a zone, a line or a box, by mouse, touch or keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

Shape = Literal["path", "zone", "line", "box"]
Points = tuple[tuple[float, float], ...]

_HERE = Path(__file__).parent
# One script in the end, so that a page asks for nothing more: each file uses those before it.
SCRIPTS = ("shapes.js", "drawing.js")


def _joined(names: Sequence[str]) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "drawing",
    html=_joined(["drawing.html"]),
    css=_joined(["drawing.css"]),
    js=_joined(SCRIPTS),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shape that is there already, and what it is called.

    points: shares of the picture's width and height, x right, y down; of a box its upper left and
    lower right corner. A line is crossed from its left to its right, seen from its first point.
    """

    shape: Shape
    points: Points
    name: str = ""


def drawing(
    still_url: str,
    *,
    shape: Shape = "path",
    key: str,
    shapes: Sequence[Drawn] = (),
    on_drawn: Callable[[], None],
) -> None:
    """Show a still to draw on; another `still_url` keeps what is drawn, another `shape` does not.

    on_drawn: called when a shape is done, which is then in `st.session_state[key]["drawn"]`:
    {n, shape, points}. n: another one each time. points: as in `Drawn`.
    """
    data = {"still": still_url, "shape": shape, "shapes": [asdict(each) for each in shapes]}
    _component(key=key, data=data, on_drawn_change=on_drawn)
