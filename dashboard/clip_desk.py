"""Clips with an overlay, made one at a time in the background and kept until the next one."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.detections import Image
from core.errors import VidtrailError
from core.library.library import Library
from core.video.clips import cut
from core.video.overlay import Marked, Overlay
from dashboard.footage import Footage
from dashboard.palette import class_colours
from dashboard.timeline import names_of
from dashboard.watch_words import title

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """A clip somebody wants: [t0_s, t1_s) of a video; track_id None draws all objects.

    edition: of what is drawn, so that a clip never shows an older edit.
    """

    video_id: str
    t0_s: float
    t1_s: float
    track_id: int | None
    edition: str


@dataclass(frozen=True, slots=True)
class ClipState:
    """How far a clip is: `done` in [0, 1], `path` when it is there, `error` why it will not be."""

    done: float = 0.0
    path: Path | None = None
    error: str = ""


@dataclass(frozen=True)
class ToldOverlay(Overlay):
    """An overlay that tells the time of each picture it draws on."""

    tell: Callable[[float], None] = field(default=lambda _t_s: None)

    def drawn(self, image: Image, t_s: float, scale: tuple[float, float]) -> Image:
        self.tell(t_s)
        return Overlay.drawn(self, image, t_s, scale)


class ClipDesk:
    """Takes one order at a time; any thread may ask.

    The files lie in a folder of the system's own for temporary ones, until `close` or until the
    process ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(
            prefix="vidtrail-clips-", ignore_cleanup_errors=True
        )
        self._order: ClipOrder | None = None
        self._state = ClipState()
        self._number = 0

    def ask(self, library: Library, order: ClipOrder) -> ClipState:
        """How far the clip is; begins it unless another one is being made."""
        with self._lock:
            if self._order == order:
                told = self._state
                if told.error:  # said once; who asks again wants it tried again
                    self._order = None
                return told
            if self._order is not None and not (self._state.path or self._state.error):
                share = f"{self._state.done:.0%}"
                return ClipState(
                    error=f"Another clip is being made ({share} done): try again in a moment."
                )
            if self._state.path is not None:
                self._state.path.unlink(missing_ok=True)
            self._number += 1
            self._order, self._state = order, ClipState()
            target = Path(self._folder.name) / f"{self._number}.mp4"
        work = threading.Thread(
            target=self._make, args=(library, order, target), name="clip", daemon=True
        )
        work.start()
        return ClipState()

    def ready(self, order: ClipOrder) -> Path | None:
        """The file of a clip that is complete."""
        with self._lock:
            return self._state.path if self._order == order else None

    def close(self) -> None:
        """Drop the files."""
        self._folder.cleanup()

    def _make(self, library: Library, order: ClipOrder, target: Path) -> None:
        def tell(t_s: float) -> None:
            share = (t_s - order.t0_s) / (order.t1_s - order.t0_s)
            self._put(ClipState(done=min(max(share, 0.0), 0.99)))

        try:
            path = Footage(library).file(order.video_id)
            if path is None:
                raise VidtrailError("The video's file is no longer where it was.")
            overlay = ToldOverlay(marked=marked(library, order), tell=tell)
            cut(path, order.t0_s, order.t1_s, target, overlay)
        except VidtrailError as error:
            self._put(ClipState(error=str(error)))
        except BaseException:
            self._put(ClipState(error="The clip could not be made; the server's log says why."))
            log.exception("clip of %s", order)
        else:
            self._put(ClipState(done=1.0, path=target))

    def _put(self, state: ClipState) -> None:
        with self._lock:
            self._state = state


def marked(library: Library, order: ClipOrder) -> tuple[Marked, ...]:
    """The objects to draw, each in the colour of its kind; raises LibraryError."""
    shard, names = library.shard(order.video_id), names_of(library, order.video_id)
    tracks, found = shard.tracks(), []
    for row, track_id in enumerate(tracks.track_id.tolist()):
        here = tracks.t0_s[row] < order.t1_s and tracks.t1_s[row] >= order.t0_s
        if not here or order.track_id not in (None, track_id):
            continue
        kind = str(tracks.class_name[row])
        _, colour = class_colours([kind])[0]
        red, green, blue = bytes.fromhex(colour.removeprefix("#"))
        words = title(kind, track_id, names.get(track_id, ""))
        found.append(Marked(shard.path_of(track_id), words, (red, green, blue)))
    return tuple(found)


@cache
def clip_desk() -> ClipDesk:
    return ClipDesk()
