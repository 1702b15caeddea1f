"""Writes the truth of a rendered clip anew, without rendering: its questions, as they are now.

The traffic is run again from scenario and seed, and what the camera saw is read from gt.txt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sample_videos.world.scenarios.catalogue import clip
from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.truth import truth, write_views
from sample_videos.world.truth_seen import Seen, Sightings

_SAME_M = 0.01


class RetellingError(Exception):
    """A folder whose truth cannot be told anew; the message says why, for people."""


def retell(folder: Path) -> int:
    """Write `truth.json` (and gt/camera.txt) of a folder anew; returns the number of questions.

    Raises RetellingError for a folder without a rendered world, or one that another version of
    the world rendered.
    """
    path = folder / "truth.json"
    try:
        before: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        sightings = sightings_of(folder / "gt" / "gt.txt", before)
        made = clip(str(before["scenario"]), int(before["seed"]), sightings.frames / sightings.fps)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise RetellingError(f"{folder} holds no rendered world: {problem}.") from problem
    _compare(before, made, folder)
    content = truth(made, sightings, str(before["video"]))
    write_views(folder, made, sightings)
    fresh = path.with_name(".truth.json.partial")
    fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)
    return len(content["queries"])


def sightings_of(gt: Path, stated: Mapping[str, Any]) -> Sightings:
    """What the camera saw, from the lines of gt.txt."""
    sightings = Sightings(float(stated["fps"]), (int(stated["width"]), int(stated["height"])))
    rows = np.loadtxt(gt, delimiter=",", ndmin=2)
    for frame, number, x, y, w, h, _, _, visibility in rows:
        seen = sightings.objects.setdefault(int(number), Seen())
        seen.frames.append(int(frame) - 1)
        seen.boxes.append((float(x), float(y), float(w), float(h)))
        seen.visibility.append(float(visibility))
    sightings.frames = int(stated["frames"])
    return sightings


def _compare(before: Mapping[str, Any], made: Clip, folder: Path) -> None:
    """The same scenario, seed and length must still give the same traffic and camera."""
    bodies = {body.object_id: body for body in made.bodies}
    base = made.camera.base
    placed = np.array([base.x, base.y, base.z])
    stood = np.array([before["camera"][name] for name in ("x", "y", "z")])
    same = all(
        (body := bodies.get(int(one["id"]))) is not None
        and (body.kind, body.variant, body.colour) == (one["type"], one["variant"], one["colour"])
        for one in before["objects"]
    )
    if not same or np.abs(placed - stood).max() > _SAME_M:
        raise RetellingError(
            f"{folder} was rendered by another version of the world, whose traffic was different: "
            "render it again."
        )
