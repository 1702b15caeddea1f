"""What components send, each event once and none lost.

Of several events that a component sends while the server works, Streamlit keeps only the newest.
So components repeat in `earlier` what they sent shortly before, and here is known what was heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

Event = Mapping[str, Any]
"""`n` counts up with every event of a component, `kind` says what happened."""


def unheard(key: str) -> list[Event]:
    """The events of the component `key` that were not told yet, oldest first; told once."""
    newest: Event | None = st.session_state[key].get("act")
    if not newest:
        return []
    heard = f"heard of {key}"
    last = int(st.session_state.get(heard, 0))
    events = [one for one in (*newest.get("earlier", ()), newest) if int(one["n"]) > last]
    st.session_state[heard] = max(last, int(newest["n"]))
    return events
