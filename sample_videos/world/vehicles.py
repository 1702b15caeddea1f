"""Vans, trucks and buses as parts, and the choice of builder for any four-wheeled body."""

from __future__ import annotations

import numpy as np

from sample_videos.world.bodywork import cross, ends, sides, wheels
from sample_videos.world.cars import car, pickup
from sample_videos.world.meshes import GLASS, TRIM, Part, Rgb, box, loft
from sample_videos.world.scene import Body


def vehicle_parts(body: Body, paint: Rgb, second: Rgb) -> list[Part]:
    """The parts of a four-wheeled body. Raises ValueError for a kind that has none."""
    rng = np.random.default_rng([body.seed, 17])
    length, width, height = body.size_m
    half = width / 2
    if body.kind == "car":
        return car(body.variant, length, half, height, paint, rng)
    if body.kind == "van":
        return _van(body.variant, length, half, height, paint, rng)
    if body.kind == "bus":
        return _bus(body.variant, length, half, height, paint, rng)
    if body.kind == "truck" and body.variant == "pickup":
        return pickup(length, half, height, paint)
    if body.kind == "truck":
        return _truck(body.variant, length, half, height, paint, second, rng)
    raise ValueError(f"{body.kind} has no wheels on four corners")


def _van(
    variant: str,
    length: float,
    half: float,
    height: float,
    paint: Rgb,
    rng: np.random.Generator,
) -> list[Part]:
    end = length / 2
    hull = Part(layer=0)
    loft(
        hull,
        [
            (end, 0.30, half * 0.94),
            (end, 0.85, half * 0.96),
            (end - 0.45, 1.18, half * 0.97),
            (end - 1.25, height * 0.94, half * 0.90),
            (end - 1.7, height, half * 0.88),
            (-end + 0.1, height, half * 0.88),
            (-end, height * 0.9, half * 0.92),
            (-end, 0.32, half * 0.96),
        ],
        paint,
    )
    levels = (1.0, half * 0.985, height, half * 0.885)
    ends(hull, length, half * 0.94, 0.42, 0.92, wide=0.28)
    cross(
        hull,
        (end - 0.50, 1.24),
        (end - 1.16, height * 0.90),
        half * 0.86,
        half * 0.80,
        GLASS,
        "glass",
        (0.8, 0.0, 0.6),
    )
    sides(
        hull,
        [
            (end - 1.75, 1.22),
            (end - 0.75, 1.22),
            (end - 1.25, height * 0.85),
            (end - 1.75, height * 0.85),
        ],
        levels,
        GLASS,
        "glass",
    )
    sides(
        hull,
        [(-end + 0.1, 0.34), (end - 0.1, 0.34), (end - 0.1, 0.5), (-end + 0.1, 0.5)],
        (0, half, 1, half),
        TRIM,
        "matt",
    )
    if variant == "minibus":
        for k in range(2):
            x = end - 2.0 - k * 1.62
            sides(
                hull,
                [(x - 1.5, 1.22), (x, 1.22), (x, height * 0.85), (x - 1.5, height * 0.85)],
                levels,
                GLASS,
                "glass",
            )
        cross(
            hull,
            (-end, 1.3),
            (-end, height * 0.84),
            half * 0.8,
            half * 0.76,
            GLASS,
            "glass",
            (-1, 0, 0.05),
        )
    else:
        seam = (paint[0] * 0.6, paint[1] * 0.6, paint[2] * 0.6)
        sides(
            hull,
            [
                (end - 2.0, 0.5),
                (end - 1.97, 0.5),
                (end - 1.97, height * 0.9),
                (end - 2.0, height * 0.9),
            ],
            levels,
            seam,
            "paint",
        )
        cross(hull, (-end, 0.5), (-end, height * 0.86), 0.02, 0.02, seam, "paint", (-1, 0, 0.02))
        if rng.random() < 0.6:
            logo = [float(c) for c in rng.integers(30, 220, 3)]
            x = -end + 0.5 + float(rng.uniform(0, 0.6))
            sides(
                hull,
                [(x, 1.15), (x + 1.7, 1.15), (x + 1.55, 1.75), (x + 0.15, 1.75)],
                levels,
                (logo[0], logo[1], logo[2]),
                "matt",
            )
    wheels(hull, (end * 0.62, -end * 0.60), half, 0.36, (120, 122, 126))
    return [hull]


def _truck(
    variant: str,
    length: float,
    half: float,
    height: float,
    paint: Rgb,
    second: Rgb,
    rng: np.random.Generator,
) -> list[Part]:
    end = length / 2
    frame = Part(layer=0)
    box(
        frame, (-end + 0.1, -half * 0.8, 0.45), (end - 0.3, half * 0.8, 0.95), TRIM, material="matt"
    )
    wheels(frame, (end - 1.1, -end + 1.0, -end + 2.1), half * 0.96, 0.46, (128, 130, 132))
    cab = Part(layer=1)
    top = min(height, 2.75)
    loft(
        cab,
        [
            (end, 0.5, half * 0.95),
            (end, 1.35, half * 0.96),
            (end - 0.14, top * 0.9, half * 0.92),
            (end - 0.45, top, half * 0.88),
            (end - 1.95, top, half * 0.88),
            (end - 1.95, 0.6, half * 0.95),
        ],
        paint,
    )
    cross(
        cab,
        (end - 0.01, 1.42),
        (end - 0.15, top * 0.88),
        half * 0.86,
        half * 0.82,
        GLASS,
        "glass",
        (1, 0, 0.12),
    )
    sides(
        cab,
        [(end - 1.15, 1.4), (end - 0.16, 1.4), (end - 0.26, top * 0.86), (end - 1.15, top * 0.86)],
        (0.5, half * 0.955, top, half * 0.885),
        GLASS,
        "glass",
    )
    ends(cab, length, half * 0.92, 0.62, 1.1, wide=0.26)
    load = Part(layer=1)
    if variant == "box":
        box(load, (-end, -half, 0.95), (end - 2.15, half, height), second)
        flank = (0.0, half, 1.0, half)
        if rng.random() < 0.65:
            logo = [float(c) for c in rng.integers(30, 230, 3)]
            x = -end + 0.8
            z = 1.5 + float(rng.uniform(0, 0.4))
            sides(
                load,
                [(x, z), (end - 3.2, z), (end - 3.2, z + 0.8), (x, z + 0.8)],
                flank,
                (logo[0], logo[1], logo[2]),
                "matt",
            )
        rear = (second[0] * 0.8, second[1] * 0.8, second[2] * 0.8)
        cross(
            load,
            (-end, 1.05),
            (-end, height - 0.1),
            half * 0.9,
            half * 0.9,
            rear,
            "paint",
            (-1, 0, 0.0),
        )
        cross(
            load,
            (-end - 0.01, 1.05),
            (-end - 0.01, height - 0.1),
            0.03,
            0.03,
            TRIM,
            "matt",
            (-1, 0, 0.0),
        )
    else:
        wood = (134.0, 104.0, 70.0)
        box(load, (-end, -half, 0.95), (end - 2.1, half, 1.1), wood, material="matt")
        rail = Part(layer=2)
        for side in (1.0, -1.0):
            y = side * half
            rail.add(
                [(-end, y, 1.1), (end - 2.1, y, 1.1), (end - 2.1, y, 1.5), (-end, y, 1.5)],
                paint,
                outward=(0, side, 0),
                two_sided=True,
            )
        rail.add(
            [(-end, -half, 1.1), (-end, half, 1.1), (-end, half, 1.5), (-end, -half, 1.5)],
            paint,
            outward=(-1, 0, 0),
            two_sided=True,
        )
        cargo = Part(layer=2)
        if rng.random() < 0.7:
            crate = float(rng.uniform(1.0, 1.0 + (length - 5.0) * 0.4))
            box(
                cargo,
                (-end + 0.5, -half * 0.75, 1.1),
                (-end + 0.5 + crate * 1.6, half * 0.75, 1.1 + crate * 0.6),
                second,
                material="matt",
            )
            return [frame, cab, load, cargo, rail]
        return [frame, cab, load, rail]
    return [frame, cab, load]


def _bus(
    variant: str,
    length: float,
    half: float,
    height: float,
    paint: Rgb,
    rng: np.random.Generator,
) -> list[Part]:
    end = length / 2
    sill = 1.05 if variant == "city" else 1.6
    hull = Part(layer=0)
    loft(
        hull,
        [
            (end, 0.32, half * 0.97),
            (end, sill, half * 0.985),
            (end - 0.16, height * 0.96, half * 0.96),
            (end - 0.4, height, half * 0.93),
            (-end + 0.15, height, half * 0.93),
            (-end, height * 0.94, half * 0.97),
            (-end, 0.36, half * 0.98),
        ],
        paint,
    )
    flank = (0.3, half, height, half * 0.975)
    high = height * 0.86
    sides(
        hull,
        [(-end + 0.25, sill), (end - 0.25, sill), (end - 0.30, high), (-end + 0.25, high)],
        flank,
        GLASS,
        "glass",
    )
    count = 6 if variant == "city" else 7
    pitch = (length - 0.6) / count
    for k in range(1, count):
        x = -end + 0.3 + k * pitch
        sides(
            hull, [(x, sill), (x + 0.09, sill), (x + 0.09, high), (x, high)], flank, paint, "paint"
        )
    if variant == "city":
        for x in (end - 1.75, -0.5):
            corners = [(x, 0.42, 0.0), (x + 1.2, 0.42, 0.0), (x + 1.2, high, 0.0), (x, high, 0.0)]
            door = [(c[0], -half - 0.02, c[1]) for c in corners]
            hull.add(door, (52, 60, 68), "glass", outward=(0, -1, 0))
    stripe = rng.integers(30, 230, 3).astype(float)
    if rng.random() < 0.55:
        sides(
            hull,
            [(-end + 0.1, 0.55), (end - 0.2, 0.55), (end - 0.2, 0.74), (-end + 0.1, 0.74)],
            flank,
            (stripe[0], stripe[1], stripe[2]),
            "paint",
        )
    cross(
        hull,
        (end - 0.01, sill - 0.1),
        (end - 0.15, height * 0.80),
        half * 0.9,
        half * 0.88,
        GLASS,
        "glass",
        (1, 0, 0.08),
    )
    cross(
        hull,
        (end - 0.12, height * 0.84),
        (end - 0.17, height * 0.94),
        half * 0.7,
        half * 0.7,
        (250, 176, 40),
        "sign",
        (1, 0, 0.08),
    )
    cross(
        hull,
        (-end, height * 0.56),
        (-end, height * 0.84),
        half * 0.84,
        half * 0.82,
        GLASS,
        "glass",
        (-1, 0, 0.02),
    )
    ends(hull, length, half * 0.96, 0.45, 0.85, wide=0.2)
    wheels(hull, (end - 2.6, -end + 3.2), half, 0.48, (140, 142, 146))
    roof = Part(layer=1)
    box(
        roof,
        (-end + 2.0, -half * 0.5, height),
        (-end + 4.2, half * 0.5, height + 0.22),
        (paint[0] * 0.85, paint[1] * 0.85, paint[2] * 0.85),
        taper=0.9,
    )
    return [hull, roof]
