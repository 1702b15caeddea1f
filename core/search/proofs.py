"""What shows that a part holds, as plain data that can be drawn: a crop, a piece of a path.

Boxes and points are shares of the picture's width and height, x right, y down, so that they fit
the video at any size.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.detections import Float32, Float64
from core.library.shard import Shard
from core.search.columns import Columns

_TOLERANCE = 0.004  # of the picture: a line this close to the path is as good as the path
_MOST_POINTS = 48
_LEAST_COLOUR = 0.05


def crop_proof(shard: Shard, crop_id: int) -> dict[str, Any]:
    """{video_id, crop_id, frame, t_s, box, crop_colours} of a crop; {} for -1, which is none.

    crop_colours: what was read from the pixels of this crop alone, the largest shares first.
    """
    crops = shard.crops()
    if not 0 <= crop_id < len(crops):
        return {}
    proof: dict[str, Any] = {
        "video_id": shard.video_id,
        "crop_id": crop_id,
        "frame": int(crops.frame[crop_id]),
        "t_s": round(float(crops.t_s[crop_id]), 3),
        "box": _shares(shard, crops.xyxy[crop_id].reshape(2, 2)).ravel().tolist(),
    }
    if crops.colour.shape[1:] == (len(COLOURS),) and (seen := top_colours(crops.colour[crop_id])):
        proof["crop_colours"] = seen
    return proof


def best_crop(columns: Columns, row: int) -> dict[str, Any]:
    """The proof by the picture that shows a track best."""
    return crop_proof(columns.shard_of(row), int(columns.best_crop[row]))


def crop_of_colour(columns: Columns, row: int, posterior: Float32) -> dict[str, Any]:
    """The proof by the crop whose own pixels speak most clearly for the track's colour."""
    shard = columns.shard_of(row)
    crops = shard.crops()
    mine = np.flatnonzero(crops.track_id == columns.track_id[row])
    if not len(mine) or crops.colour.shape[1:] != (len(COLOURS),):
        return best_crop(columns, row)
    share = crops.colour[mine][:, int(np.argmax(posterior))]
    best = mine[int(np.lexsort((crops.quality[mine], share.round(2)))[-1])]
    return crop_proof(shard, int(crops.crop_id[best]))


def top_colours(posterior: Float32) -> dict[str, float]:
    """The three colours with the largest shares, largest first."""
    best = [int(k) for k in np.argsort(-posterior, kind="stable")[:3]]
    return {COLOURS[k]: round(float(posterior[k]), 3) for k in best if posterior[k] > _LEAST_COLOUR}


def path_piece(shard: Shard, track_id: int, t0_s: float, t1_s: float) -> dict[str, Any]:
    """{t0_s, t1_s, seconds, frame0, frame1, points} of a track's path between two times.

    points: centres of its boxes, without those that a straight line between the others gives.
    """
    piece: dict[str, Any] = {
        "t0_s": round(t0_s, 3),
        "t1_s": round(t1_s, 3),
        "seconds": round(t1_s - t0_s, 3),
    }
    path = shard.path_of(track_id)
    if not len(path):
        return piece
    first, last = np.searchsorted(path.t_s, [t0_s - 1e-6, t1_s + 1e-6])
    first = min(int(first), len(path) - 1)
    last = max(first, min(int(last), len(path)) - 1)
    boxes = path.xyxy[first : last + 1].astype(np.float64)
    centres = _shares(shard, (boxes[:, :2] + boxes[:, 2:]) / 2.0)
    points = simplified(centres, _TOLERANCE, _MOST_POINTS)
    return piece | {
        "frame0": int(path.frame[first]),
        "frame1": int(path.frame[last]),
        "points": points.tolist(),
    }


def simplified(points: Float64, tolerance: float, most: int) -> Float64:
    """(M, 2) those of the (N, 2) points of a polyline that keep its shape, ends included.

    All others are within `tolerance` of the line; more, where it takes that for at most `most`
    (Douglas and Peucker, 1973).
    """
    line = np.asarray(points, np.float32)
    if len(line) < 3:
        return np.asarray(points, np.float64)
    away = np.square(line - line[0]).sum(axis=1)
    far = len(line) - 1 - int(np.argmax(away[::-1]))  # OpenCV wants ends that differ
    while True:
        there = _reduced(line[: far + 1], tolerance)
        back = _reduced(line[far:], tolerance)
        kept = np.concatenate([there, back[1:]])
        if len(kept) <= most:
            return np.asarray(kept, np.float64).round(4)
        tolerance *= 2.0


def _reduced(line: Float32, tolerance: float) -> Float32:
    if len(line) < 3:
        return line
    kept = cv2.approxPolyDP(line.reshape(-1, 1, 2), tolerance, closed=False)
    return np.asarray(kept, np.float32).reshape(-1, 2)


def _shares(shard: Shard, points: npt.NDArray[Any]) -> Float64:
    """(N, 2) pixels as shares of the picture, to four places."""
    size = np.array([shard.meta.width, shard.meta.height], np.float64)
    return np.asarray((points / size).round(4), np.float64)
