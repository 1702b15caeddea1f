"""What is unusual: how far each object is from a chosen normal in looks, in moves and in place.

Distances become probabilities by rank: p is the share of normal objects, each compared with the
others and never with itself, that are at least as far (conformal prediction: Vovk, Gammerman and
Shafer, "Algorithmic learning in a random world", 2005). So 0.01 means the same in every library.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.detections import Bool, Float32, Int32
from core.explore.features import Features
from core.explore.flow import Flow, flow_of
from core.explore.neighbours import Rows, nearest
from core.search.columns import Columns
from core.search.paths import Paths

FEWEST = 8
_NEIGHBOURS = 5
_SPARE = 12  # looked at beyond, as parts of the same object are passed over
_MOST_SAMPLES = 4000
_SHAPE_SHARE = 0.1  # of how unusual a shape is, beside what is done where
_SAME_SHARE = 0.02  # of pairs seen at once are nearer than what may be the same object
SHOWN = 0.8
"""What is farther than this, as a multiple of what 95 of 100 normal objects stay below, is listed.
"""


@dataclass(frozen=True, slots=True)
class Distances:
    """How far N tracks are from the normal in one respect.

    far: (N,) float32. p: (N,) share of the normal that is at least as far, 1 where unknown. known:
    (N,). excess: (N,) far as a multiple of what 95 of 100 normal objects stay below.
    """

    far: Float32
    p: Float32
    known: Bool
    excess: Float32

    @staticmethod
    def of(far: Float32, known: Bool, normal: Bool, kind: Int32) -> Distances:
        """normal: (N,) those whose distances are what is usual. kind: (N,) compared apart."""
        p = np.ones(len(far), np.float32)
        excess = np.zeros(len(far), np.float32)
        told = np.zeros(len(far), np.bool_)
        base = normal & known
        for number in np.unique(kind):
            mine = known & (kind == number)
            usual = np.sort(far[base & mine])
            if len(usual) < FEWEST:
                continue
            rows = np.flatnonzero(mine)
            at_least = len(usual) - np.searchsorted(usual, far[rows], side="left")
            own = base[rows].astype(np.int64)
            p[rows] = (at_least - own + 1) / (len(usual) - own + 1)
            excess[rows] = far[rows] / max(float(np.quantile(usual, 0.95)), 1e-6)
            told |= mine
        return Distances(far, p, told, excess)


@dataclass(frozen=True)
class Unusual:
    """How unusual N tracks are, aligned with the columns.

    looks, shape, place: in how they look, in the shape of their way, in what they do where. flow:
    the comparison by place. normal: (N,) what they were compared with.
    """

    looks: Distances
    shape: Distances
    place: Distances
    flow: Flow
    normal: Bool

    def p(self, space: str) -> Float32:
        """(N,) how rare each is in "looks" or "moves"; moves are the rarer of shape and place."""
        if space == "looks":
            return self.looks.p
        both = self.shape.known & self.place.known
        least = np.minimum(self.shape.p, self.place.p)
        return np.where(both, np.minimum(2.0 * least, 1.0), least).astype(np.float32)

    def excess(self, space: str) -> Float32:
        """(N,) how far beyond the usual, to rank by: above 1 for fewer than 5 of 100."""
        if space == "looks":
            return self.looks.excess
        return np.where(self.place.known, self.place.excess + _SHAPE_SHARE * self.shape.excess,
                        self.shape.excess).astype(np.float32)  # fmt: skip

    def level(self, space: str) -> Float32:
        """(N,) in [0, 1]: 0 usual, 1 unlike everything normal; 0 where unknown."""
        known = self.looks.known if space == "looks" else self.shape.known | self.place.known
        return np.where(known, 1.0 - self.p(space), 0.0).astype(np.float32)

    def ranked(self, space: str, among: Bool | None = None) -> Rows:
        """Rows beyond `SHOWN`, most unusual first."""
        excess = self.excess(space)
        keep = excess > SHOWN
        if among is not None:
            keep &= among
        rows = np.flatnonzero(keep)
        return rows[np.lexsort((rows, -excess[rows]))].astype(np.int64)


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
    far, known = flow.scores()
    return Unusual(
        looks=by_looks(columns, looks, normal),
        shape=_by_neighbours(columns, moves, normal, flow.kind),
        place=Distances.of(far, known, normal, flow.kind),
        flow=flow,
        normal=normal,
    )


def by_looks(columns: Columns, looks: Features, normal: Bool) -> Distances:
    """How far all tracks are from the normal ones in looks, whatever they are."""
    return _by_neighbours(columns, looks, normal, np.zeros(len(columns), np.int32))


def _by_neighbours(columns: Columns, features: Features, normal: Bool, kind: Int32) -> Distances:
    """Mean distance to the nearest normal objects that are surely others."""
    among = features.known & normal
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
