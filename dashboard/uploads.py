"""HTTP routes by which files come in: streamed to disk, never held in memory.

The body of a request is the file itself. A page of this server sends it with the header
`Upload-Name`, which no other site can add without being asked first (`dashboard.security` refuses
those anyhow). What arrives has a temporary name until all of it is there and is a video.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import LibraryError, VidtrailError
from core.ingest.batch import VIDEO_SUFFIXES
from core.ingest.jobs import Jobs
from core.library.files import is_disk_full
from core.models.profile import NAMES
from core.terminal import size
from core.video.container import opened
from core.video.probe import content_digest
from dashboard.services import services

log = logging.getLogger(__name__)

NAME_HEADER = "upload-name"
ASK_HEADER = "upload-ask"
"""Holds a size in bytes: whether such a file would be taken, asked before its body is sent, because
a browser that is refused while it sends shows a lost connection and no reason."""
LIMIT_VARIABLE = "VIDTRAIL_UPLOAD_LIMIT_GB"
_LIMIT_GB = 50.0
_SPARE_BYTES = 500_000_000  # left on the disk for what is found in the video
_CHUNK_BYTES = 1 << 20
_PART = ".part-"
_STALE_S = 86_400.0
_LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^\w .,()\[\]+@=-]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class UploadError(VidtrailError):
    """A file that is not taken. status: of the HTTP answer."""

    def __init__(self, said: str, status: int = 400) -> None:
        super().__init__(said)
        self.status = status


def limit_bytes() -> int:
    """Largest file that is taken; raises UploadError where the setting is no number."""
    said = os.environ.get(LIMIT_VARIABLE, "")
    try:
        return int(float(said or _LIMIT_GB) * 1e9)
    except ValueError:
        raise UploadError(f"{LIMIT_VARIABLE} is no number of gigabytes: {said!r}.", 500) from None


def safe_name(given: str) -> str:
    """A file name for any system made of what a browser calls a file; raises UploadError.

    Only the last piece of a path counts, and only letters, digits and plain signs of it.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    name = _UNSAFE.sub("_", name).rstrip(" .")
    stem, dot, suffix = name.rpartition(".")
    suffix = f".{suffix.lower()}" if dot else ""
    if suffix not in VIDEO_SUFFIXES:
        kind = suffix or "a name without an ending"
        raise UploadError(
            f"{name or 'The file'} is not taken: {kind} is no kind of video known here.", 415
        )
    stem = stem.strip(" .") or "video"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    while len(f"{stem}{suffix}".encode()) > _LONGEST_NAME:
        stem = stem[:-1].rstrip(" .")
    return stem + suffix


@dataclass(frozen=True, slots=True)
class _Received:
    part: Path
    video_id: str


async def _upload(request: Request) -> Response:
    try:
        return JSONResponse(await _taken(request))
    except ClientDisconnect:
        return Response(status_code=499)  # cancelled: nobody is left to answer to
    except UploadError as error:
        return JSONResponse({"said": str(error)}, error.status)
    except VidtrailError as error:
        return JSONResponse({"said": str(error)}, 507 if "full" in str(error) else 500)


async def _taken(request: Request) -> dict[str, object]:
    """Receive one file and ask for it to be added; what the page is told."""
    given = request.headers.get(NAME_HEADER)
    if given is None:
        raise UploadError(f"A file comes with the header {NAME_HEADER}.", 403)
    profile = request.query_params.get("profile", "")
    if profile not in NAMES:
        raise UploadError(f"There is no profile {profile!r}; there are {', '.join(NAMES)}.")
    name = safe_name(unquote(given))
    folder = services().place / "uploads"
    asked = request.headers.get(ASK_HEADER)
    length = asked or request.headers.get("content-length")
    await run_in_threadpool(_prepare, folder, name, length)
    if asked is not None:
        return {"job": None, "said": ""}
    received = await _received(request.stream(), folder, name)
    return await run_in_threadpool(_kept, received, name, profile)


def _prepare(folder: Path, name: str, length: str | None) -> None:
    """Refuse what cannot be stored before it is sent; make the folder, sweep what was cut off."""
    asked = int(length) if length is not None and length.isdigit() else 0
    _check_size(name, asked)
    services().library()  # makes it where there is none, and says why it cannot be used
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in folder.glob(f"{_PART}*"):
            if part.stat().st_mtime < time.time() - _STALE_S:
                part.unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise UploadError(_refusal(name, error), 507 if is_disk_full(error) else 500) from error
    if asked + _SPARE_BYTES > free:
        raise UploadError(
            f"{name} ({size(asked)}) does not fit on the disk of the library, which has "
            f"{size(free)} left: free some space, or add the file where it lies.",
            507,
        )


def _check_size(name: str, count: int) -> None:
    if count > (most := limit_bytes()):
        raise UploadError(
            f"{name} is larger than the {size(most)} that may be sent: add it from a folder of "
            f"the server, or raise {LIMIT_VARIABLE}.",
            413,
        )


async def _received(stream: AsyncIterator[bytes], folder: Path, name: str) -> _Received:
    """Write the body to a temporary file; nothing is left of one that does not end well."""
    part = folder / f"{_PART}{secrets.token_hex(8)}"
    digest, count, held = content_digest(), 0, bytearray()

    def write(file: IO[bytes], data: bytes) -> None:
        digest.update(data)
        file.write(data)

    try:
        with part.open("xb") as file:
            async for chunk in stream:
                held += chunk
                count += len(chunk)
                if len(held) >= _CHUNK_BYTES:
                    _check_size(name, count)
                    await run_in_threadpool(write, file, bytes(held))
                    held.clear()
            await run_in_threadpool(write, file, bytes(held))
            file.flush()
            await run_in_threadpool(os.fsync, file.fileno())
        if not count:
            raise UploadError(f"{name} is empty (0 bytes).")
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UploadError(_refusal(name, error), 507 if is_disk_full(error) else 500) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return _Received(part, digest.hexdigest())


def _kept(received: _Received, name: str, profile: str) -> dict[str, object]:
    """Give a whole file its name and put it into the queue; a known one is not kept twice."""
    part = received.part
    try:
        known = services().library().catalog.video(received.video_id)
        if known is not None and known.state == "ready" and Path(known.path).is_file():
            return {"job": None, "said": f"{known.name} is in the library already."}
        try:
            with opened(part):
                pass
        except VidtrailError as error:
            raise UploadError(str(error).replace(part.name, name), 415) from None
        path = _named(part, name)
    finally:
        part.unlink(missing_ok=True)
    try:
        job = Jobs(services().place).put("add", path, profile)
    except LibraryError:
        path.unlink(missing_ok=True)
        raise
    log.info("received %s", path.name)
    return {"job": job, "said": f"{path.name} has arrived."}


def _named(part: Path, name: str) -> Path:
    """Rename to `name`, or to the first free one like it; never over a file that is there."""
    stem, suffix = Path(name).stem, Path(name).suffix
    for number in range(1, 10_000):
        path = part.with_name(name if number == 1 else f"{stem} ({number}){suffix}")
        try:
            os.link(part, path)  # unlike a rename, this fails where the name is taken
        except FileExistsError:
            continue
        except OSError:  # a file system without links
            if path.exists():
                continue
            part.rename(path)
        return path
    raise UploadError(f"There are too many files called {name}.")


def _refusal(name: str, error: OSError) -> str:
    if is_disk_full(error):
        return f"The disk of the library is full: {name} was not kept. Free some space, then retry."
    return f"{name} cannot be stored in the library: {error.strerror or error}."


def routes() -> list[Route]:
    return [Route("/api/uploads", _upload, methods=["POST"])]
