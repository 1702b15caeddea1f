"""HTTP route that draws what proves a part of a question on a still of its video.

An address names a drawing, a video, and the tracks and times it is of; what is drawn comes from the
library. Drawings are kept by the browser, and the last ones here.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.detections import Image
from core.errors import VidtrailError
from core.search.proof_stills import ProofStills
from core.video.stills import encode_jpeg
from dashboard.footage import Footage
from dashboard.overlays import edition
from dashboard.services import Services, services

log = logging.getLogger(__name__)

Asked = Mapping[str, str]
Drawing = Callable[[ProofStills], Image]

_ID = re.compile(r"[0-9a-z_-]{1,64}")
_KEEP = "private, max-age=600"
_KEPT_BYTES = 32 * 2**20
_QUALITY = 85
_MOST_OTHERS = 16
_LONGEST = 2000  # characters of what is drawn
_AT_ONCE = 2  # drawings; each decodes up to a keyframe's distance of frames


class Drawings:
    """Draws stills of one library and keeps the last ones; any thread may ask.

    Raises VidtrailError where the library or the video's file cannot be read.
    """

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._drawing = threading.BoundedSemaphore(_AT_ONCE)
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    def tag(self, kind: str, video_id: str, asked: Asked) -> str | None:
        """Changes when the drawing would; None for a video that the library has not."""
        library = self._desk.library()
        if library.catalog.video(video_id) is None:
            return None
        zones = [(zone.name, zone.points) for zone in library.zones.all()] if "z" in asked else []
        told = repr((kind, edition(library, library.shard(video_id)), sorted(asked.items()), zones))
        return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()

    def jpeg(self, tag: str, video_id: str, draw: Drawing) -> bytes | None:
        """The drawing as a JPEG file; None for a video whose file has gone."""
        with self._lock:
            if (kept := self._kept.get(tag)) is not None:
                self._kept.move_to_end(tag)
                return kept
        library = self._desk.library()
        path = Footage(library).file(video_id)
        if path is None:
            return None
        with self._drawing:
            stills = ProofStills(library, library.shard(video_id), path)
            drawn = encode_jpeg(draw(stills), _QUALITY)
        with self._lock:
            self._bytes += len(drawn) - len(self._kept.pop(tag, b""))
            self._kept[tag] = drawn
            while self._bytes > _KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return drawn


def _object(asked: Asked) -> Drawing:
    ids, (t0_s, t1_s) = _ids(asked, "o"), _span(asked)
    return lambda stills: stills.close_up(ids, t0_s, t1_s)


def _path(asked: Asked) -> Drawing:
    track_id, (t0_s, t1_s) = _ids(asked, "o")[0], _span(asked)
    others = _ids(asked, "with") if "with" in asked else ()
    event, drawn = asked.get("e", ""), asked.get("z", "")
    if len(drawn) > _LONGEST:
        raise ValueError("z is too long")
    return lambda stills: stills.path(track_id, t0_s, t1_s, others=others, event=event, drawn=drawn)


def _group(asked: Asked) -> Drawing:
    ids, t_s = (_ids(asked, "o")[0], *_ids(asked, "with")), _seconds(asked, "t")
    return lambda stills: stills.group(ids, t_s)


def _crop(asked: Asked) -> Drawing:
    crop_id = _ids(asked, "c")[0]
    return lambda stills: stills.crop(crop_id)


def _scene(asked: Asked) -> Drawing:
    t_s = _seconds(asked, "t")
    return lambda stills: stills.scene(t_s)


_KINDS: dict[str, Callable[[Asked], Drawing]] = {
    "object": _object,
    "path": _path,
    "group": _group,
    "crop": _crop,
    "scene": _scene,
}


def _ids(asked: Asked, name: str) -> tuple[int, ...]:
    ids = tuple(int(text) for text in asked[name].split(","))
    if len(ids) > _MOST_OTHERS or min(ids) < 0:
        raise ValueError(f"{name}: at most {_MOST_OTHERS} numbers from 0 on")
    return ids


def _seconds(asked: Asked, name: str) -> float:
    value = float(asked[name])
    if not 0.0 <= value < 1e9:
        raise ValueError(f"{name}: seconds from 0 on")
    return value


def _span(asked: Asked) -> tuple[float, float]:
    return _seconds(asked, "t0"), _seconds(asked, "t1")


@lru_cache(maxsize=1)
def _drawings(desk: Services) -> Drawings:
    return Drawings(desk)


async def _proof(request: Request) -> Response:
    kind, video_id = (str(request.path_params[name]) for name in ("kind", "video_id"))
    if kind not in _KINDS or not _ID.fullmatch(video_id) or services().untouched:
        return Response(status_code=404)
    asked = dict(request.query_params)
    try:
        draw = _KINDS[kind](asked)
    except (KeyError, ValueError) as problem:
        return Response(f"The address does not say what to draw: {problem}.", status_code=400)
    known = request.headers.get("if-none-match", "")
    drawings = _drawings(services())

    def answer() -> Response:
        tag = drawings.tag(kind, video_id, asked)
        if tag is None:
            return Response(status_code=404)
        headers = {"ETag": f'"{tag}"', "Cache-Control": _KEEP}
        if tag in known:
            return Response(status_code=304, headers=headers)
        drawn = drawings.jpeg(tag, video_id, draw)
        if drawn is None:
            return Response(status_code=404)
        return Response(drawn, media_type="image/jpeg", headers=headers)

    try:
        return await run_in_threadpool(answer)
    except VidtrailError as error:
        log.warning("%s: %s", request.url.path, error)
        return Response(str(error), status_code=404, media_type="text/plain")


def routes() -> list[Route]:
    return [Route("/api/proofs/{kind}/{video_id}.jpg", _proof)]
