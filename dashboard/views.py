"""What pages show: the engine's answers and the library's state in words, links and percentages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.search.scoring import HOLDS, MATCH_PART


@dataclass(frozen=True, slots=True)
class SpanView:
    """A span of a video in seconds, and as a player writes it."""

    t0_s: float
    t1_s: float
    text: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One testable piece of the question, with its proof.

    p: probability in [0, 1]. level: "yes", "unsure", "no", or "unknown" where too little was seen,
    and `reason` says why. picture: the crop that proves it, shown once of several equal ones.
    kind: as in `core.language.query.PartKind`. said: what a person said of it; before: p without
    what people said. percentile: share of comparable objects that fit less well, in [0, 1];
    standing: the same in words, "" where it says nothing. instead: what it is or does in place of
    a part that fails. proof: address of a still on which the proof is drawn, proof_alt: the same in
    words. span: when it happened, where it is something that happens. other: what was asked of the
    other object of a relation. label: the part as the question's canonical words, by which it is
    judged; words: what people read where that differs ("like the picture").
    """

    label: str
    p: float
    level: str
    text: str
    picture: str | None
    kind: str = ""
    said: bool | None = None
    before: float | None = None
    percentile: float = 0.0
    standing: str = ""
    instead: str = ""
    reason: str = ""
    proof: str | None = None
    proof_alt: str = ""
    span: SpanView | None = None
    other: tuple[PartView, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class ObjectView:
    """An object of a moment, or another track of it. watch: where to follow it."""

    track_id: int
    name: str
    watch: str


@dataclass(frozen=True, slots=True)
class MomentView:
    """One result: a span [t0_s, t1_s] of a video, its parts, and where to get its pictures.

    picture: the crop that shows the object best; still: the object in its frame, drawn. source: the
    video file, as a media fragment. boxes: where its objects are at each frame of the span, as
    `dashboard.boxes` packs it. clip: the span as a file to keep, clip_drawn: with what proves it
    drawn in. watch: the page that plays it. objects: the object, then those it stands in relation
    to; also: other tracks of the same object; again: further spans that answer. score: None where
    nothing was asked. said: what a person said of it as a whole.
    """

    id: str
    video: str
    span: str
    t0_s: float
    t1_s: float
    score: float | None
    picture: str | None
    source: str
    parts: tuple[PartView, ...]
    video_id: str = ""
    track_ids: tuple[int, ...] = ()
    matches: bool = True
    still: str | None = None
    boxes: str | None = None
    watch: str = ""
    clip: str = ""
    clip_drawn: str = ""
    objects: tuple[ObjectView, ...] = ()
    also: tuple[ObjectView, ...] = ()
    again: tuple[SpanView, ...] = ()
    said: bool | None = None


@dataclass(frozen=True, slots=True)
class VideoView:
    """One video of the library. state: "ready", "damaged", "ingesting" or "interrupted"."""

    id: str
    name: str
    length: str
    duration_s: float
    objects: int
    state: str
    error: str | None


@dataclass(frozen=True, slots=True)
class LibraryView:
    """The library as a whole; `error` says why it cannot be used."""

    place: str
    videos: tuple[VideoView, ...] = ()
    error: str | None = None

    @property
    def ready(self) -> tuple[VideoView, ...]:
        return tuple(video for video in self.videos if video.state == "ready")

    @property
    def damaged(self) -> tuple[VideoView, ...]:
        return tuple(video for video in self.videos if video.state == "damaged")

    @property
    def unfinished(self) -> tuple[VideoView, ...]:
        return tuple(v for v in self.videos if v.state in ("ingesting", "interrupted"))

    @property
    def summary(self) -> str:
        ready = self.ready
        length = clock(sum(video.duration_s for video in ready))
        objects = sum(video.objects for video in ready)
        return f"{counted(len(ready), 'video')} · {length} · {counted(objects, 'object')} followed"


def clock(seconds: float, decimals: int = 0) -> str:
    """Minutes and seconds as on a player: 75.25 is "1:15", with one decimal "1:15.3"."""
    whole = round(max(seconds, 0.0), decimals)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    width = 2 if decimals == 0 else 3 + decimals
    tail = f"{rest:0{width}.{decimals}f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def level(p: float) -> str:
    """Whether a part holds, in a word: the bar's colour is not the only sign."""
    if p >= HOLDS:
        return "yes"
    return "unsure" if p >= MATCH_PART else "no"


def names(words: Sequence[str]) -> str:
    """Words in quotes, joined as in a sentence."""
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
