"""What long work says on a terminal: one line that moves, or a few plain lines in a log file."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

_BAR = 24
_PLAIN_EVERY_S = 10.0
_MOVE_EVERY_S = 0.1


class ProgressLine:
    """One line about how far the work is; on anything but a terminal a plain line now and then."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._shown_at = 0.0
        self._shown = ""
        self._label = ""

    def show(self, label: str, share: float, detail: str) -> None:
        """label: what is worked on. share: part done, in [0, 1]. detail: speed, time left."""
        now = time.monotonic()
        wait = _MOVE_EVERY_S if self._moving else _PLAIN_EVERY_S
        if label == self._label and now - self._shown_at < wait and share < 1.0:
            return
        self._shown_at, self._label = now, label
        if not self._moving:
            self._stream.write(f"{label}: {share:.0%} {detail}\n".rstrip() + "\n")
            self._stream.flush()
            return
        done = round(_BAR * min(max(share, 0.0), 1.0))
        width = shutil.get_terminal_size((80, 24)).columns
        line = f"[{'#' * done}{'.' * (_BAR - done)}] {share:4.0%} {detail}  {label}"[: width - 1]
        self._stream.write("\r" + line.ljust(len(self._shown)))
        self._stream.flush()
        self._shown = line

    def say(self, sentence: str) -> None:
        """A sentence that stays, above the moving line."""
        self.clear()
        self._stream.write(sentence + "\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the moving line away."""
        if self._moving and self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._stream.flush()
        self._shown = ""


def minutes(seconds: float | None) -> str:
    """A time left or a length: 45 s, 3:20, 1:02:03; "" for unknown."""
    if seconds is None:
        return ""
    whole = round(max(seconds, 0.0))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def size(count: float) -> str:
    """Bytes for people: 12 kB, 3.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 100 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
