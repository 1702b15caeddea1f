"""What is selected, counted: by kind, colour and video, and when it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.explore_views import SelectedView

_component = component_of(Path(__file__).parent)


def selected(view: SelectedView, *, key: str, on_act: Callable[[], None]) -> None:
    """Show counts and timeline. They send `act`: {n, kind, value}, kind "only" or "without".

    value: as in `CountView.value`.
    """
    _component(
        key=key,
        data={
            "counts": [
                ["Kind", [asdict(each) for each in view.kinds]],
                ["Colour", [asdict(each) for each in view.colours]],
                ["Video", [asdict(each) for each in view.videos]],
            ],
            "lanes": [asdict(lane) for lane in view.lanes],
            "more": view.more,
        },
        on_act_change=on_act,
    )
