"""What a visitor does on the search page, and what is remembered of it between runs.

The view lives in the address (`dashboard.address`); here are the callbacks that change it, the last
thing that was said, and how to take it back. Callbacks run before the page does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast, get_args

import streamlit as st

from core.errors import QueryError, VidtrailError
from core.library.notes import SavedQuery
from core.search.filters import Filters
from dashboard import editing, filtering, saved, search_desk, verdicts
from dashboard.address import Asked, Group, Sort
from dashboard.events import Event, unheard
from dashboard.search_views import Said
from dashboard.services import services
from dashboard.verdicts import Verdict

Undo = Verdict | SavedQuery | str

_SAID, _UNDO, _DONE = "search said", "search undo", "search done"
_HIDDEN, _WAY, _WATCH = "search hidden", "search way", "search watch"
_MOST_UNDONE = 20


# --- what is remembered --------------------------------------------------------------------------


def asked() -> Asked:
    """The view that the address asks for; raises QueryError for one that means nothing."""
    return Asked.read(st.query_params.to_dict())


def asked_or_said() -> Asked:
    """The view that the address asks for; of a broken one it is said why, and nothing is asked."""
    try:
        return asked()
    except QueryError as error:
        tell(str(error), wrong=True)
        return Asked()


def go(view: Asked) -> None:
    """Ask for another view: it becomes the address, a step that the back button undoes."""
    st.query_params.from_dict(view.params())


def said() -> Said | None:
    """What happened last, if it is still to be shown."""
    told: Said | None = st.session_state.get(_SAID)
    return told


def tell(text: str, *, wrong: bool = False, undo: Undo | None = None) -> None:
    """Say what happened; `undo` is what brings back how it was."""
    if undo is not None:
        steps = [*st.session_state.get(_UNDO, []), undo]
        st.session_state[_UNDO] = steps[-_MOST_UNDONE:]
    st.session_state[_SAID] = Said(text, wrong, undo is not None)


def done() -> int:
    """Number of the last event that was dealt with."""
    return int(st.session_state.get(_DONE, 0))


def hidden(view: Asked) -> frozenset[str]:
    """Ids of the moments that the visitor took off the list of this question."""
    listed: dict[str, frozenset[str]] = st.session_state.get(_HIDDEN, {})
    return listed.get(view.question, frozenset())


def way() -> str:
    """The other way to ask that was just chosen, "" for none; it is told once."""
    return str(st.session_state.pop(_WAY, ""))


def watched() -> dict[str, str] | None:
    """What the watch page was just asked to show, as values of its address; it is told once."""
    asked_for: dict[str, str] | None = st.session_state.pop(_WATCH, None)
    return asked_for


# --- callbacks -----------------------------------------------------------------------------------


def acting(key: str, act: Callable[[Asked, Event], Asked | None]) -> Callable[[], None]:
    """A callback for the events of a component: what `act` returns is the next view.

    Sentences for people are shown as what happened last.
    """

    def happened() -> None:
        for event in unheard(key):
            st.session_state[_DONE] = event["n"]
            st.session_state.pop(_SAID, None)
            try:
                view = act(asked_or_said(), event)
                if view is not None:
                    go(view)
            except VidtrailError as error:
                tell(str(error), wrong=True)

    return happened


def on_question(key: str) -> Callable[[], None]:
    """Callback of the box with its chips, and of the funnel."""
    return acting(key, _question_act)


def _question_act(view: Asked, event: Event) -> Asked | None:
    kind = event["kind"]
    if kind == "ask":
        return editing.typed(view, str(event["text"]))
    if kind == "way":
        st.session_state[_WAY] = str(event["way"])
        return None
    if kind == "add":
        return editing.extended(view, str(event["words"]))
    if event.get("of") != of(view):
        raise QueryError("The question has changed meanwhile: look again, then repeat the change.")
    if kind == "drop":
        return editing.without(view, int(event["chip"]))
    if kind == "change":
        return editing.changed(view, int(event["chip"]), str(event["words"]))
    raise ValueError(f"the question sent {kind!r}")


def of(view: Asked) -> str:
    """What tells a question from another one, for events that are about its chips."""
    return " ".join((view.question, *view.pictures))


def on_bar(key: str) -> Callable[[], None]:
    """Callback of the line above the results."""
    return acting(key, _bar_act)


def _bar_act(view: Asked, event: Event) -> Asked | None:
    kind = event["kind"]
    if kind == "sort" and event["value"] in get_args(Sort):
        return view.anew(sort=cast("Sort", event["value"]))
    if kind == "group" and event["value"] in get_args(Group):
        return view.anew(group=cast("Group", event["value"]))
    if kind == "filter":
        return filtering.with_value(
            view, str(event["key"]), str(event["value"]), on=bool(event["on"])
        )
    if kind == "limit":
        return filtering.with_limit(view, str(event["key"]), str(event["text"]))
    if kind == "clear":
        return view.anew(filters=Filters())
    if kind == "keep":
        tell(f"Saved as “{saved.keep(str(event['name']), view).name}”.")
    elif kind == "open":
        return saved.opened(int(event["id"]))
    elif kind == "forget":
        forgotten = saved.forgotten(int(event["id"]))
        tell(f"“{forgotten.name}” is no longer saved.", undo=forgotten)
    elif kind == "undo":
        _undo(view)
    return None


def _undo(view: Asked) -> None:
    steps: list[Undo] = st.session_state.get(_UNDO, [])
    if not steps:
        return
    last = steps.pop()
    if isinstance(last, Verdict):
        verdicts.undone(services().library(), last)
        tell("Taken back: what you said of this result.")
    elif isinstance(last, SavedQuery):
        saved.brought_back(last)
        tell(f"“{last.name}” is saved again.")
    else:
        _hide(view, hidden(view) - {last})
        tell("It is back on the list.")


def _hide(view: Asked, ids: frozenset[str]) -> None:
    listed = st.session_state.get(_HIDDEN, {})
    st.session_state[_HIDDEN] = {**listed, view.question: ids}


def on_moments(key: str) -> Callable[[], None]:
    """Callback of a list of moments."""
    return acting(key, _moment_act)


def _moment_act(view: Asked, event: Event) -> Asked | None:
    kind, moment_id = event["kind"], str(event["moment"])
    if kind == "judge":
        part = event.get("part")
        verdict = search_desk.judge(view, moment_id, part and str(part), event.get("relevant"))
        tell(verdict.sentence, undo=verdict)
    elif kind == "like":
        video_id, _, rest = moment_id.partition(":")
        track = event.get("track")
        number = rest.partition(":")[0].partition("-")[0] if track is None else str(track)
        if not number.isdecimal():
            raise QueryError("A scene has no object that others could be like.")
        return editing.like_track(view, video_id, int(number))
    elif kind == "drop":
        _hide(view, hidden(view) | {moment_id})
        tell("Taken off this list.", undo=moment_id)
    elif kind == "watch":
        moment = search_desk.moment_of(view, moment_id)
        track = event.get("track") or (moment.track_ids[0] if moment.track_ids else None)
        st.session_state[_WATCH] = {"v": moment.video_id, "t": f"{moment.t0_s:.2f}"} | (
            {} if track is None else {"o": str(track)}
        )
    elif kind in ("open", "close"):
        return replace(view, moment=moment_id if kind == "open" else "")
    return None


def on_example(text: str) -> None:
    """Ask an example."""
    st.session_state.pop(_SAID, None)
    go(Asked(text))


def pages(view: Asked, many: int) -> None:
    """The pages of an answer, where there is more than one."""
    if many == 1:
        return
    key = f"search page {view.page} of {many}"  # another one each time: the address decides

    def turned() -> None:
        go(replace(view, page=int(st.session_state[key]), moment=""))

    st.pagination(many, default=view.page, key=key, on_change=turned, width="stretch")
