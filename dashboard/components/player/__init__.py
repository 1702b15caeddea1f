"""The player with its timeline: what was found lies on the very frame that is shown.

The scripts are one module, in this order: what sends, boxes by time, the timeline, the player.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.watch_views import PlayerView

_HERE = Path(__file__).parent
_SCRIPTS = ("../sender.js", "overlay.js", "lanes.js", "player.js")
_component = st.components.v2.component(
    "player",
    html=(_HERE / "player.html").read_text(encoding="utf-8"),
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


def player(
    video: PlayerView,
    *,
    key: str,
    selected: dict[str, Any],
    seek: dict[str, Any] | None,
    loop: dict[str, Any] | None,
    on_act: Callable[[], None],
    on_cursor: Callable[[], None],
) -> None:
    """Show a video; runs of the page never interrupt it.

    selected: {"n", "id"}, seek: {"n", "t", "play"}, loop: {"n", "t0", "t1"}; each is followed when
    its `n` has changed, so that what a person does in the player meanwhile is not taken back.
    on_act: `dashboard.events.unheard(key)` tells {"n", "kind", "t"}, with "track" for the kind
    "pick" (None: nothing chosen any more), "t0" and "t1" for "loop" (None: no loop), nothing for
    "copy".
    on_cursor: `st.session_state[key]["cursor"]` is where it paused or was moved to, seconds.
    """
    _component(
        key=key,
        data={**asdict(video), "selected": selected, "seek": seek, "loop": loop},
        on_act_change=on_act,
        on_cursor_change=on_cursor,
    )
