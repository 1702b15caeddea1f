from __future__ import annotations

import errno
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.ingest.batch import VIDEO_SUFFIXES
from core.ingest.jobs import Jobs
from core.video.probe import content_id
from dashboard import uploads
from dashboard.links import upload_url
from dashboard.security import KnownHosts
from dashboard.services import services
from tests.fakes import add_shard, clip

ADDRESS = upload_url({"profile": "demo"})


@pytest.fixture
def client(place: Path):
    app = Starlette(routes=uploads.routes(), middleware=[Middleware(KnownHosts)])
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> bytes:
    return clip(tmp_path_factory.mktemp("sent") / "v.mp4", seconds=1.0).read_bytes()


def send(client: TestClient, name: str, data: bytes, **headers: str):
    return client.post(ADDRESS, content=data, headers={"upload-name": quote(name), **headers})


def left(place: Path) -> list[str]:
    folder = place / "uploads"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_arrives_whole_and_is_queued(client, place: Path, video: bytes):
    answer = send(client, "C:\\clips\\Straße 1.MP4", video)
    assert answer.status_code == 200
    (job,) = Jobs(place).all()
    assert (answer.json()["job"], job.kind, job.profile) == (job.job_id, "add", "demo")
    assert Path(job.subject) == place / "uploads" / "Straße 1.mp4"
    assert Path(job.subject).read_bytes() == video
    assert left(place) == ["Straße 1.mp4"]


def test_a_name_that_is_taken_gets_a_number(client, place: Path, video: bytes):
    send(client, "a.mp4", video)
    send(client, "a.mp4", video)
    assert left(place) == ["a (2).mp4", "a.mp4"]


def test_what_the_library_has_is_not_kept_twice(client, place: Path, video: bytes, tmp_path: Path):
    known = tmp_path / "first.mp4"
    known.write_bytes(video)
    library = services().library()
    add_shard(library, content_id(known))
    library.catalog.set_path(content_id(known), known.name, str(known))
    answer = send(client, "again.mp4", video)
    assert answer.json() == {"job": None, "said": "first.mp4 is in the library already."}
    assert (left(place), Jobs(place).all()) == ([], [])


@pytest.mark.parametrize(
    ("name", "data", "status", "said"),
    [
        ("notes.txt", b"x", 415, "no kind of video"),
        ("none", b"x", 415, "no kind of video"),
        ("a.mp4", b"", 400, "a.mp4 is empty"),
        ("a.mp4", b"no video at all" * 99, 415, "a.mp4 is not a video"),
    ],
)
def test_what_is_no_video_is_refused(client, place, name, data, status, said):
    answer = send(client, name, data)
    assert (answer.status_code, said in answer.json()["said"]) == (status, True), answer.json()
    assert (left(place), Jobs(place).all()) == ([], [])


def test_a_large_file_is_refused_before_and_while_it_comes(client, place, video, monkeypatch):
    monkeypatch.setenv(uploads.LIMIT_VARIABLE, "0.000001")
    assert "may be sent" in send(client, "a.mp4", video).json()["said"]

    def pieces():
        for _ in range(3):
            yield bytes(1 << 20)

    answer = client.post(ADDRESS, content=pieces(), headers={"upload-name": "a.mp4"})
    assert answer.status_code == 413
    assert left(place) == []
    monkeypatch.setenv(uploads.LIMIT_VARIABLE, "plenty")
    assert send(client, "a.mp4", video).status_code == 500


def test_one_may_ask_first(client, place: Path, video: bytes, monkeypatch):
    assert send(client, "a.mp4", b"", **{"upload-ask": "1000"}).json() == {"job": None, "said": ""}
    assert send(client, "a.mp4", b"", **{"upload-ask": str(10**13)}).status_code == 413
    monkeypatch.setenv(uploads.LIMIT_VARIABLE, "1e9")
    refused = send(client, "a.mp4", b"", **{"upload-ask": str(10**17)})
    assert (refused.status_code, "does not fit" in refused.json()["said"]) == (507, True)
    assert (left(place), Jobs(place).all()) == ([], [])


def test_a_full_disk_is_told_and_leaves_nothing(client, place: Path, video: bytes, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dashboard.uploads.os.fsync", full)
    answer = send(client, "a.mp4", video)
    assert (answer.status_code, "disk of the library is full" in answer.json()["said"]) == (
        507, True,
    )  # fmt: skip
    assert left(place) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere.example"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_other_sites_may_not_send(client, place: Path, video: bytes, headers):
    assert send(client, "a.mp4", video, **headers).status_code == 403
    assert client.post(ADDRESS, content=video).status_code == 403  # as a plain form would
    assert left(place) == []


def test_an_unknown_profile_is_refused(client, place: Path, video: bytes):
    wrong = upload_url({"profile": "none"})
    assert client.post(wrong, content=video, headers={"upload-name": "a.mp4"}).status_code == 400


def test_a_library_that_cannot_be_used_says_so(client, place: Path, video: bytes):
    (place / "catalog.sqlite").write_bytes(b"this is no catalog at all" * 99)
    answer = send(client, "a.mp4", video)
    assert (answer.status_code, "damaged" in answer.json()["said"]) == (500, True)


def test_what_a_cut_connection_left_is_swept_a_day_later(client, place: Path, video, monkeypatch):
    (place / "uploads").mkdir()
    (place / "uploads" / ".part-00").write_bytes(b"half")
    send(client, "a.mp4", video)
    assert left(place) == [".part-00", "a.mp4"]
    monkeypatch.setattr("dashboard.uploads._STALE_S", -1.0)
    send(client, "b.mp4", video)
    assert left(place) == ["a.mp4", "b.mp4"]


@given(st.text(max_size=300), st.sampled_from(sorted(VIDEO_SUFFIXES)))
def test_any_name_becomes_a_plain_one(given_name: str, suffix: str):
    name = uploads.safe_name(given_name + suffix)
    assert len(name.encode()) <= 120
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert not name.startswith(".")
    assert Path(name).suffix == suffix
    assert uploads.safe_name(name) == name


def test_names_that_windows_keeps_for_itself():
    assert uploads.safe_name("con.mp4") == "_con.mp4"
    assert uploads.safe_name("..\\..\\.mp4") == "video.mp4"
