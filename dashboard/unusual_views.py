"""What the page Unusual shows: objects far from the normal with their reasons, videos over time."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared with what. space: "moves" or "looks". normal: ids of videos, empty for all.

    kinds: classes that are normal, empty for all. after_s, before_s: seconds of the video.
    question: what answers it is normal, "" for everything. selection: key of a selection that is
    normal, "" for none. video: list only what is in this one.
    """

    space: str = "moves"
    normal: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    after_s: float | None = None
    before_s: float | None = None
    question: str = ""
    selection: str = ""
    video: str = ""


@dataclass(frozen=True, slots=True)
class ChoicesView:
    """What can be chosen as normal beside videos. classes: of objects. selections: key -> in words,
    the latest first. objects: how many there are in all.
    """

    classes: tuple[str, ...] = ()
    selections: dict[str, str] = field(default_factory=dict)
    objects: int = 0


@dataclass(frozen=True, slots=True)
class AlikeView:
    """A normal object beside an unusual one. picture: address of its crop."""

    title: str
    picture: str | None
    watch: str


@dataclass(frozen=True, slots=True)
class OddView:
    """An unusual object. reason: a sentence without its subject. rarity: how rare, in words.

    picture: address of its crop; still: of the frame at which it is most unusual, "" in looks.
    size: width and height of the picture, pixels. path: its way, usual: those of normal objects of
    its kind there, each as the points of an SVG polyline in pixels of the picture.
    """

    id: str
    title: str
    reason: str
    rarity: str
    video: str
    span: str
    picture: str | None
    watch: str
    alike: tuple[AlikeView, ...]
    still: str = ""
    size: tuple[int, int] = (16, 9)
    path: str = ""
    usual: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeakView:
    """A stretch that can be opened. left, width: shares of the video's length."""

    text: str
    span: str
    watch: str
    left: float
    width: float
    picture: str | None


@dataclass(frozen=True, slots=True)
class OverTimeView:
    """One video over time. scene, objects: points of SVG lines in a box of 1000 by 100."""

    video_id: str
    video: str
    length: str
    scene: str
    objects: str
    peaks: tuple[PeakView, ...]


@dataclass(frozen=True, slots=True)
class UnusualView:
    """The page. normal: what it was compared with, in words. count: of all that is unusual.

    thin: in how many videos nothing can be said of places, "" where in none. untold: why nothing
    can be told, "" where it can. error: why the question cannot be answered.
    """

    asked: Asked = field(default_factory=Asked)
    normal: str = ""
    odd: tuple[OddView, ...] = ()
    count: int = 0
    thin: str = ""
    untold: str = ""
    over_time: OverTimeView | None = None
    error: str = ""
