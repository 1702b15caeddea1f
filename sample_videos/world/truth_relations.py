"""Who overtook, followed or accompanied whom, from positions in the world alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import Body
from sample_videos.world.truth_motion import VEHICLES, Motion


@dataclass(frozen=True, slots=True)
class Relation:
    """overtake, pass (the other stands), follow, with: subject does it to object."""

    kind: str
    subject: int
    object: int
    t0_s: float
    t1_s: float


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
    for lead in clip.cast.leads:
        dog, owner = lead.body.object_id, lead.owner
        if dog in motions and owner in motions:
            t0 = max(motions[dog].t[0], motions[owner].t[0])
            t1 = min(motions[dog].t[-1], motions[owner].t[-1])
            if t1 - t0 >= 1.0:
                out.append(Relation("with", owner, dog, float(t0), float(t1)))
    return sorted(out, key=lambda r: (r.t0_s, r.kind, r.subject, r.object))


_Pair = tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.intp]]]


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
    """From half a length behind to half a length ahead, side by side, in one direction."""
    pair = _common(a, b)
    if pair is None:
        return []
    ia, ib = pair
    delta = a.xy[ia] - b.xy[ib]
    h = b.heading[ib]
    gap = delta[:, 0] * np.cos(h) + delta[:, 1] * np.sin(h)
    side = np.abs(-delta[:, 0] * np.sin(h) + delta[:, 1] * np.cos(h))
    same = np.cos(a.heading[ia] - h) > 0.7
    near = same & (side < 6.0) & (np.abs(gap) < 30.0)
    need = 0.5 * (body_a.size_m[0] + body_b.size_m[0])
    level = np.flatnonzero(near & (np.abs(gap) < need))
    if len(level) == 0:
        return []
    k = int(level[0])
    behind = k
    while behind > 0 and near[behind - 1] and gap[behind] > -need:
        behind -= 1
    ahead = k
    while ahead < len(gap) - 1 and near[ahead + 1] and gap[ahead] < need:
        ahead += 1
    if gap[behind] > -need or gap[ahead] < need or side[behind : ahead + 1].min() < 1.0:
        return []
    middle = slice(behind, ahead + 1)
    if float(a.speed[ia][middle].mean()) < 1.0:
        return []
    kind = "overtake" if float(b.speed[ib][middle].min()) > 0.8 else "pass"
    return [
        Relation(kind, body_a.object_id, body_b.object_id,
                 float(a.t[ia[behind]]), float(a.t[ia[ahead]]))
    ]  # fmt: skip


def _follows(body_a: Body, body_b: Body, a: Motion, b: Motion) -> list[Relation]:
    """In the other's track, less than 3 s behind, both moving, for 3 s or more."""
    pair = _common(a, b)
    if pair is None:
        return []
    ia, ib = pair
    delta = b.xy[ib] - a.xy[ia]
    h = a.heading[ia]
    gap = delta[:, 0] * np.cos(h) + delta[:, 1] * np.sin(h)
    side = np.abs(-delta[:, 0] * np.sin(h) + delta[:, 1] * np.cos(h))
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
    edges = np.flatnonzero(np.diff(np.concatenate([[0], ok.astype(np.int8), [0]])))
    out = []
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        t0, t1 = float(a.t[ia[first]]), float(a.t[ia[last]])
        if t1 - t0 >= 3.0:
            out.append(Relation("follow", body_a.object_id, body_b.object_id, t0, t1))
    return out
