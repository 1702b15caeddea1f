"""What all objects look like, a vector each, kept for as long as the library stays as it is.

With it the last rest that was found: pages ask for it again at every turn.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.detections import Bool
from core.explore.features import Features, looks_of
from core.explore.probe import Rest, rest_of
from core.search.columns import Columns
from core.search.engine import Engine
from dashboard.services import Services, services

Rows = npt.NDArray[np.int64]


class KeptLooks:
    """The looks of the objects of one engine at a time; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Columns, Features] | None = None
        self._rest: tuple[Hashable, Rest] | None = None

    def of(self, engine: Engine) -> Features:
        """The looks of all rows of `engine.columns`; raises VidtrailError."""
        columns = engine.columns
        with self._lock:
            if self._kept is None or self._kept[0] is not columns:
                self._kept = (columns, looks_of(columns, engine.index))
            return self._kept[1]

    def rest(self, engine: Engine, yes: Rows, no: Rows, among: Bool) -> Rest:
        """The rest of some examples, as `core.explore.probe.rest_of`; raises VidtrailError."""
        looks = self.of(engine)
        key = (id(looks), yes.tobytes(), no.tobytes(), among.tobytes())
        with self._lock:
            if self._rest is not None and self._rest[0] == key:
                return self._rest[1]
        rest = rest_of(looks, yes, no, among)
        with self._lock:
            self._rest = (key, rest)
        return rest


@lru_cache(maxsize=1)
def _kept(_desk: Services) -> KeptLooks:
    return KeptLooks()


def kept_looks() -> KeptLooks:
    """Those of this process's library."""
    return _kept(services())
