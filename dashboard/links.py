"""Addresses of pictures and videos, made in one place."""

from __future__ import annotations

from urllib.parse import urlencode

ICON_URL = "/api/icon.png"


def video_url(video_id: str) -> str:
    return f"/api/videos/{video_id}"


def moment_url(video_id: str, t0_s: float, t1_s: float) -> str:
    """The video as a media fragment [t0_s, t1_s]: a browser plays that span and pauses."""
    return f"{video_url(video_id)}#t={max(t0_s, 0.0):.3f},{t1_s:.3f}"


def poster_url(video_id: str) -> str:
    return f"/api/videos/{video_id}/poster.jpg"


def path_url(video_id: str, track_id: int, t0_s: float, t1_s: float) -> str:
    """Where a track was from t0_s to t1_s, as JSON."""
    return f"/api/paths/{video_id}/{track_id}.json?t0={t0_s:.3f}&t1={t1_s:.3f}"


def crop_url(video_id: str, crop_id: int) -> str:
    return f"/api/crops/{video_id}/{crop_id}.jpg"


def watch_url(video_id: str, t_s: float | None = None, track_id: int | None = None) -> str:
    """The page that plays a video, at a time and with an object chosen."""
    asked = {"v": video_id}
    if t_s is not None:
        asked["t"] = f"{t_s:.2f}"
    if track_id is not None:
        asked["o"] = str(track_id)
    return f"/watch?{urlencode(asked)}"
