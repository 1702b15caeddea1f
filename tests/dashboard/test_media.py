"""The routes as a browser sees them: parts of files, unknown ids, nothing outside the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.library.library import Library
from core.video.stills import decode_jpeg, frame_at
from dashboard.links import crop_url, poster_url, still_url, video_url
from dashboard.media import routes
from dashboard.services import services


@pytest.fixture
def client():
    with TestClient(Starlette(routes=routes())) as client:
        yield client


@pytest.fixture
def video(filled: Library, tmp_path: Path) -> str:
    """A video of the library, whose file is a copy that a test may spoil."""
    record = filled.ready()[0]
    file = tmp_path / "own.mp4"
    file.write_bytes(Path(record.path).read_bytes())
    filled.catalog.set_path(record.video_id, record.name, str(file))
    return record.video_id


def file_of(library: Library, video_id: str) -> Path:
    return Path(library.catalog.video(video_id).path)


def test_a_video_is_served_in_parts(client, filled, video):
    whole = file_of(filled, video).read_bytes()
    answer = client.get(video_url(video), headers={"Range": "bytes=100-299"})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes 100-299/{len(whole)}"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content == whole[100:300]
    assert client.get(video_url(video), headers={"Range": "bytes=-10"}).content == whole[-10:]


def test_a_range_beyond_the_end_is_refused(client, video):
    answer = client.get(video_url(video), headers={"Range": "bytes=999999999-"})
    assert answer.status_code == 416


def test_a_browser_may_ask_for_the_size_alone(client, filled, video):
    answer = client.head(video_url(video))
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == file_of(filled, video).stat().st_size
    assert answer.content == b""
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_part_of_another_edition_is_not_mixed_in(client, filled, video):
    tag = client.head(video_url(video)).headers["etag"]
    part = {"Range": "bytes=0-9", "If-Range": tag}
    assert client.get(video_url(video), headers=part).status_code == 206
    file_of(filled, video).write_bytes(b"another file")
    assert client.get(video_url(video), headers=part).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/api/videos/unknown",
        "/api/videos/unknown/poster.jpg",
        "/api/videos/unknown/still.jpg?t=1",
        "/api/crops/unknown/1.jpg",
        "/api/crops/{video}/999999.jpg",
        "/api/crops/{video}/-1.jpg",
        "/api/crops/{video}/x.jpg",
        "/api/videos/..%2f..%2fetc%2fpasswd",
        "/api/videos/..%2f{video}",
        "/api/videos/%2e%2e",
        "/api/videos/%2e%2e/%2e%2e/catalog.sqlite",
        "/api/videos/..%5c..%5csecret",
        "/api/videos/{video}%00",
        "/api/crops/..%2f..%2flibrary/1.jpg",
        "/api/videos/../poster.jpg",
        "/api/videos/" + "a" * 300,
    ],
)
def test_what_the_library_does_not_know_is_not_there(client, video, address):
    assert client.get(address.format(video=video)).status_code == 404


def test_a_video_whose_file_has_gone_is_not_there(client, filled, video):
    file_of(filled, video).unlink()
    assert client.get(video_url(video)).status_code == 404
    assert client.get(still_url(video, 1.0)).status_code == 404
    assert client.get(poster_url(video)).status_code == 200  # kept in the library


def test_the_copy_made_for_browsers_is_played_instead(client, filled, video):
    copy = filled.copy_path(video)
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(b"the copy")
    assert client.get(video_url(video)).content == b"the copy"
    file_of(filled, video).unlink()
    assert client.get(video_url(video)).content == b"the copy"


def test_pictures_are_jpeg_and_kept_by_the_browser(client, filled, video):
    crop_id = int(filled.shard(video).crops().crop_id[0])
    for address in (crop_url(video, crop_id), poster_url(video), still_url(video, 2.0)):
        answer = client.get(address)
        assert answer.headers["content-type"] == "image/jpeg"
        assert decode_jpeg(answer.content).ndim == 3
        assert "private" in answer.headers["cache-control"]


def test_a_still_is_the_frame_on_screen_then(client, filled, video):
    asked = frame_at(file_of(filled, video), 4.0).image
    shown = decode_jpeg(client.get(still_url(video, 4.0)).content)
    assert shown.shape == asked.shape
    assert abs(shown.astype(int) - asked).mean() < 5
    small = decode_jpeg(client.get(still_url(video, 4.0, 320)).content)
    assert small.shape[1] == 320
    assert small.shape[0] == pytest.approx(320 * asked.shape[0] / asked.shape[1], abs=1)
    assert client.get(still_url(video, 9e9)).status_code == 200  # the last frame


@pytest.mark.parametrize(
    "asked", ["", "?t=", "?t=x", "?t=nan", "?t=inf", "?t=1&w=0", "?t=1&w=-5", "?t=1&w=99999"]
)
def test_a_still_of_no_time_is_refused(client, video, asked):
    assert client.get(f"/api/videos/{video}/still.jpg{asked}").status_code == 400


def test_nothing_can_be_changed_through_these_routes(client, video):
    for address in (video_url(video), poster_url(video), still_url(video, 1.0)):
        assert client.post(address).status_code == 405
        assert client.delete(address).status_code == 405


def test_a_damaged_shard_gives_no_pictures_and_says_so_in_the_log(client, filled, video, caplog):
    for file in (filled.path / "videos" / video).iterdir():
        file.write_bytes(b"spoiled")
    services.cache_clear()  # as after a restart
    for address in (crop_url(video, 0), crop_url(video, 1)):
        assert client.get(address).status_code == 404
    assert "damaged" in caplog.text
    for address in (video_url(video), poster_url(video), still_url(video, 1.0)):
        assert client.get(address).status_code == 200  # the file itself is sound


def test_a_damaged_catalog_gives_no_files(client, place, caplog):
    (place / "catalog.sqlite").write_bytes(b"this is no catalog at all" * 99)
    assert client.get("/api/videos/a1").status_code == 404
    assert "damaged" in caplog.text


def test_where_nothing_was_added_nothing_is_made(client, place):
    assert client.get("/api/videos/a1").status_code == 404
    assert list(place.iterdir()) == []
