"""What every four-wheeled body shares: wheels, lamps and plates, things laid on its flanks."""

from __future__ import annotations

import numpy as np

from sample_videos.world.meshes import RUBBER, TRIM, Part, Rgb, disc


def wheels(part: Part, xs: tuple[float, ...], half: float, radius: float, rim: Rgb) -> None:
    """Wheels on both flanks: arch, tyre, rim and hub."""
    for x in xs:
        for side in (1.0, -1.0):
            y = side * (half + 0.012)
            disc(part, (x, y, radius + 0.02), radius * 1.16, (16, 16, 17), side=side)
            disc(part, (x, y * 1.004, radius), radius, RUBBER, side=side)
            disc(part, (x, y * 1.008, radius), radius * 0.6, rim, side=side, count=8)
            disc(part, (x, y * 1.010, radius), radius * 0.2, TRIM, side=side, count=6)


def ends(
    part: Part, length: float, half: float, low: float, high: float, *, wide: float = 0.34
) -> None:
    """Lamps, plates and bumpers on the front (x = length / 2) and the rear face."""
    for front in (True, False):
        x = (length / 2 + 0.012) * (1 if front else -1)
        out = (1.0 if front else -1.0, 0.0, 0.0)
        mid, top = low + (high - low) * 0.45, high
        for side in (1.0, -1.0):
            inner, outer = side * half * (1 - wide), side * half * 0.96
            lamp = [(x, inner, mid), (x, outer, mid), (x, outer, top), (x, inner, top)]
            rgb = (226.0, 228.0, 220.0) if front else (142.0, 16.0, 18.0)
            part.add(lamp, rgb, "headlamp" if front else "taillamp", outward=out)
            corner, tip = side * half * 0.80, side * half * 0.965
            blink = [(x * 1.001, corner, mid), (x * 1.001, tip, mid)]
            blink += [(x * 1.001, tip, mid + 0.09), (x * 1.001, corner, mid + 0.09)]
            name = "blinker_left" if side > 0 else "blinker_right"
            part.add(blink, (176, 98, 28), name, outward=out)
        plate = [(x, -0.26, low + 0.03), (x, 0.26, low + 0.03), (x, 0.26, low + 0.15)]
        part.add([*plate, (x, -0.26, low + 0.15)], (232, 232, 222), "matt", outward=out)
        if front:
            grille = [(x, -half * 0.52, mid), (x, half * 0.52, mid)]
            grille += [(x, half * 0.52, top - 0.04), (x, -half * 0.52, top - 0.04)]
            part.add(grille, TRIM, "matt", outward=out)


def sides(
    part: Part,
    points: list[tuple[float, float]],
    half_at: tuple[float, float, float, float],
    rgb: Rgb,
    material: str,
) -> None:
    """The same polygon of (x, z) laid on both flanks; half_at: (z0, half0, z1, half1)."""
    z0, h0, z1, h1 = half_at
    for side in (1.0, -1.0):
        corners = []
        for x, z in points:
            share = (z - z0) / (z1 - z0) if z1 != z0 else 0.0
            corners.append((x, side * (h0 + (h1 - h0) * share + 0.01), z))
        part.add(corners, rgb, material, outward=(0.0, side, 0.0))


def cross(
    part: Part,
    low: tuple[float, float],
    high: tuple[float, float],
    half_low: float,
    half_high: float,
    rgb: Rgb,
    material: str,
    outward: tuple[float, float, float],
) -> None:
    """A strip across the body between two (x, z) heights, like a windscreen."""
    push = np.array(outward) * 0.012
    corners = np.array(
        [
            (low[0], -half_low, low[1]),
            (low[0], half_low, low[1]),
            (high[0], half_high, high[1]),
            (high[0], -half_high, high[1]),
        ]
    )
    part.add(corners + push, rgb, material, outward=outward)
