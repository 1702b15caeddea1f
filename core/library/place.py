"""Where a library is, and which of its videos somebody means."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from core.errors import LibraryError
from core.library.catalog import VideoRecord
from core.library.files import writing_to


def folder_of(
    root: Path | str, known: AbstractSet[str], *, create: bool
) -> tuple[Path, frozenset[str]]:
    """The folder of a library, made when `create`, and the names of what is in it.

    known: names of which a library has some. Raises LibraryError when there is none and it is not
    to be made, or when something else is there.
    """
    folder = Path(root).expanduser().absolute()
    nowhere = LibraryError(
        f"There is no library at {folder}: add a video first (`vidtrail add FILE`)."
    )
    if not folder.exists() and not create:
        raise nowhere
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder} is a file; a library is a folder: name another path.")
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        inside = frozenset(entry.name for entry in folder.iterdir())
    if inside and not inside & known and not all(name.startswith(".") for name in inside):
        raise LibraryError(
            f"{folder} holds other files and is no library: name an empty or a new folder."
        )
    if not inside & known and not create:
        raise nowhere
    return folder, inside


def meant(words: str, videos: Sequence[VideoRecord], folder: Path) -> VideoRecord:
    """The video that an id, the start of one, a name or a path means.

    folder: of the library. Raises LibraryError when none or several fit, naming them.
    """
    path = str(Path(words).expanduser().absolute())
    for fits in (
        [r for r in videos if r.video_id == words],
        [r for r in videos if r.path == path],
        [r for r in videos if r.name == words],
        [r for r in videos if Path(r.name).stem == words],
        [r for r in videos if len(words) >= 4 and r.video_id.startswith(words)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            which = ", ".join(f"{r.name} ({r.video_id[:8]})" for r in fits)
            raise LibraryError(f"{words!r} fits several videos: {which}. Use the id.")
    raise LibraryError(
        f"There is no video {words!r} in the library {folder}: `vidtrail status` lists them."
    )
