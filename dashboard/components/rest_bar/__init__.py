"""The line above the rest of a label: how many there are, and all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.selection_views import RestView
from dashboard.views import counted

_component = component_of(Path(__file__).parent)


def rest_bar(view: RestView, *, key: str, on_act: Callable[[], None]) -> None:
    """Show the line. It sends `act`: {n, kind, key}, kind "all", "select" or "end"."""
    told = f"{counted(view.examples, 'object')} labelled, {view.rejected:,} turned down"
    _component(
        key=key,
        data={
            "title": f"The rest of “{view.label}”",
            "sentence": view.error or view.sentence,
            "wrong": bool(view.error),
            "told": "" if view.error else told,
            "key": view.key,
            "count": view.count,
        },
        on_act_change=on_act,
    )
