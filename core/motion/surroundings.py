"""What one track's motion is judged against: where vehicles drive here, and when one could see.

The flow of traffic is a grid of votes: in each cell, which way the axis of travel of the vehicles
that drove through it lay. It is measured from displacements over a second, on the pseudo ground
plane where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Float64
from core.motion.ground import GroundPlane
from core.motion.path import SteadyPath
from core.tracking.camera import CameraPath
from core.tracking.classes import group_of
from core.tracks import Path, Track

BINS = 8  # of 180 degrees: axes, not directions
_CELL = 1.3  # box lengths: a lane, more or less
_LEAST_MOVE = 0.6  # box lengths in a second
_LAG_S = 1.0
_BESIDE = 0.6  # box lengths to either side that a vehicle covers, too
_ROW = 1 << 20

Cells = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a video as a whole says about the motion of one of its tracks.

    t0_s, t1_s: the time in which anything was seen at all. unit_px: box size that is one length
    where there is no ground plane. keys: (C,) cells that vehicles drove through, ascending.
    votes: (C, BINS) how many vehicles drove along each axis there.
    """

    t0_s: float
    t1_s: float
    ground: GroundPlane | None
    unit_px: float
    keys: Cells
    votes: npt.NDArray[np.int32]

    @staticmethod
    def of(
        tracks: Sequence[Track], ground: GroundPlane | None, camera: CameraPath | None = None
    ) -> Surroundings:
        """From all tracks of a video; `ground` was fitted to the same and with the same camera.

        Where the camera showed several places nobody knows which flow belongs where: there is none.
        """
        paths = [t.path for t in tracks if group_of(t.class_name) in ("vehicle", "two-wheeler")]
        if camera is not None and camera.reference.any():
            paths = []
        steady = [SteadyPath.of(path, camera) for path in paths]
        sizes = [float(np.median(s.size)) for s in steady if len(s.xyxy)]
        seen = [t.path.t_s for t in tracks if len(t.path)]
        here = Surroundings(
            t0_s=min((float(t[0]) for t in seen), default=0.0),
            t1_s=max((float(t[-1]) for t in seen), default=0.0),
            ground=ground,
            unit_px=max(float(np.median(sizes)), 1.0) if sizes else 1.0,
            keys=np.zeros(0, np.int64),
            votes=np.zeros((0, BINS), np.int32),
        )
        ballots = [here._ballots(path, boxes) for path, boxes in zip(paths, steady, strict=True)]
        cast = np.concatenate([*ballots, np.zeros(0, np.int64)])
        keys, where = np.unique(cast // BINS, return_inverse=True)
        votes = np.zeros((len(keys), BINS), np.int32)
        np.add.at(votes, (where, cast % BINS), 1)
        return Surroundings(here.t0_s, here.t1_s, ground, here.unit_px, keys, votes)

    def place(self, foot: Float64) -> Float64:
        """(N, 2) box lengths, x right, y down or towards the camera, of (N, 2) foot points."""
        if self.ground is None:
            return np.asarray(foot / self.unit_px, np.float64)
        below = np.maximum(foot[:, 1] - self.ground.horizon_y, 0.01 * self.ground.focal_px)
        flat = self.ground.to_ground(foot, self.ground.slope * below)
        return np.asarray(flat * np.array([1.0, -1.0]), np.float64)

    def _ballots(self, path: Path, steady: SteadyPath) -> Cells:
        """Cell * BINS + axis of everywhere a vehicle drove, each once."""
        good = ~(steady.lost | path.interpolated)
        foot = np.stack([(steady.xyxy[:, 0] + steady.xyxy[:, 2]) / 2.0, steady.xyxy[:, 3]], axis=1)
        t_s, at = path.t_s[good], self.place(foot[good])
        if len(t_s) < 2:
            return np.zeros(0, np.int64)
        later = np.searchsorted(t_s, t_s + _LAG_S - 1e-6)
        start = np.flatnonzero(later < len(t_s))
        step = at[later[start]] - at[start]
        far = np.hypot(step[:, 0], step[:, 1])
        lasted = t_s[later[start]] - t_s[start]
        drove = (far >= _LEAST_MOVE) & (lasted < 1.6 * _LAG_S)
        start, step, far = start[drove], step[drove], far[drove]
        middle = (at[later[start]] + at[start]) / 2.0
        aside = np.stack([-step[:, 1], step[:, 0]], axis=1) / far[:, None] * _BESIDE
        axis = _axis(np.arctan2(step[:, 1], step[:, 0]))
        spots = np.concatenate([middle, middle + aside, middle - aside])
        return np.asarray(np.unique(_cells(spots) * BINS + np.tile(axis, 3)), np.int64)

    def traffic(self, at: Float64, heading: Float64) -> tuple[Float64, Float64]:
        """How many vehicles drove across, and along, this heading at each of these places.

        at: (K, 2) as `place` gives them. heading: (K,) radians in the same frame. Across is 56 to
        124 degrees, along within 34.
        """
        key = _cells(at)
        where = np.clip(np.searchsorted(self.keys, key), 0, max(len(self.keys) - 1, 0))
        if not len(self.keys):
            return np.zeros(len(at)), np.zeros(len(at))
        votes = np.where((self.keys[where] == key)[:, None], self.votes[where], 0)
        turned = (np.arange(BINS)[None, :] - _axis(heading)[:, None]) % BINS
        across = np.isin(turned, (3, 4, 5))
        along = np.isin(turned, (7, 0, 1))
        return (votes * across).sum(axis=1).astype(float), (votes * along).sum(axis=1).astype(float)


def _cells(at: Float64) -> Cells:
    grid = np.floor(np.clip(at / _CELL, -_ROW / 4, _ROW / 4)).astype(np.int64) + _ROW // 2
    return np.asarray(grid[:, 1] * _ROW + grid[:, 0], np.int64)


def _axis(radians: Float64) -> Cells:
    return np.asarray(np.round(np.mod(radians, np.pi) / np.pi * BINS), np.int64) % BINS
