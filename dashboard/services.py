"""What pages and media routes share, built once a process."""

from __future__ import annotations

import logging
import os
import threading
import time
from functools import cache
from pathlib import Path

from core.cli import EXAMPLES
from core.errors import VidtrailError
from dashboard.backend import Backend, library_folder
from dashboard.views import AnswerView, LibraryView, PathView
from dashboard.wording import answer_view, path_view, video_view

log = logging.getLogger(__name__)

RESULTS = 24
__all__ = ["EXAMPLES", "Services", "open_backend", "services"]


def open_backend(place: Path) -> Backend:
    """The engine over the library in a folder; raises VidtrailError."""
    from dashboard.library_backend import LibraryBackend

    return LibraryBackend(place)


class Services:
    """Answers for pages: views and bytes, never an exception that is written for people."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._backend: Backend | None = None

    def _open(self) -> Backend:
        with self._lock:
            if self._backend is None:
                self._backend = open_backend(self._place)
            return self._backend

    def library(self) -> LibraryView:
        """The library as it is now; one that cannot be used says why."""
        place = str(self._place)
        if not library_folder(self._place):
            return LibraryView(place)
        try:
            records = self._open().videos()
        except VidtrailError as error:
            return LibraryView(place, error=str(error))
        return LibraryView(place, tuple(video_view(record) for record in records))

    def ask(self, question: str) -> AnswerView:
        """The moments that answer a question, best first."""
        try:
            backend = self._open()
            backend.warm_up()  # what is loaded once is not part of the time a question takes
            started = time.perf_counter()
            answer = backend.ask(question, RESULTS)
            took_s = time.perf_counter() - started
            return answer_view(answer, backend.best_crop, took_s)
        except VidtrailError as error:
            return AnswerView(error=str(error))

    def video_file(self, video_id: str) -> Path | None:
        """Where a video's file is; None when the library does not know it or it has gone."""
        try:
            records = self._open().videos()
        except VidtrailError as error:
            log.warning("no video %s: %s", video_id, error)
            return None
        path = next((Path(r.path) for r in records if r.video_id == video_id), None)
        return path if path is not None and path.is_file() else None

    def poster(self, video_id: str) -> bytes | None:
        try:
            return self._open().poster(video_id)
        except VidtrailError as error:
            log.warning("no poster of %s: %s", video_id, error)
            return None

    def crop(self, video_id: str, crop_id: int) -> bytes | None:
        try:
            return self._open().crop(video_id, crop_id)
        except VidtrailError as error:
            log.warning("no crop %d of %s: %s", crop_id, video_id, error)
            return None

    def path(self, video_id: str, track_id: int, t0_s: float, t1_s: float) -> PathView | None:
        """Where a track was in a span of its video."""
        try:
            found = self._open().path(video_id, track_id)
        except VidtrailError as error:
            log.warning("no path of track %d of %s: %s", track_id, video_id, error)
            return None
        return None if found is None else path_view(*found, t0_s, t1_s)

    def warm_up(self) -> None:
        """Load models ahead of the first question; failing here, the question will say why."""
        if not library_folder(self._place):
            return
        try:
            self._open().warm_up()
        except VidtrailError as error:
            log.warning("%s", error)


@cache
def services() -> Services:
    return Services(Path(os.environ.get("VIDTRAIL_LIBRARY", "library")).absolute())
