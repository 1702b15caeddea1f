"""Stand-ins for the models, and clips that they can see: rectangles of plain colours that move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from core.detections import Detections, Float32, Image
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
from core.models.detector import FrameBoxes
from core.models.profile import profile
from core.tracks import Path as ObjectPath
from core.tracks import Track
from core.video.clips import ClipWriter

# A profile whose models are never loaded: its fingerprint needs no files.
PROFILE = replace(profile("balanced"), name="fake", sample_fps=5.0)
BACKGROUND = (96, 96, 96)
_NO_ID, _NO_SHARE = np.zeros(0, np.int32), np.zeros(0, np.float32)
PALETTE = {"red": (220, 30, 30), "blue": (25, 75, 165), "green": (30, 180, 40)}


@dataclass(frozen=True)
class FakeDetector:
    """Finds rectangles of strong colours: wide ones are cars, tall ones persons."""

    name: str = "fake-detector"
    class_names: tuple[str, ...] = ("car", "person")
    on_call: Callable[[int], None] | None = None

    def detect(self, images: Sequence[Image]) -> list[FrameBoxes]:
        assert len({image.shape for image in images}) == 1
        if self.on_call is not None:
            self.on_call(len(images))
        return [self._one(image) for image in images]

    def _one(self, image: Image) -> FrameBoxes:
        spread = image.max(axis=2).astype(int) - image.min(axis=2)
        mask = (spread > 90).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        boxes = [row[:4] for row in stats[1:] if row[4] >= 60]
        xyxy = np.array([[x, y, x + w, y + h] for x, y, w, h in boxes], np.float32).reshape(-1, 4)
        tall = [int(h > w) for _, _, w, h in boxes]
        return FrameBoxes(
            xyxy, np.full(len(boxes), 0.9, np.float32), np.array(tall, np.int32).reshape(-1)
        )


@dataclass(frozen=True)
class FakeEncoder:
    """The mean colour of the middle of a picture, as a unit vector; knows the palette's words."""

    name: str = "fake/encoder"
    dim: int = 8
    quick: bool = False

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        rows = [self._of(self._middle(crop)) for crop in crops]
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        rows = [self._of(self._colour(text)) for text in texts]
        return np.array(rows, np.float32).reshape(-1, self.dim)

    def _middle(self, crop: Image) -> Float32:
        h, w = crop.shape[:2]
        middle = crop[h // 4 : h - h // 4, w // 4 : w - w // 4].reshape(-1, 3)
        return np.asarray(middle.mean(axis=0), np.float32)

    def _colour(self, text: str) -> Float32:
        for word, rgb in PALETTE.items():
            if word in text:
                return np.array(rgb, np.float32)
        return np.array(BACKGROUND, np.float32)

    def _of(self, rgb: Float32) -> Float32:
        vector = np.zeros(self.dim, np.float32)
        vector[:3] = rgb / 255.0 - 0.4
        vector[3] = 0.05
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


@dataclass(frozen=True)
class Mover:
    """A rectangle that moves at constant speed while t0_s <= t < t1_s."""

    colour: str
    start: tuple[float, float]
    speed: tuple[float, float]
    size: tuple[int, int] = (40, 24)
    t0_s: float = 0.0
    t1_s: float = 1e9


TRAFFIC = (
    Mover("red", (10, 30), (22, 0)),
    Mover("blue", (260, 90), (-25, 2)),
    Mover("green", (280, 140), (2, -4), size=(18, 40)),
    Mover("red", (20, 150), (60, 0), t0_s=3.0, t1_s=6.0),
)


def picture(t_s: float, movers: Sequence[Mover], size: tuple[int, int]) -> Image:
    image = np.full((size[1], size[0], 3), BACKGROUND, np.uint8)
    for mover in movers:
        if mover.t0_s <= t_s < mover.t1_s:
            age = t_s - mover.t0_s
            x, y = (int(s + v * age) for s, v in zip(mover.start, mover.speed, strict=True))
            cv2.rectangle(
                image, (x, y), (x + mover.size[0], y + mover.size[1]), PALETTE[mover.colour], -1
            )
    return image


def clip(
    path: Path,
    seconds: float = 8.0,
    fps: float = 10.0,
    movers: Sequence[Mover] = TRAFFIC,
    size: tuple[int, int] = (320, 192),
) -> Path:
    """An H.264 file of moving rectangles."""
    with ClipWriter(path, size[0], size[1], fps) as writer:
        for k in range(round(seconds * fps)):
            writer.write(picture(k / fps, movers, size))
    return path


def add_shard(
    library: Library,
    video_id: str,
    *,
    tracks: int = 3,
    crops_a_track: int = 2,
    dim: int = 8,
    encoder: str = "fake/encoder",
    seed: int = 0,
    name: str | None = None,
) -> ShardMeta:
    """Put a small made-up video into a library without reading any media."""
    meta, content = made_up(
        video_id, tracks, crops_a_track, dim, encoder, seed, name or f"{video_id}.mp4"
    )
    with library.writing():
        written = write_shard(library.shard_folder(video_id), meta, content)
        library.adopt(video_id)
    return written


def made_up(
    video_id: str, tracks: int, crops_a_track: int, dim: int, encoder: str, seed: int, name: str
) -> tuple[ShardMeta, ShardContent]:
    rng = np.random.default_rng(seed)
    n, c = tracks, tracks * crops_a_track
    path = ObjectPath(
        frame=np.arange(10, dtype=np.int32),
        t_s=np.arange(10) / 10.0,
        xyxy=(np.arange(40, dtype=np.float32).reshape(10, 4)),
        confidence=np.full(10, 0.8, np.float32),
        interpolated=np.zeros(10, np.bool_),
    )
    listed = [Track(i + 1, "car", {"car": 0.75, "van": 0.25}, path, (i,)) for i in range(n)]
    vectors = rng.normal(size=(c, dim)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    scene = rng.normal(size=(2, dim)).astype(np.float32)
    scene /= np.linalg.norm(scene, axis=1, keepdims=True)
    ids = np.arange(1, n + 1, dtype=np.int32)
    meta = ShardMeta(
        video_id=video_id,
        name=name,
        path=f"/videos/{name}",
        duration_s=10.0,
        fps=25.0,
        sample_fps=10.0,
        frames=100,
        width=640,
        height=360,
        codec="h264",
        size_bytes=1000,
        class_names=("car", "van"),
        detector="fake-detector",
        encoder=encoder,
        encoder_dim=dim,
        profile_name="fake",
        profile_fingerprint="fake-fingerprint",
        runtime="fake",
        software="0",
    )
    content = ShardContent(
        detections=DetectionTable(Detections.empty(), np.zeros(0, np.int32), np.zeros(0, np.int32)),
        tracks=listed,
        table=TrackTable(
            track_id=ids,
            class_name=text_column(["car"] * n),
            class_confidence=np.full(n, 0.75, np.float32),
            confidence=np.full(n, 0.8, np.float32),
            t0_s=np.zeros(n),
            t1_s=np.full(n, 0.9),
            n_boxes=np.full(n, 10, np.int32),
            n_interpolated=np.zeros(n, np.int32),
            size_px=np.full(n, 2.0, np.float32),
            colour=np.full((n, 12), 1 / 12, np.float32),
            motion_known=np.ones(n, np.bool_),
            motion_reason=text_column([""] * n),
            best_crop=(ids - 1) * crops_a_track,
        ),
        links=LinkTable(_NO_ID, _NO_ID, _NO_SHARE, _NO_SHARE, _NO_SHARE, _NO_SHARE),
        events=EventTable(
            track_id=ids,
            kind=text_column(["stop"] * n),
            t0_s=np.zeros(n),
            t1_s=np.ones(n),
            p=np.full(n, 0.9, np.float32),
            numbers=tuple({"speed": float(i)} for i in range(n)),
        ),
        relations=RelationTable(
            kind=text_column(["follow"]),
            subject_id=np.array([1], np.int32),
            object_id=np.array([2], np.int32),
            t0_s=np.zeros(1),
            t1_s=np.ones(1),
            p=np.full(1, 0.5, np.float32),
            numbers=({"gap_s": 1.5},),
        ),
        crops=CropTable(
            crop_id=np.arange(c, dtype=np.int32),
            track_id=np.repeat(ids, crops_a_track),
            frame=np.zeros(c, np.int32),
            t_s=np.zeros(c),
            xyxy=rng.uniform(0, 300, (c, 4)).astype(np.float32),
            quality=rng.uniform(0, 1, c).astype(np.float32),
            colour=np.full((c, 12), 1 / 12, np.float32),
        ),
        crop_jpegs=[f"crop {i}".encode() for i in range(c)],
        crop_vectors=vectors.astype(np.float16),
        scenes=SceneTable(
            scene_id=np.arange(2, dtype=np.int32),
            t0_s=np.array([0.0, 5.0]),
            t1_s=np.array([5.0, 10.0]),
            frame=np.array([20, 70], np.int32),
            t_s=np.array([2.0, 7.0]),
        ),
        scene_jpegs=[b"scene 0", b"scene 1"],
        scene_vectors=scene.astype(np.float16),
    )
    return meta, content
