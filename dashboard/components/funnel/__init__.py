"""How many objects each part of a question leaves, drawn; a click leaves that part out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.search_views import RelaxView, StepView

_component = component_of(Path(__file__).parent)


def funnel(
    steps: Sequence[StepView],
    relax: Sequence[RelaxView] = (),
    *,
    key: str,
    of: str,
    more: bool,
    on_act: Callable[[], None],
) -> None:
    """Show the steps, and what could be left out. It sends `act`: {n, kind, of} with

    drop: chip. change: chip, words.

    of: comes back with each event. more: whether what would be found comes on top of what was.
    """
    _component(
        key=key,
        data={
            "steps": [asdict(step) for step in steps],
            "relax": [asdict(each) for each in relax],
            "of": of,
            "more": more,
        },
        on_act_change=on_act,
    )
