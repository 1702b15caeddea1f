"""Pictures of all tracks as rows of the vector index, and how alike they are to words."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Int32
from core.search.columns import Columns
from core.search.prompts import Prompts

Rows = npt.NDArray[np.int64]

_MOST_CANDIDATES = 4096
_BANK = 4096
_MOST_REMEMBERED = 24
_READ_AT_ONCE = 16384


class Vectors(Protocol):
    """What is asked of the vector index (`core.index.vectors.VectorIndex`)."""

    @property
    def video_ids(self) -> tuple[str, ...]: ...

    def __len__(self) -> int: ...

    def rows_of(self, video_id: str) -> slice: ...

    def search(self, vector: Float32, k: int, keep: Bool | None = None) -> tuple[Rows, Float32]: ...

    def vectors(self, rows: Rows) -> Float32: ...


@dataclass(frozen=True, slots=True)
class Crops:
    """The rows of the index as crops of tracks.

    track: (M,) row of the track in the columns, -1 for a video that is not in them.
    crop_id: (M,) number within the video.
    """

    track: Int32
    crop_id: Int32


def crops_of(columns: Columns, index: Vectors) -> Crops:
    """Which track every row of the index belongs to."""
    track = np.full(len(index), -1, np.int32)
    crop_id = np.zeros(len(index), np.int32)
    place = {record.video_id: v for v, record in enumerate(columns.videos)}
    for video_id in index.video_ids:
        rows = index.rows_of(video_id)
        crop_id[rows] = np.arange(rows.stop - rows.start)
        if video_id in place:
            first, last = columns.crop_starts[place[video_id] : place[video_id] + 2]
            track[rows] = columns.crop_track[first:last]
    return Crops(track, crop_id)


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike each track is to some words; best_crop: (N,) row of the index, -1 for none."""

    value: Float32
    best_crop: Rows


class Likeness:
    """Words against the pictures of all tracks of one state of the library; any thread may ask.

    has_crop: (N,) which tracks have a picture in the index at all.
    """

    def __init__(self, columns: Columns, index: Vectors, prompts: Prompts) -> None:
        self.columns = columns
        self.prompts = prompts
        self.crops = crops_of(columns, index)
        self.has_crop = np.zeros(len(columns), np.bool_)
        self.has_crop[self.crops.track[self.crops.track >= 0]] = True
        self._index = index
        self._lock = threading.Lock()
        self._asked: dict[str, Similarity] = {}
        self._bank: Float32 | None = None

    def rows_of(self, tracks: Bool) -> Rows:
        """Rows of the index that are pictures of the tracks marked in a (N,) mask."""
        owner = self.crops.track
        return np.flatnonzero((owner >= 0) & tracks[owner]).astype(np.int64)

    def cosines(self, phrases: Sequence[str], tracks: Bool) -> Float32:
        """(N, K) mean cosine of each track's pictures with each phrase; 0 outside the mask."""
        texts = self.prompts.ensemble(phrases)
        n, k = len(self.columns), len(phrases)
        sums, counts = np.zeros((n, k), np.float32), np.zeros(n, np.float32)
        rows = self.rows_of(tracks)
        for start in range(0, len(rows), _READ_AT_ONCE):
            some = rows[start : start + _READ_AT_ONCE]
            owner = self.crops.track[some]
            values = self._index.vectors(some) @ texts.T
            for column in range(k):
                sums[:, column] += np.bincount(owner, values[:, column], n)
            counts += np.bincount(owner, minlength=n)
        return np.asarray(sums / np.maximum(counts, 1.0)[:, None], np.float32)

    def each(self, phrases: Sequence[str], tracks: Bool, scale: float) -> tuple[Rows, Float32]:
        """Rows of the tracks' pictures, and (M, K) softmax over phrases of scaled cosines."""
        texts, rows = self.prompts.ensemble(phrases), self.rows_of(tracks)
        values = np.zeros((len(rows), len(phrases)), np.float32)
        for start in range(0, len(rows), _READ_AT_ONCE):
            some = slice(start, start + _READ_AT_ONCE)
            values[some] = softmax(scale * (self._index.vectors(rows[some]) @ texts.T))
        return rows, values

    def similar(self, phrase: str, among: Bool | None = None) -> Similarity:
        """Mean of the two pictures most like a phrase, per track; remembered for the last asked.

        In a large library only the pictures nearest to the phrase are read, and the nearest of the
        tracks marked in `among`, (N,); every other track gets what a sample of all says is usual,
        or the last one read where that is less.
        """
        if among is not None and (among.all() or len(self._index) <= _MOST_CANDIDATES):
            among = None
        with self._lock:
            known = self._asked.get(phrase) if among is None else None
        if known is None:
            known = self._compared(phrase, among)
            if among is not None:
                return known
            with self._lock:
                self._asked[phrase] = known
                while len(self._asked) > _MOST_REMEMBERED:
                    self._asked.pop(next(iter(self._asked)))
        return known

    def _compared(self, phrase: str, among: Bool | None) -> Similarity:
        n, crops = len(self.columns), self.crops
        vector = self.prompts.ensemble([phrase])[0]
        rows, values = self._index.search(vector, _MOST_CANDIDATES)
        least = float(values.min(initial=1.0))
        if among is not None:
            wanted = among[crops.track] & (crops.track >= 0)
            more, of_more = self._index.search(vector, _MOST_CANDIDATES, wanted)
            rows, once = np.unique(np.concatenate([rows, more]), return_index=True)
            values = np.concatenate([values, of_more])[once]
        mine = crops.track[rows] >= 0
        rows, values = rows[mine], values[mine]
        tracks = crops.track[rows]
        usual = 0.0
        if len(self._index) > _MOST_CANDIDATES:
            usual = min(float((self.bank() @ vector).mean()), least)
        result = np.full(n, usual, np.float32)
        best_crop = np.full(n, -1, np.int64)
        order = np.lexsort((-values, tracks))
        tracks, values, rows = tracks[order], values[order], rows[order]
        first = np.flatnonzero(np.diff(tracks, prepend=-1))
        result[tracks[first]] = values[first]
        best_crop[tracks[first]] = rows[first]
        second = first + 1
        second = second[second < len(tracks)]
        second = second[tracks[second] == tracks[second - 1]]
        result[tracks[second]] = (values[second] + values[second - 1]) / 2.0
        return Similarity(result, best_crop)

    def track_vectors(self, rows: Rows) -> Float32:
        """(K, D) mean of the crops' vectors of each track, unit length; zeros without a crop."""
        place = np.full(len(self.columns), -1, np.int64)
        place[rows] = np.arange(len(rows))
        owner = np.where(self.crops.track >= 0, place[self.crops.track], -1)
        mine = np.flatnonzero(owner >= 0)
        vectors = self._index.vectors(mine)
        means = np.zeros((len(rows), vectors.shape[1]), np.float32)
        np.add.at(means, owner[mine], vectors)
        length = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
        return np.asarray(means / length, np.float32)

    def bank(self) -> Float32:
        """(B, D) a fixed sample of all pictures, the background against which words are judged."""
        with self._lock:
            if self._bank is None:
                rng = np.random.default_rng(7)
                take = min(_BANK, len(self._index))
                rows = np.sort(rng.choice(len(self._index), take, replace=False)).astype(np.int64)
                self._bank = self._index.vectors(rows)
            return self._bank


def softmax(logits: npt.NDArray[np.floating]) -> Float32:
    """Softmax along the last axis."""
    spread = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(spread / spread.sum(axis=-1, keepdims=True), np.float32)
