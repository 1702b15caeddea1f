"""Smoothed motion of one track at a fixed rate, with what is known about its noise.

Speeds and headings come from smoothed positions over about a second, never from differences of
two frames: boxes tremble by a few percent of their size, which at 12 frames a second is as much
as a walking pace. Where the camera moves, all this is in pixels of a reference frame, as a camera
that stood still would have seen it; only what has to do with the border is of the picture itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from core.detections import Bool, Float64, Int32
from core.geometry import area, at_border, centre_size
from core.tracking.camera import CameraPath
from core.tracks import FrameSize, Path

RATE_HZ = 10.0
WINDOW_S = 0.9
_LONGEST_GAP_S = 1.5
_JUMP = 2.0  # box sizes from one box to the next: two objects, not one


@dataclass(frozen=True, slots=True)
class Motion:
    """One row a tenth of a second; all of one unbroken piece of a path.

    shot: number of the reference frame whose pixels these are; 0 where the camera never moves.
    t_s: (M,) seconds. xy: (M, 2) smoothed foot point, pixels. centre: (M, 2) smoothed box centre.
    wh: (M, 2) smoothed width and height. size: (M,) smoothed square root of the box's area.
    whole: (M,) False where the box is cut off at the picture's border, so that its centre, foot
    and size are not the object's. backed: (M,) False where no detection lies within 0.3 s.
    velocity: (M, 2) of the centre, px/s. speed: (M,) box sizes per second. heading: (M,) radians
    on screen, x right, y down (so growing means clockwise). noise: standard deviation that
    remains in the smoothed centre, in box sizes. seen: (M, 4) smoothed corners in the picture
    itself. seen_velocity: (M, 2) of their centre, px/s.
    """

    t_s: Float64
    xy: Float64
    centre: Float64
    wh: Float64
    size: Float64
    whole: Bool
    backed: Bool
    velocity: Float64
    speed: Float64
    heading: Float64
    noise: float
    seen: Float64
    seen_velocity: Float64
    shot: int = 0

    def __len__(self) -> int:
        return len(self.t_s)

    @property
    def duration_s(self) -> float:
        return float(self.t_s[-1] - self.t_s[0]) if len(self.t_s) else 0.0

    def between(self, t0_s: float, t1_s: float) -> slice:
        """Rows within a closed interval of time."""
        low = int(np.searchsorted(self.t_s, t0_s - 1e-6))
        return slice(low, int(np.searchsorted(self.t_s, t1_s + 1e-6)))


@dataclass(frozen=True, slots=True)
class SteadyPath:
    """The boxes of a path as a camera that stood still would have seen them.

    xyxy: (N, 4) float64 corners, pixels of the reference frame. shot: (N,) number of that frame.
    lost: (N,) True where nobody knows where the camera looked.
    """

    xyxy: Float64
    shot: Int32
    lost: Bool

    @staticmethod
    def of(path: Path, camera: CameraPath | None) -> SteadyPath:
        """camera: where it looked, None where it stood still."""
        camera = camera or CameraPath.standing()
        boxes = camera.stabilise(path.frame, path.xyxy.astype(np.float64))
        return SteadyPath(boxes, camera.shot(path.frame), camera.lost(path.frame))

    @property
    def size(self) -> Float64:
        """(N,) square root of each box's area, pixels."""
        return np.sqrt(area(self.xyxy))


def pieces(path: Path, steady: SteadyPath) -> list[slice]:
    """Unbroken parts of a path: cut at long gaps, at jumps no object makes, and where the camera
    showed another place or is not known; rows of that last kind are in no piece.
    """
    if len(path) == 0:
        return []
    step = np.hypot(*np.diff(centre_size(steady.xyxy)[:, :2], axis=0).T)
    size = np.maximum(steady.size, 1.0)
    dt = np.diff(path.t_s)
    limit = _JUMP * np.maximum(size[:-1], size[1:]) * np.maximum(1.0, dt / 0.25)
    apart = (np.diff(steady.shot) != 0) | (np.diff(steady.lost.astype(np.int8)) != 0)
    cuts = np.flatnonzero((dt > _LONGEST_GAP_S) | (step > limit) | apart) + 1
    edges = [0, *cuts.tolist(), len(path)]
    return [slice(a, b) for a, b in pairwise(edges) if not steady.lost[a]]


def smooth(path: Path, frame_size: FrameSize) -> Motion:
    """Motion of the longest unbroken piece of a path that a standing camera saw."""
    parts = smooth_all(path, frame_size)
    return max(parts, key=len) if parts else _empty()


def smooth_all(path: Path, frame_size: FrameSize, camera: CameraPath | None = None) -> list[Motion]:
    """Motion of every unbroken piece that has at least two boxes, in order of time.

    camera: where it looked, None where it stood still.
    """
    steady = SteadyPath.of(path, camera)
    found = [_smooth(path, steady, piece, frame_size) for piece in pieces(path, steady)]
    return [motion for motion in found if len(motion) >= 2]


def _empty() -> Motion:
    none, pair, four = np.zeros(0), np.zeros((0, 2)), np.zeros((0, 4))
    flags = np.zeros(0, np.bool_)
    return Motion(none, pair, pair, pair, none, flags, flags, pair, none, none, 0.0, four, pair)


@lru_cache(maxsize=64)
def _local_fit(window: int, derivative: int) -> Float64:
    """(window, window) row i: weights that give a quadratic's value (or slope) at its point i.

    The middle row is the Savitzky-Golay filter, the others serve both ends of a signal.
    """
    at = (np.arange(window) - window // 2) / RATE_HZ
    powers = np.vander(at, 3 if window > 2 else window, increasing=True)
    solve = np.linalg.pinv(powers)
    if derivative:
        slopes = np.zeros_like(powers)
        for k in range(1, powers.shape[1]):
            slopes[:, k] = k * at ** (k - 1)
        powers = slopes
    return np.asarray((powers[:, :, None] * solve[None, :, :]).sum(axis=1), np.float64)


def _savgol(values: Float64, derivative: int = 0) -> Float64:
    """(M, C) Savitzky-Golay of order 2 along the first axis; shorter windows for short signals."""
    window = round(WINDOW_S * RATE_HZ) | 1
    window = min(window, len(values) if len(values) % 2 else len(values) - 1)
    if window < 3:
        return values.copy() if derivative == 0 else np.gradient(values, axis=0) * RATE_HZ
    fit, half = _local_fit(window, derivative), window // 2
    out = np.empty_like(values)
    for c in range(values.shape[1]):
        line = values[:, c]
        out[half : len(line) - half, c] = np.correlate(line, fit[half], mode="valid")
        out[:half, c] = (fit[:half] * line[None, :window]).sum(axis=1)
        out[len(line) - half :, c] = (fit[half + 1 :] * line[None, -window:]).sum(axis=1)
    return out


def _smooth(path: Path, steady: SteadyPath, piece: slice, frame_size: FrameSize) -> Motion:
    t_raw, boxes = path.t_s[piece], steady.xyxy[piece]
    picture = path.xyxy[piece].astype(np.float64)
    if len(t_raw) < 2 or t_raw[-1] - t_raw[0] < 0.2:
        return _empty()
    count = int((t_raw[-1] - t_raw[0]) * RATE_HZ + 1e-6) + 1
    t_s = t_raw[0] + np.arange(count) / RATE_HZ
    edges = _at_times(t_s, t_raw, boxes)
    even = _savgol(edges)
    seen_edges = _at_times(t_s, t_raw, picture)
    centre = (even[:, :2] + even[:, 2:]) / 2.0
    wh = np.clip(even[:, 2:] - even[:, :2], 1.0, None)
    size = np.sqrt(wh[:, 0] * wh[:, 1])
    velocity = _velocity(edges)
    margin = max(2.0, 0.004 * max(frame_size.width, frame_size.height))
    cut_raw = at_border(picture, frame_size.width, frame_size.height, margin).any(axis=1)
    cut = np.interp(t_s, t_raw, cut_raw.astype(np.float64)) > 0.2
    near = np.zeros(count, np.bool_)
    real = t_raw[~path.interpolated[piece]]
    if len(real):
        after = np.clip(np.searchsorted(real, t_s), 0, len(real) - 1)
        before = np.clip(after - 1, 0, len(real) - 1)
        near = np.minimum(np.abs(real[after] - t_s), np.abs(real[before] - t_s)) <= 0.3
    return Motion(
        t_s=t_s,
        xy=np.stack([centre[:, 0], even[:, 3]], axis=1),
        centre=centre,
        wh=wh,
        size=size,
        whole=~cut,
        backed=near,
        velocity=velocity,
        speed=np.hypot(velocity[:, 0], velocity[:, 1]) / size,
        heading=np.arctan2(velocity[:, 1], velocity[:, 0]),
        noise=_noise(t_raw, boxes, t_s, centre, size),
        seen=_savgol(seen_edges),
        seen_velocity=_velocity(seen_edges),
        shot=int(steady.shot[piece.start]),
    )


def _at_times(t_s: Float64, t_raw: Float64, boxes: Float64) -> Float64:
    return np.stack([np.interp(t_s, t_raw, boxes[:, c]) for c in range(4)], axis=1)


def _velocity(edges: Float64) -> Float64:
    """(M, 2) smoothed, px/s, of the centres of (M, 4) corners."""
    return _savgol((edges[:, :2] + edges[:, 2:]) / 2.0, derivative=1)


def _noise(t_raw: Float64, boxes: Float64, t_s: Float64, centre: Float64, size: Float64) -> float:
    """Trembling left in the smoothed centre, in box sizes: robust spread of what was taken away."""
    raw = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    rest = np.stack([raw[:, c] - np.interp(t_raw, t_s, centre[:, c]) for c in range(2)], axis=1)
    rest = rest / np.interp(t_raw, t_s, size)[:, None]
    spread = 1.4826 * float(np.median(np.abs(rest)))
    per_window = len(t_raw) / max(float(t_s[-1] - t_s[0]), 0.2) * WINDOW_S
    # A quadratic fitted to n points keeps 9 / 4n of their variance and takes the rest away.
    kept = min(2.25 / max(per_window, 1.0), 0.7)
    return float(spread * np.sqrt(kept / (1.0 - kept)))
