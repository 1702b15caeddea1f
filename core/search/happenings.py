"""Events and their order on all tracks: which interval of a track satisfies a part best."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64, Int32
from core.language.query import EventPart, Frame, Order, Query
from core.search.columns import Columns, Events
from core.search.scoring import PartScore, lasting_fit, logistic

Rows = npt.NDArray[np.int64]

ABSENT = 0.03
UNSEEN = 0.45  # that something did not happen, of what was watched too briefly to tell
_GAP_TAU_S = 5.0
_PAST_LIMIT_S = 1.0  # tau beyond the gap that was asked for
_OVERLAP_SLACK_S = 0.6
_COUNTS_AS: Mapping[str, Mapping[str, float]] = {
    "turn": {"turn_left": 1.0, "turn_right": 1.0, "u_turn": 0.8},
    "stop": {"stop": 1.0, "wait": 1.0},
    "wait": {"wait": 1.0, "stop": 0.6},
    "stationary": {"stationary": 1.0, "parked": 1.0, "wait": 0.9, "stop": 0.8},
    "cross": {"cross": 1.0, "moving": 0.35},
    "loiter": {"loiter": 1.0, "stationary": 0.45, "wait": 0.35},
    "enter": {"enter": 1.0, "appear": 0.6},
    "exit": {"exit": 1.0, "disappear": 0.6},
    "appear": {"appear": 1.0, "enter": 0.7},
    "disappear": {"disappear": 1.0, "exit": 0.7},
    "reverse": {"reverse": 1.0},
}
"""What else satisfies a kind, and how well; a kind that is not listed satisfies only itself."""
_FOR_VIEWER = {"turn_left": "screen_left", "turn_right": "screen_right"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The event that serves a part best on each track.

    row: (N,) row in `events`, -1 where there is none. kind: (E,) place in `kinds` of each event.
    """

    events: Events
    kind: Int32
    kinds: tuple[str, ...]
    row: Rows

    def event(self, track: int) -> int:
        return int(self.row[track])


def _whole(kind: str) -> list[str]:
    """The kinds that satisfy a kind wholly: unless one was looked for, nobody knows."""
    return [other for other, weight in _COUNTS_AS.get(kind, {kind: 1.0}).items() if weight == 1.0]


def candidates(columns: Columns, part: EventPart, frame: Frame) -> Chosen:
    """All events that may satisfy a part, weighted; nothing chosen yet. Ordered by track, time."""
    asked = _FOR_VIEWER.get(part.kind, part.kind) if frame == "viewer" else part.kind
    accepted = _COUNTS_AS.get(asked, {asked: 1.0})
    kinds = tuple(accepted)
    events, number = columns.events_of_any(kinds)
    weight = np.array([accepted[kind] for kind in kinds], np.float32)
    p = events.p if (weight == 1.0).all() else events.p * weight[number]
    if part.min_s is not None or part.max_s is not None or part.manner:
        p = p * _fit(columns, events, part)
    return Chosen(replace(events, p=p), number, kinds, np.full(len(columns), -1, np.int64))


def _fit(columns: Columns, events: Events, part: EventPart) -> Float32:
    """(E,) how well duration and manner fit what was asked, in [0, 1]."""
    fit = np.ones(len(events), np.float32)
    fit *= lasting_fit(events.t1_s - events.t0_s, part.min_s, part.max_s)
    if part.manner in ("sharply", "slightly"):
        degrees = np.nan_to_num(np.abs(events.degrees), nan=60.0)
        sharp = (degrees - 85.0) / 12.0 if part.manner == "sharply" else (50.0 - degrees) / 10.0
        fit *= logistic(sharp)
    elif part.manner in ("slowly", "fast"):
        pace = columns.events_of("slow" if part.manner == "slowly" else "fast")
        best = np.full(len(columns), 0.1, np.float32)
        np.maximum.at(best, pace.track, pace.p)
        fit *= best[events.track]
    return fit


def event_scores(columns: Columns, query: Query) -> list[PartScore]:
    """One part for every event of a query, and one for their order where that was asked."""
    found = [candidates(columns, part, query.frame) for part in query.events]
    positive = [k for k, part in enumerate(query.events) if not part.negated]
    order: PartScore | None = None
    if query.order != "none" and len(positive) > 1:
        steps = [found[k] for k in positive]
        chain, p = _chain(columns, steps, query.order, query.gap_s)
        order = _order_score(columns, query, p)
    else:
        chain = [_best(columns, found[k]) for k in positive]
    rows = dict(zip(positive, chain, strict=True))
    scores = []
    for k, part in enumerate(query.events):
        chosen = replace(found[k], row=rows[k] if k in rows else _best(columns, found[k]))
        scores.append(_event_score(columns, part, chosen))
    return scores + ([order] if order is not None else [])


def _event_score(columns: Columns, part: EventPart, chosen: Chosen) -> PartScore:
    n = len(columns)
    measured = columns.measured_in(_whole(chosen.kinds[0]))
    if n and not measured.any():
        half = np.full(n, 0.5, np.float32)
        return PartScore(str(part), "event", half, np.zeros(n, np.bool_), chosen, tested=False)
    has = chosen.row >= 0
    p = np.full(n, ABSENT, np.float32)
    p[has] = np.maximum(chosen.events.p[chosen.row[has]], ABSENT)
    sure = columns.motion_known & measured
    known = sure | (has & (p > 0.5))
    usual = float(p[sure].mean()) if sure.any() else 0.15
    p = np.where(known, p, np.maximum(p * 0.5, np.clip(usual, 0.05, 0.4))).astype(np.float32)
    # What nobody could see happen did not for that reason not happen.
    signed = np.where(known, 1.0 - p, UNSEEN).astype(np.float32) if part.negated else p
    return PartScore(str(part), "event", signed, known, chosen, unmeasured=~(measured | known))


def _order_score(columns: Columns, query: Query, p: Float32) -> PartScore:
    words = next(words for kind, words in query.parts() if kind == "order")
    return PartScore(words, "order", np.maximum(p, ABSENT), columns.motion_known)


def _best(columns: Columns, found: Chosen) -> Rows:
    """(N,) row of the most probable event of each track, -1 for none."""
    row = np.full(len(columns), -1, np.int64)
    events = found.events
    if len(events):
        first = np.flatnonzero(np.diff(events.track, prepend=-1))
        most = np.maximum.reduceat(events.p, first)
        is_most = events.p == np.repeat(most, np.diff(first, append=len(events)))
        last = np.where(is_most, np.arange(len(events)), -1)
        row[events.track[first]] = np.maximum.reduceat(last, first)
    return row


def _chain(
    columns: Columns, steps: Sequence[Chosen], order: Order, gap_s: float | None
) -> tuple[list[Rows], Float32]:
    """The best way for events to follow one another, or to overlap, on each track, and how well.

    Dynamic programming over the steps: each event of a step is joined to the best event before it.
    Where no chain exists, each step falls back to its own best event and the order has p 0.
    """
    value = steps[0].events.p.astype(np.float64)
    smooth = np.ones(len(value))
    came_from: list[Rows] = []
    for before, after in itertools.pairwise(steps):
        left, right = _pairs(before.events.track, after.events.track)
        ties = _sequel if order == "then" else _share
        tie = ties(before.events, after.events, left, right, gap_s)
        left, right, tie = left[tie > 0.0], right[tie > 0.0], tie[tie > 0.0]
        gain = value[left] * after.events.p[right] * tie
        best, smooth_of = np.zeros(len(after.events)), np.zeros(len(after.events))
        source = np.full(len(after.events), -1, np.int64)
        rising = np.argsort(gain, kind="stable")
        best[right[rising]] = gain[rising]
        source[right[rising]] = left[rising]
        smooth_of[right[rising]] = (smooth[left] * tie)[rising]
        came_from.append(source)
        value, smooth = best, smooth_of
    last = replace(steps[-1].events, p=np.asarray(value, np.float32))
    end = _best(columns, replace(steps[-1], events=last))
    whole = end >= 0
    whole[whole] = value[end[whole]] > 1e-6
    p = np.zeros(len(columns), np.float32)
    # However long after: what comes later is in order, unless it was to come soon.
    least = 0.5 if order == "then" and gap_s is None else 0.0
    p[whole] = np.maximum(smooth[end[whole]], least)
    rows = [_best(columns, step) for step in steps]
    at = end
    for k in range(len(steps) - 1, -1, -1):
        rows[k] = np.where(whole, at, rows[k])
        if k:
            at = np.where(whole, came_from[k - 1][np.where(whole, at, 0)], -1) if len(value) else at
    return rows, p


def _sequel(a: Events, b: Events, left: Rows, right: Rows, gap_s: float | None) -> Float64:
    """(K,) how well an event comes after another, in [0, 1]; gap_s: most seconds between them."""
    gap = b.t0_s[right] - a.t1_s[left]
    later = (a.t0_s[left] + a.t1_s[left]) < (b.t0_s[right] + b.t1_s[right])
    fits = later & (gap > -_OVERLAP_SLACK_S - 0.5 * (a.t1_s[left] - a.t0_s[left]))
    waits = np.clip(gap, 0.0, None)
    if gap_s is None:
        return np.where(fits, np.exp(-waits / _GAP_TAU_S), 0.0)
    return np.where(fits, np.exp(-np.clip(waits - gap_s, 0.0, None) / _PAST_LIMIT_S), 0.0)


def _share(a: Events, b: Events, left: Rows, right: Rows, gap_s: float | None) -> Float64:
    """(K,) share of the shorter of two events in which the other happens, too."""
    del gap_s  # what happens at once has no gap
    common = np.minimum(a.t1_s[left], b.t1_s[right]) - np.maximum(a.t0_s[left], b.t0_s[right])
    shorter = np.minimum(a.t1_s[left] - a.t0_s[left], b.t1_s[right] - b.t0_s[right])
    return np.asarray(np.clip(common / np.maximum(shorter, 0.2), 0.0, 1.0), np.float64)


def _pairs(left: Int32, right: Int32) -> tuple[Rows, Rows]:
    """All pairs of places with equal values in two ascending arrays."""
    low = np.searchsorted(right, left, side="left")
    count = np.searchsorted(right, left, side="right") - low
    first = np.repeat(np.arange(len(left)), count)
    within = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    return first.astype(np.int64), (np.repeat(low, count) + within).astype(np.int64)
