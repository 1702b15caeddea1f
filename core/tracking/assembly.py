"""The path of a track from the boxes of its tracklets, short gaps filled and marked as filled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.detections import Detections, Float64, Int32
from core.tracks import Path


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
