"""`vidtrail evaluate tracking` and `vidtrail export` as people and programs use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import cli
from core.evaluate.scores import METRICS
from core.library.library import Library
from tests.core.evaluate.hand_made import mot15, traffic_rows, world
from tests.fakes import add_shard


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def walkers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sequence whose detections are its truth."""
    folder = mot15(tmp_path_factory.mktemp("sequences") / "walkers")
    (folder / "det").mkdir()
    lines = [f"{f + 1},-1,{x},{y},{r - x},{b - y},0.9" for f, _, x, y, r, b in traffic_rows()]
    (folder / "det" / "det.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


class TestEvaluateTracking:
    boxes = ("--detections", "det/det.txt")

    def test_json_of_one_run(self, walkers: Path, capsys: pytest.CaptureFixture[str]):
        assert run("evaluate", "tracking", walkers, *self.boxes, "--json") == 0
        data = json.loads(capsys.readouterr().out)
        assert set(data) == {"sequences", "mean"}
        assert set(data["sequences"]) == {"walkers"}
        assert set(data["mean"]) == set(METRICS)
        assert data["sequences"]["walkers"] == data["mean"]
        assert data["mean"]["MOTA"] > 90

    def test_json_of_several_runs(self, walkers: Path, capsys: pytest.CaptureFixture[str]):
        arguments = ("--tracker", "vidtrail,bytetrack", "--tracker", "botsort", "--stride", "1,2")
        assert run("evaluate", "tracking", walkers, *self.boxes, *arguments, "--json") == 0
        data = json.loads(capsys.readouterr().out)
        assert [(one["tracker"], one["stride"]) for one in data["runs"]] == [
            ("vidtrail", 1), ("vidtrail", 2), ("bytetrack", 1), ("bytetrack", 2),
            ("botsort", 1), ("botsort", 2),
        ]  # fmt: skip
        first = data["runs"][0]
        assert data["sequences"] == first["sequences"]
        assert data["mean"] == first["mean"]

    def test_a_table_for_people(self, walkers: Path, capsys: pytest.CaptureFixture[str]):
        assert run("evaluate", "tracking", walkers, *self.boxes) == 0
        header, one, mean = capsys.readouterr().out.splitlines()
        assert header.split() == ["tracker", "stride", "sequence", *METRICS]
        assert one.split()[:3] == ["vidtrail", "1", "walkers"]
        assert mean.split()[:3] == ["vidtrail", "1", "mean"]

    def test_the_rules_are_in_the_help(self, capsys: pytest.CaptureFixture[str]):
        with pytest.raises(SystemExit) as stopped:
            run("evaluate", "tracking", "--help")
        assert stopped.value.code == 0
        said = capsys.readouterr().out
        for words in ("MOT16 and later", "2D MOT 2015", "0.3 visible", "IoU >= 0.5", "16 px"):
            assert words in said

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["{tmp}/missing"], "There is no folder"),
            (["{tmp}"], "There is no truth in"),
            (["{walkers}", "--detections", "no.txt"], "There are no detections for walkers"),
            (["{walkers}", "--detector", "no.pt"], "There is no detector file"),
            (["{walkers}", "--profile", "fastest"], "There is no profile 'fastest'"),
            (["{walkers}", "--encoder", "no/where"], "There is no encoder file or folder"),
            (
                ["{walkers}", "--detections", "det/det.txt", "--tracker", "sort"],
                "no tracker 'sort'",
            ),
        ],
    )
    def test_what_is_wrong_is_a_sentence(
        self,
        walkers: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
        said: str,
    ):
        given = [text.format(tmp=tmp_path, walkers=walkers) for text in arguments]
        assert run("evaluate", "tracking", *given) == 2
        error = capsys.readouterr().err.strip().splitlines()[-1]
        assert error.startswith("vidtrail: ")
        assert said in error

    @pytest.mark.parametrize("strides", ["0", "1,x", "-1", ""])
    def test_strides_are_positive(self, walkers: Path, strides: str):
        with pytest.raises(SystemExit) as stopped:
            run("evaluate", "tracking", walkers, f"--stride={strides}")
        assert stopped.value.code == 2

    def test_the_demo_models_follow_a_world(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        """Rectangles are nothing they know; it is the way there that is tested."""
        place = world(tmp_path / "square-1", frames=4)
        assert run("evaluate", "tracking", place, "--cache", tmp_path / "cache", "--json") == 0
        assert set(json.loads(capsys.readouterr().out)["sequences"]) == {"square-1"}
        assert len(list((tmp_path / "cache").iterdir())) == 2


class TestExport:
    @pytest.fixture
    def library(self, tmp_path: Path) -> Path:
        with Library.open(tmp_path / "library") as library:
            add_shard(library, "0123456789ab", name="street.mp4")
        return tmp_path / "library"

    def test_to_the_terminal(self, library: Path, capsys: pytest.CaptureFixture[str]):
        assert run("export", "street", "--library", library) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 30  # three tracks of ten boxes
        assert lines[0].split(",")[:3] == ["1", "1", "0.00"]

    @pytest.mark.parametrize(("form", "begins"), [("csv", "frame,t_s"), ("coco-vid", '{"info"')])
    def test_to_a_file(
        self,
        library: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        form: str,
        begins: str,
    ):
        out = tmp_path / "tracks.out"
        assert run("export", "street", "--library", library, "--format", form, "--out", out) == 0
        assert capsys.readouterr().out == ""
        assert out.read_text(encoding="utf-8").startswith(begins)

    def test_a_place_that_cannot_be_written(
        self, library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        out = tmp_path / "missing" / "tracks.txt"
        assert run("export", "street", "--library", library, "--out", out) == 2
        assert "cannot be written: No such file or directory" in capsys.readouterr().err

    def test_an_unknown_video(self, library: Path, capsys: pytest.CaptureFixture[str]):
        assert run("export", "avenue", "--library", library) == 2
        assert "There is no video 'avenue'" in capsys.readouterr().err
