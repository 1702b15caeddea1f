"""What pages and routes share, made once a process: the open library and its engine."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import QueryError, VidtrailError
from core.library.library import Library

if TYPE_CHECKING:
    from core.search.engine import Engine

log = logging.getLogger(__name__)


class Services:
    """One library and what answers questions about it; any thread may call any method."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._engine: Engine | None = None
        self._encoder = ""
        self.renewed = threading.Event()  # there is an engine that nobody has warmed up yet

    @property
    def untouched(self) -> bool:
        """Whether nothing was ever put there."""
        return not self.place.is_dir() or not any(self.place.iterdir())

    def library(self) -> Library:
        """The open library, made where there is none; raises LibraryError."""
        with self._lock:
            if self._library is None:
                self._library = Library.open(self.place)
            return self._library

    def engine(self) -> Engine:
        """The engine for the encoder that most videos were read with.

        Raises QueryError where no video can be searched yet, LibraryError.
        """
        from core.search.opening import open_engine

        library = self.library()
        with self._lock:
            encoders = Counter(record.encoder for record in library.ready())
            if not encoders:
                raise QueryError("There is no video to search yet: add one on the page Library.")
            usual = encoders.most_common(1)[0][0]
            if self._engine is None or usual != self._encoder:
                self._engine, self._encoder = open_engine(library), usual
                self.renewed.set()
            return self._engine

    def warm_up(self) -> None:
        """Load models ahead of the first question; failing here, the question will say why."""
        try:
            if not self.untouched:
                self.engine().warm_up()
        except VidtrailError as error:
            log.warning("%s", error)
        # After every run of a page Streamlit looks through all objects for garbage, 0.2 s with a
        # model in memory, before it tells the browser that the run has ended. What was loaded to
        # stay is taken out of that.
        gc.collect()
        gc.freeze()

    def keep_warm(self, ended: threading.Event) -> None:
        """Warm up now, and each time there is a new engine, until `ended` and `renewed` are set."""
        while not ended.is_set():
            self.warm_up()
            self.renewed.clear()
            self.renewed.wait()


@cache
def services() -> Services:
    return Services(Path(os.environ.get("VIDTRAIL_LIBRARY", "library")).absolute())
