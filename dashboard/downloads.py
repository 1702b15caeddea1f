"""HTTP routes for an answer as a file: JSON, CSV, a zip of clips."""

from __future__ import annotations

from starlette.routing import Route


def routes() -> list[Route]:
    return []
