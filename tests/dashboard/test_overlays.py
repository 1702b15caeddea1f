"""Routes of the watch page: boxes, timeline, tracks as files, clips."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.testclient import TestClient

from core.identity.identities import Identities
from core.library.library import Library
from dashboard import clip_desk, overlays, track_files
from tests.dashboard.test_boxes import unpacked


@pytest.fixture
def client() -> Iterator[TestClient]:
    routes = [*overlays.routes(), *track_files.routes()]
    clip_desk.clip_desk.cache_clear()
    with TestClient(Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)])) as client:
        yield client
    clip_desk.clip_desk().close()
    clip_desk.clip_desk.cache_clear()


@pytest.fixture
def video_id(filled: Library) -> str:
    return filled.ready()[0].video_id


def test_boxes_come_with_the_times_of_every_frame(client: TestClient, video_id: str):
    answer = client.get(f"/api/overlays/{video_id}.bin")
    assert answer.headers["content-encoding"] == "identity"
    told = unpacked(answer.content)
    assert len(told["times"]) == 750
    assert told["exact"] == 1
    assert (told["times"][1:] > told["times"][:-1]).all()


def test_a_window_holds_its_frames_only(client: TestClient, video_id: str):
    told = unpacked(client.get(f"/api/overlays/{video_id}.bin?t0=10&t1=12").content)
    assert told["times"][0] == pytest.approx(10.0)
    assert told["times"][-1] < 12.0
    assert told["first"] == 250
    assert told["sample_t"].min() >= 6.0


@pytest.mark.parametrize("asked", ["t0=3&t1=2", "t0=-1&t1=2", "t0=a", "t0=nan&t1=3"])
def test_a_window_that_is_none_is_refused(client: TestClient, video_id: str, asked: str):
    assert client.get(f"/api/overlays/{video_id}.bin?{asked}").status_code == 400


def test_what_has_not_changed_is_not_sent_again(client: TestClient, filled: Library, video_id: str):
    for ending in ("bin", "json"):
        address = f"/api/overlays/{video_id}.{ending}"
        tag = client.get(address).headers["etag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    Identities(filled).split(video_id, 5, at_s=12.0)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_timeline_follows_edits_and_names(client: TestClient, filled: Library, video_id: str):
    address = f"/api/overlays/{video_id}.json"
    before = client.get(address).json()
    tracks = filled.shard(video_id).tracks()
    assert before["tracks"]["id"] == tracks.track_id.tolist()
    named = [before["classes"][k]["name"] for k in before["tracks"]["class"]]
    assert named == tracks.class_name.tolist()
    assert set(before["events"]["track"]) <= set(before["tracks"]["id"])
    assert before["events"]["t0"] == sorted(before["events"]["t0"])
    assert min(before["events"]["p"]) >= 0.5
    filled.notes.add_label(video_id, 5, "the grey one")
    change = Identities(filled).split(video_id, 5, at_s=12.0)
    after = client.get(address).json()["tracks"]
    assert change.edit.new_track in after["id"]
    assert after["name"][after["id"].index(5)] == "the grey one"


@pytest.mark.parametrize("address", ["overlays/{}.bin", "overlays/{}.json", "tracks/{}/csv"])
def test_an_unknown_video_answers_404(client: TestClient, filled: Library, address: str):
    assert client.get("/api/" + address.format("0123456789ab")).status_code == 404
    assert client.get("/api/" + address.format("..%2Fx")).status_code == 404


def test_a_damaged_video_answers_with_its_sentence(
    client: TestClient, filled: Library, video_id: str
):
    (filled.shard_folder(video_id) / "paths.parquet").unlink()
    answer = client.get(f"/api/overlays/{video_id}.bin")
    assert answer.status_code == 409
    assert "paths.parquet" in answer.text


def test_a_moved_file_leaves_the_boxes(client: TestClient, filled: Library, video_id: str):
    record = filled.video(video_id)
    filled.catalog.set_path(video_id, record.name, "/nowhere/at-all.mp4")
    told = unpacked(client.get(f"/api/overlays/{video_id}.bin").content)
    assert told["exact"] == 0
    assert len(told["times"]) == len(set(told["sample_t"].tolist()))


def test_tracks_are_saved_as_files(client: TestClient, filled: Library, video_id: str):
    tracks = filled.shard(video_id).tracks()
    boxes = int(tracks.n_boxes.sum() + tracks.n_interpolated.sum())
    mot = client.get(f"/api/tracks/{video_id}/mot")
    assert mot.headers["content-disposition"].startswith("attachment")
    assert "crossroads-red-11-tracks.txt" in mot.headers["content-disposition"]
    assert len(mot.text.splitlines()) == boxes
    assert len(client.get(f"/api/tracks/{video_id}/csv").text.splitlines()) == boxes + 1
    coco = json.loads(client.get(f"/api/tracks/{video_id}/coco").text)
    assert len(coco["annotations"]) == boxes
    assert client.get(f"/api/tracks/{video_id}/xml").status_code == 404


def waited(client: TestClient, address: str) -> dict[str, object]:
    """The state of a clip once it is there or has failed."""
    deadline = time.monotonic() + 120
    while True:
        told = client.get(address).json()
        if told["ready"] or told["error"]:
            return dict(told)
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_clip_is_made_and_sent(client: TestClient, video_id: str, tmp_path: Path):
    span = "t0=2&t1=3&o=5"
    assert client.get(f"/api/clips/{video_id}.mp4?{span}").status_code == 503
    assert waited(client, f"/api/clips/{video_id}.json?{span}")["ready"]
    answer = client.get(f"/api/clips/{video_id}.mp4?{span}")
    assert answer.headers["content-type"] == "video/mp4"
    saved = tmp_path / "clip.mp4"
    saved.write_bytes(answer.content)
    with av.open(str(saved)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert sum(1 for _ in container.decode(stream)) == 25


def test_one_clip_is_made_at_a_time(client: TestClient, video_id: str):
    first = f"/api/clips/{video_id}.json?t0=0&t1=20"
    assert not client.get(first).json()["ready"]
    busy = client.get(f"/api/clips/{video_id}.json?t0=1&t1=2").json()
    assert "Another clip is being made" in busy["error"]
    assert waited(client, first)["ready"]
    assert waited(client, f"/api/clips/{video_id}.json?t0=1&t1=2")["ready"]


def test_a_clip_that_cannot_be_made_says_why(client: TestClient, filled: Library, video_id: str):
    filled.catalog.set_path(video_id, "gone.mp4", "/nowhere/gone.mp4")
    told = waited(client, f"/api/clips/{video_id}.json?t0=1&t1=2")
    assert told["error"] == "The video's file is no longer where it was."


@pytest.mark.parametrize("asked", ["", "t0=1", "t0=5&t1=4", "t0=1&t1=2&o=x"])
def test_a_clip_of_no_span_is_refused(client: TestClient, video_id: str, asked: str):
    assert client.get(f"/api/clips/{video_id}.json?{asked}").status_code == 400
