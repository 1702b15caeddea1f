"""What a question asks for, as plain values: what the parser makes and the engine runs.

`str(query)` prints it back in canonical words, and parsing those words gives the same query again;
that is how the dashboard shows a question as parts that can be edited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

PartKind = Literal["class", "colour", "appearance", "event", "order", "relation", "count", "scene"]
Role = Literal["subject", "object"]
Order = Literal["none", "then", "while"]
Frame = Literal["vehicle", "viewer"]

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
    ("near", "subject"): "next to",
    ("with", "subject"): "in the company of",
    ("behind", "subject"): "behind",
    ("behind", "object"): "in front of",
    ("meet", "subject"): "meeting",
    ("together", "subject"): "together with",
}
"""(relation kind, role of the target) -> its canonical wording."""

Manner = Literal["", "slowly", "fast", "sharply", "slightly"]


@dataclass(frozen=True, slots=True)
class ColourPart:
    """The target has one of these colours (or, negated, none of them).

    colours: canonical colour words ("red", "dark blue"), any of which will do. on: the garment
    that has the colour ("jacket"), or "" for the object itself.
    """

    colours: tuple[str, ...]
    negated: bool = False
    on: str = ""

    def __str__(self) -> str:
        words = " or ".join(self.colours)
        if self.on:
            words = f"wearing {words} {self.on}"
        return f"not {words}" if self.negated else words


@dataclass(frozen=True, slots=True)
class AppearancePart:
    """The target looks like these free words, judged by the encoder."""

    text: str
    negated: bool = False

    def __str__(self) -> str:
        return f'not "{self.text}"' if self.negated else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class EventPart:
    """The target's motion satisfies this predicate for at least `min_s` and at most `max_s`."""

    kind: str
    negated: bool = False
    manner: Manner = ""
    min_s: float | None = None
    max_s: float | None = None

    def __str__(self) -> str:
        words = EVENT_WORDS[self.kind]
        if self.manner:
            words = f"{words} {self.manner}"
        if self.min_s is not None:
            words = f"{words} for at least {_number(self.min_s)} s"
        if self.max_s is not None:
            words = f"{words} for at most {_number(self.max_s)} s"
        return f"not {words}" if self.negated else words


@dataclass(frozen=True, slots=True)
class Target:
    """What kind of object, and how it looks.

    classes: canonical class words, any of which will do; empty means any object.
    count: how many such objects are asked for at the same time.
    """

    classes: tuple[str, ...] = ()
    not_classes: tuple[str, ...] = ()
    colours: tuple[ColourPart, ...] = ()
    looks: tuple[AppearancePart, ...] = ()
    count: int = 1

    @property
    def empty(self) -> bool:
        return not (self.classes or self.not_classes or self.colours or self.looks)

    def __str__(self) -> str:
        front = [c for c in self.colours if not c.on and not c.negated]
        back = [c for c in self.colours if c.on or c.negated]
        words = [str(self.count)] if self.count > 1 else []
        words += [" and ".join(str(c) for c in front)] if front else []
        words.append(" or ".join(self.classes) or ("objects" if self.count > 1 else "object"))
        words += [str(c) for c in back]
        words += [f"not a {name}" for name in self.not_classes]
        words += [str(look) for look in self.looks]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class RelationPart:
    """The target stands in this relation to another object; `role` is the target's role in it."""

    kind: str
    role: Role = "subject"
    other: Target = field(default_factory=Target)
    negated: bool = False

    def __str__(self) -> str:
        words = f"{RELATION_WORDS[self.kind, self.role]} a {self.other}"
        return f"not {words}" if self.negated else words


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Only moments that touch this span of a video; None leaves that side open."""

    after_s: float | None = None
    before_s: float | None = None

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

    order: whether `events` must follow one another or overlap. places: words of place that were
    understood but that nothing measures yet. scene: the whole question describes a scene rather
    than an object. then: another object's query that must come true later in the same video.
    text, unknown_words and corrections describe how it was asked and do not take part in equality.
    """

    target: Target = field(default_factory=Target)
    events: tuple[EventPart, ...] = ()
    order: Order = "none"
    relations: tuple[RelationPart, ...] = ()
    places: tuple[str, ...] = ()
    window: TimeWindow | None = None
    frame: Frame = "vehicle"
    scene: str = ""
    then: Query | None = None
    text: str = field(default="", compare=False)
    unknown_words: tuple[str, ...] = field(default=(), compare=False)
    corrections: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        if self.scene:
            return f'scene "{self.scene}"'
        words = str(self.target)
        joint = {"none": " and ", "then": " then ", "while": " while "}[self.order]
        if self.events:
            words += " " + joint.join(str(event) for event in self.events)
        rest = [str(relation) for relation in self.relations]
        rest += [f"at the {place}" for place in self.places]
        rest += [str(self.window)] if self.window else []
        rest += ["on screen"] if self.frame == "viewer" else []
        sentence = ", ".join([words, *rest])
        return f"{sentence}; then a {self.then}" if self.then else sentence

    def parts(self) -> Iterator[tuple[PartKind, str]]:
        """Kind and canonical wording of every part, in the order in which they are tested."""
        if self.scene:
            yield "scene", self.scene
            return
        target = self.target
        if target.classes:
            yield "class", " or ".join(target.classes)
        for name in target.not_classes:
            yield "class", f"not a {name}"
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
        if target.count > 1:
            yield "count", f"{target.count} at the same time"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
