"""The videos as cards, with the line above them: what was said, a filter, an order, pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.library_views import SaidView, ShelfView

_component = component_of(Path(__file__).parent)


def video_cards(
    shelf: ShelfView,
    summary: str,
    said: SaidView | None,
    *,
    key: str,
    on_act: Callable[[], None],
) -> None:
    """Show a page of videos. It sends `act`: {n, kind} with kind and values

    one of `CardView.acts`: video. filter: text. sort: value. page: page. undo: video. hush.
    """
    _component(
        key=key,
        data={
            "shelf": asdict(shelf),
            "summary": summary,
            "said": None if said is None else asdict(said),
        },
        on_act_change=on_act,
    )
