"""HTTP routes for the maps: the points and their colours as binary files, and what a point is.

Files are named by the edition of the maps, never change and are kept by the browser. A page that
asks for an edition that is gone is answered 409: it has to be drawn anew.

points.bin, little endian: u32 how many are drawn (D), u32 how many there are, u32 row[D], then
f32[D] four times: x and y on the map of looks, x and y on the map of moves; NaN where unknown.
colours.bin: u8[D], codes of `dashboard.map_colours`. selected.bin: D bits, the first one of each
byte is the lowest.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution, version

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import VidtrailError
from core.explore.features import SPACES
from dashboard.explore_address import Look
from dashboard.explorer import Chart, explorer
from dashboard.footage import Footage
from dashboard.map_painting import painted
from dashboard.map_words import fact
from dashboard.services import services

log = logging.getLogger(__name__)

_EDITION = re.compile(r"[0-9a-f]{8,64}")
_KEY = re.compile(r"[0-9a-zA-Z]{1,64}")
_FOR_EVER = "private, max-age=31536000, immutable"
_SCRIPT = "plotly/package_data/plotly.min.js"
_CHANGED = "The maps have changed meanwhile."


def plotly_version() -> str:
    """The version of the installed package, which brings the script."""
    return version("plotly")


@cache
def _plotly() -> tuple[bytes, bytes]:
    """The script as it is installed, and packed: it would take 0.2 s each time."""
    script = distribution("plotly").locate_file(_SCRIPT).read_bytes()  # type: ignore[attr-defined]
    return script, gzip.compress(script, 6)


async def _script(request: Request) -> Response:
    plain, packed = await run_in_threadpool(_plotly)
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    body = plain
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"], body = "gzip", packed
    return Response(body, media_type="text/javascript", headers=headers)


async def _answer(request: Request, make: Callable[[Chart], bytes | None], kind: str) -> Response:
    """What `make` makes of the edition asked for; None is 404."""
    edition = str(request.path_params["edition"])
    if not _EDITION.fullmatch(edition) or services().untouched:
        return Response(status_code=404)
    tag = f'"{edition}"'
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)

    def answer() -> Response:
        chart = explorer().of(edition)
        if chart is None:
            return Response(_CHANGED, status_code=409, media_type="text/plain")
        body = make(chart)
        if body is None:
            return Response(status_code=404)
        if kind == "application/octet-stream":
            headers["Content-Encoding"] = "identity"  # packing takes longer than it saves
        return Response(body, media_type=kind, headers=headers)

    try:
        return await run_in_threadpool(answer)
    except VidtrailError as error:
        log.warning("%s: %s", request.url.path, error)
        return Response(str(error), status_code=409, media_type="text/plain")


async def _points(request: Request) -> Response:
    def make(chart: Chart) -> bytes:
        head = np.array([len(chart.drawn), int(chart.shown.sum())], "<u4")
        places = [chart.xy(space)[chart.drawn].T.astype("<f4") for space in SPACES]
        told = [head, chart.drawn.astype("<u4"), *places]
        return b"".join(np.ascontiguousarray(part).tobytes() for part in told)

    return await _answer(request, make, "application/octet-stream")


async def _colours(request: Request) -> Response:
    look = Look.read(dict(request.query_params))
    return await _answer(
        request,
        lambda chart: painted(chart, look).codes[chart.drawn].tobytes(),
        "application/octet-stream",
    )


async def _selected(request: Request) -> Response:
    key = request.query_params.get("sel", "")
    if not _KEY.fullmatch(key):
        return Response(status_code=404)

    def make(chart: Chart) -> bytes:
        lit = np.isin(chart.drawn, explorer().selected(chart, key), assume_unique=True)
        return np.packbits(lit, bitorder="little").tobytes()

    return await _answer(request, make, "application/octet-stream")


async def _fact(request: Request) -> Response:
    row = int(request.path_params["row"])

    def make(chart: Chart) -> bytes | None:
        if row >= len(chart.columns):
            return None
        return json.dumps(fact(chart.columns, row), separators=(",", ":")).encode()

    return await _answer(request, make, "application/json")


async def _crop(request: Request) -> Response:
    row = int(request.path_params["row"])

    def make(chart: Chart) -> bytes | None:
        if row >= len(chart.columns) or (crop := int(chart.columns.best_crop[row])) < 0:
            return None
        return Footage(services().library()).crop(chart.columns.video_of(row).video_id, crop)

    return await _answer(request, make, "image/jpeg")


def routes() -> list[Route]:
    return [
        Route("/api/plotly.js", _script),
        Route("/api/maps/{edition}/points.bin", _points),
        Route("/api/maps/{edition}/colours.bin", _colours),
        Route("/api/maps/{edition}/selected.bin", _selected),
        Route("/api/maps/{edition}/objects/{row:int}.json", _fact),
        Route("/api/maps/{edition}/objects/{row:int}.jpg", _crop),
    ]
