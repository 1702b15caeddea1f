"""Writes the shard of one video: typed tables, vectors beside them, and the stamp of every file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.library.arrow import list_column, matrix_column
from core.library.cameras import CAMERAS_NAME, camera_columns
from core.library.files import FileStamp, commit_folder, write_bytes
from core.library.links import (
    LINKS_NAME,
    RIDES_NAME,
    SPLITS_NAME,
    link_columns,
    ride_columns,
    ride_table,
    split_columns,
    split_table,
)
from core.library.meta import META_NAME, ShardMeta, encoder_slug
from core.library.parquet import (
    box_columns,
    detection_columns,
    numbers_array,
    text_array,
    write_table,
)
from core.library.pictures import write_pictures
from core.library.tables import (
    CropTable,
    DetectionTable,
    EventTable,
    LinkTable,
    RelationTable,
    RideTable,
    SceneTable,
    SplitTable,
    TrackTable,
)
from core.library.vectors import Vectors, write_vectors
from core.tracking.camera import CameraPath
from core.tracks import Track


@dataclass(frozen=True, slots=True)
class ShardContent:
    """All that one video's shard holds.

    table: one row a track, same order as `tracks`. crop_jpegs, scene_jpegs: one picture a row of
    their tables, in order, read once. crop_vectors, scene_vectors: (N, D) float16, unit length,
    row for row. camera: where it looked in every frame looked at.
    """

    detections: DetectionTable
    tracks: Sequence[Track]
    table: TrackTable
    links: LinkTable
    events: EventTable
    relations: RelationTable
    crops: CropTable
    crop_jpegs: Iterable[bytes]
    crop_vectors: Vectors
    scenes: SceneTable
    scene_jpegs: Iterable[bytes]
    scene_vectors: Vectors
    camera: CameraPath = field(default_factory=CameraPath.standing)
    splits: SplitTable = field(default_factory=lambda: split_table(()))
    rides: RideTable = field(default_factory=lambda: ride_table(()))


def write_shard(folder: Path, meta: ShardMeta, content: ShardContent) -> ShardMeta:
    """Write `folder`, which appears complete or not at all; returns the meta with stamps."""
    written: list[ShardMeta] = []
    commit_folder(folder, lambda temporary: written.append(_fill(temporary, meta, content)))
    return written[0]


def _fill(folder: Path, meta: ShardMeta, content: ShardContent) -> ShardMeta:
    slug = encoder_slug(meta.encoder)
    files = {
        "detections.parquet": write_table(
            folder / "detections.parquet",
            {
                **detection_columns(content.detections.detections),
                "tracklet_id": content.detections.tracklet_id,
                "track_id": content.detections.track_id,
            },
        ),
        "tracks.parquet": _write_tracks(folder / "tracks.parquet", content.tracks, content.table),
        "paths.parquet": _write_paths(folder / "paths.parquet", content.tracks),
        LINKS_NAME: write_table(folder / LINKS_NAME, link_columns(content.links)),
        SPLITS_NAME: write_table(folder / SPLITS_NAME, split_columns(content.splits)),
        RIDES_NAME: write_table(folder / RIDES_NAME, ride_columns(content.rides)),
        "events.parquet": write_events(folder / "events.parquet", content.events),
        "relations.parquet": write_relations(folder / "relations.parquet", content.relations),
        "crops.parquet": write_pictures(
            folder / "crops.parquet", crop_columns(content.crops), content.crop_jpegs
        ),
        "scenes.parquet": write_pictures(
            folder / "scenes.parquet", scene_columns(content.scenes), content.scene_jpegs
        ),
        CAMERAS_NAME: write_table(folder / CAMERAS_NAME, camera_columns(content.camera)),
        f"crops.{slug}.npy": write_vectors(
            folder / f"crops.{slug}.npy", content.crop_vectors, len(content.crops)
        ),
        f"scenes.{slug}.npy": write_vectors(
            folder / f"scenes.{slug}.npy", content.scene_vectors, len(content.scenes)
        ),
    }
    complete = replace(meta, files=files, counts=_counts(content))
    write_bytes(folder / META_NAME, complete.to_json())
    return complete


def _counts(content: ShardContent) -> dict[str, int]:
    return {
        "detections": len(content.detections),
        "tracks": len(content.table),
        "links": len(content.links),
        "events": len(content.events),
        "relations": len(content.relations),
        "crops": len(content.crops),
        "scenes": len(content.scenes),
    }


def crop_columns(crops: CropTable) -> dict[str, Any]:
    return {
        "crop_id": crops.crop_id,
        "track_id": crops.track_id,
        "frame": crops.frame,
        "t_s": crops.t_s,
        **box_columns(crops.xyxy),
        "quality": crops.quality,
        "colour": matrix_column(crops.colour),
    }


def scene_columns(scenes: SceneTable) -> dict[str, Any]:
    return {
        "scene_id": scenes.scene_id,
        "t0_s": scenes.t0_s,
        "t1_s": scenes.t1_s,
        "frame": scenes.frame,
        "t_s": scenes.t_s,
    }


def _write_tracks(path: Path, tracks: Sequence[Track], table: TrackTable) -> FileStamp:
    if [track.track_id for track in tracks] != table.track_id.tolist():
        raise ValueError("the track table must have one row a track, in the same order")
    votes = [json.dumps({k: float(v) for k, v in t.class_votes.items()}) for t in tracks]
    return write_table(
        path,
        {
            "track_id": table.track_id,
            "class_name": text_array(table.class_name),
            "class_confidence": table.class_confidence,
            "class_votes": text_array(votes),
            "confidence": table.confidence,
            "t0_s": table.t0_s,
            "t1_s": table.t1_s,
            "n_boxes": table.n_boxes,
            "n_interpolated": table.n_interpolated,
            "size_px": table.size_px,
            "colour": matrix_column(table.colour),
            "motion_known": table.motion_known,
            "motion_reason": text_array(table.motion_reason),
            "best_crop": table.best_crop,
            "tracklet_ids": list_column([t.tracklet_ids for t in tracks]),
        },
    )


def _write_paths(path: Path, tracks: Sequence[Track]) -> FileStamp:
    lengths = [len(track.path) for track in tracks]
    paths = [track.path for track in tracks]
    ids = np.repeat(np.asarray([t.track_id for t in tracks], np.int32), lengths)

    def joined(parts: list[npt.NDArray[Any]], empty: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.concatenate([*parts, empty])

    xyxy = np.concatenate([*[p.xyxy for p in paths], np.zeros((0, 4), np.float32)])
    return write_table(
        path,
        {
            "track_id": ids,
            "frame": joined([p.frame for p in paths], np.zeros(0, np.int32)),
            "t_s": joined([p.t_s for p in paths], np.zeros(0, np.float64)),
            **box_columns(xyxy),
            "confidence": joined([p.confidence for p in paths], np.zeros(0, np.float32)),
            "interpolated": joined([p.interpolated for p in paths], np.zeros(0, np.bool_)),
        },
    )


def write_events(path: Path, events: EventTable) -> FileStamp:
    """Write what the tracks of a video did."""
    return write_table(
        path,
        {
            "track_id": events.track_id,
            "kind": text_array(events.kind),
            "t0_s": events.t0_s,
            "t1_s": events.t1_s,
            "p": events.p,
            "numbers": numbers_array(events.numbers),
        },
    )


def write_relations(path: Path, relations: RelationTable) -> FileStamp:
    """Write what the tracks of a video did to each other."""
    return write_table(
        path,
        {
            "kind": text_array(relations.kind),
            "subject_id": relations.subject_id,
            "object_id": relations.object_id,
            "t0_s": relations.t0_s,
            "t1_s": relations.t1_s,
            "p": relations.p,
            "numbers": numbers_array(relations.numbers),
        },
    )
