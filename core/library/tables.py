"""The tables of a shard in memory: parallel arrays, one row a track, crop, event, scene.

Colour columns hold a posterior over `core.attributes.colour.COLOURS`, in that order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Detections, Float32, Float64, Int32

Text = npt.NDArray[np.str_]


def text_column(values: list[str]) -> Text:
    """A string array that stays a string array when it is empty."""
    return np.asarray(values, dtype=np.str_) if values else np.zeros(0, dtype="<U1")


@dataclass(frozen=True, slots=True)
class DetectionTable:
    """Every detection kept, with what it became.

    tracklet_id, track_id: (N,) -1 where the box belongs to none.
    """

    detections: Detections
    tracklet_id: Int32
    track_id: Int32

    def __len__(self) -> int:
        return len(self.tracklet_id)


@dataclass(frozen=True, slots=True)
class TrackTable:
    """One row a track, ordered by track_id (from 1).

    class_confidence: (T,) share of the winning class among the votes, [0, 1].
    confidence: (T,) mean confidence of the detected boxes. n_boxes, n_interpolated: boxes of the
    path with and without a detection behind them. size_px: (T,) median square root of the box area.
    colour: (T, 12) posterior fused over the crops; a row of zeros where the colour is not known.
    motion_known: (T,) False where the track is too short to speak about its motion; motion_reason
    says why.
    best_crop: (T,) crop_id of the picture to show first, -1 for none.
    """

    track_id: Int32
    class_name: Text
    class_confidence: Float32
    confidence: Float32
    t0_s: Float64
    t1_s: Float64
    n_boxes: Int32
    n_interpolated: Int32
    size_px: Float32
    colour: Float32
    motion_known: Bool
    motion_reason: Text
    best_crop: Int32

    def __len__(self) -> int:
        return len(self.track_id)

    def row_of(self, track_id: int) -> int:
        """Row of a track; raises KeyError when the video has no such track."""
        row = int(np.searchsorted(self.track_id, track_id))
        if row >= len(self.track_id) or int(self.track_id[row]) != track_id:
            raise KeyError(track_id)
        return row


@dataclass(frozen=True, slots=True)
class EventTable:
    """One row a motion event, ordered by track and time; numbers: its measured quantities."""

    track_id: Int32
    kind: Text
    t0_s: Float64
    t1_s: Float64
    p: Float32
    numbers: Sequence[Mapping[str, float]]

    def __len__(self) -> int:
        return len(self.track_id)


@dataclass(frozen=True, slots=True)
class RelationTable:
    """One row a relation between two tracks seen together."""

    kind: Text
    subject_id: Int32
    object_id: Int32
    t0_s: Float64
    t1_s: Float64
    p: Float32
    numbers: Sequence[Mapping[str, float]]

    def __len__(self) -> int:
        return len(self.subject_id)


@dataclass(frozen=True, slots=True)
class LinkTable:
    """One row a join of two tracklets, as in `core.tracks.Link`."""

    earlier_tracklet: Int32
    later_tracklet: Int32
    score: Float32
    appearance: Float32
    motion: Float32
    gap_s: Float32

    def __len__(self) -> int:
        return len(self.score)


@dataclass(frozen=True, slots=True)
class SplitTable:
    """One row a tracklet cut in two, as in `core.tracking.splitting.Split`."""

    tracklet: Int32
    piece: Int32
    t_s: Float64
    score: Float32

    def __len__(self) -> int:
        return len(self.piece)


@dataclass(frozen=True, slots=True)
class RideTable:
    """One row a rider on a two-wheeler, as in `core.tracking.riders.Composite`.

    track_id: the track that stands for both, or for the two-wheeler where not `absorbed`.
    """

    track_id: Int32
    t0_s: Float64
    t1_s: Float64
    p: Float32
    absorbed: Bool
    rider_tracklets: tuple[tuple[int, ...], ...]
    wheeler_tracklets: tuple[tuple[int, ...], ...]
    numbers: Sequence[Mapping[str, float]]

    def __len__(self) -> int:
        return len(self.track_id)


@dataclass(frozen=True, slots=True)
class CropTable:
    """One row an exemplar crop; row number = crop_id = row of the vectors.

    xyxy: (N, 4) the object's box in pixels of the displayed picture (the picture itself is padded).
    quality: (N,) larger is better, comparable within a video. colour: (N, 12), zeros where unknown.
    """

    crop_id: Int32
    track_id: Int32
    frame: Int32
    t_s: Float64
    xyxy: Float32
    quality: Float32
    colour: Float32

    def __len__(self) -> int:
        return len(self.crop_id)


@dataclass(frozen=True, slots=True)
class SceneTable:
    """One row a scene; row number = scene_id = row of the vectors.

    t0_s, t1_s: (S,) the span, half-open. frame, t_s: the sampled frame that stands for it.
    """

    scene_id: Int32
    t0_s: Float64
    t1_s: Float64
    frame: Int32
    t_s: Float64

    def __len__(self) -> int:
        return len(self.scene_id)


_Table = TypeVar("_Table", TrackTable, EventTable, RelationTable, LinkTable, RideTable)


def taken(table: _Table, rows: npt.NDArray[np.intp]) -> _Table:
    """Some rows of a table, in the order asked."""
    columns: dict[str, Any] = {}
    for column in fields(table):
        whole = getattr(table, column.name)
        if isinstance(whole, np.ndarray):
            columns[column.name] = whole[rows]
        else:
            listed = tuple(whole)
            columns[column.name] = tuple(listed[row] for row in rows)
    return type(table)(**columns)


def joined(first: _Table, second: _Table) -> _Table:
    """The rows of two tables, one after the other."""
    columns: dict[str, Any] = {}
    a: Any
    b: Any
    for column in fields(first):
        a, b = getattr(first, column.name), getattr(second, column.name)
        columns[column.name] = np.concatenate([a, b]) if isinstance(a, np.ndarray) else (*a, *b)
    return type(first)(**columns)
