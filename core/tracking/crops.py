"""Exemplar crops: while a video is read, keep the few best pictures of every tracklet.

Encoding a crop costs as much as detecting in one to four frames, so only a handful per tracklet is
ever encoded. The best are large, sharp, sure, whole, not hidden behind others, and spread over
time, because an object looks different from its other sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.detections import Detections, Float32, Float64, Image, Int32
from core.geometry import area, at_border, clip, grow
from core.tracking.occlusion import hidden, overlapped
from core.tracking.stretches import Stretches


@dataclass(frozen=True, slots=True)
class SceneLight:
    """How a frame is lit, to judge colours against.

    white: (3,) RGB of what is bright, in the tint of what has little colour of its own.
    grey: (3,) median RGB. In [0, 255].
    """

    white: Float32
    grey: Float32

    @staticmethod
    def of(image: Image) -> SceneLight:
        """Measured on every eighth pixel of a frame."""
        step = max(1, min(8, min(image.shape[:2]) // 16))
        pixels = image[::step, ::step].reshape(-1, 3).astype(np.float32)
        high, low = pixels.max(axis=1), pixels.min(axis=1)
        bright = float(np.percentile(high, 98.5))
        neutral = (high - low <= 0.22 * high) & (high >= np.median(high)) & (high < 250.0)
        tint = np.ones(3, np.float32)
        if neutral.sum() >= 0.02 * len(pixels):
            mean = pixels[neutral].mean(axis=0)
            tint = mean / max(float(mean.max()), 1.0)
        return SceneLight(
            white=np.asarray(bright * tint, np.float32),
            grey=np.asarray(np.median(pixels, axis=0), np.float32),
        )


@dataclass(frozen=True, slots=True)
class CropCandidate:
    """One picture of a tracklet.

    xyxy: (4,) the detection's box in the frame, pixels. inner: (4,) the same box in the crop's own
    pixels. image: the box grown 1.15 times, cut to the frame, made smaller where its long side
    exceeds the planner's limit. quality: in [0, 1]. colour: (12,) posterior over
    `core.attributes.colour.COLOURS`, where somebody has read it. vector: (D,) unit length, where
    association had to look at it already.
    """

    tracklet_id: int
    frame: int
    t_s: float
    xyxy: Float32
    quality: float
    image: Image
    inner: Float32
    light: SceneLight
    colour: Float32 | None = None
    vector: Float32 | None = None


@dataclass(frozen=True, slots=True)
class CropTable:
    """Encoded crops of one video as parallel arrays, any order.

    tracklet_id, frame: (N,). t_s: (N,) seconds. xyxy: (N, 4) boxes in the frame. quality: (N,).
    vectors: (N, D) unit length, as the encoder gave them. Raises ValueError on unequal lengths.
    """

    tracklet_id: Int32
    frame: Int32
    t_s: Float64
    xyxy: Float32
    quality: Float32
    vectors: Float32

    def __post_init__(self) -> None:
        n = len(self.tracklet_id)
        lengths = (self.frame, self.t_s, self.xyxy, self.quality, self.vectors)
        if any(len(part) != n for part in lengths):
            raise ValueError(f"expected {n} rows in every column")

    def __len__(self) -> int:
        return len(self.tracklet_id)

    @staticmethod
    def empty(dim: int = 1) -> CropTable:
        return CropTable(
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
            np.zeros(0, np.float64),
            np.zeros((0, 4), np.float32),
            np.zeros(0, np.float32),
            np.zeros((0, dim), np.float32),
        )


@dataclass(frozen=True, slots=True)
class CropSettings:
    """How many crops and which.

    per_stretch: crops given per stretch of a tracklet and flush (`core.tracking.stretches`); one
    where the stretch is shorter than `brief_s`. bin_s: finest spread in time; bins double
    when there are more than twice `per_stretch` of them. grow_by: share of the box added on each
    side, so that the crop is 1.15 times the box. long_side_px: larger crops are made smaller.
    min_side_px: boxes with a shorter side are only taken where a tracklet has nothing better.
    """

    per_stretch: int = 3
    brief_s: float = 1.0
    bin_s: float = 0.5
    grow_by: float = 0.075
    long_side_px: int = 384
    min_side_px: float = 20.0
    better_by: float = 1.1


@dataclass(slots=True)
class _Held:
    """What is kept of one stretch: bin number -> best candidate; bins are `width_s` wide."""

    origin_s: float
    last_s: float
    width_s: float
    best: dict[int, CropCandidate]


_SHARP_SIDE_PX = 64
_FULL_SIZE_PX = 160.0
_LIGHT_LASTS_S = 0.25
_SHARP_HALF = 150.0  # variance of the Laplacian that counts as half sharp


def box_quality(
    xyxy: Float32, confidence: Float32, width: int, height: int, min_side_px: float = 20.0
) -> Float64:
    """(N,) quality of the boxes of one frame before sharpness is looked at, in [0, 1].

    Large, sure boxes are good; boxes hidden by a nearer one (whose bottom lies lower in the
    picture) and boxes cut off at the border are not.
    """
    boxes = clip(xyxy, width, height)
    sides = boxes[:, 2:] - boxes[:, :2]
    size = np.minimum(np.sqrt(area(boxes)) / _FULL_SIZE_PX, 1.0)
    size = np.where(sides.min(axis=1, initial=np.inf) < min_side_px, 0.2 * size, size)
    cut = at_border(boxes, width, height).any(axis=1)
    whole = np.where(cut, 0.4, 1.0)
    return np.asarray(
        size * confidence * np.square(1.0 - hidden(boxes, confidence.astype(np.float64))) * whole,
        np.float64,
    )


def sharpness(image: Image) -> float:
    """How sharp a picture is, in [0, 1]: variance of the Laplacian at a fixed small size."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = _SHARP_SIDE_PX / max(grey.shape)
    if scale < 1.0:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    deviation = float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F))[1][0, 0])
    variance = deviation * deviation
    return variance / (variance + _SHARP_HALF)


class CropPlanner:
    """Collects exemplar crops of all tracklets while frames go by.

    Every stretch of a tracklet keeps its own, so that both sides of an overlap can be compared; a
    box under others gives none unless there is nothing better.
    Memory is bounded: at most twice `per_stretch` small pictures per stretch seen since the last
    `flush`. The same frames give the same crops.
    """

    def __init__(self, settings: CropSettings | None = None) -> None:
        self._settings = settings or CropSettings()
        self._held: dict[tuple[int, int], _Held] = {}
        self._stretches = Stretches()
        self._light: tuple[float, SceneLight] | None = None

    def offer(
        self,
        image: Image,
        detections: Detections,
        tracklet_ids: Int32,
        vectors: Mapping[int, Float32] | None = None,
    ) -> None:
        """Look at one frame.

        tracklet_ids: (N,) of each box, -1 for boxes that belong to nothing (they still hide
        others). Boxes may reach outside the frame. vectors: of the boxes already described, by row.
        """
        if not len(detections):
            return
        height, width = image.shape[:2]
        t_s = float(detections.t_s[0])
        base = box_quality(
            detections.xyxy, detections.confidence, width, height, self._settings.min_side_px
        )
        mine = np.flatnonzero(tracklet_ids >= 0)
        stretch = np.full(len(detections), -1, np.int32)
        confidence = detections.confidence[mine].astype(np.float64)
        overlap = overlapped(detections.xyxy[mine], confidence)
        stretch[mine] = self._stretches.number(tracklet_ids[mine], overlap, t_s)
        pictures = crops_of(image, detections.xyxy, self._settings)
        for row in mine[base[mine] > 0.0]:
            key = int(tracklet_ids[row]), int(stretch[row])
            held = self._held.get(key) or _Held(t_s, t_s, self._settings.bin_s, {})
            held.last_s = t_s
            number = int((t_s - held.origin_s) / held.width_s)
            rival = held.best.get(number)
            needed = rival.quality * self._settings.better_by if rival is not None else 0.0
            if base[row] <= needed:
                continue
            picture = pictures[row]
            if picture is None:
                continue
            quality = float(base[row]) * (0.3 + 0.7 * sharpness(picture.seen))
            if quality <= needed:
                continue
            held.best[number] = CropCandidate(
                tracklet_id=key[0],
                frame=int(detections.frame[row]),
                t_s=t_s,
                xyxy=detections.xyxy[row].copy(),
                quality=quality,
                image=picture.kept(),
                inner=picture.inner(),
                light=self._light_of(image, t_s),
                vector=None if vectors is None else vectors.get(int(row)),
            )
            self._held[key] = held
            if len(held.best) > 2 * self._settings.per_stretch:
                _coarsen(held)

    def _light_of(self, image: Image, t_s: float) -> SceneLight:
        """How the scene is lit, looked at anew every quarter of a second: it costs as much as a
        frame's whole association.
        """
        if self._light is None or t_s - self._light[0] >= _LIGHT_LASTS_S:
            self._light = (t_s, SceneLight.of(image))
        return self._light[1]

    def flush(self) -> list[CropCandidate]:
        """Hand out the best crops, ordered by tracklet and time, and start afresh."""
        s = self._settings
        chosen: list[CropCandidate] = []
        clean = {tracklet for tracklet, stretch in self._held if stretch >= 0}
        for tracklet, stretch in sorted(self._held):
            held = self._held[tracklet, stretch]
            if stretch >= 0:
                brief = held.last_s - held.origin_s < s.brief_s
                chosen.extend(_spread(held, 1 if brief else s.per_stretch))
            elif tracklet not in clean:
                chosen.extend(_spread(held, s.per_stretch))
        self._held.clear()
        self._light = None
        self._stretches = Stretches()  # what follows must not depend on where a run began
        return chosen


@dataclass(frozen=True, slots=True)
class BoxPicture:
    """A box's part of a frame. seen: a view of the frame, its corner at `corner`. box: (4,)."""

    seen: Image
    corner: tuple[int, int]
    box: Float32
    long_side_px: int

    @property
    def _size(self) -> tuple[int, int]:
        """Width and height at which it is kept."""
        height, width = self.seen.shape[:2]
        scale = min(1.0, self.long_side_px / max(height, width))
        return max(1, round(width * scale)), max(1, round(height * scale))

    def kept(self) -> Image:
        """A copy at the size at which it is kept."""
        size = self._size
        if size == (self.seen.shape[1], self.seen.shape[0]):
            return self.seen.copy()
        return np.asarray(cv2.resize(self.seen, size, interpolation=cv2.INTER_AREA), np.uint8)

    def inner(self) -> Float32:
        """(4,) the box in pixels of `kept`."""
        width, height = self._size
        ratio = np.array([width / self.seen.shape[1], height / self.seen.shape[0]] * 2)
        inside = (self.box - np.array(self.corner * 2, np.float64)) * ratio
        return np.asarray(clip(inside[None], width, height)[0], np.float32)


def crops_of(image: Image, boxes: Float32, settings: CropSettings) -> list[BoxPicture | None]:
    """(N,) each of (N, 4) boxes, grown and cut to the frame; None where nothing of it is in it."""
    height, width = image.shape[:2]
    grown = clip(grow(boxes, settings.grow_by), width, height)
    low, high = np.floor(grown[:, :2]).astype(int), np.ceil(grown[:, 2:]).astype(int)
    return [
        BoxPicture(image[y0:y1, x0:x1], (x0, y0), box, settings.long_side_px)
        if x1 > x0 and y1 > y0
        else None
        for (x0, y0), (x1, y1), box in zip(low.tolist(), high.tolist(), boxes, strict=True)
    ]


def _coarsen(held: _Held) -> None:
    """Make bins twice as wide; of two that become one, the better picture stays."""
    merged: dict[int, CropCandidate] = {}
    for number, candidate in sorted(held.best.items()):
        rival = merged.get(number // 2)
        if rival is None or candidate.quality > rival.quality:
            merged[number // 2] = candidate
    held.best = merged
    held.width_s *= 2.0


def _spread(held: _Held, count: int) -> list[CropCandidate]:
    """The best candidate of each of `count` equal parts of the tracklet's time, in time order."""
    candidates = [held.best[number] for number in sorted(held.best)]
    if len(candidates) <= count:
        return candidates
    times: npt.NDArray[np.float64] = np.array([c.t_s for c in candidates])
    span = max(float(times[-1] - times[0]), 1e-9)
    part = np.minimum(((times - times[0]) / span * count).astype(int), count - 1)
    picked: list[CropCandidate] = []
    for number in range(count):
        group = [c for c, p in zip(candidates, part, strict=True) if p == number]
        if group:
            picked.append(max(group, key=lambda c: c.quality))
    return picked
