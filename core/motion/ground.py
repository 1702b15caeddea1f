"""A ground plane good enough for angles, from nothing but the sizes of boxes.

Things of one kind look smaller the higher up their foot stands in the picture: size grows in
proportion to the distance of the foot below the horizon. Fitting that line gives the horizon, and
with a usual field of view the plane up to scale. The sign of a turn needs no plane at all (the
view of the ground from above never mirrors it); its magnitude does.
Valid for a camera that does not move, or for boxes placed as such a one would have seen them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.detections import Float64
from core.geometry import at_border
from core.motion.path import SteadyPath
from core.tracking.camera import CameraPath
from core.tracking.classes import group_of
from core.tracks import FrameSize, Path

_FOCAL = 0.9  # focal length in picture widths: a field of view of 58 degrees
_FEWEST = 50
_LEAST_R2 = 0.5


@dataclass(frozen=True, slots=True)
class GroundPlane:
    """Pseudo ground plane of a fixed camera.

    horizon_y: row of the horizon, pixels (usually above the picture). slope: box size per pixel
    below the horizon, of the kind of thing seen most. r2: share of the variance of log sizes that
    the plane explains. centre_x, focal_px: the assumed lens.
    """

    horizon_y: float
    slope: float
    r2: float
    centre_x: float
    centre_y: float
    focal_px: float

    @staticmethod
    def fit(
        paths: Sequence[Path],
        frame_size: FrameSize,
        class_names: Sequence[str] | None = None,
        camera: CameraPath | None = None,
    ) -> GroundPlane | None:
        """Fit to the paths of one video; None where there is too little to see or it does not fit.

        class_names: one for each path; sizes are only compared within a kind of thing. camera:
        where it looked, None where it stood still; there is no plane where it showed several
        places that have nothing in common.
        """
        names = class_names if class_names is not None else ["object"] * len(paths)
        if camera is not None and camera.reference.any():
            return None
        foot, size, kind = _samples(paths, frame_size, names, camera)
        if len(foot) < _FEWEST or np.ptp(foot) < 0.05 * frame_size.height:
            return None
        horizon, r2 = _horizon(foot, size, kind, frame_size.height)
        if r2 < _LEAST_R2:
            return None
        most = np.bincount(kind).argmax()
        mine = kind == most
        slope = float(np.exp(np.median(np.log(size[mine]) - np.log(foot[mine] - horizon))))
        return GroundPlane(
            horizon_y=horizon,
            slope=slope,
            r2=r2,
            centre_x=frame_size.width / 2.0,
            centre_y=frame_size.height / 2.0,
            focal_px=_FOCAL * frame_size.width,
        )

    @staticmethod
    def from_numbers(numbers: Mapping[str, float]) -> GroundPlane:
        """The inverse of `numbers`; raises KeyError when one is missing."""
        return GroundPlane(**{name: float(numbers[name]) for name in GroundPlane.__slots__})

    def numbers(self) -> dict[str, float]:
        """All fields, for storing."""
        return {name: float(getattr(self, name)) for name in GroundPlane.__slots__}

    def to_ground(self, foot: Float64, size: Float64) -> Float64:
        """(N, 2) ground coordinates [right, away] in the object's own box lengths.

        foot: (N, 2) pixels. size: (N,) the object's box sizes there, pixels; only their median
        ratio to the plane matters, so trembling sizes do not shake the path.
        """
        below = np.maximum(foot[:, 1] - self.horizon_y, 0.01 * self.focal_px)
        own = float(np.median(size / below)) if len(size) else self.slope
        tilted = np.hypot(self.focal_px, self.centre_y - self.horizon_y)
        return np.stack(
            [(foot[:, 0] - self.centre_x) / (own * below), tilted / (own * below)], axis=1
        )

    def stretch(self, foot: Float64) -> Float64:
        """(N,) how many times larger trembling becomes along the line of sight than across it."""
        below = np.maximum(foot[:, 1] - self.horizon_y, 0.01 * self.focal_px)
        tilted = np.hypot(self.focal_px, self.centre_y - self.horizon_y)
        return np.asarray(np.maximum(tilted / below, 1.0), np.float64)


def _samples(
    paths: Sequence[Path],
    frame_size: FrameSize,
    names: Sequence[str],
    camera: CameraPath | None,
) -> tuple[Float64, Float64, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Foot rows, sizes and kinds of whole boxes, at most 60 a path and 6 000 in all."""
    feet: list[Float64] = []
    sizes: list[Float64] = []
    kinds: list[int] = []
    numbers: dict[str, int] = {}
    most = max(5, min(60, 6000 // max(1, len(paths))))
    for path, name in zip(paths, names, strict=True):
        border = at_border(path.xyxy, frame_size.width, frame_size.height, 3.0).any(axis=1)
        steady = SteadyPath.of(path, camera)
        clear = ~border & ~path.interpolated & ~steady.lost
        rows = np.flatnonzero(clear & (steady.size > 4.0))
        if not len(rows):
            continue
        rows = rows[np.unique(np.linspace(0, len(rows) - 1, most).astype(np.intp))]
        feet.append(steady.xyxy[rows, 3])
        sizes.append(steady.size[rows])
        kind = numbers.setdefault(
            name if group_of(name) == "vehicle" else group_of(name), len(numbers)
        )
        kinds.extend([kind] * len(rows))
    if not feet:
        return np.zeros(0), np.zeros(0), np.zeros(0, np.intp)
    return np.concatenate(feet), np.concatenate(sizes), np.array(kinds, np.intp)


def _horizon(
    foot: Float64,
    size: Float64,
    kind: np.ndarray[tuple[int], np.dtype[np.intp]],
    height: int,
) -> tuple[float, float]:
    """Row of the horizon by robust search, and the variance explained.

    Minimises the mean absolute residual of log size around each kind's median.
    """
    log_size = np.log(size)
    top = float(np.percentile(foot, 1.0))
    groups = [np.flatnonzero(kind == k) for k in np.unique(kind)]
    groups = [g for g in groups if len(g) >= 5]
    if not groups:
        return top - height, 0.0

    def residual(horizon: float) -> Float64:
        rest = log_size - np.log(np.maximum(foot - horizon, 1.0))
        return np.concatenate([rest[g] - np.median(rest[g]) for g in groups])

    low, high = -4.0 * height, top - 2.0
    for _ in range(3):  # coarse to fine, denser towards the boxes
        trial = high - (high - low) * np.linspace(0.0, 1.0, 25) ** 2
        cost = [float(np.abs(residual(h)).mean()) for h in trial]
        best = int(np.argmin(cost))
        high, low = float(trial[max(best - 1, 0)]), float(trial[min(best + 1, 24)])
    horizon = (low + high) / 2.0
    plain = np.concatenate([log_size[g] - np.median(log_size[g]) for g in groups])
    spread = float(np.abs(plain).mean())
    explained = 1.0 - (float(np.abs(residual(horizon)).mean()) / max(spread, 1e-9)) ** 2
    return horizon, explained
