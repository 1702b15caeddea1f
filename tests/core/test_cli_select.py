"""`vidtrail label`, `rest`, `leave-out` and `evaluate probe`, as commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli import main
from core.library.library import Library
from tests.fakes import add_shard


@pytest.fixture
def place(tmp_path: Path) -> str:
    folder = tmp_path / "library"
    with Library.open(folder) as library:
        add_shard(library, "one", tracks=20, seed=1)
        add_shard(library, "two", tracks=10, seed=2)
    return str(folder)


@pytest.fixture
def tracks(place: str) -> list[str]:
    with Library.open(place) as library:
        ids = library.shard("one").tracks().track_id
    return [f"one:{track}" for track in ids.tolist()]


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def test_labels_are_given_and_taken_off(
    place: str, tracks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("label", "night  shift", *tracks[:2], "--library", place)
    assert asked(capsys, *words)["changed"] == tracks[:2]
    assert asked(capsys, *words)["changed"] == []
    with Library.open(place) as library:
        assert {label.label for label in library.notes.labels()} == {"night shift"}
    assert asked(capsys, *words, "--remove")["changed"] == tracks[:2]
    assert main(["label", "mine", "one", "--library", place]) == 2
    assert "names no object" in capsys.readouterr().err


def test_the_rest_is_listed_turned_down_and_accepted(
    place: str, tracks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rest", "mine", "--library", place]) == 2
    assert "It takes 3 labelled objects" in capsys.readouterr().err
    asked(capsys, "label", "mine", *tracks[:4], "--library", place)
    found = asked(capsys, "rest", "mine", "--library", place, "--limit", "50")
    listed = [f"{each['video_id']}:{each['track_id']}" for each in found["objects"]]
    assert len(listed) == 26
    assert not set(tracks[:4]) & set(listed)
    fewer = asked(capsys, "rest", "mine", "--library", place, "--limit", "50", "--not", listed[0])
    assert len(fewer["objects"]) == 25
    taken = asked(capsys, "rest", "mine", "--library", place, "--accept")
    with Library.open(place) as library:
        assert len(library.notes.labels()) == 4 + taken["probable"]


def test_objects_are_left_out_listed_and_let_in(
    place: str, tracks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(capsys, "leave-out", "add", *tracks[:3], "--library", place)["changed"] == 3
    listed = asked(capsys, "leave-out", "list", "--library", place)["left_out"]
    assert [f"{each['video_id']}:{each['track_id']}" for each in listed] == tracks[:3]
    assert asked(capsys, "leave-out", "undo", tracks[0], "--library", place)["changed"] == 1
    assert len(asked(capsys, "leave-out", "list", "--library", place)["left_out"]) == 2
