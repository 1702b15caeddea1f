"""What is remembered of the objects being followed, and where each is expected at another time.

A constant-velocity Kalman filter with the true time between detections, one state for all
tracklets (Kalman 1960; SORT, Bewley et al. 2016). Noises are in box sizes and seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float64, Int32
from core.tracking.camera import CameraStep

Intp = npt.NDArray[np.intp]
Prediction = tuple[Float64, Float64, Float64]

_POSITION_NOISE = 0.10  # box sizes per sqrt(s)
_ACCELERATION = (0.9, 0.4)  # box sizes per s^1.5, of the centre and of width and height
_MEASUREMENT = 0.05  # box sizes, for a box of confidence 1
_BIRTH_SPEED = 2.0  # box sizes per s, standard deviation
_COAST_S = 2.0  # an unseen object's velocity fades with this time constant
_RESIZE_S = 0.25  # an unseen object's width and height stop changing after this


@dataclass(slots=True)
class Remembered:
    """One row a remembered tracklet, in order of birth; means and covariances as of `t_hit`.

    mean, speed: (N, 4) of [cx, cy, w, h] px and px/s, in the picture as the camera stands now.
    cov: (N, 2, 3) of [p00, p01, p11] for the centre and for the size: x and y share noises, so
    they share covariances.
    """

    id: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    group: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    hits: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    t_hit: Float64 = field(default_factory=lambda: np.zeros(0))
    mean: Float64 = field(default_factory=lambda: np.zeros((0, 4)))
    speed: Float64 = field(default_factory=lambda: np.zeros((0, 4)))
    cov: Float64 = field(default_factory=lambda: np.zeros((0, 2, 3)))

    def __len__(self) -> int:
        return len(self.id)

    def keep(self, rows: Bool) -> None:
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name)[rows])

    def give_birth(
        self, ids: Int32, measured: Float64, confidence: Float64, group: Int32, t_s: float
    ) -> None:
        """Remember new tracklets; measured: (B, 4) [cx, cy, w, h] px."""
        n = len(ids)
        cov = np.zeros((n, 2, 3))
        cov[..., 0] = _measurement_variance(measured, confidence)[:, None]
        cov[..., 2] = np.square(_BIRTH_SPEED * sizes(measured))[:, None]
        born = Remembered(
            ids,
            group.astype(np.int32),
            np.ones(n, np.int32),
            np.full(n, t_s),
            measured.copy(),
            np.zeros((n, 4)),
            cov,
        )
        for column in fields(self):
            joined = np.concatenate([getattr(self, column.name), getattr(born, column.name)])
            setattr(self, column.name, joined)

    def move_with(self, camera: CameraStep) -> None:
        """Place everything as it would lie in the picture after the camera has moved."""
        if not len(self):
            return
        before = sizes(self.mean)
        turned = camera.place(np.concatenate([self.speed[:, :2], self.mean[:, 2:]], axis=1))
        self.mean = camera.place(self.mean)
        self.speed[:, :2] = turned[:, :2] - camera.matrix[:, 2]
        scale = sizes(self.mean) / before
        self.speed[:, 2:] *= scale[:, None]
        self.cov *= np.square(scale)[:, None, None]

    def at(self, t_s: float) -> Prediction:
        """Mean, speed and covariance of every tracklet at `t_s`; nothing is changed."""
        dt = t_s - self.t_hit
        fade = np.exp(-dt / _COAST_S)
        mean = self.mean.copy()
        mean[:, :2] += self.speed[:, :2] * (_COAST_S * (1.0 - fade))[:, None]
        grown = mean[:, 2:] + self.speed[:, 2:] * np.minimum(dt, _RESIZE_S)[:, None]
        mean[:, 2:] = np.clip(grown, 0.5 * mean[:, 2:], 2.0 * mean[:, 2:])
        speed = self.speed.copy()
        speed[:, :2] *= fade[:, None]
        speed[:, 2:] *= (dt <= _RESIZE_S)[:, None]
        variance = sizes(self.mean)[:, None] ** 2
        step = dt[:, None]
        q = variance * np.square(np.array(_ACCELERATION))
        cov = self.cov.copy()
        cov[..., 0] += step * (2.0 * cov[..., 1] + step * cov[..., 2])
        cov[..., 0] += q * step**3 / 3.0 + variance * _POSITION_NOISE**2 * step
        cov[..., 1] += step * cov[..., 2] + q * step**2 / 2.0
        cov[..., 2] += q * step
        return mean, speed, cov

    def correct(
        self, hit: Intp, measured: Float64, confidence: Float64, predicted: Prediction, t_s: float
    ) -> None:
        """Kalman update of the tracklets `hit` with their boxes; predicted: of all tracklets."""
        mean, speed, cov = (part[hit] for part in predicted)
        noise = _measurement_variance(measured, confidence)
        total = cov[..., 0] + noise[:, None]
        gain = np.repeat(cov[..., :2] / total[..., None], 2, axis=1)  # (H, 4, 2)
        surprise = measured - mean
        self.mean[hit] = mean + gain[..., 0] * surprise
        self.speed[hit] = speed + gain[..., 1] * surprise
        rest = 1.0 - cov[..., 0] / total
        self.cov[hit, :, 0] = cov[..., 0] * rest
        self.cov[hit, :, 1] = cov[..., 1] * rest
        self.cov[hit, :, 2] = cov[..., 2] - np.square(cov[..., 1]) / total
        self.hits[hit] += 1
        self.t_hit[hit] = t_s


def sizes(centre_size: Float64) -> Float64:
    """(N,) square roots of the areas of (N, 4) [cx, cy, w, h], at least 1 px."""
    return np.asarray(
        np.sqrt(np.clip(centre_size[:, 2], 1.0, None) * np.clip(centre_size[:, 3], 1.0, None))
    )


def _measurement_variance(boxes: Float64, confidence: Float64) -> Float64:
    return np.asarray(np.square(_MEASUREMENT * sizes(boxes) * (1.0 + 2.0 * (1.0 - confidence))))
