"""`vidtrail clusters` and `vidtrail evaluate clusters`, as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import main


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_groups_are_listed_without_the_encoder(two_videos: str, capsys: pytest.CaptureFixture[str]):
    data = asked(capsys, "clusters", "list", "--library", two_videos, "--level", "0")
    assert data["level"] == 0
    assert len(data["groups"]) == data["groups_by_level"][0] == 3
    assert sum(group["size"] for group in data["groups"]) == 30
    assert data["groups"][0]["classes"] == {"car": 1.0}
    assert main(["clusters", "list", "--library", two_videos, "--level", "0"]) == 0
    told = capsys.readouterr().out
    assert all(group["name"] in told for group in data["groups"])


def test_a_name_is_kept_when_groups_are_made_anew(
    two_videos: str, capsys: pytest.CaptureFixture[str]
):
    first = asked(capsys, "clusters", "list", "--library", two_videos, "--level", "1")["groups"][0]
    words = ("clusters", "rename", str(first["group"]), "mail vans", "--level", "1")
    assert asked(capsys, *words, "--library", two_videos)["name"] == "mail vans"
    again = asked(capsys, "clusters", "list", "--library", two_videos, "--level", "1", "--anew")
    assert (again["groups"][0]["name"], again["groups"][0]["given"]) == ("mail vans", True)
    back = ("clusters", "rename", str(first["group"]), "", "--level", "1")
    assert asked(capsys, *back, "--library", two_videos)["name"] == first["name"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--level", "77"), "Levels go from 0"),
        (("rename", "99", "x", "--level", "0"), "no group 99"),
    ],
)
def test_what_is_not_there_is_said(
    two_videos: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
):
    assert main(["clusters", *words, "--library", two_videos]) == 2
    assert said in capsys.readouterr().err


def test_groups_of_moves_are_made_of_what_was_seen_to_move(
    two_videos: str, capsys: pytest.CaptureFixture[str]
):
    data = asked(capsys, "clusters", "list", "--library", two_videos, "--space", "moves")
    assert data["space"] == "moves"
    assert sum(group["size"] for group in data["groups"]) <= 30


def test_worlds_of_other_videos_are_refused(
    two_videos: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    world = Path(__file__).parents[2] / "sample_videos" / "bus-stop-1"
    words = ["evaluate", "clusters", "--world", str(world), "--library", two_videos]
    assert main(words) == 2
    assert "no video of these worlds" in capsys.readouterr().err
