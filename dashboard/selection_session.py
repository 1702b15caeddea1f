"""What a visitor does with a selection, on the page Explore, and how it is taken back.

The selection stands in the address of that page (`dashboard.explore_session`); here are what was
said last, the way back, and the label whose rest is looked through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import QueryError, VidtrailError
from dashboard import explore_session
from dashboard import selection_desk as desk
from dashboard.address import Asked
from dashboard.explore_address import Look
from dashboard.search_views import Said
from dashboard.selection_desk import Done
from dashboard.selection_views import RestView, SelectionView

Event = Mapping[str, Any]

_SAID, _BACK, _REST = "selection said", "selection back", "selection rest"
_MOST_BACK = 20


def selection_view(key: str) -> SelectionView:
    """The selection of the page, with what happened last; "" for none, where something is said."""
    view = desk.selection_view(key) if key else SelectionView("")
    return replace(view, said=st.session_state.get(_SAID))


def rest_view() -> RestView | None:
    """The rest that is being looked through; None for none."""
    label = st.session_state.get(_REST, "")
    return desk.rest_view(label) if label else None


def on_selection(key: str) -> Callable[[], None]:
    """Callback of the bar of a selection."""
    return explore_session.acting(key, _told(_bar_act))


def on_rest(key: str) -> Callable[[], None]:
    """Callback of the cards of the rest, and of the line above them."""
    return explore_session.acting(key, _told(_rest_act))


def _told(act: Callable[[Look, Event], Look | None]) -> Callable[[Look, Event], Look | None]:
    """An act whose refusal is said here, beside what was to be done."""

    def done(view: Look, event: Event) -> Look | None:
        st.session_state.pop(_SAID, None)
        try:
            return act(view, event)
        except VidtrailError as error:
            st.session_state[_SAID] = Said(str(error), wrong=True)
            return None

    return done


def _bar_act(view: Look, event: Event) -> Look | None:
    kind, key = event["kind"], view.selection
    if kind == "undo":
        return _back(view)
    if kind == "dismiss":
        return None
    if kind == "include":
        return _noted(view, desk.include_all())
    if not key:
        raise QueryError("Nothing is selected.")
    if kind == "results":
        explore_session.leave("../pages/search.py", {"sel": key})
        return None
    if kind == "unusual":
        explore_session.leave("../pages/unusual.py", {"sel": key})
        return None
    if kind in ("label", "unlabel", "rest"):
        act = {"label": desk.label, "unlabel": desk.unlabel, "rest": desk.find_rest}[kind]
        return _noted(view, act(key, str(event["text"])))
    if kind == "review":
        st.session_state[_REST] = str(event["text"])
        return None
    if kind in ("like", "moves"):
        asked = Asked.of_text((desk.like if kind == "like" else desk.moves)(key).question)
        explore_session.leave("../pages/search.py", asked.params())
        return None
    if kind == "join":
        return _noted(view, desk.make_one(key))
    if kind == "exclude":
        return _noted(view, desk.exclude(key))
    raise ValueError(f"the bar of a selection sent {kind!r}")


def _rest_act(view: Look, event: Event) -> Look | None:
    kind, label = event["kind"], str(st.session_state.get(_REST, ""))
    card = str(event.get("moment", ""))
    if kind == "end":
        st.session_state.pop(_REST, None)
    elif kind == "all":
        return _noted(view, desk.accept_all(label, str(event["key"])))
    elif kind == "select":
        return view.anew(selection=str(event["key"]))
    elif kind == "judge" and event.get("part") is None:
        act = desk.accept if event.get("relevant") else desk.deny
        return _noted(view, act(label, card))
    elif kind == "drop":
        return _noted(view, desk.deny(label, card))
    else:
        return explore_session.card_act(view, event)
    return None


def _noted(view: Look, done: Done) -> Look | None:
    """What an act leads to: it is said, with the way back."""
    if done.back is not None:
        steps = [*st.session_state.get(_BACK, []), (done.back, view.selection)]
        st.session_state[_BACK] = steps[-_MOST_BACK:]
    st.session_state[_SAID] = Said(done.sentence, undo=done.back is not None)
    if done.rest:
        st.session_state[_REST] = done.rest
    return view.anew(selection="") if done.gone else None


def _back(view: Look) -> Look | None:
    steps: list[tuple[Callable[[], str], str]] = st.session_state.get(_BACK, [])
    if not steps:
        return None
    back, selection = steps.pop()
    sentence = back()
    st.session_state[_SAID] = Said(sentence, undo=bool(steps))
    return view.anew(selection=selection)
