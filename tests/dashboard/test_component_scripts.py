"""Named functions of the components' scripts, run by Node where it is installed.

The flows in tests/browser use the same functions in Chromium; these look at their edges.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.library.library import Library
from core.video.times import FrameTimes
from dashboard.boxes import Span, packed
from dashboard.components import drawing, moments
from dashboard.views import MomentView, PartView

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine")


def run(folder: Path, component: Any, names: tuple[str, ...], body: str, given: object = None):
    """What `body` gives back, with functions of a component's scripts and `given` at hand."""
    here = Path(component.__file__).parent
    script = "\n".join((here / name).read_text(encoding="utf-8") for name in names)
    told = json.dumps(given)
    program = folder / "program.mjs"
    program.write_text(
        f"{script}\nconst given = {told};\n"
        f"console.log(JSON.stringify((() => {{ {body} }})() ?? null));\n"
    )
    assert NODE is not None
    done = subprocess.run([NODE, str(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_boxes_are_read_as_they_were_packed(tmp_path: Path, filled: Library):
    shard = filled.shard(filled.ready()[0].video_id)
    track = int(shard.tracks().track_id[0])
    path = shard.path_of(track)
    t_s = path.t_s[len(path) // 2]
    times = FrameTimes(1.5, np.arange(0.0, 30.0, 0.04))
    data = base64.b64encode(packed(shard, Span(0.0, 30.0, times, exact=True))).decode()
    body = """
      const bytes = Uint8Array.from(Buffer.from(given.data, "base64"));
      const read = readBoxes(bytes.buffer);
      return {
        origin: read.origin, frames: read.frames.length, shown: frameTime(read, 0.0799),
        box: boxAt(read, given.track, given.t_s), before: boxAt(read, given.track, -1) ?? null,
        nobody: boxAt(read, 9999, given.t_s) ?? null,
        trail: trailOf(read, given.track, 0, given.t_s).flat().length,
      };
    """
    given = {"data": data, "track": track, "t_s": float(t_s)}
    told = run(tmp_path, moments, ("boxes.js",), body, given)
    size = np.array([shard.meta.width, shard.meta.height] * 2)
    assert told["box"] == pytest.approx((path.xyxy[len(path) // 2] / size).tolist(), abs=1e-4)
    assert (told["origin"], told["frames"]) == (1.5, 750)
    assert (told["before"], told["nobody"]) == (None, None)
    assert told["shown"] == pytest.approx(0.08)  # within the slack of the next frame
    assert told["trail"] >= len(path) // 2


def test_what_is_no_file_of_boxes_is_refused(tmp_path: Path):
    body = "try { readBoxes(new ArrayBuffer(80)); } catch (problem) { return problem.message; }"
    assert run(tmp_path, moments, ("boxes.js",), body) == "This is not a file of boxes."


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"text": "turning left 84°, 0:14.9 to 0:21.1", "label": "turning left"}, "84°"),
        ({"text": "seen as car 100% in 131 boxes", "label": "car"}, "in 131 boxes"),
        ({"text": "truck #10, 0:03.4 to 0:07.2", "label": "following a truck"}, "truck #10"),
        ({"kind": "colour", "standing": "redder than 97 % of cars here"}, "redder than 97 %"),
        ({"level": "no", "instead": "turning right 69°"}, "turning right 69°"),
        ({"level": "unknown", "reason": "seen too briefly"}, "seen too briefly"),
        ({"level": "no", "said": False}, "you said not"),
    ],
)
def test_the_short_reason(tmp_path: Path, part: dict[str, object], says: str):
    usual = {"label": "red", "text": "looks red 98%", "level": "yes", "kind": "event"}
    given = {"said": None, "instead": "", "reason": "", "standing": "", **usual, **part}
    dom = "globalThis.document = {};\n"
    assert run(tmp_path, moments, ("parts.js",), f"{dom} return why(given);", given) == says


def test_scripts_use_only_what_the_views_have():
    """A field that is renamed in Python would be undefined in the browser, silently."""
    here = Path(moments.__file__).parent
    script = "\n".join((here / name).read_text(encoding="utf-8") for name in moments.SCRIPTS)
    for kind, unused in ((MomentView, {"video_id"}), (PartView, {"percentile"})):
        for field in fields(kind):
            assert f".{field.name}" in script or field.name in unused, field.name


def test_a_stroke_keeps_its_corners_and_no_more_points_than_are_let(tmp_path: Path):
    body = """
      const line = [];
      for (let k = 0; k <= 100; k += 1) line.push([k / 100, 0.1]);
      for (let k = 1; k <= 50; k += 1) line.push([1, 0.1 + k / 100]);
      const wild = Array.from({length: 400}, (_, k) => [k / 400, (k * 7919 % 100) / 100]);
      return {corner: stroke(line, 64), most: stroke(wild, 10).length, one: stroke([[2, -1]], 5)};
    """
    told = run(tmp_path, drawing, ("shapes.js",), body)
    assert told["corner"] == [[0, 0.1], [1, 0.1], [1, 0.6]]
    assert told["most"] <= 10
    assert told["one"] == [[1, 0]]


@pytest.mark.parametrize(
    ("points", "crosses"),
    [
        ([[0, 0], [1, 0], [1, 1]], False),
        ([[0, 0], [1, 0], [1, 1], [0, 1]], False),
        ([[0, 0], [1, 1], [1, 0], [0, 1]], True),
        ([[0, 0], [2, 0], [2, 2], [1, 0.5], [0, 2]], False),
        ([[0, 0], [2, 0], [2, 2], [1, -1], [0, 2]], True),
    ],
)
def test_a_zone_that_crosses_itself_is_noticed(tmp_path: Path, points, crosses: bool):
    assert run(tmp_path, drawing, ("shapes.js",), "return crossing(given);", points) is crosses


def test_a_box_is_told_by_its_upper_left_and_lower_right_corner(tmp_path: Path):
    body = "return [corners(given), outline('box', given).length, closed('zone', 2)];"
    told = run(tmp_path, drawing, ("shapes.js",), body, [[0.6, 0.2], [0.1, 0.7]])
    assert told == [[[0.1, 0.2], [0.6, 0.7]], 4, False]
