"""A wavering signal as a chain of legs, each going one way."""

from __future__ import annotations

from itertools import pairwise

from core.detections import Float64


def legs(values: Float64, reversal: float) -> list[tuple[int, int]]:
    """(from, to) index pairs of alternating rises and falls.

    A leg ends where the signal comes back by `reversal` from its farthest point; smaller
    wavering belongs to the leg.
    """
    if len(values) < 2:
        return []
    turning = [0]
    low = high = 0
    rising: bool | None = None
    for k, value in enumerate(values.tolist()):
        if rising is None:
            low = k if value < values[low] else low
            high = k if value > values[high] else high
            if values[high] - values[low] >= reversal:
                rising = high > low
                turning.append(low if rising else high)
        elif rising:
            high = k if value > values[high] else high
            if values[high] - value >= reversal:
                turning.append(high)
                low, rising = k, False
        else:
            low = k if value < values[low] else low
            if value - values[low] >= reversal:
                turning.append(low)
                high, rising = k, True
    if rising is not None:
        turning.append(high if rising else low)
    turning.append(len(values) - 1)
    return [(a, b) for a, b in pairwise(turning) if b > a]
