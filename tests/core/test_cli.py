"""The command: what it prints, what it returns, and sentences instead of stack traces."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import cli, cli_adding
from core.errors import ModelError
from core.ingest.batch import Models
from core.library.library import Library
from tests.core.search.collection import Obj, WordEncoder, collection
from tests.fakes import FakeDetector, FakeEncoder, clip

ROOT = Path(__file__).resolve().parents[2]
LEFT = ("turn_left", 2.0, 4.0, 0.95)
RIGHT = ("turn_right", 2.0, 4.0, 0.95)
COMMANDS = (
    "demo",
    "add",
    "search",
    "judge",
    "status",
    "remove",
    "restore",
    "doctor",
    "serve",
    "evaluate",
    "export",
    "identity",
)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    objects = [Obj("car", "red", (LEFT,)), Obj("car", "red", (RIGHT,)), Obj("car", "blue", (LEFT,))]
    collection(tmp_path / "library", junction=objects).close()
    monkeypatch.setattr("core.search.opening._loaded", lambda *_: WordEncoder())
    return tmp_path / "library"


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_adding, "models_of", lambda *_: Models(FakeDetector(), FakeEncoder()))


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(command, "--help")
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert f"vidtrail {command}" in said
    if command not in ("evaluate", "identity"):
        assert "--library DIR" in said
        assert "examples:" in said


@pytest.mark.parametrize(
    "arguments",
    [[], ["fly"], ["add"], ["search", "car", "--limit", "0"], ["serve", "--port", "x"]],
)
def test_wrong_use_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert stopped.value.code == 2
    assert "usage: vidtrail" in capsys.readouterr().err


def test_search_as_json(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "red", "car", "turning", "left", "--library", library, "--json") == 0
    out = capsys.readouterr()
    data = json.loads(out.out)
    assert out.err == ""
    assert data["query"] == "red car turning left"
    best = data["results"][0]
    assert {"video", "video_id", "track_id", "t0_s", "t1_s", "score", "parts"} <= set(best)
    assert (best["video"], best["track_id"]) == ("junction.mp4", 1)
    assert [(p["part"], p["kind"]) for p in best["parts"]] == [
        ("car", "class"),
        ("red", "colour"),
        ("turning left", "event"),
    ]
    assert all(0.0 <= p["p"] <= 1.0 for p in best["parts"])
    assert not data["nothing_found"]


def test_search_for_people_marks_what_fails(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("search", "red car turning left", "--library", library) == 0
    out = capsys.readouterr().out
    first, _, below = out.partition("Not all of it")
    assert "✓ turning left 0.95" in first
    assert "✗ turning left 0.03" in below
    assert "turning right" in below
    assert "✗ red" in below


def test_search_explains(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "red car turning left", "--library", library, "--explain") == 0
    out = capsys.readouterr().out
    assert "frames" in out
    assert "crop" in out
    assert "part by part" in out


def test_nothing_found_is_no_failure(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "purple bus", "--library", library) == 0
    assert "Nothing found" in capsys.readouterr().out
    assert run("search", "purple bus", "--library", library, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["nothing_found"]
    assert data["results"] == []
    assert data["funnel"][0]["count"] == 3


@pytest.mark.parametrize("question", [[], [""], ["the"], ["?"]])
def test_a_question_that_says_nothing(
    library: Path, question: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("search", *question, "--library", library) == 2
    assert "nothing to look for" in capsys.readouterr().err


def test_search_in_one_video(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "red car", "--library", library, "--video", "junction", "--json") == 0
    assert json.loads(capsys.readouterr().out)["results"]
    assert run("search", "red car", "--library", library, "--video", "elsewhere") == 2
    assert "elsewhere" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["search", "car"], ["status"], ["remove", "x"]])
def test_no_library_yet(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*command, "--library", tmp_path / "none") == 2
    said = capsys.readouterr().err
    assert "There is no library" in said
    assert not (tmp_path / "none").exists()


def test_a_model_that_cannot_be_had_is_one_sentence(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ModelError("The encoder cannot be downloaded: no internet.")

    monkeypatch.setattr("core.search.opening._loaded", refuse)
    assert run("search", "car with a ladder", "--library", library) == 2
    said = capsys.readouterr().err
    assert said == "vidtrail: The encoder cannot be downloaded: no internet.\n"


def test_a_bug_is_no_stack_trace_unless_asked_for(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("core.search.engine.Engine.search", broken)
    monkeypatch.setattr("core.search.opening._loaded", broken)
    assert run("search", "red car", "--library", library) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "--debug" in said
    with pytest.raises(ZeroDivisionError):
        run("--debug", "search", "red car", "--library", library)


def test_status(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status", "--library", library) == 0
    assert "junction.mp4" in capsys.readouterr().out
    assert run("status", "--library", library, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["videos"][0]["state"] == "ready"
    assert data["videos"][0]["tracks"] == 3


def test_remove(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("remove", "junction.mp4", "--yes", "--library", library) == 0
    assert "was removed" in capsys.readouterr().out
    with Library.open(library) as opened:
        assert opened.videos() == []
    assert run("remove", "junction.mp4", "--yes", "--library", library) == 2


def test_a_removed_video_comes_back(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Library.open(library) as opened:
        before = opened.videos()
    assert run("remove", "junction.mp4", "--yes", "--library", library) == 0
    assert "vidtrail restore" in capsys.readouterr().out
    assert run("restore", "other.mp4", "--library", library) == 2
    assert "It holds junction.mp4" in capsys.readouterr().err
    assert run("restore", "junction.mp4", "--library", library) == 0
    with Library.open(library) as opened:
        assert opened.videos() == before
    assert run("restore", "junction.mp4", "--library", library) == 2
    assert "It is empty" in capsys.readouterr().err


def test_a_video_removed_for_good_is_gone(library: Path) -> None:
    assert run("remove", "junction.mp4", "--yes", "--for-good", "--library", library) == 0
    assert run("restore", "junction.mp4", "--library", library) == 2


class Terminal:
    """A keyboard with one line typed."""

    def __init__(self, line: str) -> None:
        self.line = line

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.line


@pytest.mark.parametrize(("typed", "left"), [("y\n", 0), ("n\n", 1), ("", 1), ("\n", 1)])
def test_remove_asks(library: Path, typed: str, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert run("remove", "junction.mp4", "--library", library) == 0
    with Library.open(library) as opened:
        assert len(opened.videos()) == left


@pytest.mark.usefixtures("fake_models")
def test_add_some_that_work_and_some_that_do_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = clip(tmp_path / "good.mp4", seconds=2.0)
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    home = tmp_path / "library"
    assert run("add", video, bad, "--library", home, "--json") == 1
    out = capsys.readouterr()
    told = {Path(v["path"]).name: v for v in json.loads(out.out)["videos"]}
    assert told["good.mp4"]["status"] == "added"
    assert told["good.mp4"]["video_id"]
    assert told["bad.mp4"]["status"] == "failed"
    assert "1 added, 1 failed." in out.err
    assert run("add", video, "--library", home) == 0
    assert "already" in capsys.readouterr().err


def test_add_with_a_profile_that_does_not_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("add", "x.mp4", "--profile", "huge", "--library", tmp_path / "l") == 2
    assert "no profile 'huge'" in capsys.readouterr().err


@pytest.mark.usefixtures("fake_models")
def test_demo_indexes_and_says_what_to_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = tmp_path / "samples"
    (samples / "one").mkdir(parents=True)
    clip(samples / "one" / "one.mp4", seconds=2.0)
    monkeypatch.setattr(cli, "_SAMPLES", samples)
    assert run("demo", "--no-serve", "--library", tmp_path / "library") == 0
    assert 'vidtrail search "red car turning left"' in capsys.readouterr().out


def test_demo_without_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_SAMPLES", tmp_path)
    assert run("demo", "--no-serve", "--library", tmp_path / "library") == 2
    assert "checkout is incomplete" in capsys.readouterr().err


def test_doctor_looks_at_everything(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("doctor", "--library", library)
    out = capsys.readouterr().out
    for what in ("Processor", "Memory", "Python", "Packages", "GPU", "Reads", "Profile demo",
                 "Cache", "Free disk", "Library"):  # fmt: skip
        assert what in out
    assert "1 of 1 videos can be searched" in out


def test_doctor_finds_damage(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crops = library / "videos" / "junction" / "crops.parquet"
    crops.write_bytes(crops.read_bytes()[:-10] + b"0123456789")
    assert run("doctor", "--library", library) == 1
    assert "!! Video junction.mp4: damaged" in capsys.readouterr().out


def test_the_default_library_is_named_by_the_environment(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDTRAIL_LIBRARY", str(library))
    assert run("status") == 0
    assert "junction.mp4" in capsys.readouterr().out


def test_serve_starts_the_dashboard_and_hands_signals_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "fake" / "dashboard"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("")
    (fake / "__main__.py").write_text(
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(0)))\n"
        f"pathlib.Path({str(tmp_path / 'started')!r}).write_text(' '.join(sys.argv[1:]))\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(cli, "_ROOT", tmp_path / "fake")
    program = (
        "import sys; from pathlib import Path; from core import cli; "
        f"cli._ROOT = Path({str(tmp_path / 'fake')!r}); sys.exit(cli.main(sys.argv[1:]))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", program, "serve", "--port", "8999", "--library", "somewhere"]
    process = subprocess.Popen(command, env=environment, cwd=tmp_path)
    try:
        for _ in range(600):
            if (tmp_path / "started").exists():
                break
            time.sleep(0.1)
        arguments = (tmp_path / "started").read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
    assert "--port 8999" in arguments
    assert str(tmp_path / "somewhere") in arguments


def test_it_runs_as_a_module_and_quits_quietly_when_nobody_reads(library: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m core status --library {library} | head -1"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )
    assert done.stdout.startswith("Library")
    assert "Traceback" not in done.stderr
