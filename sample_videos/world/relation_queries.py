"""Questions about who overtakes, follows, passes or accompanies whom, from either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np

from sample_videos.world.facts import Facts, Line, ObjectFacts, Truth, is_colour, is_kind
from sample_videos.world.query_words import PASSIVE, RELATIONS, relation_phrase

_ALIKE: Mapping[str, tuple[str, ...]] = {
    "overtake": ("pass",),
    "pass": ("overtake",),
    "follow": ("stop_behind",),
    "stop_behind": ("follow",),
}
"""Relations that may be called by each other's name: no verdict where one is asked for."""
_SIGNS: Mapping[Truth, str] = {True: "+", False: "-", None: "?"}


@dataclass(frozen=True, slots=True)
class AskRelation:
    """Who stands in a relation to what. role: of the object asked for, "subject" or "object"."""

    kind: str
    relation: str
    other: str
    role: str = "subject"
    colour: str = ""
    other_colour: str = ""

    @property
    def parts(self) -> int:
        return 3 + bool(self.colour) + bool(self.other_colour)


def related(facts: Facts, rng: np.random.Generator, count: int) -> list[dict[str, Any]]:
    """Some questions that have answers, of as many kinds of relation as there are."""
    bodies = {o.body.object_id: o for o in facts.objects}
    pools: dict[tuple[str, str], list[AskRelation]] = {}
    for line in facts.lines:
        a, b = bodies[line.subject], bodies[line.object]
        if line.kind not in RELATIONS or not line.seen or not (a.clear and b.clear):
            continue
        for role, mine, theirs in (("subject", a, b), ("object", b, a)):
            if role == "object" and line.kind not in PASSIVE:
                continue
            shade = rng.random()
            ask = AskRelation(
                mine.body.kind,
                line.kind,
                theirs.body.kind,
                role,
                mine.body.colour if shade < 0.35 else "",
                theirs.body.colour if 0.35 <= shade < 0.6 else "",
            )
            pools.setdefault((line.kind, role), []).append(ask)
    rounds: list[list[AskRelation]] = [[], []]
    for key in [sorted(pools)[int(k)] for k in rng.permutation(len(pools))]:
        unique = list(dict.fromkeys(pools[key]))
        picked = [unique[int(k)] for k in rng.permutation(len(unique))]
        rounds[0] += picked[:1]
        rounds[1] += picked[1:]
    entries = (_answer(ask, facts, rng) for ask in (*rounds[0], *rounds[1]))
    return list(islice((entry for entry in entries if entry["relevant"]), count))


def missing_relations(facts: Facts, rng: np.random.Generator, count: int) -> list[dict[str, Any]]:
    """Questions about kinds that are there, and that do not do this to each other."""
    kinds = sorted({o.body.kind for o in facts.objects if o.body.kind not in ("person", "dog")})
    pairs = [
        AskRelation(a, relation, b)
        for a, b, relation in product(kinds, kinds, ("overtake", "follow"))
    ]
    out: list[dict[str, Any]] = []
    for k in rng.permutation(len(pairs)):
        entry = _answer(pairs[int(k)], facts, rng)
        if not entry["relevant"] and not entry["unjudged"] and len(out) < count:
            out.append({**entry, "nothing": True, "stratum": "nothing", "missing": "relation"})
    return out


def _answer(ask: AskRelation, facts: Facts, rng: np.random.Generator) -> dict[str, Any]:
    bodies = {o.body.object_id: o for o in facts.objects}
    relevant, negatives, unjudged = [], [], []
    verdicts: dict[str, str] = {}
    judged = ["class", *(["colour"] if ask.colour else []), "relation"]
    for number, one in bodies.items():
        parts: list[Truth] = [is_kind(ask.kind, one.body)]
        if ask.colour:
            parts.append(is_colour(ask.colour, one.body, facts.light))
        done, lines = _related(ask, number, bodies, facts)
        parts.append(done)
        if one.clear:
            verdicts[str(number)] = "".join(_SIGNS[truth] for truth in parts)
        wrong = [name for name, truth in zip(judged, parts, strict=True) if truth is False]
        if not wrong:
            if None in parts or not one.clear:
                unjudged.append(number)
            else:
                relevant += [
                    {"object": number, "other": _other(ask, k), "t0_s": k.t0_s, "t1_s": k.t1_s}
                    for k in lines
                ]
        elif len(wrong) == 1 and one.clear and None not in parts:
            why, stratum = _why(ask, wrong[0], number, bodies, facts)
            negatives.append({"object": number, "why": why, "stratum": stratum})
    return {
        "text": relation_phrase(ask.relation, ask.role, (ask.kind, ask.colour),
                                (ask.other, ask.other_colour), rng),
        "parts": ask.parts,
        "stratum": "relation",
        "asked": {
            "type": ask.kind, "colour": ask.colour, "relation": ask.relation, "role": ask.role,
            "other": ask.other, "other_colour": ask.other_colour,
        },
        "relevant": relevant,
        "negatives": negatives,
        "unjudged": unjudged,
        "nothing": False,
        "judged": judged,
        "verdicts": verdicts,
    }  # fmt: skip


def _other(ask: AskRelation, line: Line) -> int:
    return line.object if ask.role == "subject" else line.subject


def _related(
    ask: AskRelation, number: int, bodies: Mapping[int, ObjectFacts], facts: Facts
) -> tuple[Truth, list[Line]]:
    """Whether an object stands in the relation to something that fits, and what says so."""
    proven: list[Line] = []
    unsure = False
    for line in facts.lines:
        mine, other = line.subject, line.object
        if ask.role == "object":
            mine, other = other, mine
        if mine != number:
            continue
        fits = [is_kind(ask.other, bodies[other].body)]
        if ask.other_colour:
            fits.append(is_colour(ask.other_colour, bodies[other].body, facts.light))
        if False in fits:
            continue
        if line.kind == ask.relation and line.seen and bodies[other].clear and None not in fits:
            proven.append(line)
        elif line.kind == ask.relation or line.kind in _ALIKE.get(ask.relation, ()):
            unsure = True
    if proven:
        return True, proven
    return (None if unsure else False), []


def _why(
    ask: AskRelation,
    wrong: str,
    number: int,
    bodies: Mapping[int, ObjectFacts],
    facts: Facts,
) -> tuple[str, str]:
    if wrong == "colour":
        return "other_colour", "N2"
    if wrong == "class":
        return "other_class", "N3"
    mine = [k for k in facts.lines if number in (k.subject, k.object)]
    for line in mine:
        at = line.object if ask.role == "subject" else line.subject
        partner = line.subject if ask.role == "subject" else line.object
        swapped = line.kind == ask.relation and at == number
        if swapped and is_kind(ask.other, bodies[partner].body):
            return "role_swap", "N6"
    if any(line.kind == "meet" for line in mine) and ask.relation in ("overtake", "follow"):
        return "meets_only", "N13"
    return "near_but_not", "N8"
