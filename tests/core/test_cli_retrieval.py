"""`vidtrail evaluate retrieval` as people and programs use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import main
from tests.core.evaluate.small_world import LEFT, question, small_world, write_world


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    asked = question("red car turning left", LEFT), question("blue bus")
    return write_world(tmp_path / "small", small_world(*asked))


def test_programs_get_all_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "retrieval", "--world", str(folder), "--tier", "T0", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"full", "ladder", "strata", "predicates", "nothing", "calibration", "latency_s",
            "by_parts", "worlds", "queries", "tiers", "intervals"} <= set(data)  # fmt: skip
    assert data["full"]["MRR"] == 1.0
    assert list(data["tiers"]) == ["T0"]


def test_people_get_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--world", str(folder), "--tier", "T1", "--jitter", "0.02", "--box-fps", "10"]
    assert main(["evaluate", "retrieval", *given]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("T1 ")
    assert "2% jitter, 10 frames/s" in said.err


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "Say what to ask about"),
        (["--video", "a.mp4"], "--video together with --annotations"),
        (["--video", "a.mp4", "--annotations", "a.json", "--tier", "T0"], "not complete"),
        (["--world", "nowhere"], "no truth.json"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    given: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "retrieval", *given]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize("given", [["--jitter", "2"], ["--box-fps", "x"], ["--switches", "-1"]])
def test_noise_that_is_none_is_refused(given: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["evaluate", "retrieval", "--world", "w", *given])
