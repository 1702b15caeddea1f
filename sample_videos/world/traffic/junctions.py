"""Who may enter a junction: where ways conflict, traffic lights, and the order of passing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sample_videos.world.layout import Crossing, Layout, Node, arc_length
from sample_videos.world.scene import Points, SignalState

CLEARANCE_M = 2.75
AMBER_S = 2.5
ALL_RED_S = 2.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """The stretch of one link that lies too near another link, and the other's stretch."""

    a0: float
    a1: float
    b0: float
    b1: float


class Conflicts:
    """Every pair of links of a layout that cannot be used side by side."""

    def __init__(self, layout: Layout) -> None:
        self.pairs: dict[str, dict[str, Conflict]] = {}
        self.forks: dict[str, dict[str, float]] = {}
        points = {k.strip_id: layout.strips[k.strip_id].points for k in layout.links}
        along = {k: arc_length(v) for k, v in points.items()}
        for a in layout.links:
            self.pairs[a.strip_id] = {}
            self.forks[a.strip_id] = {}
            for b in layout.links:
                if a is b or a.node != b.node:
                    continue
                wide = _clearance(layout, a.strip_id, b.strip_id)
                if a.source == b.source and a.source_offset == b.source_offset:
                    self.forks[a.strip_id][b.strip_id] = _fork(
                        points[a.strip_id], points[b.strip_id], along[a.strip_id], wide
                    )
                    continue
                found = _near(
                    points[a.strip_id],
                    points[b.strip_id],
                    along[a.strip_id],
                    along[b.strip_id],
                    wide,
                )
                if found is not None:
                    self.pairs[a.strip_id][b.strip_id] = found


def _clearance(layout: Layout, a: str, b: str) -> float:
    slim = layout.strips[a].bicycles_only or layout.strips[b].bicycles_only
    return 1.75 if slim else CLEARANCE_M


def _near(a: Points, b: Points, sa: Points, sb: Points, wide: float) -> Conflict | None:
    distance = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    close = distance < wide
    if not close.any():
        return None
    on_a, on_b = np.flatnonzero(close.any(axis=1)), np.flatnonzero(close.any(axis=0))
    return Conflict(
        float(sa[on_a[0]]), float(sa[on_a[-1]]), float(sb[on_b[0]]), float(sb[on_b[-1]])
    )


def _fork(a: Points, b: Points, sa: Points, wide: float) -> float:
    distance = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]).min(axis=1)
    apart = np.flatnonzero(distance > wide)
    return float(sa[apart[0]]) if len(apart) else float(sa[-1])


@dataclass(slots=True)
class Signals:
    """The lights of one junction: its groups are green in turn."""

    node: Node
    green_s: tuple[float, ...]
    shift_s: float = 0.0
    _starts: list[float] = field(default_factory=list)
    _cycle: float = 0.0

    def __post_init__(self) -> None:
        t = 0.0
        for green in self.green_s:
            self._starts.append(t)
            t += green + AMBER_S + ALL_RED_S
        self._cycle = t

    def colour(self, strip: str, t_s: float) -> str:
        at = (t_s + self.shift_s) % self._cycle
        for k, group in enumerate(self.node.groups):
            if strip in group:
                since = at - self._starts[k]
                if 0 <= since < self.green_s[k]:
                    return "green"
                return "amber" if 0 <= since < self.green_s[k] + AMBER_S else "red"
        return "green"

    def red_for(self, strip: str, t_s: float) -> float:
        """Seconds until the strip turns green, 0 when it is not red."""
        if self.colour(strip, t_s) != "red":
            return 0.0
        at = (t_s + self.shift_s) % self._cycle
        for k, group in enumerate(self.node.groups):
            if strip in group:
                return (self._starts[k] - at) % self._cycle
        return 0.0

    def may_walk(self, crossing: Crossing, t_s: float, need_s: float) -> bool:
        """Whether there is time to walk across before the crossed arm turns green."""
        return all(self.red_for(strip, t_s) > need_s for strip in crossing.closed_by)

    def states(self, t_s: float) -> list[SignalState]:
        return [
            SignalState(prop, self.colour(strip, t_s))
            for strip, props in self.node.signals.items()
            for prop in props
        ]
