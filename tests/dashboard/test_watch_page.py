"""The watch page without a browser: what it says in each state, and what its buttons change."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.identity.identities import Identities
from core.ingest.jobs import Jobs
from core.library.library import Library
from core.library.notes import TrackRef
from dashboard import corrections, watch_desk, watch_state
from dashboard.watch_state import Watching

VAN = 5


@pytest.fixture
def video_id(filled: Library) -> str:
    return filled.ready()[0].video_id


@pytest.fixture
def watch(app: AppTest) -> AppTest:
    return app.switch_page("../pages/watch.py")


def opened(watch: AppTest, **asked: str) -> AppTest:
    for name, value in asked.items():
        watch.query_params[name] = value
    watch.run()
    assert not watch.exception
    return watch


def html(watch: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in watch.get("html"))


def player_data(watch: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(watch.get_by_key("player").proto.json)
    return found


def part(watch: AppTest, name: str) -> AppTest:
    watch.session_state["watch-part"] = name
    watch.run()
    assert not watch.exception
    return watch


# --- states --------------------------------------------------------------------------------------


def test_without_a_video_there_is_a_choice(watch: AppTest, filled: Library):
    opened(watch)
    assert [button.label for button in watch.button] == [r.name for r in filled.ready()]
    watch.button[1].click().run()
    assert watch.query_params["v"] == filled.ready()[1].video_id
    assert filled.ready()[1].name in html(watch)


def test_an_unknown_video_is_said_to_be_gone(watch: AppTest, filled: Library):
    assert "This video is not here" in html(opened(watch, v="abcdef"))


def test_a_damaged_video_says_what_is_damaged(watch: AppTest, filled: Library, video_id: str):
    (filled.shard_folder(video_id) / "tracks.parquet").unlink()
    assert "tracks.parquet" in html(opened(watch, v=video_id))


def test_a_video_that_is_being_read_says_how_far(watch: AppTest, filled: Library, video_id: str):
    filled.catalog.set_done(video_id, 12.0)
    filled.catalog.set_state(video_id, "ingesting")
    assert "still being read: 40% done" in html(opened(watch, v=video_id))


def test_a_moved_file_leaves_what_was_found(watch: AppTest, filled: Library, video_id: str):
    filled.catalog.set_path(video_id, "crossroads.mp4", "/nowhere/crossroads.mp4")
    opened(watch, v=video_id, o=str(VAN))
    data = player_data(watch)
    assert data["src"] == ""
    assert "/nowhere/crossroads.mp4" in data["trouble"]
    assert f"Van #{VAN}" in html(watch)


def test_an_object_that_is_none_is_said_to_be_missing(watch: AppTest, video_id: str):
    opened(watch, v=video_id, o="4711")
    assert "has no object 4711" in watch.warning[0].value
    assert "Choose an object" in html(watch)


# --- the player ----------------------------------------------------------------------------------


def test_a_link_moves_the_player(watch: AppTest, video_id: str):
    data = player_data(opened(watch, v=video_id, t="7.5", o=str(VAN)))
    assert data["seek"]["t"] == 7.5
    assert data["selected"]["id"] == VAN
    assert data["windows"][0]["url"].startswith(f"/api/overlays/{video_id}.bin?e=")
    assert [clip["label"] for clip in data["clips"]] == [f"Clip of Van #{VAN}", "The whole video"]


@pytest.mark.parametrize("asked", [{"t": "nan"}, {"t": "-3"}, {"o": "x"}, {"t": "", "o": "9" * 30}])
def test_an_odd_address_does_no_harm(watch: AppTest, video_id: str, asked: dict[str, str]):
    data = player_data(opened(watch, v=video_id, **asked))
    assert data["seek"]["t"] == 0.0
    assert data["selected"]["id"] is None


def test_an_older_id_leads_to_what_it_became(watch: AppTest, filled: Library, video_id: str):
    change = Identities(filled).split(video_id, VAN, at_s=12.0)
    new = change.edit.new_track
    assert player_data(opened(watch, v=video_id, o=str(new)))["selected"]["id"] == new
    Identities(filled).undo(change.edit.edit_id)
    watch.query_params["o"] = str(new)
    del watch.session_state["watching"]
    assert player_data(watch.run())["selected"]["id"] == VAN


def test_an_edit_changes_the_addresses_of_what_is_drawn(
    watch: AppTest, filled: Library, video_id: str
):
    before = player_data(opened(watch, v=video_id))["timeline"]
    filled.notes.add_label(video_id, VAN, "mine")
    assert player_data(watch.run())["timeline"] != before


# --- the object ----------------------------------------------------------------------------------


def test_what_is_known_of_an_object(watch: AppTest, video_id: str):
    told = html(opened(watch, v=video_id, o=str(VAN)))
    for words in ("Van #5", "box lengths a second", "Taken for", "How it was put together"):
        assert words in told
    assert "km/h" not in told
    turns = [found for b in watch.button if (found := re.search(r"turning right (\d+)°", b.label))]
    assert [85 <= int(turn[1]) <= 115 for turn in turns] == [True]


def test_an_event_moves_the_player(watch: AppTest, video_id: str):
    opened(watch, v=video_id, o=str(VAN))
    turn = next(button for button in watch.button if "turning right" in button.label)
    turn.click().run()
    seek = player_data(watch)["seek"]
    assert seek["t"] == pytest.approx(13.55)
    assert watch.query_params["t"] == "13.55"


def test_a_stay_is_repeated(watch: AppTest, filled: Library, video_id: str):
    opened(watch, v=video_id, o=str(VAN)).button(key="repeat").click().run()
    data = player_data(watch)
    assert data["seek"]["play"]
    assert data["loop"]["t1"] == pytest.approx(filled.shard(video_id).track(VAN).path.t_s[-1])
    assert data["clips"][0]["label"] == "Clip of the loop"


def test_a_name_is_given_and_removed(watch: AppTest, filled: Library, video_id: str):
    part(opened(watch, v=video_id, o=str(VAN)), "Correct")
    watch.text_input[0].set_value("post van").run()
    assert "post van" in html(watch)
    assert [label.label for label in filled.notes.labels(video_id)] == ["post van"]
    watch.text_input[0].set_value("").run()
    assert filled.notes.labels(video_id) == []


def test_labels_leave_the_name_alone(filled: Library, video_id: str):
    corrections.rename(video_id, VAN, "post van")
    assert corrections.label(video_id, VAN, ("north gate", "late")).good
    identities = Identities(filled)
    assert identities.identity_of(TrackRef(video_id, VAN)).name == "post van"
    view = watch_desk.object_view(video_id, VAN)
    assert set(view.labels) == {"north gate", "late", "post van"}
    assert corrections.label(video_id, VAN, ("late",)).good
    assert set(watch_desk.object_view(video_id, VAN).labels) == {"late", "post van"}


def test_another_kind_is_given_and_taken_back(watch: AppTest, filled: Library, video_id: str):
    part(opened(watch, v=video_id, o=str(VAN)), "Correct")
    watch.selectbox[0].set_value("truck").run()
    assert not watch.exception
    assert f"Truck #{VAN}" in html(watch)
    watch.button(key="undo-last").click().run()
    assert f"Van #{VAN}" in html(watch)


def test_split_at_the_playhead_and_back(watch: AppTest, filled: Library, video_id: str):
    part(opened(watch, v=video_id, o=str(VAN), t="12.0"), "Correct")
    before = len(filled.shard(video_id).tracks())
    watch.button(key="split").click().run()
    assert len(filled.shard(video_id).tracks()) == before + 1
    assert "is split at 12.00 s" in html(watch)
    part(watch, "History")
    undo = next(button for button in watch.button if str(button.key).startswith("undo-"))
    undo.click().run()
    assert len(filled.shard(video_id).tracks()) == before


def test_two_that_were_seen_together_are_not_merged(watch: AppTest, filled: Library, video_id: str):
    part(opened(watch, v=video_id, o=str(VAN)), "Correct")
    watch.button(key="hold").click().run()
    assert f"Holding #{VAN}" in html(watch)
    watch.query_params["o"] = "2"
    watch.run()
    watch.button(key="merge").click().run()
    assert "cannot be one object" in watch.warning[0].value
    assert filled.notes.identity_edits() == []


def test_suggestions_are_accepted_and_rejected(watch: AppTest, filled: Library, video_id: str):
    part(opened(watch, v=video_id, o=str(VAN)), "Seen elsewhere")
    told = watch_desk.suggestions(video_id, VAN)
    assert told.found
    assert all(one.pairs for one in told.found)
    other = next(one for one in told.found if one.video_id != video_id)
    key = f"{other.video_id[:8]}-{other.track_id}"
    watch.button(key=f"differ-{key}").click().run()
    assert not watch.exception
    assert [edit.kind for edit in filled.notes.identity_edits()] == ["different"]
    keys = [str(button.key) for button in watch.button]
    assert f"same-{key}" not in keys
    watch.button(key="undo-last").click().run()
    watch.button(key=f"same-{key}").click().run()
    assert [edit.kind for edit in filled.notes.identity_edits()] == ["same"]
    assert any(str(button.key).startswith("also-") for button in watch.button)


def test_a_copy_is_asked_for_once(filled: Library, video_id: str):
    assert "being made" in corrections.make_copy(video_id).text
    jobs = Jobs(filled.path).all()
    assert [(job.kind, job.subject) for job in jobs] == [("copy", video_id)]


# --- the place in the address --------------------------------------------------------------------


def test_an_address_that_the_browser_has_yet_to_leave_is_no_link(monkeypatch: pytest.MonkeyPatch):
    written: list[dict[str, str]] = []
    monkeypatch.setattr(watch_state.st, "query_params", Params(written))
    now = Watching(video_id="abc")
    now.go(1.0)
    now.acted({"kind": "pick", "t": 2.0, "track": 7})
    assert written[-1] == {"v": "abc", "t": "2.00", "o": "7"}
    assert now.is_known({"v": "abc", "t": "2.00", "o": "7"})
    assert now.is_known({"v": "abc", "t": "1.00"})  # it is one behind
    assert not now.is_known({"v": "abc", "t": "9.00"})  # a link
    later = time.monotonic() + 60
    monkeypatch.setattr(watch_state.time, "monotonic", lambda: later)
    assert now.is_known({"v": "abc", "t": "2.00", "o": "7"})
    assert not now.is_known({"v": "abc", "t": "1.00"})  # it went back


class Params:
    """Keeps what is written to the address."""

    def __init__(self, written: list[dict[str, str]]) -> None:
        self._written = written

    def from_dict(self, told: dict[str, str]) -> None:
        self._written.append(dict(told))


def test_what_the_player_did_is_not_told_back_to_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch_state.st, "query_params", Params([]))
    now = Watching(video_id="abc")
    before = now.selected["n"]
    now.acted({"kind": "pick", "t": 2.0, "track": 7})
    assert now.selected == {"n": before, "id": 7}
    now.acted({"kind": "loop", "t": 2.0, "t0": 1.0, "t1": 3.0})
    assert now.loop == (1.0, 3.0)
    assert now.looping is None
    now.choose(8)
    assert now.selected["n"] > before
