"""What a visitor asks on the page Unusual: it stands in the address, so that a link reopens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.unusual_views import Asked
from dashboard.views import VideoView

SHOWN = 12
_MORE = "unusual shown"
_LONGEST = 400


def read(params: Mapping[str, str], known: Sequence[VideoView]) -> Asked:
    """What an address asks for; what it asks for wrongly is left out."""
    ids = {video.id for video in known}
    normal = tuple(each for each in params.get("normal", "").split(",") if each in ids)
    video = params.get("v", "")
    return Asked(
        space="looks" if params.get("space") == "looks" else "moves",
        normal=normal,
        kinds=tuple(each for each in params.get("kinds", "").split(",") if each),
        after_s=_seconds(params.get("from", "")),
        before_s=_seconds(params.get("to", "")),
        question=params.get("q", "")[:_LONGEST],
        selection=params.get("sel", "")[:_LONGEST],
        video=video if video in ids else "",
    )


def written(asked: Asked) -> dict[str, str]:
    """The inverse of `read`; what is as usual is left out."""
    told = {
        "space": "" if asked.space == "moves" else asked.space,
        "normal": ",".join(asked.normal),
        "kinds": ",".join(asked.kinds),
        "from": "" if asked.after_s is None else f"{asked.after_s:g}",
        "to": "" if asked.before_s is None else f"{asked.before_s:g}",
        "q": asked.question,
        "sel": asked.selection,
        "v": asked.video,
    }
    return {name: value for name, value in told.items() if value}


def go(asked: Asked) -> None:
    """Ask for something else: it becomes the address."""
    st.query_params.from_dict(written(asked))
    st.session_state.pop(_MORE, None)


def shown() -> int:
    """How many objects to show."""
    return int(st.session_state.get(_MORE, SHOWN))


def more() -> None:
    st.session_state[_MORE] = shown() + SHOWN


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value < 1e7 else None
