"""What the watch page shows: a video for the player, an object in words, suggestions, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PlayerView:
    """What the player needs of a video; every address is whole.

    windows: spans with the address of their boxes, in order. trouble: a sentence in place of the
    video. unplayable: the sentence for a file that this browser cannot play. can_copy: whether a
    playable copy can be asked for. files, clips: what can be exported; a clip has the address of
    its state beside its own.
    """

    src: str
    poster: str
    windows: tuple[dict[str, Any], ...]
    timeline: str
    duration: float
    fps: float
    width: int
    height: int
    trouble: str | None
    unplayable: str
    can_copy: bool
    files: tuple[dict[str, str], ...]
    clips: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class WatchView:
    """A video to watch, or why not: state "none", "unknown", "unread", "damaged" or "ready"."""

    state: str
    name: str = ""
    note: str = ""
    said: str = ""
    player: PlayerView | None = None


@dataclass(frozen=True, slots=True)
class ShareView:
    """One of several that share a whole, such as classes among votes: [0, 1]."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class EventView:
    """Something an object did, and when, in seconds and in words."""

    words: str
    t0_s: float
    t1_s: float
    span: str
    p: float


@dataclass(frozen=True, slots=True)
class CropView:
    """A picture of an object, and when it was taken."""

    url: str
    t_s: float
    alt: str


@dataclass(frozen=True, slots=True)
class ElsewhereView:
    """Another track that is taken to be the same object."""

    video_id: str
    track_id: int
    words: str


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object of a video.

    seen: when, in words. path: pieces of (x, y) in thousandths of the picture's size, over the
    frame at `still`. speed, direction: what was measured, or why nothing was. origin: sentences on
    how it came about. same: tracks bound to it elsewhere.
    """

    video_id: str
    track_id: int
    title: str
    name: str
    class_name: str
    colour: tuple[str, str]
    seen: str
    t0_s: float
    t1_s: float
    crops: tuple[CropView, ...]
    still: str
    ratio: str
    path: tuple[tuple[tuple[int, int], ...], ...]
    speed: str
    direction: str
    events: tuple[EventView, ...]
    kinds: tuple[ShareView, ...]
    colours: tuple[ShareView, ...]
    origin: tuple[str, ...]
    labels: tuple[str, ...]
    known_labels: tuple[str, ...]
    classes: tuple[str, ...]
    same: tuple[ElsewhereView, ...]


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A track that may be the same object. pairs: addresses of (ours, theirs), most alike first."""

    video_id: str
    track_id: int
    t_s: float
    title: str
    p: float
    reason: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SuggestionsView:
    """What was found, and how far looks can be trusted; `error` says why nothing can be."""

    found: tuple[SuggestionView, ...] = ()
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """An edit in words. undoable: in force, with nothing built on it."""

    edit_id: int
    sentence: str
    undone: bool
    undoable: bool


@dataclass(frozen=True, slots=True)
class Note:
    """What became of an edit: a sentence, the track to choose now, the edit that can be undone."""

    text: str
    good: bool = True
    track_id: int | None = None
    edit_id: int | None = None
