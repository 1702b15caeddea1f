"""In what the moves of one object differ from those of others of its kind, in numbers.

What is unusual in the shape of a way is told by distances between whole descriptions; a person
wants the one number that stands out. Where none does, nothing is made up.
"""

from __future__ import annotations

import numpy as np

from core.detections import Bool, Float64
from core.explore.unusual import FEWEST, Unusual
from core.search.columns import Columns

_RARE = 0.1  # of the others are as far out
_FAST, _SLOW, _LONG, _ROUND = 1.5, 0.6, 2.0, 2.0
_LEAST_WAY = 3.0  # box sizes, to speak of its course


def manner_of(columns: Columns, unusual: Unusual, row: int) -> str:
    """A sentence without its subject, such as "stays 40 s where others stay 12 s"; "" for none."""
    others, where = _others(unusual, row)
    if others.sum() < FEWEST:
        return ""
    found = [
        _pace(unusual, others, row, where),
        _stay(columns, others, row, where),
        _course(unusual, others, row),
    ]
    share, said = min(found)
    return said if share <= _RARE else ""


def _others(unusual: Unusual, row: int) -> tuple[Bool, str]:
    """Normal objects of its kind: those of its view, or of all where these are few."""
    flow = unusual.flow
    alike = unusual.normal & (flow.kind == flow.kind[row]) & (flow.family != flow.family[row])
    here = alike & (flow.view == flow.view[row])
    return (here, " here") if here.sum() >= FEWEST else (alike, "")


def _pace(unusual: Unusual, others: Bool, row: int, where: str) -> tuple[float, str]:
    speed = unusual.paths.speed
    own, usual = float(speed[row]), speed[others & (speed > 0.0)]
    if own == 0.0:
        still = int((speed[others] == 0.0).sum())
        of = int(others.sum())
        return still / of, f"never moves, while {of - still:,} of {of:,} others{where} do"
    if len(usual) < FEWEST:
        return 1.0, ""
    times = own / float(np.median(usual))
    if times >= _FAST:
        said = f"moves {times:.1f} times as fast as is usual{where}"
        return float((usual >= own).mean()), said
    if times <= _SLOW:
        said = f"moves at {100.0 * times:.0f} % of the pace that is usual{where}"
        return float((usual <= own).mean()), said
    return 1.0, ""


def _stay(columns: Columns, others: Bool, row: int, where: str) -> tuple[float, str]:
    stay = columns.t1_s - columns.t0_s
    own, usual = float(stay[row]), float(np.median(stay[others]))
    if own < _LONG * usual:
        return 1.0, ""
    said = f"stays {own:.0f} s, and others{where} usually {usual:.0f} s"
    return float((stay[others] >= own).mean()), said


def _course(unusual: Unusual, others: Bool, row: int) -> tuple[float, str]:
    ways = _roundabout(unusual, np.append(np.flatnonzero(others), row))
    own, usual = float(ways[-1]), ways[:-1]
    if not own >= _ROUND:
        return 1.0, ""
    said = f"wanders: its way is {own:.1f} times as long as it gets far"
    return float((usual >= own).mean()), said


def _roundabout(unusual: Unusual, rows: np.ndarray) -> Float64:
    """(K,) length of the way as a multiple of how far it leads at most; 0 for short ways."""
    paths = unusual.paths
    first, last = paths.starts[rows], np.maximum(paths.starts[rows + 1] - 1, paths.starts[rows])
    told = paths.starts[rows + 1] - paths.starts[rows] >= 2
    first, last = np.where(told, first, 0), np.where(told, last, 0)
    length = paths.travelled[last] - paths.travelled[first]
    reach = np.hypot(*(paths.bounds[rows, 2:] - paths.bounds[rows, :2]).T)
    long = told & (length >= _LEAST_WAY * paths.size[first])
    return np.where(long, length / np.maximum(reach, 1e-6), 0.0)
