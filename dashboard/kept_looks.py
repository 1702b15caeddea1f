"""What all objects look like, a vector each, kept for as long as the library stays as it is."""

from __future__ import annotations

import threading
from functools import lru_cache

from core.explore.features import Features, looks_of
from core.search.columns import Columns
from core.search.engine import Engine
from dashboard.services import Services, services


class KeptLooks:
    """The looks of the objects of one engine at a time; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Columns, Features] | None = None

    def of(self, engine: Engine) -> Features:
        """The looks of all rows of `engine.columns`; raises VidtrailError."""
        columns = engine.columns
        with self._lock:
            if self._kept is None or self._kept[0] is not columns:
                self._kept = (columns, looks_of(columns, engine.index))
            return self._kept[1]


@lru_cache(maxsize=1)
def _kept(_desk: Services) -> KeptLooks:
    return KeptLooks()


def kept_looks() -> KeptLooks:
    """Those of this process's library."""
    return _kept(services())
