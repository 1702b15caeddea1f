"""Faces and parts: what a body is built of before a camera sees it.

Body frame: x forward, y left, z up, metres; the origin lies on the ground below the centre.
Parts are convex and painted one after another (layer, then far to near), so back-face culling
is all the hidden-surface removal they need.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sample_videos.world.scene import Points

Rgb = tuple[float, float, float]

GLASS: Rgb = (38.0, 46.0, 54.0)
RUBBER: Rgb = (28.0, 28.0, 30.0)
CHROME: Rgb = (168.0, 172.0, 176.0)
TRIM: Rgb = (44.0, 45.0, 48.0)


@dataclass(frozen=True, slots=True)
class Face:
    """A flat polygon; normal points outwards. material: paint, glass, matt, lamp names.

    two_sided faces are drawn whichever way they look.
    """

    corners: Points
    normal: Points
    rgb: Rgb
    material: str = "paint"
    two_sided: bool = False


@dataclass(frozen=True, slots=True)
class Joint:
    """A swing of one part about an axis along y: amplitude in radians, at the walk's phase."""

    pivot: tuple[float, float, float]
    amplitude: float
    shift: float
    turns: bool = False


@dataclass(slots=True)
class Part:
    """A convex piece of a body, with the faces lying on it in painting order."""

    layer: int = 0
    joint: Joint | None = None
    faces: list[Face] = field(default_factory=list)
    balls: list[tuple[tuple[float, float, float], float, Rgb, str]] = field(default_factory=list)

    def add(
        self,
        corners: Sequence[Sequence[float]] | Points,
        rgb: Rgb,
        material: str = "paint",
        *,
        outward: Sequence[float] | None = None,
        normal: Sequence[float] | None = None,
        two_sided: bool = False,
    ) -> None:
        """Add a polygon; its normal is `normal`, or its own, turned to the side of `outward`."""
        points = np.asarray(corners, float)
        if normal is not None:
            self.faces.append(Face(points, np.asarray(normal, float), rgb, material, two_sided))
            return
        own = np.cross(points[1] - points[0], points[2] - points[0])
        length = float(np.linalg.norm(own))
        if length < 1e-9:
            return
        own = own / length
        if outward is not None and float(own @ np.asarray(outward, float)) < 0:
            points, own = points[::-1], -own
        self.faces.append(Face(points, own, rgb, material, two_sided))

    def ball(
        self, centre: tuple[float, float, float], radius: float, rgb: Rgb, material: str = "matt"
    ) -> None:
        self.balls.append((centre, radius, rgb, material))


def loft(
    part: Part,
    profile: Sequence[tuple[float, float, float]],
    rgb: Rgb,
    *,
    materials: dict[int, tuple[Rgb, str]] | None = None,
) -> None:
    """A convex side outline (x, z, half width), clockwise from the left side, made solid.

    materials: edge number -> colour and material of that strip, when not the body's.
    """
    outline = np.asarray(profile, float)
    left = np.column_stack([outline[:, 0], outline[:, 2], outline[:, 1]])
    right = left * (1.0, -1.0, 1.0)
    middle = left.mean(axis=0) * (1.0, 0.0, 1.0)
    for i in range(len(outline)):
        j = (i + 1) % len(outline)
        strip = np.array([left[i], left[j], right[j], right[i]])
        colour, material = (materials or {}).get(i, (rgb, "paint"))
        part.add(strip, colour, material, outward=strip.mean(axis=0) - middle)
    # A flank whose width changes with height is not quite flat: three of its corners would give a
    # normal that can point anywhere.
    part.add(left, rgb, normal=(0.0, 1.0, 0.0))
    part.add(right, rgb, normal=(0.0, -1.0, 0.0))


def box(
    part: Part,
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    rgb: Rgb,
    *,
    taper: float = 1.0,
    material: str = "paint",
) -> None:
    """A box between two corners; taper < 1 makes its top smaller."""
    x0, y0, z0 = low
    x1, y1, z1 = high
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    base = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    lower = np.array([(x, y, z0) for x, y in base])
    upper = np.array([(mx + (x - mx) * taper, my + (y - my) * taper, z1) for x, y in base])
    middle = (lower.mean(axis=0) + upper.mean(axis=0)) / 2
    for i in range(4):
        j = (i + 1) % 4
        side = np.array([lower[i], lower[j], upper[j], upper[i]])
        part.add(side, rgb, material, outward=side.mean(axis=0) - middle)
    part.add(upper, rgb, material, outward=(0, 0, 1))


def disc(
    part: Part,
    centre: tuple[float, float, float],
    radius: float,
    rgb: Rgb,
    *,
    side: float,
    count: int = 12,
    material: str = "matt",
    two_sided: bool = False,
) -> None:
    """A wheel-like disc in the x-z plane, looking to y = side."""
    angles = np.arange(count) * (2 * math.pi / count)
    corners = np.column_stack(
        [
            centre[0] + radius * np.cos(angles),
            np.full(count, centre[1]),
            centre[2] + radius * np.sin(angles),
        ]
    )
    part.add(corners, rgb, material, outward=(0.0, side, 0.0), two_sided=two_sided)


@dataclass(frozen=True, slots=True)
class Mesh:
    """A body as flat arrays, ready for many frames.

    points: (V, 3) all face corners, then ball centres. faces: per face (start, stop) into points.
    normals, rgb: (F, 3). lambert: (F,) 1 for surfaces that take light. part_of: (F,) part number.
    """

    points: Points
    starts: tuple[tuple[int, int], ...]
    normals: Points
    rgb: Points
    materials: tuple[str, ...]
    two_sided: tuple[bool, ...]
    part_of: tuple[int, ...]
    layers: tuple[int, ...]
    joints: tuple[Joint | None, ...]
    part_points: tuple[tuple[int, int], ...]
    balls: tuple[tuple[int, float, Rgb, str, int], ...]

    @staticmethod
    def of(parts: Sequence[Part]) -> Mesh:
        points: list[Points] = []
        starts: list[tuple[int, int]] = []
        normals, rgb, materials, two_sided, part_of = [], [], [], [], []
        part_points: list[tuple[int, int]] = []
        balls: list[tuple[int, float, Rgb, str, int]] = []
        count = 0
        for number, part in enumerate(p for p in parts if p.faces or p.balls):
            first = count
            for face in part.faces:
                points.append(face.corners)
                starts.append((count, count + len(face.corners)))
                count += len(face.corners)
                normals.append(face.normal)
                rgb.append(face.rgb)
                materials.append(face.material)
                two_sided.append(face.two_sided)
                part_of.append(number)
            for centre, radius, colour, material in part.balls:
                points.append(np.array([centre], float))
                balls.append((count, radius, colour, material, number))
                count += 1
            part_points.append((first, count))
        return Mesh(
            points=np.concatenate(points),
            starts=tuple(starts),
            normals=np.array(normals, float).reshape(-1, 3),
            rgb=np.array(rgb, float).reshape(-1, 3),
            materials=tuple(materials),
            two_sided=tuple(two_sided),
            part_of=tuple(part_of),
            layers=tuple(p.layer for p in parts if p.faces or p.balls),
            joints=tuple(p.joint for p in parts if p.faces or p.balls),
            part_points=tuple(part_points),
            balls=tuple(balls),
        )

    def posed(self, phase: float) -> tuple[Points, Points]:
        """Points and normals with every joint at this phase of the step."""
        if not any(self.joints):
            return self.points, self.normals
        points, normals = self.points.copy(), self.normals.copy()
        part_of = np.array(self.part_of)
        for number, joint in enumerate(self.joints):
            if joint is None:
                continue
            angle = (
                phase + joint.shift
                if joint.turns
                else (joint.amplitude * math.sin(phase + joint.shift))
            )
            c, s = math.cos(angle), math.sin(angle)
            turn = np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
            first, last = self.part_points[number]
            pivot = np.array(joint.pivot)
            points[first:last] = (points[first:last] - pivot) @ turn.T + pivot
            normals[part_of == number] = normals[part_of == number] @ turn.T
        return points, normals
