"""The piece of a track's path that proves something drawn: when, where, and by what numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.detections import Float32, Float64
from core.search.paths import Paths


@dataclass(frozen=True, slots=True)
class Traced:
    """For each track, the span of its path that serves a drawn part best.

    t0_s, t1_s: (N,) seconds, NaN where there is none. numbers: name -> (N,) what was measured.
    said: what to say of a span, with the numbers' names in braces. otherwise: of a track without.
    """

    paths: Paths
    t0_s: Float64
    t1_s: Float64
    numbers: Mapping[str, Float32]
    said: str
    otherwise: str

    def has(self, row: int) -> bool:
        return bool(np.isfinite(self.t0_s[row]))

    def told(self, row: int) -> tuple[str, dict[str, Any]]:
        """The evidence on one track, in words and numbers."""
        if not self.paths.told[row]:
            return "cannot tell: the camera looked elsewhere", {}
        numbers = {name: float(value[row]) for name, value in self.numbers.items()}
        proof: dict[str, Any] = {
            name: round(value, 4) for name, value in numbers.items() if np.isfinite(value)
        }
        if not self.has(row):
            return self.otherwise, proof
        points = self.paths.points_of(row)
        times, frames = self.paths.t_s[points], self.paths.frame[points]
        first, last = np.searchsorted(times, [self.t0_s[row] - 1e-6, self.t1_s[row] - 1e-6])
        proof |= {
            "t0_s": round(float(self.t0_s[row]), 3),
            "t1_s": round(float(self.t1_s[row]), 3),
            "frame0": int(frames[min(int(first), len(frames) - 1)]),
            "frame1": int(frames[min(int(last), len(frames) - 1)]),
        }
        text = self.said.format(**numbers)
        if self.paths.moved[row]:
            text += " (drawn on the first picture; the camera's own motion is taken out)"
        return text, proof
