"""What all tracks of a collection look like: the vectors of their crops, centred and comparable.

Image-text encoders tell kinds apart better than individuals, and place everything they are shown
in one narrow cone. So vectors are centred on the mean of the whole collection before they are
compared; every track counts once in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32
from core.index.vectors import VectorIndex
from core.library.library import Library
from core.library.notes import TrackRef
from core.library.shard import Shard
from core.tracking.classes import group_of

MOST_CROPS = 8  # of a track, the best ones: what was merged by hand has more
_BEST = 3  # of all pairs of crops of two tracks, so many are shown as proof

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Gallery:
    """The tracks of one encoder that have a picture, one row a track, videos one after another.

    video: (N,) place in `shards`. group: (N,) number of the class group; things of different
    groups are never the same. means: (N, D) unit vector of each track. first, count: (N,) where in
    `rows` a track's crops are. rows: (M,) rows of the index, by track and time. centre: (D,) what
    is taken from every vector.
    """

    index: VectorIndex
    shards: tuple[Shard, ...]
    video: Int32
    track_id: Int32
    group: Int32
    t0_s: Float64
    t1_s: Float64
    means: Float32
    first: Rows
    count: Rows
    rows: npt.NDArray[np.int64]
    centre: Float32

    def __len__(self) -> int:
        return len(self.track_id)

    @staticmethod
    def read(library: Library, encoder: str) -> Gallery:
        """The tracks as they are now of all videos that this encoder has seen."""
        index = VectorIndex.open(library, encoder, gpu=False)
        shards = tuple(library.shard(video_id) for video_id in index.video_ids)
        parts = [_Part.of(shard, index.rows_of(shard.video_id).start) for shard in shards]
        groups = sorted({group for part in parts for group in part.groups})
        count = np.concatenate([*(part.count for part in parts), np.zeros(0, np.intp)])
        rows = np.concatenate([*(part.rows for part in parts), np.zeros(0, np.int64)])
        first = np.cumsum(count) - count
        means = np.zeros((len(count), index.dim), np.float32)
        starts = np.cumsum([0, *(len(part.count) for part in parts)])
        for start, stop in pairwise(starts):  # one video at a time
            means[start:stop] = _means(index, rows, first[start:stop], count[start:stop])
        centre = means.mean(axis=0) if len(means) else np.zeros(index.dim, np.float32)
        return Gallery(
            index=index,
            shards=shards,
            video=np.repeat(np.arange(len(parts)), np.diff(starts)).astype(np.int32),
            track_id=_joined([part.track_id for part in parts], np.int32),
            group=np.asarray([groups.index(g) for part in parts for g in part.groups], np.int32),
            t0_s=_joined([part.t0_s for part in parts], np.float64),
            t1_s=_joined([part.t1_s for part in parts], np.float64),
            means=unit(means - centre),
            first=first,
            count=count,
            rows=rows,
            centre=np.asarray(centre, np.float32),
        )

    def ref(self, row: int) -> TrackRef:
        return TrackRef(self.shard(row).video_id, int(self.track_id[row]))

    def shard(self, row: int) -> Shard:
        return self.shards[int(self.video[row])]

    def row_of(self, ref: TrackRef) -> int | None:
        """Row of a track; None where it has no picture or another encoder has seen its video."""
        if ref.video_id not in self.index.video_ids:
            return None
        video = self.index.video_ids.index(ref.video_id)
        found = np.flatnonzero((self.video == video) & (self.track_id == ref.track_id))
        return int(found[0]) if len(found) else None

    def crops(self, row: int) -> Float32:
        """(K, D) centred unit vectors of a track's crops, in the order of time."""
        return self._vectors(self.rows[self.first[row] : self.first[row] + self.count[row]])

    def _vectors(self, rows: npt.NDArray[np.int64]) -> Float32:
        return unit(self.index.vectors(rows) - self.centre)

    def rivals(self, row: int) -> Bool:
        """(N,) tracks of the same group that could be the same object: not seen together."""
        return np.asarray((self.group == self.group[row]) & ~self.meets(row), np.bool_)

    def meets(self, row: int) -> Bool:
        """(N,) tracks of the same video that were seen at the same time, itself included."""
        return np.asarray(
            (self.video == self.video[row])
            & (self.t0_s <= self.t1_s[row])
            & (self.t1_s >= self.t0_s[row]),
            np.bool_,
        )

    def proof(self, a: int, b: int) -> tuple[tuple[int, int], ...]:
        """(crop of a, crop of b) of the pairs of crops that are most alike, best first."""
        cosines = self.crops(a) @ self.crops(b).T
        best = np.argsort(-cosines, axis=None, kind="stable")[:_BEST]
        return tuple(
            (self._crop_id(a, int(i)), self._crop_id(b, int(j)))
            for i, j in zip(*np.unravel_index(best, cosines.shape), strict=True)
        )

    def _crop_id(self, row: int, place: int) -> int:
        return self.index.locate(int(self.rows[self.first[row] + place]))[1]


@dataclass(frozen=True, slots=True)
class _Part:
    """The tracks of one video that have a crop, in the order of its table."""

    track_id: Int32
    groups: tuple[str, ...]
    t0_s: Float64
    t1_s: Float64
    count: Rows
    rows: npt.NDArray[np.int64]

    @staticmethod
    def of(shard: Shard, start: int) -> _Part:
        tracks, crops = shard.tracks(), shard.crops()
        best_first = np.lexsort((-crops.quality, crops.track_id))
        owner = crops.track_id[best_first]
        place = np.arange(len(owner)) - np.searchsorted(owner, owner, side="left")
        kept = best_first[place < MOST_CROPS]
        kept = kept[np.lexsort((crops.t_s[kept], crops.track_id[kept]))]
        ids, count = np.unique(crops.track_id[kept], return_counts=True)
        at = np.searchsorted(tracks.track_id, ids)
        return _Part(
            track_id=ids.astype(np.int32),
            groups=tuple(group_of(str(name)) for name in tracks.class_name[at]),
            t0_s=tracks.t0_s[at],
            t1_s=tracks.t1_s[at],
            count=count.astype(np.intp),
            rows=(start + kept).astype(np.int64),
        )


def _means(index: VectorIndex, rows: npt.NDArray[np.int64], first: Rows, count: Rows) -> Float32:
    if not len(count):
        return np.zeros((0, index.dim), np.float32)
    span = rows[first[0] : first[-1] + count[-1]]
    sums = np.add.reduceat(index.vectors(span), first - first[0], axis=0)
    return np.asarray(sums / count[:, None], np.float32)


def unit(vectors: Float32) -> Float32:
    """The vectors along the last axis at unit length."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)


def _joined(parts: Sequence[npt.NDArray[np.generic]], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.concatenate([*parts, np.zeros(0, dtype)]).astype(dtype)
