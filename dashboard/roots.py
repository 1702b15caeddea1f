"""Folders of the server from which people may add videos: only below those allowed at its start.

A path from a browser is resolved, symlinks and all, before it is compared; what lies elsewhere
does not exist here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import VidtrailError
from core.ingest.batch import VIDEO_SUFFIXES, Outcome, videos_in

VARIABLE = "VIDTRAIL_VIDEO_ROOTS"
_MOST = 400


class RootsError(VidtrailError):
    """A path that may not be used, or cannot."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in an allowed folder: names in order, hidden ones left out.

    crumbs: (name, path) of the folder and those above it, from its root on. files: (name, bytes)
    of videos. left_out: how many entries beyond the first are not listed.
    """

    path: Path
    crumbs: tuple[tuple[str, Path], ...]
    folders: tuple[str, ...]
    files: tuple[tuple[str, int], ...]
    left_out: int = 0


def roots(environ: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """The allowed folders that exist, resolved; none where none were named."""
    said = (os.environ if environ is None else environ).get(VARIABLE, "")
    found = (Path(piece).expanduser().resolve() for piece in said.split(os.pathsep) if piece)
    return tuple(dict.fromkeys(path for path in found if path.is_dir()))


def allowed(text: str | Path, among: tuple[Path, ...] | None = None) -> Path:
    """The resolved path, which is in an allowed folder and exists; raises RootsError."""
    among = roots() if among is None else among
    if not among:
        raise RootsError(f"No folder of the server may be read from here: see {VARIABLE}.")
    given = Path(str(text).strip()).expanduser()
    refused = RootsError(f"{given} does not exist in a folder that may be read from here.")
    try:
        path = given.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise refused from None
    if not given.is_absolute() or not any(path.is_relative_to(root) for root in among):
        raise refused  # the same words: nobody learns here what else there is
    return path


def listing(folder: Path) -> Listing:
    """What lies in an allowed folder; raises RootsError."""
    among = roots()
    path = allowed(folder, among)
    root = next(root for root in among if path.is_relative_to(root))
    above = [path, *path.parents]
    crumbs = [(place.name or str(place), place) for place in above[: above.index(root) + 1]]
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name.casefold())
        shown = [e for e in entries if not e.name.startswith(".") and _within(e, among)]
        folders = [e.name for e in shown if e.is_dir()]
        files = [(e.name, e.stat().st_size) for e in shown if _is_video(e)]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RootsError(f"The folder {path} cannot be read: {reason}.") from None
    room = max(0, _MOST - len(folders))
    return Listing(
        path,
        tuple(reversed(crumbs)),
        tuple(folders[:_MOST]),
        tuple(files[:room]),
        max(0, len(folders) + len(files) - _MOST),
    )


def videos_at(text: str | Path, library: Path) -> list[Path]:
    """A file, or the videos below a folder at any depth; raises RootsError for none or elsewhere.

    library: its own folder is left out, and so is what a symlink leads out of the allowed ones.
    """
    among = roots()
    path = allowed(text, among)
    if not path.is_dir():
        return [path]
    found = [
        item
        for item in videos_in(path, library)
        if not isinstance(item, Outcome) and _is_inside(item, among)
    ]
    if not found:
        raise RootsError(f"The folder {path} holds no video files.")
    return found


def _within(entry: os.DirEntry[str], among: tuple[Path, ...]) -> bool:
    return not entry.is_symlink() or _is_inside(Path(entry.path), among)


def _is_inside(path: Path, among: tuple[Path, ...]) -> bool:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return any(real.is_relative_to(root) for root in among)


def _is_video(entry: os.DirEntry[str]) -> bool:
    return entry.is_file() and Path(entry.name).suffix.lower() in VIDEO_SUFFIXES
