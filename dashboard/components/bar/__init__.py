"""The line above the results: how many there are, filters, order, what is kept, files to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from dashboard.address import Asked
from dashboard.components.menus import component_of
from dashboard.search_views import FiltersView, Said, SavedView

_component = component_of(Path(__file__).parent)

_SORTS = (("score", "best first"), ("time", "by time"), ("video", "by video"))
_GROUPS = (("none", "nothing"), ("video", "by video"), ("object", "by object"))


def bar(
    title: str,
    took: str,
    asked: Asked,
    filters: FiltersView,
    kept: Sequence[SavedView],
    *,
    key: str,
    on_act: Callable[[], None],
    files: Sequence[tuple[str, str]] = (),
    said: Said | None = None,
) -> None:
    """Show the line. It sends `act`: {n, kind} with kind and values

    sort, group: value. filter: key, value, on. limit: key, text. clear. keep: name. open, forget:
    id. undo. dismiss.

    title: what was found. took: how long that took. said: what happened last.
    """
    listing = bool(title)
    _component(
        key=key,
        data={
            "title": title,
            "took": took,
            "sorts": _options(_SORTS, asked.sort) if listing else [],
            "groups": _options(_GROUPS, asked.group) if listing else [],
            "filters": asdict(filters),
            "kept": [asdict(each) for each in kept],
            "files": [list(each) for each in files],
            "name": asked.words or (asked.shown and "drawn") or (asked.pictures and "a picture"),
            "said": said.text if said else None,
            "wrong": bool(said and said.wrong),
            "undo": bool(said and said.undo),
        },
        on_act_change=on_act,
    )


def _options(choices: Sequence[tuple[str, str]], now: str) -> list[dict[str, object]]:
    return [{"value": value, "label": label, "now": value == now} for value, label in choices]
