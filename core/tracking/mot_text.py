"""Boxes in MOTChallenge text: what trackers, detectors and truth are exchanged in.

A line a box: frame from 1, id (-1 for none), left, top, width, height, confidence, and two or three
more columns that differ between layouts. Corners are taken as they stand: the first pixel is
called 1 by some and 0 by others, and a pixel decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64, Int32
from core.errors import VidtrailError

_FEWEST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class MotRows:
    """Boxes of one file, ordered by frame; within a frame as in the file.

    frame: (N,) 0-based. id: (N,). xyxy: (N, 4) pixels. confidence: (N,) as written, 1 where the
    column is missing. more: (N, K) the columns after the confidence.
    """

    frame: Int32
    id: Int32
    xyxy: Float32
    confidence: Float32
    more: Float64

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: npt.NDArray[np.intp] | slice) -> MotRows:
        return MotRows(
            self.frame[rows], self.id[rows], self.xyxy[rows], self.confidence[rows], self.more[rows]
        )

    def of_frame(self, frame: int) -> slice:
        """The rows of one frame, 0-based."""
        low, high = np.searchsorted(self.frame, [frame, frame + 1])
        return slice(int(low), int(high))


def read_mot(path: Path) -> MotRows:
    """Read a file, columns parted by commas or blanks; an empty file gives no rows.

    Raises VidtrailError, one sentence, where it cannot be read or is no such text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no text"
        raise VidtrailError(f"{path} cannot be read: {reason}.") from None
    lines = [line.replace(",", " ") for line in text.splitlines() if line.strip()]
    if not lines:
        return _rows(np.zeros((0, _FEWEST_COLUMNS + 1)))
    try:
        table = np.loadtxt(lines, ndmin=2)
    except ValueError:
        raise VidtrailError(
            f"{path} is no MOTChallenge text: each line holds the same count of numbers, "
            "frame, id, left, top, width, height, confidence."
        ) from None
    if table.shape[1] < _FEWEST_COLUMNS or not np.isfinite(table[:, :_FEWEST_COLUMNS]).all():
        raise VidtrailError(
            f"{path} is no MOTChallenge text: a line holds frame, id, left, top, width, height."
        )
    if table[:, 0].min() < 1:
        raise VidtrailError(f"{path} counts its frames from 0; MOTChallenge text counts from 1.")
    return _rows(table)


def _rows(table: Float64) -> MotRows:
    table = table[np.argsort(table[:, 0], kind="stable")]
    n, columns = table.shape
    corners = np.concatenate([table[:, 2:4], table[:, 2:4] + table[:, 4:6]], axis=1)
    confidence = table[:, 6] if columns > _FEWEST_COLUMNS else np.ones(n)
    return MotRows(
        frame=(table[:, 0] - 1).astype(np.int32),
        id=table[:, 1].astype(np.int32),
        xyxy=corners.astype(np.float32),
        confidence=confidence.astype(np.float32),
        more=table[:, 7:],
    )


def mot_lines(frame: Int32, ids: Int32, xyxy: Float32, confidence: Float32) -> Iterator[str]:
    """Result lines of ten columns, ordered by frame and id, as trackers hand them in.

    frame: (N,) 0-based. ids: (N,). xyxy: (N, 4) pixels. confidence: (N,).
    """
    for row in np.lexsort((ids, frame)):
        left, top, right, bottom = (float(corner) for corner in xyxy[row])
        yield (
            f"{int(frame[row]) + 1},{int(ids[row])},{left:.2f},{top:.2f},{right - left:.2f},"
            f"{bottom - top:.2f},{float(confidence[row]):.4f},-1,-1,-1"
        )
