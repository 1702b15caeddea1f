"""Questions about a clip with their true answers, near misses, and what nobody could decide.

A query is a class, a colour and a motion (any of them may be missing), or a relation. For every
object each part is true, false or unsure; an object with a false part is no answer (and, with
exactly one false part, a hard negative), one that is unsure is left unjudged. Silver and grey,
silver and white count as unsure for one another, likewise a truck or rider that carries the colour
only as its second one, a pickup for "car" and a minibus for "bus".
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from sample_videos.world.facts import (
    Ask,
    Facts,
    ObjectFacts,
    Spans,
    Truth,
    did,
    is_colour,
    is_kind,
)
from sample_videos.world.paraphrases import paraphrases
from sample_videos.world.query_choice import SIGNATURE, asks, missing
from sample_videos.world.query_words import SEQUENCES, phrase
from sample_videos.world.relation_queries import missing_relations, related

_MIRRORED = {"turn_left": "turn_right", "turn_right": "turn_left"}
_SCREEN = ("screen_left", "screen_right")
_RELATIONS = 4
_NOTHING = 4
_SIGNS: dict[Truth, str] = {True: "+", False: "-", None: "?"}


def queries(facts: Facts, seed: int) -> list[dict[str, Any]]:
    """Up to some thirty questions with answers, as plain data, each asked in three ways.

    A function of the facts and the seed.
    """
    rng = np.random.default_rng([zlib.crc32(b"queries"), seed])
    out: list[dict[str, Any]] = []
    seen: set[Ask] = set()
    for ask in asks(facts, rng):
        if ask in seen:
            continue
        seen.add(ask)
        entry = _answer(ask, facts, rng)
        entry["nothing"] = not entry["relevant"]
        if entry["relevant"] or (ask == SIGNATURE and not entry["unjudged"]):
            entry |= {"missing": "signature"} if entry["nothing"] else {}
            out.append(entry)
    out += related(facts, rng, _RELATIONS)
    out += _nothing(facts, rng, seen)
    words = np.random.default_rng([zlib.crc32(b"paraphrases"), seed])
    texts: set[str] = set()
    kept = []
    for entry in out:
        if entry["text"] not in texts:
            texts.add(entry["text"])
            plain = {"origin": "canonical", "text": entry["text"]}
            entry["paraphrases"] = [plain, *paraphrases(entry["asked"], words, seed)]
            kept.append(entry)
    return kept


def judge(ask: Ask, one: ObjectFacts, light: str) -> tuple[dict[str, Truth], Spans]:
    """Each part's truth (None: unsure) for an object, and when the motion was seen."""
    parts: dict[str, Truth] = {"class": is_kind(ask.kind, one.body)}
    if ask.colour:
        same = is_colour(ask.colour, one.body, light)
        parts["colour"] = same if same is None else same != ask.not_colour
    spans: Spans = [one.span]
    if ask.motion:
        done, spans = did(ask.motion, one)
        if ask.without:
            spans = [one.span]
            done = None if done is False and _rests(ask.motion, one) else done
            parts["motion"] = None if done is None else not done
        else:
            parts["motion"] = done
    return parts, spans


def _rests(motion: str, one: ObjectFacts) -> bool:
    """Whether nobody can say that it "does not stop", since it stands at some time."""
    return motion == "stop" and bool({"wait", "parked", "stationary"} & {*one.certain, *one.partly})


def _answer(ask: Ask, facts: Facts, rng: np.random.Generator) -> dict[str, Any]:
    relevant, negatives, unjudged = [], [], []
    verdicts: dict[str, str] = {}
    judged: list[str] = []
    wrong_ones: list[tuple[ObjectFacts, str]] = []
    for one in facts.objects:
        parts, spans = judge(ask, one, facts.light)
        judged = list(parts)
        number = one.body.object_id
        if one.clear:
            verdicts[str(number)] = "".join(_SIGNS[truth] for truth in parts.values())
        wrong = [name for name, truth in parts.items() if truth is False]
        if not wrong:
            if None in parts.values() or not one.clear:
                unjudged.append(number)
            else:
                relevant += [{"object": number, "t0_s": a, "t1_s": b} for a, b in spans]
        elif len(wrong) == 1 and one.clear and len(parts) > 1 and None not in parts.values():
            wrong_ones.append((one, wrong[0]))
    answers = {row["object"] for row in relevant}
    right = [one for one in facts.objects if one.body.object_id in answers]
    for one, name in wrong_ones:
        why, stratum = _why(ask, name, one, right, facts)
        negatives.append({"object": one.body.object_id, "why": why, "stratum": stratum})
    return {
        "text": phrase(ask.kind, ask.colour, ask.motion, ask.without, rng, ask.not_colour),
        "parts": ask.parts,
        "stratum": ask.stratum,
        "asked": {
            "type": ask.kind, "colour": ask.colour, "motion": ask.motion, "without": ask.without,
            "not_colour": ask.not_colour,
            "motions": list(SEQUENCES.get(ask.motion, (ask.motion,) if ask.motion else ())),
        },
        "relevant": relevant,
        "negatives": negatives,
        "unjudged": unjudged,
        "nothing": False,
        "judged": judged,
        "verdicts": verdicts,
    }  # fmt: skip


def _why(
    ask: Ask, wrong: str, one: ObjectFacts, right: list[ObjectFacts], facts: Facts
) -> tuple[str, str]:
    """The reason why an object is no answer, and its stratum of hard negatives."""
    if wrong == "colour":
        return "other_colour", "N2"
    if wrong == "class":
        return "other_class", "N3"
    if _MIRRORED.get(ask.motion) in one.certain:
        across = {way for way in _SCREEN if way in one.certain}
        alike = any(across & set(other.certain) for other in right)
        return ("mirrored_turn_same_way_on_screen", "N9") if alike else ("mirrored_turn", "N4")
    if "parked" in one.certain:
        return "parked", "N5"
    if ask.motion in ("turn_left", "turn_right") and facts.layout == "road-bend":
        return "follows_bend", "N10"
    if ask.motion in SEQUENCES:
        first, second = SEQUENCES[ask.motion]
        if first in one.certain and second in one.certain:
            return "other_order", "N7"
        if first in one.certain or second in one.certain:
            return "half_of_the_sequence", "N7"
    if ask.motion in ("stop", "wait") and "slow_down" in one.certain:
        return "slows_only", "N12"
    if ask.motion in ("stop", "wait") and "straight" in one.certain:
        return "drives_on", "N1"
    return "other_motion", "N1"


def _nothing(facts: Facts, rng: np.random.Generator, asked: set[Ask]) -> list[dict[str, Any]]:
    """Questions that nothing in the clip answers, of several kinds, built from what is there."""
    out: list[dict[str, Any]] = []
    for name, pool in missing(facts, rng).items():
        for ask in pool:
            entry = _answer(ask, facts, rng)
            if ask not in asked and not entry["relevant"] and not entry["unjudged"]:
                asked.add(ask)
                out.append({**entry, "nothing": True, "stratum": "nothing", "missing": name})
                break
    return out[:_NOTHING] + missing_relations(facts, rng, 1)
