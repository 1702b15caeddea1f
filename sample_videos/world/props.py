"""Things that stand still: buildings, trees, lamps, signals and street furniture."""

from __future__ import annotations

import math

import numpy as np

from sample_videos.world.meshes import GLASS, TRIM, Part, Rgb, box
from sample_videos.world.scene import Prop

_WALLS: tuple[Rgb, ...] = (
    (172, 156, 136),
    (150, 92, 72),
    (196, 188, 172),
    (132, 134, 138),
    (186, 166, 124),
    (120, 104, 92),
    (164, 170, 174),
)


def prop_parts(prop: Prop, *, lamps_on: bool) -> list[Part]:
    """The parts of a prop, in its own frame. Raises KeyError for an unknown kind."""
    rng = np.random.default_rng([prop.seed, 43])
    if prop.kind == "building":
        return _building(prop, rng, lamps_on=lamps_on)
    plain = {"lamp": _lamp, "signal": _signal, "bench": _bench, "shelter": _shelter}
    if prop.kind in plain:
        return plain[prop.kind](prop)
    varied = {
        "tree": _tree,
        "bin": _bin,
        "sign": _sign,
        "hedge": _hedge,
        "kiosk": _kiosk,
        "board": _board,
    }
    return varied[prop.kind](prop, rng)


def _building(prop: Prop, rng: np.random.Generator, *, lamps_on: bool) -> list[Part]:
    wall = _WALLS[int(rng.integers(len(_WALLS)))]
    wall = tuple(float(np.clip(c + rng.normal(0, 8), 30, 235)) for c in wall)  # type: ignore[assignment]
    half_l, half_w, top = prop.length / 2, prop.width / 2, prop.height
    part = Part()
    box(part, (-half_l, -half_w, 0), (half_l, half_w, top), wall, material="matt")
    part.faces[-1] = part.faces[-1].__class__(
        part.faces[-1].corners, part.faces[-1].normal, (112.0, 110.0, 108.0), "matt"
    )
    floor = float(rng.uniform(3.0, 3.6))
    bay = float(rng.uniform(2.4, 3.6))
    wide, tall = bay * float(rng.uniform(0.42, 0.62)), floor * float(rng.uniform(0.48, 0.62))
    shop = rng.random() < 0.6
    awning = tuple(float(c) for c in rng.integers(50, 200, 3))
    for axis, out, span, reach in (
        ("y", 1.0, half_l, half_w),
        ("y", -1.0, half_l, half_w),
        ("x", 1.0, half_w, half_l),
        ("x", -1.0, half_w, half_l),
    ):
        at = out * (reach + 0.03)

        def on_wall(
            u: float, z: float, axis: str = axis, at: float = at
        ) -> tuple[float, float, float]:
            return (u, at, z) if axis == "y" else (at, u, z)

        normal = (0.0, out, 0.0) if axis == "y" else (out, 0.0, 0.0)
        bays = max(1, int((2 * span - 1.0) / bay))
        start = -bays * bay / 2
        for level in range(max(1, int((top - 0.6) / floor))):
            base = level * floor + floor * 0.30
            if base + tall > top - 0.2:
                break
            ground = level == 0 and shop
            for k in range(bays):
                u = start + (k + 0.5) * bay
                w = bay * 0.84 if ground else wide
                low, high = (0.5, floor * 0.82) if ground else (base, base + tall)
                lit = lamps_on and rng.random() < (0.7 if ground else 0.3)
                glass: Rgb = (236.0, 204.0, 138.0) if lit else GLASS
                dim = float(rng.uniform(0.55, 1.0))
                glass = (glass[0] * dim, glass[1] * dim, glass[2] * dim)
                corners = [
                    on_wall(u - w / 2, low),
                    on_wall(u + w / 2, low),
                    on_wall(u + w / 2, high),
                    on_wall(u - w / 2, high),
                ]
                part.add(corners, glass, "lit" if lit else "glass", outward=normal)
            if ground:
                z0, z1 = floor * 0.84, floor * 0.98
                corners = [
                    on_wall(-span * 0.97, z0),
                    on_wall(span * 0.97, z0),
                    on_wall(span * 0.97, z1),
                    on_wall(-span * 0.97, z1),
                ]
                part.add(corners, (awning[0], awning[1], awning[2]), "matt", outward=normal)
        z0, z1 = top - 0.35, top
        rim = (wall[0] * 0.75, wall[1] * 0.75, wall[2] * 0.75)
        part.add(
            [on_wall(-span, z0), on_wall(span, z0), on_wall(span, z1), on_wall(-span, z1)],
            rim,
            "matt",
            outward=normal,
        )
    return [part]


def _tree(prop: Prop, rng: np.random.Generator) -> list[Part]:
    trunk = Part()
    crown = max(prop.length, prop.width) / 2
    bare = prop.height * 0.35
    box(
        trunk, (-0.14, -0.14, 0), (0.14, 0.14, bare + 0.5), (88, 68, 50), taper=0.7, material="matt"
    )
    leaves = Part(layer=1)
    green = np.array([70.0, 102.0, 46.0]) * float(rng.uniform(0.85, 1.12)) + rng.normal(0, 4, 3)
    for _ in range(34):
        angle, out, rise = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random()), rng.random()
        bulge = math.sin(math.pi * (0.15 + 0.7 * rise))
        radius = crown * float(rng.uniform(0.20, 0.36))
        centre = (
            float(math.cos(angle) * out * crown * 0.75 * bulge),
            float(math.sin(angle) * out * crown * 0.75 * bulge),
            float(bare + radius * 0.6 + rise * (prop.height - bare - radius * 1.4)),
        )
        tone = green * float(rng.uniform(0.72, 0.95) + 0.22 * rise)
        leaves.ball(centre, radius, (float(tone[0]), float(tone[1]), float(tone[2])), "leaf")
    return [trunk, leaves]


def _pole(part: Part, height: float, thick: float, rgb: Rgb) -> None:
    box(part, (-thick, -thick, 0), (thick, thick, height), rgb, taper=0.75, material="matt")


def _lamp(prop: Prop) -> list[Part]:
    part = Part()
    grey: Rgb = (92.0, 96.0, 100.0)
    _pole(part, prop.height, 0.09, grey)
    # A part of its own: what a part hides is its convex outline, and the air between is no lamp.
    arm = Part()
    box(arm, (-0.05, -0.05, prop.height - 0.1), (1.7, 0.05, prop.height), grey, material="matt")
    head = Part(layer=1)
    box(
        head,
        (1.2, -0.14, prop.height - 0.2),
        (1.9, 0.14, prop.height - 0.06),
        (210, 208, 198),
        material="streetlamp",
    )
    head.add(
        [
            (1.2, -0.14, prop.height - 0.205),
            (1.9, -0.14, prop.height - 0.205),
            (1.9, 0.14, prop.height - 0.205),
            (1.2, 0.14, prop.height - 0.205),
        ],
        (255, 236, 190),
        "streetlamp",
        outward=(0, 0, -1),
    )
    return [part, arm, head]


def _signal(prop: Prop) -> list[Part]:
    part = Part()
    _pole(part, prop.height, 0.08, (70, 74, 78))
    box(
        part,
        (-0.16, -0.17, prop.height - 0.95),
        (0.16, 0.17, prop.height),
        (26, 28, 30),
        material="matt",
    )
    for k, rgb in enumerate(((70, 18, 16), (70, 56, 14), (14, 60, 30))):
        z = prop.height - 0.18 - k * 0.29
        corners = [
            (0.17, 0.10 * math.cos(a), z + 0.10 * math.sin(a))
            for a in np.linspace(0, 2 * math.pi, 9)[:-1]
        ]
        part.add(corners, (float(rgb[0]), float(rgb[1]), float(rgb[2])), "matt", outward=(1, 0, 0))
    return [part]


def _bench(prop: Prop) -> list[Part]:
    part, wood = Part(), (132.0, 92.0, 56.0)
    half, deep = prop.length / 2, prop.width / 2
    box(part, (-half, -deep, 0.38), (half, deep, 0.46), wood, material="matt")
    box(part, (-half, -deep, 0.46), (half, -deep + 0.06, 0.88), wood, material="matt")
    for x in (-half + 0.15, half - 0.2):
        box(part, (x, -deep, 0), (x + 0.06, deep, 0.38), TRIM, material="matt")
    return [part]


def _bin(prop: Prop, rng: np.random.Generator) -> list[Part]:
    part = Part()
    rgb = ((46.0, 84.0, 58.0), (70.0, 72.0, 76.0), (120.0, 60.0, 40.0))[int(rng.integers(3))]
    box(
        part,
        (-prop.length / 2, -prop.width / 2, 0),
        (prop.length / 2, prop.width / 2, prop.height),
        rgb,
        material="matt",
    )
    return [part]


def _sign(prop: Prop, rng: np.random.Generator) -> list[Part]:
    part = Part()
    _pole(part, prop.height, 0.04, (130, 132, 136))
    plate = Part(layer=1)
    z = prop.height - 0.35
    round_ = [
        (0.06, 0.32 * math.cos(a), z + 0.32 * math.sin(a))
        for a in np.linspace(0, 2 * math.pi, 13)[:-1]
    ]
    rgb = ((186.0, 30.0, 34.0), (34.0, 74.0, 160.0), (222.0, 190.0, 40.0))[int(rng.integers(3))]
    plate.add(round_, rgb, "matt", outward=(1, 0, 0), two_sided=True)
    inner = [(0.07, y * 0.62, z + (pz - z) * 0.62) for _, y, pz in round_]
    plate.add(inner, (232, 232, 230), "matt", outward=(1, 0, 0))
    return [part, plate]


def _kiosk(prop: Prop, rng: np.random.Generator) -> list[Part]:
    """A small house: walls with a window or two on every side, a coloured rim."""
    wall = _WALLS[int(rng.integers(len(_WALLS)))]
    rim = tuple(float(c) for c in rng.integers(40, 210, 3))
    half_l, half_w, top = prop.length / 2, prop.width / 2, prop.height
    part = Part()
    box(part, (-half_l, -half_w, 0), (half_l, half_w, top), wall, material="matt")
    floors = max(1, int(top / 2.9))
    for turned, out, span, reach in (
        (False, 1.0, half_l, half_w),
        (False, -1.0, half_l, half_w),
        (True, 1.0, half_w, half_l),
        (True, -1.0, half_w, half_l),
    ):
        at = out * (reach + 0.02)
        normal = (out, 0.0, 0.0) if turned else (0.0, out, 0.0)
        count = max(1, int((2 * span - 0.4) / 2.2))
        wide = 2 * span / count
        panels: list[tuple[float, float, float, float, Rgb, str]] = [
            (-span, span, top - 0.4, top, (rim[0], rim[1], rim[2]), "matt")
        ]
        for level in range(floors):
            low = level * (top - 0.5) / floors + 0.9
            high = min(low + 1.3, top - 0.6)
            for k in range(count):
                u = -span + (k + 0.5) * wide
                panels.append((u - 0.3 * wide, u + 0.3 * wide, low, high, GLASS, "glass"))
        for u0, u1, z0, z1, rgb, material in panels:
            flat = [(u0, z0), (u1, z0), (u1, z1), (u0, z1)]
            corners = [(at, u, z) if turned else (u, at, z) for u, z in flat]
            part.add(corners, rgb, material, outward=normal)
    return [part]


def _board(prop: Prop, rng: np.random.Generator) -> list[Part]:
    """A wall with posters on both of its long sides."""
    half, deep, top = prop.length / 2, prop.width / 2, prop.height
    part = Part()
    box(part, (-half, -deep, 0), (half, deep, top), (96, 100, 106), material="matt")
    count = max(1, round(prop.length / 2.4))
    wide = prop.length / count
    for side in (1.0, -1.0):
        y = side * (deep + 0.02)
        for k in range(count):
            u = -half + (k + 0.5) * wide
            paper, print_ = rng.integers(40, 230, (2, 3)).astype(float)
            low = float(rng.uniform(0.45, 0.7))
            for reach, z0, z1, ink in (
                (0.46, 0.35, top - 0.2, paper),
                (0.36, low, low + float(rng.uniform(0.3, 0.55)) * (top - 1.0), print_),
            ):
                corners = [
                    (u - reach * wide, y, z0),
                    (u + reach * wide, y, z0),
                    (u + reach * wide, y, z1),
                    (u - reach * wide, y, z1),
                ]
                rgb = (float(ink[0]), float(ink[1]), float(ink[2]))
                part.add(corners, rgb, "matt", outward=(0.0, side, 0.0))
    return [part]


def _hedge(prop: Prop, rng: np.random.Generator) -> list[Part]:
    part = Part()
    half, deep = prop.length / 2, prop.width / 2
    box(
        part,
        (-half, -deep, 0),
        (half, deep, prop.height * 0.85),
        (58, 84, 42),
        taper=0.97,
        material="matt",
    )
    leaves = Part(layer=1)
    for _ in range(int(8 + prop.length * 3)):
        tone = float(rng.uniform(0.8, 1.15))
        centre = (
            float(rng.uniform(-half, half)),
            float(rng.uniform(-deep, deep)),
            float(prop.height * rng.uniform(0.55, 0.92)),
        )
        leaves.ball(
            centre, float(rng.uniform(0.16, 0.34)), (64 * tone, 92 * tone, 44 * tone), "leaf"
        )
    return [part, leaves]


def _shelter(prop: Prop) -> list[Part]:
    half, deep, top = prop.length / 2, prop.width / 2, prop.height
    part, roof = Part(), Part(layer=1)
    for x in (-half, half - 0.08):
        box(part, (x, -deep, 0), (x + 0.08, -deep + 0.08, top), TRIM, material="matt")
    part.add(
        [
            (-half, -deep, 0.3),
            (half, -deep, 0.3),
            (half, -deep, top - 0.1),
            (-half, -deep, top - 0.1),
        ],
        (110, 128, 136),
        "glass",
        outward=(0, 1, 0),
        two_sided=True,
    )
    box(
        part,
        (-half + 0.4, -deep + 0.1, 0.4),
        (half - 0.4, -deep + 0.5, 0.48),
        (132, 92, 56),
        material="matt",
    )
    box(
        roof,
        (-half - 0.1, -deep - 0.1, top),
        (half + 0.1, deep, top + 0.12),
        (70, 74, 80),
        material="matt",
    )
    return [part, roof]
