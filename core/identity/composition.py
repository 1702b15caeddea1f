"""How a track came about: the tracklets it is made of, and why each was joined or cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.library.library import Library
from core.library.notes import TrackRef
from core.tracking.splitting import Split
from core.tracks import Link


@dataclass(frozen=True, slots=True)
class Composition:
    """The pieces of one track.

    tracklets: in order of time. links: those between them, with their scores. cuts: tracklets of
    this track that were cut off another, or had another cut off them. riders: probability that the
    person and the two-wheeler in it belong together, None where it is no rider.
    looks: one clause on how far looks could be trusted in its video.
    """

    ref: TrackRef
    class_name: str
    t0_s: float
    t1_s: float
    tracklets: tuple[int, ...]
    links: tuple[Link, ...]
    cuts: tuple[Split, ...]
    rider_p: float | None
    looks: str


def composition(library: Library, ref: TrackRef) -> Composition:
    """How a track came about; raises LibraryError when there is no such track."""
    track_id = library.resolve(ref.video_id, ref.track_id)
    shard = library.shard(ref.video_id)
    tracks = shard.tracks()
    row = tracks.row_of(track_id)
    pieces = shard.tracklet_ids(track_id)
    links, splits, rides = shard.links(), shard.splits(), shard.rides()
    inside = np.isin(links.earlier_tracklet, pieces) & np.isin(links.later_tracklet, pieces)
    touched = np.isin(splits.tracklet, pieces) | np.isin(splits.piece, pieces)
    ridden = np.flatnonzero(rides.track_id == track_id)
    return Composition(
        ref=TrackRef(ref.video_id, track_id),
        class_name=str(tracks.class_name[row]),
        t0_s=float(tracks.t0_s[row]),
        t1_s=float(tracks.t1_s[row]),
        tracklets=tuple(pieces),
        links=tuple(
            Link(
                earlier_tracklet=int(links.earlier_tracklet[k]),
                later_tracklet=int(links.later_tracklet[k]),
                score=float(links.score[k]),
                appearance=float(links.appearance[k]),
                motion=float(links.motion[k]),
                gap_s=float(links.gap_s[k]),
            )
            for k in np.flatnonzero(inside)
        ),
        cuts=tuple(
            Split(
                int(splits.tracklet[k]),
                int(splits.piece[k]),
                float(splits.t_s[k]),
                float(splits.score[k]),
            )
            for k in np.flatnonzero(touched)
        ),
        rider_p=float(rides.p[ridden].max()) if len(ridden) else None,
        looks=shard.meta.looks,
    )
