from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.detections import Float32, Image
from core.errors import ModelError
from core.models.runtime import Runner, Runtime, machine_key, pick

TRIAL = np.zeros((4, 8, 8, 3), np.uint8)


class FakeRunner:
    def __init__(self, seconds: float = 0.0, value: float = 1.0) -> None:
        self.seconds, self.value, self.calls = seconds, value, 0

    def run(self, batch: Image) -> Float32:
        self.calls += 1
        time.sleep(self.seconds)
        return np.full((len(batch), 2), self.value, np.float32)


def same(reference: Float32, outputs: Float32) -> str | None:
    return None if np.array_equal(reference, outputs) else "it differs"


def choose(
    cache: Path, runners: dict[Runtime, FakeRunner], wanted: str | None = None
) -> tuple[str, Runner]:
    builders: dict[Runtime, Callable[[], Runner]] = {
        name: lambda runner=runner: runner for name, runner in runners.items()
    }
    return pick("detector x", "key", builders, TRIAL, same, cache, wanted)


def test_the_fastest_is_taken_and_remembered(tmp_path: Path) -> None:
    quick = FakeRunner()
    name, runner = choose(tmp_path, {"torch-f32": FakeRunner(0.02), "openvino-f32": quick})

    assert (name, runner) == ("openvino-f32", quick)
    slow_now = FakeRunner(0.02)
    name, _ = choose(tmp_path, {"torch-f32": FakeRunner(), "openvino-f32": slow_now})
    assert name == "openvino-f32"
    assert slow_now.calls == 0


def test_one_that_differs_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        name, _ = choose(
            tmp_path, {"torch-f32": FakeRunner(0.01), "openvino-bf16": FakeRunner(value=2.0)}
        )

    assert name == "torch-f32"
    assert "openvino-bf16 is left out: it differs" in caplog.text


def test_one_that_fails_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Runner:
        raise RuntimeError("no such instruction")

    builders: dict[Runtime, Callable[[], Runner]] = {
        "torch-f32": FakeRunner,
        "openvino-f32": broken,
    }
    with caplog.at_level(logging.WARNING):
        name, _ = pick("encoder x", "key", builders, TRIAL, same, tmp_path)

    assert name == "torch-f32"
    assert "no such instruction" in caplog.text


def test_none_works(tmp_path: Path) -> None:
    def broken() -> Runner:
        raise RuntimeError("no")

    with pytest.raises(ModelError, match="does not run on this machine"):
        pick("encoder x", "key", {"torch-f32": broken}, TRIAL, same, tmp_path)


def test_the_one_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runners: dict[Runtime, FakeRunner] = {
        "torch-f32": FakeRunner(0.01),
        "openvino-f32": FakeRunner(),
    }
    assert choose(tmp_path, runners, "torch-f32")[0] == "torch-f32"
    monkeypatch.setenv("VIDTRAIL_RUNTIME", "torch-f32")
    assert choose(tmp_path, runners)[0] == "torch-f32"
    assert not (tmp_path / "runtime").exists()
    with pytest.raises(ModelError, match=r"'cuda-f16' cannot run detector x here; there are torch"):
        choose(tmp_path, runners, "cuda-f16")


@pytest.mark.parametrize("content", ["", "{", '{"runtime": 3}', '{"runtime": "gone"}'])
def test_a_damaged_note_is_measured_again(tmp_path: Path, content: str) -> None:
    note = tmp_path / "runtime" / "key.json"
    note.parent.mkdir()
    note.write_text(content)

    assert choose(tmp_path, {"torch-f32": FakeRunner()})[0] == "torch-f32"
    assert json.loads(note.read_text())["runtime"] == "torch-f32"


def test_a_cache_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "runtime").write_text("a file in the way")
    with caplog.at_level(logging.WARNING):
        assert choose(tmp_path, {"torch-f32": FakeRunner()})[0] == "torch-f32"

    assert "cannot be remembered" in caplog.text


def test_key_tells_models_apart() -> None:
    assert machine_key("detector", "a", 640) == machine_key("detector", "a", 640)
    assert machine_key("detector", "a", 640) != machine_key("detector", "b", 640)
