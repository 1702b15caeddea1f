"""The groups of one map as a list: pictures, name, size, of what kinds; how fine they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.cluster_views import ClustersView
from dashboard.components.menus import component_of

_component = component_of(Path(__file__).parent)


def cluster_list(
    view: ClustersView, *, key: str, chosen: int | None, on_act: Callable[[], None]
) -> None:
    """Show the groups. It sends `act`: {n, kind, level} with kind and values

    choose: cluster. rename: cluster, name ("" for the words it was called by). level: none.

    chosen: the group whose objects are selected now, None for no group.
    """
    _component(key=key, data={**asdict(view), "chosen": chosen}, on_act_change=on_act)
