"""Where the files of a model come from: fetched once, checked, kept in the cache folder.

A download continues where it was cut off, is compared with its SHA-256 where one is known (given
here, or stated by the server), and appears under its name only when it is complete. Where no hash
is known beforehand, the one of the first download is recorded and later files must match it.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import os
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO

from core.errors import ModelError

logger = logging.getLogger(__name__)

# (bytes so far, bytes in all or None)
Progress = Callable[[int, int | None], None]

_CHUNK_BYTES = 1 << 20
_REACH_TIMEOUT_S = 3.0
_READ_TIMEOUT_S = 30.0
_ATTEMPTS = 5
_PAUSE_S = 0.5
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class WeightSource:
    """One published file.

    path: where it is kept below the cache folder, its name last. sha256: of its content, None
    where the publisher's is not known here. licence: of the weights, as an SPDX name or in words.
    hint: what to give on the command line when the file cannot be fetched.
    optional: a file that some publishers leave out.
    """

    url: str
    path: str
    licence: str
    sha256: str | None = None
    size_bytes: int | None = None
    hint: str = ""
    optional: bool = False


def cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Folder for downloaded and derived files: $VIDTRAIL_CACHE, else the user's cache folder."""
    env = os.environ if environ is None else environ
    if own := env.get("VIDTRAIL_CACHE"):
        return Path(own).expanduser()
    base = env.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vidtrail"


def sha256_of(*paths: Path) -> str:
    """Hex SHA-256 over the content of files, in the given order. Raises ModelError."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except OSError as problem:
            reason = problem.strerror or type(problem).__name__
            raise ModelError(f"The model file {path} cannot be read: {reason}.") from None
    return digest.hexdigest()


def at_hand(source: WeightSource, cache: Path | None = None) -> bool:
    """Whether the file was fetched before."""
    return ((cache or cache_dir()) / source.path).is_file()


def fetch(
    source: WeightSource, cache: Path | None = None, progress: Progress | None = None
) -> Path:
    """The file on this machine, downloaded on first use; another process may do so meanwhile.

    Raises ModelError, within 5 seconds where the server cannot be reached.
    """
    from filelock import FileLock

    target = (cache or cache_dir()) / source.path
    if target.is_file():
        return _verified(target, source)
    _require_reachable(source)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not target.is_file():
                _download(source, target, progress)
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise ModelError(
            f"{target.name} cannot be stored in {target.parent}: {reason}. "
            "Free space there or name another folder in VIDTRAIL_CACHE."
        ) from None
    return target


def _verified(target: Path, source: WeightSource) -> Path:
    expected = source.sha256 or _recorded(target)
    if expected is None:
        return target
    found = sha256_of(target)
    if found != expected:
        raise ModelError(
            f"{target} is not what was published: its SHA-256 is {found[:12]}..., expected "
            f"{expected[:12]}.... Delete the file and try again."
        )
    return target


def _record_file(target: Path) -> Path:
    return target.with_name(target.name + ".sha256")


def _recorded(target: Path) -> str | None:
    try:
        text = _record_file(target).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if _SHA256.fullmatch(text) else None


def _require_reachable(source: WeightSource) -> None:
    """Fail fast where there is no internet: name look-ups alone can hang for a minute."""
    address = urllib.parse.urlsplit(source.url)
    host = address.hostname or ""
    port = address.port or (443 if address.scheme == "https" else 80)
    proxy = urllib.request.getproxies().get(address.scheme)
    if proxy and not urllib.request.proxy_bypass(host):
        parts = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
        host, port = parts.hostname or host, parts.port or 3128
    answered = threading.Event()

    def knock() -> None:
        try:
            with socket.create_connection((host, port), timeout=_REACH_TIMEOUT_S):
                answered.set()
        except OSError as problem:
            logger.info("%s does not answer: %s", host, problem)

    thread = threading.Thread(target=knock, daemon=True)
    thread.start()
    thread.join(_REACH_TIMEOUT_S)
    if not answered.is_set():
        raise _unavailable(source, f"{address.hostname} cannot be reached")


def _unavailable(source: WeightSource, reason: str) -> ModelError:
    name = source.path.rsplit("/", 1)[-1]
    advice = f", or give the file with {source.hint}" if source.hint else ""
    return ModelError(
        f"{name} is not on this machine and {reason}: connect to the internet once{advice}."
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects and keeps the hash that a hub states on the way."""

    def __init__(self) -> None:
        self.stated_sha256: str | None = None

    def note(self, headers: Message) -> None:
        tag = (headers.get("X-Linked-ETag") or "").strip('W/"')
        if _SHA256.fullmatch(tag):
            self.stated_sha256 = tag

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        self.note(headers)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(source: WeightSource, target: Path, progress: Progress | None) -> None:
    part = target.with_name(target.name + ".part")
    redirects = _Redirects()
    idle = 0
    while idle < _ATTEMPTS:
        before = _size(part)
        try:
            total = _continue(source, part, redirects, progress)
            break
        except urllib.error.HTTPError as answer:
            if answer.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)  # what lay there is of another file
                idle += 1
                continue
            raise _unavailable(
                source, f"{urllib.parse.urlsplit(source.url).hostname} answers {answer.code}"
            ) from None
        except (
            urllib.error.URLError,
            http.client.HTTPException,
            TimeoutError,
            ConnectionError,
        ) as cut:
            logger.info("download of %s was cut: %s", target.name, cut)
            idle = 0 if _size(part) > before else idle + 1
            time.sleep(_PAUSE_S)
    else:
        raise _unavailable(source, "the download was cut off again and again; what came is kept")
    _accept(source, part, target, total, redirects.stated_sha256)


def _continue(
    source: WeightSource, part: Path, redirects: _Redirects, progress: Progress | None
) -> int | None:
    """Read on from what is there; the size of the whole file, if the server states it."""
    have = _size(part)
    tag_file = part.with_name(part.name + ".json")
    request = urllib.request.Request(source.url, headers={"User-Agent": "vidtrail"})  # noqa: S310
    tag = _tag(tag_file)
    if have and tag:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", tag)
    else:
        have = 0
    opener = urllib.request.build_opener(redirects)
    with opener.open(request, timeout=_READ_TIMEOUT_S) as answer:
        redirects.note(answer.headers)
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0
        new_tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        tag_file.write_text(json.dumps({"tag": "" if new_tag.startswith("W/") else new_tag}))
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length is not None else None
        with part.open("ab" if have else "wb") as file:
            while chunk := answer.read(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                if progress is not None:
                    progress(have, total)
            file.flush()
            os.fsync(file.fileno())
    if total is not None and have < total:
        raise ConnectionError(f"{have} of {total} bytes came")
    return total


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _tag(tag_file: Path) -> str:
    try:
        return str(json.loads(tag_file.read_text())["tag"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _accept(
    source: WeightSource, part: Path, target: Path, total: int | None, stated: str | None
) -> None:
    expected = source.sha256 or stated
    found = sha256_of(part)
    size = part.stat().st_size
    wrong_size = size != (source.size_bytes or total or size)
    if wrong_size or (expected is not None and found != expected):
        part.unlink()
        what = f"{size} bytes" if wrong_size else f"SHA-256 {found[:12]}..."
        raise ModelError(
            f"The downloaded {target.name} is not what was published ({what}); it was removed. "
            "Try again, or give a file of your own"
            + (f" with {source.hint}." if source.hint else ".")
        )
    if expected is None:
        logger.info("no hash of %s was published; from now on it must be %s", target.name, found)
    _record_file(target).write_text(found + "\n", "ascii")
    part.with_name(part.name + ".json").unlink(missing_ok=True)
    part.replace(target)
