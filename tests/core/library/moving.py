"""Made-up videos with all that edits look at: detections, tracklets, paths, crops, vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.detections import Detections, Float32
from core.library.description import describe
from core.library.library import Library
from core.library.shard_writer import ShardContent, write_shard
from core.library.tables import CropTable, DetectionTable, LinkTable
from core.tracking.assembly import path_of
from core.tracking.classes import class_votes
from core.tracks import FrameSize, Track
from tests.fakes import made_up

FPS = 10.0
CLASSES = ("car", "van", "person", "bicycle")
SIZE = FrameSize(640, 360)
ENCODER = "fake/encoder"
DIM = 16


@dataclass(frozen=True)
class Thing:
    """An object that moves at constant speed; pieces: (from, to) seconds of its tracklets.

    with_rider: also found as a person on top of it, in a tracklet of its own; its path is then
    made of the union of both boxes. twin: found twice, in a tracklet that its path leaves out.
    looks: number of a look; equal numbers look alike.
    """

    start: tuple[float, float]
    speed: tuple[float, float]
    pieces: tuple[tuple[float, float], ...] = ((0.0, 6.0),)
    kind: str = "car"
    size: tuple[float, float] = (40.0, 24.0)
    with_rider: bool = False
    twin: bool = False
    looks: int = 0
    crops: int = 4


LANES = [20.0 + 30.0 * lane for lane in range(10)]


def street(looks: Sequence[int], *, t0_s: float = 0.0, kind: str = "car") -> list[Thing]:
    """Things side by side at one time, with these looks."""
    return [
        Thing((10, y), (20, 0), ((t0_s, t0_s + 5.0),), looks=look, size=(30.0, 20.0), kind=kind)
        for y, look in zip(LANES, looks, strict=False)
    ]


def put_moving(
    library: Library, video_id: str, things: Sequence[Thing], *, seed: int = 0, noise: float = 0.3
) -> None:
    """Add a video whose tracks are these things, numbered from 1 in the order given."""
    rng = np.random.default_rng(seed)
    listed = [part for k, thing in enumerate(things) for part in _found(thing, k)]
    frame = np.concatenate([part[0] for part in listed])
    order = np.argsort(frame, kind="stable")
    boxes = Detections(
        frame[order].astype(np.int32),
        frame[order] / FPS,
        np.concatenate([part[1] for part in listed])[order].astype(np.float32),
        rng.uniform(0.5, 0.9, len(order)).astype(np.float32),
        np.concatenate([np.full(len(p[0]), CLASSES.index(p[2])) for p in listed])[order].astype(
            np.int32
        ),
    )
    tracklet = np.repeat(np.arange(len(listed)), [len(p[0]) for p in listed])[order]
    owner = np.concatenate([np.full(len(p[0]), p[3] + 1) for p in listed])[order]
    in_path = np.concatenate([np.full(len(p[0]), p[4]) for p in listed])[order]
    tracks, crops = [], []
    for number, thing in enumerate(things, 1):
        rows = np.flatnonzero((owner == number) & in_path)
        tracks.append(_track(number, thing, boxes, rows, tracklet))
        crops += rows[np.linspace(0, len(rows) - 1, thing.crops).astype(int)].tolist()
    picked = np.array(crops, np.intp)
    table = CropTable(
        crop_id=np.arange(len(picked), dtype=np.int32),
        track_id=owner[picked].astype(np.int32),
        frame=boxes.frame[picked],
        t_s=boxes.t_s[picked],
        xyxy=boxes.xyxy[picked],
        quality=rng.uniform(0.1, 1.0, len(picked)).astype(np.float32),
        colour=rng.dirichlet(np.ones(12), len(picked)).astype(np.float32),
    )
    looks = np.array([things[int(owner[row]) - 1].looks for row in picked])
    meta, content = made_up(video_id, 1, 1, DIM, ENCODER, 0, f"{video_id}.mp4")
    said = describe(tracks, table, SIZE)
    meta = replace(
        meta, class_names=CLASSES, width=SIZE.width, height=SIZE.height, ground=said.ground,
        duration_s=20.0,
    )  # fmt: skip
    whole = _content(content, tracks, said, table, _vectors(looks, rng, noise))
    whole = replace(
        whole,
        detections=DetectionTable(boxes, tracklet.astype(np.int32), owner.astype(np.int32)),
        links=_links(tracks),
    )
    with library.writing():
        write_shard(library.shard_folder(video_id), meta, whole)
        library.adopt(video_id)


def _found(thing: Thing, number: int):
    """(frames, boxes, class, object, in the path) of each tracklet."""
    for t0, t1 in thing.pieces:
        frames = np.arange(round(t0 * FPS), round(t1 * FPS))
        at = np.array(thing.start) + frames[:, None] / FPS * np.array(thing.speed)
        boxes = np.concatenate([at, at + np.array(thing.size)], axis=1)
        yield frames, boxes, thing.kind, number, True
        if thing.with_rider:
            above = boxes + np.array([4.0, -30.0, -4.0, -8.0])
            yield frames, above, "person", number, True
        if thing.twin:
            yield frames, boxes + 1.0, thing.kind, number, False


def _track(number: int, thing: Thing, boxes: Detections, rows, tracklet) -> Track:
    pieces = tuple(dict.fromkeys(tracklet[rows].tolist()))
    if not thing.with_rider:
        votes = class_votes(boxes.class_id[rows], boxes.confidence[rows], CLASSES)
        return Track(number, next(iter(votes)), votes, path_of(boxes, rows, 1.5), pieces)
    wheels = rows[boxes.class_id[rows] != CLASSES.index("person")]
    person = rows[boxes.class_id[rows] == CLASSES.index("person")]
    joint = boxes.xyxy.copy()
    joint[wheels, :2] = np.minimum(joint[wheels, :2], joint[person, :2])
    united = Detections(boxes.frame, boxes.t_s, joint, boxes.confidence, boxes.class_id)
    path = path_of(united, wheels, 1.5)
    return Track(number, "bicycle", {"bicycle": 1.0}, path, pieces)


def _links(tracks: Sequence[Track]) -> LinkTable:
    pairs = [p for t in tracks for p in zip(t.tracklet_ids, t.tracklet_ids[1:], strict=False)]
    one = np.array([a for a, _ in pairs], np.int32)
    other = np.array([b for _, b in pairs], np.int32)
    return LinkTable(one, other, *([np.ones(len(pairs), np.float32)] * 4))


def _content(base: ShardContent, tracks, said, crops: CropTable, vectors) -> ShardContent:
    return replace(
        base, tracks=tracks, table=said.table, events=said.events, relations=said.relations,
        crops=crops, crop_jpegs=[b"crop %d" % i for i in range(len(crops))], crop_vectors=vectors,
    )  # fmt: skip


def _vectors(looks, rng: np.random.Generator, noise: float):
    """A cone around one direction, as encoders give: a look of its own, and noise."""
    bank = np.random.default_rng(99).normal(size=(100, DIM))
    bank /= np.linalg.norm(bank, axis=1, keepdims=True)
    vectors = 2.0 + bank[looks] + noise / np.sqrt(DIM) * rng.normal(size=(len(looks), DIM))
    unit: Float32 = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float16)
