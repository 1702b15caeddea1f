"""A table of numbers, each of which opens the objects behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.insight_views import NumbersView

_component = component_of(Path(__file__).parent)


def number_table(view: NumbersView, *, key: str, on_act: Callable[[], None]) -> None:
    """Show the numbers. It sends `act`: {n, kind: "open", opens}, "" where one is closed again."""
    _component(key=key, data=asdict(view), on_act_change=on_act)
