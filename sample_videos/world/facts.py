"""What questions are about, and when each of their parts is true of an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sample_videos.world.query_words import SEQUENCES
from sample_videos.world.scene import COLOURS, KINDS, Body

Spans = list[tuple[float, float]]
Truth = bool | None
"""None: nobody can say."""

TRAFFIC = ("car", "van", "truck", "bus", "motorcycle")
_NEAR_COLOURS = (
    {"silver", "grey"}, {"silver", "white"}, {"orange", "brown"}, {"purple", "pink"},
)  # fmt: skip
_NIGHT_COLOURS = (
    {"grey", "black"}, {"brown", "black"}, {"red", "brown"}, {"red", "orange"}, {"red", "pink"},
    {"yellow", "orange"}, {"blue", "purple"}, {"blue", "black"}, {"purple", "black"},
    {"white", "grey"}, {"green", "black"}, {"brown", "grey"}, {"yellow", "white"},
)  # fmt: skip
_SECOND_COLOUR = ("truck", "person", "motorcycle", "bicycle")
_SOON_S = 8.0
_OVERLAP_S = 1.5


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What is known about one object: motions surely seen (with spans), and perhaps seen."""

    body: Body
    clear: bool
    span: tuple[float, float]
    certain: Mapping[str, Spans]
    partly: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A relation: subject does `kind` to object; seen: both showed well meanwhile."""

    kind: str
    subject: int
    object: int
    t0_s: float
    t1_s: float
    seen: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the questions of one clip are about."""

    objects: tuple[ObjectFacts, ...]
    lines: tuple[Line, ...]
    layout: str
    light: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: kind of object ("" for any vehicle), colour, motion; without: the motion is
    negated; not_colour: the colour is.
    """

    kind: str
    colour: str = ""
    motion: str = ""
    without: bool = False
    not_colour: bool = False

    @property
    def parts(self) -> int:
        motion = 0 if not self.motion else (2 if self.motion in SEQUENCES else 1)
        return 1 + bool(self.colour) + motion

    @property
    def stratum(self) -> str:
        if self.without or self.not_colour:
            return "negation"
        if self.motion in SEQUENCES:
            return "sequence"
        name = {"stop": "stop", "wait": "stop", "parked": "parked"}.get(self.motion, "motion")
        if self.colour and self.motion:
            return "colour+" + name
        if self.motion:
            return name
        return "colour" if self.colour else "class"


def is_kind(kind: str, body: Body) -> Truth:
    """Whether a body is of a kind; "" is any vehicle."""
    if kind == "":
        return body.kind in TRAFFIC if body.kind != "bicycle" else None
    if body.kind == kind:
        return True
    if (kind, body.variant) in (("car", "pickup"), ("bus", "minibus"), ("car", "minibus")):
        return None
    return False


def is_colour(colour: str, body: Body, light: str) -> Truth:
    """Whether a body is of a colour, by what can be told apart in this light."""
    if body.colour == colour:
        return True
    if body.kind in _SECOND_COLOUR and body.colour2 == colour:
        return None
    near = _NEAR_COLOURS + (_NIGHT_COLOURS if light in ("night", "dusk") else ())
    if any(colour in pair and body.colour in pair for pair in near):
        return None
    return False


def may_be(body: Body, light: str) -> list[str]:
    """Other kinds and colours that nobody could deny of a body."""
    kinds = [kind for kind in KINDS if is_kind(kind, body) is None]
    return kinds + [colour for colour in COLOURS if is_colour(colour, body, light) is None]


def did(motion: str, one: ObjectFacts) -> tuple[Truth, Spans]:
    """Whether an object did something, and when."""
    if motion in SEQUENCES:
        return _did_both(*SEQUENCES[motion], one)
    spans = list(one.certain.get(motion, []))
    if spans:
        return True, spans
    if motion in one.partly:
        return None, []
    if motion == "straight" and (one.partly & {"turn_left", "turn_right", "u_turn"}):
        return None, []
    if motion == "parked" and "wait" in one.certain:
        return None, []
    return False, []


def _did_both(first: str, second: str, one: ObjectFacts) -> tuple[Truth, Spans]:
    """One thing and soon after it another; both, but with a long time between, is no verdict."""
    before, after = one.certain.get(first, []), one.certain.get(second, [])
    later = [(a, b) for a in before for b in after if b[1] > a[1] and b[0] >= a[1] - _OVERLAP_S]
    soon = [(a[0], max(a[1], b[1])) for a, b in later if b[0] - a[1] < _SOON_S]
    if soon:
        return True, soon[:1]
    unsure = bool(later) or bool({first, second} & one.partly)
    return (None if unsure else False), []
