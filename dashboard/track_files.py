"""HTTP routes for the tracks of a video as files, and for clips with them drawn in."""

from __future__ import annotations

from starlette.routing import Route


def routes() -> list[Route]:
    return []
