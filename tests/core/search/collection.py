"""Made-up libraries for questions: objects with known looks and motion, and an encoder of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from core.attributes.colour import COLOURS
from core.detections import Detections, Float32, Image
from core.language.parser import parse
from core.language.query import Query
from core.language.sketches import taken
from core.library.library import Library
from core.library.meta import ShardMeta
from core.library.shard_writer import ShardContent, write_shard
from core.library.tables import (
    CropTable,
    DetectionTable,
    EventTable,
    LinkTable,
    RelationTable,
    SceneTable,
    TrackTable,
    text_column,
)
from core.tracks import Path as ObjectPath
from core.tracks import Track

ENCODER = "words/test"
WORDS = (
    *COLOURS, "car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog",
    "sedan", "suv", "taxi", "jacket", "ladder", "night", "street", "empty",
)  # fmt: skip
CLASSES = ("car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog")


@dataclass(frozen=True)
class WordEncoder:
    """A vector says which of a few words are in a text; pictures are given as vectors."""

    name: str = ENCODER
    dim: int = len(WORDS) + 1
    quick: bool = False
    fails: bool = False
    asked: list[str] = field(default_factory=list)

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        if self.fails:
            raise AssertionError("the encoder was not to be asked")
        self.asked.extend(texts)
        return np.array([vector_of(text.strip(".").split()) for text in texts], np.float32)

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        raise AssertionError("no pictures here")


def vector_of(words: Sequence[str]) -> Float32:
    vector = np.array([float(word in words) for word in WORDS] + [0.4], np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@dataclass(frozen=True)
class Obj:
    """One object of a made-up video. events: (kind, t0, t1, p). way: foot points at equal steps of
    time, shares of the picture; standing somewhere by itself without.
    """

    kind: str = "car"
    colour: str = "red"
    events: tuple[tuple[str, float, float, float], ...] = ()
    t0_s: float = 0.0
    t1_s: float = 9.0
    votes: Mapping[str, float] | None = None
    words: tuple[str, ...] = ()
    motion_known: bool = True
    pixels: bool = True
    numbers: Mapping[str, float] = field(default_factory=dict)
    way: tuple[tuple[float, float], ...] = ()

    def shares(self) -> Mapping[str, float]:
        return self.votes or {self.kind: 1.0}


@dataclass(frozen=True)
class Rel:
    kind: str
    subject: int
    object: int
    t0_s: float
    t1_s: float
    p: float = 0.9
    third: int | None = None

    @property
    def numbers(self) -> Mapping[str, float]:
        third = {} if self.third is None else {"third_id": float(self.third)}
        return {"seconds": self.t1_s - self.t0_s, **third}


def put(
    library: Library,
    video_id: str,
    objects: Sequence[Obj],
    relations: Sequence[Rel] = (),
    *,
    scenes: Sequence[Sequence[str]] = ((), ()),
    classes: Sequence[str] = CLASSES,
    duration_s: float = 30.0,
    encoder: str = ENCODER,
    crops_each: int = 2,
) -> None:
    """Add a video with these objects, numbered from 1; needs no media and no models."""
    meta, content = _content(
        video_id, objects, relations, scenes, classes, duration_s, encoder, crops_each
    )
    with library.writing():
        write_shard(library.shard_folder(video_id), meta, content)
        library.adopt(video_id)


def drawn_query(text: str) -> Query:
    """A question with what is drawn in it, whatever the grammar makes of brackets."""
    words, likes, drawn, zones = taken(text)
    query = parse(words) if words else Query()
    return replace(query, likes=likes, drawn=drawn, zones=zones)


def collection(root: Path, **videos: Sequence[Obj]) -> Library:
    library = Library.open(root)
    for name, objects in videos.items():
        put(library, name, objects)
    return library


def _colours(obj: Obj) -> Float32:
    if not obj.pixels:
        return np.zeros(len(COLOURS), np.float32)
    posterior = np.full(len(COLOURS), 0.1 / 11, np.float32)
    posterior[COLOURS.index(obj.colour)] = 0.9
    return posterior


def _content(
    video_id: str,
    objects: Sequence[Obj],
    relations: Sequence[Rel],
    scenes: Sequence[Sequence[str]],
    classes: Sequence[str],
    duration_s: float,
    encoder: str,
    crops_each: int,
) -> tuple[ShardMeta, ShardContent]:
    n = len(objects)
    whole, real = np.zeros(0, np.int32), np.zeros(0, np.float32)
    ids = np.arange(1, n + 1, dtype=np.int32)
    tracks = [Track(k + 1, o.kind, o.shares(), _path(o, k), (k,)) for k, o in enumerate(objects)]
    events = [(k + 1, *e) for k, o in enumerate(objects) for e in sorted(o.events)]
    crop_vectors = [vector_of((o.kind, o.colour, *o.words)) for o in objects] * crops_each
    order = np.argsort(np.tile(ids, crops_each), kind="stable")
    c = n * crops_each
    colours = np.array([_colours(o) for o in objects], np.float32).reshape(n, len(COLOURS))
    spans = np.linspace(0.0, duration_s, len(scenes) + 1)
    vectors = np.array(crop_vectors, np.float32).reshape(c, len(WORDS) + 1)[order]
    meta = ShardMeta(
        video_id=video_id, name=f"{video_id}.mp4", path=f"/videos/{video_id}.mp4",
        duration_s=duration_s, fps=25.0, sample_fps=10.0, frames=int(duration_s * 10),
        width=640, height=360, codec="h264", size_bytes=1000, class_names=tuple(classes),
        detector="none", encoder=encoder, encoder_dim=len(WORDS) + 1, profile_name="demo",
        profile_fingerprint="none", runtime="none", software="0",
    )  # fmt: skip
    content = ShardContent(
        detections=DetectionTable(Detections.empty(), np.zeros(0, np.int32), np.zeros(0, np.int32)),
        tracks=tracks,
        table=TrackTable(
            track_id=ids,
            class_name=text_column([max(o.shares(), key=o.shares().__getitem__) for o in objects]),
            class_confidence=np.array([max(o.shares().values()) for o in objects], np.float32),
            confidence=np.full(n, 0.8, np.float32),
            t0_s=np.array([o.t0_s for o in objects]),
            t1_s=np.array([o.t1_s for o in objects]),
            n_boxes=np.full(n, 20, np.int32),
            n_interpolated=np.zeros(n, np.int32),
            size_px=np.full(n, 40.0, np.float32),
            colour=colours,
            motion_known=np.array([o.motion_known for o in objects], np.bool_),
            motion_reason=text_column(["" if o.motion_known else "too short" for o in objects]),
            best_crop=((ids - 1) * crops_each).astype(np.int32),
        ),
        links=LinkTable(whole, whole, real, real, real, real),
        events=EventTable(
            track_id=np.array([e[0] for e in events], np.int32),
            kind=text_column([e[1] for e in events]),
            t0_s=np.array([e[2] for e in events]),
            t1_s=np.array([e[3] for e in events]),
            p=np.array([e[4] for e in events], np.float32),
            numbers=tuple(dict(objects[e[0] - 1].numbers) for e in events),
        ),
        relations=RelationTable(
            kind=text_column([r.kind for r in relations]),
            subject_id=np.array([r.subject for r in relations], np.int32),
            object_id=np.array([r.object for r in relations], np.int32),
            t0_s=np.array([r.t0_s for r in relations]),
            t1_s=np.array([r.t1_s for r in relations]),
            p=np.array([r.p for r in relations], np.float32),
            numbers=tuple(r.numbers for r in relations),
        ),
        crops=CropTable(
            crop_id=np.arange(c, dtype=np.int32),
            track_id=np.repeat(ids, crops_each),
            frame=np.arange(c, dtype=np.int32),
            t_s=np.zeros(c),
            xyxy=np.tile(np.array([0, 0, 40, 30], np.float32), (c, 1)),
            quality=np.ones(c, np.float32),
            colour=np.repeat(colours, crops_each, axis=0),
        ),
        crop_jpegs=[b"crop"] * c,
        crop_vectors=vectors.astype(np.float16),
        scenes=SceneTable(
            scene_id=np.arange(len(scenes), dtype=np.int32),
            t0_s=spans[:-1],
            t1_s=spans[1:],
            frame=(spans[:-1] * 10).astype(np.int32),
            t_s=spans[:-1],
        ),
        scene_jpegs=[b"scene"] * len(scenes),
        scene_vectors=np.array([vector_of(words) for words in scenes], np.float16),
    )  # fmt: skip
    return meta, content


def _path(obj: Obj, place: int) -> ObjectPath:
    count = max(20, round((obj.t1_s - obj.t0_s) * 10) + 1) if obj.way else 20
    t_s = np.linspace(obj.t0_s, obj.t1_s, count)
    xyxy = np.tile(np.array([0, 0, 40, 30], np.float32) + 50.0 * place, (count, 1))
    if obj.way:
        at = np.linspace(0.0, 1.0, len(obj.way))
        now = np.linspace(0.0, 1.0, count)
        x, y = (np.interp(now, at, [point[k] for point in obj.way]) for k in (0, 1))
        foot = np.stack([x * 640, y * 360], axis=1)
        xyxy = np.concatenate([foot - np.array([20, 30]), foot + np.array([20, 0])], axis=1).astype(
            np.float32
        )
    return ObjectPath(
        frame=np.unique((t_s * 25).astype(np.int32) + np.arange(count, dtype=np.int32)),
        t_s=t_s,
        xyxy=xyxy,
        confidence=np.full(count, 0.8, np.float32),
        interpolated=np.zeros(count, np.bool_),
    )
