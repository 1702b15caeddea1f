"""Addresses of pictures and videos, made in one place."""

from __future__ import annotations

ICON_URL = "/api/icon.png"


def video_url(video_id: str) -> str:
    return f"/api/videos/{video_id}"


def moment_url(video_id: str, t0_s: float, t1_s: float) -> str:
    """The video as a media fragment [t0_s, t1_s]: a browser plays that span and pauses."""
    return f"{video_url(video_id)}#t={max(t0_s, 0.0):.3f},{t1_s:.3f}"


def poster_url(video_id: str) -> str:
    return f"/api/videos/{video_id}/poster.jpg"


def crop_url(video_id: str, crop_id: int) -> str:
    return f"/api/crops/{video_id}/{crop_id}.jpg"
