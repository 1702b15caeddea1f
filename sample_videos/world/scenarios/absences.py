"""When somebody goes out of a fixed camera's sight and comes back: hidden, or out of the picture.

Computed from where everybody was and what stands still, before anything is drawn; what moves
hides nobody here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sample_videos.world.camera import View
from sample_videos.world.layout import Layout
from sample_videos.world.scene import Body, Camera, Points, Pose
from sample_videos.world.traffic.run import Cast, Run
from sample_videos.world.truth_motion import WorldEvent

HIDDEN_S = (1.5, 5.0)
AWAY_S = (3.0, 12.0)
_STEP_S = 0.1
_SEEN_S = 0.8
_SHOWS = 0.6
_OUT, _HIDDEN, _PARTLY, _SEEN = range(4)
_WALLS = ("building", "kiosk", "board")
States = npt.NDArray[np.int64]


def absences(
    run: Run, cast: Cast, layout: Layout, camera: Camera, picture: tuple[int, int]
) -> list[WorldEvent]:
    """Events "hidden" and "returns" of every object, from going to coming back, seconds.

    hidden: HIDDEN_S wholly behind something that stands still, inside the picture; returns:
    AWAY_S wholly out of the picture. Before and after both it shows for 0.8 s or more.
    picture: width, height in pixels.
    """
    view = View.of(camera, picture)
    walls = _walls(cast, layout)
    still = {s.body.object_id for s in cast.stills}
    out = []
    for body in cast.bodies:
        if body.object_id in still or body.object_id not in run.lives:
            continue
        states = _states(run, body, view, walls)
        for kind, state, (least, most) in (
            ("hidden", _HIDDEN, HIDDEN_S),
            ("returns", _OUT, AWAY_S),
        ):
            for a, b in _between(states, state):
                if least <= (b - a) * _STEP_S <= most:
                    out.append(WorldEvent(body.object_id, kind, a * _STEP_S, b * _STEP_S))
    return out


def inside_walls(run: Run, layout: Layout) -> list[tuple[float, int]]:
    """(t, id) of the first moment at which each object stands in a kiosk or board."""
    found = []
    for prop in layout.props:
        if prop.kind not in ("kiosk", "board"):
            continue
        c, s = np.cos(prop.heading), np.sin(prop.heading)
        for number, life in run.lives.items():
            d = life.xyh[:, :2] - (prop.x, prop.y)
            along, across = np.abs(d[:, 0] * c + d[:, 1] * s), np.abs(d[:, 1] * c - d[:, 0] * s)
            within = (along < prop.length / 2 + 0.3) & (across < prop.width / 2 + 0.3)
            if within.any():
                found.append((float(life.t_s[int(np.argmax(within))]), number))
    return found


def _between(states: States, state: int) -> list[tuple[int, int]]:
    """Half-open runs of one state with enough of being seen on both sides of each."""
    edges = np.flatnonzero(np.diff(states)) + 1
    starts = [0, *edges.tolist()]
    ends = [*edges.tolist(), len(states)]
    need = round(_SEEN_S / _STEP_S)
    out = []
    for a, b in zip(starts, ends, strict=True):
        if states[a] != state:
            continue
        before = np.flatnonzero(states[:a] == state)
        after = np.flatnonzero(states[b:] == state)
        first = int(before[-1]) + 1 if len(before) else 0
        last = b + int(after[0]) if len(after) else len(states)
        seen = states == _SEEN
        if seen[first:a].sum() >= need and seen[b:last].sum() >= need:
            out.append((a, b))
    return out


def _states(run: Run, body: Body, view: View, walls: Points) -> States:
    """What the camera has of a body, every _STEP_S from 0: out, hidden, partly or well seen."""
    times = np.arange(0.0, run.seconds, _STEP_S)
    poses = [run.lives[body.object_id].at(float(t)) for t in times]
    out = np.full(len(times), _OUT)
    there = [k for k, pose in enumerate(poses) if pose is not None]
    if not there:
        return out
    points = np.stack([_points(pose, body.size_m) for pose in poses if pose is not None])
    flat = points.reshape(-1, 3)
    pixels, depth = view.project(flat)
    inside = (depth > 1.0) & (pixels > 0).all(axis=1)
    inside &= (pixels[:, 0] < view.width) & (pixels[:, 1] < view.height)
    shows = inside & ~_covered(flat, view.origin, walls)
    within = inside.reshape(len(there), -1).mean(axis=1)
    shown = shows.reshape(len(there), -1).mean(axis=1)
    state = np.full(len(there), _PARTLY)
    state[within == 0] = _OUT
    state[(within == 1) & (shown == 0)] = _HIDDEN
    state[shown >= _SHOWS] = _SEEN
    out[there] = state
    return out


def _points(pose: Pose, size_m: tuple[float, float, float]) -> Points:
    """The corners of a body's box, and points between them along its length, (24, 3)."""
    length, width, height = size_m
    c, s = np.cos(pose.heading), np.sin(pose.heading)
    along, across, up = np.meshgrid(
        np.linspace(-0.5, 0.5, 4) * length, np.array([-0.5, 0.5]) * width,
        np.array([0.05, 0.5, 1.0]) * height, indexing="ij",
    )  # fmt: skip
    x = pose.x + along * c - across * s
    y = pose.y + along * s + across * c
    return np.stack([x, y, up], axis=-1).reshape(-1, 3)


def _walls(cast: Cast, layout: Layout) -> Points:
    """What stands still and hides: (N, 6) x, y, heading, length, width, height."""
    rows = [
        (p.x, p.y, p.heading, p.length, p.width, p.height) for p in layout.props if p.kind in _WALLS
    ]
    rows += [(s.x, s.y, s.heading, *s.body.size_m) for s in cast.stills]
    return np.array(rows, dtype=np.float64).reshape(-1, 6)


def _covered(
    points: Points, eye: Points, walls: Sequence[Points] | Points
) -> npt.NDArray[np.bool_]:
    """Which points (N, 3) have a box between them and the eye (slab test on the sight line)."""
    out = np.zeros(len(points), dtype=bool)
    for x, y, heading, length, width, height in walls:
        c, s = np.cos(heading), np.sin(heading)
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        start = (eye - (x, y, 0.0)) @ turn
        way = (points - eye) @ turn
        low = np.array([-length / 2, -width / 2, 0.0])
        high = np.array([length / 2, width / 2, height])
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = (low - start) / way, (high - start) / way
        enter = np.nanmax(np.minimum(a, b), axis=1)
        leave = np.nanmin(np.maximum(a, b), axis=1)
        out |= (enter < leave) & (leave > 0.0) & (enter < 1.0 - 1e-6)
    return out
