"""A place: its ground, its standing things, and the lines that vehicles and people move along.

Traffic keeps to the right. A *strip* is one direction of one road (or one link through a
junction); its lanes run side by side along one line, so that a position is (strip, s, offset)
with s in metres along the line and offset in metres to the left of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sample_videos.world.scene import Light, Points, Prop, Stage, Surface

STEP_M = 0.5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Strip:
    """One direction of a road, or one link through a junction.

    points: (N, 2) metres, about STEP_M apart. lanes: offsets of the lane centres, left positive,
    innermost (leftmost) first. cycle, parking: offset of the cycle lane or parking row, if any.
    node: the junction at its end, or "". turn: for links: left, right, straight, u_turn.
    priority: among the links of one junction, the higher one goes first.
    """

    strip_id: str
    points: Points
    lanes: tuple[float, ...] = (0.0,)
    lane_width: float = 3.3
    cycle: float | None = None
    parking: float | None = None
    speed: float = 11.0
    node: str = ""
    turn: str = ""
    priority: int = 0
    bicycles_only: bool = False

    @property
    def length_m(self) -> float:
        return float(arc_length(self.points)[-1])


@dataclass(frozen=True, slots=True)
class Link:
    """A way through a junction: from an offset at the end of a strip to one at another's start."""

    strip_id: str
    source: str
    source_offset: float
    target: str
    target_offset: float
    node: str


@dataclass(frozen=True, slots=True)
class Node:
    """A junction. control: signals, priority, all_way, or none.

    groups: for signals, the sets of source strips that are green together.
    signals: source strip -> indices of its signal props.
    """

    node_id: str
    control: str
    x: float
    y: float
    groups: tuple[tuple[str, ...], ...] = ()
    signals: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A zebra crossing. spans: (strip, s at its near side, s at its far side) that it covers.

    node, closed_by: the junction it belongs to and the strips whose green forbids walking.
    """

    crossing_id: str
    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    spans: tuple[tuple[str, float, float], ...]
    node: str = ""
    closed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """A line that people walk along, in both directions; crossing: the zebra it leads over."""

    start: str
    end: str
    points: Points
    half_width: float = 0.8
    crossing: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with a direction: a parking bay, a bus stop, where somebody may stand."""

    x: float
    y: float
    heading: float
    strip: str = ""
    s: float = 0.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything about a place except light and camera. focus: where the action is."""

    name: str
    surfaces: tuple[Surface, ...]
    props: tuple[Prop, ...]
    strips: Mapping[str, Strip]
    links: tuple[Link, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    crossings: Mapping[str, Crossing] = field(default_factory=dict)
    walks: tuple[Walk, ...] = ()
    bays: tuple[Spot, ...] = ()
    stops: tuple[Spot, ...] = ()
    open_area: Points | None = None
    focus: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    clear_m: float = 24.0
    extent_m: float = 150.0

    def stage(self, light: Light, seed: int = 0) -> Stage:
        return Stage(self.surfaces, self.props, light, seed, self.extent_m)


def arc_length(points: Points) -> Floats:
    """Metres along a polyline at each of its points, (N,)."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def resample(points: Points, step: float = STEP_M) -> Points:
    """The same line with points `step` metres apart (a little less, so that both ends stay)."""
    s = arc_length(points)
    n = max(2, int(np.ceil(s[-1] / step)) + 1)
    at = np.linspace(0.0, s[-1], n)
    return np.stack([np.interp(at, s, points[:, 0]), np.interp(at, s, points[:, 1])], axis=1)


def headings(points: Points) -> Floats:
    """Heading at each point of a polyline, unwrapped, radians."""
    d = np.gradient(points, axis=0)
    return np.unwrap(np.arctan2(d[:, 1], d[:, 0]))


def offset_line(points: Points, offset: float) -> Points:
    """The line `offset` metres to the left of a polyline."""
    h = headings(points)
    return points + offset * np.stack([-np.sin(h), np.cos(h)], axis=1)


def at(points: Points, s: float) -> tuple[float, float, float]:
    """Position and heading at s metres along a polyline."""
    along = arc_length(points)
    i = int(np.clip(np.searchsorted(along, s) - 1, 0, len(points) - 2))
    a, b = points[i], points[i + 1]
    f = (s - along[i]) / max(along[i + 1] - along[i], 1e-9)
    x, y = a + f * (b - a)
    return float(x), float(y), float(np.arctan2(b[1] - a[1], b[0] - a[0]))


def line(a: tuple[float, float], b: tuple[float, float]) -> Points:
    return resample(np.array([a, b], dtype=np.float64))


def smoothed(points: Points, sigma: float) -> Points:
    """The line with its curvature eased (Gaussian over `sigma` metres); both ends stay."""
    fine = resample(points, 0.25)
    step = arc_length(fine)[-1] / (len(fine) - 1)
    reach = int(np.ceil(3 * sigma / step))
    if reach < 1 or len(fine) < 4:
        return resample(fine)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / sigma) ** 2)
    kernel /= kernel.sum()
    before = fine[0] - (fine[1] - fine[0]) * np.arange(reach, 0, -1)[:, None]
    after = fine[-1] + (fine[-1] - fine[-2]) * np.arange(1, reach + 1)[:, None]
    padded = np.concatenate([before, fine, after])
    out = np.stack([np.convolve(padded[:, k], kernel, "valid") for k in (0, 1)], axis=1)
    out[0], out[-1] = fine[0], fine[-1]
    return resample(out)


def turn_line(
    start: tuple[float, float], h0: float, end: tuple[float, float], h1: float, radius: float
) -> Points:
    """A drivable line from one pose to another: straight, arc of at most `radius`, straight.

    For poses that cannot be joined by one arc (parallel ones) it is a smooth S-curve.
    """
    p0, p1 = np.array(start, dtype=np.float64), np.array(end, dtype=np.float64)
    u0, u1 = np.array([np.cos(h0), np.sin(h0)]), np.array([np.cos(h1), np.sin(h1)])
    cross = u0[0] * u1[1] - u0[1] * u1[0]
    if abs(cross) > 0.12:
        a, b = np.linalg.solve(np.stack([u0, u1], axis=1), p1 - p0)
        theta = float(np.arctan2(cross, u0 @ u1))
        if a > 0.5 and b > 0.5:
            t = min(radius * np.tan(abs(theta) / 2), 0.92 * a, 0.92 * b)
            r = t / np.tan(abs(theta) / 2)
            corner = p0 + a * u0
            begin = corner - t * u0
            side = np.sign(theta) * np.array([-u0[1], u0[0]])
            centre = begin + r * side
            turned = np.linspace(0.0, theta, max(8, int(abs(theta) * r / 0.3)))
            arm = begin - centre
            c, s = np.cos(turned), np.sin(turned)
            arc = centre + np.stack([arm[0] * c - arm[1] * s, arm[0] * s + arm[1] * c], axis=1)
            raw = np.concatenate([p0[None], arc, p1[None]])
            return smoothed(raw, min(1.6, 0.3 * max(0.4, min(a, b) - t) + 0.5))
    reach = 0.45 * float(np.hypot(*(p1 - p0)))
    f = np.linspace(0.0, 1.0, 60)[:, None]
    control = (p0, p0 + 0.5 * reach * u0, p0 + reach * u0, p1 - reach * u1, p1 - 0.5 * reach * u1)
    weights = (1, 5, 10, 10, 5, 1)
    curve = np.zeros((60, 2))
    for k, point in enumerate((*control, p1)):
        curve = curve + weights[k] * f**k * (1 - f) ** (5 - k) * point
    return resample(curve)
