"""How unusual a video is over time: its scenes and its objects against what is normal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.detections import Bool, Float32, Float64, Int32
from core.explore.neighbours import nearest
from core.explore.unusual import Unusual
from core.index.vectors import VectorIndex
from core.search.columns import Columns

_NEIGHBOURS = 3
_APART_S = 10.0  # scenes of one video nearer in time are one scene
_SPARE = 16
_FEWEST = 8
_LEAST = 0.95
_JOINED_S = 2.0


@dataclass(frozen=True, slots=True)
class Peak:
    """A stretch in which something is unusual. row: of the object that is, -1 for the scene."""

    t0_s: float
    t1_s: float
    level: float
    row: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """One row a second of a video. scene, objects: (T,) in [0, 1], 1 unlike anything normal.

    scene: all zeros where there are too few normal scenes to tell. peaks: most unusual first.
    """

    t_s: Float64
    scene: Float32
    objects: Float32
    peaks: tuple[Peak, ...]

    @property
    def level(self) -> Float32:
        return np.maximum(self.scene, self.objects)


@dataclass(frozen=True, slots=True)
class Scenes:
    """All scenes of a library: video place, span in seconds, level in [0, 1]."""

    video: Int32
    t0_s: Float64
    t1_s: Float64
    level: Float32


def scene_levels(columns: Columns, index: VectorIndex, normal_videos: Collection[int]) -> Scenes:
    """How unlike the scenes of some videos each scene of the library is.

    index: the vectors of scenes. normal_videos: places in `columns.videos`. The level is the share
    of normal scenes, each compared with the others, that are less far from their nearest.
    """
    videos, starts, ends, rows = [], [], [], []
    indexed = set(index.video_ids)
    for place, record in enumerate(columns.videos):
        if record.video_id not in indexed:
            continue
        span, table = index.rows_of(record.video_id), columns.shards[place].scenes()
        count = min(span.stop - span.start, len(table))
        rows.append(np.arange(span.start, span.start + count))
        videos.append(np.full(count, place, np.int32))
        starts.append(table.t0_s[:count])
        ends.append(table.t1_s[:count])
    if not rows:
        return Scenes(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0, np.float32))
    video, t0_s, t1_s = np.concatenate(videos), np.concatenate(starts), np.concatenate(ends)
    vectors = index.vectors(np.concatenate(rows).astype(np.int64))
    normal = np.isin(video, list(normal_videos))
    return Scenes(video, t0_s, t1_s, _levels(vectors, video, t0_s, normal))


def _levels(vectors: Float32, video: Int32, t0_s: Float64, normal: Bool) -> Float32:
    found, distance = nearest(vectors, _NEIGHBOURS + _SPARE, among=normal)
    there = found >= 0
    other = np.where(there, found, 0)
    close = (video[other] == video[:, None]) & (np.abs(t0_s[other] - t0_s[:, None]) < _APART_S)
    apart = np.sort(np.where(there & ~close, distance, np.inf), axis=1)[:, :_NEIGHBOURS]
    known = np.isfinite(apart[:, 0])
    far = np.where(np.isfinite(apart), apart, 0.0).sum(axis=1)
    far /= np.maximum(np.isfinite(apart).sum(axis=1), 1)
    usual = np.sort(far[normal & known])
    if len(usual) < _FEWEST:
        return np.zeros(len(vectors), np.float32)
    below = np.searchsorted(usual, far, side="left") / (len(usual) + 1)
    return np.where(known, below, 0.0).astype(np.float32)


def timeline_of(
    columns: Columns, scenes: Scenes, unusual: Unusual, space: str, video: int
) -> Timeline:
    """How unusual one video is at each of its seconds. video: place in `columns.videos`.

    An object counts while it is unusual, or all the time it is seen where its looks are.
    """
    seconds = max(int(np.ceil(columns.videos[video].duration_s)), 1)
    t_s = np.arange(seconds, dtype=np.float64)
    scene, objects = np.zeros(seconds, np.float32), np.zeros(seconds, np.float32)
    owner = np.full(seconds, -1, np.int64)
    for k in np.flatnonzero(scenes.video == video):
        during = (t_s + 1.0 > scenes.t0_s[k]) & (t_s < scenes.t1_s[k])
        scene[during] = np.maximum(scene[during], scenes.level[k])
    level, excess = unusual.level(space), unusual.excess(space)
    rows = np.arange(*columns.rows_of(video).indices(len(columns)))
    for row in rows[np.argsort(excess[rows], kind="stable")].tolist():
        t0_s, t1_s = float(columns.t0_s[row]), float(columns.t1_s[row])
        if space == "moves" and unusual.place.known[row]:
            t0_s, t1_s, _ = unusual.when(row)
        during = (t_s + 1.0 > t0_s) & (t_s <= t1_s)
        higher = during & (level[row] >= objects)
        objects[higher], owner[higher] = level[row], row
    peaks = _peaks(scene, objects, owner, unusual.listed(space))
    return Timeline(t_s, scene, objects, tuple(peaks))


def _peaks(scene: Float32, objects: Float32, owner: np.ndarray, odd: Bool) -> list[Peak]:
    found: list[Peak] = []
    for row in np.unique(owner[owner >= 0]).tolist():
        mine = np.flatnonzero(owner == row)
        if odd[row]:
            found.append(Peak(float(mine[0]), float(mine[-1] + 1), float(objects[mine].max()), row))
    high = np.flatnonzero(scene >= _LEAST)
    if len(high):
        for run in np.split(high, np.flatnonzero(np.diff(high) > _JOINED_S) + 1):
            level = float(scene[run].max())
            found.append(Peak(float(run[0]), float(run[-1] + 1), level, -1))
    return sorted(found, key=lambda peak: (-peak.level, peak.t0_s))
