"""Who overtook, followed or accompanied whom, from positions in the world alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import Body
from sample_videos.world.truth_motion import STILL_M_S, VEHICLES, Motion

LASTING_S = {"follow": 3.0, "with": 1.0, "stop_behind": 1.5}
"""Relations that last, and how long they must, seconds."""


_ASIDE_M, _FAR_ASIDE_M = 6.0, 10.0
_STANDS_M_S = 0.3


@dataclass(frozen=True, slots=True)
class Relation:
    """Subject overtakes, passes (the other stands), follows, stops behind, meets or walks object.

    sure: False where people would not agree on the word.
    """

    kind: str
    subject: int
    object: int
    t0_s: float
    t1_s: float
    sure: bool = True


def relations(clip: Clip) -> list[Relation]:
    """Every relation between two objects of a clip, in order of time."""
    motions = {
        b.object_id: Motion.of(clip.run.lives[b.object_id])
        for b in clip.bodies
        if b.object_id in clip.run.lives and len(clip.run.lives[b.object_id].poses) > 15
    }
    bodies = {b.object_id: b for b in clip.bodies}
    out: list[Relation] = []
    for a, b in permutations(motions, 2):
        if bodies[a].kind in VEHICLES and bodies[b].kind in VEHICLES:
            out += _overtakes(bodies[a], bodies[b], motions[a], motions[b])
            out += _follows(bodies[a], bodies[b], motions[a], motions[b])
            out += _stops_behind(bodies[a], bodies[b], motions[a], motions[b])
            if a < b:
                out += _meets(bodies[a], bodies[b], motions[a], motions[b])
    for lead in clip.cast.leads:
        dog, owner = lead.body.object_id, lead.owner
        if dog in motions and owner in motions:
            t0 = max(motions[dog].t[0], motions[owner].t[0])
            t1 = min(motions[dog].t[-1], motions[owner].t[-1])
            if t1 - t0 >= 1.0:
                out.append(Relation("with", owner, dog, float(t0), float(t1)))
    return sorted(out, key=lambda r: (r.t0_s, r.kind, r.subject, r.object))


_Rows = np.ndarray[tuple[int], np.dtype[np.intp]]
_Metres = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]
_Pair = tuple[_Rows, _Rows]


def _common(a: Motion, b: Motion) -> _Pair | None:
    """Indices of the samples that both have, 0.2 s apart."""
    ka, kb = np.round(a.t / 0.04).astype(int), np.round(b.t / 0.04).astype(int)
    first, last = max(ka[0], kb[0]), min(ka[-1], kb[-1])
    if last - first < 50:
        return None
    grid = np.arange(first, last + 1, 5)
    ia = np.clip(np.round((grid - ka[0]) / 5).astype(int), 0, len(ka) - 1)
    ib = np.clip(np.round((grid - kb[0]) / 5).astype(int), 0, len(kb) - 1)
    return ia, ib


def _overtakes(body_a: Body, body_b: Body, a: Motion, b: Motion) -> list[Relation]:
    """From half a length behind to half a length ahead, side by side.

    What is passed stands meanwhile, whichever way it faces, and surely so where it is less than
    6 m away to the side; what is overtaken drives in the same direction.
    """
    pair = _common(a, b)
    if pair is None:
        return []
    ia, ib = pair
    need = 0.5 * (body_a.size_m[0] + body_b.size_m[0])
    for kind, heading in (("pass", a.heading[ia]), ("overtake", b.heading[ib])):
        found = _alongside(a, b, pair, heading, need)
        if found is None:
            continue
        (first, last), aside = found
        middle = slice(first, last + 1)
        slowest, fastest = float(b.speed[ib][middle].min()), float(b.speed[ib][middle].max())
        stands = fastest < _STANDS_M_S
        if float(a.speed[ia][middle].mean()) < 1.0 or stands != (kind == "pass"):
            continue
        if kind == "overtake" and aside >= _ASIDE_M:
            continue
        sure = aside < _ASIDE_M and (stands or slowest > 0.8)
        t0, t1 = float(a.t[ia[first]]), float(a.t[ia[last]])
        return [Relation(kind, body_a.object_id, body_b.object_id, t0, t1, sure)]
    return []


def _alongside(
    a: Motion, b: Motion, pair: _Pair, heading: _Metres, need: float
) -> tuple[tuple[int, int], float] | None:
    """First and last sample of going past along a heading, and the most metres to the side."""
    ia, ib = pair
    delta = a.xy[ia] - b.xy[ib]
    gap = delta[:, 0] * np.cos(heading) + delta[:, 1] * np.sin(heading)
    side = np.abs(-delta[:, 0] * np.sin(heading) + delta[:, 1] * np.cos(heading))
    same = np.cos(a.heading[ia] - heading) > 0.7
    near = same & (side < _FAR_ASIDE_M) & (np.abs(gap) < 30.0)
    level = np.flatnonzero(near & (np.abs(gap) < need))
    if not len(level):
        return None
    first = last = int(level[0])
    while first > 0 and near[first - 1] and gap[first] > -need:
        first -= 1
    while last < len(gap) - 1 and near[last + 1] and gap[last] < need:
        last += 1
    if gap[first] > -need or gap[last] < need or side[first : last + 1].min() < 1.0:
        return None
    return (first, last), float(side[first : last + 1].max())


def _follows(body_a: Body, body_b: Body, a: Motion, b: Motion) -> list[Relation]:
    """In the other's track, less than 3 s behind, both moving, for 3 s or more."""
    pair = _common(a, b)
    if pair is None:
        return []
    ia, ib = pair
    h = a.heading[ia]
    gap, side = _ahead(a, b, ia, ib)
    clear = gap - 0.5 * (body_a.size_m[0] + body_b.size_m[0])
    va, vb = a.speed[ia], b.speed[ib]
    ok = (
        (np.cos(b.heading[ib] - h) > 0.85)
        & (side < 1.3)
        & (clear > 0.3)
        & (clear < np.maximum(3.0 * va, 4.0))
        & (va > 1.5)
        & (vb > 1.5)
    )
    spans = _stretches(ok, a.t[ia], LASTING_S["follow"])
    return [Relation("follow", body_a.object_id, body_b.object_id, t0, t1) for t0, t1 in spans]


def _stops_behind(body_a: Body, body_b: Body, a: Motion, b: Motion) -> list[Relation]:
    """Standing for 1.5 s or more, close behind one that stands or crawls in the same lane.

    What never moved (a row of parked cars) is no such thing.
    """
    pair = _common(a, b)
    if pair is None or a.speed.max() < 1.0 or b.speed.max() < 1.0:
        return []
    ia, ib = pair
    gap, side = _ahead(a, b, ia, ib)
    clear = gap - 0.5 * (body_a.size_m[0] + body_b.size_m[0])
    ok = (
        (a.speed[ia] < STILL_M_S)
        & (b.speed[ib] < 0.5)
        & (np.cos(b.heading[ib] - a.heading[ia]) > 0.85)
        & (side < 1.3)
        & (clear > 0.0)
        & (clear < 5.0)
    )
    spans = _stretches(ok, a.t[ia], LASTING_S["stop_behind"])
    return [Relation("stop_behind", body_a.object_id, body_b.object_id, t0, t1) for t0, t1 in spans]


def _meets(body_a: Body, body_b: Body, a: Motion, b: Motion) -> list[Relation]:
    """Going past each other on opposite headings, both moving, less than 9 m apart sideways."""
    pair = _common(a, b)
    if pair is None:
        return []
    ia, ib = pair
    gap, side = _ahead(a, b, ia, ib)
    ok = (
        (np.cos(b.heading[ib] - a.heading[ia]) < -0.85)
        & (side < 9.0)
        & (np.abs(gap) < 12.0)
        & (a.speed[ia] > 1.0)
        & (b.speed[ib] > 1.0)
    )
    passing = ok[1:] & ok[:-1] & (np.sign(gap[1:]) < np.sign(gap[:-1]))
    times = a.t[ia]
    return [
        Relation("meet", body_a.object_id, body_b.object_id,
                 max(float(times[k]) - 1.0, float(times[0])),
                 min(float(times[k]) + 1.0, float(times[-1])))
        for k in np.flatnonzero(passing)
    ]  # fmt: skip


def _ahead(a: Motion, b: Motion, ia: _Rows, ib: _Rows) -> tuple[_Metres, _Metres]:
    """How far b is ahead of a along a's heading, and how far to the side, metres."""
    delta = b.xy[ib] - a.xy[ia]
    h = a.heading[ia]
    gap = delta[:, 0] * np.cos(h) + delta[:, 1] * np.sin(h)
    side = np.abs(-delta[:, 0] * np.sin(h) + delta[:, 1] * np.cos(h))
    return gap, side


def _stretches(ok: _Flags, t: _Metres, least_s: float) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], ok.astype(np.int8), [0]])))
    spans = [
        (float(t[first]), float(t[last]))
        for first, last in zip(edges[::2], edges[1::2] - 1, strict=True)
    ]
    return [(t0, t1) for t0, t1 in spans if t1 - t0 >= least_s]
