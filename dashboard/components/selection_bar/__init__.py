"""The line under a selection: how many objects it has, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.selection_views import SelectionView
from dashboard.views import counted

_component = component_of(Path(__file__).parent)


def selection_bar(view: SelectionView, *, key: str, on_act: Callable[[], None]) -> None:
    """Show the line. It sends `act`: {n, kind} with kind and values

    results, like, moves, unusual, join, exclude, include, undo, dismiss: none. label, unlabel,
    rest, review: text. A view without a key shows only what happened last.
    """
    said = view.said
    _component(
        key=key,
        data={
            "many": counted(view.count, "object") if view.key and not view.error else "",
            "results": view.results,
            "labels": [asdict(each) for each in view.labels],
            "files": [list(each) for each in view.files],
            "out": view.out,
            "joinable": view.joinable,
            "said": said.text if said else view.error or None,
            "wrong": bool(view.error) if said is None else said.wrong,
            "undo": bool(said and said.undo),
        },
        on_act_change=on_act,
    )
