"""From the engine's answers and the catalog's records to what pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboard.views import PathView, VideoView, clock

if TYPE_CHECKING:
    from core.library.catalog import VideoRecord
    from core.tracks import FrameSize, Path

DRAWN_HZ = 10


def video_view(record: VideoRecord) -> VideoView:
    return VideoView(
        id=record.video_id,
        name=record.name,
        length=clock(record.duration_s),
        duration_s=record.duration_s,
        objects=record.n_tracks,
        state=record.state,
        error=record.error or None,
    )


def path_view(path: Path, size: FrameSize, t0_s: float, t1_s: float) -> PathView:
    """A span of a path for drawing over the video, at most `DRAWN_HZ` boxes a second."""
    rows = np.flatnonzero((path.t_s >= t0_s) & (path.t_s <= t1_s))
    if len(rows):
        ticks = np.floor(path.t_s[rows] * DRAWN_HZ)
        rows = rows[np.diff(ticks, prepend=-1.0) > 0]
    scale = np.array([size.width, size.height] * 2, np.float64)
    boxes = np.clip(path.xyxy[rows] / scale, 0.0, 1.0).round(4)
    return PathView(path.t_s[rows].round(3).tolist(), boxes.tolist())
