"""`vidtrail judge`, and the files that `vidtrail search` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import cli
from tests.core.search.collection import Obj, WordEncoder, collection
from tests.fakes import clip

LEFT = ("turn_left", 2.0, 4.0, 0.95)
QUERY = "red car turning left"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    library = collection(
        tmp_path / "library", gate=[Obj("car", "red", (LEFT,)), Obj("car", "red", (LEFT,))]
    )
    source = clip(tmp_path / "gate.mp4", seconds=9.0, fps=5.0, movers=(), size=(640, 360))
    library.catalog.set_path("gate", source.name, str(source))
    library.close()
    monkeypatch.setattr("core.search.opening._loaded", lambda *_: WordEncoder())
    return tmp_path / "library"


def run(library: Path, *words: object) -> int:
    return cli.main([*map(str, words), "--library", str(library)])


def told(library: Path, capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert run(library, *words) == 0
    return capsys.readouterr().out


def test_judging_listing_and_withdrawing(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(library, capsys, "judge", QUERY, "gate.mp4:1", "--part", "turning left=wrong")
    assert said.strip() == (
        "Noted: gate.mp4:1 is wrong (turning left wrong) for “red car turning left”"
    )
    told(library, capsys, "judge", QUERY, "gate:2", "--right")
    (first, second) = json.loads(told(library, capsys, "judge", "list", "--json"))["judgements"]
    assert (first["track_id"], first["relevant"], first["parts"]) == (
        1,
        False,
        {"turning left": False},
    )
    assert second["parts"] == {"car": True, "red": True, "turning left": True}
    data = json.loads(told(library, capsys, "search", QUERY, "--json"))
    assert [m["track_id"] for m in data["results"]] == [2, 1]
    assert [m["parts"][2]["said"] for m in data["results"]] == [True, False]

    told(library, capsys, "judge", "withdraw", QUERY, "gate:1")
    assert "gate.mp4:1" not in told(library, capsys, "judge", "list", QUERY)
    assert run(library, "judge", "withdraw", QUERY, "gate:1") == 2
    assert "Nothing was said" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((QUERY, "gate:1"), "--right or --wrong"),
        ((QUERY, "gate:1", "--part", "blue=wrong"), "its parts are “car”, “red”, “turning left”"),
        ((QUERY, "gate:1", "--right", "--part", "red=wrong"), "not right as a whole"),
        ((QUERY, "gate", "--right"), "VIDEO:NUMBER"),
        ((QUERY, "gate:9", "--right"), "no track 9"),
        ((QUERY,), "This is no verdict"),
        (("list", "--right"), "VIDEO:NUMBER"),
    ],
)
def test_what_is_no_verdict(
    library: Path,
    words: tuple[str, ...],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if words == ("list", "--right"):
        complaint = "This is no verdict"
    assert run(library, "judge", *words) == 2
    out = capsys.readouterr()
    assert complaint in out.err
    assert run(library, "judge", "list") == 0
    assert "Nothing was judged yet" in capsys.readouterr().out


def test_a_table_and_clips(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, folder = tmp_path / "moments.csv", tmp_path / "clips"
    said = told(
        library, capsys, "search", QUERY, "--csv", table, "--clips", folder, "--overlay",
        "--limit", 1,
    )  # fmt: skip
    assert f"Clips: 1 of 1 in {folder}" in said
    assert table.read_text().splitlines()[0].startswith("rank,kind,video")
    assert sorted(p.suffix for p in folder.iterdir()) == [".json", ".mp4"]

    assert run(library, "search", QUERY, "--overlay") == 2
    assert "--clips" in capsys.readouterr().err
    assert run(library, "search", QUERY, "--csv", tmp_path) == 2
    assert "cannot be written" in capsys.readouterr().err
