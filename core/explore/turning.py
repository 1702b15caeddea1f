"""Who turned round where others went on: an event that is rare there is unusual by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.detections import Float32, Float64, Int32
from core.explore.flow import Flow
from core.search.columns import Columns

_LEAST_P = 0.5
_HALF_OTHERS = 4.0  # so many others make half of what can be told
_SHARE = 4.0  # nothing is told where a quarter of the others turned round as well


@dataclass(frozen=True, slots=True)
class Turns:
    """The surest turning round of each of N tracks; zeros for those that did not.

    degrees: (N,) by how much, NaN where that is unknown. t0_s, t1_s: (N,) when. others: (N,) normal
    objects of its kind in its view; as_well: (N,) those of them that turned round too. far: (N,) in
    [0, 1), how unlike them it is.
    """

    degrees: Float32
    t0_s: Float64
    t1_s: Float64
    others: Int32
    as_well: Int32
    far: Float32


def turns_of(columns: Columns, flow: Flow) -> Turns:
    """The turning round of all tracks beside that of the normal objects of their views."""
    n = len(columns)
    events = columns.events_of("u_turn")
    sure = np.flatnonzero(events.p >= _LEAST_P)
    sure = sure[np.argsort(events.p[sure], kind="stable")]  # the last one written is the surest
    track = events.track[sure]
    p, degrees = np.zeros(n, np.float32), np.full(n, np.nan, np.float32)
    t0_s, t1_s = np.zeros(n), np.zeros(n)
    p[track], degrees[track] = events.p[sure], np.abs(events.degrees[sure])
    t0_s[track], t1_s[track] = events.t0_s[sure], events.t1_s[sure]
    did = p > 0.0
    # Counted by families: an object followed in two pieces is one, and nobody else to itself.
    group = flow.view.astype(np.int64) * 64 + flow.kind
    names, number = np.unique(group, return_inverse=True)
    others, as_well = np.zeros(n, np.int32), np.zeros(n, np.int32)
    for which, count in ((flow.normal, others), (flow.normal & did, as_well)):
        pairs = np.unique(np.column_stack([number[which], flow.family[which]]), axis=0)
        count[:] = np.bincount(pairs[:, 0], minlength=len(names))[number]
        among = np.isin(number * np.int64(n) + flow.family, pairs[:, 0] * np.int64(n) + pairs[:, 1])
        count[among] -= 1
    alone = np.clip(1.0 - _SHARE * as_well / np.maximum(others, 1), 0.0, 1.0)
    far = p * others / (others + _HALF_OTHERS) * alone
    return Turns(degrees, t0_s, t1_s, others, as_well, far.astype(np.float32))
