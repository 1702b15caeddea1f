"""HTTP routes for an answer as files: JSON, CSV, a zip of clips; and one moment as a clip.

The question travels as the same names as in the address of the page Search. Clips are made in a
temporary folder which is gone before they are sent, one request at a time.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from shutil import copyfileobj
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.errors import QueryError, VideoError, VidtrailError
from core.search.answer import Answer, Moment
from core.search.clips import MANIFEST_NAME, cut_moments, overlay_of
from core.search.export import answer_csv, answer_data
from core.video.clips import cut
from dashboard.address import Asked
from dashboard.answers import MOST, answered
from dashboard.services import services
from dashboard.track_files import saved_as

log = logging.getLogger(__name__)

MOST_CLIPS = 24
LONGEST_S = 300.0
LONGEST_IN_ALL_S = 900.0

_ID = re.compile(r"[0-9a-z_-]{1,64}")
_PIECE = 1 << 18
_BUSY = "Other clips are being cut on this server at the moment: try again when they are done."


class BusyError(VidtrailError):
    """Something that is done one at a time is being done for someone else."""


class Cutter:
    """Cuts clips for one request at a time.

    Every method raises BusyError while it works for another, QueryError for too much at once.
    """

    def __init__(self) -> None:
        self._working = threading.Lock()

    def moment(self, moment: Moment, *, drawn: bool, blurred: bool) -> BinaryIO:
        """A moment as an MP4 file, open at its start; it is gone when it is closed."""
        length = moment.t1_s - moment.t0_s
        if length > LONGEST_S:
            raise QueryError(f"A clip is at most {LONGEST_S:.0f} s long; this is {length:.0f} s.")
        library = services().library()
        record, shard = library.video(moment.video_id), library.shard(moment.video_id)
        with self._alone() as folder:
            path = folder / "moment.mp4"
            overlay = overlay_of(shard, moment, marks=drawn, blur_others=blurred)
            cut(Path(record.path), moment.t0_s, moment.t1_s, path, overlay)
            return _taken(path)

    def answer(self, answer: Answer, *, drawn: bool, blurred: bool) -> BinaryIO:
        """The moments that answer as MP4 files in a zip, and `clips.json` that tells of each.

        Raises VideoError when none of them can be cut.
        """
        _check(answer)
        with self._alone() as folder:
            library = services().library()
            done = cut_moments(library, answer, folder, overlay=drawn, blur_others=blurred)
            if not any(one.file for one in done):
                raise VideoError(done[0].error)
            out = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who sends it
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
                for name in (MANIFEST_NAME, *(one.file for one in done if one.file)):
                    packed.write(folder / name, name)
            out.seek(0)
            return out

    def _alone(self) -> _Folder:
        return _Folder(self._working)


class _Folder:
    """A temporary folder for as long as nobody else has one."""

    def __init__(self, working: threading.Lock) -> None:
        self._working = working

    def __enter__(self) -> Path:
        if not self._working.acquire(blocking=False):
            raise BusyError(_BUSY)
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="vidtrail-clips-")
        except BaseException:
            self._working.release()
            raise
        return Path(self._folder.name)

    def __exit__(self, *_: object) -> None:
        try:
            self._folder.cleanup()
        finally:
            self._working.release()


def _check(answer: Answer) -> None:
    """Raises QueryError where there is nothing to cut, or too much."""
    found = [moment for moment in answer.results if moment.matches]
    if not found:
        raise QueryError("Nothing was found, so there are no clips.")
    length = sum(moment.t1_s - moment.t0_s for moment in found)
    if length > LONGEST_IN_ALL_S:
        raise QueryError(
            f"These {len(found)} clips are {length:.0f} s long together, and at most "
            f"{LONGEST_IN_ALL_S:.0f} s are cut at a time: ask for fewer, or use "
            "`vidtrail search QUESTION --clips FOLDER`."
        )


def _taken(path: Path) -> BinaryIO:
    """A file's bytes in one that is gone when it is closed, so that its folder can go at once."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who sends it
    with path.open("rb") as file:
        copyfileobj(file, out, _PIECE)
    out.seek(0)
    return out


cutter = Cutter()


@dataclass(frozen=True, slots=True)
class _File:
    """What to send. content: text, or an open file."""

    name: str
    media_type: str
    content: str | BinaryIO


def _json(asked: Asked, _params: Mapping[str, str]) -> _File:
    data = answer_data(answered(asked, MOST).answer)
    return _File("answer.json", "application/json", json.dumps(data, indent=1))


def _csv(asked: Asked, _params: Mapping[str, str]) -> _File:
    return _File("answer.csv", "text/csv; charset=utf-8", answer_csv(answered(asked, MOST).answer))


def _clips(asked: Asked, params: Mapping[str, str]) -> _File:
    answer = answered(asked, MOST_CLIPS).answer
    best = [moment for moment in answer.results if moment.matches][:MOST_CLIPS]
    answer = replace(answer, results=tuple(best))
    made = cutter.answer(answer, drawn=_flag(params, "drawn"), blurred=_flag(params, "blur"))
    return _File("clips.zip", "application/zip", made)


def _moment(params: Mapping[str, str]) -> _File:
    """One moment by its place: v, t0, t1, and o for its tracks."""
    try:
        video_id, t0_s, t1_s = params["v"], float(params["t0"]), float(params["t1"])
        tracks = tuple(int(text) for text in params.get("o", "").split(",") if text)
    except (KeyError, ValueError) as problem:
        raise QueryError(f"The address does not say which moment to cut: {problem}.") from problem
    library = services().library()
    record = library.catalog.video(video_id) if _ID.fullmatch(video_id) else None
    if record is None:
        raise QueryError("There is no such video in this library.")
    if not 0.0 <= t0_s < t1_s <= record.duration_s + 1.0:
        raise QueryError(f"{record.name} has no moment from {t0_s:g} to {t1_s:g} s.")
    tracks = tuple(library.resolve(video_id, track) for track in tracks)
    moment = Moment(video_id, record.name, tracks, t0_s, t1_s, 1.0, (), matches=True)
    made = cutter.moment(moment, drawn=_flag(params, "drawn"), blurred=_flag(params, "blur"))
    return _File(f"{PurePath(record.name).stem}-{t0_s:.1f}s.mp4", "video/mp4", made)


_ANSWERS: dict[str, Callable[[Asked, Mapping[str, str]], _File]] = {
    "answer.json": _json,
    "answer.csv": _csv,
    "clips.zip": _clips,
}


def _flag(params: Mapping[str, str], name: str) -> bool:
    return params.get(name, "0") not in ("", "0")


async def _file(request: Request) -> Response:
    name = str(request.path_params["name"])
    params = dict(request.query_params)
    if name != "moment.mp4" and name not in _ANSWERS:
        return Response(status_code=404)

    def made() -> _File:
        if services().untouched:
            raise QueryError("Nothing was added to this library yet.")
        if name == "moment.mp4":
            return _moment(params)
        asked = Asked.read(params)
        if asked.empty:
            raise QueryError("There is no question in this address.")
        return _ANSWERS[name](asked, params)

    try:
        file = await run_in_threadpool(made)
    except BusyError as busy:
        headers = {"Retry-After": "5"}
        return Response(str(busy), status_code=503, media_type="text/plain", headers=headers)
    except VidtrailError as error:
        log.info("%s: %s", request.url.path, error)
        return Response(str(error), status_code=409, media_type="text/plain")
    return _sent(file)


def _sent(file: _File) -> Response:
    headers = saved_as(file.name)
    if isinstance(file.content, str):
        return Response(file.content, media_type=file.media_type, headers=headers)
    size = file.content.seek(0, 2)
    file.content.seek(0)
    headers["Content-Length"] = str(size)
    return StreamingResponse(_pieces(file.content), media_type=file.media_type, headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def routes() -> list[Route]:
    return [Route("/api/answers/{name}", _file)]
