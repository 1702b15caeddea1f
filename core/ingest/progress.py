"""How far a long piece of work is, with its speed and the time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of reading a video.

    stage: `reading`, `linking` or `writing`. done_s, total_s: seconds of video. speed: seconds of
    video a second, of this run (what an earlier run had finished does not count); 0 at first.
    eta_s: seconds left, None while unknown.
    """

    stage: str
    done_s: float
    total_s: float
    speed: float
    eta_s: float | None

    @property
    def share(self) -> float:
        """Part done, in [0, 1]."""
        return min(1.0, self.done_s / self.total_s) if self.total_s > 0 else 0.0


OnProgress = Callable[[Progress], None]


class ProgressMeter:
    """Turns times in the video into `Progress`, at most ten a second."""

    def __init__(self, total_s: float, start_s: float, report: OnProgress | None) -> None:
        self._total_s = total_s
        self._start_s = start_s
        self._report = report
        self._began = time.perf_counter()
        self._told = 0.0

    def tell(self, stage: str, done_s: float, *, always: bool = False) -> None:
        """Report that the video is done up to `done_s`."""
        now = time.perf_counter()
        if self._report is None or (not always and now - self._told < 0.1):
            return
        self._told = now
        speed = (done_s - self._start_s) / max(now - self._began, 1e-6)
        left_s = max(0.0, self._total_s - done_s)
        eta_s = left_s / speed if speed > 0 and now - self._began > 0.5 else None
        self._report(Progress(stage, done_s, self._total_s, max(speed, 0.0), eta_s))
