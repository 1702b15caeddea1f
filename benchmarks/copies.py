"""A large library made of the videos of a small one, shown again and again with small changes.

Every track of the large one is a track of the small one at another time: same events, relations
and classes, with probabilities, colours and vectors moved a little, so that no two are equal and
all hang together as in real footage. It is a library like any other: shards on disk, a catalog.
Pictures are a few bytes each, paths have at most 24 boxes, detections none, scenes two a video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.detections import Detections, Float32, Int32
from core.library.library import Library
from core.library.links import link_table
from core.library.shard import Shard
from core.library.shard_writer import ShardContent, write_shard
from core.library.tables import (
    CropTable,
    DetectionTable,
    EventTable,
    RelationTable,
    SceneTable,
    TrackTable,
    text_column,
)
from core.tracks import Path as ObjectPath
from core.tracks import Track

MOST_BOXES = 24
JITTER = 0.35  # length of what is added to a unit vector: strangers of a kind differ by more
_GAP_S = 5.0


@dataclass(frozen=True)
class Source:
    """One video of the small library, read whole. crops: rows of crops of each track."""

    shard: Shard
    tracks: tuple[Track, ...]
    vectors: Float32
    crops: tuple[npt.NDArray[np.int64], ...]


def sources_of(library: Library, crops_a_track: int) -> list[Source]:
    """The videos to take after: those with tracks. Raises ValueError where there are none."""
    sources = []
    for record in library.ready():
        shard = library.shard(record.video_id)
        table, crops = shard.tracks(), shard.crops()
        if not len(table):
            continue
        rows = [np.flatnonzero(crops.track_id == track)[:crops_a_track] for track in table.track_id]
        sources.append(
            Source(
                shard,
                tuple(_thinned(shard.track(int(track))) for track in table.track_id),
                shard.crop_vectors(record.encoder).astype(np.float32),
                tuple(rows),
            )
        )
    if not sources:
        raise ValueError(f"{library.path} has no tracks to make a large library of")
    return sources


def _thinned(track: Track) -> Track:
    path = track.path
    some = np.unique(np.linspace(0, len(path) - 1, min(len(path), MOST_BOXES)).astype(int))
    thin = ObjectPath(
        path.frame[some],
        path.t_s[some],
        path.xyxy[some],
        path.confidence[some],
        path.interpolated[some],
    )
    return replace(track, path=thin)


def fill(
    library: Library,
    sources: Sequence[Source],
    tracks: int,
    a_video: int,
    *,
    first: int = 0,
    seed: int = 0,
) -> None:
    """Add videos of about `a_video` tracks until there are `tracks` more; first: their number."""
    rng = np.random.default_rng(seed)
    done, number = 0, first
    with library.writing():
        while done < tracks:
            chosen: list[Source] = []
            while sum(len(s.tracks) for s in chosen) < min(a_video, tracks - done):
                chosen.append(sources[int(rng.integers(len(sources)))])
            video_id = f"copy{number:06d}"
            done += _write(library, video_id, chosen, rng)
            number += 1


def _write(
    library: Library, video_id: str, chosen: Sequence[Source], rng: np.random.Generator
) -> int:
    scenes = [_Scene.made(source, rng) for source in chosen]
    length = np.cumsum([0.0, *(s.shard.meta.duration_s + _GAP_S for s in chosen)])
    base = np.cumsum([0, *(len(s.tracks) for s in chosen)]).astype(np.int32)
    frames = np.cumsum([0, *(int(s.shard.meta.duration_s * 30) + 200 for s in chosen)])
    tracks = [
        replace(
            track,
            track_id=int(base[k]) + place + 1,
            path=replace(
                track.path,
                frame=(track.path.frame + frames[k]).astype(np.int32),
                t_s=track.path.t_s + length[k],
            ),
            tracklet_ids=(int(base[k]) + place,),
        )
        for k, source in enumerate(chosen)
        for place, track in enumerate(source.tracks)
    ]
    counts = [len(rows) for source in chosen for rows in source.crops]
    owner = np.repeat(np.arange(1, len(tracks) + 1, dtype=np.int32), counts)
    firsts = np.cumsum([0, *counts])[:-1]
    crops = len(owner)
    table = _table(scenes, length, base, np.where(np.asarray(counts) > 0, firsts, -1))
    vectors = np.concatenate([scene.vectors for scene in scenes])
    first = chosen[0].shard.meta
    duration = float(length[-1])
    meta = replace(
        first,
        video_id=video_id,
        name=f"{video_id}.mp4",
        path=f"/copies/{video_id}.mp4",
        duration_s=duration,
        frames=int(duration * 10),
        ground=None,
    )
    colour = np.repeat(table.colour, counts, axis=0)
    scene_vectors = vectors[rng.integers(crops, size=2)] if crops else vectors[:0]
    content = ShardContent(
        detections=DetectionTable(Detections.empty(), np.zeros(0, np.int32), np.zeros(0, np.int32)),
        tracks=tracks,
        table=table,
        links=link_table(()),
        events=_events(scenes, length, base),
        relations=_relations(scenes, length, base),
        crops=CropTable(
            crop_id=np.arange(crops, dtype=np.int32),
            track_id=owner,
            frame=np.zeros(crops, np.int32),
            t_s=np.zeros(crops),
            xyxy=np.tile(np.array([0, 0, 40, 30], np.float32), (crops, 1)),
            quality=rng.uniform(0, 1, crops).astype(np.float32),
            colour=colour.astype(np.float32),
        ),
        crop_jpegs=[b"crop"] * crops,
        crop_vectors=vectors.astype(np.float16),
        scenes=SceneTable(
            scene_id=np.arange(len(scene_vectors), dtype=np.int32),
            t0_s=np.linspace(0, duration, len(scene_vectors), endpoint=False),
            t1_s=np.linspace(0, duration, len(scene_vectors), endpoint=False) + duration / 2,
            frame=np.zeros(len(scene_vectors), np.int32),
            t_s=np.zeros(len(scene_vectors)),
        ),
        scene_jpegs=[b"scene"] * len(scene_vectors),
        scene_vectors=scene_vectors.astype(np.float16),
    )
    write_shard(library.shard_folder(video_id), meta, content)
    library.adopt(video_id)
    return len(tracks)


@dataclass(frozen=True)
class _Scene:
    """One showing of a source: its tables with numbers moved a little."""

    table: TrackTable
    events: EventTable
    relations: RelationTable
    vectors: Float32

    @staticmethod
    def made(source: Source, rng: np.random.Generator) -> _Scene:
        shard = source.shard
        table, events, relations = shard.tracks(), shard.events(), shard.relations()
        colour = np.clip(table.colour + rng.uniform(0, 0.12, table.colour.shape), 0, None)
        known = table.colour.sum(axis=1, keepdims=True) > 0.5
        colour = np.where(known, colour / colour.sum(axis=1, keepdims=True), 0.0)
        rows = np.concatenate([*source.crops, np.zeros(0, np.int64)]).astype(np.int64)
        vectors = source.vectors[rows]
        noise = rng.normal(size=vectors.shape)
        vectors = vectors + JITTER * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return _Scene(
            replace(table, colour=colour.astype(np.float32)),
            replace(events, p=_moved(events.p, rng)),
            replace(relations, p=_moved(relations.p, rng)),
            vectors.astype(np.float32),
        )


def _moved(p: Float32, rng: np.random.Generator) -> Float32:
    return np.clip(p + rng.normal(0, 0.06, len(p)), 0.02, 0.995).astype(np.float32)


def _table(
    scenes: Sequence[_Scene],
    length: npt.NDArray[np.float64],
    base: Int32,
    best_crop: npt.NDArray[np.int64],
) -> TrackTable:
    tables = [scene.table for scene in scenes]
    after = np.repeat(length[:-1], [len(t) for t in tables])
    return TrackTable(
        track_id=np.arange(1, base[-1] + 1, dtype=np.int32),
        class_name=text_column([str(name) for t in tables for name in t.class_name]),
        class_confidence=np.concatenate([t.class_confidence for t in tables]),
        confidence=np.concatenate([t.confidence for t in tables]),
        t0_s=np.concatenate([t.t0_s for t in tables]) + after,
        t1_s=np.concatenate([t.t1_s for t in tables]) + after,
        n_boxes=np.concatenate([t.n_boxes for t in tables]),
        n_interpolated=np.concatenate([t.n_interpolated for t in tables]),
        size_px=np.concatenate([t.size_px for t in tables]),
        colour=np.concatenate([t.colour for t in tables]),
        motion_known=np.concatenate([t.motion_known for t in tables]),
        motion_reason=text_column([str(why) for t in tables for why in t.motion_reason]),
        best_crop=best_crop.astype(np.int32),
    )


def _events(scenes: Sequence[_Scene], length: npt.NDArray[np.float64], base: Int32) -> EventTable:
    tables = [scene.events for scene in scenes]
    sizes = [len(t) for t in tables]
    # Ids in a source need not be 1..n: its rows are numbered, as its tracks are.
    ids = [
        np.searchsorted(s.table.track_id, s.events.track_id) + base[k] + 1
        for k, s in enumerate(scenes)
    ]
    return EventTable(
        track_id=np.concatenate(ids).astype(np.int32),
        kind=text_column([str(kind) for t in tables for kind in t.kind]),
        t0_s=np.concatenate([t.t0_s for t in tables]) + np.repeat(length[:-1], sizes),
        t1_s=np.concatenate([t.t1_s for t in tables]) + np.repeat(length[:-1], sizes),
        p=np.concatenate([t.p for t in tables]),
        numbers=tuple(numbers for t in tables for numbers in t.numbers),
    )


def _relations(
    scenes: Sequence[_Scene], length: npt.NDArray[np.float64], base: Int32
) -> RelationTable:
    tables = [scene.relations for scene in scenes]
    sizes = [len(t) for t in tables]

    def ids(column: str) -> Int32:
        rows = [
            np.searchsorted(s.table.track_id, getattr(s.relations, column)) + base[k] + 1
            for k, s in enumerate(scenes)
        ]
        return np.concatenate(rows).astype(np.int32)

    return RelationTable(
        kind=text_column([str(kind) for t in tables for kind in t.kind]),
        subject_id=ids("subject_id"),
        object_id=ids("object_id"),
        t0_s=np.concatenate([t.t0_s for t in tables]) + np.repeat(length[:-1], sizes),
        t1_s=np.concatenate([t.t1_s for t in tables]) + np.repeat(length[:-1], sizes),
        p=np.concatenate([t.p for t in tables]),
        numbers=tuple(numbers for t in tables for numbers in t.numbers),
    )
