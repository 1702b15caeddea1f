"""The pool of pictures and crops on disk, made once in shards so that making it can resume."""

from __future__ import annotations

import logging
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sample_videos.training.pictures import Picture, kind_index, scene_pictures, shrink
from sample_videos.world.scene import COLOURS, VARIANTS

log = logging.getLogger(__name__)
Image = npt.NDArray[np.uint8]

DETECTOR_WIDTH = 640
CROP_PX = 80
"""Stored larger than the encoder's 64 px input, so that training can shift and scale."""
CROP_MARGIN = 1.15
SCENES_A_SHARD = 20
COLOUR_NAMES = tuple(COLOURS)
VARIANT_NAMES = tuple((kind, v) for kind, variants in VARIANTS.items() for v in variants)
VIEWS = ("front", "side", "rear")
LIGHTS = ("day", "overcast", "dusk", "night")


@dataclass(frozen=True, slots=True)
class Crops:
    """Crops with what they show, row for row.

    pictures: (N, 80, 80, 3) uint8 RGB squares. kind, variant, colour, view, light: (N,) numbers
    into KINDS, VARIANT_NAMES, COLOUR_NAMES, VIEWS and LIGHTS. identity: (N,) same object when
    equal. visibility: (N,) 0..1.
    """

    pictures: Image
    kind: npt.NDArray[np.int64]
    variant: npt.NDArray[np.int64]
    colour: npt.NDArray[np.int64]
    view: npt.NDArray[np.int64]
    light: npt.NDArray[np.int64]
    identity: npt.NDArray[np.int64]
    visibility: npt.NDArray[np.float32]


def make(folder: Path, seed: int, scenes: int, per_scene: int, workers: int) -> None:
    """Render shards that are not there yet; a shard appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, scenes, SCENES_A_SHARD)
    missing = [s for s in starts if not _shard_path(folder, s).exists()]
    with ProcessPoolExecutor(workers) as pool:
        jobs = [
            pool.submit(
                _make_shard, folder, seed, start, min(start + SCENES_A_SHARD, scenes), per_scene
            )
            for start in missing
        ]
        for number, job in enumerate(jobs, 1):
            job.result()
            log.info("shard %d of %d", number, len(jobs))


def _shard_path(folder: Path, start: int) -> Path:
    return folder / f"shard-{start:05d}.npz"


def _make_shard(folder: Path, seed: int, first: int, last: int, per_scene: int) -> None:
    cv2.setNumThreads(1)
    jpegs: list[Image] = []
    boxes: list[list[float]] = []
    crops: list[Image] = []
    facts: list[list[float]] = []
    for scene in range(first, last):
        for picture in scene_pictures(seed, scene, per_scene):
            small = shrink(picture.image, DETECTOR_WIDTH)
            _, jpeg = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
            factor = DETECTOR_WIDTH / picture.image.shape[1]
            for item in picture.objects:
                corners = [c * factor for c in item.xyxy]
                boxes.append([len(jpegs), kind_index(item.body.kind), *corners, item.visibility])
            _cut(picture, scene, crops, facts)
            jpegs.append(jpeg)
    lengths = np.array([len(j) for j in jpegs], np.int64)
    target = _shard_path(folder, first)
    partial = target.with_suffix(".partial.npz")
    np.savez(
        partial,
        jpegs=np.concatenate(jpegs),
        lengths=lengths,
        boxes=np.array(boxes, np.float32),
        crops=np.array(crops, np.uint8),
        facts=np.array(facts, np.float64),
    )
    partial.replace(target)


def _cut(picture: Picture, scene: int, crops: list[Image], facts: list[list[float]]) -> None:
    for item in picture.objects:
        x0, y0, x1, y1 = item.xyxy
        if item.visibility < 0.45 or min(x1 - x0, y1 - y0) < 9 or max(x1 - x0, y1 - y0) < 22:
            continue
        crops.append(square(picture.image, item.xyxy))
        body = item.body
        facts.append(
            [
                kind_index(body.kind),
                VARIANT_NAMES.index((body.kind, body.variant)),
                COLOUR_NAMES.index(body.colour),
                VIEWS.index(item.view),
                LIGHTS.index(picture.light),
                scene * 1000 + body.object_id,
                item.visibility,
            ]
        )


def square(image: Image, xyxy: tuple[float, float, float, float], size: int = CROP_PX) -> Image:
    """The box grown by the margin, clipped to the frame, padded to a grey square and resized."""
    x0, y0, x1, y1 = xyxy
    grow_x, grow_y = (x1 - x0) * (CROP_MARGIN - 1) / 2, (y1 - y0) * (CROP_MARGIN - 1) / 2
    left, top = max(0, round(x0 - grow_x)), max(0, round(y0 - grow_y))
    right, bottom = min(image.shape[1], round(x1 + grow_x)), min(image.shape[0], round(y1 + grow_y))
    crop = image[top : max(bottom, top + 1), left : max(right, left + 1)]
    height, width = crop.shape[:2]
    side = max(height, width)
    canvas = np.full((side, side, 3), 128, np.uint8)
    y, x = (side - height) // 2, (side - width) // 2
    canvas[y : y + height, x : x + width] = crop
    shrinks = side > size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(canvas, (size, size), interpolation=method), np.uint8)


def shards(folder: Path) -> list[Path]:
    """The finished shards of a pool, in order."""
    return sorted(p for p in folder.glob("shard-*.npz") if "partial" not in p.name)


def opened(jpeg: Image) -> Image:
    """(H, W, 3) uint8 RGB of JPEG bytes. Raises ValueError when they are damaged."""
    picture = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("a stored picture is damaged")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def load_pictures(folder: Path) -> tuple[list[Image], list[npt.NDArray[np.float32]]]:
    """JPEG bytes of every picture, and per picture (N, 6): class, x0, y0, x1, y1, visibility."""
    jpegs: list[Image] = []
    labels: list[npt.NDArray[np.float32]] = []
    for path in shards(folder):
        with np.load(path) as data:
            blob, lengths, boxes = data["jpegs"], data["lengths"], data["boxes"]
        ends = np.cumsum(lengths)
        for i, end in enumerate(ends):
            jpegs.append(blob[end - lengths[i] : end])
            labels.append(boxes[boxes[:, 0] == i][:, 1:])
    return jpegs, labels


def load_crops(folder: Path) -> Crops:
    """All crops of a pool."""
    pictures, facts = [], []
    for number, path in enumerate(shards(folder)):
        with np.load(path) as data:
            pictures.append(data["crops"])
            rows = data["facts"]
        rows[:, 5] += number * 1_000_000
        facts.append(rows)
    table = np.concatenate(facts)
    whole = table[:, :6].astype(np.int64)
    return Crops(
        np.concatenate(pictures),
        whole[:, 0],
        whole[:, 1],
        whole[:, 2],
        whole[:, 3],
        whole[:, 4],
        whole[:, 5],
        table[:, 6].astype(np.float32),
    )
