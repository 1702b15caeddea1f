"""Tracklets as parallel arrays: when and where each begins and ends, and what it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Detections, Float64, Int32
from core.geometry import at_border, centre_size
from core.tracking.camera import CameraPath
from core.tracking.classes import class_groups
from core.tracks import FrameSize

Intp = npt.NDArray[np.intp]

_WHOLE = 0.8
_END_S = 0.8  # how much of a tracklet's end speaks for its speed there


@dataclass(frozen=True, slots=True)
class Tracklets:
    """One row a tracklet, ordered by first appearance, then id.

    id: (T,). rows: per tracklet its detection rows by time. t0_s, t1_s: (T,) first and last time.
    head, tail: (T, 4) first and last box as [cx, cy, w, h], medians over a few boxes for w, h.
    head_speed, tail_speed: (T, 2) px/s at both ends. group: (T,) class group. count: (T,) boxes.
    confidence: (T,) mean. shot: (T,) between which cuts it lies. left: (T,) True where the object
    was leaving the picture at its end; came: the same for entering at its start.
    """

    id: Int32
    rows: tuple[Intp, ...]
    t0_s: Float64
    t1_s: Float64
    head: Float64
    tail: Float64
    head_speed: Float64
    tail_speed: Float64
    group: Int32
    count: Int32
    confidence: Float64
    left: Bool
    came: Bool
    shot: Int32

    def __len__(self) -> int:
        return len(self.id)

    def take(self, index: Intp) -> Tracklets:
        """Some of the rows, in the order given."""
        return Tracklets(
            self.id[index],
            tuple(self.rows[i] for i in index),
            self.t0_s[index],
            self.t1_s[index],
            self.head[index],
            self.tail[index],
            self.head_speed[index],
            self.tail_speed[index],
            self.group[index],
            self.count[index],
            self.confidence[index],
            self.left[index],
            self.came[index],
            self.shot[index],
        )


def _end(boxes: Float64, t_s: Float64, last: bool) -> tuple[Float64, Float64]:
    """Box and speed at one end: a straight line through the last (or first) `_END_S` seconds.

    Boxes that shrink there because something begins to hide the object are left out: their middle
    lags behind.
    """
    anchor = t_s[-1] if last else t_s[0]
    near = np.abs(t_s - anchor) <= _END_S
    if near.sum() < 3:
        near[(-3 if last else 0) : (None if last else 3)] = True
    area = boxes[:, 2] * boxes[:, 3]
    whole = near & (area >= _WHOLE * np.median(area[np.abs(t_s - anchor) <= 2.0 * _END_S]))
    if whole.sum() >= 3:
        near = whole
    part, when = boxes[near], t_s[near] - anchor
    size = np.median(part[:, 2:], axis=0)
    spread = float(np.square(when - when.mean()).sum())
    if len(part) < 3 or spread <= 0.0:
        edge = boxes[-1] if last else boxes[0]
        return np.concatenate([edge[:2], size]), np.zeros(2)
    slope = ((when - when.mean())[:, None] * part[:, :2]).sum(axis=0) / spread
    centre = part[:, :2].mean(axis=0) - slope * when.mean()
    return np.concatenate([centre, size]), slope


def _crossing(box: Float64, speed: Float64, size: FrameSize) -> bool:
    """Whether a box touches the border and moves out across it (negate the speed for moving in)."""
    corner = np.array(
        [[box[0] - box[2] / 2, box[1] - box[3] / 2, box[0] + box[2] / 2, box[1] + box[3] / 2]]
    )
    margin = max(3.0, 0.012 * max(size.width, size.height))
    touch = at_border(corner, size.width, size.height, margin)[0]
    outward = np.array([-speed[0], -speed[1], speed[0], speed[1]])
    return bool((touch & (outward > 0.15 * np.sqrt(max(box[2] * box[3], 1.0)))).any())


_Ends = list[tuple[tuple[Float64, Float64], tuple[Float64, Float64]]]


def _ends(boxes: Float64, t_s: Float64, pieces: Sequence[Intp]) -> _Ends:
    """(box, speed) at the start and at the end of every piece."""
    return [
        (_end(boxes[rows], t_s[rows], last=False), _end(boxes[rows], t_s[rows], last=True))
        for rows in pieces
    ]


def tracklets_of(
    detections: Detections,
    tracklet_ids: Int32,
    class_names: Sequence[str],
    frame_size: FrameSize,
    camera: CameraPath | None = None,
) -> Tracklets:
    """Summaries of all tracklets; boxes with id -1 are left out.

    camera: how it moved: ends and speeds are then those in its reference frame.
    """
    camera = camera or CameraPath.standing()
    member = np.flatnonzero(tracklet_ids >= 0)
    ordered = member[np.lexsort((detections.t_s[member], tracklet_ids[member]))]
    ids, starts = np.unique(tracklet_ids[ordered], return_index=True)
    pieces = np.split(ordered, starts[1:]) if len(ids) else []
    first = np.array([detections.t_s[rows[0]] for rows in pieces], np.float64)
    order = np.lexsort((ids, first))
    pieces = [pieces[i] for i in order]
    groups = class_groups(class_names)
    seen = centre_size(detections.xyxy)
    boxes = seen
    if camera.moves:
        boxes = centre_size(camera.stabilise(detections.frame, detections.xyxy.astype(np.float64)))
    ends = _ends(boxes, detections.t_s, pieces)
    shown = _ends(seen, detections.t_s, pieces) if camera.moves else ends
    n = len(pieces)
    head = np.array([e[0][0] for e in ends], np.float64).reshape(n, 4)
    tail = np.array([e[1][0] for e in ends], np.float64).reshape(n, 4)
    head_speed = np.array([e[0][1] for e in ends], np.float64).reshape(n, 2)
    tail_speed = np.array([e[1][1] for e in ends], np.float64).reshape(n, 2)
    return Tracklets(
        id=ids[order].astype(np.int32),
        rows=tuple(pieces),
        t0_s=first[order],
        t1_s=np.array([detections.t_s[rows[-1]] for rows in pieces], np.float64),
        head=head,
        tail=tail,
        head_speed=head_speed,
        tail_speed=tail_speed,
        group=np.array([_group(detections, rows, groups) for rows in pieces], np.int32),
        count=np.array([len(rows) for rows in pieces], np.int32),
        confidence=np.array([detections.confidence[rows].mean() for rows in pieces], np.float64),
        left=np.array([_crossing(box, speed, frame_size) for _, (box, speed) in shown], np.bool_),
        came=np.array([_crossing(box, -speed, frame_size) for (box, speed), _ in shown], np.bool_),
        shot=camera.shot(np.array([detections.frame[rows[0]] for rows in pieces], np.int32)),
    )


def _group(detections: Detections, rows: Intp, groups: Int32) -> int:
    """The class group of most boxes, sure ones counting more."""
    weight = np.square(detections.confidence[rows].astype(np.float64))
    return int(np.argmax(np.bincount(groups[detections.class_id[rows]], weight)))


def seen_together(tracklets: Tracklets) -> Bool:
    """(T, T) True where two tracklets' times overlap: they cannot be one object."""
    t0, t1 = tracklets.t0_s, tracklets.t1_s
    return np.asarray((t0[:, None] <= t1[None, :]) & (t0[None, :] <= t1[:, None]), np.bool_)
