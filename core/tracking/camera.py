"""How the camera itself moved, from one looked-at frame to the next and over a whole video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from core.detections import Bool, Float64, Int32
from core.geometry import centre_size, corners

_LEAST = 1e-6  # of a matrix's parts: less is no motion
_SHORT_S = 0.3  # unknown for longer, and boxes cannot be placed between the known frames


@dataclass(frozen=True, slots=True)
class CameraStep:
    """What the camera did between the frame before and this one.

    matrix: (2, 3) float64 similarity that takes pixels of the frame before to pixels of this one.
    known: False where it could not be measured; the matrix is then the identity.
    cut: True where this frame shows another scene: nothing can be followed across it.
    view: (3, 3) float64 homography that takes pixels of this frame to pixels of the reference, the
    first frame of its kind. reference: counts up where the view has nothing in common with what
    was before: at a cut, and where the camera was lost.
    """

    matrix: Float64
    known: bool = True
    cut: bool = False
    view: Float64 = field(default_factory=lambda: np.eye(3))
    reference: int = 0

    @staticmethod
    def still() -> CameraStep:
        return CameraStep(np.eye(2, 3))

    @property
    def moves(self) -> bool:
        return bool(np.abs(self.matrix - np.eye(2, 3)).max() > _LEAST)

    def place(self, centre_size: Float64) -> Float64:
        """(N, 4) [cx, cy, w, h] px of the frame before as they would lie in this one."""
        linear, shift = self.matrix[:, :2], self.matrix[:, 2]
        scale = float(np.sqrt(abs(linear[0, 0] * linear[1, 1] - linear[0, 1] * linear[1, 0])))
        centre = (centre_size[:, None, :2] * linear[None]).sum(axis=2) + shift
        return np.concatenate([centre, centre_size[:, 2:] * scale], axis=1)


@dataclass(frozen=True, slots=True)
class CameraPath:
    """Where the camera looked in every looked-at frame of one video.

    frame: (F,) presentation index, ascending. t_s: (F,) seconds. view: (F, 3, 3) float64
    homographies from the frame's pixels to those of its reference frame. reference: (F,) number of
    the reference; pixels of different references have nothing in common. known: (F,) False where
    the view was not measured but carried on. cut: (F,) True where another scene begins.
    A path of no frames is that of a standing camera.
    """

    frame: Int32
    t_s: Float64
    view: Float64
    reference: Int32
    known: Bool
    cut: Bool

    @staticmethod
    def standing() -> CameraPath:
        """The path of a camera that never moves, whatever the video."""
        none = np.zeros(0, np.bool_)
        number = np.zeros(0, np.int32)
        return CameraPath(number, np.zeros(0), np.zeros((0, 3, 3)), number, none, none)

    @staticmethod
    def of(frame: Int32, t_s: Float64, steps: Sequence[CameraStep]) -> CameraPath:
        """From the steps of all frames; raises ValueError when the lengths differ."""
        if not len(frame) == len(t_s) == len(steps):
            raise ValueError(f"{len(frame)} frames, {len(t_s)} times, {len(steps)} steps")
        return CameraPath(
            frame=np.asarray(frame, np.int32),
            t_s=np.asarray(t_s, np.float64),
            view=np.array([step.view for step in steps], np.float64).reshape(-1, 3, 3),
            reference=np.array([step.reference for step in steps], np.int32),
            known=np.array([step.known for step in steps], np.bool_),
            cut=np.array([step.cut for step in steps], np.bool_),
        )

    @staticmethod
    def concatenate(parts: Sequence[CameraPath]) -> CameraPath:
        """The parts of one video in order of time."""
        if not parts:
            return CameraPath.standing()
        return CameraPath(
            *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(CameraPath))
        )

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def moves(self) -> bool:
        """Whether boxes have to be stabilised, or paths cut, at all."""
        turned = len(self) and np.abs(self.view - np.eye(3)).max() > _LEAST
        return bool(turned or not self.known.all() or self.reference.any())

    def shot(self, frame: Int32) -> Int32:
        """(N,) number of the reference that each frame is stabilised to."""
        if not len(self):
            return np.zeros(len(frame), np.int32)
        return np.asarray(self.reference[self._row(frame)], np.int32)

    def lost(self, frame: Int32) -> Bool:
        """(N,) True in stretches of more than 0.3 s without a measured view."""
        if self.known.all():
            return np.zeros(len(frame), np.bool_)
        return np.asarray(self._long_unknown()[self._row(frame)], np.bool_)

    def stabilise(self, frame: Int32, xyxy: Float64) -> Float64:
        """(N, 4) float64 boxes in pixels of their reference frames.

        frame: (N,) looked-at frames or frames between them. xyxy: (N, 4) corners, pixels. A box
        stays upright: its centre is moved, its sides are scaled as the picture is there.
        """
        boxes = np.asarray(xyxy, np.float64)
        if not self.moves or not len(boxes):
            return boxes.copy()
        view = self._views()[self._row(frame)]
        placed = centre_size(boxes)
        x, y = placed[:, 0], placed[:, 1]
        w = view[:, 2, 0] * x + view[:, 2, 1] * y + view[:, 2, 2]
        at = [(view[:, k, 0] * x + view[:, k, 1] * y + view[:, k, 2]) / w for k in (0, 1)]
        # the determinant of the derivative of a homography is its own over w cubed
        scale = np.sqrt(np.abs(np.linalg.det(view) / w**3))
        sides = placed[:, 2:] * scale[:, None]
        return corners(np.concatenate([np.stack(at, axis=1), sides], axis=1))

    def _row(self, frame: Int32) -> Int32:
        """Rows of frames; of one that was not looked at, the row of the looked-at one before."""
        row = np.searchsorted(self.frame, frame, side="right") - 1
        return np.asarray(np.maximum(row, 0), np.int32)

    def _views(self) -> Float64:
        """(F, 3, 3) views, those between two known ones of the same reference interpolated."""
        known = np.flatnonzero(self.known)
        gaps = np.flatnonzero(~self.known)
        if not len(known) or not len(gaps):
            return self.view
        after = np.minimum(np.searchsorted(known, gaps), len(known) - 1)
        a, b = known[np.maximum(after - 1, 0)], known[after]
        between = (a < gaps) & (gaps < b)
        between &= (self.reference[a] == self.reference[gaps]) & (
            self.reference[b] == self.reference[gaps]
        )
        gaps, a, b = gaps[between], a[between], b[between]
        part = ((self.t_s[gaps] - self.t_s[a]) / (self.t_s[b] - self.t_s[a]))[:, None, None]
        view = self.view.copy()
        view[gaps] = (1.0 - part) * view[a] + part * view[b]
        return view

    def _long_unknown(self) -> Bool:
        """(F,) rows of stretches whose known neighbours are too far apart in time."""
        edges = np.flatnonzero(
            np.diff(np.concatenate([[True], self.known, [True]]).astype(np.int8))
        )
        long = np.zeros(len(self), np.bool_)
        for start, stop in zip(edges[0::2], edges[1::2], strict=True):
            before, after = max(start - 1, 0), min(stop, len(self) - 1)
            usual = (self.t_s[after] - self.t_s[before]) / max(after - before, 1)
            long[start:stop] = self.t_s[after] - self.t_s[before] - usual > _SHORT_S
        return long
