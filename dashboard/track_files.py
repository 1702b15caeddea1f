"""HTTP routes for the tracks of a video as files, and for clips with them drawn in."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import PurePath
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core.errors import VidtrailError
from core.library.export import export_lines
from core.library.library import Library
from dashboard.clip_desk import ClipOrder, clip_desk
from dashboard.overlays import edition
from dashboard.services import services

log = logging.getLogger(__name__)

FORMS = {
    "mot": ("mot", "txt", "text/plain"),
    "coco": ("coco-vid", "json", "application/json"),
    "csv": ("csv", "csv", "text/csv"),
}
_ID = re.compile(r"[0-9a-z_-]{1,64}")
_LINES_A_PIECE = 2000


async def _asked(request: Request, answer: Callable[[Library, str], Response]) -> Response:
    """What the library answers for the id in the address; 404 for an unknown one."""
    video_id = str(request.path_params["video_id"])
    if not _ID.fullmatch(video_id) or services().untouched:
        return Response(status_code=404)

    def found() -> Response:
        library = services().library()
        if library.catalog.video(video_id) is None:
            return Response(status_code=404)
        return answer(library, video_id)

    try:
        return await run_in_threadpool(found)
    except VidtrailError as error:
        log.warning("%s: %s", request.url.path, error)
        return Response(str(error), status_code=409, media_type="text/plain")


def saved_as(name: str) -> dict[str, str]:
    """Headers that make a browser save what is sent, under this name."""
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
    }


async def _tracks(request: Request) -> Response:
    if (form := FORMS.get(str(request.path_params["form"]))) is None:
        return Response(f"There are {', '.join(FORMS)}.", status_code=404)
    name, suffix, media_type = form

    def answer(library: Library, video_id: str) -> Response:
        lines = export_lines(library.shard(video_id), name)
        stem = PurePath(library.video(video_id).name).stem
        headers = saved_as(f"{stem}-tracks.{suffix}")
        return StreamingResponse(_pieces(lines), media_type=media_type, headers=headers)

    return await _asked(request, answer)


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """Lines with their ends, many at a time: a thread is asked for each piece."""
    piece: list[str] = []
    for line in lines:
        piece.append(f"{line}\n")
        if len(piece) == _LINES_A_PIECE:
            yield "".join(piece)
            piece.clear()
    yield "".join(piece)


def _order(request: Request, library: Library, video_id: str) -> ClipOrder | None:
    """The clip that an address means; None where it means none."""
    try:
        t0_s, t1_s = (float(request.query_params[name]) for name in ("t0", "t1"))
        asked = request.query_params.get("o")
        track_id = None if asked is None else library.resolve(video_id, int(asked))
    except (KeyError, ValueError):
        return None
    duration_s = library.video(video_id).duration_s
    t0_s, t1_s = max(0.0, t0_s), min(t1_s, duration_s + 1.0)
    if not t0_s < t1_s:
        return None
    told = edition(library, library.shard(video_id))
    return ClipOrder(video_id, t0_s, t1_s, track_id, told)


_NO_SPAN = "t0 and t1 are seconds, t0 the smaller one; o is the number of a track."


async def _clip_state(request: Request) -> Response:
    def answer(library: Library, video_id: str) -> Response:
        if (order := _order(request, library, video_id)) is None:
            return JSONResponse({"error": _NO_SPAN}, status_code=400)
        state = clip_desk().ask(library, order)
        told = {"done": round(state.done, 3), "ready": state.path is not None, "error": state.error}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    return await _asked(request, answer)


async def _clip(request: Request) -> Response:
    def answer(library: Library, video_id: str) -> Response:
        if (order := _order(request, library, video_id)) is None:
            return Response(_NO_SPAN, status_code=400, media_type="text/plain")
        if (path := clip_desk().ready(order)) is None:
            state = clip_desk().ask(library, order)
            said = state.error or f"The clip is being made, {state.done:.0%} done: ask again."
            headers = {"Retry-After": "2"}
            return Response(said, status_code=503, media_type="text/plain", headers=headers)
        stem = PurePath(library.video(video_id).name).stem
        headers = saved_as(f"{stem}-{order.t0_s:.1f}-{order.t1_s:.1f}s.mp4")
        return FileResponse(path, media_type="video/mp4", headers=headers)

    return await _asked(request, answer)


def routes() -> list[Route]:
    return [
        Route("/api/tracks/{video_id}/{form}", _tracks),
        Route("/api/clips/{video_id}.json", _clip_state),
        Route("/api/clips/{video_id}.mp4", _clip),
    ]
