"""Cards of moments: the object, why it matches, the moment on hover; the proofs on opening one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from dashboard.views import MomentView

_HERE = Path(__file__).parent
# One script in the end, so that a page asks for nothing more: each file uses those before it.
SCRIPTS = (
    "../sender.js",
    "boxes.js",
    "parts.js",
    "cards.js",
    "stage.js",
    "dialog.js",
    "moments.js",
)
_STYLES = ("cards.css", "dialog.css")


def _joined(names: Sequence[str]) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "moments", html=_joined(["moments.html"]), css=_joined(_STYLES), js=_joined(SCRIPTS)
)


def moments(
    cards: Sequence[MomentView],
    *,
    key: str,
    on_act: Callable[[], None] | None = None,
    chosen: str = "",
    judged: bool = True,
) -> None:
    """Show the cards in the given order.

    on_act: called when a person does something, which `dashboard.events.unheard(key)` tells:
    {n, kind, moment, part, relevant, track}. n counts up. kind: "judge" (part: its words, None for
    the whole; relevant: None takes back what was said), "like", "drop" (take it off the list),
    "watch", "open" or "close" of the dialog. moment: id of its view. track: its object. Without it
    nothing can be judged, and links lead where they say.
    chosen: id of the moment that is open at first. judged: whether it can be said that a moment is
    right or wrong.
    """
    data = {
        "cards": [asdict(card) for card in cards],
        "acts": on_act is not None,
        "chosen": chosen,
        "judged": judged,
    }
    if on_act is None:
        _component(key=key, data=data)
    else:
        _component(key=key, data=data, on_act_change=on_act)
