"""The routes as a browser sees them: parts of files, unknown ids, nothing outside the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.media import routes
from dashboard.security import HEADERS, SecurityHeaders


@pytest.fixture
def client(backend):
    app = Starlette(routes=routes(), middleware=[Middleware(SecurityHeaders)])
    with TestClient(app) as client:
        yield client


def test_a_video_is_served_in_parts(client, backend):
    whole = Path(backend.records[0].path).read_bytes()
    answer = client.get("/api/videos/a1", headers={"Range": "bytes=100-299"})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes 100-299/{len(whole)}"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content == whole[100:300]


def test_a_range_beyond_the_end_is_refused(client):
    assert client.get("/api/videos/a1", headers={"Range": "bytes=99999999-"}).status_code == 416


def test_a_browser_may_ask_for_the_size_alone(client, backend):
    answer = client.head("/api/videos/a1")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == Path(backend.records[0].path).stat().st_size
    assert answer.content == b""


@pytest.mark.parametrize(
    "address",
    [
        "/api/videos/unknown",
        "/api/videos/unknown/poster.jpg",
        "/api/crops/unknown/1.jpg",
        "/api/crops/a1/99.jpg",
        "/api/paths/a1/99.json?t0=0&t1=1",
        "/api/paths/unknown/1.json?t0=0&t1=1",
        "/api/crops/a1/-1.jpg",
        "/api/crops/a1/x.jpg",
        "/api/videos/..%2f..%2fetc%2fpasswd",
        "/api/videos/%2e%2e",
        "/api/videos/..%5c..%5csecret",
        "/api/crops/..%2f..%2flibrary/1.jpg",
        "/api/videos/" + "a" * 300,
    ],
)
def test_what_the_library_does_not_know_is_not_there(client, address):
    assert client.get(address).status_code == 404


def test_a_video_whose_file_has_gone_is_not_there(client, backend):
    Path(backend.records[0].path).unlink()
    assert client.get("/api/videos/a1").status_code == 404


@pytest.mark.parametrize("address", ["/api/crops/a1/1.jpg", "/api/videos/a1/poster.jpg"])
def test_pictures_are_jpeg_and_kept_by_the_browser(client, address):
    answer = client.get(address)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")
    assert "private" in answer.headers["cache-control"]


def test_a_path_is_where_the_object_was_in_that_span(client):
    path = client.get("/api/paths/a1/1.json?t0=1.0&t1=2.0").json()
    assert path["t_s"][0] >= 1.0
    assert path["t_s"][-1] <= 2.0
    assert len(path["boxes"]) == len(path["t_s"]) == 11
    assert path["boxes"][0] == pytest.approx([65 / 320, 120 / 180, 117 / 320, 146 / 180], abs=1e-3)


@pytest.mark.parametrize("span", ["", "?t0=0", "?t0=a&t1=b"])
def test_a_path_without_a_span_is_refused(client, span):
    assert client.get(f"/api/paths/a1/1.json{span}").status_code == 400


def test_nothing_can_be_changed_through_the_routes(client):
    for address in ("/api/videos/a1", "/api/crops/a1/1.jpg"):
        assert client.post(address).status_code == 405
        assert client.delete(address).status_code == 405


def test_every_answer_carries_the_security_headers(client):
    for address in ("/api/videos/a1", "/api/videos/unknown"):
        headers = client.get(address).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS


def test_a_library_that_cannot_be_read_gives_no_files(client, backend, monkeypatch):
    from core.errors import LibraryError

    def refuse():
        raise LibraryError("The catalog is damaged.")

    monkeypatch.setattr(backend, "videos", refuse)
    assert client.get("/api/videos/a1").status_code == 404
