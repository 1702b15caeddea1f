"""How sure a measured margin makes a predicate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.motion.clock import Clocked


class Emit(Protocol):
    """Takes one event: kind, interval, probability and the numbers behind it."""

    def __call__(self, kind: str, t0_s: float, t1_s: float, p: float, **numbers: float) -> None: ...


class Relate(Protocol):
    """Takes one relation: kind, who to whom, half-open interval in ticks of the common clock,
    probability and the numbers behind it.
    """

    def __call__(
        self,
        kind: str,
        subject: Clocked,
        other: Clocked,
        start: int,
        end: int,
        chance: float,
        **numbers: float,
    ) -> None: ...


def above(value: float, threshold: float, softness: float) -> float:
    """Logistic: 0.5 at the threshold, 0.73 one `softness` above it."""
    return 1.0 / (1.0 + math.exp(-max(min((value - threshold) / softness, 40.0), -40.0)))


def below(value: float, threshold: float, softness: float) -> float:
    """Logistic: 0.5 at the threshold, 0.73 one `softness` below it."""
    return above(-value, -threshold, softness)
