"""The library page in its states; what its components send is set as they would."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.ingest.jobs import Jobs
from core.library.library import Library
from dashboard import library_session as session
from dashboard.services import services
from tests.fakes import add_shard


@pytest.fixture
def library(place: Path) -> Library:
    opened = services().library()
    for number in range(3):
        add_shard(opened, f"v{number}", name=f"Cam {number}.mp4")
    return opened


@pytest.fixture
def at(app: AppTest) -> AppTest:
    return app.switch_page("../pages/library.py")


def shown(app: AppTest, key: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(app.get_by_key(key).proto.json)
    return data


def test_a_first_visit_offers_ways_to_begin(at: AppTest, place: Path):
    at.run()
    zone = shown(at, "zone")
    assert zone["first"]
    assert [profile["name"] for profile in zone["profiles"]] == ["demo", "fast", "balanced", "best"]
    assert list(place.iterdir()) == []
    assert not at.exception


def test_videos_are_cards(at: AppTest, library: Library):
    at.run()
    assert not at.exception
    cards = shown(at, "cards")
    assert [card["name"] for card in cards["shelf"]["cards"]] == [
        "Cam 2.mp4", "Cam 1.mp4", "Cam 0.mp4",
    ]  # fmt: skip
    assert not shown(at, "zone")["first"]


def test_the_address_filters_sorts_and_turns_pages(at: AppTest, library: Library, monkeypatch):
    monkeypatch.setattr("dashboard.library_desk.PAGE", 1)
    for name, value in (("name", "cam"), ("sort", "name"), ("page", "2")):
        at.query_params[name] = value
    at.run()
    shelf = shown(at, "cards")["shelf"]
    assert [card["name"] for card in shelf["cards"]] == ["Cam 1.mp4"]
    assert (shelf["page"], shelf["pages"]) == (2, 3)
    at.query_params["page"] = "none"
    assert not at.run().exception


def test_the_queue_shows_while_there_is_one(at: AppTest, library: Library, place: Path):
    jobs = Jobs(place)
    job = jobs.put("add", "/v/new.mp4", "demo")
    at.run()
    assert shown(at, "jobs")["jobs"][0]["name"] == "new.mp4"
    jobs.claim()
    jobs.end(job, "failed", "new.mp4 does not exist.")
    at.run()
    assert [toast.value for toast in at.toast] == ["new.mp4 does not exist."]
    assert shown(at, "jobs")["jobs"][0]["said"] == "new.mp4 does not exist."


def test_a_visitor_hears_nothing_of_what_ended_before(at: AppTest, library: Library, place: Path):
    jobs = Jobs(place)
    job = jobs.put("add", "/v/new.mp4", "demo")
    jobs.claim()
    jobs.end(job, "done", "new.mp4 was added.")
    at.run()
    assert not at.toast


def test_what_was_removed_can_be_put_back(at: AppTest, library: Library):
    library.bin.put("v1")
    at.run()
    assert len(shown(at, "cards")["shelf"]["cards"]) == 2
    at.button(key="back v1").click().run()
    assert len(shown(at, "cards")["shelf"]["cards"]) == 3
    assert "is back" in shown(at, "cards")["said"]["text"]


def test_emptying_the_bin(at: AppTest, library: Library):
    library.bin.put("v1")
    at.run()
    at.button(key="empty_bin").click().run()
    assert library.bin.all() == []
    assert not at.expander


@pytest.mark.parametrize("dialog", ["library coverage", "library folder"])
def test_dialogs_open(at: AppTest, library: Library, dialog: str):
    at.session_state[dialog] = "v1"
    at.run()
    assert not at.exception


def test_a_read_only_library_says_so(at: AppTest, library: Library, monkeypatch):
    monkeypatch.setattr("dashboard.library_desk.is_writable", lambda _place: False)
    at.run()
    assert "read-only" in "".join(e.proto.body for e in at.get("html"))


def test_a_damaged_queue_does_not_hide_the_videos(at: AppTest, library: Library, place: Path):
    (place / "jobs.sqlite").write_bytes(b"this is no database at all" * 99)
    at.run()
    assert not at.exception
    assert "delete this file" in at.error[0].value


# --- callbacks -----------------------------------------------------------------------------------


@pytest.fixture
def state(monkeypatch) -> dict[str, Any]:
    """The session of a visitor, without a page."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(session.st, "session_state", found)
    monkeypatch.setattr(session.st, "query_params", {})
    return found


NUMBERS = count(1)


def send(heard, key: str, state: dict[str, Any], **event: Any) -> None:
    state[key] = {"act": {"n": next(NUMBERS), **event}}
    heard(key)()


def test_cards_ask_for_pages_removal_and_undo(library: Library, state: dict[str, Any]):
    send(session.on_shelf, "cards", state, kind="watch", video="v1")
    assert session.going() == ("../pages/watch.py", {"v": "v1"})
    assert session.going() is None
    send(session.on_shelf, "cards", state, kind="search", video="v1")
    assert session.going() == ("../pages/search.py", {"in": "v1"})
    send(session.on_shelf, "cards", state, kind="coverage", video="v1")
    assert session.coverage_asked() == "v1"
    send(session.on_shelf, "cards", state, kind="remove", video="v1")
    assert (len(library.videos()), session.said().undo) == (2, "v1")
    send(session.on_shelf, "cards", state, kind="undo", video="v1")
    assert len(library.videos()) == 3
    send(session.on_shelf, "cards", state, kind="hush")
    assert session.said() is None


def test_the_address_holds_only_what_is_unusual(library: Library, state: dict[str, Any]):
    send(session.on_shelf, "cards", state, kind="page", page=2)
    send(session.on_shelf, "cards", state, kind="filter", text=" cam ")
    assert session.st.query_params == {"name": "cam"}
    send(session.on_shelf, "cards", state, kind="sort", value="name")
    assert session.st.query_params == {"name": "cam", "sort": "name"}
    send(session.on_shelf, "cards", state, kind="filter", text="")
    send(session.on_shelf, "cards", state, kind="sort", value="new")
    assert session.st.query_params == {}


def test_the_zone_and_the_queue(place: Path, state: dict[str, Any]):
    send(session.on_zone, "zone", state, kind="profile", name="best")
    assert session.profile() == "best"
    send(session.on_zone, "zone", state, kind="folder")
    assert (session.folder_asked(), session.folder_asked()) == (True, False)
    send(session.on_zone, "zone", state, kind="samples")
    first = Jobs(place).all()[0]
    send(session.on_queue, "jobs", state, kind="cancel", job=first.job_id)
    assert Jobs(place).get(first.job_id).state == "cancelled"
    send(session.on_queue, "jobs", state)  # a component that has sent nothing yet
    state["jobs"] = {}
    session.on_queue("jobs")()
