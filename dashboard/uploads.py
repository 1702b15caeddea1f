"""HTTP routes by which files come in: streamed to disk, never held in memory."""

from __future__ import annotations

from starlette.routing import Route


def routes() -> list[Route]:
    return []
