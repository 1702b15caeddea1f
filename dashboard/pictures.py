"""Pictures that people give to search by: kept beside the library, so that a link finds them.

A picture is known by its content. Its key may say where in it the object is:
"HASH" or "HASH:x0:y0:x1:y1", corners as shares of the width and height, y down.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from core.detections import Image
from core.errors import QueryError
from core.language.sketches import LikePart
from core.library.files import replace_bytes, writing_to
from core.search.pictures import Box, read_picture
from core.video.stills import decode_jpeg, encode_jpeg
from dashboard.services import Services, services

MOST_BYTES = 20 * 2**20
_FOLDER = "pictures"
_KEPT = 200  # files; the oldest go first
_READ = 32  # vectors held
_QUALITY = 92
_KEY = re.compile(r"(?P<hash>[0-9a-f]{16})(?::(?P<box>[0-9.:]+))?")
_HASH = re.compile(r"[0-9a-f]{16}")
_NOT_FOUND = 404


class Pictures:
    """The pictures given to one library; any thread may call any method."""

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._parts: OrderedDict[tuple[str, str], LikePart] = OrderedDict()

    def keep(self, data: bytes) -> str:
        """Keep an image file; its key.

        Raises QueryError for a file that is no picture or larger than 20 MB, LibraryError where
        nothing can be written.
        """
        if len(data) > MOST_BYTES:
            raise QueryError("A picture to search by may have 20 MB at most; this one has more.")
        with tempfile.NamedTemporaryFile(suffix=".picture") as given:
            given.write(data)
            given.flush()
            try:
                image = read_picture(Path(given.name))
            except QueryError as error:
                raise QueryError(
                    "This file is no picture that can be read: give a JPEG, PNG or WebP file."
                ) from error
        jpeg = encode_jpeg(image, _QUALITY)
        key = hashlib.sha256(jpeg).hexdigest()[:16]
        folder = self._desk.library().path / _FOLDER
        with writing_to(folder):
            folder.mkdir(exist_ok=True)
            replace_bytes(folder / f"{key}.jpg", jpeg)
            by_age = sorted(folder.glob("*.jpg"), key=lambda path: path.stat().st_mtime)
            for path in by_age[:-_KEPT]:
                path.unlink(missing_ok=True)
        return key

    def file(self, key: str) -> Path | None:
        """The JPEG file of a key; None where it is not kept."""
        found = _KEY.fullmatch(key)
        if found is None:
            return None
        path = self._desk.place / _FOLDER / f"{found['hash']}.jpg"
        return path if path.is_file() else None

    def size(self, key: str) -> tuple[int, int]:
        """(width, height) of a picture, pixels; raises QueryError for one that is not kept."""
        height, width = self._image(key).shape[:2]
        return width, height

    def _image(self, key: str) -> Image:
        path = self.file(key)
        if path is None:
            raise QueryError(
                "The picture that this search goes by is not kept any more: give it again."
            )
        return decode_jpeg(path.read_bytes())

    def part(self, key: str) -> LikePart:
        """The part of a question that asks for what looks like a picture.

        Raises QueryError for one that is not kept, ModelError where there is no encoder.
        """
        engine = self._desk.engine()
        known = (key, engine.encoder.name)
        with self._lock:
            if known in self._parts:
                self._parts.move_to_end(known)
                return self._parts[known]
        part = engine.picture(self._image(key), name_of(key), box_of(key))
        with self._lock:
            self._parts[known] = part
            while len(self._parts) > _READ:
                self._parts.popitem(last=False)
        return part


def name_of(key: str) -> str:
    """What a picture is called in a question: short, and another one for another box."""
    return hashlib.sha256(key.encode()).hexdigest()[:4]


def box_of(key: str) -> Box | None:
    """Where in its picture a key says that the object is; raises QueryError for a malformed key."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise QueryError(f"“{key}” stands for no picture.")
    if found["box"] is None:
        return None
    try:
        x0, y0, x1, y1 = (float(number) for number in found["box"].split(":"))
    except ValueError as error:
        raise QueryError(f"“{key}” says of no box where it is.") from error
    return x0, y0, x1, y1


def with_box(key: str, box: Box | None) -> str:
    """The key of the same picture with the object in another place, or all of it."""
    bare = key.partition(":")[0]
    return bare if box is None else ":".join([bare, *(f"{share:.4g}" for share in box)])


@lru_cache(maxsize=1)
def _pictures(desk: Services) -> Pictures:
    return Pictures(desk)


def pictures() -> Pictures:
    """The pictures of this process's library."""
    return _pictures(services())


async def _picture(request: Request) -> Response:
    key = str(request.path_params["key"])
    if not _HASH.fullmatch(key):
        return Response(status_code=_NOT_FOUND)
    path = await run_in_threadpool(pictures().file, key)
    if path is None:
        return Response(status_code=_NOT_FOUND)
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "private"})


def routes() -> list[BaseRoute]:
    return [Route("/api/pictures/{key}.jpg", _picture)]
