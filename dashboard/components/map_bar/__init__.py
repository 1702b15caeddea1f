"""The line above the maps: what points are coloured by, and what the colours mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.explore_views import ExploreView
from dashboard.search_views import Said
from dashboard.views import counted

_component = component_of(Path(__file__).parent)

_BY = (
    ("kind", "Kind"),
    ("colour", "Colour"),
    ("group", "Group"),
    ("video", "Video"),
    ("time", "Time"),
    ("unusual", "Unusual"),
    ("question", "A question"),
)
_OF_A_SPACE = ("group", "unusual")


def map_bar(
    view: ExploreView, *, key: str, on_act: Callable[[], None], said: Said | None = None
) -> None:
    """Show the line. It sends `act`: {n, kind} with kind and values

    by: value. space: value. ask: text. legend: edition, code (or low, high of a scale), mode.
    """
    look, paint = view.look, view.paint
    _component(
        key=key,
        data={
            "edition": view.edition,
            "title": counted(view.total, "object"),
            "note": f"{view.unplaced:,} seen too briefly to be on a map" if view.unplaced else "",
            "by": look.by,
            "choices": [list(choice) for choice in _BY],
            "space": look.space if look.by in _OF_A_SPACE else "",
            "question": look.question,
            "paint": None if paint is None else asdict(paint),
            "selecting": view.selected is not None,
            "said": said.text if said else view.selection_error,
        },
        on_act_change=on_act,
    )
