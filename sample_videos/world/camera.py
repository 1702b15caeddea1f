"""A pinhole camera: world metres to picture pixels and back, with clipping."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sample_videos.world.scene import Camera, Points

NEAR_M = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """One camera's projection for one picture size.

    origin: (3,) metres. axes: (3, 3) rows right, down, forward in world coordinates.
    focal_px: same for both axes. cx, cy: principal point, pixels.
    """

    origin: Points
    axes: Points
    focal_px: float
    cx: float
    cy: float
    width: int
    height: int

    @staticmethod
    def of(camera: Camera, size: tuple[int, int], *, widen: float = 1.0) -> View:
        """The view of a camera; widen > 1 adds a margin on every side at the same scale."""
        width, height = size
        cos_p, sin_p = math.cos(camera.pitch), math.sin(camera.pitch)
        cos_y, sin_y = math.cos(camera.yaw), math.sin(camera.yaw)
        forward = np.array([cos_y * cos_p, sin_y * cos_p, -sin_p])
        right = np.array([sin_y, -cos_y, 0.0])
        down = np.cross(forward, right)
        cos_r, sin_r = math.cos(camera.roll), math.sin(camera.roll)
        axes = np.stack([cos_r * right + sin_r * down, cos_r * down - sin_r * right, forward])
        focal = width / 2.0 / math.tan(camera.fov / 2.0)
        wide, tall = math.ceil(width * widen), math.ceil(height * widen)
        origin = np.array([camera.x, camera.y, camera.z])
        return View(origin, axes, focal, wide / 2.0, tall / 2.0, wide, tall)

    def scaled(self, factor: float) -> View:
        """The same view on a picture `factor` times as large."""
        return View(
            self.origin,
            self.axes,
            self.focal_px * factor,
            self.cx * factor,
            self.cy * factor,
            round(self.width * factor),
            round(self.height * factor),
        )

    def to_camera(self, points: Points) -> Points:
        """(N, 3) world metres -> (N, 3) right, down, forward metres."""
        return (points - self.origin) @ self.axes.T

    def project(self, points: Points) -> tuple[Points, Points]:
        """(N, 3) world metres -> (N, 2) pixels and (N,) depth in metres along the view."""
        local = self.to_camera(points)
        depth = np.maximum(local[:, 2], 1e-3)
        pixels = local[:, :2] * (self.focal_px / depth)[:, None] + (self.cx, self.cy)
        return pixels, local[:, 2]

    def project_polygon(self, polygon: Points) -> Points | None:
        """A planar polygon, (N, 3) metres, cut to the view: (M, 2) pixels, None if unseen."""
        local = self.to_camera(polygon)
        slope_x = 1.3 * max(self.cx, self.width - self.cx) / self.focal_px
        slope_y = 1.3 * max(self.cy, self.height - self.cy) / self.focal_px
        for normal, offset in (
            ((0.0, 0.0, 1.0), NEAR_M),
            ((1.0, 0.0, slope_x), 0.0),
            ((-1.0, 0.0, slope_x), 0.0),
            ((0.0, 1.0, slope_y), 0.0),
            ((0.0, -1.0, slope_y), 0.0),
        ):
            local = _clip(local, np.array(normal), offset)
            if len(local) < 3:
                return None
        return local[:, :2] * (self.focal_px / local[:, 2])[:, None] + (self.cx, self.cy)

    def rays(self) -> Points:
        """(H, W, 3) world direction through each pixel's centre, with unit forward part."""
        u = (np.arange(self.width) + 0.5 - self.cx) / self.focal_px
        v = (np.arange(self.height) + 0.5 - self.cy) / self.focal_px
        across, down = u[None, :, None] * self.axes[0], v[:, None, None] * self.axes[1]
        return np.asarray(across + down + self.axes[2])

    def rotation_to(self, other: View) -> Points:
        """(3, 3) homography of this picture to that of a camera at the same place."""
        here = np.array([[self.focal_px, 0, self.cx], [0, self.focal_px, self.cy], [0, 0, 1.0]])
        there = np.array(
            [[other.focal_px, 0, other.cx], [0, other.focal_px, other.cy], [0, 0, 1.0]]
        )
        turned: Points = there @ other.axes @ self.axes.T @ np.linalg.inv(here)
        return turned


def _clip(polygon: Points, normal: Points, offset: float) -> Points:
    """The part of a polygon with normal . p >= offset (Sutherland-Hodgman)."""
    if len(polygon) == 0:
        return polygon
    distance = polygon @ normal - offset
    inside = distance >= 0
    if inside.all():
        return polygon
    kept: list[Points] = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if inside[i]:
            kept.append(polygon[i])
        if inside[i] != inside[j]:
            share = distance[i] / (distance[i] - distance[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept).reshape(-1, 3)
