from typing import Any

import pytest

from dashboard import events


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {"it": {"act": None}, "other": {}}
    monkeypatch.setattr(events.st, "session_state", found)
    return found


def arrives(state: dict[str, Any], n: int, *earlier: int) -> list[int]:
    state["it"] = {"act": {"n": n, "earlier": [{"n": k} for k in earlier]}}
    return [event["n"] for event in events.unheard("it")]


def test_nothing_was_sent(state: dict[str, Any]):
    assert events.unheard("it") == []
    assert events.unheard("other") == []


def test_every_event_is_told_once(state: dict[str, Any]):
    assert arrives(state, 5) == [5]
    assert arrives(state, 5) == []
    assert arrives(state, 6, 5) == [6]


def test_what_streamlit_dropped_is_told_in_order(state: dict[str, Any]):
    assert arrives(state, 5) == [5]
    assert arrives(state, 8, 5, 6, 7) == [6, 7, 8]


def test_components_are_heard_apart(state: dict[str, Any]):
    assert arrives(state, 9) == [9]
    state["other"] = {"act": {"n": 3}}
    assert [event["n"] for event in events.unheard("other")] == [3]
