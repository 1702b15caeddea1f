"""Answers and moments as files, over a library that the demo models read."""

from __future__ import annotations

import csv
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.library.library import Library
from dashboard import downloads

QUESTION = {"q": "red car turning left"}


@pytest.fixture
def client(filled: Library) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=downloads.routes())) as client:
        yield client


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are put meanwhile."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def length_of(data: bytes) -> tuple[str, float, int]:
    """(codec, seconds, frames) of a video file."""
    with av.open(io.BytesIO(data)) as clip:
        stream = clip.streams.video[0]
        times = [float(frame.pts * stream.time_base) for frame in clip.decode(stream)]
        return stream.codec_context.name, times[-1] - times[0], len(times)


def test_an_answer_as_json(client: TestClient):
    answer = client.get("/api/answers/answer.json", params=QUESTION)
    assert answer.headers["content-disposition"].startswith('attachment; filename="answer.json"')
    told = json.loads(answer.content)
    assert told["query"] == QUESTION["q"]
    assert told["results"][0]["parts"][1]["part"] == "red"


def test_an_answer_as_a_table_heeds_the_filters(client: TestClient, filled: Library):
    rows = list(
        csv.DictReader(io.StringIO(client.get("/api/answers/answer.csv", params=QUESTION).text))
    )
    assert rows[0]["kind"] == "match"
    other = next(r.video_id for r in filled.ready() if r.video_id != rows[0]["video_id"])
    asked = QUESTION | {"in": other}
    told = list(
        csv.DictReader(io.StringIO(client.get("/api/answers/answer.csv", params=asked).text))
    )
    assert {row["video_id"] for row in told} <= {other}


def test_the_clips_of_an_answer(client: TestClient, temporary: Path):
    answer = client.get("/api/answers/clips.zip", params=QUESTION | {"drawn": "1"})
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        told = json.loads(packed.read("clips.json"))
        assert told["overlay"] is True
        assert {clip["file"] for clip in told["clips"]} == set(packed.namelist()) - {"clips.json"}
        first = told["clips"][0]
        codec, length, _ = length_of(packed.read(first["file"]))
    assert codec == "h264"
    assert length == pytest.approx(first["last_s"] - first["first_s"], abs=0.05)
    assert not list(temporary.iterdir())


def test_one_moment_as_a_clip(client: TestClient, filled: Library, temporary: Path):
    video = filled.ready()[0]
    asked = {"v": video.video_id, "o": "1", "t0": "2", "t1": "4", "drawn": "1"}
    answer = client.get("/api/answers/moment.mp4", params=asked)
    assert answer.headers["content-type"] == "video/mp4"
    codec, length, frames = length_of(answer.content)
    assert (codec, frames) == ("h264", 50)
    assert length == pytest.approx(1.96, abs=0.01)
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    ("name", "asked", "status", "says"),
    [
        ("answer.json", {}, 409, "no question"),
        ("answer.json", {"q": "car", "page": "no"}, 409, "page=no"),
        ("answer.txt", QUESTION, 404, ""),
        ("clips.zip", {"q": "purple bus making a u-turn"}, 409, "Nothing was found"),
        ("moment.mp4", {"v": "x"}, 409, "which moment"),
        ("moment.mp4", {"v": "../x", "t0": "1", "t1": "2"}, 409, "no such video"),
        ("moment.mp4", {"v": "VIDEO", "t0": "4", "t1": "2"}, 409, "no moment from 4 to 2"),
        ("moment.mp4", {"v": "VIDEO", "t0": "1", "t1": "nan"}, 409, "no moment"),
        ("moment.mp4", {"v": "VIDEO", "t0": "1", "t1": "900"}, 409, "no moment"),
    ],
)
def test_what_is_refused_is_said(
    client: TestClient, filled: Library, name: str, asked: dict[str, str], status: int, says: str
):
    real = {k: filled.ready()[0].video_id if v == "VIDEO" else v for k, v in asked.items()}
    answer = client.get(f"/api/answers/{name}", params=real)
    assert answer.status_code == status
    assert says in answer.text


def test_too_much_at_once_is_refused_before_anything_is_cut(
    client: TestClient, filled: Library, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(downloads, "LONGEST_S", 1.0)
    monkeypatch.setattr(downloads, "LONGEST_IN_ALL_S", 1.0)
    asked = {"v": filled.ready()[0].video_id, "t0": "2", "t1": "4"}
    assert "at most 1 s" in client.get("/api/answers/moment.mp4", params=asked).text
    assert "at most 1 s" in client.get("/api/answers/clips.zip", params=QUESTION).text


def test_clips_are_cut_for_one_at_a_time(
    client: TestClient, filled: Library, monkeypatch: pytest.MonkeyPatch
):
    begun, may_end = threading.Event(), threading.Event()
    real = downloads.cut

    def slow(*args, **kwargs):
        begun.set()
        assert may_end.wait(30)
        return real(*args, **kwargs)

    monkeypatch.setattr(downloads, "cut", slow)
    asked = {"v": filled.ready()[0].video_id, "t0": "2", "t1": "2.5"}
    answers: list[int] = []

    def ask() -> None:
        answers.append(client.get("/api/answers/moment.mp4", params=asked).status_code)

    first = threading.Thread(target=ask)
    first.start()
    assert begun.wait(30)
    busy = client.get("/api/answers/moment.mp4", params=asked)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert "try again" in busy.text
    json_meanwhile = client.get("/api/answers/answer.json", params=QUESTION)
    assert json_meanwhile.status_code == 200  # nothing else waits for it
    may_end.set()
    first.join()
    assert answers == [200]
    assert client.get("/api/answers/moment.mp4", params=asked).status_code == 200


def test_a_clip_that_fails_lets_the_next_one_in(
    client: TestClient, filled: Library, temporary: Path, monkeypatch: pytest.MonkeyPatch
):
    video = filled.ready()[0]
    asked = {"v": video.video_id, "t0": "2", "t1": "2.5"}
    gone = Path(video.path).with_name("gone.mp4")
    with monkeypatch.context() as patch:
        patch.setattr(downloads, "Path", lambda *_: gone)
        answer = client.get("/api/answers/moment.mp4", params=asked)
    assert answer.status_code == 409
    assert "gone.mp4" in answer.text
    assert not list(temporary.iterdir())
    assert client.get("/api/answers/moment.mp4", params=asked).status_code == 200
