"""The words of the questions: plain English with some variety."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

SEQUENCES: Mapping[str, tuple[str, str]] = {"stop_start": ("stop", "start")}
"""Motions made of two in a row."""

MOTIONS: Mapping[str, tuple[str, ...]] = {
    "turn_left": (
        "{0} turning left", "{0} makes a left turn", "{0} that turns left", "{0} turns to the left",
    ),
    "turn_right": (
        "{0} turning right", "{0} makes a right turn", "{0} that turns right", "{0} takes a right",
    ),
    "u_turn": ("{0} making a U-turn", "{0} turns around", "{0} doing a U-turn"),
    "straight": ("{0} going straight", "{0} keeps straight on", "{0} drives straight"),
    "stop": ("{0} that stops", "{0} stopping", "{0} comes to a stop"),
    "wait": ("{0} waiting", "{0} that waits"),
    "start": ("{0} driving off", "{0} pulls away", "{0} starting to move"),
    "stop_start": (
        "{0} that stops and then drives off", "{0} stops, then drives off",
        "{0} stopping and then moving on",
    ),
    "parked": ("parked {0}", "{0} that is parked"),
    "lane_change": ("{0} changing lanes", "{0} switches lanes", "{0} that changes lane"),
    "approach": ("{0} coming towards the camera", "{0} approaching the camera"),
    "recede": ("{0} driving away from the camera", "{0} moving away from the camera"),
    "screen_left": ("{0} moving from right to left", "{0} going right to left"),
    "screen_right": ("{0} moving from left to right", "{0} going left to right"),
    "run": ("running {0}", "{0} that runs"),
}  # fmt: skip
_WITHOUT: Mapping[str, tuple[str, ...]] = {
    "turn_left": ("{0} that does not turn left", "{0} not turning left"),
    "turn_right": ("{0} that does not turn right", "{0} not turning right"),
}
_NOUNS: Mapping[str, tuple[str, ...]] = {
    "": ("vehicle",),
    "car": ("car",),
    "van": ("van",),
    "truck": ("truck", "lorry"),
    "bus": ("bus",),
    "motorcycle": ("motorcycle", "motorbike"),
    "bicycle": ("cyclist", "bicycle"),
    "person": ("person", "pedestrian"),
    "dog": ("dog",),
}
_ON_FOOT: Mapping[str, tuple[str, ...]] = {
    "recede": ("{0} walking away from the camera", "{0} moving away from the camera"),
    "approach": ("{0} walking towards the camera", "{0} coming towards the camera"),
}
_RELATIONS: Mapping[str, tuple[str, ...]] = {
    "overtake": ("{0} overtaking {1}", "{0} that overtakes {1}", "{0} passes {1}"),
    "follow": ("{0} following {1}", "{0} that follows {1}", "{0} driving behind {1}"),
    "with": ("{0} walking {1}", "{0} with {1}"),
}


def phrase(kind: str, colour: str, motion: str, without: bool, rng: np.random.Generator) -> str:
    """A question in words, for example "a red car makes a left turn"."""
    noun = str(rng.choice(_NOUNS[kind]))
    name = noun
    if colour:
        name = f"{noun} in {colour}" if kind == "person" else f"{colour} {noun}"
    if not motion:
        return name if rng.random() < 0.6 else _with_article(name)
    pool = _WITHOUT[motion] if without else MOTIONS[motion]
    if kind in ("person", "dog") and motion in _ON_FOOT:
        pool = _ON_FOOT[motion]
    template = str(rng.choice(pool))
    says = " " + template.removeprefix("{0} ").split(" ")[0]
    sentence = says.endswith("s") and not template.startswith(("parked", "running"))
    article = template.startswith("{0}") and (sentence or rng.random() < 0.4)
    return template.format(_with_article(name) if article else name)


def relation_phrase(kind: str, subject: str, other: str, rng: np.random.Generator) -> str:
    """A relation in words, for example "a car overtaking a bus"."""
    a, b = (str(_NOUNS[k][0]) for k in (subject, other))
    template = str(rng.choice(_RELATIONS[kind]))
    return template.format(a if rng.random() < 0.4 else _with_article(a), _with_article(b))


def _with_article(name: str) -> str:
    return ("an " if name[0] in "aeio" else "a ") + name
