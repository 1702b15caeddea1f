"""From the engine's answers and the catalog's records to what pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.views import VideoView, clock

if TYPE_CHECKING:
    from core.library.catalog import VideoRecord


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
