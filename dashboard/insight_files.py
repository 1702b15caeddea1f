"""HTTP routes for what was counted: tables as CSV files, and the heat map on a still."""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import VidtrailError
from core.explore.heat import drawn_heat
from core.explore.insight_tables import TABLES, Table, dwell_table, lines_table
from core.video.stills import decode_jpeg, encode_jpeg
from dashboard.footage import Footage
from dashboard.insight_counter import counter
from dashboard.insight_views import Counting
from dashboard.services import services
from dashboard.track_files import saved_as

log = logging.getLogger(__name__)

_STILL_PX = 1280
_KEEP = "private, max-age=600"


def table_of(name: str, asked: Counting) -> Table:
    """A table of what a view of the page counts; raises QueryError, KeyError for an unknown one."""
    insight = counter().of(asked.scope)
    if name == "dwell":
        return dwell_table(insight, asked.zone)
    if name == "lines":
        return lines_table(insight, asked.line)
    return TABLES[name](insight)


async def _table(request: Request) -> Response:
    name = str(request.path_params["name"])
    if name not in TABLES or services().untouched:
        return Response(status_code=404)
    asked = Counting.read(dict(request.query_params))

    def answer() -> Response:
        written = table_of(name, asked).csv()
        headers = saved_as(f"vidtrail-{name}.csv")
        return Response(written, media_type="text/csv; charset=utf-8", headers=headers)

    return await _answered(request, answer)


async def _heat(request: Request) -> Response:
    if services().untouched:
        return Response(status_code=404)
    asked = Counting.read(dict(request.query_params))

    def answer() -> Response:
        insight = counter().of(asked.scope)
        record = insight.columns.videos[insight.camera]
        still = Footage(services().library()).still(
            record.video_id, middle_of(record.duration_s), _STILL_PX
        )
        if still is None:
            return Response(status_code=404)
        drawn = drawn_heat(decode_jpeg(still), insight.occupancy.seconds)
        headers = {"Cache-Control": _KEEP}
        return Response(encode_jpeg(drawn), media_type="image/jpeg", headers=headers)

    return await _answered(request, answer)


async def _answered(request: Request, answer: Callable[[], Response]) -> Response:
    try:
        return await run_in_threadpool(answer)
    except VidtrailError as error:
        log.warning("%s: %s", request.url.path, error)
        return Response(str(error), status_code=409, media_type="text/plain")


def middle_of(duration_s: float) -> float:
    """The time of a video's still that stands for its view."""
    return round(duration_s / 2.0, 2)


def routes() -> list[Route]:
    return [
        Route("/api/insight/heat.jpg", _heat),
        Route("/api/insight/{name}.csv", _table),
    ]
