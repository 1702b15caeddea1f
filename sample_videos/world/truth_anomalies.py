"""What somebody did that nobody else does there, and when: from the script and the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sample_videos.world.layout import Layout
from sample_videos.world.traffic.run import Run

_STILL_M_S = 0.15
_ON_LANE_M = 1.8  # from the middle of a lane
_LEAST_S = 0.4


@dataclass(frozen=True, slots=True)
class PlannedAnomaly:
    """Somebody whom a script has do what is unusual. kind: one of misdeeds' names."""

    object_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Anomaly:
    """The same after the run: object_id does `kind` from t0_s to t1_s, seconds of the clip."""

    object_id: int
    kind: str
    t0_s: float
    t1_s: float


def anomalies(planned: Sequence[PlannedAnomaly], run: Run, layout: Layout) -> list[Anomaly]:
    """Those planned that came to pass inside the clip, with the time from first to last.

    A wrong way lasts as long as the lane against its direction, a U-turn as long as its arc, a
    stop as long as the car stands, a walk on the road as long as its feet are on a lane.
    """
    out = []
    for one in planned:
        life = run.lives.get(one.object_id)
        if life is None or len(life.poses) < 10:
            continue
        if one.kind == "wrong_way":
            doing = np.array([name == "against" for name in life.strips])
        elif one.kind == "u_turn":
            doing = np.array([name == "u_turn" for name in life.strips])
        elif one.kind == "stopped_car":
            step = np.hypot(*np.diff(life.xyh[:, :2], axis=0, prepend=life.xyh[:1, :2] - 1.0).T)
            doing = step / max(float(np.diff(life.t_s[:2])[0]), 1e-9) < _STILL_M_S
            doing = np.logical_and.accumulate(doing[::-1])[::-1]  # its last stop, for good
        else:
            doing = _on_lanes(life.xyh[:, :2], layout)
        when = life.t_s[doing & (life.t_s <= run.seconds)]
        if len(when) and when[-1] - when[0] >= _LEAST_S:
            out.append(Anomaly(one.object_id, one.kind, float(when[0]), float(when[-1])))
    return out


def _on_lanes(xy: np.ndarray, layout: Layout) -> np.ndarray:
    """(N,) whether points lie on a lane of a road."""
    near = np.zeros(len(xy), np.bool_)
    for strip in layout.strips.values():
        if strip.turn:
            continue
        along = np.gradient(strip.points, axis=0)
        aside = np.stack([-along[:, 1], along[:, 0]], axis=1)
        aside /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
        for offset in strip.lanes:
            line = strip.points + offset * aside
            apart = np.hypot(xy[:, None, 0] - line[:, 0], xy[:, None, 1] - line[:, 1])
            near |= apart.min(axis=1) <= _ON_LANE_M
    return near
