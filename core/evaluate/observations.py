"""What there is to follow in a sequence: its boxes and their vectors, made once for all trackers.

Every tracker of a comparison is given the same boxes of the same frames, and the same vectors of
the same cut-outs, so that only association differs.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Detections, Float32, Float64, Image, Int32
from core.errors import VidtrailError
from core.evaluate.sequences import TrackingSequence
from core.geometry import clip, grow
from core.models.detector import Detector, boxes_in
from core.models.encoder import Encoder
from core.tracking.classes import group_of
from core.tracking.crops import CropSettings
from core.tracking.given import GivenBoxes
from core.tracks import FrameSize
from core.video.decode import Frame

_BATCH_BYTES = 64 << 20
_DETECT_BATCH = 8
_ENCODE_BATCH = 64
PERSON = "person"
ANYTHING = "object"


@dataclass(frozen=True, slots=True)
class Observations:
    """A sequence as its trackers see it.

    frame: (F,) every frame, 0-based. t_s: (F,) its time, seconds. size: of the picture.
    detections: boxes of all frames. class_names: what their class ids mean.
    vectors: (N, D) unit length, one a box; None without an encoder.
    """

    frame: Int32
    t_s: Float64
    size: FrameSize
    detections: Detections
    class_names: tuple[str, ...]
    vectors: Float32 | None

    def of(self, frame: int) -> tuple[Detections, Float32 | None]:
        """Boxes and vectors of one frame."""
        low = int(np.searchsorted(self.detections.frame, frame, side="left"))
        high = int(np.searchsorted(self.detections.frame, frame, side="right"))
        vectors = None if self.vectors is None else self.vectors[low:high]
        return self.detections.take(slice(low, high)), vectors


@dataclass(frozen=True, slots=True)
class Looking:
    """Where boxes come from: a detector, or a MOTChallenge file; exactly one is given.

    settings: what of the detector's settings changes its boxes; part of the cache's key.
    boxes_file: a path inside each sequence's folder, or anywhere.
    """

    detector: Detector | None = None
    settings: str = ""
    boxes_file: str | None = None


def observe(
    sequence: TrackingSequence,
    looking: Looking,
    encoder: Encoder | None,
    cache: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> Observations:
    """Boxes and vectors of a whole sequence, from the cache folder where they are there.

    In sequences that ask for pedestrians only boxes of persons are kept.
    Raises VidtrailError where the boxes cannot be had or no class is a person.
    """
    source = _source(sequence, looking)
    key = f"{sequence.content_id()}-{_short(f'{source.name} {looking.settings}')}"
    seen = _load(cache / f"{key}.npz")
    if seen is None:
        tell(f"{sequence.name}: looking for objects")
        seen = _see(sequence, source)
        _save(cache / f"{key}.npz", seen)
    names = tuple(str(name) for name in seen["class_names"])
    detections = Detections(
        *(seen[column] for column in ("box_frame", "box_t_s", "xyxy", "confidence", "class_id"))
    )
    asked = np.arange(len(detections))
    if sequence.pedestrians:
        persons = [n for n, name in enumerate(names) if group_of(name) == PERSON]
        if not persons:
            raise VidtrailError(
                f"{sequence.name} asks for pedestrians, and the detector knows no class person."
            )
        asked = np.flatnonzero(np.isin(detections.class_id, persons))
    detections = detections.take(asked)
    vectors = None
    if encoder is not None:
        kind = PERSON if sequence.pedestrians else ANYTHING
        path = cache / f"{key}-{_short(encoder.name)}-{kind}.npz"
        stored = _load(path)
        if stored is None:
            tell(f"{sequence.name}: describing {len(detections)} boxes")
            stored = {"vectors": _describe(sequence, detections, encoder)}
            _save(path, stored)
        vectors = stored["vectors"].astype(np.float32)
    width, height = (int(side) for side in seen["size"])
    return Observations(
        frame=seen["frame"],
        t_s=seen["t_s"],
        size=FrameSize(width, height),
        detections=detections,
        class_names=names,
        vectors=vectors,
    )


def _source(sequence: TrackingSequence, looking: Looking) -> Detector | GivenBoxes:
    if looking.detector is not None:
        return looking.detector
    given = Path(looking.boxes_file or "").expanduser()
    inside = sequence.folder / given
    path = inside if inside.is_file() else given.absolute()
    if not path.is_file():
        raise VidtrailError(f"There are no detections for {sequence.name} in {path}.")
    return GivenBoxes(path, PERSON if sequence.pedestrians else ANYTHING)


def _short(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


def _see(sequence: TrackingSequence, source: Detector | GivenBoxes) -> dict[str, Any]:
    frame: list[int] = []
    t_s: list[float] = []
    parts: list[Detections] = []
    size = (0, 0)
    for batch in _batches(sequence.frames(), _DETECT_BATCH):
        size = (batch[0].image.shape[1], batch[0].image.shape[0])
        frame += [one.index for one in batch]
        t_s += [one.t_s for one in batch]
        parts += [
            Detections.of_frame(f.index, f.t_s, b.xyxy, b.confidence, b.class_id)
            for f, b in zip(batch, boxes_in(batch, source), strict=True)
        ]
    if not frame:
        raise VidtrailError(f"{sequence.folder} has no frames.")
    if isinstance(source, GivenBoxes):
        source.check_length(len(frame))
    detections = Detections.concatenate(parts)
    return {
        "frame": np.asarray(frame, np.int32),
        "t_s": np.asarray(t_s, np.float64),
        "size": np.asarray(size, np.int32),
        "box_frame": detections.frame,
        "box_t_s": detections.t_s,
        "xyxy": detections.xyxy,
        "confidence": detections.confidence,
        "class_id": detections.class_id,
        "class_names": np.asarray(source.class_names),
    }


def _describe(sequence: TrackingSequence, detections: Detections, encoder: Encoder) -> Any:
    """(N, D) float16 vectors of all boxes, cut as the exemplars of tracks are."""
    vectors = np.zeros((len(detections), encoder.dim), np.float16)
    margin = CropSettings().grow_by
    rows: list[int] = []
    crops: list[Image] = []

    def encode() -> None:
        if rows:
            vectors[rows] = encoder.encode_images(crops).astype(np.float16)
        rows.clear()
        crops.clear()

    for frame in sequence.frames():
        low, high = np.searchsorted(detections.frame, [frame.index, frame.index + 1])
        height, width = frame.image.shape[:2]
        for row in range(int(low), int(high)):
            box = clip(grow(detections.xyxy[row : row + 1], margin), width, height)[0]
            left, top = np.floor(box[:2]).astype(int)
            right, bottom = np.ceil(box[2:]).astype(int)
            rows.append(row)
            crops.append(frame.image[top:bottom, left:right].copy())
            if len(rows) == _ENCODE_BATCH:
                encode()
    encode()
    return vectors


def _batches(frames: Iterator[Frame], most: int) -> Iterator[list[Frame]]:
    """Frames of one size together; a very large picture alone."""
    held: list[Frame] = []
    for frame in frames:
        limit = max(1, min(most, _BATCH_BYTES // max(frame.image.nbytes, 1)))
        if held and (len(held) >= limit or held[0].image.shape != frame.image.shape):
            yield held
            held = []
        held.append(frame)
    if held:
        yield held


def _load(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _save(path: Path, arrays: dict[str, Any]) -> None:
    """Written whole, named by one rename, so that a stop leaves nothing half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".npz", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        np.savez(temporary, **arrays)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
