"""Cards of moments: the object, why it matches, the span on hover, the player on click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from dashboard.views import MomentView

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "moments",
    html=(_HERE / "moments.html").read_text(encoding="utf-8"),
    css=(_HERE / "moments.css").read_text(encoding="utf-8"),
    js=(_HERE / "moments.js").read_text(encoding="utf-8"),
)


def moments(cards: Sequence[MomentView], *, key: str) -> None:
    """Show the cards in the given order; opening one happens in the browser alone."""
    _component(key=key, data={"cards": [asdict(card) for card in cards]})
