"""Who stood where others passed, and how long beside them: a stop that nobody else made there.

Standing alone says little: others wait at the same place for a light or for people who cross. So
the time that one stood is compared with the time that each of those who came by stood there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64, Int32
from core.explore.flow import DEPTH, STANDS, Flow

Rows = npt.NDArray[np.intp]

LEAST_S = 3.0
_NEAR = 0.4  # box sizes: in the same lane, and not at its kerb
_MOST_GAP_S = 2.5  # between two points kept of what stands
_POINT_S = 0.2
_AS_LONG = 0.5  # of the time of a stop: who stood so long stood as well
_HALF_S = 4.0  # a stop of so long counts half
_HALF_PASSED = 2.0  # so many that came by make half of what can be told
_SHARE = 4.0  # nothing is told where a quarter of those that came by stood as well
_BEYOND = 0.2  # of one that stood where a few passed


@dataclass(frozen=True, slots=True)
class Stands:
    """The most telling stop of each of N tracks; zeros for those that never stood for long.

    lasted_s: (N,) how long it stood. t0_s: (N,) since when. passed: (N,) normal objects of its kind
    that came by at the same place; stayed: (N,) those of them that stood at least half as long.
    far: (N,) in [0, 1), how unlike them it is.
    """

    lasted_s: Float32
    t0_s: Float64
    passed: Int32
    stayed: Int32
    far: Float32


def stands_of(flow: Flow) -> Stands:
    """The stops of all tracks that `flow` has points of, beside those of normal ones there."""
    n = len(flow.kind)
    found = Stands(
        lasted_s=np.zeros(n, np.float32),
        t0_s=np.zeros(n),
        passed=np.zeros(n, np.int32),
        stayed=np.zeros(n, np.int32),
        far=np.zeros(n, np.float32),
    )
    still = np.hypot(*flow.move.T) < STANDS
    first, last = _stretches(flow, still)
    lasted = flow.t_s[last] - flow.t_s[first] + 2 * _POINT_S
    long = lasted >= LEAST_S
    first, last, lasted = first[long], last[long], lasted[long]
    if not len(first):
        return found
    passed, stayed = _those_there(flow, still, first, last, lasted)
    support = passed / (passed + _HALF_PASSED)
    alone = np.clip(1.0 - _SHARE * stayed / np.maximum(passed, 1), 0.0, 1.0)
    far = support * alone * lasted / (lasted + _HALF_S)
    far = np.clip(far - _BEYOND, 0.0, None) / (1.0 - _BEYOND)
    track = flow.track[first]
    order = np.lexsort((lasted, far))  # the last one written is the most telling
    track, first, lasted = track[order], first[order], lasted[order]
    found.lasted_s[track], found.t0_s[track] = lasted, flow.t_s[first]
    found.passed[track], found.stayed[track] = passed[order], stayed[order]
    found.far[track] = far[order]
    return found


def _stretches(flow: Flow, still: npt.NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """First and last point of each stretch without motion."""
    new = np.append(True, flow.track[1:] != flow.track[:-1])[: len(still)]
    end = np.append(new[1:], True)[: len(still)]
    first = np.flatnonzero(still & (new | ~np.append(False, still[:-1])[: len(still)]))
    last = np.flatnonzero(still & (end | ~np.append(still[1:], False)[: len(still)]))
    return first, last


def _those_there(
    flow: Flow, still: npt.NDArray[np.bool_], first: Rows, last: Rows, lasted: Float64
) -> tuple[Rows, Rows]:
    """How many normal objects of each stop's kind came by there, and how many stood as well."""
    from scipy.spatial import cKDTree

    size, xy = _means(flow, first, last)
    spent = _spent(flow)
    passed, stayed = np.zeros(len(first), np.intp), np.zeros(len(first), np.intp)
    group = flow.view.astype(np.int64) * 64 + flow.kind
    mine, of_stop = group[flow.track], group[flow.track[first]]
    for number in np.unique(of_stop):
        base = np.flatnonzero((mine == number) & flow.normal[flow.track])
        stops = np.flatnonzero(of_stop == number)
        if not len(base):
            continue
        tree = cKDTree(flow.xy[base] / (1.0, DEPTH))
        near = tree.query_ball_point(xy[stops] / (1.0, DEPTH), _NEAR * size[stops])
        many = np.array([len(each) for each in near])
        points = base[np.concatenate([np.asarray(each, np.intp) for each in near])]
        stop = np.repeat(stops, many)
        family = flow.family[flow.track[points]].astype(np.int64)
        other = family != flow.family[flow.track[first[stop]]]
        pairs, pair = np.unique(stop[other] * len(flow.kind) + family[other], return_inverse=True)
        stood = np.bincount(pair, (spent * still)[points[other]], minlength=len(pairs))
        whose = pairs // len(flow.kind)
        passed += np.bincount(whose, minlength=len(first))
        stayed += np.bincount(whose[stood >= _AS_LONG * lasted[whose]], minlength=len(first))
    return passed, stayed


def _means(flow: Flow, first: Rows, last: Rows) -> tuple[Float64, Float64]:
    """Size (S,) and place (S, 2) of each stop, means over its points."""
    values = np.column_stack([flow.size, flow.xy]).astype(np.float64)
    total = np.vstack([np.zeros((1, 3)), np.cumsum(values, axis=0)])
    mean = (total[last + 1] - total[first]) / (last + 1 - first)[:, None]
    return mean[:, 0], mean[:, 1:]


def _spent(flow: Flow) -> Float64:
    """(P,) seconds that a track spent at each of its points: until the next one."""
    spent = np.full(len(flow.t_s), _POINT_S)
    same = flow.track[1:] == flow.track[:-1]
    spent[:-1][same] = np.minimum(np.diff(flow.t_s)[same], _MOST_GAP_S)
    return spent
