"""Questions about a clip with their true answers, near misses, and what nobody could decide.

A query is a class, a colour and a motion (any of them may be missing), or a relation. For every
object each part is true, false or unsure; an object with a false part is no answer (and, with
exactly one false part, a hard negative), one that is unsure is left unjudged. Silver and grey,
silver and white count as unsure for one another, likewise a truck or rider that carries the colour
only as its second one, a pickup for "car" and a minibus for "bus".
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sample_videos.world.query_words import MOTIONS, SEQUENCES, phrase, relation_phrase
from sample_videos.world.scene import COLOURS, Body

Spans = list[tuple[float, float]]
_NEAR_COLOURS = (
    {"silver", "grey"}, {"silver", "white"}, {"orange", "brown"}, {"purple", "pink"},
)  # fmt: skip
_NIGHT_COLOURS = (
    {"grey", "black"}, {"brown", "black"}, {"red", "brown"}, {"red", "orange"}, {"red", "pink"},
    {"yellow", "orange"}, {"blue", "purple"}, {"blue", "black"}, {"purple", "black"},
    {"white", "grey"}, {"green", "black"}, {"brown", "grey"}, {"yellow", "white"},
)  # fmt: skip
_SECOND_COLOUR = ("truck", "person", "motorcycle", "bicycle")
_TRAFFIC = ("car", "van", "truck", "bus", "motorcycle")
_MIRRORED = {"turn_left": "turn_right", "turn_right": "turn_left"}
_MOST = 28


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
    """A question: kind of object ("" for any vehicle), colour, motion; without: is negated."""

    kind: str
    colour: str = ""
    motion: str = ""
    without: bool = False

    @property
    def parts(self) -> int:
        motion = 0 if not self.motion else (2 if self.motion in SEQUENCES else 1)
        return 1 + bool(self.colour) + motion

    @property
    def stratum(self) -> str:
        if self.without:
            return "negation"
        if self.motion in SEQUENCES:
            return "sequence"
        name = {"stop": "stop", "wait": "stop", "parked": "parked"}.get(self.motion, "motion")
        if self.colour and self.motion:
            return "colour+" + name
        if self.motion:
            return name
        return "colour" if self.colour else "class"


def queries(facts: Facts, seed: int) -> list[dict[str, Any]]:
    """10 to 28 questions with answers, as plain data; a function of the facts and the seed."""
    rng = np.random.default_rng([zlib.crc32(b"queries"), seed])
    out: list[dict[str, Any]] = []
    seen: set[Ask] = set()
    for ask in _asks(facts, rng):
        if ask in seen or len(out) >= _MOST - 4:
            continue
        seen.add(ask)
        entry = _answer(ask, facts, rng)
        if entry["relevant"] or ask == Ask("car", "red", "turn_left"):
            entry["nothing"] = not entry["relevant"]
            if entry["nothing"] and entry["unjudged"]:
                continue
            out.append(entry)
    out += _related(facts, rng)
    out += _nothing(facts, rng, seen)
    return out[:_MOST]


def judge(ask: Ask, one: ObjectFacts, light: str) -> tuple[dict[str, bool | None], Spans]:
    """Each part's truth (None: unsure) for an object, and when the motion was seen."""
    parts: dict[str, bool | None] = {"class": _is_kind(ask.kind, one.body)}
    if ask.colour:
        parts["colour"] = _is_colour(ask.colour, one.body, light)
    spans: Spans = [one.span]
    if ask.motion:
        done, spans = _did(ask.motion, one)
        parts["motion"] = done if not ask.without or done is None else not done
        if ask.without:
            spans = [one.span]
    return parts, spans


def _is_kind(kind: str, body: Body) -> bool | None:
    if kind == "":
        return body.kind in _TRAFFIC if body.kind != "bicycle" else None
    if body.kind == kind:
        return True
    if (kind, body.variant) in (("car", "pickup"), ("bus", "minibus"), ("car", "minibus")):
        return None
    return False


def _is_colour(colour: str, body: Body, light: str) -> bool | None:
    if body.colour == colour:
        return True
    if body.kind in _SECOND_COLOUR and body.colour2 == colour:
        return None
    near = _NEAR_COLOURS + (_NIGHT_COLOURS if light in ("night", "dusk") else ())
    if any(colour in pair and body.colour in pair for pair in near):
        return None
    return False


def _did(motion: str, one: ObjectFacts) -> tuple[bool | None, Spans]:
    if motion in SEQUENCES:
        first, second = SEQUENCES[motion]
        spans = [
            (a0, max(a1, b1))
            for a0, a1 in one.certain.get(first, [])
            for b0, b1 in one.certain.get(second, [])
            if b1 > a1 and b0 - a1 < 8.0
        ]
        if spans:
            return True, spans[:1]
        unsure = {first, second} & one.partly
        return (None if unsure else False), []
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


def _answer(ask: Ask, facts: Facts, rng: np.random.Generator) -> dict[str, Any]:
    relevant, negatives, unjudged = [], [], []
    for one in facts.objects:
        parts, spans = judge(ask, one, facts.light)
        number = one.body.object_id
        wrong = [name for name, truth in parts.items() if truth is False]
        if not wrong:
            if None in parts.values() or not one.clear:
                unjudged.append(number)
            else:
                relevant += [{"object": number, "t0_s": a, "t1_s": b} for a, b in spans]
        elif len(wrong) == 1 and one.clear and len(parts) > 1 and None not in parts.values():
            why, stratum = _why(ask, wrong[0], one, facts)
            negatives.append({"object": number, "why": why, "stratum": stratum})
    return {
        "text": phrase(ask.kind, ask.colour, ask.motion, ask.without, rng),
        "parts": ask.parts,
        "stratum": ask.stratum,
        "asked": {
            "type": ask.kind, "colour": ask.colour, "motion": ask.motion, "without": ask.without,
        },
        "relevant": relevant,
        "negatives": negatives,
        "unjudged": unjudged,
        "nothing": False,
    }  # fmt: skip


def _why(ask: Ask, wrong: str, one: ObjectFacts, facts: Facts) -> tuple[str, str]:
    """The reason why an object is no answer, and its stratum of hard negatives."""
    if wrong == "colour":
        return "other_colour", "N2"
    if wrong == "class":
        return "other_class", "N3"
    if _MIRRORED.get(ask.motion) in one.certain:
        return "mirrored_turn", "N4"
    if "parked" in one.certain:
        return "parked", "N5"
    if ask.motion in ("turn_left", "turn_right") and facts.layout == "road-bend":
        return "follows_bend", "N10"
    if ask.motion in SEQUENCES and SEQUENCES[ask.motion][0] in one.certain:
        return "half_of_the_sequence", "N7"
    if ask.motion in ("stop", "wait") and "straight" in one.certain:
        return "drives_on", "N1"
    return "other_motion", "N1"


def _asks(facts: Facts, rng: np.random.Generator) -> list[Ask]:
    """Questions worth asking, the most telling ones first."""
    clear = [o for o in facts.objects if o.clear]
    full: list[Ask] = []
    moved: list[Ask] = []
    named: list[Ask] = []
    for one in clear:
        body = one.body
        for motion in [*one.certain, *SEQUENCES]:
            if motion not in MOTIONS and motion not in SEQUENCES:
                continue
            if _did(motion, one)[0] and _fits(motion, body.kind):
                full.append(Ask(body.kind, body.colour, motion))
                moved.append(Ask(body.kind, "", motion))
        named.append(Ask(body.kind, body.colour))
    kinds = sorted({o.body.kind for o in clear})
    plain = [Ask(kind) for kind in kinds if kind != "car"]
    signature = [Ask("car", "red", "turn_left")]
    turns = [a for a in full if a.motion in ("turn_left", "turn_right", "u_turn", "lane_change")]
    rests = [a for a in full if a.motion in ("stop", "parked", "wait", "stop_start", "run")]
    views = [a for a in full if a not in turns and a not in rests]
    negated = [
        Ask(a.kind, a.colour, a.motion, True)
        for a in turns
        if a.motion in ("turn_left", "turn_right")
    ]
    pick = [
        *signature,
        *_some(turns, 6, rng), *_some(rests, 4, rng), *_some(views, 3, rng),
        *_some([m for m in moved if m.motion in ("turn_left", "turn_right", "u_turn")], 2, rng),
        *_some([m for m in moved if m.motion not in ("turn_left", "turn_right")], 3, rng),
        *_some(named, 4, rng), *_some(plain, 2, rng), *_some(negated, 1, rng),
    ]  # fmt: skip
    if any("u_turn" in o.certain for o in clear):
        pick.append(Ask("", "", "u_turn"))
    return pick


def _fits(motion: str, kind: str) -> bool:
    if kind in ("person", "dog"):
        return motion in ("run", "approach", "recede", "screen_left", "screen_right", "stop")
    return motion != "run"


def _some(asks: Sequence[Ask], count: int, rng: np.random.Generator) -> list[Ask]:
    unique = list(dict.fromkeys(asks))
    return [unique[int(k)] for k in rng.permutation(len(unique))[:count]]


def _related(facts: Facts, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Questions about who overtakes, follows or walks whom."""
    out = []
    bodies = {o.body.object_id: o for o in facts.objects}
    done: set[tuple[str, str, str]] = set()
    for line in facts.lines:
        a, b = bodies[line.subject], bodies[line.object]
        key = (line.kind, a.body.kind, b.body.kind)
        if not line.seen or not (a.clear and b.clear) or key in done or line.kind == "pass":
            continue
        done.add(key)
        same = [
            k for k in facts.lines
            if k.kind == line.kind
            and (bodies[k.subject].body.kind, bodies[k.object].body.kind) == key[1:]
        ]  # fmt: skip
        relevant = [
            {"object": k.subject, "other": k.object, "t0_s": k.t0_s, "t1_s": k.t1_s}
            for k in same
            if k.seen
        ]
        answers = {k.subject for k in same if k.seen}
        unjudged = sorted({k.subject for k in same if not k.seen} - answers)
        negatives = [
            {"object": k.object, "why": "role_swap", "stratum": "N6"}
            for k in same
            if k.seen and k.object not in answers and key[1] == key[2]
        ]
        negatives += [
            {"object": n, "why": "near_but_not", "stratum": "N8"}
            for n, o in bodies.items()
            if o.body.kind == key[1] and o.clear and n not in answers and n not in unjudged
            and all(n != row["object"] for row in negatives)
            and "parked" not in o.certain
        ]  # fmt: skip
        out.append(
            {
                "text": relation_phrase(line.kind, key[1], key[2], rng),
                "parts": 3,
                "stratum": "relation",
                "asked": {"type": key[1], "relation": line.kind, "other": key[2]},
                "relevant": relevant,
                "negatives": negatives,
                "unjudged": unjudged,
                "nothing": False,
            }
        )
    return out[:4]


def _nothing(facts: Facts, rng: np.random.Generator, asked: set[Ask]) -> list[dict[str, Any]]:
    """Questions that nothing in the clip answers, built from what is there."""
    kinds = sorted({o.body.kind for o in facts.objects if o.body.kind in _TRAFFIC})
    out: list[dict[str, Any]] = []
    if not kinds:
        return out
    for _ in range(60):
        if len(out) == 3:
            break
        kind = str(rng.choice(kinds))
        colour = str(rng.choice(list(COLOURS))) if len(out) != 1 else ""
        motion = str(rng.choice(["turn_left", "turn_right", "u_turn", "lane_change", "stop_start"]))
        ask = Ask(kind, colour, motion if len(out) < 2 else "")
        entry = _answer(ask, facts, rng)
        if ask in asked or entry["relevant"] or entry["unjudged"]:
            continue
        asked.add(ask)
        entry["nothing"] = True
        entry["stratum"] = "nothing"
        out.append(entry)
    return out
