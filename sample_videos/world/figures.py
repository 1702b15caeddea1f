"""People, dogs and riders on two wheels, with limbs that swing at the phase of the step."""

from __future__ import annotations

import math

import numpy as np

from sample_videos.world.meshes import RUBBER, TRIM, Joint, Part, Rgb, box, disc
from sample_videos.world.scene import Body

_SKIN: tuple[Rgb, ...] = ((228, 190, 162), (198, 150, 118), (142, 98, 70), (96, 64, 46))
_HAIR: tuple[Rgb, ...] = ((34, 28, 24), (92, 62, 36), (176, 140, 84), (120, 118, 116))


def figure_parts(body: Body, first: Rgb, second: Rgb) -> list[Part]:
    """The parts of a person, a dog or a rider. Raises KeyError for a kind that has none."""
    rng = np.random.default_rng([body.seed, 29])
    length, width, height = body.size_m
    if body.kind == "person":
        return _person(body.variant, height, first, second, rng)
    if body.kind == "dog":
        return _dog(length, width, height, first)
    builder = {"motorcycle": _motorcycle, "bicycle": _bicycle}[body.kind]
    return builder(body.variant, length, height, first, second, rng)


def _limb(
    pivot: tuple[float, float, float],
    half: float,
    drop: float,
    rgb: Rgb,
    joint: Joint | None,
    *,
    layer: int = 0,
    tip: Rgb | None = None,
) -> Part:
    """A leg or arm hanging from its pivot, with a shoe or a hand at its end."""
    part = Part(layer=layer, joint=joint)
    x, y, z = pivot
    box(part, (x - half, y - half, z - drop), (x + half, y + half, z), rgb, material="matt")
    if tip is not None:
        low = z - drop
        box(
            part,
            (x - half, y - half, low),
            (x + half * 1.8, y + half, low + half * 1.3),
            tip,
            material="matt",
        )
    return part


def _person(
    variant: str, height: float, shirt: Rgb, trousers: Rgb, rng: np.random.Generator
) -> list[Part]:
    skin = _SKIN[int(rng.integers(len(_SKIN)))]
    hair = _HAIR[int(rng.integers(len(_HAIR)))]
    hip, shoulder = height * 0.50, height * 0.82
    legs = skin if variant == "skirt" and rng.random() < 0.6 else trousers
    shoe: Rgb = (40, 36, 34)
    parts = [
        _limb((0, 0.10, hip), 0.085, hip, legs, Joint((0, 0, hip), 0.48, 0.0), tip=shoe),
        _limb((0, -0.10, hip), 0.085, hip, legs, Joint((0, 0, hip), 0.48, math.pi), tip=shoe),
    ]
    torso = Part()
    box(
        torso,
        (-0.13, -0.22, hip - 0.04),
        (0.13, 0.22, shoulder),
        shirt,
        taper=0.95,
        material="matt",
    )
    torso.ball((0.02, 0.0, height - 0.115), 0.118, skin)
    torso.ball((-0.03, 0.0, height - 0.085), 0.112, hair)
    parts.append(torso)
    if variant == "skirt":
        skirt = Part()
        box(
            skirt,
            (-0.20, -0.25, hip - 0.36),
            (0.20, 0.25, hip + 0.02),
            trousers,
            taper=0.72,
            material="matt",
        )
        parts.append(skirt)
    if variant == "backpack":
        pack = Part()
        bag = tuple(float(c) for c in rng.integers(30, 150, 3))
        box(
            pack,
            (-0.33, -0.17, hip + 0.05),
            (-0.13, 0.17, shoulder - 0.04),
            (bag[0], bag[1], bag[2]),
            taper=0.9,
            material="matt",
        )
        parts.append(pack)
    for side, shift in ((1.0, math.pi), (-1.0, 0.0)):
        joint = Joint((0, 0, shoulder - 0.05), 0.40, shift)
        parts.append(
            _limb((0, side * 0.27, shoulder - 0.02), 0.06, height * 0.36, shirt, joint, tip=skin)
        )
    return parts


def _dog(length: float, width: float, height: float, coat: Rgb) -> list[Part]:
    dark = (coat[0] * 0.72, coat[1] * 0.72, coat[2] * 0.72)
    leg, half = height * 0.52, width / 2
    body = Part()
    box(
        body,
        (-length * 0.36, -half, leg * 0.85),
        (length * 0.30, half, height * 0.86),
        coat,
        taper=0.85,
        material="matt",
    )
    parts = [body]
    for x in (-length * 0.28, length * 0.22):
        for side in (1.0, -1.0):
            shift = 0.0 if (x > 0) == (side > 0) else math.pi
            parts.append(
                _limb(
                    (x, side * half * 0.65, leg),
                    length * 0.055,
                    leg,
                    dark,
                    Joint((x, 0, leg), 0.6, shift),
                )
            )
    head = Part()
    box(
        head,
        (length * 0.26, -half * 0.7, height * 0.66),
        (length * 0.46, half * 0.7, height),
        coat,
        material="matt",
    )
    box(
        head,
        (length * 0.44, -half * 0.4, height * 0.68),
        (length * 0.58, half * 0.4, height * 0.84),
        dark,
        material="matt",
    )
    parts.append(head)
    tail = Part()
    box(
        tail,
        (-length * 0.52, -0.025, height * 0.72),
        (-length * 0.34, 0.025, height * 0.96),
        dark,
        material="matt",
    )
    parts.append(tail)
    return parts


def _wheel(x: float, radius: float, rgb: Rgb, *, spokes: bool) -> Part:
    part = Part()
    for side in (1.0, -1.0):
        disc(part, (x, side * 0.035, radius), radius, RUBBER, side=side, count=14)
        inner: Rgb = (150, 152, 156) if spokes else (96, 98, 102)
        disc(
            part,
            (x, side * 0.038, radius),
            radius * (0.86 if spokes else 0.62),
            inner,
            side=side,
            count=12,
        )
        disc(part, (x, side * 0.040, radius), radius * 0.16, rgb, side=side, count=6)
    return part


def _rider(
    seat: tuple[float, float],
    lean: float,
    jacket: Rgb,
    trousers: Rgb,
    helmet: Rgb,
    *,
    pedals: bool,
    top: float,
    rng: np.random.Generator,
) -> list[Part]:
    """Legs, torso, arms and head above a saddle at (x, z)."""
    x, z = seat
    skin = _SKIN[int(rng.integers(len(_SKIN)))]
    parts = []
    for side, shift in ((1.0, 0.0), (-1.0, math.pi)):
        joint = Joint((x, 0, z), 0.42, shift) if pedals else None
        leg = Part(joint=joint)
        y = side * 0.13
        for low, high in (
            ((x + 0.40, z - 0.12), (x, z)),
            ((x + 0.30, z - 0.62), (x + 0.40, z - 0.10)),
        ):
            thick = 0.075
            leg.add(
                [
                    (low[0] - thick, y, low[1]),
                    (low[0] + thick, y, low[1]),
                    (high[0] + thick, y, high[1]),
                    (high[0] - thick, y, high[1]),
                ],
                trousers,
                "matt",
                two_sided=True,
            )
        box(
            leg,
            (x + 0.20, y - 0.05, z - 0.68),
            (x + 0.44, y + 0.05, z - 0.60),
            TRIM,
            material="matt",
        )
        parts.append(leg)
    torso = Part(layer=1)
    shoulder = top - 0.32
    front = lean
    outline = [
        (x - 0.13, z - 0.03),
        (x + 0.14, z),
        (x + 0.16 + front, shoulder),
        (x - 0.12 + front, shoulder),
    ]
    for side in (1.0, -1.0):
        torso.add(
            [(px, side * 0.2, pz) for px, pz in outline], jacket, "matt", outward=(0, side, 0)
        )
    for i in range(4):
        (ax, az), (bx, bz) = outline[i], outline[(i + 1) % 4]
        mid = ((ax + bx) / 2 - x - front / 2, 0.0, (az + bz) / 2 - (z + shoulder) / 2)
        torso.add(
            [(ax, 0.2, az), (bx, 0.2, bz), (bx, -0.2, bz), (ax, -0.2, az)],
            jacket,
            "matt",
            outward=mid,
        )
    torso.ball((x + front + 0.05, 0.0, top - 0.14), 0.12, skin)
    torso.ball((x + front + 0.02, 0.0, top - 0.10), 0.135, helmet)
    parts.append(torso)
    arms = Part(layer=1)
    for side in (1.0, -1.0):
        y = side * 0.23
        arms.add(
            [
                (x + front - 0.05, y, shoulder - 0.02),
                (x + front + 0.08, y, shoulder - 0.02),
                (x + 0.62, y, shoulder - 0.40),
                (x + 0.55, y, shoulder - 0.46),
            ],
            jacket,
            "matt",
            two_sided=True,
        )
    parts.append(arms)
    return parts


def _motorcycle(
    variant: str, length: float, height: float, paint: Rgb, trousers: Rgb, rng: np.random.Generator
) -> list[Part]:
    radius = 0.31 if variant == "street" else 0.24
    ends = length / 2 - radius
    parts = [
        _wheel(ends, radius, (150, 150, 152), spokes=False),
        _wheel(-ends, radius, (150, 150, 152), spokes=False),
    ]
    engine = Part()
    box(engine, (-ends + 0.25, -0.17, 0.24), (ends - 0.30, 0.17, 0.62), TRIM, material="matt")
    parts.append(engine)
    tank = Part()
    if variant == "street":
        box(tank, (-0.10, -0.17, 0.60), (0.50, 0.17, 0.98), paint, taper=0.8)
        box(tank, (-0.78, -0.14, 0.62), (-0.10, 0.14, 0.84), paint, taper=0.85)
        box(tank, (0.48, -0.19, 0.55), (0.78, 0.19, 1.10), paint, taper=0.75)
    else:
        box(tank, (-0.80, -0.20, 0.34), (-0.05, 0.20, 0.80), paint, taper=0.85)
        box(tank, (0.38, -0.22, 0.28), (0.58, 0.22, 1.00), paint, taper=0.8)
        box(tank, (-0.1, -0.2, 0.24), (0.42, 0.2, 0.36), paint)
    lamp_x = 0.79 if variant == "street" else 0.59
    tank.add(
        [(lamp_x, -0.09, 0.80), (lamp_x, 0.09, 0.80), (lamp_x, 0.09, 0.97), (lamp_x, -0.09, 0.97)],
        (232, 232, 224),
        "headlamp",
        outward=(1, 0, 0),
    )
    tank.add(
        [(-0.82, -0.09, 0.70), (-0.82, 0.09, 0.70), (-0.82, 0.09, 0.80), (-0.82, -0.09, 0.80)],
        (150, 18, 20),
        "taillamp",
        outward=(-1, 0, 0),
    )
    parts.append(tank)
    lean = 0.22 if variant == "street" else 0.05
    parts += _rider((-0.22, 0.86), lean, paint, trousers, paint, pedals=False, top=height, rng=rng)
    return parts


def _bicycle(
    variant: str, length: float, height: float, jacket: Rgb, trousers: Rgb, rng: np.random.Generator
) -> list[Part]:
    radius = 0.34
    ends = length / 2 - radius
    parts = [_wheel(ends, radius, TRIM, spokes=True), _wheel(-ends, radius, TRIM, spokes=True)]
    frame = Part()
    bars = (
        ((-ends, radius), (-0.12, 0.80)),
        ((-0.12, 0.80), (ends - 0.18, 0.84)),
        ((-ends, radius), (0.0, 0.30)),
        ((0.0, 0.30), (ends - 0.18, 0.78)),
        ((0.0, 0.30), (-0.12, 0.86)),
        ((ends, radius), (ends - 0.2, 1.0)),
    )
    thick = 0.035
    for (x0, z0), (x1, z1) in bars:
        length_xz = math.hypot(x1 - x0, z1 - z0)
        nx, nz = -(z1 - z0) / length_xz * thick, (x1 - x0) / length_xz * thick
        frame.add(
            [
                (x0 + nx, 0, z0 + nz),
                (x1 + nx, 0, z1 + nz),
                (x1 - nx, 0, z1 - nz),
                (x0 - nx, 0, z0 - nz),
            ],
            jacket,
            "paint",
            two_sided=True,
        )
    box(frame, (ends - 0.24, -0.26, 0.98), (ends - 0.17, 0.26, 1.03), TRIM, material="matt")
    parts.append(frame)
    helmet = tuple(float(c) for c in rng.integers(30, 235, 3))
    lean = 0.30 if variant == "road" else 0.10
    parts += _rider(
        (-0.16, 0.92),
        lean,
        jacket,
        trousers,
        (helmet[0], helmet[1], helmet[2]),
        pedals=True,
        top=height,
        rng=rng,
    )
    return parts
