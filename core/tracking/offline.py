"""The offline stage: tracklets of one video become tracks.

Looks are calibrated on the video's own free labels; tracklets that changed their object are cut;
what follows each other is linked; what left and came back is recognised; what is found twice is
one. Every cut and every link keeps its score and can be undone. Nothing changed in, nothing
changed out: ids are deterministic.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Detections, Float32, Int32
from core.geometry import iou
from core.tracking.appearance import CANNOT_TELL, Calibration, calibrate, centred, group_means
from core.tracking.assembly import path_of
from core.tracking.camera import CameraPath
from core.tracking.classes import class_votes
from core.tracking.crops import CropTable
from core.tracking.linking import LinkSettings, Pairs, candidates, path_cover
from core.tracking.reentry import Chains, returns
from core.tracking.riders import Composite, mount
from core.tracking.splitting import Split, split, stretch_numbers
from core.tracking.tracklets import Tracklets, seen_together, tracklets_of
from core.tracks import FrameSize, Link, Track

logger = logging.getLogger(__name__)

Intp = npt.NDArray[np.intp]

_CALIBRATION_TRACKLETS = 1200


@dataclass(frozen=True, slots=True)
class LinkedTracks:
    """The objects of one video.

    tracks: ordered by first appearance, ids from 1. links: those made; splits: cuts made; both
    with their scores. tracklet_ids: (N,) of every box after the cuts, -1 for none.
    tracklet_to_track: tracklet id -> track id; also for tracklets that lay on top of a track and
    were taken to be the same object found twice. Tracklets left out were noise.
    crop_tracklet_ids: (K,) the same of every crop. composites: riders put on what they ride.
    calibration: how far looks could be trusted in this video.
    """

    tracks: list[Track]
    links: list[Link]
    splits: list[Split]
    tracklet_ids: Int32
    crop_tracklet_ids: Int32
    composites: list[Composite]
    tracklet_to_track: dict[int, int]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class _Looks:
    """Centred crops and where they were taken. rows: (K,) detection rows; vectors: (K, D).

    crops: (K,) rows of the crop table: those whose box belongs to a tracklet.
    """

    crops: Intp
    rows: Intp
    vectors: Float32


def link(
    detections: Detections,
    tracklet_ids: Int32,
    crops: CropTable,
    class_names: Sequence[str],
    frame_size: FrameSize,
    settings: LinkSettings | None = None,
    camera: CameraPath | None = None,
) -> LinkedTracks:
    """Join tracklets into tracks.

    detections, tracklet_ids: all boxes of a video with their online ids (-1 for none).
    crops: encoded exemplar crops, as many tracklets as there are; may be empty.
    camera: how it moved; None for a standing one. Distances are measured in its reference frame.
    """
    s = settings or LinkSettings()
    looks = _looks(detections, tracklet_ids, crops)
    stretch = stretch_numbers(detections, tracklet_ids)
    whole = tracklets_of(detections, tracklet_ids, class_names, frame_size, camera)
    calibration = _calibrated(detections, tracklet_ids, looks, stretch, whole)
    ids, splits = split(
        detections, tracklet_ids, stretch, looks.rows, looks.vectors, calibration, s.split_llr
    )
    everything = tracklets_of(detections, ids, class_names, frame_size, camera)
    twin_of = _twins(detections, everything, s)
    keep = np.array([t not in twin_of and everything.count[t] >= 2 for t in range(len(everything))])
    tracklets = everything.take(np.flatnonzero(keep)) if len(everything) else everything

    means = _means(ids, looks, tracklets)
    logger.info("linking %d tracklets: %s", len(tracklets), calibration.reason)
    pairs = candidates(tracklets, means, calibration, s)
    chosen = path_cover(pairs, len(tracklets), s.lead)
    chains = Chains.of(len(tracklets), pairs.earlier[chosen], pairs.later[chosen])
    back = returns(chains, tracklets, means, calibration, s)

    tracks: list[Track] = []
    to_track: dict[int, int] = {}
    kept: set[int] = set()
    for chain in chains.joined(back).ordered():
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
        *_links(pairs, chosen, tracklets),
        *(
            Link(
                earlier_tracklet=int(tracklets.id[a]),
                later_tracklet=int(tracklets.id[b]),
                score=llr,
                appearance=llr,
                motion=0.0,
                gap_s=float(tracklets.t0_s[b] - tracklets.t1_s[a]),
            )
            for a, b, llr in back
        ),
    ]
    position = {int(number): t for t, number in enumerate(tracklets.id)}
    links = [x for x in links if position[x.earlier_tracklet] in kept]
    crop_ids = crops.tracklet_id.copy()
    crop_ids[looks.crops] = ids[looks.rows]
    mounted = mount(tracks, frame_size, camera)
    return LinkedTracks(
        tracks=mounted.tracks,
        links=links,
        splits=splits,
        tracklet_ids=ids,
        crop_tracklet_ids=crop_ids,
        composites=mounted.composites,
        tracklet_to_track={t: mounted.track_of[i] for t, i in to_track.items()},
        calibration=calibration,
    )


def _links(pairs: Pairs, chosen: Intp, tracklets: Tracklets) -> list[Link]:
    return [
        Link(
            earlier_tracklet=int(tracklets.id[pairs.earlier[c]]),
            later_tracklet=int(tracklets.id[pairs.later[c]]),
            score=float(pairs.score[c]),
            appearance=float(pairs.looks[c]),
            motion=float(pairs.motion[c]),
            gap_s=float(tracklets.t0_s[pairs.later[c]] - tracklets.t1_s[pairs.earlier[c]]),
        )
        for c in chosen
    ]


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
            found.append(np.minimum(a, b) * n + np.maximum(a, b))
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


def _looks(detections: Detections, tracklet_ids: Int32, crops: CropTable) -> _Looks:
    """The crops of boxes that belong to a tracklet, centred, with the rows of their boxes."""
    if not len(crops) or not len(detections):
        return _Looks(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros((0, 1), np.float32))
    width = int(tracklet_ids.max(initial=0)) + 2
    key = detections.frame.astype(np.int64) * width + tracklet_ids
    wanted = crops.frame.astype(np.int64) * width + crops.tracklet_id
    order = np.argsort(key, kind="stable")
    place = np.clip(np.searchsorted(key[order], wanted), 0, len(key) - 1)
    rows = order[place]
    mine = (key[rows] == wanted) & (crops.tracklet_id >= 0)
    rows = rows[mine]
    vectors = centred(crops.vectors[mine], tracklet_ids[rows])
    return _Looks(np.flatnonzero(mine), rows.astype(np.intp), vectors)


def _means(tracklet_ids: Int32, looks: _Looks, tracklets: Tracklets) -> Float32:
    """(T, D) mean centred vector of every tracklet, NaN where it has no crop."""
    owner = _positions(tracklet_ids[looks.rows], tracklets)
    mine = owner >= 0
    return group_means(looks.vectors[mine], owner[mine], len(tracklets))


def _positions(ids: Int32, tracklets: Tracklets) -> Int32:
    """(K,) row of each tracklet id, -1 for those left out."""
    of = np.full(max(int(tracklets.id.max(initial=-1)), int(ids.max(initial=-1))) + 2, -1, np.int32)
    of[tracklets.id] = np.arange(len(tracklets), dtype=np.int32)
    return np.asarray(of[ids], np.int32)


def _calibrated(
    detections: Detections,
    tracklet_ids: Int32,
    looks: _Looks,
    stretch: Int32,
    tracklets: Tracklets,
) -> Calibration:
    """What a cosine is worth in this video; of very many tracklets a part is enough to tell."""
    owner = _positions(tracklet_ids[looks.rows], tracklets)
    with_crops = np.unique(owner[owner >= 0])
    if not len(with_crops):
        return CANNOT_TELL
    if len(with_crops) > _CALIBRATION_TRACKLETS:
        pick = np.linspace(0, len(with_crops) - 1, _CALIBRATION_TRACKLETS).astype(np.intp)
        with_crops = with_crops[pick]
    small = np.full(len(tracklets) + 1, -1, np.int32)  # the last place answers for -1
    small[with_crops] = np.arange(len(with_crops), dtype=np.int32)
    inside = small[owner] >= 0
    part = tracklets.take(with_crops.astype(np.intp))
    rows = looks.rows[inside]
    return calibrate(
        looks.vectors[inside],
        small[owner][inside],
        detections.t_s[rows],
        part.group,
        seen_together(part),
        stretch[rows],
    )


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
