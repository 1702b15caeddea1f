"""All tracks of a library as columns: one row a track over all videos, so that a question about
any number of them is a few array operations.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32
from core.errors import LibraryError
from core.library.catalog import VideoRecord
from core.library.library import Library
from core.library.shard import Shard
from core.tracking.classes import RIDDEN

_log = logging.getLogger(__name__)

Stamp = tuple[tuple[str, str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind, ordered by track and time.

    track: (E,) row of the track. at: (E,) row in the video's event table. degrees: (E,) how far it
    turned, NaN where that is no number of the kind.
    """

    track: Int32
    t0_s: Float64
    t1_s: Float64
    p: Float32
    at: Int32
    degrees: Float32

    def __len__(self) -> int:
        return len(self.track)

    @staticmethod
    def none() -> Events:
        whole, real = np.zeros(0, np.int32), np.zeros(0, np.float64)
        small = np.zeros(0, np.float32)
        return Events(whole, real, real, small, whole, small)


@dataclass(frozen=True, slots=True)
class Relations:
    """Relations of one kind; subject, other: (R,) rows of tracks; at: row in the video's table."""

    subject: Int32
    other: Int32
    t0_s: Float64
    t1_s: Float64
    p: Float32
    at: Int32


@dataclass(frozen=True, slots=True)
class Columns:
    """The tracks of all videos that can be searched, videos one after another.

    video: (N,) place in `videos`. votes: (N, C) share of the votes for each of `class_names`.
    vocabulary: (V, C) which of them the detector of a video can tell. colour: (N, 12), zeros where
    unknown. motion_known: (N,) False where the track is too short to speak about its motion.
    confidence: (N,) mean of the detector's. best_crop: (N,) crop_id, -1 for none.
    """

    videos: tuple[VideoRecord, ...]
    shards: tuple[Shard, ...]
    class_names: tuple[str, ...]
    video: Int32
    track_id: Int32
    t0_s: Float64
    t1_s: Float64
    n_boxes: Int32
    confidence: Float32
    votes: Float32
    vocabulary: Bool
    colour: Float32
    motion_known: Bool
    best_crop: Int32
    starts: npt.NDArray[np.int64]
    events: Mapping[str, Events]
    relations: Mapping[str, Relations]

    def __len__(self) -> int:
        return len(self.track_id)

    def events_of(self, kind: str) -> Events:
        return self.events.get(kind) or Events.none()

    def shard_of(self, row: int) -> Shard:
        return self.shards[int(self.video[row])]

    def video_of(self, row: int) -> VideoRecord:
        return self.videos[int(self.video[row])]

    def rows_of(self, video: int) -> slice:
        return slice(int(self.starts[video]), int(self.starts[video + 1]))

    @property
    def stamp(self) -> Stamp:
        return tuple(
            (record.video_id, record.shard_checksum, shard.edits)
            for record, shard in zip(self.videos, self.shards, strict=True)
        )


def stamp_of(library: Library) -> Stamp:
    """What `Columns.stamp` would be if they were read now: changes when the library does."""
    return library.stamp()


def read_columns(library: Library) -> Columns:
    """Read the tables of every ready video; a damaged one is left out with a warning."""
    videos: list[VideoRecord] = []
    shards: list[Shard] = []
    for record in library.ready():
        try:
            shard = library.shard(record.video_id)
            shard.tracks(), shard.events(), shard.relations(), shard.crops()
        except LibraryError as error:
            _log.warning("%s", error)
            continue
        videos.append(record)
        shards.append(shard)
    return columns_of(videos, shards)


def columns_of(videos: Sequence[VideoRecord], shards: Sequence[Shard]) -> Columns:
    """Put the tables of some videos one after another."""
    tables = [shard.tracks() for shard in shards]
    starts = np.cumsum([0, *(len(table) for table in tables)])
    known = [_with_riders(shard.meta.class_names) for shard in shards]
    names = sorted(set().union(*known))
    votes = np.zeros((int(starts[-1]), len(names)), np.float32)
    vocabulary = np.zeros((len(shards), len(names)), np.bool_)
    place = {name: k for k, name in enumerate(names)}
    for v, (shard, table) in enumerate(zip(shards, tables, strict=True)):
        vocabulary[v, [place[name] for name in known[v]]] = True
        for row, (name, share) in enumerate(
            zip(table.class_name, table.class_confidence, strict=True)
        ):
            cast = {str(name): 1.0} if share >= 0.999 else shard.votes(int(table.track_id[row]))
            for voted, weight in cast.items():
                if voted in place:
                    votes[starts[v] + row, place[voted]] = weight

    def joined(column: str, dtype: type) -> npt.NDArray[Any]:
        parts = [np.asarray(getattr(table, column)) for table in tables]
        return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)

    colour = [table.colour.reshape(-1, 12) for table in tables]
    return Columns(
        videos=tuple(videos),
        shards=tuple(shards),
        class_names=tuple(names),
        video=np.repeat(np.arange(len(shards)), np.diff(starts)).astype(np.int32),
        track_id=joined("track_id", np.int32),
        t0_s=joined("t0_s", np.float64),
        t1_s=joined("t1_s", np.float64),
        n_boxes=joined("n_boxes", np.int32),
        confidence=joined("confidence", np.float32),
        votes=np.asfortranarray(votes),
        vocabulary=vocabulary,
        colour=np.concatenate(colour) if colour else np.zeros((0, 12), np.float32),
        motion_known=joined("motion_known", np.bool_),
        best_crop=joined("best_crop", np.int32),
        starts=starts.astype(np.int64),
        events=_events(shards, starts),
        relations=_relations(shards, starts),
    )


def _with_riders(class_names: Sequence[str]) -> set[str]:
    """The classes of a detector, and what its two-wheelers are called with somebody on them."""
    return {*class_names, *(RIDDEN[name] for name in class_names if name in RIDDEN)}


def _events(shards: Sequence[Shard], starts: npt.NDArray[np.int64]) -> dict[str, Events]:
    gathered: dict[str, list[Events]] = {}
    for start, shard in zip(starts, shards, strict=False):
        table = shard.events()
        rows = start + np.searchsorted(shard.tracks().track_id, table.track_id)
        degrees = np.array([n.get("degrees", np.nan) for n in table.numbers], np.float32)
        for kind in np.unique(table.kind):
            mine = np.flatnonzero(table.kind == kind)
            mine = mine[np.lexsort((table.t0_s[mine], rows[mine]))]
            gathered.setdefault(str(kind), []).append(
                Events(
                    rows[mine].astype(np.int32),
                    table.t0_s[mine],
                    table.t1_s[mine],
                    table.p[mine],
                    mine.astype(np.int32),
                    degrees[mine],
                )
            )
    return {kind: joined_events(parts) for kind, parts in gathered.items()}


def joined_events(parts: Sequence[Events]) -> Events:
    """Several lists of events as one, in the order given."""
    if not parts:
        return Events.none()
    return Events(
        np.concatenate([part.track for part in parts]),
        np.concatenate([part.t0_s for part in parts]),
        np.concatenate([part.t1_s for part in parts]),
        np.concatenate([part.p for part in parts]),
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.degrees for part in parts]),
    )


def _relations(shards: Sequence[Shard], starts: npt.NDArray[np.int64]) -> dict[str, Relations]:
    gathered: dict[str, list[Relations]] = {}
    for start, shard in zip(starts, shards, strict=False):
        table, tracks = shard.relations(), shard.tracks().track_id
        for kind in np.unique(table.kind):
            mine = np.flatnonzero(table.kind == kind)
            gathered.setdefault(str(kind), []).append(
                Relations(
                    (start + np.searchsorted(tracks, table.subject_id[mine])).astype(np.int32),
                    (start + np.searchsorted(tracks, table.object_id[mine])).astype(np.int32),
                    table.t0_s[mine],
                    table.t1_s[mine],
                    table.p[mine],
                    mine.astype(np.int32),
                )
            )
    return {
        kind: Relations(
            np.concatenate([part.subject for part in parts]),
            np.concatenate([part.other for part in parts]),
            np.concatenate([part.t0_s for part in parts]),
            np.concatenate([part.t1_s for part in parts]),
            np.concatenate([part.p for part in parts]),
            np.concatenate([part.at for part in parts]),
        )
        for kind, parts in gathered.items()
    }
