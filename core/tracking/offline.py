"""Offline linking: tracklets of one video become tracks, with a score and a reason for every link.

Online association cannot look ahead; here both ends of every gap are known. Geometry vetoes what
is impossible, motion and looks give log-likelihood ratios, and the best set of links is found at
once (a path cover: every tracklet has at most one successor and one predecessor). A wrong merge
is worse than a break, so a link that has a close rival is not made.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from core.detections import Bool, Detections, Float32, Float64, Int32
from core.geometry import corners, iou, iou_pairs
from core.tracking.appearance import (
    CANNOT_TELL,
    Calibration,
    calibrate,
    centred,
    cosines,
    group_means,
)
from core.tracking.assembly import path_of
from core.tracking.classes import class_votes
from core.tracking.crops import CropTable
from core.tracking.tracklets import Tracklets, seen_together, tracklets_of
from core.tracks import FrameSize, Link, Track

logger = logging.getLogger(__name__)

Intp = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Numbers of the offline stage; times in seconds, distances in box sizes.

    gap_s: longest gap bridged for moving objects; still_gap_s: for objects at rest in one place.
    prior: evidence a link needs, as a log-likelihood ratio; prior_blind: the same where looks
    cannot tell, because then motion has the only say. margin: lead over the next best link.
    interpolate_s: longest gap filled with interpolated boxes.
    """

    gap_s: float = 10.0
    still_gap_s: float = 60.0
    prior: float = 2.0
    prior_blind: float = 1.5
    margin: float = 0.5
    interpolate_s: float = 1.5
    fewest_boxes: int = 3
    shortest_s: float = 0.25
    least_confidence: float = 0.25
    twin_iou: float = 0.7
    twin_share: float = 0.6


@dataclass(frozen=True, slots=True)
class LinkedTracks:
    """The objects of one video.

    tracks: ordered by first appearance, ids from 1. links: those made, with their scores.
    tracklet_to_track: tracklet id -> track id; also for tracklets that lay on top of a track and
    were taken to be the same object found twice. Tracklets left out were noise.
    calibration: how far looks could be trusted in this video.
    """

    tracks: list[Track]
    links: list[Link]
    tracklet_to_track: dict[int, int]
    calibration: Calibration


_TAU_S = 1.5  # an unseen object's velocity fades with this time constant
_STRANGER_SPEED = 1.7  # box sizes per s: how much the speeds of two strangers differ
_CALIBRATION_TRACKLETS = 1200


def link(
    detections: Detections,
    tracklet_ids: Int32,
    crops: CropTable,
    class_names: Sequence[str],
    frame_size: FrameSize,
    settings: LinkSettings | None = None,
) -> LinkedTracks:
    """Join tracklets into tracks.

    detections, tracklet_ids: all boxes of a video with their online ids (-1 for none).
    crops: encoded exemplar crops, as many tracklets as there are; may be empty.
    Nothing changed in, nothing changed out: ids are deterministic.
    """
    s = settings or LinkSettings()
    everything = tracklets_of(detections, tracklet_ids, class_names, frame_size)
    twin_of = _twins(detections, everything, s)
    keep = np.array([t not in twin_of and everything.count[t] >= 2 for t in range(len(everything))])
    tracklets = everything.take(np.flatnonzero(keep)) if len(everything) else everything

    means, calibration = _looks(crops, tracklets)
    logger.info("linking %d tracklets: %s", len(tracklets), calibration.reason)
    pairs = _candidates(tracklets, s)
    motion = _motion_llr(tracklets, pairs, s)
    looks = calibration.llr(cosines(means[pairs[0]], means[pairs[1]]))
    prior = s.prior if calibration.usable else s.prior_blind
    score = motion + looks - prior
    chosen = _path_cover(pairs, score, len(tracklets), s.margin)

    following = dict(zip(pairs[0][chosen].tolist(), pairs[1][chosen].tolist(), strict=True))
    preceded = set(following.values())
    tracks: list[Track] = []
    to_track: dict[int, int] = {}
    kept: set[int] = set()
    for start in range(len(tracklets)):
        if start in preceded:
            continue
        chain = [start]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        track = _track(len(tracks) + 1, chain, tracklets, detections, class_names, s)
        if track is not None:
            tracks.append(track)
            kept.update(chain)
            to_track.update(dict.fromkeys(track.tracklet_ids, track.track_id))
    for twin, original in twin_of.items():
        owner = to_track.get(int(everything.id[original]))
        if owner is not None:
            to_track[int(everything.id[twin])] = owner
    links = [
        Link(
            earlier_tracklet=int(tracklets.id[pairs[0][c]]),
            later_tracklet=int(tracklets.id[pairs[1][c]]),
            score=float(score[c]),
            appearance=float(looks[c]),
            motion=float(motion[c]),
            gap_s=float(tracklets.t0_s[pairs[1][c]] - tracklets.t1_s[pairs[0][c]]),
        )
        for c in chosen
        if int(pairs[0][c]) in kept
    ]
    return LinkedTracks(tracks, links, to_track, calibration)


def _twins(detections: Detections, tracklets: Tracklets, s: LinkSettings) -> Mapping[int, int]:
    """Row of a duplicate -> row of the tracklet it lies on, by shared frames with large IoU."""
    n = len(tracklets)
    row_of = np.full(len(detections), -1, np.intp)
    for t, rows in enumerate(tracklets.rows):
        row_of[rows] = t
    used = np.flatnonzero(row_of >= 0)
    starts = np.flatnonzero(np.diff(detections.frame[used])) + 1
    found: list[npt.NDArray[np.int64]] = []
    for rows in np.split(used, starts):
        i, j = np.nonzero(
            np.triu(iou(detections.xyxy[rows], detections.xyxy[rows]), 1) > s.twin_iou
        )
        if len(i):
            a, b = row_of[rows[i]], row_of[rows[j]]
            a, b = np.minimum(a, b), np.maximum(a, b)
            found.append((a * n + b)[tracklets.group[a] == tracklets.group[b]])
    if not found:
        return {}
    keys, counts = np.unique(np.concatenate(found), return_counts=True)
    weight = tracklets.count * tracklets.confidence
    twin_of: dict[int, int] = {}
    for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
        a, b = divmod(key, n)
        lesser, greater = (a, b) if weight[a] < weight[b] else (b, a)
        if count >= s.twin_share * tracklets.count[lesser] and greater not in twin_of:
            twin_of.setdefault(lesser, greater)
    return twin_of


def _looks(crops: CropTable, tracklets: Tracklets) -> tuple[Float32, Calibration]:
    """Mean centred vector of every tracklet (NaN where it has no crop), and the calibration."""
    n = len(tracklets)
    position = {int(i): t for t, i in enumerate(tracklets.id)}
    owner = np.array([position.get(int(i), -1) for i in crops.tracklet_id], np.int32)
    mine = owner >= 0
    if not mine.any():
        return np.full((n, 1), np.nan, np.float32), CANNOT_TELL
    vectors = centred(crops.vectors[mine], owner[mine])
    means = group_means(vectors, owner[mine], n)
    with_crops = np.unique(owner[mine])
    if len(with_crops) > _CALIBRATION_TRACKLETS:
        pick = np.linspace(0, len(with_crops) - 1, _CALIBRATION_TRACKLETS).astype(np.intp)
        with_crops = with_crops[pick]
    part = tracklets.take(with_crops.astype(np.intp))
    small = np.full(n, -1, np.int32)
    small[with_crops] = np.arange(len(with_crops), dtype=np.int32)
    inside = small[owner[mine]] >= 0
    calibration = calibrate(
        vectors[inside],
        small[owner[mine]][inside],
        crops.t_s[mine][inside],
        part.group,
        seen_together(part),
    )
    return means, calibration


def _sizes(boxes: Float64) -> Float64:
    return np.sqrt(np.clip(boxes[:, 2] * boxes[:, 3], 1.0, None))


def _candidates(tracklets: Tracklets, s: LinkSettings) -> tuple[Intp, Intp]:
    """Pairs (earlier, later) that geometry does not rule out."""
    earlier: list[Intp] = []
    later: list[Intp] = []
    # tracklets are ordered by their start
    lows = np.searchsorted(tracklets.t0_s, tracklets.t1_s, side="right")
    highs = np.searchsorted(tracklets.t0_s, tracklets.t1_s + s.still_gap_s, side="right")
    for t, (low, high) in enumerate(zip(lows, highs, strict=True)):
        earlier.append(np.full(high - low, t, np.intp))
        later.append(np.arange(low, high, dtype=np.intp))
    if not earlier:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    i, j = np.concatenate(earlier), np.concatenate(later)
    same = tracklets.group[i] == tracklets.group[j]
    i, j = i[same], j[same]
    gap = tracklets.t0_s[j] - tracklets.t1_s[i]
    tail, head = tracklets.tail[i], tracklets.head[j]
    size = np.sqrt(_sizes(tail) * _sizes(head))
    distance = np.hypot(*(head[:, :2] - tail[:, :2]).T) / size
    ratio = np.abs(np.log(np.clip(tail[:, 3], 1.0, None) / np.clip(head[:, 3], 1.0, None)))
    gone = (tracklets.left[i] | tracklets.came[j]) & (gap > 0.5)
    possible = ~gone & (ratio < np.log(2.0))
    moving = possible & (gap <= s.gap_s) & (distance < 1.5 + 3.0 * np.sqrt(gap))
    keep = moving | (possible & _still(tracklets, i, j))
    return i[keep], j[keep]


def _still(tracklets: Tracklets, i: Intp, j: Intp) -> Bool:
    """Pairs where both ends rest, and in the same place."""
    tail, head = tracklets.tail[i], tracklets.head[j]
    speed = np.maximum(
        np.hypot(*tracklets.tail_speed[i].T) / _sizes(tail),
        np.hypot(*tracklets.head_speed[j].T) / _sizes(head),
    )
    return np.asarray((speed < 0.12) & (iou_pairs(corners(tail), corners(head)) > 0.5), np.bool_)


def _motion_llr(tracklets: Tracklets, pairs: tuple[Intp, Intp], s: LinkSettings) -> Float64:
    """(P,) log-likelihood ratio of one object having moved like that, against a stranger.

    Extrapolates from both ends with fading speed; a stranger appears anywhere within reach.
    """
    i, j = pairs
    gap = tracklets.t0_s[j] - tracklets.t1_s[i]
    tail, head = tracklets.tail[i], tracklets.head[j]
    size = np.sqrt(_sizes(tail) * _sizes(head))
    coast = (_TAU_S * (1.0 - np.exp(-gap / _TAU_S)))[:, None]
    ahead = tail[:, :2] + tracklets.tail_speed[i] * coast - head[:, :2]
    back = head[:, :2] - tracklets.head_speed[j] * coast - tail[:, :2]
    miss = (np.square(ahead).sum(axis=1) + np.square(back).sum(axis=1)) / 2.0 / np.square(size)
    sigma = 0.25 + 0.7 * np.sqrt(gap)
    reach = 1.5 + 3.0 * np.sqrt(gap)
    place = np.log(np.square(reach) / (2.0 * np.square(sigma))) - miss / (2.0 * np.square(sigma))
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


def _path_cover(pairs: tuple[Intp, Intp], score: Float64, n: int, margin: float) -> Intp:
    """Indices of the pairs to link: the matching of largest total score, without close calls."""
    good = np.flatnonzero(score > 0.0)
    if not len(good):
        return good
    i, j, value = pairs[0][good], pairs[1][good], score[good]
    # A tracklet may stay without a successor: a private dummy column of value 0 (all plus one,
    # because zeros do not exist in a sparse matrix).
    rows = np.concatenate([i, np.arange(n)])
    columns = np.concatenate([j, n + np.arange(n)])
    weights = np.concatenate([value + 1.0, np.ones(n)])
    table = coo_matrix((weights, (rows, columns)), shape=(n, 2 * n)).tocsr()
    picked_rows, picked_columns = min_weight_full_bipartite_matching(table, maximize=True)
    successor = np.full(n, -1, np.intp)
    successor[picked_rows] = picked_columns
    made = successor[i] == j
    rival = np.zeros(len(good))
    end: Intp
    for end in (i, j):
        best = np.zeros(n)
        np.maximum.at(best, end[~made], value[~made])
        rival = np.maximum(rival, best[end])
    return np.asarray(good[made & (value - rival >= margin)], np.intp)


def _track(
    track_id: int,
    chain: Sequence[int],
    tracklets: Tracklets,
    detections: Detections,
    class_names: Sequence[str],
    s: LinkSettings,
) -> Track | None:
    """The track of a chain of tracklets; None where it is too little to be an object."""
    rows = np.concatenate([tracklets.rows[t] for t in chain])
    confidence = detections.confidence[rows]
    duration_s = float(detections.t_s[rows[-1]] - detections.t_s[rows[0]])
    short = len(rows) < s.fewest_boxes or duration_s < s.shortest_s - 1e-9
    if short or float(confidence.mean()) < s.least_confidence:
        return None
    votes = class_votes(detections.class_id[rows], confidence, class_names)
    return Track(
        track_id=track_id,
        class_name=next(iter(votes)),
        class_votes=votes,
        path=path_of(detections, rows, s.interpolate_s),
        tracklet_ids=tuple(int(tracklets.id[t]) for t in chain),
    )
