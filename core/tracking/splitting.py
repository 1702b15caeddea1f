"""Cuts tracklets where they went over from one object to another.

Association that cannot look ahead swaps objects while they lie on each other. Afterwards both sides
of every such moment are known: where the clean crops before and after do not show one object, the
tracklet is cut there (the splitter of GTA-Link, Sun et al. 2024, with the order of time kept).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.detections import Detections, Float32, Float64, Int32
from core.tracking.appearance import Calibration, cosines, group_means, unit_rows
from core.tracking.occlusion import overlapped
from core.tracking.stretches import Stretches

Intp = npt.NDArray[np.intp]

_ENOUGH = 2  # crops of a stretch that may speak for themselves


@dataclass(frozen=True, slots=True)
class Split:
    """A tracklet cut in two; can be undone.

    tracklet: keeps the part before `t_s`. piece: the new tracklet from `t_s` on. score:
    log-likelihood ratio of one object; the more negative, the surer the cut.
    """

    tracklet: int
    piece: int
    t_s: float
    score: float


def stretch_numbers(detections: Detections, tracklet_ids: Int32) -> Int32:
    """(N,) stretch of every box of a video within its tracklet, -1 where it lies under others."""
    out = np.full(len(detections), -1, np.int32)
    stretches = Stretches()
    edges = np.flatnonzero(np.diff(detections.frame, prepend=-1, append=-1))
    for start, stop in pairwise(edges.tolist()):
        mine = start + np.flatnonzero(tracklet_ids[start:stop] >= 0)
        overlap = overlapped(detections.xyxy[mine], detections.confidence[mine].astype(np.float64))
        out[mine] = stretches.number(tracklet_ids[mine], overlap, float(detections.t_s[start]))
    return out


def split(
    detections: Detections,
    tracklet_ids: Int32,
    stretch: Int32,
    crop_rows: Intp,
    vectors: Float32,
    calibration: Calibration,
    least_llr: float,
) -> tuple[Int32, list[Split]]:
    """(N,) tracklet ids after cutting, and the cuts; ids of pieces follow the largest id.

    stretch: (N,) of each box. crop_rows: (K,) detection row of each crop, vectors: (K, D) centred.
    least_llr: pieces whose looks give less than this are two objects.
    """
    ids = tracklet_ids.copy()
    cuts: list[Split] = []
    if not calibration.usable or not len(crop_rows):
        return ids, cuts
    following = int(tracklet_ids.max()) + 1
    owner = tracklet_ids[crop_rows]
    numbers = stretch[crop_rows]
    usable = np.flatnonzero((owner >= 0) & (numbers >= 0))
    usable = usable[np.lexsort((detections.t_s[crop_rows[usable]], owner[usable]))]
    edges = np.flatnonzero(np.diff(owner[usable], prepend=-1, append=-1))
    rows_of = _rows_by_tracklet(tracklet_ids, detections.t_s)
    for a, b in pairwise(edges):
        crops = usable[a:b]
        if numbers[crops[0]] == numbers[crops[-1]]:
            continue
        tracklet = int(owner[crops[0]])
        rows = rows_of[tracklet]
        places = sorted(_cuts(numbers[crops], vectors[crops], calibration, least_llr))
        for place, score in places:
            before, after = crop_rows[crops[place - 1]], crop_rows[crops[place]]
            at = _middle(rows, stretch, int(before), int(after))
            later = rows[at:]
            t_s = float(detections.t_s[rows[at]])
            cuts.append(Split(int(ids[rows[at - 1]]), following, t_s, score))
            ids[later] = following
            following += 1
    return ids, cuts


def _rows_by_tracklet(tracklet_ids: Int32, t_s: Float64) -> dict[int, Intp]:
    member = np.flatnonzero(tracklet_ids >= 0)
    ordered = member[np.lexsort((t_s[member], tracklet_ids[member]))]
    ids, starts = np.unique(tracklet_ids[ordered], return_index=True)
    return dict(zip(ids.tolist(), np.split(ordered, starts[1:]), strict=True))


def _cuts(
    numbers: Int32, vectors: Float32, calibration: Calibration, least_llr: float
) -> Iterator[tuple[int, float]]:
    """(crop number the second part starts with, llr): binary segmentation, surest cut first.

    Both sides are compared as a whole, and the two stretches at the place itself where they have
    crops enough: an object that was there for a while only is lost in the whole.
    """
    beside = dict(_beside(numbers, vectors, calibration))
    pending = [(0, len(numbers))]
    while pending:
        low, high = pending.pop()
        places = low + 1 + np.flatnonzero(np.diff(numbers[low:high]))
        if not len(places):
            continue
        llr = calibration.llr(cosines(*_sides(vectors[low:high], places - low)))
        llr = np.minimum(llr, [beside.get(int(place), np.inf) for place in places])
        worst = int(np.argmin(llr))
        if llr[worst] < least_llr:
            yield int(places[worst]), float(llr[worst])
            pending += [(low, int(places[worst])), (int(places[worst]), high)]


def _sides(vectors: Float32, places: Intp) -> tuple[Float32, Float32]:
    """(P, D) unit mean vectors of what lies before each place, and from it on.

    From running sums: what stands in view for an hour has thousands of places and crops.
    """
    running = np.cumsum(vectors, axis=0, dtype=np.float64)
    before = running[places - 1]
    return unit_rows(before), unit_rows(running[-1] - before)


def _beside(
    numbers: Int32, vectors: Float32, calibration: Calibration
) -> Iterator[tuple[int, float]]:
    """(crop number the second begins with, llr) of stretches that follow each other."""
    edges = [0, *(1 + np.flatnonzero(np.diff(numbers))).tolist(), len(numbers)]
    for low, place, high in zip(edges, edges[1:], edges[2:], strict=False):
        if min(place - low, high - place) >= _ENOUGH:
            side = (np.arange(low, high) >= place).astype(np.int32)
            means = group_means(vectors[low:high], side, 2)
            yield place, float(calibration.llr(cosines(means[:1], means[1:]))[0])


def _middle(rows: Intp, stretch: Int32, before: int, after: int) -> int:
    """Place in `rows` where to cut: the middle of the doubtful boxes between two stretches."""
    numbers = stretch[rows]
    first = int(np.flatnonzero(numbers == stretch[before])[-1])
    last = int(np.flatnonzero(numbers == stretch[after])[0])
    return (first + last + 1) // 2
