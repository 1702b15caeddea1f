"""How well boxes with identities agree with true ones: HOTA, CLEAR MOT and identity figures.

The figures are TrackEval's own (Luiten et al., IJCV 2021, and the reference code of MOTChallenge),
computed on arrays in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from core.detections import Bool, Float32, Float64, Int32
from core.errors import VidtrailError
from core.evaluate.sequences import TrueBoxes
from core.geometry import iou

METRICS = ("HOTA", "DetA", "AssA", "IDF1", "MOTA", "IDSW", "Frag")
COUNTS = ("IDSW", "Frag")
SAME_BOX_IOU = 0.5

Intp = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class TrackedBoxes:
    """What a tracker says of a sequence, in any order.

    frame: (N,) 0-based. track_id: (N,) at most once a frame. xyxy: (N, 4) pixels.
    """

    frame: Int32
    track_id: Int32
    xyxy: Float32

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: Intp | Bool) -> TrackedBoxes:
        return TrackedBoxes(self.frame[rows], self.track_id[rows], self.xyxy[rows])

    @staticmethod
    def empty() -> TrackedBoxes:
        return TrackedBoxes(
            np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, 4), np.float32)
        )


def score(truth: TrueBoxes, result: TrackedBoxes, frames: Int32) -> dict[str, float]:
    """METRICS of a result: rates in percent, COUNTS as counts.

    frames: (F,) the frames that are judged, ascending; rows of others are left out on both sides.
    HOTA, DetA and AssA are means over the overlaps 0.05 to 0.95; the rest asks for IoU >= 0.5.
    Raises VidtrailError when a track has two boxes in one frame.
    """
    from trackeval.metrics import CLEAR, HOTA, Identity

    data = _matched(truth, result, frames)
    quiet = {"PRINT_CONFIG": False}
    hota = HOTA().eval_sequence(data)
    clear = CLEAR(quiet).eval_sequence(data)
    identity = Identity(quiet).eval_sequence(data)
    found = {
        "HOTA": float(np.mean(hota["HOTA"])),
        "DetA": float(np.mean(hota["DetA"])),
        "AssA": float(np.mean(hota["AssA"])),
        "IDF1": float(identity["IDF1"]),
        "MOTA": float(clear["MOTA"]),
        "IDSW": float(clear["IDSW"]),
        "Frag": float(clear["Frag"]),
    }
    return {
        name: value if name in COUNTS else round(100.0 * value, 4) for name, value in found.items()
    }


def mean(scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Plain mean over sequences of every figure, counts included."""
    return {
        name: round(float(np.mean([one[name] for one in scores.values()])), 4) for name in METRICS
    }


def _matched(truth: TrueBoxes, result: TrackedBoxes, frames: Int32) -> dict[str, Any]:
    """What TrackEval's metrics are given: ids from 0 and overlaps of every judged frame."""
    order = np.argsort(result.frame, kind="stable")
    result = result.take(order)
    true_ids: list[Int32] = []
    found_ids: list[Int32] = []
    overlaps: list[Float64] = []
    for frame in frames.tolist():
        t = _rows_of(truth.frame, frame)
        r = _rows_of(result.frame, frame)
        if len(np.unique(result.track_id[r])) != r.stop - r.start:
            raise VidtrailError(f"A track has two boxes in frame {frame + 1} (counted from 1).")
        similarity = iou(truth.xyxy[t], result.xyxy[r])
        kept = ~_taken_out(similarity, truth.counts[t], truth.drops[t], truth.counting_first)
        true_ids.append(truth.object_id[t][truth.counts[t]])
        found_ids.append(result.track_id[r][kept])
        overlaps.append(similarity[truth.counts[t]][:, kept])
    true_names, true_rows = _numbered(true_ids)
    found_names, found_rows = _numbered(found_ids)
    return {
        "num_timesteps": len(frames),
        "num_gt_ids": len(true_names),
        "num_tracker_ids": len(found_names),
        "num_gt_dets": sum(len(ids) for ids in true_ids),
        "num_tracker_dets": sum(len(ids) for ids in found_ids),
        "gt_ids": true_rows,
        "tracker_ids": found_rows,
        "similarity_scores": overlaps,
    }


def _rows_of(frames: Int32, frame: int) -> slice:
    return slice(
        int(np.searchsorted(frames, frame, side="left")),
        int(np.searchsorted(frames, frame, side="right")),
    )


def _taken_out(similarity: Float64, counts: Bool, drops: Bool, counting_first: bool) -> Bool:
    """(R,) results of one frame that are judged neither right nor wrong."""
    out = np.zeros(similarity.shape[1], np.bool_)
    if not drops.any() or not len(out):
        return out
    if not counting_first:
        true, found = _pairs(similarity)
        out[found[drops[true]]] = True
        return out
    free = np.ones(len(out), np.bool_)
    free[_pairs(similarity[counts])[1]] = False
    left = np.flatnonzero(free)
    out[left[_pairs(similarity[np.ix_(drops, left)])[1]]] = True
    return out


def _pairs(similarity: Float64) -> tuple[Intp, Intp]:
    """Rows and columns of the assignment of largest total IoU, of pairs that are the same box."""
    near = np.where(similarity >= SAME_BOX_IOU - np.finfo(float).eps, similarity, 0.0)
    rows, columns = linear_sum_assignment(near, maximize=True)
    made = near[rows, columns] > 0.0
    return rows[made], columns[made]


def _numbered(ids: list[Int32]) -> tuple[Int32, list[Intp]]:
    """The different ids, and each frame's as places among them."""
    names, places = np.unique(np.concatenate([*ids, np.zeros(0, np.int32)]), return_inverse=True)
    ends = np.cumsum([len(part) for part in ids])
    return names, [part.astype(np.intp) for part in np.split(places, ends[:-1])]
