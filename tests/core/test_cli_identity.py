"""`vidtrail identity`: what it prints, and that every word can be taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import cli
from core.library.library import Library
from tests.core.library.moving import put_moving, street


@pytest.fixture
def library(tmp_path: Path) -> Path:
    with Library.open(tmp_path / "library") as library:
        put_moving(library, "gate", street([1, 2, 3, 4, 5, 6, 7, 8]), seed=1)
        put_moving(library, "yard", street([11, 1, 2, 3, 12, 13, 14, 4]), seed=2)
    return tmp_path / "library"


def run(library: Path, *words: object) -> int:
    return cli.main(["identity", *map(str, words), "--library", str(library)])


def told(library: Path, capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert run(library, *words) == 0
    out = capsys.readouterr()
    assert out.err == ""
    return out.out.strip()


def refused(library: Path, capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert run(library, *words) == 2
    out = capsys.readouterr()
    assert out.out == ""
    return out.err.strip()


@pytest.mark.parametrize(
    "command",
    ["suggest", "accept", "reject", "merge", "split", "relabel", "name", "list", "history", "undo"],
)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["identity", command, "--help"])
    assert stopped.value.code == 0
    assert "--library DIR" in capsys.readouterr().out


def test_suggestions_for_people_and_programs(library, capsys):
    lines = told(library, capsys, "suggest", "--limit", 4).splitlines()
    assert lines[0].startswith("Looks tell objects apart here")
    assert len(lines) == 5
    assert "gate.mp4:1  yard.mp4:2" in "".join(lines)
    data = json.loads(told(library, capsys, "suggest", "yard.mp4:2", "--json"))
    assert data["usable"] is True
    best = data["suggestions"][0]
    assert best["a"] == {"video": "yard.mp4", "video_id": "yard", "track_id": 2}
    assert (best["b"]["track_id"], best["mutual"]) == (1, True)
    assert best["p"] > 0.5
    assert len(best["crops"]) == 3
    assert {"likeness", "reason"} <= set(best)


def test_a_word_can_be_given_listed_and_taken_back(library, capsys):
    said = told(library, capsys, "accept", "gate.mp4:1", "yard:2")
    assert said == "Edit 1: track 1 of gate.mp4 and track 2 of yard.mp4 are the same object."
    assert told(library, capsys, "name", "gate:1", "Old", "Otto") == (
        "Old Otto: gate.mp4:1, yard.mp4:2"
    )
    assert told(library, capsys, "list") == "Old Otto: gate.mp4:1, yard.mp4:2"
    assert told(library, capsys, "reject", "gate:2", "yard:4").startswith("Edit 2: ")
    history = told(library, capsys, "history").splitlines()
    assert [line.split()[0] for line in history] == ["2", "1"]
    assert told(library, capsys, "undo", 1).startswith("Edit 1 is undone: track 1 of gate.mp4")
    assert "undone: " in told(library, capsys, "history")
    assert told(library, capsys, "list") == "Old Otto: gate.mp4:1"
    assert told(library, capsys, "name", "gate:1") == "no name: gate.mp4:1"
    assert told(library, capsys, "list") == "No tracks are joined or named yet."
    assert told(library, capsys, "undo").startswith("Edit 2 is undone")
    assert refused(library, capsys, "undo") == "vidtrail: There is no edit to undo."


def test_tracks_are_split_merged_and_relabelled(library, capsys):
    change = json.loads(told(library, capsys, "split", "gate:3", "--at", 2, "--json"))
    new = change["new_track"]
    assert (change["kind"], change["detail"], change["undone"]) == ("split", {"at_s": 2.0}, False)
    assert f"new track is {new}" in change["sentence"]
    said = told(library, capsys, "merge", "gate:3", f"gate:{new}")
    assert said == f"Edit 2: tracks 3 and {new} of gate.mp4 are one track, 3."
    assert told(library, capsys, "relabel", "gate:3", "van").endswith("is called van.")
    with Library.open(library) as opened:
        assert opened.shard("gate").votes(3) == {"van": 1.0}
    blocked = json.loads(told(library, capsys, "history", "--json"))["history"]
    assert [change["blocked_by"] for change in blocked] == [[], [3], [2, 3]]


def test_what_cannot_be_is_one_sentence(library, capsys):
    assert "seen at 0.0 s" in refused(library, capsys, "merge", "gate:1", "gate:2")
    assert "Only tracks of one video" in refused(library, capsys, "merge", "gate:1", "yard:2")
    assert "write VIDEO:NUMBER" in refused(library, capsys, "accept", "gate", "yard:2")
    assert "no video 'attic'" in refused(library, capsys, "accept", "attic:1", "yard:2")
    assert "no track 99" in refused(library, capsys, "suggest", "gate:99")
    assert "no class of gate.mp4" in refused(library, capsys, "relabel", "gate:1", "boat")
    with pytest.raises(SystemExit):
        run(library, "split", "gate:1")


def test_an_empty_library_has_nothing_to_suggest(tmp_path, capsys):
    Library.open(tmp_path / "empty").close()
    assert told(tmp_path / "empty", capsys, "suggest") == "No videos yet."
    assert told(tmp_path / "empty", capsys, "history") == "Nothing was said yet."
