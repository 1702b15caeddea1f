"""Presentation times that always increase, also where the file's own do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

# A step back at least this large is a restart of the clock (joined recordings), not a stutter.
_RESTART_S = Fraction(1, 2)


@dataclass(slots=True)
class Clock:
    """Turns the timestamps of frames, in presentation order, into seconds from the first frame.

    A missing, repeated or slightly backward stamp becomes the last time plus one nominal frame;
    after a jump back by half a second or more the rest is shifted so that time goes on.
    nominal_s: duration of one frame. origin: presentation time of the first frame, if known.
    repaired: how many stamps could not be used as they were.
    """

    nominal_s: Fraction
    origin: Fraction | None = None
    repaired: int = 0
    _last: Fraction | None = field(default=None)

    def read(self, pts: int | None, time_base: Fraction | None) -> float:
        """Seconds from the first frame; strictly larger than the time returned before."""
        stamp = None if pts is None or time_base is None else pts * time_base
        now = self._first(stamp) if self._last is None else self._next(stamp, self._last)
        self._last = now
        return float(now)

    def _first(self, stamp: Fraction | None) -> Fraction:
        if stamp is None:
            self.repaired += 1
            return Fraction(0)
        if self.origin is None:
            self.origin = stamp
        return stamp - self.origin

    def _next(self, stamp: Fraction | None, last: Fraction) -> Fraction:
        expected = last + self.nominal_s
        if stamp is None:
            self.repaired += 1
            return expected
        if self.origin is None:  # the frames before had no stamps: go on from where they led
            self.origin = stamp - expected
        now = stamp - self.origin
        if now > last:
            return now
        self.repaired += 1
        if last - now >= _RESTART_S:
            self.origin = stamp - expected
        return expected
