"""What went from where to where, drawn on the picture: the wider a band, the more took it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.insight_views import MovementsView

_component = component_of(Path(__file__).parent)


def flows(view: MovementsView, *, key: str, opened: str, on_act: Callable[[], None]) -> None:
    """Show the arms and the movements between them; the same numbers stand in a table beside it.

    opened: name of the number whose objects are shown. It sends `act`: {n, kind: "open", opens}.
    """
    data = {
        "still": view.still,
        "ratio": view.ratio,
        "said": view.numbers.caption,
        "arms": [asdict(arm) for arm in view.arms],
        "flows": [{**asdict(flow), "chosen": flow.opens == opened} for flow in view.flows],
    }
    _component(key=key, data=data, on_act_change=on_act)
