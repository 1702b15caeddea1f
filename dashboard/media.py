"""HTTP routes for video and pictures: little memory, HTTP Range, kept by the browser.

Addresses hold ids, never paths; an id that the library does not know answers 404.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.errors import VidtrailError
from dashboard.footage import Footage
from dashboard.services import services

log = logging.getLogger(__name__)
_T = TypeVar("_T")

_ICON = Path(__file__).with_name("assets") / "icon.png"
_ID = re.compile(r"[0-9a-z_-]{1,64}")
_NOT_FOUND = 404
_WIDEST_PX = 8192
_TYPES = {".webm": "video/webm", ".mkv": "video/x-matroska", ".avi": "video/x-msvideo"}
_KEEP = "private, max-age=3600"


async def _asked(request: Request, ask: Callable[[Footage, str], _T | None]) -> _T | None:
    """What the library has for the id in the address; a library that fails is logged."""
    video_id = str(request.path_params["video_id"])
    if not _ID.fullmatch(video_id) or services().untouched:
        return None

    def answer() -> _T | None:
        return ask(Footage(services().library()), video_id)

    try:
        return await run_in_threadpool(answer)
    except VidtrailError as error:
        log.warning("%s: %s", request.url.path, error)
        return None


def _picture(jpeg: bytes | None) -> Response:
    if jpeg is None:
        return Response(status_code=_NOT_FOUND)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": _KEEP})


async def _video(request: Request) -> Response:
    path = await _asked(request, Footage.file)
    if path is None:
        return Response(status_code=_NOT_FOUND)
    return FileResponse(path, media_type=_media_type(path), headers={"Cache-Control": _KEEP})


def _media_type(path: Path) -> str:
    # Always a kind of video: Streamlit would compress anything else on its way, parts included.
    return _TYPES.get(path.suffix.lower(), "video/mp4")


async def _still(request: Request) -> Response:
    asked = request.query_params
    try:
        t_s, width_px = float(asked["t"]), int(asked["w"]) if "w" in asked else None
    except (KeyError, ValueError):
        return Response("t is in seconds, w in pixels", status_code=400)
    if not math.isfinite(t_s) or (width_px is not None and not 0 < width_px <= _WIDEST_PX):
        return Response("t or w is out of bounds", status_code=400)
    return _picture(
        await _asked(request, lambda footage, video: footage.still(video, t_s, width_px))
    )


async def _poster(request: Request) -> Response:
    return _picture(await _asked(request, Footage.poster))


async def _crop(request: Request) -> Response:
    crop_id = int(request.path_params["crop_id"])
    return _picture(await _asked(request, lambda footage, video: footage.crop(video, crop_id)))


async def _icon(_request: Request) -> Response:
    return FileResponse(_ICON, headers={"Cache-Control": _KEEP})


def routes() -> list[Route]:
    return [
        Route("/api/icon.png", _icon),
        Route("/api/videos/{video_id}", _video, methods=["GET", "HEAD"]),
        Route("/api/videos/{video_id}/poster.jpg", _poster),
        Route("/api/videos/{video_id}/still.jpg", _still),
        Route("/api/crops/{video_id}/{crop_id:int}.jpg", _crop),
    ]
