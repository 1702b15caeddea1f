"""Painting one body or prop: posed, projected, lit, far faces first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sample_videos.world.camera import NEAR_M, View
from sample_videos.world.lighting import LAMP_COLOUR, Illumination
from sample_videos.world.meshes import Mesh, Rgb
from sample_videos.world.scene import Points

Image = npt.NDArray[np.uint8]
_SHIFT = 4
_SCALE = 1 << _SHIFT


@dataclass(frozen=True, slots=True)
class Placed:
    """A mesh standing in the world, seen by a view.

    points: (V, 3) metres. pixels: (V, 2). depths: (V,) metres. radii_px: per ball, pixels.
    """

    mesh: Mesh
    points: Points
    normals: Points
    pixels: Points
    depths: Points
    radii_px: tuple[float, ...]
    depth: float

    @property
    def outline(self) -> Points:
        """(N, 2) pixels whose convex hull is the silhouette."""
        if not self.mesh.balls:
            return self.pixels
        around = [self.pixels]
        for (index, *_), radius in zip(self.mesh.balls, self.radii_px, strict=True):
            centre = self.pixels[index]
            around.append(centre + radius * np.array([(0, -1), (0, 1), (-1, 0), (1, 0)]))
        return np.concatenate(around)


def place(
    mesh: Mesh, view: View, x: float, y: float, heading: float, *, phase: float = 0.0
) -> Placed | None:
    """The mesh at a spot, or None when any of it lies behind the camera."""
    points, normals = mesh.posed(phase)
    c, s = math.cos(heading), math.sin(heading)
    turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    world = points @ turn + (x, y, 0.0)
    pixels, depths = view.project(world)
    if depths.min() < NEAR_M:
        return None
    radii = tuple(ball[1] * view.focal_px / float(depths[ball[0]]) for ball in mesh.balls)
    centre = np.array([[x, y, 0.0]])
    depth = float(view.project(centre)[1][0])
    return Placed(mesh, world, normals @ turn, pixels, depths, radii, depth)


def paint(
    canvas: Image,
    view: View,
    placed: Placed,
    light: Illumination,
    *,
    lamp_level: float = 0.0,
    glowing: Mapping[str, Rgb] | None = None,
    line: int = cv2.LINE_AA,
) -> None:
    """Draw on a uint8 RGB canvas; `glowing` maps material names to their colour when lit."""
    mesh = placed.mesh
    colours = _face_colours(placed, light, lamp_level, glowing or {})
    corners = np.round(placed.pixels * _SCALE).astype(np.int32)
    # A face looks at the camera when its normal points from it towards the camera.
    firsts = placed.points[[start for start, _ in mesh.starts]]
    towards = np.einsum("ij,ij->i", placed.normals, view.origin - firsts) > 0
    order = sorted(
        range(len(mesh.layers)),
        key=lambda n: (mesh.layers[n], -_part_depth(placed, n)),
    )
    by_part: list[list[int]] = [[] for _ in mesh.layers]
    for face, part in enumerate(mesh.part_of):
        if towards[face] or mesh.two_sided[face]:
            by_part[part].append(face)
    balls_of: list[list[int]] = [[] for _ in mesh.layers]
    for number, ball in enumerate(mesh.balls):
        balls_of[ball[4]].append(number)
    for part in order:
        for face in by_part[part]:
            start, stop = mesh.starts[face]
            cv2.fillConvexPoly(canvas, corners[start:stop], colours[face].tolist(), line, _SHIFT)
        for number in sorted(balls_of[part], key=lambda n: -placed.depths[mesh.balls[n][0]]):
            _paint_ball(canvas, placed, number, light, lamp_level, line)


def _part_depth(placed: Placed, part: int) -> float:
    first, last = placed.mesh.part_points[part]
    return float(placed.depths[first:last].mean())


def _face_colours(
    placed: Placed, light: Illumination, lamp_level: float, glowing: Mapping[str, Rgb]
) -> Points:
    mesh = placed.mesh
    shade = light.shade(placed.normals)
    up = np.clip(placed.normals[:, 2:3], 0.0, 1.0)
    if lamp_level > 0:
        shade = shade + lamp_level * LAMP_COLOUR * (0.25 + 0.45 * up) * (0.4 + 0.6 * light.night)
    colours = mesh.rgb * shade
    for index, material in enumerate(mesh.materials):
        if material == "glass":
            mirrored = 0.10 + 0.30 * float(up[index, 0]) ** 0.7
            colours[index] += light.horizon * mirrored
        elif material == "paint":
            colours[index] += light.zenith * 0.10 * float(up[index, 0])
        elif material == "lit":
            colours[index] = mesh.rgb[index]
        elif material == "sign":
            colours[index] = np.maximum(
                colours[index], mesh.rgb[index] * (0.55 + 0.4 * light.night)
            )
        if material in glowing:
            colours[index] = glowing[material]
    fog = float(light.fog_at(np.array([placed.depth]))[0])
    colours = colours * (1.0 - fog) + light.fog_colour * fog
    return np.clip(colours, 0, 255)


def _paint_ball(
    canvas: Image,
    placed: Placed,
    number: int,
    light: Illumination,
    lamp_level: float,
    line: int,
) -> None:
    index, _, rgb, material, _ = placed.mesh.balls[number]
    radius = placed.radii_px[number]
    centre = placed.pixels[index]
    fog = float(light.fog_at(np.array([placed.depth]))[0])
    for normal, shrink, shift in (((0.0, 0.6, 0.35), 1.0, 0.0), ((0.3, 0.3, 0.9), 0.66, -0.22)):
        shade = light.shade(np.array([normal]))[0]
        shade = shade + lamp_level * LAMP_COLOUR * 0.4 * (0.4 + 0.6 * light.night)
        colour = np.asarray(rgb) * (np.ones(3) if material == "lit" else shade)
        colour = np.clip(colour * (1 - fog) + light.fog_colour * fog, 0, 255)
        spot = centre + shift * radius
        cv2.circle(
            canvas,
            (round(spot[0] * _SCALE), round(spot[1] * _SCALE)),
            max(1, round(radius * shrink * _SCALE)),
            colour.tolist(),
            -1,
            line,
            _SHIFT,
        )
