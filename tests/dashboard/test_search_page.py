"""The search page as a script: what it shows for an address, without a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.library.library import Library
from dashboard import search_session
from dashboard.address import Asked


def data_of(app: AppTest, key: str) -> dict[str, Any]:
    """What a component was given."""
    return json.loads(app.get_by_key(key).proto.json)


def opened(app: AppTest, **params: str) -> AppTest:
    for name, value in params.items():
        app.query_params[name] = value
    app.run(timeout=120)  # the first one loads the models
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [chip["label"] for chip in data_of(app, "question")["chips"]]


def test_nothing_to_search_offers_the_sample_videos(app: AppTest, place: Path):
    opened(app)
    assert "Try the sample videos" in [button.label for button in app.button]


def test_a_filled_library_offers_questions_that_it_answers(app: AppTest, filled: Library):
    opened(app)
    example = app.button[0]
    assert example.label == "red car turning left"
    example.click().run()
    assert app.session_state["question"] is not None
    assert labels(app) == ["car", "red", "turning left"]
    assert data_of(app, "bar")["title"].endswith(("moment", "moments"))


def test_an_address_is_the_whole_view(app: AppTest, filled: Library):
    video = filled.ready()[0].video_id
    opened(app, q="car", sort="time", group="video", **{"in": video, "min_s": "1"})
    bar = data_of(app, "bar")
    assert labels(app) == ["car"]
    assert [each["label"] for each in bar["sorts"] if each["now"]] == ["by time"]
    assert [each["label"] for each in bar["groups"] if each["now"]] == ["by video"]
    assert [each["key"] for each in bar["filters"]["active"]] == ["in", "min_s"]
    cards = data_of(app, "found0")["cards"]
    assert {card["video_id"] for card in cards} == {video}
    assert [card["t0_s"] for card in cards] == sorted(card["t0_s"] for card in cards)


def test_the_second_page_has_other_moments(app: AppTest, filled: Library):
    first = {card["id"] for card in data_of(opened(app, q="moving"), "found0")["cards"]}
    second = {card["id"] for card in data_of(opened(app, page="2"), "found0")["cards"]}
    assert first
    assert second
    assert not first & second


def test_nothing_found_shows_what_is_close(app: AppTest, filled: Library):
    opened(app, q="purple car turning left")
    assert data_of(app, "bar")["title"] == "Nothing found"
    funnel = data_of(app, "funnel")
    assert funnel["steps"][0]["label"] == "objects"
    assert [each["label"] for each in funnel["relax"]]
    assert data_of(app, "close")["cards"]


def test_an_address_that_means_nothing_is_said_so(app: AppTest, filled: Library):
    opened(app, q="car", after="soon")
    bar = data_of(app, "bar")
    assert (bar["wrong"], "no number" in bar["said"]) == (True, True)


def test_a_question_that_cannot_be_asked_is_said_so(app: AppTest, filled: Library):
    opened(app, q="car", s="in zone[nowhere]")
    assert "nowhere" in app.error[0].value


@pytest.fixture
def act(filled: Library, monkeypatch: pytest.MonkeyPatch):
    """Does what a callback of the page does for an event; gives the view that is then asked for."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(search_session.st, "session_state", state)
    view = [Asked("red car turning left")]
    monkeypatch.setattr(search_session, "asked_or_said", lambda: view[0])
    monkeypatch.setattr(search_session, "go", lambda asked: view.__setitem__(0, asked))
    number = [0]

    def happen(doing: Any, kind: str, /, **values: Any) -> Asked:
        number[0] += 1
        of = search_session.of(view[0])
        state["it"] = {"act": {"n": number[0], "kind": kind, "of": of, **values}}
        doing("it")()
        return view[0]

    return happen


def test_what_a_visitor_does_with_the_question(act):
    on = search_session.on_question
    assert act(on, "change", chip=1, words="blue").words == "blue car turning left"
    assert act(on, "drop", chip=2).words == "blue car"
    assert act(on, "add", words="parked").words == "blue car parked"
    assert act(on, "ask", text="bus").words == "bus"
    act(on, "way", way="zone")
    assert (search_session.way(), search_session.way()) == ("zone", "")
    assert act(on, "drop", chip=0, of="another question").words == "bus"
    assert "changed meanwhile" in search_session.said().text
    act(on, "ask", text="")
    assert search_session.said() is None


def test_an_event_counts_once(act):
    on = search_session.on_question
    assert act(on, "drop", chip=0).words == "red object turning left"
    on("it")()
    assert search_session.asked_or_said().words == "red object turning left"


def test_what_a_visitor_does_with_the_list(act, filled: Library):
    on = search_session.on_bar
    assert act(on, "sort", value="time").sort == "time"
    assert act(on, "group", value="video").group == "video"
    assert act(on, "filter", key="class", value="car", on=True).filters.classes == ("car",)
    assert act(on, "limit", key="before", text="0:20").filters.before_s == 20.0
    assert act(on, "clear").filters.classes == ()
    act(on, "keep", name="left")
    (kept,) = filled.notes.saved_queries()
    assert kept.name == "left"
    act(on, "forget", id=kept.query_id)
    assert filled.notes.saved_queries() == []
    act(on, "undo")
    assert [each.name for each in filled.notes.saved_queries()] == ["left"]
    (kept,) = filled.notes.saved_queries()
    assert act(on, "open", id=kept.query_id).sort == "time"


def test_what_a_visitor_does_with_a_moment(act, filled: Library):
    on = search_session.on_moments
    from dashboard.search_desk import search_view

    card = search_view(Asked("red car turning left")).groups[0].cards[0]
    act(on, "judge", moment=card.id, part="red", relevant=False, track=None)
    assert len(filled.notes.judgements()) == 1
    act(search_session.on_bar, "undo")
    assert filled.notes.judgements() == []
    assert act(on, "open", moment=card.id).moment == card.id
    assert act(on, "close", moment=card.id).moment == ""
    act(on, "watch", moment=card.id, track=card.track_ids[0])
    assert search_session.watched() == {
        "v": card.video_id, "t": f"{card.t0_s:.2f}", "o": str(card.track_ids[0])
    }  # fmt: skip
    like = act(on, "like", moment=card.id, track=card.track_ids[0])
    assert like.shown == f"like[{card.video_id}:{card.track_ids[0]}]"
