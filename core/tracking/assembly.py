"""The path of a track from the boxes of its tracklets, short gaps filled and marked as filled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.detections import Detections, Float64, Int32
from core.geometry import clip
from core.tracks import FrameSize, Path

_LEAST_BOTH = 0.5  # of two objects' joint life, between the first and last frame that shows both


def path_of(detections: Detections, rows: npt.NDArray[np.intp], longest_gap_s: float) -> Path:
    """Path through the given detection rows (ordered by time).

    Gaps up to `longest_gap_s` get boxes on a straight line, at the frames that were looked at;
    they are flagged and their confidence is 0.
    """
    frame, t_s = detections.frame[rows], detections.t_s[rows]
    fill_frame, fill_t_s, fill_boxes = _filling(detections, rows, longest_gap_s)
    order = np.argsort(np.concatenate([frame, fill_frame]), kind="stable")
    n, extra = len(rows), len(fill_frame)
    return Path(
        frame=np.concatenate([frame, fill_frame])[order].astype(np.int32),
        t_s=np.concatenate([t_s, fill_t_s])[order],
        xyxy=np.concatenate([detections.xyxy[rows], fill_boxes])[order].astype(np.float32),
        confidence=np.concatenate([detections.confidence[rows], np.zeros(extra, np.float32)])[
            order
        ].astype(np.float32),
        interpolated=np.concatenate([np.zeros(n, np.bool_), np.ones(extra, np.bool_)])[order],
    )


def _filling(
    detections: Detections, rows: npt.NDArray[np.intp], longest_gap_s: float
) -> tuple[Int32, Float64, Float64]:
    """Frames, times and boxes inside the path's short gaps."""
    frame, t_s = detections.frame[rows], detections.t_s[rows]
    steps = np.diff(frame)
    step = int(np.median(steps)) if len(steps) else 1
    frames: list[int] = []
    times: list[float] = []
    gaps = np.flatnonzero((np.diff(t_s) <= longest_gap_s) & (steps > 1))
    for g in gaps:
        low = int(np.searchsorted(detections.frame, frame[g], side="right"))
        high = int(np.searchsorted(detections.frame, frame[g + 1], side="left"))
        seen, first = np.unique(detections.frame[low:high], return_index=True)
        if len(seen):  # frames in which something else was found
            frames.extend(seen.tolist())
            times.extend(detections.t_s[low + first].tolist())
            continue
        count = round(int(steps[g]) / max(step, 1)) - 1
        for k in range(1, count + 1):
            share = k / (count + 1)
            frames.append(int(frame[g] + round(share * int(steps[g]))))
            times.append(float(t_s[g] + share * (t_s[g + 1] - t_s[g])))
    when = np.array(times, np.float64)
    boxes = np.stack(
        [np.interp(when, t_s, detections.xyxy[rows, c].astype(np.float64)) for c in range(4)],
        axis=1,
    )
    return np.array(frames, np.int32), when, boxes


def joint_path(one: Sequence[Path], other: Sequence[Path], frame_size: FrameSize) -> Path:
    """The path of two objects that are one: the union of their boxes.

    one, other: the pieces of each, at least one of `other`; where frames have several, the earlier
    piece counts. Where only one of the two is found, a box that shrank to it would look like going
    away from the camera; so its edges keep the distance from the union's that was measured around
    that time, in heights of the box that is found. Where both are found together for less than
    half of the joint life, the path is that of the one found more often, untouched.
    """
    b = _merged(other)
    if not one:
        return b
    a = _merged(one)
    _, i, j = np.intersect1d(a.frame, b.frame, assume_unique=True, return_indices=True)
    life_s = max(a.t_s[-1], b.t_s[-1]) - min(a.t_s[0], b.t_s[0])
    if len(i) < 2 or a.t_s[i[-1]] - a.t_s[i[0]] < _LEAST_BOTH * life_s:
        return a if len(a) > len(b) else b
    union = np.concatenate(
        [np.minimum(a.xyxy[i, :2], b.xyxy[j, :2]), np.maximum(a.xyxy[i, 2:], b.xyxy[j, 2:])], axis=1
    ).astype(np.float64)
    frame = np.union1d(a.frame, b.frame).astype(np.int32)
    t_s, xyxy = np.zeros(len(frame)), np.zeros((len(frame), 4))
    confidence = np.zeros(len(frame), np.float32)
    interpolated = np.ones(len(frame), np.bool_)
    for path, both in ((a, i), (b, j)):
        at = np.searchsorted(frame, path.frame)
        t_s[at] = path.t_s
        xyxy[at] = _completed(path, both, union)
        confidence[at] = np.maximum(confidence[at], path.confidence)
        interpolated[at] &= path.interpolated
    xyxy[np.searchsorted(frame, a.frame[i])] = union
    inside = clip(xyxy, frame_size.width, frame_size.height).astype(np.float32)
    return Path(frame, t_s, inside, confidence, interpolated)


def _completed(path: Path, both: npt.NDArray[np.intp], union: Float64) -> Float64:
    """Boxes grown on every side by what the union had more, in box heights, where both were."""
    boxes = path.xyxy.astype(np.float64)
    height = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    more = (union - boxes[both]) / height[both, None]
    grown = [np.interp(path.t_s, path.t_s[both], more[:, c]) for c in range(4)]
    return np.asarray(boxes + np.stack(grown, axis=1) * height[:, None], np.float64)


def _merged(paths: Sequence[Path]) -> Path:
    """Pieces as one path; of several boxes in a frame the one of the earlier piece."""
    if len(paths) == 1:
        return paths[0]
    frame = np.concatenate([path.frame for path in paths])
    _, rows = np.unique(frame, return_index=True)
    return Path(
        frame=frame[rows],
        t_s=np.concatenate([path.t_s for path in paths])[rows],
        xyxy=np.concatenate([path.xyxy for path in paths])[rows],
        confidence=np.concatenate([path.confidence for path in paths])[rows],
        interpolated=np.concatenate([path.interpolated for path in paths])[rows],
    )
