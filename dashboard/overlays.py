"""HTTP routes for what the player draws: boxes by frame, and the timeline of objects and events.

Both are answered with an ETag of the video's data, a person's edits and the file that is played;
a browser asks again each time and mostly gets 304.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import VideoError, VidtrailError
from core.library.library import Library
from core.library.shard import Shard
from core.video.times import frame_times
from dashboard.boxes import Span, packed, sampled_times
from dashboard.footage import Footage
from dashboard.services import services
from dashboard.timeline import timeline

log = logging.getLogger(__name__)

_ID = re.compile(r"[0-9a-z_-]{1,64}")
_KEEP = "private, no-cache"  # kept, and asked about before each use
_FOREVER_S = 1e9


def edition(library: Library, shard: Shard) -> str:
    """Changes whenever what is drawn of a video does: its data, its edits, its names."""
    labels = [(label.track_id, label.label) for label in library.notes.labels(shard.video_id)]
    told = json.dumps([shard.checksum, shard.edits, labels])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _boxes(library: Library, shard: Shard, asked: tuple[float, float]) -> bytes:
    path = Footage(library).file(shard.video_id)
    t0_s, t1_s = asked
    if path is not None:
        try:
            return packed(shard, Span(t0_s, t1_s, frame_times(path, t0_s, t1_s), exact=True))
        except VideoError as error:
            log.info("times of sampled frames instead of all: %s", error)
    return packed(shard, Span(t0_s, t1_s, sampled_times(shard, t0_s, t1_s), exact=False))


def _tag(library: Library, shard: Shard, path: Path | None, asked: object) -> str:
    stamp = None if path is None else (path.stat().st_size, path.stat().st_mtime_ns)
    told = repr((edition(library, shard), stamp, asked))
    return f'"{hashlib.blake2b(told.encode(), digest_size=12).hexdigest()}"'


async def _answer(
    request: Request, asked: object, media_type: str, make: Callable[[Library, Shard], bytes]
) -> Response:
    video_id = str(request.path_params["video_id"])
    if not _ID.fullmatch(video_id) or services().untouched:
        return Response(status_code=404)
    known = request.headers.get("if-none-match", "")

    def answer() -> Response:
        library = services().library()
        if library.catalog.video(video_id) is None:
            return Response(status_code=404)
        shard = library.shard(video_id)
        tag = _tag(library, shard, Footage(library).file(video_id), asked)
        headers = {"ETag": tag, "Cache-Control": _KEEP}
        if tag in known:
            return Response(status_code=304, headers=headers)
        body = make(library, shard)
        if media_type == "application/octet-stream":
            # Packing megabytes of floats takes seconds and saves a third: said to be as they are.
            headers["Content-Encoding"] = "identity"
        return Response(body, media_type=media_type, headers=headers)

    try:
        return await run_in_threadpool(answer)
    except VidtrailError as error:
        log.warning("%s: %s", request.url.path, error)
        return Response(str(error), status_code=409, media_type="text/plain")


async def _overlay(request: Request) -> Response:
    try:
        t0_s = float(request.query_params.get("t0", 0.0))
        t1_s = float(request.query_params.get("t1", _FOREVER_S))
    except ValueError:
        t0_s = t1_s = 0.0
    if not 0.0 <= t0_s < t1_s <= _FOREVER_S:
        return Response("t0 and t1 are seconds, t0 the smaller one.", status_code=400)
    asked = (t0_s, t1_s)
    return await _answer(
        request, asked, "application/octet-stream", lambda lib, shard: _boxes(lib, shard, asked)
    )


async def _timeline(request: Request) -> Response:
    def make(library: Library, shard: Shard) -> bytes:
        return json.dumps(timeline(library, shard), separators=(",", ":")).encode()

    return await _answer(request, "timeline", "application/json", make)


def routes() -> list[Route]:
    return [
        Route("/api/overlays/{video_id}.bin", _overlay),
        Route("/api/overlays/{video_id}.json", _timeline),
    ]
