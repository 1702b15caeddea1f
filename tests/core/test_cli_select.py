"""`vidtrail label`, `rest`, `leave-out` and `evaluate probe`, as commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.cli import main
from core.library.library import Library


@pytest.fixture
def tracks(two_videos: str) -> list[str]:
    with Library.open(two_videos) as library:
        ids = library.shard("one").tracks().track_id
    return [f"one:{track}" for track in ids.tolist()]


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def test_labels_are_given_and_taken_off(
    two_videos: str, tracks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("label", "night  shift", *tracks[:2], "--library", two_videos)
    assert asked(capsys, *words)["changed"] == tracks[:2]
    assert asked(capsys, *words)["changed"] == []
    with Library.open(two_videos) as library:
        assert {label.label for label in library.notes.labels()} == {"night shift"}
    assert asked(capsys, *words, "--remove")["changed"] == tracks[:2]
    assert main(["label", "mine", "one", "--library", two_videos]) == 2
    assert "names no object" in capsys.readouterr().err


def test_the_rest_is_listed_turned_down_and_accepted(
    two_videos: str, tracks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rest", "mine", "--library", two_videos]) == 2
    assert "It takes 3 labelled objects" in capsys.readouterr().err
    asked(capsys, "label", "mine", *tracks[:4], "--library", two_videos)
    found = asked(capsys, "rest", "mine", "--library", two_videos, "--limit", "50")
    listed = [f"{each['video_id']}:{each['track_id']}" for each in found["objects"]]
    assert len(listed) == 26
    assert not set(tracks[:4]) & set(listed)
    fewer = asked(
        capsys, "rest", "mine", "--library", two_videos, "--limit", "50", "--not", listed[0]
    )
    assert len(fewer["objects"]) == 25
    taken = asked(capsys, "rest", "mine", "--library", two_videos, "--accept")
    with Library.open(two_videos) as library:
        assert len(library.notes.labels()) == 4 + taken["probable"]


def test_objects_are_left_out_listed_and_let_in(
    two_videos: str, tracks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(capsys, "leave-out", "add", *tracks[:3], "--library", two_videos)["changed"] == 3
    listed = asked(capsys, "leave-out", "list", "--library", two_videos)["left_out"]
    assert [f"{each['video_id']}:{each['track_id']}" for each in listed] == tracks[:3]
    assert asked(capsys, "leave-out", "undo", tracks[0], "--library", two_videos)["changed"] == 1
    assert len(asked(capsys, "leave-out", "list", "--library", two_videos)["left_out"]) == 2
