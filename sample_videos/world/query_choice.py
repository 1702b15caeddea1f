"""Which questions are worth asking about a clip: what is there, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sample_videos.world.facts import TRAFFIC, Ask, Facts, did
from sample_videos.world.query_words import MOTIONS, SEQUENCES
from sample_videos.world.scene import COLOURS, KINDS

SIGNATURE = Ask("car", "red", "turn_left")
_TURNS = ("turn_left", "turn_right", "u_turn", "lane_change")
_RESTS = ("stop", "parked", "wait", "start", "run")
_ON_FOOT = ("run", "approach", "recede", "screen_left", "screen_right", "stop", "wait", "start")


def asks(facts: Facts, rng: np.random.Generator) -> list[Ask]:
    """Questions that have answers, the most telling ones first; one, perhaps, that has none."""
    clear = [o for o in facts.objects if o.clear]
    full: list[Ask] = []
    for one in clear:
        for motion in (*one.certain, *SEQUENCES):
            known = motion in MOTIONS or motion in SEQUENCES
            if known and did(motion, one)[0] and _fits(motion, one.body.kind):
                full.append(Ask(one.body.kind, one.body.colour, motion))
    turns = [a for a in full if a.motion in _TURNS]
    rests = [a for a in full if a.motion in _RESTS]
    series = [a for a in full if a.motion in SEQUENCES]
    views = [a for a in full if a not in turns and a not in rests and a not in series]
    moved = [Ask(a.kind, "", a.motion) for a in full if a.motion not in SEQUENCES]
    moved += [Ask("", "", a.motion) for a in turns]
    named = [Ask(o.body.kind, o.body.colour) for o in clear]
    plain = [Ask(kind) for kind in sorted({o.body.kind for o in clear})]
    return [
        SIGNATURE,
        *_some(turns, 3, rng), *_some(rests, 2, rng), *_some(views, 2, rng),
        *_some([m for m in moved if m.motion in _TURNS], 2, rng),
        *_some([m for m in moved if m.motion not in _TURNS], 3, rng),
        *_some(named, 4, rng), *_some(plain, 5, rng),
        *_some(series, 2, rng), *_some([Ask(a.kind, "", a.motion) for a in series], 1, rng),
        *_negated(facts, full, rng),
    ]  # fmt: skip


def _negated(facts: Facts, full: Sequence[Ask], rng: np.random.Generator) -> list[Ask]:
    """Without a turn or a stop that others make, and of another colour than a common one."""
    moved = [a for a in full if a.kind not in ("person", "dog")]
    without = [
        Ask(a.kind, a.colour if rng.random() < 0.5 else "", a.motion, without=True)
        for a in moved
        if a.motion in ("turn_left", "turn_right", "stop")
    ]
    kinds = [o.body.kind for o in facts.objects if o.clear]
    coloured = [
        Ask(o.body.kind, o.body.colour, not_colour=True)
        for o in facts.objects
        if o.clear and kinds.count(o.body.kind) >= 3
    ]
    return [*_some(without, 1, rng), *_some(coloured, 1, rng)]


def missing(facts: Facts, rng: np.random.Generator) -> dict[str, list[Ask]]:
    """Questions that perhaps nothing answers, by what is missing, in the order to be tried.

    parts: every part is there, but never on one object (N11). motion, colour, kind: that is not
    there. sequence: both motions are there, but not in this order.
    """
    clear = [o for o in facts.objects if o.clear]
    there = sorted({o.body.kind for o in facts.objects})
    kinds = [kind for kind in there if kind in TRAFFIC]
    motions = sorted({m for o in clear for m in o.certain if m in MOTIONS and m != "run"})
    apart = [
        Ask(a.body.kind, a.body.colour, motion)
        for a in clear
        for motion in motions
        if a.body.kind in kinds and motion not in a.certain
    ]
    rare = ["turn_left", "turn_right", "u_turn", "lane_change", "parked"]
    gone = [Ask(kind, "", motion) for kind in kinds for motion in rare]
    pale = [Ask(kind, colour) for kind in there for colour in COLOURS]
    absent = [Ask(kind) for kind in KINDS if kind not in there]
    series = [Ask(kind, "", motion) for kind in kinds for motion in SEQUENCES]
    pools = {"parts": apart, "motion": gone, "colour": pale, "sequence": series, "kind": absent}
    return {name: _some(pool, len(pool), rng) for name, pool in pools.items()}


def _fits(motion: str, kind: str) -> bool:
    if kind in ("person", "dog"):
        return motion in _ON_FOOT
    return motion != "run"


def _some(asked: Sequence[Ask], count: int, rng: np.random.Generator) -> list[Ask]:
    unique = list(dict.fromkeys(asked))
    return [unique[int(k)] for k in rng.permutation(len(unique))[:count]]
