"""True tracks made worse on purpose: what a detector and a tracker may do to them, in amounts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from core.detections import Float32
from core.evaluate.truth import Boxes
from core.tracks import FrameSize

_APART = 2.5  # box sizes: identities are swapped between objects that come nearer than this
_SHORTEST = 6  # boxes on either side of a switch


@dataclass(frozen=True, slots=True)
class Noise:
    """How much worse.

    jitter: spread of a box's middle and of the log of its sides, as a share of its sides; each
    frame on its own. fps: most frames a second that are looked at. halves: of every track only the
    first or the second half is there. switches: pairs of objects that swap identities where they
    come close.
    """

    jitter: float = 0.0
    fps: float = 12.5
    halves: bool = False
    switches: int = 0

    def __str__(self) -> str:
        said = [f"{self.jitter:.0%} jitter"] if self.jitter else []
        said += [f"{self.fps:g} frames/s"]
        said += ["half tracks"] if self.halves else []
        said += [f"{self.switches} switches a clip"] if self.switches else []
        return ", ".join(said)


NONE = Noise()


def worsened(
    boxes: Mapping[int, Boxes], noise: Noise, fps: float, size: FrameSize, name: str
) -> dict[int, Boxes]:
    """The boxes of a clip with noise; the same name gives the same noise.

    fps: of the clip. Objects of which nothing is left are left out.
    """
    rng = np.random.default_rng([zlib.crc32(name.encode()), round(1000 * noise.jitter)])
    step = max(1, round(fps / noise.fps))
    found = {}
    for number, one in boxes.items():
        thinned = _taken(one, one.frame % step == 0)
        if noise.halves and len(thinned.frame) > 1:
            half = len(thinned.frame) // 2
            first = np.arange(len(thinned.frame)) < half
            thinned = _taken(thinned, first if rng.random() < 0.5 else ~first)
        if len(thinned.frame):
            found[number] = replace(thinned, xyxy=_shaken(thinned.xyxy, noise.jitter, size, rng))
    for a, b in _meeting(found)[: noise.switches]:
        found[a], found[b] = _swapped(found[a], found[b])
    return found


def _taken(boxes: Boxes, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Boxes:
    return Boxes(boxes.frame[rows], boxes.xyxy[rows], boxes.visible[rows])


def _shaken(xyxy: Float32, jitter: float, size: FrameSize, rng: np.random.Generator) -> Float32:
    if not jitter:
        return xyxy
    sides = np.maximum(xyxy[:, 2:] - xyxy[:, :2], 1.0)
    middle = (xyxy[:, 2:] + xyxy[:, :2]) / 2.0 + sides * rng.normal(0.0, jitter, sides.shape)
    sides = sides * np.exp(rng.normal(0.0, jitter, sides.shape))
    border = np.array([size.width, size.height, size.width, size.height], np.float32)
    moved = np.concatenate([middle - sides / 2.0, middle + sides / 2.0], axis=1)
    moved = np.clip(moved, 0.0, border)
    kept = (moved[:, 2:] - moved[:, :2] >= 1.0).all(axis=1, keepdims=True)
    return np.where(kept, moved, xyxy).astype(np.float32)


def _meeting(boxes: Mapping[int, Boxes]) -> list[tuple[int, int]]:
    """Pairs of objects that come close in the middle of their lives, the closest first."""
    found = []
    for a, b in combinations(sorted(boxes), 2):
        near, _ = _closest(boxes[a], boxes[b])
        if near < _APART:
            found.append((near, a, b))
    pairs: list[tuple[int, int]] = []
    for _, a, b in sorted(found):
        if all(a not in pair and b not in pair for pair in pairs):
            pairs.append((a, b))
    return pairs


def _closest(one: Boxes, other: Boxes) -> tuple[float, int]:
    """How near two objects come, in box sizes, and at which frame."""
    frames, mine, theirs = np.intersect1d(one.frame, other.frame, return_indices=True)
    inner = slice(_SHORTEST, -_SHORTEST)
    frames, mine, theirs = frames[inner], mine[inner], theirs[inner]
    if not len(frames):
        return np.inf, -1
    a, b = one.xyxy[mine], other.xyxy[theirs]
    apart = np.hypot(*((a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:]) / 2.0).T)
    area = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    apart = apart / np.sqrt(np.maximum(area, 1.0))
    k = int(apart.argmin())
    return float(apart[k]), int(frames[k])


def _swapped(one: Boxes, other: Boxes) -> tuple[Boxes, Boxes]:
    _, frame = _closest(one, other)
    parts = [(_taken(b, b.frame < frame), _taken(b, b.frame >= frame)) for b in (one, other)]
    return _joined(parts[0][0], parts[1][1]), _joined(parts[1][0], parts[0][1])


def _joined(first: Boxes, second: Boxes) -> Boxes:
    return Boxes(
        np.concatenate([first.frame, second.frame]),
        np.concatenate([first.xyxy, second.xyxy]),
        np.concatenate([first.visible, second.visible]),
    )
