"""What is unusual: how far each object is from a chosen normal in looks, in moves and in place.

Distances become probabilities by rank: p is the share of normal objects, each compared with the
others and never with itself, that are at least as far (conformal prediction: Vovk, Gammerman and
Shafer, "Algorithmic learning in a random world", 2005). So 0.01 means the same in every library.
Listed is what is both rarer than that and beyond the usual by a margin: rank alone would list as
many where nothing happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from core.detections import Bool, Float32, Int32
from core.explore.features import Features
from core.explore.flow import Flow, flow_of
from core.explore.neighbours import Rows, nearest
from core.explore.standing import Stands, stands_of
from core.explore.turning import Turns, turns_of
from core.search.columns import Columns
from core.search.paths import Paths

FEWEST = 8
_NEIGHBOURS = 5
_SPARE = 12  # looked at beyond, as parts of the same object are passed over
_MOST_SAMPLES = 4000
_MOST_NORMAL = 10_000  # of more, so many tell what is usual
_SHAPE_ALONE = 0.8  # where nothing is known of places
_STAND_SHARE = 0.8
_ON_WHEELS = 0  # `Flow.kind`: only what drives is unusual where it stands
_SURE = 0.7  # objects of which the detector is as sure as of this share of the normal count in full
_SAME_SHARE = 0.02  # of pairs seen at once are nearer than what may be the same object
RARE = 0.04
SHOWN = 1.05
"""Listed is what no more than a share of `RARE` of the normal are as far as, if it is farther than
this, as a multiple of what 95 of 100 of them stay below.
"""
_TURNED, _STOOD = 0.3, 0.15  # added so much, it is the reason
Respect = Literal["turned", "stood", "place", "shape"]


@dataclass(frozen=True, slots=True)
class Distances:
    """How far N tracks are from the normal in one respect.

    far: (N,) float32. p: (N,) share of the normal that is at least as far, 1 where unknown. known:
    (N,). excess: (N,) far as a multiple of what 95 of 100 normal objects stay below. listed: (N,)
    beyond `SHOWN` and as rare as `RARE`, or the rarest there can be among fewer.
    """

    far: Float32
    p: Float32
    known: Bool
    excess: Float32
    listed: Bool

    @staticmethod
    def of(far: Float32, known: Bool, normal: Bool, kind: Int32) -> Distances:
        """normal: (N,) those whose distances are what is usual. kind: (N,) compared apart."""
        p = np.ones(len(far), np.float32)
        excess = np.zeros(len(far), np.float32)
        told, listed = np.zeros(len(far), np.bool_), np.zeros(len(far), np.bool_)
        base = normal & known
        for number in np.unique(kind):
            mine = known & (kind == number)
            usual = np.sort(far[base & mine])
            if len(usual) < FEWEST:
                continue
            rows = np.flatnonzero(mine)
            at_least = len(usual) - np.searchsorted(usual, far[rows], side="left")
            own = base[rows].astype(np.int64)
            share = (at_least - own + 1) / (len(usual) - own + 1)
            rarest = 1.0 / (len(usual) - own + 1)
            p[rows] = share
            excess[rows] = far[rows] / max(float(np.quantile(usual, 0.95)), 1e-6)
            listed[rows] = (share <= np.maximum(rarest, RARE)) & (excess[rows] > SHOWN)
            told |= mine
        return Distances(far, p, told, excess, listed)


@dataclass(frozen=True)
class Unusual:
    """How unusual N tracks are, aligned with the columns.

    moves: in how they move. place: in what they do where. shape: in the shape of their way, which
    counts where nothing is known of places. stands, turns: their stops and their turning round
    beside those of others there. sure: (N,) in [0, 1] how sure it is that there is such an object.
    flow: the comparison by place. paths: of all tracks. seen: what they look like. normal: (N,)
    what they were compared with.
    """

    columns: Columns
    seen: Features
    moves: Distances
    shape: Distances
    place: Distances
    stands: Stands
    turns: Turns
    sure: Float32
    flow: Flow
    paths: Paths
    normal: Bool

    @cached_property
    def looks(self) -> Distances:
        """In how they look; compared when it is first asked for."""
        return by_looks(self.columns, self.seen, self.normal)

    def _in(self, space: str) -> Distances:
        return self.looks if space == "looks" else self.moves

    def p(self, space: str) -> Float32:
        """(N,) how rare each is in "looks" or "moves"."""
        return self._in(space).p

    def excess(self, space: str) -> Float32:
        """(N,) how far beyond the usual, to rank by: above 1 for fewer than 5 of 100."""
        return self._in(space).excess

    def level(self, space: str) -> Float32:
        """(N,) in [0, 1]: 0 usual, 1 unlike everything normal; 0 where unknown."""
        found = self._in(space)
        return np.where(found.known, 1.0 - found.p, 0.0).astype(np.float32)

    def listed(self, space: str) -> Bool:
        """(N,) what is unusual enough to be shown."""
        return self._in(space).listed

    def ranked(self, space: str, among: Bool | None = None) -> Rows:
        """Rows that are listed, most unusual first."""
        keep = self.listed(space)
        if among is not None:
            keep = keep & among
        rows = np.flatnonzero(keep)
        return rows[np.lexsort((rows, -self.excess(space)[rows]))].astype(np.int64)

    def respect(self, row: int) -> Respect:
        """What makes the moves of one track most unusual."""
        if self.turns.far[row] * self.sure[row] >= _TURNED:
            return "turned"
        stood = _stood(self.stands, self.flow)[row] * self.sure[row]
        if not self.place.known[row]:
            return "shape"
        if stood > 0.0 and stood >= min(_STOOD, float(self.place.excess[row])):
            return "stood"
        return "place"

    def when(self, row: int) -> tuple[float, float, float]:
        """From when to when the moves of a track are unusual, and when most, seconds."""
        respect = self.respect(row)
        if respect == "turned":
            t0_s, t1_s = float(self.turns.t0_s[row]), float(self.turns.t1_s[row])
            return t0_s, t1_s, (t0_s + t1_s) / 2.0
        if respect == "stood":
            t0_s, lasted_s = float(self.stands.t0_s[row]), float(self.stands.lasted_s[row])
            return t0_s, t0_s + lasted_s, t0_s + lasted_s / 2.0
        t0_s, t1_s, worst = self.flow.stretch(row)
        if respect == "place" and worst >= 0:
            return t0_s, t1_s, float(self.flow.t_s[worst])
        t_s = self.paths.t_s[self.paths.points_of(row)]
        return (float(t_s[0]), float(t_s[-1]), float(t_s[0])) if len(t_s) else (0.0, 0.0, 0.0)


def unusual_of(
    columns: Columns,
    looks: Features,
    moves: Features,
    paths: Paths,
    view: Int32,
    normal: Bool,
) -> Unusual:
    """Compare all tracks with the normal ones.

    view: (V,) number of the camera view of each video (`core.explore.views`). normal: (N,).
    """
    flow = flow_of(columns, paths, view, normal)
    sure = _sureness(columns, normal, flow.kind)
    far, known = flow.scores()
    place = Distances.of(far * sure, known, normal, flow.kind)
    unlike = _by_neighbours(columns, moves, normal, flow.kind)
    shape = Distances.of(unlike.far * sure, unlike.known, normal, flow.kind)
    stands, turns = stands_of(flow), turns_of(columns, flow)
    by_place = place.excess + _stood(stands, flow) * sure
    total = np.where(place.known, by_place, _SHAPE_ALONE * shape.excess) + turns.far * sure
    return Unusual(
        columns=columns,
        seen=looks,
        moves=Distances.of(total.astype(np.float32), place.known | shape.known, normal, flow.kind),
        shape=shape,
        place=place,
        stands=stands,
        turns=turns,
        sure=sure,
        flow=flow,
        paths=paths,
        normal=normal,
    )


def _stood(stands: Stands, flow: Flow) -> Float32:
    """(N,) how much each stop adds to what is unusual."""
    return np.asarray(_STAND_SHARE * stands.far * (flow.kind == _ON_WHEELS), np.float32)


def _sureness(columns: Columns, normal: Bool, kind: Int32) -> Float32:
    """(N,) how sure the detector is of each object beside normal ones of its kind, squared.

    What it hardly believes in itself is often no object, or an object that is not where it seems.
    """
    sure = np.ones(len(columns), np.float32)
    for number in np.unique(kind):
        mine = kind == number
        usual = columns.confidence[mine & normal]
        if len(usual) >= FEWEST:
            full = max(float(np.quantile(usual, _SURE)), 1e-6)
            sure[mine] = np.clip(columns.confidence[mine] / full, 0.0, 1.0) ** 2
    return sure


def by_looks(columns: Columns, looks: Features, normal: Bool) -> Distances:
    """How far all tracks are from the normal ones in looks, whatever they are."""
    return _by_neighbours(columns, looks, normal, np.zeros(len(columns), np.int32))


def _by_neighbours(columns: Columns, features: Features, normal: Bool, kind: Int32) -> Distances:
    """Mean distance to the nearest normal objects that are surely others."""
    among = features.known & normal
    usual = np.flatnonzero(among)
    if len(usual) > _MOST_NORMAL:
        among = np.zeros_like(among)
        among[np.random.default_rng(0).choice(usual, _MOST_NORMAL, replace=False)] = True
    rows = np.flatnonzero(features.known).astype(np.int64)
    far = np.zeros(len(features), np.float32)
    if among.sum() < FEWEST or not len(rows):
        return Distances.of(far, np.zeros_like(among), normal, kind)
    found, distance = nearest(features.vectors, _NEIGHBOURS + _SPARE, among=among, of=rows)
    usable = _surely_others(columns, features, rows, found, distance)
    apart = np.where(usable, distance, np.inf)
    apart = np.sort(apart, axis=1)[:, :_NEIGHBOURS]
    there = np.isfinite(apart)
    total = np.where(there, apart, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    far[rows] = total
    known = np.zeros(len(features), np.bool_)
    known[rows] = there.any(axis=1)
    return Distances.of(far, known, normal, kind)


def nearest_normal(
    columns: Columns, features: Features, normal: Bool, row: int, count: int
) -> list[int]:
    """Rows of the normal objects most like one, surely others, nearest first."""
    of = np.array([row], np.int64)
    found, distance = nearest(
        features.vectors, count + _SPARE, among=features.known & normal, of=of
    )
    usable = _surely_others(columns, features, of, found, distance)
    return [int(other) for other in found[0][usable[0]]][:count]


def _surely_others(
    columns: Columns, features: Features, rows: Rows, found: Rows, distance: Float32
) -> Bool:
    """Neighbours that are no part of the same object.

    Two tracks of one video that are never seen at once and nearer to each other than two that are
    hardly ever are may be one object followed in pieces.
    """
    there = found >= 0
    other = np.where(there, found, 0)
    same_video = columns.video[other] == columns.video[rows][:, None]
    apart_in_time = (columns.t1_s[other] < columns.t0_s[rows][:, None]) | (
        columns.t0_s[other] > columns.t1_s[rows][:, None]
    )
    alike = distance < _nearest_of_two(columns, features)
    return np.asarray(there & ~(same_video & apart_in_time & alike), np.bool_)


def _nearest_of_two(columns: Columns, features: Features) -> float:
    """How near two objects hardly ever are that are seen at once, so that they are two."""
    rows = np.flatnonzero(features.known)
    if len(rows) < 2:
        return 0.0
    rng = np.random.default_rng(0)
    a = rng.choice(rows, _MOST_SAMPLES)
    span = np.diff(columns.starts)[columns.video[a]]
    b = columns.starts[:-1][columns.video[a]] + (rng.random(len(a)) * span).astype(np.int64)
    together = (columns.t0_s[b] <= columns.t1_s[a]) & (columns.t1_s[b] >= columns.t0_s[a])
    pair = together & (a != b) & features.known[b]
    if not pair.any():
        return 0.0
    cosine = np.einsum("nd,nd->n", features.vectors[a[pair]], features.vectors[b[pair]])
    return float(np.quantile(1.0 - cosine, _SAME_SHARE))
