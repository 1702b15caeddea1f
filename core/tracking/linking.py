"""Which tracklets follow each other as one object, with a score and a reason for every link.

Online association cannot look ahead; here both ends of every gap are known. Geometry vetoes what
is impossible, motion and looks give log-likelihood ratios, and the best set of links is found at
once (a path cover: every tracklet has at most one successor and one predecessor). A wrong merge
is worse than a break, so a link that has a close rival is not made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import (
    bellman_ford,
    connected_components,
    dijkstra,
    min_weight_full_bipartite_matching,
)

from core.detections import Bool, Float32, Float64
from core.geometry import corners, iou_pairs
from core.tracking.appearance import Calibration, cosines
from core.tracking.tracklets import Tracklets

Intp = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Numbers of the offline stage; times in seconds, distances in box sizes.

    gap_s: longest gap bridged for moving objects; still_gap_s: for objects at rest in one place.
    prior: evidence a link needs, as a log-likelihood ratio; prior_blind: the same where looks
    cannot tell, because then motion has the only say. lead: how much worse the next best is.
    split_llr: a tracklet is cut where looks speak against one object by more than this.
    reentry_llr, reentry_margin: what looks alone must say, and by how much (in cosines) nobody
    else may look alike, to bring an object back after any time.
    interpolate_s: longest gap filled with interpolated boxes.
    """

    gap_s: float = 10.0
    still_gap_s: float = 60.0
    prior: float = 2.0
    prior_blind: float = 1.5
    lead: float = 0.5
    split_llr: float = -2.0
    reentry_llr: float = 3.0
    reentry_margin: float = 0.25
    interpolate_s: float = 1.5
    fewest_boxes: int = 3
    shortest_s: float = 0.25
    least_confidence: float = 0.3
    twin_iou: float = 0.6
    twin_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidate links as parallel arrays. earlier, later: (P,) rows of tracklets. motion, looks:
    (P,) log-likelihood ratios. score: (P,) what speaks for the link, the prior taken off.
    """

    earlier: Intp
    later: Intp
    motion: Float64
    looks: Float64
    score: Float64


_PACE = 0.9  # of its speed at both ends an unseen object keeps, on average
_ALONG, _BESIDE = 0.35, 0.2  # how far it may be off along its way and beside it, shares of the way
_BLUR, _BLUR_ROOT = 0.25, 0.7  # the same whatever its speed, box sizes and box sizes per sqrt(s)
_STRANGER_SPEED = 1.7  # box sizes per s: how much the speeds of two strangers differ
_DISTANCES = 1 << 23  # distances held at a time
_CHUNK = 512  # tracklets whose followers are looked at together


def candidates(
    tracklets: Tracklets, means: Float32, calibration: Calibration, s: LinkSettings
) -> Pairs:
    """Pairs that geometry does not rule out and that something speaks for.

    tracklets: ordered by start. means: (T, D) centred unit vectors, NaN where there is no crop.
    """
    prior = s.prior if calibration.usable else s.prior_blind
    lows = np.searchsorted(tracklets.t0_s, tracklets.t1_s, side="right")
    highs = np.searchsorted(tracklets.t0_s, tracklets.t1_s + s.still_gap_s, side="right")
    parts: list[Pairs] = []
    for start in range(0, len(tracklets), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(tracklets)))
        counts = highs[rows] - lows[rows]
        earlier = np.repeat(rows, counts)
        offset = np.arange(len(earlier)) - np.repeat(np.cumsum(counts) - counts, counts)
        later = np.repeat(lows[rows], counts) + offset
        possible = _possible(tracklets, earlier, later, s)
        earlier, later = earlier[possible], later[possible]
        motion = _motion_llr(tracklets, earlier, later, s)
        looks = calibration.llr(cosines(means[earlier], means[later]))
        score = motion + looks - prior
        good = score > 0.0
        parts.append(Pairs(earlier[good], later[good], motion[good], looks[good], score[good]))
    none, real = np.zeros(0, np.intp), np.zeros(0)
    parts.append(Pairs(none, none, real, real, real))
    return Pairs(
        np.concatenate([p.earlier for p in parts]),
        np.concatenate([p.later for p in parts]),
        np.concatenate([p.motion for p in parts]),
        np.concatenate([p.looks for p in parts]),
        np.concatenate([p.score for p in parts]),
    )


def _possible(tracklets: Tracklets, i: Intp, j: Intp, s: LinkSettings) -> Bool:
    """(P,) False where time, place, size, kind or the border of the picture rule a link out."""
    gap = tracklets.t0_s[j] - tracklets.t1_s[i]
    tail, head = tracklets.tail[i], tracklets.head[j]
    size = np.sqrt(_sizes(tail) * _sizes(head))
    moved = head[:, :2] - tail[:, :2]
    ahead = moved - _drift(tracklets, i, j) * gap[:, None]
    distance = np.minimum(np.hypot(*moved.T), np.hypot(*ahead.T)) / size
    ratio = np.abs(np.log(np.clip(tail[:, 3], 1.0, None) / np.clip(head[:, 3], 1.0, None)))
    gone = (tracklets.left[i] | tracklets.came[j]) & (gap > 0.5)
    possible = ~gone & (ratio < np.log(2.0))
    possible &= tracklets.group[i] == tracklets.group[j]
    possible &= tracklets.shot[i] == tracklets.shot[j]
    moving = (gap <= s.gap_s) & (distance < 1.5 + 3.0 * np.sqrt(gap))
    return np.asarray(possible & (moving | _still(tracklets, i, j)), np.bool_)


def _sizes(boxes: Float64) -> Float64:
    return np.asarray(np.sqrt(np.clip(boxes[:, 2] * boxes[:, 3], 1.0, None)))


def _still(tracklets: Tracklets, i: Intp, j: Intp) -> Bool:
    """Pairs where both ends rest, and in the same place."""
    tail, head = tracklets.tail[i], tracklets.head[j]
    speed = np.maximum(
        np.hypot(*tracklets.tail_speed[i].T) / _sizes(tail),
        np.hypot(*tracklets.head_speed[j].T) / _sizes(head),
    )
    return np.asarray((speed < 0.12) & (iou_pairs(corners(tail), corners(head)) > 0.5), np.bool_)


def _drift(tracklets: Tracklets, i: Intp, j: Intp) -> Float64:
    """(P, 2) mean speed over the gap, px/s: that of both ends together."""
    return np.asarray((tracklets.tail_speed[i] + tracklets.head_speed[j]) / 2.0, np.float64)


def _motion_llr(tracklets: Tracklets, i: Intp, j: Intp, s: LinkSettings) -> Float64:
    """(P,) log-likelihood ratio of one object having moved like that, against a stranger.

    One object goes on about as fast as at both ends, more or less far along its way and a little
    beside it; or it slows down. A stranger appears anywhere within reach.
    """
    gap = tracklets.t0_s[j] - tracklets.t1_s[i]
    tail, head = tracklets.tail[i], tracklets.head[j]
    size = np.sqrt(_sizes(tail) * _sizes(head))
    drift = _drift(tracklets, i, j) / size[:, None]
    speed = np.hypot(*drift.T)
    along = drift / np.maximum(speed, 1e-9)[:, None]
    rest = (head[:, :2] - tail[:, :2]) / size[:, None] - _PACE * drift * gap[:, None]
    forward = (rest * along).sum(axis=1)
    beside = np.hypot(*(rest - forward[:, None] * along).T)
    blur = _BLUR + _BLUR_ROOT * np.sqrt(gap)
    length = np.hypot(blur, _ALONG * speed * gap)
    width = np.hypot(blur, _BESIDE * speed * gap)
    reach = 1.5 + 3.0 * np.sqrt(gap) + speed * gap
    place = np.log(np.square(reach) / (2.0 * length * width))
    place -= np.square(forward / length) / 2.0 + np.square(beside / width) / 2.0
    change = np.log(_sizes(head) / _sizes(tail))
    spread = 0.12 + 0.12 * np.sqrt(gap)
    shape = np.log(0.5 / spread) - np.square(change) * (0.5 / np.square(spread) - 2.0)
    turned = np.square(tracklets.tail_speed[i] - tracklets.head_speed[j]).sum(axis=1)
    turned = turned / np.square(size)
    agile = np.square(np.minimum(0.35 + 0.5 * np.sqrt(gap), _STRANGER_SPEED))
    rush = np.log(_STRANGER_SPEED**2 / agile) - turned * (0.5 / agile - 0.5 / _STRANGER_SPEED**2)
    evidence = place + np.minimum(shape, 1.0) + np.minimum(rush, 0.5)
    moved = np.where(gap <= s.gap_s, evidence, -np.inf)
    overlap = iou_pairs(corners(tail), corners(head))
    stayed = np.where(_still(tracklets, i, j), 6.0 * (overlap - 0.25), -np.inf)
    return np.asarray(np.maximum(moved, stayed), np.float64)


def path_cover(pairs: Pairs, n: int, lead: float) -> Intp:
    """Indices of the pairs to link: the matching of largest total score, without close calls.

    Independent groups of tracklets are solved one by one, so that the work grows with the length
    of a video and not with its square.
    """
    if not len(pairs.score):
        return np.zeros(0, np.intp)
    edges = coo_matrix((np.ones(len(pairs.score)), (pairs.earlier, pairs.later)), shape=(n, n))
    _, component = connected_components(edges, directed=False)
    of_pair = component[pairs.earlier]
    order = np.argsort(of_pair, kind="stable")
    starts = np.flatnonzero(np.diff(of_pair[order], prepend=-1))
    chosen = [
        rows[_matched(pairs.earlier[rows], pairs.later[rows], pairs.score[rows], lead)]
        for rows in np.split(order, starts[1:])
    ]
    return np.sort(np.concatenate(chosen)).astype(np.intp)


def _matched(earlier: Intp, later: Intp, value: Float64, lead: float) -> Bool:
    """(P,) which pairs of one component are linked: those of the best matching without which the
    whole component would be explained worse by at least `lead`.
    """
    known, both = np.unique(np.concatenate([earlier, later]), return_inverse=True)
    i, j = both[: len(earlier)], both[len(earlier) :]
    made = _best(i, j, value, len(known))
    return np.asarray(made & (_regret(i, j, value, made, len(known)) >= lead), np.bool_)


def _best(i: Intp, j: Intp, value: Float64, n: int) -> Bool:
    """(P,) the pairs of the matching with the largest total value."""
    if len(value) <= 1:
        return np.ones(len(value), np.bool_)
    # A tracklet may stay without a successor: a private dummy column of value 0 (all plus one,
    # because zeros do not exist in a sparse matrix).
    rows = np.concatenate([i, np.arange(n)])
    columns = np.concatenate([j, n + np.arange(n)])
    weights = np.concatenate([value + 1.0, np.ones(n)])
    table = coo_matrix((weights, (rows, columns)), shape=(n, 2 * n)).tocsr()
    picked_rows, picked_columns = min_weight_full_bipartite_matching(table, maximize=True)
    successor = np.full(n, -1, np.intp)
    successor[picked_rows] = picked_columns
    return np.asarray(successor[i] == j, np.bool_)


def _regret(i: Intp, j: Intp, value: Float64, made: Bool, n: int) -> Float64:
    """(P,) how much the best matching without each pair made is worse; -inf for the others.

    Giving a pair up sets off a chain: its successor goes to a rival, whose own successor goes to
    another, and so on, until somebody stays alone. The cheapest chain is the shortest cycle
    through the pair in the residual graph of the matching (Johnson 1977 for all of them at once);
    node n stands for staying alone.
    """
    owner = np.full(n, n)
    owner[j[made]] = i[made]
    own = np.zeros(n + 1)
    own[i[made]] = value[made]
    ends, alone = np.arange(n), np.full(n, n)
    giver = np.concatenate([i[~made], ends, alone])
    taker = np.concatenate([owner[j[~made]], alone, ends])
    cost = np.concatenate([own[owner[j[~made]]] - value[~made], np.zeros(n), own[:n]])
    order = np.lexsort((cost, taker, giver))
    giver, taker, cost = giver[order], taker[order], cost[order]
    cheapest = np.ones(len(cost), np.bool_)
    cheapest[1:] = (giver[1:] != giver[:-1]) | (taker[1:] != taker[:-1])
    giver, taker, cost = giver[cheapest], taker[cheapest], cost[cheapest]
    level = _potential(giver, taker, cost, n + 1)
    lifted = np.maximum(cost + level[giver] - level[taker], 0.0)
    graph = coo_matrix((lifted, (giver, taker)), shape=(n + 1, n + 1)).tocsr()
    cycle = np.full(n + 1, np.inf)
    by_taker = np.argsort(taker, kind="stable")
    block = max(1, _DISTANCES // (n + 1))
    for low in range(0, n + 1, block):  # all distances at once would grow with the square
        sources = np.arange(low, min(low + block, n + 1))
        first, last = np.searchsorted(taker[by_taker], [low, sources[-1] + 1])
        edges = by_taker[first:last]
        back = dijkstra(graph, indices=sources)[taker[edges] - low, giver[edges]]
        back += level[giver[edges]] - level[taker[edges]]
        np.minimum.at(cycle, taker[edges], back + cost[edges])
    regret = np.full(len(value), -np.inf)
    regret[made] = cycle[i[made]]
    return regret


def _potential(giver: Intp, taker: Intp, cost: Float64, n: int) -> Float64:
    """(n,) levels of the nodes on which no edge costs less than nothing (Johnson's first step)."""
    nodes = np.arange(n)
    ends = np.concatenate([giver, np.full(n, n)]), np.concatenate([taker, nodes])
    table = coo_matrix((np.concatenate([cost, np.zeros(n)]), ends), shape=(n + 1, n + 1))
    level: Float64 = bellman_ford(table.tocsr(), indices=n)[:n]
    return level
