"""Cars and pickups as parts; looks within a variant differ by the body's seed."""

from __future__ import annotations

import numpy as np

from sample_videos.world.bodywork import cross, ends, sides, wheels
from sample_videos.world.meshes import CHROME, GLASS, TRIM, Part, Rgb, box, loft


def car(
    variant: str,
    length: float,
    half: float,
    height: float,
    paint: Rgb,
    rng: np.random.Generator,
) -> list[Part]:
    """A sedan, taxi, hatchback, wagon or SUV; sizes in metres, `half` is half its width."""
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
    trim = (
        TRIM
        if variant == "suv" or rng.random() < 0.3
        else (paint[0] * 0.62, paint[1] * 0.62, paint[2] * 0.62)
    )
    sides(
        lower,
        [
            (-end + 0.1, bottom),
            (end - 0.1, bottom),
            (end - 0.15, bottom + 0.11),
            (-end + 0.12, bottom + 0.11),
        ],
        flank,
        trim,
        "matt",
    )
    seam = (paint[0] * 0.55, paint[1] * 0.55, paint[2] * 0.55)
    for x in (front_foot - 0.05, (front_foot + rear_foot) / 2 - 0.05):
        sides(
            lower,
            [(x, bottom + 0.12), (x + 0.025, bottom + 0.12), (x + 0.025, belt), (x, belt)],
            flank,
            seam,
            "paint",
        )
    shine = (paint[0] * 1.05 + 12, paint[1] * 1.05 + 12, paint[2] * 1.05 + 12)
    sides(
        lower,
        [
            (-end + 0.25, belt * 0.84),
            (end - 0.45, belt * 0.80),
            (end - 0.45, belt * 0.835),
            (-end + 0.25, belt * 0.885),
        ],
        flank,
        shine,
        "paint",
    )
    ends(lower, length, half * 0.93, bottom + 0.10, belt * 0.74)
    rim = CHROME if rng.random() < 0.7 else (92.0, 94.0, 98.0)
    wheels(lower, (end * 0.62, -end * 0.60), half, 0.36 if variant == "suv" else 0.32, rim)
    if variant == "taxi":
        for k in range(9):
            x = -1.7 + k * 0.38
            sides(
                lower,
                [
                    (x, belt * 0.66),
                    (x + 0.19, belt * 0.66),
                    (x + 0.19, belt * 0.78),
                    (x, belt * 0.78),
                ],
                flank,
                (24, 24, 24),
                "matt",
            )
    elif rng.random() < 0.22:
        stripe = (235.0, 235.0, 235.0) if sum(paint) < 400 else (60.0, 62.0, 66.0)
        sides(
            lower,
            [
                (-end + 0.3, belt * 0.52),
                (end - 0.5, belt * 0.52),
                (end - 0.5, belt * 0.60),
                (-end + 0.3, belt * 0.60),
            ],
            flank,
            stripe,
            "paint",
        )

    foot, top = half * 0.93, half * 0.74
    cabin = Part(layer=1)
    loft(
        cabin,
        [
            (front_foot, belt * 0.985, foot),
            (front_top, height, top),
            (rear_top, height * 0.99, top),
            (rear_foot, belt * 0.985, foot),
        ],
        paint,
    )
    levels = (belt, foot, height, top)
    lift = 0.07
    middle = (front_top + rear_top) / 2 + 0.05
    slope_f, slope_r = front_foot - front_top, rear_top - rear_foot
    share = 0.86
    sides(
        cabin,
        [
            (middle + 0.05, belt + lift * 0.4),
            (front_foot - 0.12 * slope_f - 0.10, belt + lift * 0.4),
            (front_foot - slope_f * share - 0.07, belt + (height - belt) * share),
            (middle + 0.05, belt + (height - belt) * share),
        ],
        levels,
        GLASS,
        "glass",
    )
    sides(
        cabin,
        [
            (rear_foot + 0.12 * slope_r + 0.16, belt + lift * 0.4),
            (middle - 0.05, belt + lift * 0.4),
            (middle - 0.05, belt + (height - belt) * share),
            (rear_foot + slope_r * share + 0.12, belt + (height - belt) * share),
        ],
        levels,
        GLASS,
        "glass",
    )
    cross(
        cabin,
        (front_foot - 0.06 * slope_f, belt + 0.02),
        (front_top + 0.08 * slope_f, height - 0.05),
        foot * 0.92,
        top * 0.92,
        GLASS,
        "glass",
        (0.7, 0.0, 0.7),
    )
    cross(
        cabin,
        (rear_foot + 0.12 * slope_r, belt + 0.06),
        (rear_top - 0.12 * slope_r, height - 0.07),
        foot * 0.86,
        top * 0.88,
        GLASS,
        "glass",
        (-0.8, 0.0, 0.5),
    )
    z = height + 0.005
    if variant in ("sedan", "hatchback", "suv") and rng.random() < 0.35:
        cabin.add(
            [
                (front_top - 0.2, -top * 0.6, z),
                (front_top - 0.2, top * 0.6, z),
                (front_top - 0.85, top * 0.6, z),
                (front_top - 0.85, -top * 0.6, z),
            ],
            GLASS,
            "glass",
            outward=(0, 0, 1),
        )
    extras = Part(layer=2)
    # Mirrors are parts of their own, so that the cabin hides the far one.
    mirrors = (Part(layer=1), Part(layer=1))
    for side, mirror in zip((1.0, -1.0), mirrors, strict=True):
        y = side * (half + 0.16)
        box(
            mirror,
            (front_foot - 0.33, min(y, side * half), belt),
            (front_foot - 0.2, max(y, side * half), belt + 0.13),
            paint,
        )
    if variant in ("suv", "wagon"):
        for side in (1.0, -1.0):
            y = side * top * 0.92
            extras.add(
                [
                    (front_top - 0.1, y - 0.03, z),
                    (front_top - 0.1, y + 0.03, z),
                    (rear_top + 0.1, y + 0.03, z),
                    (rear_top + 0.1, y - 0.03, z),
                ],
                CHROME,
                "matt",
                outward=(0, 0, 1),
            )
    if variant == "taxi":
        box(
            extras,
            (-0.62, -0.34, height),
            (-0.30, 0.34, height + 0.22),
            (246, 200, 40),
            material="sign",
        )
    elif rng.random() < 0.12:
        box(
            extras,
            (rear_top + 0.2, -top * 0.7, height),
            (front_top - 0.15, top * 0.7, height + 0.30),
            TRIM,
            taper=0.9,
            material="matt",
        )
    return [lower, cabin, *mirrors, extras]


def pickup(length: float, half: float, height: float, paint: Rgb) -> list[Part]:
    """A pickup with its open bed."""
    end, belt = length / 2, height * 0.60
    lower = Part(layer=0)
    loft(
        lower,
        [
            (end, 0.40, half * 0.92),
            (end, belt * 0.8, half * 0.95),
            (end - 0.2, belt * 0.94, half * 0.96),
            (1.15, belt, half),
            (-end, belt, half),
            (-end, 0.42, half * 0.95),
        ],
        paint,
    )
    bed = [
        (-end + 0.12, -half * 0.84, belt + 0.01),
        (-0.75, -half * 0.84, belt + 0.01),
        (-0.75, half * 0.84, belt + 0.01),
        (-end + 0.12, half * 0.84, belt + 0.01),
    ]
    lower.add(bed, (34, 34, 36), "matt", outward=(0, 0, 1))
    sides(
        lower,
        [(-0.72, 0.5), (-0.69, 0.5), (-0.69, belt), (-0.72, belt)],
        (0, half, 1, half),
        (paint[0] * 0.5, paint[1] * 0.5, paint[2] * 0.5),
        "paint",
    )
    ends(lower, length, half * 0.94, 0.55, belt * 0.85)
    wheels(lower, (end * 0.64, -end * 0.60), half, 0.40, CHROME)
    cabin = Part(layer=1)
    foot, top = half * 0.93, half * 0.78
    loft(
        cabin,
        [
            (1.15, belt * 0.99, foot),
            (0.55, height, top),
            (-0.60, height, top),
            (-0.72, belt * 0.99, foot),
        ],
        paint,
    )
    levels = (belt, foot, height, top)
    high = belt + (height - belt) * 0.85
    sides(
        cabin,
        [(-0.58, belt + 0.04), (0.22, belt + 0.04), (0.22, high), (-0.52, high)],
        levels,
        GLASS,
        "glass",
    )
    sides(
        cabin,
        [(0.30, belt + 0.04), (0.98, belt + 0.04), (0.58, high), (0.30, high)],
        levels,
        GLASS,
        "glass",
    )
    cross(
        cabin,
        (1.10, belt + 0.03),
        (0.60, height - 0.06),
        foot * 0.92,
        top * 0.92,
        GLASS,
        "glass",
        (0.7, 0, 0.7),
    )
    cross(
        cabin,
        (-0.71, belt + 0.1),
        (-0.62, height - 0.08),
        foot * 0.8,
        top * 0.85,
        GLASS,
        "glass",
        (-1, 0, 0.1),
    )
    return [lower, cabin]
