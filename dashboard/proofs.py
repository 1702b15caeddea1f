"""HTTP routes that draw what proves a part of a question on a still of its video."""

from __future__ import annotations

from starlette.routing import Route


def routes() -> list[Route]:
    return []
