"""Where a person is on the watch page: video, time, object, loop; kept in the address as well.

The address is read when it is another one than was last written here: at first, after a link, and
when the browser goes back.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.watch_desk import resolved
from dashboard.watch_views import Note

KEY = "player"
_STATE = "watching"
_NAMES = ("v", "t", "o")
_LAG_S = 12.0


@dataclass(slots=True)
class Watching:
    """One person's place; the counters make the player follow, each time that they grow."""

    video_id: str = ""
    t_s: float = 0.0
    track_id: int | None = None
    loop: tuple[float, float] | None = None
    joining: int | None = None
    note: Note | None = None
    seek: dict[str, Any] | None = None
    looping: dict[str, Any] | None = None
    selected: dict[str, Any] = field(default_factory=lambda: {"n": 0, "id": None})
    written: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    count: int = 0

    # --- to the player and to the address ------------------------------------------------------

    def go(self, t_s: float, *, play: bool = False) -> None:
        self.count += 1
        self.t_s, self.seek = t_s, {"n": self.count, "t": t_s, "play": play}
        self.write()

    def choose(self, track_id: int | None) -> None:
        self.count += 1
        self.track_id, self.selected = track_id, {"n": self.count, "id": track_id}
        self.write()

    def repeat(self, t0_s: float, t1_s: float) -> None:
        self.count += 1
        self.loop = (t0_s, t1_s)
        self.looping = {"n": self.count, "t0": t0_s, "t1": t1_s}
        self.go(t0_s, play=True)

    def told(self, note: Note) -> None:
        """Keep what became of an edit, and follow the object that it made."""
        self.note = note
        if note.good and note.track_id is not None:
            self.choose(note.track_id)

    def write(self) -> None:
        told = {"v": self.video_id, "t": f"{self.t_s:.2f}" if self.t_s > 0 else ""}
        told["o"] = "" if self.track_id is None else str(self.track_id)
        address = {name: value for name, value in told.items() if value}
        self.written.append((time.monotonic(), address))
        st.query_params.from_dict(address)

    def is_known(self, asked: dict[str, str]) -> bool:
        """Whether an address is the last one written, or one that the browser has yet to leave.

        A browser sends the address it has with each event, and takes over those that are written
        in their order, some time later: on a busy machine it may be several behind.
        """
        since = time.monotonic() - _LAG_S
        superseded = sum(at <= since for at, _ in self.written[1:])
        del self.written[:superseded]
        known = [address for _, address in self.written]
        if asked not in known:
            return False
        if asked != known[-1]:  # those before it were left for good
            del self.written[: known.index(asked)]
        return True

    # --- from the player -----------------------------------------------------------------------

    def acted(self, act: Mapping[str, Any]) -> None:
        """Take over what was done in the player; it shows that already."""
        self.t_s = float(act["t"])
        if act["kind"] == "pick":
            self.track_id, self.note = act["track"], None
            self.selected = {**self.selected, "id": act["track"]}
        elif act["kind"] == "loop":
            self.loop = None if act["t0"] is None else (float(act["t0"]), float(act["t1"]))
        self.write()


def watching() -> Watching:
    """The place of this visit, as the address has it where that is newer."""
    now: Watching = st.session_state.setdefault(_STATE, Watching())
    asked = {name: st.query_params[name] for name in _NAMES if name in st.query_params}
    if now.is_known(asked):
        return now
    video_id = asked.get("v", "")
    if video_id != now.video_id:
        now = st.session_state[_STATE] = Watching(video_id=video_id, count=now.count + 1)
    now.written = [(time.monotonic(), asked)]
    if not video_id:
        return now
    track_id = _whole(asked.get("o", ""))
    found = None if track_id is None else resolved(video_id, track_id)
    if track_id is not None and found is None:
        now.note = Note(f"This video has no object {track_id}; it may have been read anew.", False)
    now.choose(found)
    now.go(_seconds(asked.get("t", "")))
    return now


def open_video(video_id: str, t_s: float | None = None, track_id: int | None = None) -> None:
    """Go to a video, to a moment and an object of it; "" for the choice of videos."""
    st.session_state.setdefault(_STATE, Watching()).written.clear()
    told = {"v": video_id, "t": "" if t_s is None else f"{t_s:.2f}"}
    told["o"] = "" if track_id is None else str(track_id)
    st.query_params.from_dict({name: value for name, value in told.items() if value})


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _seconds(text: str) -> float:
    """A time in an address; 0 for what is none."""
    try:
        t_s = float(text)
    except ValueError:
        return 0.0
    return t_s if 0.0 <= t_s < 1e7 else 0.0
