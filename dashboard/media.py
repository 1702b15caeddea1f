"""HTTP routes for video and pictures: little memory, HTTP Range, kept by the browser.

Addresses hold ids, never paths; an id that the library does not know answers 404.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard.links import ICON_URL
from dashboard.services import services

_ICON = Path(__file__).with_name("assets") / "icon.png"
_ID = re.compile(r"[0-9a-z_-]{1,64}")
_NOT_FOUND = 404
_KEEP = "private, max-age=3600"


def _id_of(request: Request) -> str | None:
    video_id = str(request.path_params["video_id"])
    return video_id if _ID.fullmatch(video_id) else None


def _picture(jpeg: bytes | None) -> Response:
    if jpeg is None:
        return Response(status_code=_NOT_FOUND)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": _KEEP})


async def _video(request: Request) -> Response:
    video_id = _id_of(request)
    path = await run_in_threadpool(services().video_file, video_id) if video_id else None
    if path is None:
        return Response(status_code=_NOT_FOUND)
    return FileResponse(path, headers={"Cache-Control": _KEEP})


async def _poster(request: Request) -> Response:
    video_id = _id_of(request)
    return _picture(await run_in_threadpool(services().poster, video_id) if video_id else None)


async def _crop(request: Request) -> Response:
    video_id, crop_id = _id_of(request), int(request.path_params["crop_id"])
    return _picture(
        await run_in_threadpool(services().crop, video_id, crop_id) if video_id else None
    )


async def _path(request: Request) -> Response:
    video_id, track_id = _id_of(request), int(request.path_params["track_id"])
    try:
        span = [float(request.query_params[name]) for name in ("t0", "t1")]
    except (KeyError, ValueError):
        return Response("t0 and t1 are seconds", status_code=400)
    path = await run_in_threadpool(services().path, video_id, track_id, *span) if video_id else None
    if path is None:
        return Response(status_code=_NOT_FOUND)
    return JSONResponse(asdict(path), headers={"Cache-Control": _KEEP})


async def _icon(_request: Request) -> Response:
    return FileResponse(_ICON, headers={"Cache-Control": _KEEP})


def routes() -> list[Route]:
    return [
        Route(ICON_URL, _icon),
        Route("/api/videos/{video_id}", _video, methods=["GET", "HEAD"]),
        Route("/api/videos/{video_id}/poster.jpg", _poster),
        Route("/api/paths/{video_id}/{track_id:int}.json", _path),
        Route("/api/crops/{video_id}/{crop_id:int}.jpg", _crop),
    ]
