"""From which road to which each vehicle of a clip went, from the world's own script.

``python -m sample_videos.world.movements FOLDER...`` runs the traffic of rendered clips again and
writes `movements.json` beside each `truth.json`: no picture is drawn, and nothing of the product
is asked. A road is known by its far end; a vehicle came from one where it was first seen on a strip
that begins there, or at the border of the picture on a trip that does; and likewise where it went.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sample_videos.world.layout import Layout
from sample_videos.world.scenarios.catalogue import clip
from sample_videos.world.scene import Points

_FAR_M = 45.0  # of a strip's end from the middle of the action: where a road leaves the place
_SAME_M = 30.0
_LEAST_VISIBLE = 0.3
_BORDER = 0.02  # of the picture


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sample_videos.world.movements")
    parser.add_argument("folders", nargs="+", type=Path, help="folders with a truth.json")
    for folder in parser.parse_args(arguments).folders:
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        told = movements(truth, _seen(folder / "gt" / "gt.txt", (truth["width"], truth["height"])))
        if told is None:
            sys.stdout.write(
                f"{folder.name}: the world of today draws another clip for this seed\n"
            )
            continue
        (folder / "movements.json").write_text(json.dumps(told), encoding="utf-8")
        sys.stdout.write(
            f"{folder.name}: {len(told['arms'])} arms, {len(told['objects'])} vehicles\n"
        )
    return 0


@dataclass(frozen=True, slots=True)
class Seen:
    """First and last frame in which an object shows; whether its box is at the border then."""

    first: int
    last: int
    comes_in: bool
    goes_out: bool


def _seen(path: Path, size: tuple[int, int]) -> dict[int, Seen]:
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    rows = rows[rows[:, 8] >= _LEAST_VISIBLE]
    found = {}
    for number in np.unique(rows[:, 1]):
        mine = rows[rows[:, 1] == number]
        mine = mine[np.argsort(mine[:, 0], kind="stable")]
        ends = [_touches(box, size) for box in mine[[0, -1], 2:6]]
        found[int(number)] = Seen(int(mine[0, 0]) - 1, int(mine[-1, 0]) - 1, *ends)
    return found


def _touches(box: Points, size: tuple[int, int]) -> bool:
    (x, y, w, h), (width, height) = box, size
    near = _BORDER * np.array([width, height])
    return bool(
        x <= near[0] or y <= near[1] or x + w >= width - near[0] or y + h >= height - near[1]
    )


def movements(truth: dict[str, Any], seen: dict[int, Seen]) -> dict[str, Any] | None:
    """The content of movements.json; None where the clip cannot be made again.

    arms: where each road's far end lies, metres. objects: those that drive, with the number of an
    arm for source and target, -1 where none was seen; "from" and "to": the same by the script,
    before and after the clip too, -1 where the trip begins, or ends, on none.
    """
    made = clip(truth["scenario"], truth["seed"], truth["frames"] / truth["fps"])
    base, kinds = made.camera.base, {body.object_id: body for body in made.bodies}
    there = (truth["camera"]["x"], truth["camera"]["y"], truth["camera"]["yaw"])
    if not np.allclose(there, (base.x, base.y, base.yaw), atol=0.01):
        return None
    ends, arms = _arms(made.layout)
    trips = {trip.body.object_id: trip for trip in made.cast.trips}
    objects = []
    for number, one in sorted(seen.items()):
        life = made.run.lives.get(number)
        if life is None or not life.strips or kinds[number].kind in ("person", "dog"):
            continue
        at = [int(np.clip(np.searchsorted(life.t_s, frame / truth["fps"]), 0, len(life.strips) - 1))
              for frame in (one.first, one.last)]  # fmt: skip
        way = life.xyh[at[0] : at[1] + 1, :2]
        if len(way) < 2 or float(np.hypot(*(way - way[0]).T).max()) < 4.0:
            continue
        source = ends.get((life.strips[at[0]], 0), -1)
        target = ends.get((life.strips[at[1]], 1), -1)
        begins, goes = ends.get((life.strips[0], 0), -1), ends.get((life.strips[-1], 1), -1)
        if number in trips:
            legs = [leg.strip for course in trips[number].courses for leg in course.legs]
            source = ends.get((legs[0], 0), -1) if one.comes_in else source
            target = ends.get((legs[-1], 1), -1) if one.goes_out else target
            begins, goes = ends.get((legs[0], 0), -1), ends.get((legs[-1], 1), -1)
        objects.append({"object": number, "kind": kinds[number].kind, "source": source,
                        "target": target, "from": begins, "to": goes})  # fmt: skip
    return {"arms": [[round(x, 1), round(y, 1)] for x, y in arms], "objects": objects}


def _arms(layout: Layout) -> tuple[dict[tuple[str, int], int], Points]:
    """(strip, 0 for its start or 1 for its end) -> arm, of what lies far out; and the arms."""
    middle = np.asarray(layout.focus[0], np.float64)
    found: dict[tuple[str, int], int] = {}
    arms: list[Points] = []
    for name, strip in layout.strips.items():
        for side, point in enumerate((strip.points[0], strip.points[-1])):
            if np.hypot(*(point - middle)) < _FAR_M:
                continue
            near = [k for k, arm in enumerate(arms) if np.hypot(*(arm - point)) < _SAME_M]
            if not near:
                arms.append(np.asarray(point, np.float64))
            found[name, side] = near[0] if near else len(arms) - 1
    return found, np.array(arms).reshape(-1, 2)


if __name__ == "__main__":
    sys.exit(main())
