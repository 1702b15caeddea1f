"""Standing things along roads: buildings, trees, lamps, hedges, benches, bins, signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sample_videos.world.layout import arc_length, at, resample
from sample_videos.world.scene import Points, Prop

Road = tuple[Points, float, float]
"""A road's centre line with how far its carriageway reaches to the left and to the right."""


@dataclass(frozen=True, slots=True)
class Dressing:
    """How densely a place is furnished. setback_m: from pavement to buildings, a range."""

    setback_m: tuple[float, float] = (9.0, 18.0)
    buildings: float = 0.8
    trees: float = 0.5
    lamps: bool = True
    hedges: float = 0.25
    furniture: float = 0.5


def dress(
    roads: Sequence[Road],
    dressing: Dressing,
    pavement: float,
    seed: int,
    keep_out: Sequence[tuple[float, float, float]] = (),
) -> list[Prop]:
    """Props along both sides of the roads; nothing on a road or inside keep_out (x, y, radius)."""
    rng = np.random.default_rng([seed, 77])
    clear = _Clear(roads, keep_out, pavement)
    out: list[Prop] = []
    for axis, left, right in roads:
        for side, edge in ((1.0, left), (-1.0, right)):
            out += _buildings(axis, side, edge + pavement, dressing, clear, rng)
    for axis, left, right in roads:
        for side, edge in ((1.0, left), (-1.0, right)):
            out += _greens(axis, side, edge + pavement, dressing, clear, rng)
            out += _furniture(axis, side, edge, pavement, dressing, clear, rng)
    return out


class _Clear:
    """Keeps props off the roads and off each other."""

    def __init__(
        self,
        roads: Sequence[Road],
        keep_out: Sequence[tuple[float, float, float]],
        pavement: float,
    ) -> None:
        self._roads = [(resample(a, 2.0), max(left, right)) for a, left, right in roads]
        self._out = list(keep_out)
        self._taken: list[tuple[float, float, float]] = []
        self._pavement = pavement

    def road_gap(self, x: float, y: float) -> float:
        """Metres from a point to the nearest carriageway."""
        return min(
            float(np.hypot(a[:, 0] - x, a[:, 1] - y).min()) - half for a, half in self._roads
        )

    def take(self, x: float, y: float, radius: float, gap: float) -> bool:
        """Reserve a circle that is `gap` from any road; False when it is not free."""
        if self.road_gap(x, y) < gap:
            return False
        for ox, oy, r in (*self._taken, *self._out):
            if np.hypot(x - ox, y - oy) < radius + r:
                return False
        self._taken.append((x, y, radius))
        return True

    def take_block(
        self, x: float, y: float, heading: float, length: float, width: float, gap: float
    ) -> bool:
        """Reserve a building's footprint."""
        c, s = np.cos(heading), np.sin(heading)
        grid = [
            (x + a * c - b * s, y + a * s + b * c)
            for a in np.linspace(-length / 2, length / 2, 5)
            for b in (-width / 2, 0.0, width / 2)
        ]
        radius = width / 2 + 0.5
        spine = [(x + a * c, y + a * s) for a in np.linspace(-length / 2, length / 2, 4)]
        if any(self.road_gap(px, py) < gap for px, py in grid):
            return False
        for px, py in spine:
            for ox, oy, r in (*self._taken, *self._out):
                if np.hypot(px - ox, py - oy) < radius + r:
                    return False
        self._taken += [(px, py, radius) for px, py in spine]
        return True


def _buildings(
    axis: Points,
    side: float,
    edge: float,
    dressing: Dressing,
    clear: _Clear,
    rng: np.random.Generator,
) -> list[Prop]:
    out = []
    total = float(arc_length(axis)[-1])
    s = float(rng.uniform(4, 14))
    setback = float(rng.uniform(*dressing.setback_m))
    while s < total:
        length = float(rng.uniform(15, 34))
        width = float(rng.uniform(11, 17))
        height = float(rng.choice([6.5, 9.5, 12.5, 16.0, 20.0]))
        x, y, h = at(axis, min(s + length / 2, total))
        t = side * (edge + setback + width / 2 + float(rng.uniform(0, 2.5)))
        x, y = x - t * np.sin(h), y + t * np.cos(h)
        gap = 0.8 * setback + 3.0
        if rng.random() < dressing.buildings and clear.take_block(x, y, h, length, width, gap):
            seed = int(rng.integers(1 << 30))
            out.append(Prop("building", x, y, h, length, width, height, seed))
            s += length + float(rng.choice([0.5, 3.0, 9.0]))
        else:
            s += 6.0
    return out


def _greens(
    axis: Points,
    side: float,
    edge: float,
    dressing: Dressing,
    clear: _Clear,
    rng: np.random.Generator,
) -> list[Prop]:
    out = []
    total = float(arc_length(axis)[-1])
    s = float(rng.uniform(5, 12))
    while s < total:
        x, y, h = at(axis, s)
        if rng.random() < dressing.trees:
            t = side * (edge + float(rng.uniform(1.8, 5.5)))
            crown = float(rng.uniform(2.6, 5.0))
            px, py = x - t * np.sin(h), y + t * np.cos(h)
            if clear.take(px, py, 1.6, 2.6):
                height = crown * float(rng.uniform(1.3, 1.9))
                seed = int(rng.integers(1 << 30))
                out.append(Prop("tree", px, py, 0.0, crown, crown, height, seed))
        if rng.random() < dressing.hedges:
            t = side * (edge + 0.7)
            px, py = x - t * np.sin(h), y + t * np.cos(h)
            length = float(rng.uniform(4, 8))
            if clear.take(px, py, length / 2, 2.6):
                seed = int(rng.integers(1 << 30))
                out.append(Prop("hedge", px, py, h, length, 0.8, 0.9, seed))
        s += float(rng.uniform(7, 13))
    return out


def _furniture(
    axis: Points,
    side: float,
    edge: float,
    pavement: float,
    dressing: Dressing,
    clear: _Clear,
    rng: np.random.Generator,
) -> list[Prop]:
    out = []
    total = float(arc_length(axis)[-1])
    face = -side * np.pi / 2
    if dressing.lamps:
        s = 16.0 if side > 0 else 30.0
        while s < total:
            x, y, h = at(axis, s)
            t = side * (edge + 0.5)
            px, py = x - t * np.sin(h), y + t * np.cos(h)
            if clear.take(px, py, 0.4, 0.3):
                out.append(Prop("lamp", px, py, h + face, 0.3, 0.3, 7.5, int(s)))
            s += 28.0
    s = float(rng.uniform(18, 26))
    while s < min(total, 90.0):
        if rng.random() < dressing.furniture:
            kind = str(rng.choice(["bench", "bin", "sign", "bin"]))
            size = {"bench": (1.7, 0.6, 0.85), "bin": (0.5, 0.5, 1.0), "sign": (0.1, 0.6, 2.5)}
            far = kind == "bench"
            t = side * (edge + (pavement - 0.35 if far else 0.45))
            x, y, h = at(axis, s)
            px, py = x - t * np.sin(h), y + t * np.cos(h)
            if clear.take(px, py, 0.6, 0.3):
                facing = h + face if far else h + (np.pi if side > 0 else 0.0)
                out.append(Prop(kind, px, py, facing, *size[kind], int(rng.integers(1 << 30))))
        s += float(rng.uniform(9, 20))
    return out
