"""Online association: boxes of one frame after another become tracklets.

Everything is measured in seconds and in box sizes, never in frames, so that low frame rates,
strides and variable frame rates work with one set of numbers. The state is a handful of parallel
arrays, and no step calls BLAS: with small matrices its threads cost more than they give.

The parts are known ones, put together anew: a constant-velocity filter with the true time between
detections (`core.tracking.kalman`), a second pass for weak boxes (ByteTrack, Zhang et al. 2022),
boxes grown before they are compared (C-BIoU, Yang et al. 2023), births damped in the shadow of
surer boxes (Soft-NMS, Bodla et al. 2017), remembered objects moved with the camera (BoT-SORT,
Aharon et al. 2022). A box that a surer one of its kind overlaps may be the same object found
twice, as detectors' own suppression lets much through: it starts nothing, and continues only what
was expected in its place. Where the boxes come with vectors, looks join in and bring back what
reappears elsewhere within reach. A tracklet lost for longer than `memory_s` ends; bringing objects
back after longer absences is the offline stage's work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Detections, Float32, Float64, Int32
from core.geometry import buffered_iou, corners, iou
from core.tracking.camera import CameraStep
from core.tracking.classes import class_groups
from core.tracking.kalman import Remembered
from core.tracking.matching import FrameBoxes, assign, without_rivals
from core.tracking.memory import LooksMemory
from core.tracking.occlusion import hidden

Intp = npt.NDArray[np.intp]
Embed = Callable[[Intp], Float32]
"""(M, D) unit vectors of the crops of some boxes of a frame, by their rows."""


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Numbers of the association; the defaults serve every frame rate from about 3 fps up.

    strong: confidence from which a box may start or revive a tracklet. weak: confidence from which
    a box may continue one that is alive. memory_s: how long a confirmed tracklet is remembered
    unseen; blind_memory_s: the same where no looks confirm it by confirm_llr, because time makes
    it a guess; tentative_s: before its second hit. other_class_iou: overlap from which a box of
    another class group continues a tracklet. shadow: how much a surer box nearby damps the
    confidence that a birth needs; shaded: IoU with a surer box from which a box counts as weak,
    whatever its confidence; double: from which it is taken for the same object found twice. looks:
    weight of looks beside overlap.
    """

    strong: float = 0.3
    weak: float = 0.1
    memory_s: float = 2.0
    blind_memory_s: float = 1.0
    tentative_s: float = 0.4
    accept: float = 0.2
    accept_weak_iou: float = 0.5
    accept_double_iou: float = 0.7
    other_class_iou: float = 0.7
    alive_s: float = 0.5
    margin: float = 0.05
    margin_per_root_s: float = 0.25
    margin_limit: float = 0.6
    twin_iou: float = 0.6
    shadow: float = 0.25
    shaded: float = 0.4
    double: float = 0.5
    looks: float = 0.5
    relook_s: float = 0.5
    confirm_llr: float = 1.5
    recover_llr: float = 2.2
    recover_margin: float = 1.0


_CLEAN_CONFIDENCE = 0.4
_CLEAN_COVER = 0.3
_MEETS = 0.1
_INTERVALS = 9  # the last ones say what the frame rate is; some frames may be missing


class Tracker:
    """Streaming association; feed it the frames of one video in order.

    class_groups: (C,) group number of each class id: boxes of different groups share a tracklet
    only where they all but coincide (`core.tracking.classes.class_groups` makes it).
    Feeding the same detections again rebuilds exactly the same state.
    """

    def __init__(
        self, class_groups: Int32 | Sequence[int], settings: TrackerSettings | None = None
    ) -> None:
        self._groups = np.asarray(class_groups, np.int32)
        self._settings = settings or TrackerSettings()
        self._state = Remembered()
        self._looks = LooksMemory()
        self._last_t_s = -np.inf
        self._intervals: deque[float] = deque(maxlen=_INTERVALS)
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

    def update(
        self,
        frame_detections: Detections,
        camera: CameraStep | None = None,
        embed: Embed | None = None,
    ) -> Int32:
        """(N,) tracklet id of each box of one frame; -1 for a box that belongs to none.

        camera: how the camera moved since the frame given before; a frame without boxes need only
        be given where the camera moves. embed: makes the vectors of some boxes' crops; asked once
        a frame, for those that geometry alone does not settle.
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
        boxes = self._boxes(frame_detections)
        self._forget(boxes.t_s, blind=embed is None)
        state = self._state
        predicted = state.at(boxes.t_s)
        if embed is not None:
            boxes = self._with_looks(boxes, predicted[0], embed)
        partner = self._associate(boxes, predicted[0])
        hit = np.flatnonzero(partner >= 0)
        found = partner[hit]
        state.correct(hit, boxes.centre_size[found], boxes.confidence[found], predicted, boxes.t_s)
        ids[found] = state.id[hit]
        self._confirmed[state.id[hit]] = True

        free = boxes.shade < self._settings.double
        free[found] = False
        births = np.flatnonzero(free & (boxes.fresh >= self._settings.strong))
        if len(births) and len(found):
            twin = iou(boxes.xyxy[births], boxes.xyxy[found]) >= self._settings.twin_iou
            births = births[~twin.any(axis=1)]
        first = len(state)
        ids[births] = self._give_birth(boxes, births)
        if boxes.vectors is not None:
            self._remember_looks(
                boxes,
                np.concatenate([hit, np.arange(first, len(state))]),
                np.concatenate([found, births]),
            )
        return ids

    # --- one frame ---------------------------------------------------------------------------

    def _boxes(self, detections: Detections) -> FrameBoxes:
        """Check the frame, note the time between frames, and prepare its boxes."""
        t_s = float(detections.t_s[0])
        if (detections.t_s != t_s).any():
            raise ValueError("update() takes the boxes of one frame; got several times")
        if t_s < self._last_t_s:
            raise ValueError(f"frames must come in order of time: {t_s} s after {self._last_t_s} s")
        if detections.class_id.min() < 0 or detections.class_id.max() >= len(self._groups):
            raise ValueError("a class id has no group")
        if np.isfinite(self._last_t_s) and t_s > self._last_t_s:
            self._intervals.append(t_s - self._last_t_s)
            self._interval_s = median(self._intervals)
        self._last_t_s = t_s
        return FrameBoxes.of(detections, self._groups, self._settings.shadow)

    def _with_looks(self, boxes: FrameBoxes, mean: Float64, embed: Embed) -> FrameBoxes:
        """The boxes with the vectors of those that geometry does not settle.

        A box is settled where it meets one tracklet only, that meets no other box and was seen
        clean a short while ago (the rule of Fast-Deep-OC-SORT, Bae et al. 2024).
        """
        s, state = self._settings, self._state
        wanted = boxes.fresh >= s.strong
        if len(state):
            gap = boxes.t_s - state.t_hit
            margin = self._margin(gap, state.hits >= 2)
            meets = buffered_iou(corners(mean), boxes.xyxy, margin) > _MEETS
            meets &= state.group[:, None] == boxes.group[None, :]
            recent = (self._looks.age_s(boxes.t_s) < s.relook_s) & (meets.sum(axis=1) == 1)
            wanted &= ~((meets.sum(axis=0) == 1) & (meets & recent[:, None]).any(axis=0))
        rows = np.flatnonzero(wanted)
        if not len(rows):
            return boxes
        some = embed(rows)
        vectors = np.zeros((len(boxes.xyxy), some.shape[1]), np.float32)
        vectors[rows] = some
        return replace(boxes, vectors=vectors)

    def _associate(self, boxes: FrameBoxes, mean: Float64) -> Intp:
        """(T,) row of the box that each remembered tracklet gets, -1 for none."""
        s, state = self._settings, self._state
        expected = corners(mean)
        gap = boxes.t_s - state.t_hit
        alive = gap <= max(s.alive_s, 1.5 * self._interval_s)
        sure = state.hits >= 2
        partner = np.full(len(state), -1, np.intp)
        free = np.ones(len(boxes.xyxy), np.bool_)
        shaded, double = boxes.shade >= s.shaded, boxes.shade >= s.double

        def give(tracks: Intp, rows: Intp, score: Float64) -> None:
            i, j = assign(score)
            partner[tracks[i]] = rows[j]
            free[rows[j]] = False

        for stage in (sure, ~sure):
            strong = (boxes.confidence if stage is sure else boxes.fresh) >= s.strong
            strong &= ~shaded
            tracks, rows = np.flatnonzero(stage), np.flatnonzero(free & strong)
            if len(tracks) and len(rows):
                margin = self._margin(gap, sure)[tracks]
                give(tracks, rows, self._score(boxes, expected, margin, tracks, rows))
            tracks = np.flatnonzero(stage & (partner < 0) & alive)
            rows = np.flatnonzero(free & strong)
            if len(tracks) and len(rows):  # the detector may call it something else for a while
                score = iou(expected[tracks], boxes.xyxy[rows])
                score[boxes.group[rows][None, :] == state.group[tracks][:, None]] = 0.0
                give(tracks, rows, np.where(score >= s.other_class_iou, score, 0.0))
            if stage is sure:  # weak boxes only continue what is alive
                tracks = np.flatnonzero(sure & (partner < 0) & alive)
                weak = (boxes.confidence >= s.weak) & (shaded | (boxes.confidence < s.strong))
                rows = np.flatnonzero(free & weak)
                if len(tracks) and len(rows):
                    score = iou(expected[tracks], boxes.xyxy[rows])
                    score[boxes.group[rows][None, :] != state.group[tracks][:, None]] = 0.0
                    least = np.where(double[rows], s.accept_double_iou, s.accept_weak_iou)
                    give(tracks, rows, np.where(score >= least, score, 0.0))
        if boxes.vectors is not None:
            tracks = np.flatnonzero(sure & (partner < 0))
            rows = np.flatnonzero(free & ~double & (boxes.fresh >= s.strong))
            if len(tracks) and len(rows):
                give(tracks, rows, self._recovery(boxes, boxes.vectors, mean, tracks, rows))
        return partner

    def _score(
        self, boxes: FrameBoxes, expected: Float64, margin: Float64, tracks: Intp, rows: Intp
    ) -> Float64:
        """(T, N) how well strong boxes continue tracklets, 0 where they do not."""
        s, state = self._settings, self._state
        near = buffered_iou(expected[tracks], boxes.xyxy[rows], margin)
        score = near * (0.5 + 0.5 * boxes.confidence[rows])[None, :]
        score[boxes.group[rows][None, :] != state.group[tracks][:, None]] = 0.0
        if boxes.vectors is not None:
            i, j = np.nonzero(score > 0.02)
            llr = self._looks.llr(tracks[i], boxes.vectors[rows[j]])
            alike = 1.0 / (1.0 + np.exp(-llr))
            score[i, j] = (1.0 - s.looks) * score[i, j] + s.looks * alike
            late = boxes.t_s - state.t_hit[tracks[i]] > self._memory_s(blind=True) + 1e-9
            score[i, j] *= ~late | (llr >= s.confirm_llr)
            accept = (1.0 - s.looks) * s.accept + s.looks * 0.5
            return np.where(score >= accept, score, 0.0)
        return np.where(score >= s.accept, score, 0.0)

    def _recovery(
        self,
        boxes: FrameBoxes,
        vectors: Float32,
        mean: Float64,
        tracks: Intp,
        rows: Intp,
    ) -> Float64:
        """(T, N) how surely lost tracklets reappear in boxes within reach that look like them."""
        s, state = self._settings, self._state
        place, size = mean[tracks], boxes.centre_size[rows]
        gap = boxes.t_s - state.t_hit[tracks]
        far = np.hypot(
            place[:, None, 0] - size[None, :, 0], place[:, None, 1] - size[None, :, 1]
        ) / np.clip(place[:, None, 3], 1.0, None)
        ratio = size[None, :, 3] / np.clip(place[:, None, 3], 1.0, None)
        reachable = far < 0.5 + 2.0 * np.sqrt(gap)[:, None]
        reachable &= (ratio > 0.6) & (ratio < 1.6)
        reachable &= boxes.group[rows][None, :] == state.group[tracks][:, None]
        score = np.zeros(far.shape)
        i, j = np.nonzero(reachable)
        score[i, j] = self._looks.llr(tracks[i], vectors[rows[j]])
        score = without_rivals(score, s.recover_margin)
        return np.where(score >= s.recover_llr, score, 0.0)

    def _remember_looks(self, boxes: FrameBoxes, tracks: Intp, rows: Intp) -> None:
        """Learn from the clean crops of this frame; tracks, rows: (M,) who got which box."""
        if boxes.vectors is None:
            return
        embedded = np.any(boxes.vectors[rows] != 0.0, axis=1)
        clean = embedded & (boxes.confidence[rows] >= _CLEAN_CONFIDENCE)
        clean &= hidden(boxes.xyxy, boxes.confidence)[rows] < _CLEAN_COVER
        tracks, rows = tracks[clean], rows[clean]
        vectors = boxes.vectors[rows]
        self._looks.take_in(vectors)
        unrivalled = boxes.shade[rows] < 0.1
        same = self._looks.cosine(tracks, vectors)[unrivalled]
        order = np.argsort(boxes.group[rows], kind="stable")  # strangers of one kind, two each
        i, j = (
            np.concatenate([order[:-k] if side else order[k:] for k in (1, 2)]) for side in (0, 1)
        )
        kin = boxes.group[rows[i]] == boxes.group[rows[j]]
        self._looks.learn(same, self._looks.cosine(tracks[i[kin]], vectors[j[kin]]))
        trust = (boxes.confidence[rows] - _CLEAN_CONFIDENCE) / (1.0 - _CLEAN_CONFIDENCE)
        self._looks.update(tracks, vectors, trust, boxes.t_s)

    # --- what is remembered ------------------------------------------------------------------

    def _follow_camera(self, camera: CameraStep) -> None:
        """Move everything remembered as the picture moved; forget it where the scene is another."""
        if camera.cut:
            self._keep(np.zeros(len(self._state), np.bool_))
        elif camera.moves:
            self._state.move_with(camera)

    def _forget(self, t_s: float, *, blind: bool) -> None:
        memory_s = np.where(
            self._state.hits >= 2,
            self._memory_s(blind=blind),
            max(self._settings.tentative_s, 1.5 * self._known_interval_s()),
        )
        self._keep(t_s - self._state.t_hit <= memory_s + 1e-9)

    def _memory_s(self, *, blind: bool) -> float:
        """How long a confirmed tracklet is remembered; blind: without looks that confirm it."""
        s = self._settings
        return max(s.blind_memory_s if blind else s.memory_s, 3.0 * self._known_interval_s())

    def _known_interval_s(self) -> float:
        return self._interval_s if np.isfinite(self._interval_s) else 0.0

    def _keep(self, rows: Bool) -> None:
        self._state.keep(rows)
        self._looks.keep(rows)

    def _margin(self, gap: Float64, sure: Bool) -> Float64:
        """How far boxes are grown: by the time unseen, and more while the speed is unknown."""
        s = self._settings
        margin = s.margin + s.margin_per_root_s * np.sqrt(gap) + np.where(sure, 0.0, gap)
        return np.minimum(margin, s.margin_limit)

    def _give_birth(self, boxes: FrameBoxes, rows: Intp) -> Int32:
        n = len(rows)
        ids = np.arange(self._born, self._born + n, dtype=np.int32)
        self._born += n
        while self._born > len(self._confirmed):
            self._confirmed = np.concatenate([self._confirmed, np.zeros_like(self._confirmed)])
        self._state.give_birth(
            ids, boxes.centre_size[rows], boxes.confidence[rows], boxes.group[rows], boxes.t_s
        )
        self._looks.give_birth(n)
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
