"""The route of proof stills, over a library that the demo models read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.identity.identities import Identities
from core.library.library import Library
from core.video.stills import decode_jpeg
from dashboard import proofs
from dashboard.services import Services


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=proofs.routes())) as client:
        yield client


@pytest.fixture
def turn(filled: Library) -> tuple[str, int, float, float]:
    """A turn to the left: its video, track and times."""
    for record in filled.ready():
        events = filled.shard(record.video_id).events()
        found = np.flatnonzero((events.kind == "turn_left") & (events.p > 0.9))
        if len(found):
            at = found[0]
            span = float(events.t0_s[at]), float(events.t1_s[at])
            return record.video_id, int(events.track_id[at]), *span
    pytest.fail("no sample video has a turn")


def yellow(image) -> int:
    """Pixels of the colour in which the object is marked."""
    away = np.abs(image.astype(int) - [255, 196, 0]).max(axis=2)
    return int((away < 40).sum())


def test_a_turn_is_drawn_on_its_frame(client: TestClient, turn):
    video_id, track, t0_s, t1_s = turn
    address = f"/api/proofs/path/{video_id}.jpg?o={track}&t0={t0_s}&t1={t1_s}&e=turn_left"
    answer = client.get(address)
    assert answer.headers["content-type"] == "image/jpeg"
    drawn = decode_jpeg(answer.content)
    assert drawn.shape == (540, 960, 3)
    bare = decode_jpeg(client.get(f"/api/proofs/scene/{video_id}.jpg?t={t1_s}").content)
    assert yellow(drawn) > yellow(bare) + 1500


def test_an_object_is_shown_close_up(client: TestClient, turn):
    video_id, track, t0_s, t1_s = turn
    answer = client.get(f"/api/proofs/object/{video_id}.jpg?o={track}&t0={t0_s}&t1={t1_s}")
    drawn = decode_jpeg(answer.content)
    assert drawn.shape == (240, 540, 3)
    assert yellow(drawn) > 300


def test_crops_and_groups_are_marked(client: TestClient, turn):
    video_id, track, t0_s, _ = turn
    for kind, asked in (("crop", "c=0"), ("group", f"o={track}&with={track}&t={t0_s}")):
        drawn = decode_jpeg(client.get(f"/api/proofs/{kind}/{video_id}.jpg?{asked}").content)
        assert drawn.shape == (540, 960, 3)


def test_a_drawn_line_is_shown_with_the_path(client: TestClient, turn):
    video_id, track, t0_s, t1_s = turn
    address = f"/api/proofs/path/{video_id}.jpg?o={track}&t0={t0_s}&t1={t1_s}"
    shape = "crosses line[0.1,0.2 0.9,0.2]"
    bare = decode_jpeg(client.get(address).content).astype(int)
    drawn = decode_jpeg(client.get(address, params={"z": shape} | asked_of(address)).content)
    green = (np.abs(drawn.astype(int) - [92, 200, 120]).max(axis=2) < 40).sum()
    assert green > (np.abs(bare - [92, 200, 120]).max(axis=2) < 40).sum() + 500


def asked_of(address: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in address.partition("?")[2].split("&"))


def test_a_drawing_is_not_sent_twice_until_an_edit_changes_it(
    client: TestClient, filled: Library, turn
):
    video_id, track, t0_s, t1_s = turn
    address = f"/api/proofs/path/{video_id}.jpg?o={track}&t0={t0_s}&t1={t1_s}"
    tag = client.get(address).headers["etag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    tracks = filled.shard(video_id).tracks()
    others = [int(k) for k in tracks.track_id if k != track]
    apart = [
        k
        for k in others
        if tracks.t0_s[tracks.row_of(k)] > tracks.t1_s[tracks.row_of(track)]
        or tracks.t1_s[tracks.row_of(k)] < tracks.t0_s[tracks.row_of(track)]
    ]
    Identities(filled).merge(video_id, track, apart[0])
    again = client.get(address, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["etag"] != tag


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("path/{}.jpg?o=999&t0=1&t1=2", 404),
        ("path/{}.jpg?o=1&t0=1", 400),
        ("path/{}.jpg?o=x&t0=1&t1=2", 400),
        ("path/{}.jpg?o=1&t0=nan&t1=2", 400),
        ("path/{}.jpg?o=1&t0=1&t1=2&z=" + "a" * 3000, 400),
        ("object/{}.jpg?o=" + ",".join("123456789abcdefgh") + "&t0=1&t1=2", 400),
        ("crop/{}.jpg?c=99999", 404),
        ("painting/{}.jpg?o=1", 404),
        ("path/nothing.jpg?o=1&t0=1&t1=2", 404),
    ],
)
def test_what_cannot_be_drawn_is_refused(client: TestClient, turn, rest: str, status: int):
    assert client.get(f"/api/proofs/{rest.format(turn[0])}").status_code == status


def test_an_empty_library_has_no_proofs(client: TestClient, place):
    assert client.get("/api/proofs/path/abc.jpg?o=1&t0=1&t1=2").status_code == 404


def test_a_video_whose_file_has_gone_has_none(
    client: TestClient, filled: Library, turn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dashboard.footage.Footage.file", lambda *_: None)
    assert client.get(f"/api/proofs/scene/{turn[0]}.jpg?t=1").status_code == 404


def test_what_is_kept_is_drawn_once_and_bounded(
    filled: Library, turn, place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(proofs, "_KEPT_BYTES", 150_000)
    drawings, drawn = proofs.Drawings(Services(place)), []
    blank = np.zeros((400, 400, 3), np.uint8)

    def draw(_stills):
        drawn.append(1)
        return np.random.default_rng(len(drawn)).integers(0, 255, blank.shape, np.uint8)

    for tag in ("a", "a", "b", "a"):
        drawings.jpeg(tag, turn[0], draw)
    assert len(drawn) == 3  # two of them are more than is kept: the first was let go
