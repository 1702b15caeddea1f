"""Things placed by hand round the middle of a straight road: a camera beside it, what stands there.

Frame: u metres along the road, t metres to its left, from its middle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sample_videos.world.camera import View
from sample_videos.world.layout import at
from sample_videos.world.scene import Camera, Points, Prop

_PICTURE = (960, 540)


@dataclass(frozen=True, slots=True)
class Lookout:
    """The middle of a straight road and its direction there, metres and radians."""

    x: float
    y: float
    heading: float

    @staticmethod
    def on(axis: Points, s: float) -> Lookout:
        """The one `s` metres along a road's axis."""
        return Lookout(*at(axis, s))

    def xy(self, u: float, t: float) -> tuple[float, float]:
        c, s = float(np.cos(self.heading)), float(np.sin(self.heading))
        return self.x + u * c - t * s, self.y + u * s + t * c

    def local(self, x: float, y: float) -> tuple[float, float]:
        """The u and t of a point of the world."""
        c, s = float(np.cos(self.heading)), float(np.sin(self.heading))
        dx, dy = x - self.x, y - self.y
        return dx * c + dy * s, dy * c - dx * s

    def line(self, points: Iterable[tuple[float, float]]) -> Points:
        """World points of a line given in this frame, (N, 2)."""
        return np.array([self.xy(u, t) for u, t in points])

    def clear(self, us: Iterable[float], ts: Iterable[float]) -> list[tuple[float, float, float]]:
        """Circles (x, y, radius) on a grid, to be kept free of props."""
        rows = list(ts)
        return [(*self.xy(u, t), 6.0) for u in us for t in rows]

    def camera(self, u: float, back: float, height: float, fov: float, aim: float) -> Camera:
        """A camera `back` metres to the right of the road that looks at (aim, 0)."""
        x, y = self.xy(u, -back)
        ax, ay = self.xy(aim, 0.0)
        focal = _PICTURE[0] / 2 / np.tan(fov / 2)
        down = np.arctan2(height - 0.7, np.hypot(ax - x, ay - y))
        pitch = down + np.arctan(0.05 * _PICTURE[1] / focal)  # more ground than sky
        return Camera(x, y, height, float(np.arctan2(ay - y, ax - x)), float(pitch), fov)

    def prop(
        self, kind: str, u: float, t: float, size_m: tuple[float, float, float], seed: int
    ) -> Prop:
        """Something that stands along the road; size_m: length, width, height."""
        return Prop(kind, *self.xy(u, t), self.heading, *size_m, seed)

    def edge(self, camera: Camera, t: float, side: int) -> float:
        """The u at which the line at t leaves the picture, side +1 or -1 along the road."""
        us = side * np.arange(0.0, 90.0, 0.25)
        ground = np.column_stack([self.line((float(u), t) for u in us), np.zeros(len(us))])
        pixels, depth = View.of(camera, _PICTURE).project(ground)
        out = (depth < 1.0) | (pixels[:, 0] < 0) | (pixels[:, 0] > _PICTURE[0])
        return float(us[int(np.argmax(out))])
