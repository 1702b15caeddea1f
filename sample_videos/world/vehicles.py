"""Cars, vans, trucks and buses as parts; looks within a variant differ by the body's seed."""

from __future__ import annotations

import numpy as np

from sample_videos.world.meshes import (
    CHROME,
    GLASS,
    RUBBER,
    TRIM,
    Part,
    Rgb,
    box,
    disc,
    loft,
)
from sample_videos.world.scene import Body


def vehicle_parts(body: Body, paint: Rgb, second: Rgb) -> list[Part]:
    """The parts of a four-wheeled body. Raises KeyError for a kind that has none."""
    rng = np.random.default_rng([body.seed, 17])
    length, width, height = body.size_m
    builders = {
        "car": _car,
        "van": _van,
        "truck": _truck,
        "bus": _bus,
    }
    return builders[body.kind](body.variant, length, width / 2, height, paint, second, rng)


def _wheels(part: Part, xs: tuple[float, ...], half: float, radius: float, rim: Rgb) -> None:
    for x in xs:
        for side in (1.0, -1.0):
            y = side * (half + 0.012)
            disc(part, (x, y, radius + 0.02), radius * 1.16, (16, 16, 17), side=side)
            disc(part, (x, y * 1.004, radius), radius, RUBBER, side=side)
            disc(part, (x, y * 1.008, radius), radius * 0.6, rim, side=side, count=8)
            disc(part, (x, y * 1.010, radius), radius * 0.2, TRIM, side=side, count=6)


def _ends(
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


def _sides(
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


def _cross(
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


def _car(
    variant: str,
    length: float,
    half: float,
    height: float,
    paint: Rgb,
    second: Rgb,
    rng: np.random.Generator,
) -> list[Part]:
    end = length / 2
    belt = height * 0.64
    # Cabin: foot and top of the windscreen, top and foot of the rear window (x).
    front_foot, front_top, rear_top, rear_foot = {
        "sedan": (0.95, 0.22, -1.05, -1.72),
        "taxi": (0.95, 0.22, -1.10, -1.72),
        "hatchback": (0.98, 0.30, -1.45, -1.90),
        "wagon": (1.00, 0.30, -1.95, -2.28),
        "suv": (1.02, 0.42, -1.85, -2.22),
    }[variant]
    bottom = 0.34 if variant == "suv" else 0.24
    lower = Part(layer=0)
    loft(
        lower,
        [
            (end, bottom, half * 0.90),
            (end, belt * 0.62, half * 0.93),
            (end - 0.22, belt * 0.83, half * 0.95),
            (front_foot, belt, half),
            (-end + 0.40, belt * 1.01, half),
            (-end + 0.03, belt * 0.88, half * 0.95),
            (-end, belt * 0.5, half * 0.93),
            (-end, bottom, half * 0.90),
        ],
        paint,
    )
    flank = (0.0, half, 1.0, half)
    trim = TRIM if variant == "suv" or rng.random() < 0.3 else tuple(c * 0.62 for c in paint)
    _sides(lower, [(-end + 0.1, bottom), (end - 0.1, bottom), (end - 0.15, bottom + 0.11),
                   (-end + 0.12, bottom + 0.11)], flank, trim, "matt")
    seam = tuple(c * 0.55 for c in paint)
    for x in (front_foot - 0.05, (front_foot + rear_foot) / 2 - 0.05):
        _sides(lower, [(x, bottom + 0.12), (x + 0.025, bottom + 0.12), (x + 0.025, belt),
                       (x, belt)], flank, seam, "paint")
    shine = tuple(min(255.0, c * 1.12 + 14) for c in paint)
    _sides(lower, [(-end + 0.25, belt * 0.84), (end - 0.45, belt * 0.80),
                   (end - 0.45, belt * 0.835), (-end + 0.25, belt * 0.885)], flank, shine, "paint")
    _ends(lower, length, half * 0.93, bottom + 0.10, belt * 0.74)
    rim = CHROME if rng.random() < 0.7 else (92.0, 94.0, 98.0)
    _wheels(lower, (end * 0.62, -end * 0.60), half, 0.36 if variant == "suv" else 0.32, rim)
    if variant == "taxi":
        for k in range(9):
            x = -1.7 + k * 0.38
            _sides(lower, [(x, belt * 0.66), (x + 0.19, belt * 0.66), (x + 0.19, belt * 0.78),
                           (x, belt * 0.78)], flank, (24, 24, 24), "matt")
    elif rng.random() < 0.22:
        stripe = (235.0, 235.0, 235.0) if sum(paint) < 400 else (60.0, 62.0, 66.0)
        _sides(lower, [(-end + 0.3, belt * 0.52), (end - 0.5, belt * 0.52),
                       (end - 0.5, belt * 0.60), (-end + 0.3, belt * 0.60)], flank, stripe, "paint")

    foot, top = half * 0.93, half * 0.74
    cabin = Part(layer=1)
    loft(cabin, [(front_foot, belt * 0.985, foot), (front_top, height, top),
                 (rear_top, height * 0.99, top), (rear_foot, belt * 0.985, foot)], paint)
    levels = (belt, foot, height, top)
    lift = 0.07
    middle = (front_top + rear_top) / 2 + 0.05
    slope_f, slope_r = front_foot - front_top, rear_top - rear_foot
    share = 0.86
    _sides(cabin, [(middle + 0.05, belt + lift * 0.4), (front_foot - 0.12 * slope_f - 0.10, belt + lift * 0.4),
                   (front_foot - slope_f * share - 0.07, belt + (height - belt) * share),
                   (middle + 0.05, belt + (height - belt) * share)], levels, GLASS, "glass")
    _sides(cabin, [(rear_foot + 0.12 * slope_r + 0.16, belt + lift * 0.4), (middle - 0.05, belt + lift * 0.4),
                   (middle - 0.05, belt + (height - belt) * share),
                   (rear_foot + slope_r * share + 0.12, belt + (height - belt) * share)],
           levels, GLASS, "glass")
    _cross(cabin, (front_foot - 0.06 * slope_f, belt + 0.02), (front_top + 0.08 * slope_f, height - 0.05),
           foot * 0.92, top * 0.92, GLASS, "glass", (0.7, 0.0, 0.7))
    _cross(cabin, (rear_foot + 0.12 * slope_r, belt + 0.06), (rear_top - 0.12 * slope_r, height - 0.07),
           foot * 0.86, top * 0.88, GLASS, "glass", (-0.8, 0.0, 0.5))
    z = height + 0.005
    if variant in ("sedan", "hatchback", "suv") and rng.random() < 0.35:
        cabin.add([(front_top - 0.2, -top * 0.6, z), (front_top - 0.2, top * 0.6, z),
                   (front_top - 0.85, top * 0.6, z), (front_top - 0.85, -top * 0.6, z)],
                  GLASS, "glass", outward=(0, 0, 1))
    extras = Part(layer=2)
    # Mirrors are parts of their own, so that the cabin hides the far one.
    mirrors = (Part(layer=1), Part(layer=1))
    for side, mirror in zip((1.0, -1.0), mirrors, strict=True):
        y = side * (half + 0.16)
        box(mirror, (front_foot - 0.33, min(y, side * half), belt), (front_foot - 0.2, max(y, side * half), belt + 0.13),
            paint)
    if variant in ("suv", "wagon"):
        for side in (1.0, -1.0):
            y = side * top * 0.92
            extras.add([(front_top - 0.1, y - 0.03, z), (front_top - 0.1, y + 0.03, z),
                        (rear_top + 0.1, y + 0.03, z), (rear_top + 0.1, y - 0.03, z)],
                       CHROME, "matt", outward=(0, 0, 1))
    if variant == "taxi":
        box(extras, (-0.62, -0.34, height), (-0.30, 0.34, height + 0.22), (246, 200, 40), material="sign")
    elif rng.random() < 0.12:
        box(extras, (rear_top + 0.2, -top * 0.7, height), (front_top - 0.15, top * 0.7, height + 0.30), TRIM,
            taper=0.9, material="matt")
    return [lower, cabin, *mirrors, extras]


def _van(
    variant: str,
    length: float,
    half: float,
    height: float,
    paint: Rgb,
    second: Rgb,
    rng: np.random.Generator,
) -> list[Part]:
    end = length / 2
    hull = Part(layer=0)
    loft(hull, [(end, 0.30, half * 0.94), (end, 0.85, half * 0.96), (end - 0.45, 1.18, half * 0.97),
                (end - 1.25, height * 0.94, half * 0.90), (end - 1.7, height, half * 0.88),
                (-end + 0.1, height, half * 0.88), (-end, height * 0.9, half * 0.92), (-end, 0.32, half * 0.96)],
         paint)
    levels = (1.0, half * 0.985, height, half * 0.885)
    _ends(hull, length, half * 0.94, 0.42, 0.92, wide=0.28)
    _cross(hull, (end - 0.50, 1.24), (end - 1.16, height * 0.90), half * 0.86, half * 0.80, GLASS, "glass",
           (0.8, 0.0, 0.6))
    _sides(hull, [(end - 1.75, 1.22), (end - 0.75, 1.22), (end - 1.25, height * 0.85), (end - 1.75, height * 0.85)],
           levels, GLASS, "glass")
    _sides(hull, [(-end + 0.1, 0.34), (end - 0.1, 0.34), (end - 0.1, 0.5), (-end + 0.1, 0.5)],
           (0, half, 1, half), TRIM, "matt")
    if variant == "minibus":
        for k in range(2):
            x = end - 2.0 - k * 1.62
            _sides(hull, [(x - 1.5, 1.22), (x, 1.22), (x, height * 0.85), (x - 1.5, height * 0.85)],
                   levels, GLASS, "glass")
        _cross(hull, (-end, 1.3), (-end, height * 0.84), half * 0.8, half * 0.76, GLASS, "glass", (-1, 0, 0.05))
    else:
        seam = tuple(c * 0.6 for c in paint)
        _sides(hull, [(end - 2.0, 0.5), (end - 1.97, 0.5), (end - 1.97, height * 0.9), (end - 2.0, height * 0.9)],
               levels, seam, "paint")
        _cross(hull, (-end, 0.5), (-end, height * 0.86), 0.02, 0.02, seam, "paint", (-1, 0, 0.02))
        if rng.random() < 0.6:
            logo = [float(c) for c in rng.integers(30, 220, 3)]
            x = -end + 0.5 + float(rng.uniform(0, 0.6))
            _sides(hull, [(x, 1.15), (x + 1.7, 1.15), (x + 1.55, 1.75), (x + 0.15, 1.75)], levels,
                   (logo[0], logo[1], logo[2]), "matt")
    _wheels(hull, (end * 0.62, -end * 0.60), half, 0.36, (120, 122, 126))
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
    if variant == "pickup":
        return _pickup(length, half, height, paint)
    frame = Part(layer=0)
    box(frame, (-end + 0.1, -half * 0.8, 0.45), (end - 0.3, half * 0.8, 0.95), TRIM, material="matt")
    _wheels(frame, (end - 1.1, -end + 1.0, -end + 2.1), half * 0.96, 0.46, (128, 130, 132))
    cab = Part(layer=1)
    top = min(height, 2.75)
    loft(cab, [(end, 0.5, half * 0.95), (end, 1.35, half * 0.96), (end - 0.14, top * 0.9, half * 0.92),
               (end - 0.45, top, half * 0.88), (end - 1.95, top, half * 0.88), (end - 1.95, 0.6, half * 0.95)], paint)
    _cross(cab, (end - 0.01, 1.42), (end - 0.15, top * 0.88), half * 0.86, half * 0.82, GLASS, "glass", (1, 0, 0.12))
    _sides(cab, [(end - 1.15, 1.4), (end - 0.16, 1.4), (end - 0.26, top * 0.86), (end - 1.15, top * 0.86)],
           (0.5, half * 0.955, top, half * 0.885), GLASS, "glass")
    _ends(cab, length, half * 0.92, 0.62, 1.1, wide=0.26)
    load = Part(layer=1)
    if variant == "box":
        box(load, (-end, -half, 0.95), (end - 2.15, half, height), second)
        flank = (0.0, half, 1.0, half)
        if rng.random() < 0.65:
            logo = [float(c) for c in rng.integers(30, 230, 3)]
            x = -end + 0.8
            z = 1.5 + float(rng.uniform(0, 0.4))
            _sides(load, [(x, z), (end - 3.2, z), (end - 3.2, z + 0.8), (x, z + 0.8)], flank,
                   (logo[0], logo[1], logo[2]), "matt")
        rear = tuple(c * 0.8 for c in second)
        _cross(load, (-end, 1.05), (-end, height - 0.1), half * 0.9, half * 0.9, rear, "paint", (-1, 0, 0.0))
        _cross(load, (-end - 0.01, 1.05), (-end - 0.01, height - 0.1), 0.03, 0.03, TRIM, "matt", (-1, 0, 0.0))
    else:
        wood = (134.0, 104.0, 70.0)
        box(load, (-end, -half, 0.95), (end - 2.1, half, 1.1), wood, material="matt")
        rail = Part(layer=2)
        for side in (1.0, -1.0):
            y = side * half
            rail.add([(-end, y, 1.1), (end - 2.1, y, 1.1), (end - 2.1, y, 1.5), (-end, y, 1.5)], paint,
                     outward=(0, side, 0), two_sided=True)
        rail.add([(-end, -half, 1.1), (-end, half, 1.1), (-end, half, 1.5), (-end, -half, 1.5)], paint,
                 outward=(-1, 0, 0), two_sided=True)
        cargo = Part(layer=2)
        if rng.random() < 0.7:
            crate = float(rng.uniform(1.0, 1.0 + (length - 5.0) * 0.4))
            box(cargo, (-end + 0.5, -half * 0.75, 1.1), (-end + 0.5 + crate * 1.6, half * 0.75, 1.1 + crate * 0.6),
                second, material="matt")
            return [frame, cab, load, cargo, rail]
        return [frame, cab, load, rail]
    return [frame, cab, load]


def _pickup(length: float, half: float, height: float, paint: Rgb) -> list[Part]:
    end, belt = length / 2, height * 0.60
    lower = Part(layer=0)
    loft(lower, [(end, 0.40, half * 0.92), (end, belt * 0.8, half * 0.95), (end - 0.2, belt * 0.94, half * 0.96),
                 (1.15, belt, half), (-end, belt, half), (-end, 0.42, half * 0.95)], paint)
    bed = [(-end + 0.12, -half * 0.84, belt + 0.01), (-0.75, -half * 0.84, belt + 0.01),
           (-0.75, half * 0.84, belt + 0.01), (-end + 0.12, half * 0.84, belt + 0.01)]
    lower.add(bed, (34, 34, 36), "matt", outward=(0, 0, 1))
    _sides(lower, [(-0.72, 0.5), (-0.69, 0.5), (-0.69, belt), (-0.72, belt)], (0, half, 1, half),
           (paint[0] * 0.5, paint[1] * 0.5, paint[2] * 0.5), "paint")
    _ends(lower, length, half * 0.94, 0.55, belt * 0.85)
    _wheels(lower, (end * 0.64, -end * 0.60), half, 0.40, CHROME)
    cabin = Part(layer=1)
    foot, top = half * 0.93, half * 0.78
    loft(cabin, [(1.15, belt * 0.99, foot), (0.55, height, top), (-0.60, height, top), (-0.72, belt * 0.99, foot)],
         paint)
    levels = (belt, foot, height, top)
    high = belt + (height - belt) * 0.85
    _sides(cabin, [(-0.58, belt + 0.04), (0.22, belt + 0.04), (0.22, high), (-0.52, high)], levels, GLASS, "glass")
    _sides(cabin, [(0.30, belt + 0.04), (0.98, belt + 0.04), (0.58, high), (0.30, high)], levels, GLASS, "glass")
    _cross(cabin, (1.10, belt + 0.03), (0.60, height - 0.06), foot * 0.92, top * 0.92, GLASS, "glass", (0.7, 0, 0.7))
    _cross(cabin, (-0.71, belt + 0.1), (-0.62, height - 0.08), foot * 0.8, top * 0.85, GLASS, "glass", (-1, 0, 0.1))
    return [lower, cabin]


def _bus(
    variant: str,
    length: float,
    half: float,
    height: float,
    paint: Rgb,
    second: Rgb,
    rng: np.random.Generator,
) -> list[Part]:
    end = length / 2
    sill = 1.05 if variant == "city" else 1.6
    hull = Part(layer=0)
    loft(hull, [(end, 0.32, half * 0.97), (end, sill, half * 0.985), (end - 0.16, height * 0.96, half * 0.96),
                (end - 0.4, height, half * 0.93), (-end + 0.15, height, half * 0.93),
                (-end, height * 0.94, half * 0.97), (-end, 0.36, half * 0.98)], paint)
    flank = (0.3, half, height, half * 0.975)
    high = height * 0.86
    _sides(hull, [(-end + 0.25, sill), (end - 0.25, sill), (end - 0.30, high), (-end + 0.25, high)],
           flank, GLASS, "glass")
    count = 6 if variant == "city" else 7
    pitch = (length - 0.6) / count
    for k in range(1, count):
        x = -end + 0.3 + k * pitch
        _sides(hull, [(x, sill), (x + 0.09, sill), (x + 0.09, high), (x, high)], flank, paint, "paint")
    if variant == "city":
        for x in (end - 1.75, -0.5):
            corners = [(x, 0.42, 0.0), (x + 1.2, 0.42, 0.0), (x + 1.2, high, 0.0), (x, high, 0.0)]
            door = [(c[0], -half - 0.02, c[1]) for c in corners]
            hull.add(door, (52, 60, 68), "glass", outward=(0, -1, 0))
    stripe = tuple(float(c) for c in rng.integers(30, 230, 3))
    if rng.random() < 0.55:
        _sides(hull, [(-end + 0.1, 0.55), (end - 0.2, 0.55), (end - 0.2, 0.74), (-end + 0.1, 0.74)], flank,
               (stripe[0], stripe[1], stripe[2]), "paint")
    _cross(hull, (end - 0.01, sill - 0.1), (end - 0.15, height * 0.80), half * 0.9, half * 0.88, GLASS, "glass",
           (1, 0, 0.08))
    _cross(hull, (end - 0.12, height * 0.84), (end - 0.17, height * 0.94), half * 0.7, half * 0.7,
           (250, 176, 40), "sign", (1, 0, 0.08))
    _cross(hull, (-end, height * 0.56), (-end, height * 0.84), half * 0.84, half * 0.82, GLASS, "glass", (-1, 0, 0.02))
    _ends(hull, length, half * 0.96, 0.45, 0.85, wide=0.2)
    _wheels(hull, (end - 2.6, -end + 3.2), half, 0.48, (140, 142, 146))
    roof = Part(layer=1)
    box(roof, (-end + 2.0, -half * 0.5, height), (-end + 4.2, half * 0.5, height + 0.22),
        (paint[0] * 0.85, paint[1] * 0.85, paint[2] * 0.85), taper=0.9)
    return [hull, roof]
