"""HTTP route for the boxes of a video by frame, as the player draws them."""

from __future__ import annotations

from starlette.routing import Route


def routes() -> list[Route]:
    return []
