"""Do probabilities mean what they say: of parts said to hold with p, how many truly do?

Expected calibration error: the mean distance between what is said and what is so, over ten bins
of p, weighted by how much was said in each (Naeini et al. 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_BINS = 10


@dataclass(frozen=True, slots=True)
class Said:
    """One part of a question on one moment: its kind, its p, and whether it truly holds."""

    kind: str
    p: float
    true: bool


def calibration(said: Sequence[Said]) -> dict[str, Any]:
    """ECE over all parts and by kind of part, with the table of reliability."""
    kinds = sorted({one.kind for one in said})
    return {
        "n": len(said),
        "ECE": _error(said),
        "by_kind": {
            kind: {"n": len(mine), "ECE": _error(mine)}
            for kind in kinds
            if (mine := [one for one in said if one.kind == kind])
        },
        "reliability": reliability(said),
    }


def reliability(said: Sequence[Said]) -> list[dict[str, float]]:
    """For each bin of p that holds anything: its bounds, n, mean p, and the share that is so."""
    p, true, place = _binned(said)
    return [
        {
            "from": k / _BINS,
            "to": (k + 1) / _BINS,
            "n": int(mine.sum()),
            "said": round(float(p[mine].mean()), 4),
            "true": round(float(true[mine].mean()), 4),
        }
        for k in range(_BINS)
        if (mine := place == k).any()
    ]


def _error(said: Sequence[Said]) -> float:
    if not said:
        return 0.0
    rows = reliability(said)
    return round(sum(r["n"] * abs(r["said"] - r["true"]) for r in rows) / len(said), 4)


def _binned(
    said: Sequence[Said],
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]],
    np.ndarray[tuple[int], np.dtype[np.bool_]],
    np.ndarray[tuple[int], np.dtype[np.intp]],
]:
    p = np.array([one.p for one in said], np.float64)
    true = np.array([one.true for one in said], np.bool_)
    place = np.minimum((p * _BINS).astype(np.intp), _BINS - 1)
    return p, true, place
