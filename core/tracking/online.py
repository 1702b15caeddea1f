"""Online association: boxes of one frame after another become tracklets.

Everything is measured in seconds and in box sizes, never in frames, so that low frame rates,
strides and variable frame rates work with one set of numbers. The state is a handful of parallel
arrays, and no step calls BLAS: with small matrices its threads cost more than they give.

The parts are known ones, put together anew: a constant-velocity Kalman filter with the true time
between detections (Kalman 1960; SORT, Bewley et al. 2016), a second pass for weak boxes (ByteTrack,
Zhang et al. 2022), boxes grown before they are compared (C-BIoU, Yang et al. 2023), births
suppressed on top of live tracks. A tracklet lost for longer than `memory_s` ends; bringing objects
back after longer absences is the offline stage's work, which knows what they look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from core.detections import Bool, Detections, Float64, Int32
from core.geometry import buffered_iou, centre_size, corners, iou
from core.tracking.camera import CameraStep
from core.tracking.classes import class_groups

Intp = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Numbers of the association; the defaults serve every frame rate from about 3 fps up.

    strong: confidence from which a box may start or revive a tracklet. weak: confidence from which
    a box may continue one that is alive. memory_s: how long a confirmed tracklet is remembered
    unseen; tentative_s: the same before its second hit.
    """

    strong: float = 0.25
    weak: float = 0.1
    memory_s: float = 2.0
    tentative_s: float = 0.4
    accept: float = 0.2
    accept_weak_iou: float = 0.4
    alive_s: float = 0.5
    margin: float = 0.05
    margin_per_root_s: float = 0.25
    margin_limit: float = 0.6
    twin_iou: float = 0.7


_POSITION_NOISE = 0.10  # box sizes per sqrt(s)
_ACCELERATION = (0.9, 0.4)  # box sizes per s^1.5, of the centre and of width and height
_MEASUREMENT = 0.05  # box sizes, for a box of confidence 1
_BIRTH_SPEED = 2.0  # box sizes per s, standard deviation
_COAST_S = 2.0  # an unseen object's velocity fades with this time constant
_RESIZE_S = 0.25  # an unseen object's width and height stop changing after this


@dataclass(slots=True)
class _State:
    """One row a remembered tracklet, in order of birth; means and covariances as of `t_hit`.

    mean, speed: (N, 4) of [cx, cy, w, h] px and px/s. cov: (N, 2, 3) of [p00, p01, p11] for the
    centre and for the size: x and y share noises, so they share covariances.
    """

    id: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    group: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    hits: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    t_hit: Float64 = field(default_factory=lambda: np.zeros(0))
    mean: Float64 = field(default_factory=lambda: np.zeros((0, 4)))
    speed: Float64 = field(default_factory=lambda: np.zeros((0, 4)))
    cov: Float64 = field(default_factory=lambda: np.zeros((0, 2, 3)))

    def keep(self, rows: Bool) -> None:
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name)[rows])

    def append(self, other: _State) -> None:
        for column in fields(self):
            joined = np.concatenate([getattr(self, column.name), getattr(other, column.name)])
            setattr(self, column.name, joined)


def _sizes(mean: Float64) -> Float64:
    return np.sqrt(np.clip(mean[:, 2], 1.0, None) * np.clip(mean[:, 3], 1.0, None))


def _predict(state: _State, t_s: float) -> tuple[Float64, Float64, Float64]:
    """Mean, speed and covariance of every tracklet at `t_s`; the state itself is not changed."""
    dt = t_s - state.t_hit
    fade = np.exp(-dt / _COAST_S)
    mean = state.mean.copy()
    mean[:, :2] += state.speed[:, :2] * (_COAST_S * (1.0 - fade))[:, None]
    grown = mean[:, 2:] + state.speed[:, 2:] * np.minimum(dt, _RESIZE_S)[:, None]
    mean[:, 2:] = np.clip(grown, 0.5 * mean[:, 2:], 2.0 * mean[:, 2:])
    speed = state.speed.copy()
    speed[:, :2] *= fade[:, None]
    speed[:, 2:] *= (dt <= _RESIZE_S)[:, None]
    variance = _sizes(state.mean)[:, None] ** 2
    step = dt[:, None]
    q = variance * np.square(np.array(_ACCELERATION))
    cov = state.cov.copy()
    cov[..., 0] += step * (2.0 * cov[..., 1] + step * cov[..., 2])
    cov[..., 0] += q * step**3 / 3.0 + variance * _POSITION_NOISE**2 * step
    cov[..., 1] += step * cov[..., 2] + q * step**2 / 2.0
    cov[..., 2] += q * step
    return mean, speed, cov


def _measurement_variance(boxes: Float64, confidence: Float64) -> Float64:
    return np.square(_MEASUREMENT * _sizes(boxes) * (1.0 + 2.0 * (1.0 - confidence)))


def _assign(score: Float64) -> tuple[Intp, Intp]:
    """Pairs (rows, columns) of the largest total score; pairs of score 0 are never made."""
    rows = np.flatnonzero((score > 0.0).any(axis=1))
    columns = np.flatnonzero((score > 0.0).any(axis=0))
    if not len(rows):
        return rows, columns
    if len(rows) == 1:  # the common case of a lone candidate needs no solver
        best = columns[[int(np.argmax(score[rows[0], columns]))]]
        return rows, best
    picked_rows, picked_columns = linear_sum_assignment(score[np.ix_(rows, columns)], maximize=True)
    i, j = rows[picked_rows], columns[picked_columns]
    made = score[i, j] > 0.0
    return i[made], j[made]


class Tracker:
    """Streaming association; feed it the frames of one video in order.

    class_groups: (C,) group number of each class id: boxes of different groups never share a
    tracklet (`core.tracking.classes.class_groups` makes it).
    Feeding the same detections again rebuilds exactly the same state.
    """

    def __init__(
        self, class_groups: Int32 | Sequence[int], settings: TrackerSettings | None = None
    ) -> None:
        self._groups = np.asarray(class_groups, np.int32)
        self._settings = settings or TrackerSettings()
        self._state = _State()
        self._last_t_s = -np.inf
        self._interval_s = np.inf
        self._born = 0
        self._confirmed = np.zeros(256, np.bool_)

    @property
    def settings(self) -> TrackerSettings:
        return self._settings

    def confirmed(self, ids: Int32 | Sequence[int]) -> Bool:
        """(N,) which tracklet ids have been seen at least twice; False for -1."""
        asked = np.asarray(ids, np.intp)
        known = (asked >= 0) & (asked < self._born)
        return np.asarray(known & self._confirmed[np.where(known, asked, 0)], np.bool_)

    def update(self, frame_detections: Detections, camera: CameraStep | None = None) -> Int32:
        """(N,) tracklet id of each box of one frame; -1 for a box that belongs to none.

        camera: how the camera moved since the frame given before; a frame without boxes need only
        be given where the camera moves.

        Ids start at 0 and are given at birth; a tracklet that never gets a second hit stays
        unconfirmed. Raises ValueError for boxes of several frames, time running backwards, or a
        class id without a group.
        """
        if camera is not None:
            self._follow_camera(camera)
        n = len(frame_detections)
        ids = np.full(n, -1, np.int32)
        if n == 0:
            return ids
        t_s = self._advance(frame_detections)
        s, state = self._settings, self._state
        confidence = frame_detections.confidence.astype(np.float64)
        group = self._groups[frame_detections.class_id]
        measured = centre_size(frame_detections.xyxy)
        boxes = frame_detections.xyxy.astype(np.float64)

        self._forget(t_s)
        mean, speed, cov = _predict(state, t_s)
        expected = corners(mean)
        gap = t_s - state.t_hit
        partner = np.full(len(state.id), -1, np.intp)  # box row of each tracklet
        free = np.ones(n, np.bool_)

        def associate(tracks: Intp, rows: Intp, score: Float64) -> None:
            i, j = _assign(score)
            partner[tracks[i]] = rows[j]
            free[rows[j]] = False

        sure = state.hits >= 2
        for stage in (sure, ~sure):
            tracks = np.flatnonzero(stage)
            rows = np.flatnonzero(free & (confidence >= s.strong))
            if len(tracks) and len(rows):
                near = buffered_iou(expected[tracks], boxes[rows], self._margin(gap, sure)[tracks])
                score = near * (0.5 + 0.5 * confidence[rows])[None, :]
                score[group[rows][None, :] != state.group[tracks][:, None]] = 0.0
                associate(tracks, rows, np.where(score >= s.accept, score, 0.0))
            if stage is sure:  # weak boxes only continue what is alive
                alive = max(s.alive_s, 1.5 * self._interval_s)
                tracks = np.flatnonzero(sure & (partner < 0) & (gap <= alive))
                rows = np.flatnonzero(free & (confidence >= s.weak) & (confidence < s.strong))
                if len(tracks) and len(rows):
                    score = iou(expected[tracks], boxes[rows])
                    score[group[rows][None, :] != state.group[tracks][:, None]] = 0.0
                    associate(tracks, rows, np.where(score >= s.accept_weak_iou, score, 0.0))

        hit = np.flatnonzero(partner >= 0)
        found = partner[hit]
        self._correct(hit, measured[found], confidence[found], (mean, speed, cov), t_s)
        ids[found] = state.id[hit]
        self._confirmed[state.id[hit]] = True

        births = np.flatnonzero(free & (confidence >= s.strong))
        if len(births) and len(found):
            twin = (iou(boxes[births], boxes[found]) >= s.twin_iou) & (
                group[births][:, None] == group[found][None, :]
            )
            births = births[~twin.any(axis=1)]
        ids[births] = self._give_birth(measured[births], confidence[births], group[births], t_s)
        return ids

    def _follow_camera(self, camera: CameraStep) -> None:
        """Move everything remembered as the picture moved; forget it where the scene is another."""
        state = self._state
        if camera.cut:
            state.keep(np.zeros(len(state.id), np.bool_))
        elif camera.moves and len(state.id):
            before = _sizes(state.mean)
            turned = camera.place(np.concatenate([state.speed[:, :2], state.mean[:, 2:]], axis=1))
            state.mean = camera.place(state.mean)
            state.speed[:, :2] = turned[:, :2] - camera.matrix[:, 2]
            scale = _sizes(state.mean) / before
            state.speed[:, 2:] *= scale[:, None]
            state.cov *= np.square(scale)[:, None, None]

    def _advance(self, detections: Detections) -> float:
        """Check the frame and note the time between frames; returns the frame's time."""
        t_s = float(detections.t_s[0])
        if (detections.t_s != t_s).any():
            raise ValueError("update() takes the boxes of one frame; got several times")
        if t_s < self._last_t_s:
            raise ValueError(f"frames must come in order of time: {t_s} s after {self._last_t_s} s")
        if detections.class_id.min() < 0 or detections.class_id.max() >= len(self._groups):
            raise ValueError("a class id has no group")
        if np.isfinite(self._last_t_s) and t_s > self._last_t_s:
            self._interval_s = min(self._interval_s, t_s - self._last_t_s)
        self._last_t_s = t_s
        return t_s

    def _forget(self, t_s: float) -> None:
        s = self._settings
        interval = self._interval_s if np.isfinite(self._interval_s) else 0.0
        memory = np.where(
            self._state.hits >= 2,
            max(s.memory_s, 3.0 * interval),
            max(s.tentative_s, 1.5 * interval),
        )
        self._state.keep(t_s - self._state.t_hit <= memory + 1e-9)

    def _margin(self, gap: Float64, sure: Bool) -> Float64:
        """How far boxes are grown: by the time unseen, and more while the speed is unknown."""
        s = self._settings
        margin = s.margin + s.margin_per_root_s * np.sqrt(gap) + np.where(sure, 0.0, gap)
        return np.minimum(margin, s.margin_limit)

    def _correct(
        self,
        hit: Intp,
        measured: Float64,
        confidence: Float64,
        predicted: tuple[Float64, Float64, Float64],
        t_s: float,
    ) -> None:
        """Kalman update of the tracklets `hit` with their boxes."""
        mean, speed, cov = (part[hit] for part in predicted)
        noise = _measurement_variance(measured, confidence)
        total = cov[..., 0] + noise[:, None]
        gain = np.repeat(cov[..., :2] / total[..., None], 2, axis=1)  # (H, 4, 2)
        surprise = measured - mean
        state = self._state
        state.mean[hit] = mean + gain[..., 0] * surprise
        state.speed[hit] = speed + gain[..., 1] * surprise
        rest = 1.0 - cov[..., 0] / total
        state.cov[hit, :, 0] = cov[..., 0] * rest
        state.cov[hit, :, 1] = cov[..., 1] * rest
        state.cov[hit, :, 2] = cov[..., 2] - np.square(cov[..., 1]) / total
        state.hits[hit] += 1
        state.t_hit[hit] = t_s

    def _give_birth(
        self, measured: Float64, confidence: Float64, group: Int32, t_s: float
    ) -> Int32:
        n = len(measured)
        ids = np.arange(self._born, self._born + n, dtype=np.int32)
        self._born += n
        while self._born > len(self._confirmed):
            self._confirmed = np.concatenate([self._confirmed, np.zeros_like(self._confirmed)])
        cov = np.zeros((n, 2, 3))
        cov[..., 0] = _measurement_variance(measured, confidence)[:, None]
        cov[..., 2] = np.square(_BIRTH_SPEED * _sizes(measured))[:, None]
        self._state.append(
            _State(
                id=ids,
                group=group.astype(np.int32),
                hits=np.ones(n, np.int32),
                t_hit=np.full(n, t_s),
                mean=measured.copy(),
                speed=np.zeros((n, 4)),
                cov=cov,
            )
        )
        return ids


def associate(
    detections: Detections,
    class_names: Sequence[str],
    settings: TrackerSettings | None = None,
) -> Int32:
    """(N,) tracklet id of every box of a video, -1 for none: `Tracker` over all its frames."""
    tracker = Tracker(class_groups(class_names), settings)
    ids = np.full(len(detections), -1, np.int32)
    starts = np.flatnonzero(np.diff(detections.frame, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(detections)], strict=True):
        rows = slice(int(start), int(stop))
        ids[rows] = tracker.update(detections.take(rows))
    return ids
