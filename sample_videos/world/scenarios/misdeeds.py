"""What nobody else does at a place: drive against all, turn round, stop, walk on the road."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sample_videos.world.layout import Strip, arc_length, at, headings, resample, turn_line
from sample_videos.world.scenarios.casting import Casting
from sample_videos.world.scene import Points
from sample_videos.world.traffic.vehicle import FOREVER, Halt
from sample_videos.world.truth_anomalies import PlannedAnomaly

AGAINST, LOOP = "against", "u_turn"
_LANES = 3.0  # metres to either side of a lane's line that are taken
_KERB_M = 3.2
_CRUISE_M_S = 9.5
Span = tuple[float, float]


def wrong_way(casting: Casting, way: str, s: float, t: float) -> PlannedAnomaly:
    """A car that drives along an oncoming lane, at `s` metres of it at time t."""
    strip = casting.strips[way]
    _clear(casting, {way: (t - 9.0, t + 9.0)})
    casting.strips[AGAINST] = _reversed(strip)
    body = casting.body("car")
    length = strip.length_m
    pieces = [(AGAINST, 0.0, length, -strip.lanes[0])]
    casting.trip(body, pieces, reach_s=t, reach_q=length - s, planned=True)
    return PlannedAnomaly(body.object_id, "wrong_way")


def wrong_exit(casting: Casting, source: str, opposite: str, t: float) -> PlannedAnomaly:
    """A car that passes a junction and goes on in the lane of those who come from there."""
    mine, theirs = casting.strips[source], casting.strips[opposite]
    _clear(casting, {opposite: (t - 26.0, t + 12.0), source: (t - 5.0, t + 3.0)})
    way = _line(_reversed(theirs), -theirs.lanes[0])
    own = _line(mine, mine.lanes[0])
    h0, h1 = float(headings(own)[-1]), float(headings(way)[0])
    link = turn_line(_pair(own[-1]), h0, _pair(way[0]), h1, 30.0)
    casting.strips[AGAINST] = Strip(AGAINST, resample(np.concatenate([link[:-1], way])), speed=9.0)
    body = casting.body("car")
    pieces = [
        (source, 0.0, mine.length_m, mine.lanes[0]),
        (AGAINST, 0.0, casting.strips[AGAINST].length_m, 0.0),
    ]
    casting.trip(body, pieces, reach_s=t, planned=True)
    return PlannedAnomaly(body.object_id, "wrong_way")


def turn_round(casting: Casting, way: str, s: float, back: str, t: float) -> PlannedAnomaly:
    """A car that turns round in the middle of a road, `s` metres along `way`, at time t."""
    _clear(casting, {way: (t - 9.0, t + 7.0), back: (t - 7.0, t + 11.0)})
    there, here = casting.strips[back], casting.strips[way]
    start = _point(here, s, here.lanes[-1])
    end = _point(there, beside(here, s, there), there.lanes[-1])
    heading = at(here.points, s)[2]
    ahead = np.array([np.cos(heading), np.sin(heading)])
    left = np.array([-ahead[1], ahead[0]])
    radius = float((end - start) @ left) / 2.0
    angle = np.linspace(-np.pi / 2, np.pi / 2, 50)[:, None]
    round_it = start + radius * (np.cos(angle) * ahead + (np.sin(angle) + 1.0) * left)
    casting.strips[LOOP] = Strip(LOOP, resample(round_it), speed=4.5, turn="u_turn")
    body = casting.body("car")
    pieces = [
        (way, 0.0, s, here.lanes[-1]),
        (LOOP, 0.0, casting.strips[LOOP].length_m, 0.0),
        (back, beside(here, s, there), there.length_m, there.lanes[-1]),
    ]
    casting.trip(body, pieces, reach_s=t, planned=True)
    return PlannedAnomaly(body.object_id, "u_turn")


def stop_in_lane(
    casting: Casting, pieces: list[tuple[str, float, float, float]], s: float, t: float
) -> PlannedAnomaly:
    """A car that stops for good in its lane, `s` metres along the last of its pieces.

    Nobody else comes to that lane afterwards.
    """
    last = pieces[-1]
    _clear(casting, {last[0]: (t - 6.0, FOREVER)}, offset=last[3])
    before = sum(s1 - s0 for _, s0, s1, _ in pieces[:-1])
    body = casting.body("car")
    halt = Halt(before + s - last[1], FOREVER)
    casting.trip(body, pieces, reach_s=t, reach_q=halt.q, halts=(halt,), planned=True)
    return PlannedAnomaly(body.object_id, "stopped_car")


def walk_on_road(casting: Casting, way: str, s: float, back: str, t: float) -> PlannedAnomaly:
    """Somebody who crosses a road aslant where there is no zebra, and stands in the middle."""
    _clear(casting, {way: (t - 2.0, t + 9.0), back: (t - 2.0, t + 14.0)})
    here, there = casting.strips[way], casting.strips[back]
    first = _point(here, s, here.lanes[-1] - _KERB_M)
    opposite = beside(here, s, there)
    last = _point(there, opposite - 9.0, there.lanes[-1] - _KERB_M)
    points = resample(np.stack([first, last]))
    length = float(arc_length(points)[-1])
    pauses = ((0.45 * length, 2.5),)
    stroll = casting.roam(points, start_s=t - 1.0, speed=1.35, pauses=pauses)
    return PlannedAnomaly(stroll.body.object_id, "person_on_road")


def beside(strip: Strip, s: float, other: Strip) -> float:
    """Metres along another strip at the place next to `s` metres along this one."""
    x, y, _ = at(strip.points, s)
    nearest = int(np.argmin(np.hypot(*(other.points - (x, y)).T)))
    return float(arc_length(other.points)[nearest])


def _clear(casting: Casting, when: Mapping[str, Span], offset: float | None = None) -> None:
    """Take other vehicles off some strips for a while; offset: only those in that lane.

    Of those that drive into a strip, the time is that of coming to it, at a usual pace.
    """

    def in_the_way(trip_no: int) -> bool:
        trip = casting.trips[trip_no]
        if trip.planned:
            return False
        legs = trip.courses[0].legs
        for k, leg in enumerate(legs):
            span = when.get(leg.strip)
            if span is None or (offset is not None and abs(leg.offset - offset) > _LANES / 2):
                continue
            at_q = leg.q1 if k == 0 and len(legs) > 1 else (leg.q0 + leg.q1) / 2
            if k > 0:
                at_q = leg.q0
            reached = trip.start_s + max(at_q - trip.start_q, 0.0) / _CRUISE_M_S
            if span[0] <= reached <= span[1]:
                return True
        return False

    casting.trips = [trip for k, trip in enumerate(casting.trips) if not in_the_way(k)]


def _reversed(strip: Strip) -> Strip:
    return replace(strip, strip_id=AGAINST, points=strip.points[::-1].copy(), node="", cycle=None)


def _line(strip: Strip, offset: float) -> Points:
    turned = headings(strip.points)
    aside = np.stack([-np.sin(turned), np.cos(turned)], axis=1)
    return np.asarray(strip.points + offset * aside, np.float64)


def _point(strip: Strip, s: float, offset: float) -> Points:
    x, y, heading = at(strip.points, s)
    return np.array([x - offset * np.sin(heading), y + offset * np.cos(heading)])


def _pair(point: Points) -> tuple[float, float]:
    return float(point[0]), float(point[1])
