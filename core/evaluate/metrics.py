"""Figures about rankings: how high the right ones stand.

R@k and MRR are those of the AI City retrieval track: a hit is any right answer among the first k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Ranked:
    """One question's outcome. hits: True for each judged result that is right, best first, an
    object counted once. relevant: how many right objects there are. overlap: temporal IoU of the
    first right result with the truth, None where there is none.
    """

    hits: tuple[bool, ...]
    relevant: int
    overlap: float | None = None

    @property
    def first(self) -> int | None:
        """Rank of the first right result, from 1."""
        return self.hits.index(True) + 1 if True in self.hits else None

    def average_precision(self) -> float:
        """Mean over the right objects of the precision at their ranks."""
        places = np.flatnonzero(self.hits)
        if not self.relevant:
            return 0.0
        return float(sum((k + 1) / (place + 1) for k, place in enumerate(places)) / self.relevant)

    def gain(self, depth: int = 10) -> float:
        """Normalised discounted cumulative gain among the first `depth`."""
        discount = 1.0 / np.log2(np.arange(depth) + 2.0)
        gained = sum(discount[k] for k, hit in enumerate(self.hits[:depth]) if hit)
        best = float(discount[: min(self.relevant, depth)].sum())
        return float(gained / best) if best else 0.0

    def precision(self, depth: int = 10) -> float:
        """Share of right ones among the first `depth` places, filled or not."""
        return sum(self.hits[:depth]) / depth

    def in_time(self, least: float) -> bool:
        """Whether the first result is right and its moment overlaps the truth by `least`."""
        return self.first == 1 and self.overlap is not None and self.overlap >= least


def summary(outcomes: Sequence[Ranked]) -> dict[str, float]:
    """MRR, R@1, R@5, R@10, P@10, mAP, nDCG@10, tIoU (mean of the first right moment), R1@.3, .5
    and .7 (the first result is right, and so is its time), n; zeros for none.
    """
    n = len(outcomes)

    def mean(values: Sequence[float]) -> float:
        return round(float(np.mean(values)), 4) if len(values) else 0.0

    def within(k: int) -> float:
        return mean([float(o.first is not None and o.first <= k) for o in outcomes])

    overlaps = [o.overlap for o in outcomes if o.overlap is not None]
    return {
        "n": n,
        "MRR": mean([1.0 / o.first if o.first else 0.0 for o in outcomes]),
        "R@1": within(1),
        "R@5": within(5),
        "R@10": within(10),
        "mAP": mean([o.average_precision() for o in outcomes]),
        "nDCG@10": mean([o.gain() for o in outcomes]),
        "P@10": mean([o.precision() for o in outcomes]),
        "tIoU": mean(overlaps),
        **{
            f"R1@tIoU{least:g}": mean([float(o.in_time(least)) for o in outcomes])
            for least in (0.3, 0.5, 0.7)
        },
    }


HEADLINE = ("MRR", "R@1", "R@5", "R@10", "mAP", "nDCG@10")
_DRAWS = 1000


def intervals(by_scene: Sequence[Sequence[Ranked]]) -> dict[str, tuple[float, float]]:
    """95 % intervals of the headline figures, by drawing whole scenes with replacement.

    Questions about one clip go right or wrong together, so they are never drawn singly; one scene
    alone says nothing about others, and has no interval.
    """
    scenes = [scene for scene in by_scene if scene]
    if len(scenes) < 2:
        return {}
    sums = np.array(
        [[summary(scene)[name] * len(scene) for name in HEADLINE] for scene in scenes], np.float64
    )
    counts = np.array([len(scene) for scene in scenes], np.float64)
    drawn = np.random.default_rng(0).integers(0, len(scenes), (_DRAWS, len(scenes)))
    values = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)[:, None]
    low, high = np.percentile(values, [2.5, 97.5], axis=0)
    return {
        name: (round(float(low[k]), 4), round(float(high[k]), 4)) for k, name in enumerate(HEADLINE)
    }


def wins(pairs: Sequence[tuple[str, float, float]]) -> dict[str, dict[str, float]]:
    """Stratum -> how often the right object scored above the wrong one; a draw is half a win.

    pairs: (stratum, score of the right one, score of the wrong one).
    """
    grouped: dict[str, list[float]] = {}
    for stratum, right, wrong in pairs:
        grouped.setdefault(stratum, []).append(0.5 + 0.5 * np.sign(right - wrong))
    return {
        stratum: {"n": len(won), "rate": round(float(np.mean(won)), 4)}
        for stratum, won in sorted(grouped.items())
    }


def temporal_iou(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Intersection over union of two spans of time."""
    inside = min(one[1], other[1]) - max(one[0], other[0])
    outside = max(one[1], other[1]) - min(one[0], other[0])
    return max(0.0, inside) / outside if outside > 0 else 0.0


def percentiles(values: Sequence[float]) -> Mapping[str, float]:
    """p50 and p95 of some times."""
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    p50, p95 = np.percentile(values, [50, 95])
    return {"p50": round(float(p50), 5), "p95": round(float(p95), 5)}
