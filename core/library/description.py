"""Tracks put into words and numbers: what they look like, how they move, how they relate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.attributes.colour import fused_colour
from core.library.tables import CropTable, EventTable, RelationTable, TrackTable, text_column
from core.motion import events as motion_events
from core.motion import relations as motion_relations
from core.motion.events import events_of, motion_known
from core.motion.ground import GroundPlane
from core.motion.relations import relations_of
from core.motion.surroundings import Surroundings
from core.tracking.camera import CameraPath
from core.tracks import FrameSize, Track

MEASURES = (*motion_events.KINDS, *motion_relations.KINDS)
"""Kinds of events and relations that are looked for."""


@dataclass(frozen=True, slots=True)
class Description:
    """All that is derived from the tracks of a video and their crops."""

    table: TrackTable
    events: EventTable
    relations: RelationTable
    ground: Mapping[str, float] | None


def describe(
    tracks: Sequence[Track],
    crops: CropTable,
    frame_size: FrameSize,
    *,
    camera: CameraPath | None = None,
) -> Description:
    """Everything said about tracks; `tracks` ordered by id, `crops` by track.

    camera: where it looked; None where it stood still.
    """
    ground = GroundPlane.fit(
        [track.path for track in tracks],
        frame_size,
        [track.class_name for track in tracks],
        camera,
    )
    return Description(
        table=track_table(tracks, crops, frame_size, camera),
        events=event_table(
            tracks, frame_size, ground, camera, Surroundings.of(tracks, ground, camera)
        ),
        relations=relation_table(tracks, frame_size, ground, camera),
        ground=ground.numbers() if ground is not None else None,
    )


def track_table(
    tracks: Sequence[Track],
    crops: CropTable,
    frame_size: FrameSize,
    camera: CameraPath | None = None,
) -> TrackTable:
    """One row a track, in the order given; `crops` holds theirs and may hold those of others."""
    known = [motion_known(track.path, frame_size, camera) for track in tracks]
    colours, best = [], []
    for track in tracks:
        rows = np.flatnonzero(crops.track_id == track.track_id)
        colours.append(fused_colour(crops.colour[rows], crops.quality[rows]))
        best.append(int(rows[np.argmax(crops.quality[rows])]) if len(rows) else -1)
    detected = [~track.path.interpolated for track in tracks]
    return TrackTable(
        track_id=np.asarray([track.track_id for track in tracks], np.int32),
        class_name=text_column([track.class_name for track in tracks]),
        class_confidence=np.asarray(
            [track.class_votes.get(track.class_name, 0.0) for track in tracks], np.float32
        ),
        confidence=np.asarray(
            [t.path.confidence[d].mean() for t, d in zip(tracks, detected, strict=True)],
            np.float32,
        ),
        t0_s=np.asarray([track.path.t_s[0] for track in tracks], np.float64),
        t1_s=np.asarray([track.path.t_s[-1] for track in tracks], np.float64),
        n_boxes=np.asarray([d.sum() for d in detected], np.int32),
        n_interpolated=np.asarray([(~d).sum() for d in detected], np.int32),
        size_px=np.asarray([np.median(track.path.size) for track in tracks], np.float32),
        colour=np.asarray(colours, np.float32).reshape(-1, crops.colour.shape[1]),
        motion_known=np.asarray([said for said, _ in known], np.bool_),
        motion_reason=text_column([reason for _, reason in known]),
        best_crop=np.asarray(best, np.int32),
    )


def event_table(
    tracks: Sequence[Track],
    frame_size: FrameSize,
    ground: GroundPlane | None,
    camera: CameraPath | None = None,
    around: Surroundings | None = None,
) -> EventTable:
    """What each track did, in the order given. around: what all tracks of the video say."""
    rows = [
        (track.track_id, event)
        for track in tracks
        for event in events_of(track.path, track.class_name, frame_size, ground, camera, around)
    ]
    return EventTable(
        track_id=np.asarray([track_id for track_id, _ in rows], np.int32),
        kind=text_column([event.kind for _, event in rows]),
        t0_s=np.asarray([event.t0_s for _, event in rows], np.float64),
        t1_s=np.asarray([event.t1_s for _, event in rows], np.float64),
        p=np.asarray([event.p for _, event in rows], np.float32),
        numbers=tuple(event.numbers for _, event in rows),
    )


def relation_table(
    tracks: Sequence[Track],
    frame_size: FrameSize,
    ground: GroundPlane | None,
    camera: CameraPath | None = None,
) -> RelationTable:
    """What the tracks did to each other, ordered by kind, subject and object."""
    found = relations_of(tracks, frame_size, ground, camera)
    return RelationTable(
        kind=text_column([relation.kind for relation in found]),
        subject_id=np.asarray([relation.subject_id for relation in found], np.int32),
        object_id=np.asarray([relation.object_id for relation in found], np.int32),
        t0_s=np.asarray([relation.t0_s for relation in found], np.float64),
        t1_s=np.asarray([relation.t1_s for relation in found], np.float64),
        p=np.asarray([relation.p for relation in found], np.float32),
        numbers=tuple(relation.numbers for relation in found),
    )
