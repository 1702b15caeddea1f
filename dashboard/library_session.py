"""What a visitor does on the library page, and what is remembered of it between runs.

Filter, order and page live in the address; here are the callbacks that change them and that hand
what was asked for on to the desk. Callbacks run before the page does.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import library_desk as desk
from dashboard.events import Event, unheard
from dashboard.library_views import QueueView, SaidView, ShelfView

_SAID, _PROFILE, _GO = "library said", "library profile", "library go"
_COVERAGE, _FOLDER, _ENDED = "library coverage", "library folder", "library ended"
_POLL_S = 1.0
_ICONS = {"done": ":material/check_circle:", "failed": ":material/error:"}
_MOST_TOASTS = 4


# --- what is remembered --------------------------------------------------------------------------


def said() -> SaidView | None:
    told: SaidView | None = st.session_state.get(_SAID)
    return told


def _tell(told: SaidView | None) -> None:
    if told is not None:
        st.session_state[_SAID] = told


def profile() -> str:
    """The profile for what is added next."""
    return str(st.session_state.get(_PROFILE) or desk.usual_profile())


def going() -> tuple[str, dict[str, str]] | None:
    """The page that was just asked for, with its query; told once."""
    asked: tuple[str, dict[str, str]] | None = st.session_state.pop(_GO, None)
    return asked


def coverage_asked() -> str:
    """The video whose coverage was just asked for, "" for none; told once."""
    return str(st.session_state.pop(_COVERAGE, ""))


def folder_asked() -> bool:
    """Whether the folders of the server were just asked for; told once."""
    return bool(st.session_state.pop(_FOLDER, False))


def shelf() -> ShelfView:
    """The page of videos that the address asks for."""
    params = st.query_params
    page = params.get("page", "1")
    return desk.shelf_view(
        params.get("name", ""), params.get("sort", ""), int(page) if page.isdecimal() else 1
    )


def _look(**changes: str) -> None:
    """Change what the address says of the shelf; usual values are left out."""
    usual = {"name": "", "sort": "new", "page": "1"}
    for name, value in changes.items():
        if value == usual[name]:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value


# --- the queue -----------------------------------------------------------------------------------


def poll_s(queue: QueueView) -> float | None:
    """How often the queue is asked for: never while nothing in it changes by itself."""
    return _POLL_S if queue.active else None


def ended_since(queue: QueueView) -> bool:
    """Say in toasts which jobs ended since the last look, and whether any did.

    A visitor who comes hears nothing of what ended before.
    """
    ended = {job_id: (state, reason) for job_id, state, reason in queue.ended}
    seen: set[int] | None = st.session_state.get(_ENDED)
    st.session_state[_ENDED] = set(ended)
    if seen is None:
        return False
    new = [how for job_id, how in ended.items() if job_id not in seen]
    for state, reason in new[:_MOST_TOASTS]:
        if state in _ICONS:
            st.toast(reason, icon=_ICONS[state])
    if len(new) > _MOST_TOASTS:
        st.toast(f"And {len(new) - _MOST_TOASTS} more ended.")
    return bool(new)


# --- callbacks -----------------------------------------------------------------------------------


def _on(key: str, act: Callable[[str, Event], None]) -> Callable[[], None]:
    def heard() -> None:
        for event in unheard(key):
            act(str(event.get("kind", "")), event)

    return heard


def on_zone(key: str) -> Callable[[], None]:
    """What the dropzone sends."""

    def act(kind: str, event: Event) -> None:
        if kind == "profile":
            st.session_state[_PROFILE] = str(event.get("name", ""))
        elif kind == "samples":
            _tell(desk.add_samples())
        elif kind == "folder":
            st.session_state[_FOLDER] = True
        # "sent": a file has arrived and is in the queue, which this run shows

    return _on(key, act)


def on_queue(key: str) -> Callable[[], None]:
    """What the queue sends."""
    return _on(key, lambda kind, event: _tell(desk.on_job(kind, int(event.get("job", 0)))))


def on_shelf(key: str) -> Callable[[], None]:
    """What the cards send."""

    def act(kind: str, event: Event) -> None:
        video = str(event.get("video", ""))
        if kind == "watch":
            st.session_state[_GO] = ("../pages/watch.py", {"v": video})
        elif kind == "search":
            st.session_state[_GO] = ("../pages/search.py", {"in": video})
        elif kind == "coverage":
            st.session_state[_COVERAGE] = video
        elif kind == "remove":
            _tell(desk.remove(video))
        elif kind == "undo":
            restore(video)
        elif kind in ("continue", "again"):
            _tell(desk.read_again(video, profile()))
        elif kind == "hush":
            st.session_state.pop(_SAID, None)
        elif kind == "filter":
            _look(name=str(event.get("text", "")).strip(), page="1")
        elif kind == "sort":
            _look(sort=str(event.get("value", "new")), page="1")
        elif kind == "page":
            _look(page=str(event.get("page", 1)))

    return _on(key, act)


def restore(video_id: str) -> None:
    _tell(desk.restore(video_id))


def empty_bin() -> None:
    _tell(desk.empty_bin())


def add_from(path: str) -> None:
    """Put what lies at an allowed path of the server into the queue."""
    _tell(desk.add_from(path, profile()))
