"""`vidtrail search` with what is shown rather than said, and `vidtrail zone`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import cli
from core.detections import Float32, Image
from core.video.stills import encode_jpeg
from tests.core.search.collection import Obj, WordEncoder, collection, vector_of

LEFT = ("turn_left", 2.0, 4.0, 0.95)
RIGHT = ((0.1, 0.6), (0.9, 0.6))
GATE = "0.4,0.4 0.6,0.4 0.6,0.9 0.4,0.9"


class RedCarEncoder(WordEncoder):
    """Every picture is of a red car."""

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        return np.stack([vector_of(("car", "red")) for _ in crops])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """1: red, through the gate; 2: red, turns left; 3: a bus that comes later; 4-8: other cars."""
    others = [Obj("car", colour) for colour in ("blue", "green", "white", "black", "grey")]
    red = [Obj(way=RIGHT), Obj(events=(LEFT,))]
    bus = Obj("bus", "white", t0_s=10.0, t1_s=14.0)
    collection(tmp_path / "library", yard=[*red, bus, *others]).close()
    monkeypatch.setattr("core.search.opening._loaded", lambda *_: RedCarEncoder())
    return tmp_path / "library"


def run(library: Path, *words: object) -> int:
    return cli.main([*map(str, words), "--library", str(library)])


def asked(library: Path, capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    assert run(library, *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def found(library: Path, capsys: pytest.CaptureFixture[str], *words: object) -> list[int]:
    data = asked(library, capsys, "search", *words)
    return [moment["track_id"] for moment in data["results"] if moment["matches"]]


def test_shown_and_said(library: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "mine.jpg"
    picture.write_bytes(encode_jpeg(np.full((40, 60, 3), 200, np.uint8)))
    for words, expected in (
        (["--like", "yard.mp4:1"], [2]),
        (["car", "--picture", picture], [1, 2]),
        (["car turning left", "--picture", picture, "--picture-box", "0,0,0.5,1"], [2]),
        (["--path", "0.1,0.6 0.9,0.6"], [1]),
        (["car", "--zone", f"enters {GATE}"], [1]),
        (["car", "--line", "0.5,0.9 0.5,0.4"], [1]),
        (["car", "--line", "0.5,0.4 0.5,0.9"], []),
        (["car", "--line", "either way 0.5,0.4 0.5,0.9"], [1]),
        (["red car turning left", "--then", "bus"], [2]),
        (["red car", "--max-speed", "0.1"], [2]),
        (["vehicle", "--class", "bus", "--video", "yard"], [3]),
        (["vehicle", "--min-duration", "3", "--max-duration", "5", "--after", "9"], [3]),
    ):
        assert found(library, capsys, *words) == expected, words


def test_a_zone_is_kept_asked_for_and_forgotten(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, "zone", "list") == 0
    assert "No zone is stored yet" in capsys.readouterr().out
    assert run(library, "zone", "add", "gate", "yard", GATE) == 0
    said = capsys.readouterr().out
    assert "all videos of 640 x 360" in said
    assert "in zone[gate]" in said
    added = asked(library, capsys, "zone", "add", "exit", "yard", "0.5,0.9 0.5,0.4", "--line")
    assert (added["kind"], added["points"]) == ("line", [[0.5, 0.9], [0.5, 0.4]])
    assert [z["name"] for z in asked(library, capsys, "zone", "list")["zones"]] == ["exit", "gate"]
    assert found(library, capsys, "car", "--zone", "enters gate") == [1]
    assert found(library, capsys, "car", "--line", "exit") == [1]
    assert run(library, "zone", "remove", added["zone_id"]) == 0
    capsys.readouterr()
    assert [z["name"] for z in asked(library, capsys, "zone", "list")["zones"]] == ["gate"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("search",), "nothing to look for"),
        (("search", "--like", "yard"), "write VIDEO:NUMBER"),
        (("search", "--like", "yard:99"), "no track 99"),
        (("search", "car", "--zone", "door"), "no zone called"),
        (("search", "car", "--path", "0.1,0.2"), "at least 2 points"),
        (("search", "car", "--picture", "nowhere.jpg"), "cannot be read"),
        (("search", "car", "--picture-box", "0,0,1,1"), "say which one"),
        (("search", "car", "--min-size", "9", "--max-size", "3"), "swap the two limits"),
        (("zone", "add", "gate", "yard", "0.1,0.2 0.3,0.4"), "at least 3 points"),
        (("zone", "remove", "7"), "no zone number 7"),
    ],
)
def test_what_cannot_be_asked_is_said(
    library: Path, words: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, *words) == 2
    assert complaint in capsys.readouterr().err


def test_what_is_no_picture_is_said(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.txt").write_text("no picture")
    assert run(library, "search", "--picture", tmp_path / "words.txt") == 2
    assert "is no picture" in capsys.readouterr().err
