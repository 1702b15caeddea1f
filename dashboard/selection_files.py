"""HTTP routes for a selection as files: its objects as a table, their pictures, their boxes."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from typing import IO

import numpy as np
import numpy.typing as npt
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.errors import VidtrailError
from core.library.library import Library
from core.search.columns import Columns
from core.search.selected import left_out, selected_rows
from core.search.selection_export import objects_csv, objects_json, write_boxes, write_pictures
from dashboard.services import services
from dashboard.track_files import saved_as

log = logging.getLogger(__name__)

Rows = npt.NDArray[np.int64]
_PIECE = 1 << 18

_TEXTS: dict[str, tuple[str, Callable[[Columns, Library, Rows], str]]] = {
    "objects.csv": ("text/csv; charset=utf-8", objects_csv),
    "objects.json": ("application/json", objects_json),
}
_PACKED: dict[str, Callable[[Columns, Library, Rows, IO[bytes]], None]] = {
    "pictures.zip": write_pictures,
    "mot.zip": lambda columns, library, rows, file: write_boxes(
        columns, library, rows, "mot", file
    ),
    "coco.zip": lambda columns, library, rows, file: write_boxes(
        columns, library, rows, "coco-vid", file
    ),
}


async def _file(request: Request) -> Response:
    key, name = str(request.path_params["key"]), str(request.path_params["name"])
    if services().untouched or name not in (*_TEXTS, *_PACKED) or not key.isalnum():
        return Response(status_code=404)
    try:
        return await run_in_threadpool(_made, key, name)
    except VidtrailError as error:
        log.info("%s: %s", request.url.path, error)
        return Response(str(error), status_code=409, media_type="text/plain")


def _made(key: str, name: str) -> Response:
    columns, library = services().engine().columns, services().library()
    rows = selected_rows(columns, library, key)
    rows = rows[~left_out(columns, library)[rows]]
    headers = saved_as(name)
    if name in _TEXTS:
        media_type, write = _TEXTS[name]
        text = write(columns, library, rows)
        return Response(text, media_type=media_type, headers=headers)
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who sends it
    try:
        _PACKED[name](columns, library, rows, out)
    except BaseException:
        out.close()
        raise
    headers["Content-Length"] = str(out.seek(0, 2))
    out.seek(0)
    return StreamingResponse(_pieces(out), media_type="application/zip", headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def routes() -> list[Route]:
    return [Route("/api/selections/{key}/{name}", _file)]
