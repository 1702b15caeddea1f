"""What a question asks for, as plain values: what the parser makes and the engine runs.

`str(query)` prints it back in canonical words, and parsing those words gives the same query again;
that is how the dashboard shows a question as parts that can be edited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from core.language.plurals import article, plural
from core.language.sketches import LikePart, PathPart, ZonePart

PartKind = Literal[
    "class",
    "colour",
    "appearance",
    "event",
    "order",
    "relation",
    "count",
    "scene",
    "like",
    "path",
    "zone",
    "label",
]
Role = Literal["subject", "object"]
Order = Literal["none", "then", "while"]
Joint = Literal["then", "while"]
Frame = Literal["vehicle", "viewer"]
At = tuple[int, int]
"""Half-open range of characters of the typed text; (0, 0) where a part was not typed."""

EVENT_WORDS: dict[str, str] = {
    "turn": "turning",
    "turn_left": "turning left",
    "turn_right": "turning right",
    "u_turn": "making a u-turn",
    "straight": "going straight",
    "stop": "stopping",
    "wait": "waiting",
    "start": "starting to move",
    "parked": "parked",
    "moving": "moving",
    "stationary": "stationary",
    "screen_left": "moving to the left",
    "screen_right": "moving to the right",
    "screen_up": "moving upwards",
    "screen_down": "moving downwards",
    "approach": "approaching the camera",
    "recede": "moving away from the camera",
    "slow_down": "slowing down",
    "speed_up": "speeding up",
    "enter": "entering the frame",
    "exit": "leaving the frame",
    "appear": "appearing",
    "disappear": "disappearing",
    "fast": "moving fast",
    "slow": "moving slowly",
    "cross": "crossing",
    "reverse": "reversing",
    "lane_change": "changing lanes",
    "loiter": "loitering",
}
"""Event kind -> its canonical wording, which the parser reads back."""

RELATION_WORDS: dict[tuple[str, Role], str] = {
    ("follow", "subject"): "following",
    ("follow", "object"): "followed by",
    ("overtake", "subject"): "overtaking",
    ("overtake", "object"): "overtaken by",
    ("pass", "subject"): "going past",
    ("pass", "object"): "passed on the spot by",
    ("near", "subject"): "next to",
    ("with", "subject"): "in the company of",
    ("behind", "subject"): "behind",
    ("behind", "object"): "in front of",
    ("stop_behind", "subject"): "stopping behind",
    ("stop_behind", "object"): "stopped behind by",
    ("meet", "subject"): "meeting",
    ("between", "subject"): "between",
    ("group", "subject"): "in a group with",
    ("together", "subject"): "together with",
}
"""(relation kind, role of the target) -> its canonical wording."""

SYMMETRIC = frozenset({"near", "with", "meet", "between", "group", "together"})
"""Relations in which both objects have the same role, "subject"."""

Manner = Literal["", "slowly", "fast", "sharply", "slightly"]


@dataclass(frozen=True, slots=True)
class ColourPart:
    """The target has one of these colours (or, negated, none of them).

    colours: canonical colour words ("red", "dark blue"), any of which will do. on: the garment
    that has the colour ("jacket"), or "" for the object itself. at: where it was said.
    """

    colours: tuple[str, ...]
    negated: bool = False
    on: str = ""
    at: At = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        words = " or ".join(self.colours)
        if self.on:
            words = f"wearing {words} {self.on}"
        return f"not {words}" if self.negated else words


@dataclass(frozen=True, slots=True)
class AppearancePart:
    """The target looks like these free words, judged by the encoder. at: where it was said."""

    text: str
    negated: bool = False
    at: At = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        return f'not "{self.text}"' if self.negated else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class EventPart:
    """The target's motion satisfies this predicate for at least `min_s` and at most `max_s`.

    at: where it was said.
    """

    kind: str
    negated: bool = False
    manner: Manner = ""
    min_s: float | None = None
    max_s: float | None = None
    at: At = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        words = EVENT_WORDS[self.kind]
        if self.manner:
            words = f"{words} {self.manner}"
        words += _lasting(self.min_s, self.max_s)
        return f"not {words}" if self.negated else words


@dataclass(frozen=True, slots=True)
class Target:
    """What kind of object, and how it looks.

    classes: canonical class words, any of which will do; empty means any object.
    count: how many such objects are asked for at the same time, at least.
    classes_at, not_classes_at, count_at: where they were said.
    """

    classes: tuple[str, ...] = ()
    not_classes: tuple[str, ...] = ()
    colours: tuple[ColourPart, ...] = ()
    looks: tuple[AppearancePart, ...] = ()
    count: int = 1
    classes_at: At = field(default=(0, 0), compare=False, repr=False)
    not_classes_at: At = field(default=(0, 0), compare=False, repr=False)
    count_at: At = field(default=(0, 0), compare=False, repr=False)

    @property
    def empty(self) -> bool:
        return not (self.classes or self.not_classes or self.colours or self.looks)

    def __str__(self) -> str:
        front = [c for c in self.colours if not c.on and not c.negated]
        back = [c for c in self.colours if c.on or c.negated]
        words = [str(self.count)] if self.count > 1 else []
        words += [" and ".join(str(c) for c in front)] if front else []
        nouns = self.classes or ("object",)
        words.append(" or ".join(map(plural, nouns) if self.count > 1 else nouns))
        words += [str(c) for c in back]
        words += [f"not {article(name)}" for name in self.not_classes]
        words += [str(look) for look in self.looks]
        return " ".join(words)

    @property
    def said(self) -> str:
        """In words, with its article: "a red car", "2 cars"."""
        return str(self) if self.count > 1 else article(str(self))


@dataclass(frozen=True, slots=True)
class RelationPart:
    """The target stands in this relation to another object; `role` is the target's role in it.

    third: the second of the two others that the target is between, or None. doing: what the other
    object does meanwhile ("next to a parked van"). min_s, max_s: how long it must last at least
    and may last at most. at: where it was said.
    """

    kind: str
    role: Role = "subject"
    other: Target = field(default_factory=Target)
    negated: bool = False
    third: Target | None = None
    doing: tuple[EventPart, ...] = ()
    min_s: float | None = None
    max_s: float | None = None
    at: At = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        words = f"{RELATION_WORDS[self.kind, self.role]} {self.other.said}"
        if self.third is not None:
            words = f"{words} and {self.third.said}"
        words += _lasting(self.min_s, self.max_s)
        if self.doing:
            words = f"{words} which is {' and '.join(str(event) for event in self.doing)}"
        return f"not {words}" if self.negated else words


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Only moments that touch this span of a video; None leaves that side open."""

    after_s: float | None = None
    before_s: float | None = None
    at: At = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        after, before = self.after_s, self.before_s
        if after is not None and before is not None:
            return f"between {_clock(after)} and {_clock(before)}"
        if after is not None:
            return f"after {_clock(after)}"
        return f"before {_clock(before)}" if before is not None else ""


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    order: whether `events` must follow one another or overlap. gap_s: most seconds between one
    and the next, and between this query and `then`. likes, drawn, zones: what is shown rather than
    said. places: words of place that were understood but that nothing measures yet. scene: the
    whole question describes a scene rather than an object. then: another object's query that must
    come true later in the same video, or at the same time when `joint` is "while".
    text, unknown_words and corrections describe how it was asked and do not take part in equality,
    nor do parsed, the grammar's own reading where another reader understood the question
    (`core.language.understanding`), problem, why that reader could not, and where places, gap and
    frame were said.
    """

    target: Target = field(default_factory=Target)
    events: tuple[EventPart, ...] = ()
    order: Order = "none"
    gap_s: float | None = None
    relations: tuple[RelationPart, ...] = ()
    likes: tuple[LikePart, ...] = ()
    drawn: tuple[PathPart, ...] = ()
    zones: tuple[ZonePart, ...] = ()
    places: tuple[str, ...] = ()
    window: TimeWindow | None = None
    frame: Frame = "vehicle"
    scene: str = ""
    then: Query | None = None
    joint: Joint = "then"
    text: str = field(default="", compare=False)
    unknown_words: tuple[str, ...] = field(default=(), compare=False)
    corrections: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    parsed: Query | None = field(default=None, compare=False)
    problem: str = field(default="", compare=False)
    places_at: tuple[At, ...] = field(default=(), compare=False, repr=False)
    gap_at: At = field(default=(0, 0), compare=False, repr=False)
    frame_at: At = field(default=(0, 0), compare=False, repr=False)

    def __str__(self) -> str:
        if self.scene:
            shown = (*self.likes, *self.drawn, *self.zones)
            when = [str(self.window)] if self.window else []
            return ", ".join([f'scene "{self.scene}"', *when, *map(str, shown)])
        words = str(self.target)
        joined = {"none": " and ", "then": " then ", "while": " while "}[self.order]
        if self.events:
            words += " " + joined.join(str(event) for event in self.events)
        rest = [str(relation) for relation in self.relations]
        rest += [f"at the {place}" for place in self.places]
        rest += [f"at most {_number(self.gap_s)} s apart"] if self.gap_s is not None else []
        rest += [str(self.window)] if self.window else []
        rest += ["on screen"] if self.frame == "viewer" else []
        rest += [str(part) for part in (*self.likes, *self.drawn, *self.zones)]
        sentence = ", ".join([words, *rest])
        if self.then is None:
            return sentence
        return f"{sentence}; {self.joint} {article(str(self.then))}"

    def parts(self) -> Iterator[tuple[PartKind, str]]:
        """Kind and canonical wording of every part, in the order in which they are tested."""
        if self.scene:
            yield "scene", self.scene
            return
        target = self.target
        if target.classes:
            yield "class", " or ".join(target.classes)
        for name in target.not_classes:
            yield "class", f"not {article(name)}"
        for colour in target.colours:
            yield "colour", str(colour)
        for look in target.looks:
            yield "appearance", str(look)
        for event in self.events:
            yield "event", str(event)
        if self.order != "none":
            joint = f" {self.order} "
            yield "order", joint.join(EVENT_WORDS[event.kind] for event in self.events)
        for relation in self.relations:
            yield "relation", str(relation)
        for like in self.likes:
            yield "like", str(like)
        for path in self.drawn:
            yield "path", str(path)
        for zone in self.zones:
            yield "zone", str(zone)
        if target.count > 1:
            yield "count", f"{target.count} at the same time"


def _lasting(min_s: float | None, max_s: float | None) -> str:
    words = "" if min_s is None else f" for at least {_number(min_s)} s"
    return words if max_s is None else f"{words} for at most {_number(max_s)} s"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
