"""How much speaks for one person riding one two-wheeler, and during which time.

Frame by frame, two things speak for a ride against a stranger who is merely near: the person sits
where a rider sits, and both move by the same amount. The ride is the stretch of time in which they
speak loudest (the contiguous part of largest sum). At rest anybody can stand where a rider would
sit, so without a common journey there is no ride.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float64, Int32
from core.geometry import at_border
from core.tracking.camera import CameraPath
from core.tracking.classes import RIDDEN, group_of
from core.tracks import FrameSize, Path, Track

Intp = npt.NDArray[np.intp]

LEAST_P = 0.5

_CORRELATED_S = 0.7  # boxes nearer than this in time are one witness, not several
_LAG_S = 0.5  # motion is displacement from so long before to so long after
_PRIOR = 3.0  # evidence that a ride needs, as a log-likelihood ratio
_MOST = 3.0  # that a whole ride can gain from its place or its motion: it takes both
_WORST_PLACE, _BEST_PLACE = -3.0, 1.0
_WORST_MOTION, _BEST_MOTION = -4.0, 1.5
_JOURNEY = 0.7  # heights that both must travel together
_DRIFT = 0.32  # two-wheeler heights that one may shift on the other: passing by is more
_LEAST_SHARE, _LONG_S = 0.5, 3.0  # of the shorter one's life, or that long
_CUT_WEIGHT = 0.3  # of a box cut off at the border, whose centre is not the object's

_ASIDE = 0.17  # box widths: how far a rider's middle is from the two-wheeler's
_FEET, _FEET_SPREAD = 0.75, 0.28  # two-wheeler heights from its top down to the rider's lowest part
_TALLER, _TALLER_SPREAD = 0.37, 0.35  # log of the rider's height over the two-wheeler's
_NEARBY = (0.5, 0.5, 0.6)  # density of the same three numbers among people who are just near

_ON_FOOT_S, _ON_FOOT_SHARE = 1.0, 0.25  # seen on foot for longer, a rider stays a person
_RIDING_PACE = 0.6  # of the pace on the ride: who is that fast with no two-wheeler in sight rides


@dataclass(frozen=True, slots=True)
class Ride:
    """One person on one two-wheeler.

    rider, wheeler: places in the list of tracks. t0_s, t1_s: the ride. score: all that speaks for
    it, a log-likelihood ratio > 0, to choose among rides. p: probability, in [0, 1].
    """

    rider: int
    wheeler: int
    t0_s: float
    t1_s: float
    score: float
    p: float
    numbers: Mapping[str, float]

    def overlaps(self, other: Ride) -> bool:
        """Whether both are at one time; pieces of a broken track may share a moment."""
        return min(self.t1_s, other.t1_s) - max(self.t0_s, other.t0_s) > _LAG_S


def rides_of(tracks: Sequence[Track], frame_size: FrameSize, camera: CameraPath) -> Iterator[Ride]:
    """Every pair of a person and a bare two-wheeler that is a ride with p of at least `LEAST_P`.

    Both may be in several; which of them can be true together is not decided here.
    """
    people = [k for k, t in enumerate(tracks) if group_of(t.class_name) == "person"]
    if not people:
        return
    first = np.array([tracks[k].path.t_s[0] for k in people])
    last = np.array([tracks[k].path.t_s[-1] for k in people])
    low = np.array([tracks[k].path.xyxy[:, :2].min(axis=0) for k in people])
    high = np.array([tracks[k].path.xyxy[:, 2:].max(axis=0) for k in people])
    for w, track in enumerate(tracks):
        if track.class_name not in RIDDEN:
            continue
        path = track.path
        meets = (first <= path.t_s[-1]) & (last >= path.t_s[0])
        meets &= (low <= path.xyxy[:, 2:].max(axis=0)).all(axis=1)
        meets &= (high >= path.xyxy[:, :2].min(axis=0)).all(axis=1)
        for k in np.flatnonzero(meets):
            ride = _ride((people[k], w), tracks[people[k]].path, path, frame_size, camera)
            if ride is not None:
                yield ride


def _ride(
    pair: tuple[int, int], person: Path, below: Path, size: FrameSize, camera: CameraPath
) -> Ride | None:
    """The best stretch of one pair (places of rider and two-wheeler), None where it is no ride."""
    p_rows, w_rows = np.flatnonzero(~person.interpolated), np.flatnonzero(~below.interpolated)
    _, i, j = np.intersect1d(
        person.frame[p_rows], below.frame[w_rows], assume_unique=True, return_indices=True
    )
    i, j = p_rows[i], w_rows[j]
    if len(i) < 3:
        return None
    t_s, frame = person.t_s[i], person.frame[i]
    a, b = person.xyxy[i].astype(np.float64), below.xyxy[j].astype(np.float64)
    fixed_a, fixed_b = (camera.stabilise(frame, boxes) for boxes in (a, b))
    shot = np.where(camera.lost(frame), -1, camera.shot(frame))
    sits, motion = _place(a, b), _motion(t_s, fixed_a, fixed_b, shot)
    place = np.minimum(sits, _BEST_PLACE)
    weight = _witnesses(t_s) * np.where(_cut(a, size) | _cut(b, size), _CUT_WEIGHT, 1.0)
    start, stop = _loudest(weight * (place + motion))
    part = slice(start, stop)
    seconds = float(t_s[stop - 1] - t_s[start])
    life = min(float(person.t_s[-1] - person.t_s[0]), float(below.t_s[-1] - below.t_s[0]))
    if stop - start < 3 or (seconds < _LEAST_SHARE * life and seconds < _LONG_S):
        return None
    of_place = min(float((weight * place)[part].sum()), _MOST)
    of_motion = min(float((weight * motion)[part].sum()), _MOST)
    journey = min(_journey(boxes[part], shot[part]) for boxes in (fixed_a, fixed_b))
    drift = _drift(a[part], b[part])
    p = _logistic(of_place + of_motion - _PRIOR) * _logistic((journey - _JOURNEY) / 0.12)
    p *= _logistic((_DRIFT - drift) / 0.04)
    if p < LEAST_P:
        return None
    numbers = {
        "seconds": seconds,
        "share": seconds / max(life, 1e-6),
        "heights_travelled": journey,
        "heights_drifted": drift,
        "place": of_place,
        "motion": of_motion,
    }
    numbers = {name: round(value, 3) for name, value in numbers.items()}
    score = float((weight * (sits + motion))[part].sum())
    return Ride(*pair, float(t_s[start]), float(t_s[stop - 1]), score, p, numbers)


def _place(a: Float64, b: Float64) -> Float64:
    """(N,) log-likelihood ratio of a person box `a` sitting on a two-wheeler box `b`."""
    wide = np.maximum(np.maximum(a[:, 2] - a[:, 0], b[:, 2] - b[:, 0]), 1.0)
    high_a, high_b = np.maximum(a[:, 3] - a[:, 1], 1.0), np.maximum(b[:, 3] - b[:, 1], 1.0)
    middle = (a[:, 0] + a[:, 2]) / 2.0
    aside = (middle - (b[:, 0] + b[:, 2]) / 2.0) / wide
    feet = (a[:, 3] - b[:, 1]) / high_b
    llr = np.zeros(len(a))
    for value, usual, spread, nearby in (
        (aside, 0.0, _ASIDE, _NEARBY[0]),
        (feet, _FEET, _FEET_SPREAD, _NEARBY[1]),
        (np.log(high_a / high_b), _TALLER, _TALLER_SPREAD, _NEARBY[2]),
    ):
        off = (value - usual) / spread
        llr += -0.5 * np.square(off) - np.log(spread * np.sqrt(2.0 * np.pi) * nearby)
    outside = (middle < b[:, 0]) | (middle > b[:, 2]) | (feet < 0.0) | (feet > 1.35)
    llr[outside] = _WORST_PLACE
    return np.asarray(np.maximum(llr, _WORST_PLACE), np.float64)


def _motion(t_s: Float64, a: Float64, b: Float64, shot: Int32) -> Float64:
    """(N,) log-likelihood ratio of moving as one; 0 where neither moves, which tells nothing.

    shot: (N,) what the boxes are stabilised to, -1 where nobody knows.
    """
    before, after = _around(t_s)
    unit = np.maximum(a[:, 3] - a[:, 1], 1.0)
    one, other = (_shift(box, before, after) / unit[:, None] for box in (a, b))
    moved = np.maximum(np.hypot(*one.T), np.hypot(*other.T))
    apart = np.square(one - other).sum(axis=1)
    same = np.square(0.08 + 0.12 * moved)  # boxes tremble, the more the faster
    strangers = same + np.square(0.5 * moved)
    llr = np.log(strangers / same) - apart * (0.5 / same - 0.5 / strangers)
    blind = (shot[before] != shot[after]) | (shot < 0)
    llr[blind | (t_s[after] - t_s[before] > 4.0 * _LAG_S)] = 0.0
    return np.asarray(np.clip(llr, _WORST_MOTION, _BEST_MOTION), np.float64)


def _around(t_s: Float64) -> tuple[Intp, Intp]:
    """Rows about `_LAG_S` before and after each row, its neighbours at low frame rates."""
    lag = max(_LAG_S, 1.1 * float(np.median(np.diff(t_s))))
    before = np.searchsorted(t_s, t_s - lag - 1e-6, side="left")
    after = np.searchsorted(t_s, t_s + lag + 1e-6, side="right") - 1
    return before, after


def _shift(boxes: Float64, before: Intp, after: Intp) -> Float64:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    return np.asarray(centre[after] - centre[before], np.float64)


def _journey(boxes: Float64, shot: Int32) -> float:
    """How far a box came in one shot, in its heights: across the picture, or growing towards it."""
    return max((_way(boxes[shot == one]) for one in np.unique(shot[shot >= 0])), default=0.0)


def _way(boxes: Float64) -> float:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    high = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    across = float(np.hypot(*np.ptp(centre, axis=0))) / float(np.median(high))
    return across + float(np.ptp(np.log(high)))


def _drift(a: Float64, b: Float64) -> float:
    """How far `a` is from where it was on `b`, last third against first, in heights of `b`."""
    high = np.maximum(b[:, 3] - b[:, 1], 1.0)
    offset = (a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:]) / 2.0 / high[:, None]
    third = max(len(a) // 3, 1)
    return float(np.hypot(*(offset[-third:].mean(axis=0) - offset[:third].mean(axis=0))))


def _witnesses(t_s: Float64) -> Float64:
    """(N,) how much of an independent observation each row is."""
    gaps = np.minimum(np.diff(t_s), _CORRELATED_S) / _CORRELATED_S
    return np.asarray((np.append(gaps, 0.0) + np.insert(gaps, 0, 0.0)) / 2.0, np.float64)


def _cut(boxes: Float64, size: FrameSize) -> Bool:
    return np.asarray(at_border(boxes, size.width, size.height).any(axis=1), np.bool_)


def _loudest(values: Float64) -> tuple[int, int]:
    """The half-open contiguous part of largest sum."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    lowest = np.minimum.accumulate(total)
    stop = int(np.argmax(total - lowest))
    return int(np.argmin(total[: stop + 1])), stop


def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0))))


def rode_only(
    tracks: Sequence[Track], rides: Sequence[Ride], rider: int, camera: CameraPath
) -> bool:
    """Whether a rider was hardly seen on foot before, after or between the rides given.

    rider: place in the list of tracks, in at least one of the rides. With the two-wheeler in
    sight, what is no ride is on foot. Detectors lose two-wheelers more often than people, so where
    none is in sight the pace decides, and between rides nothing does.
    """
    mine = [ride for ride in rides if ride.rider == rider]
    path = tracks[rider].path
    t_s, boxes = path.t_s, camera.stabilise(path.frame, path.xyxy.astype(np.float64))
    riding, alone = np.zeros(len(path), np.bool_), np.ones(len(path), np.bool_)
    for ride in mine:
        riding |= (t_s >= ride.t0_s) & (t_s <= ride.t1_s)
        alone &= ~np.isin(path.frame, tracks[ride.wheeler].path.frame)
    before, after = _around(t_s)
    step = np.hypot(*_shift(boxes, before, after).T)
    pace = step / np.maximum((boxes[:, 3] - boxes[:, 1]) * (t_s[after] - t_s[before]), 1e-6)
    between = (t_s > min(r.t0_s for r in mine)) & (t_s < max(r.t1_s for r in mine))
    riding |= alone & (between | (pace >= _RIDING_PACE * float(np.median(pace[riding]))))
    gaps = np.diff(t_s)
    spent = (np.append(gaps, 0.0) + np.insert(gaps, 0, 0.0)) / 2.0
    on_foot = float(spent[~riding].sum())
    return on_foot <= max(_ON_FOOT_S, _ON_FOOT_SHARE * float(spent.sum()))
