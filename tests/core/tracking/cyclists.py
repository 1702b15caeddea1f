"""People on, beside and past two-wheelers, as a detector with one box for each would see them.

Cuboids on a plane in metres, seen by the pinhole camera of the motion simulator, at any frame rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.tracks import FrameSize, Path, Track
from tests.core.motion.simulator import View

SIZE = FrameSize(1280, 720)
CAMERA = View((0.0, -18.0, 6.0), np.pi / 2, 0.3, 1.0, SIZE)  # looks north, y = 0 in its middle
BODIES = {  # length, width, from, to above the ground, metres
    "bicycle": (1.75, 0.5, 0.0, 1.05),
    "motorcycle": (2.1, 0.7, 0.0, 1.15),
    "rider": (0.8, 0.5, 0.3, 1.75),
    "person": (0.5, 0.55, 0.0, 1.75),
}


@dataclass(frozen=True)
class Way:
    """Positions over time: knots (t, x, y), metres, straight lines between; heads as it goes."""

    knots: tuple[tuple[float, float, float], ...]

    def at(self, t_s):
        k = np.array(self.knots, np.float64)
        xy = np.stack([np.interp(t_s, k[:, 0], k[:, c]) for c in (1, 2)], axis=1)
        ahead = np.stack([np.interp(t_s + 0.05, k[:, 0], k[:, c]) for c in (1, 2)], axis=1)
        step = ahead - xy
        still = np.hypot(*step.T) < 1e-9
        heading = np.where(still, 0.0, np.arctan2(step[:, 1], step[:, 0]))
        return xy, heading


def seen(track_id, body, way, fps=10.0, rng=None, during=None, view=CAMERA, jitter=0.02):
    """The track of one body; during: (t0, t1) spans in which it is found, None for always.

    Trembling is `jitter` of the box size on every edge; frames number the ticks of the clock.
    """
    rng = rng or np.random.default_rng(track_id)
    ticks = np.arange(round(way.knots[0][0] * fps), round(way.knots[-1][0] * fps) + 1)
    t_s = ticks / fps
    xy, heading = way.at(t_s)
    length, width, low, high = BODIES[body]
    signs = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (0, 1)])
    c, s = np.cos(heading)[:, None], np.sin(heading)[:, None]
    dx, dy = signs[:, 0] * length / 2, signs[:, 1] * width / 2
    world = np.stack(
        [
            xy[:, :1] + c * dx - s * dy,
            xy[:, 1:] + s * dx + c * dy,
            np.broadcast_to(low + signs[:, 2] * (high - low), (len(ticks), 8)),
        ],
        axis=2,
    )
    pixels, _ = view.project(world.reshape(-1, 3))
    pixels = pixels.reshape(len(ticks), 8, 2)
    boxes = np.concatenate([pixels.min(axis=1), pixels.max(axis=1)], axis=1)
    size = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))[:, None]
    boxes = boxes + rng.normal(0.0, jitter, boxes.shape) * size
    inside = np.clip(boxes, 0.0, np.tile([SIZE.width, SIZE.height], 2))
    area, whole = (np.prod(np.maximum(b[:, 2:] - b[:, :2], 0.0), axis=1) for b in (inside, boxes))
    keep = area > 0.4 * whole
    if during is not None:
        keep &= np.any([(t_s >= a) & (t_s < b) for a, b in during], axis=0)
    name = "person" if body == "rider" else body
    path = Path(
        ticks[keep].astype(np.int32),
        t_s[keep],
        inside[keep].astype(np.float32),
        np.full(int(keep.sum()), 0.8, np.float32),
        np.zeros(int(keep.sum()), np.bool_),
    )
    return Track(track_id, name, {name: 1.0}, path, (10 * track_id,))
