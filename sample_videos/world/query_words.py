"""The words of the questions: plain English with some variety."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

SEQUENCES: Mapping[str, tuple[str, str]] = {
    "stop_start": ("stop", "start"),
    "start_stop": ("start", "stop"),
    "stop_turn_left": ("stop", "turn_left"),
    "stop_turn_right": ("stop", "turn_right"),
    "turn_left_stop": ("turn_left", "stop"),
    "turn_right_stop": ("turn_right", "stop"),
    "approach_recede": ("approach", "recede"),
    "recede_approach": ("recede", "approach"),
}
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
    "parked": ("parked {0}", "{0} that is parked"),
    "lane_change": ("{0} changing lanes", "{0} switches lanes", "{0} that changes lane"),
    "approach": ("{0} coming towards the camera", "{0} approaching the camera"),
    "recede": ("{0} driving away from the camera", "{0} moving away from the camera"),
    "screen_left": ("{0} moving from right to left", "{0} going right to left"),
    "screen_right": ("{0} moving from left to right", "{0} going left to right"),
    "run": ("running {0}", "{0} that runs"),
}  # fmt: skip
_SEQUENCE_WORDS: Mapping[str, tuple[str, ...]] = {
    "stop_start": (
        "{0} that stops and then drives off", "{0} stops, then drives off",
        "{0} stopping and then moving on",
    ),
    "start_stop": ("{0} that drives off and then stops", "{0} starts moving, then stops"),
    "stop_turn_left": (
        "{0} that stops and then turns left", "{0} turning left after stopping",
        "{0} that stops before turning left",
    ),
    "stop_turn_right": (
        "{0} that stops and then turns right", "{0} turning right after stopping",
        "{0} that stops before turning right",
    ),
    "turn_left_stop": ("{0} that turns left and then stops", "{0} stopping after turning left"),
    "turn_right_stop": ("{0} that turns right and then stops", "{0} stopping after turning right"),
    "approach_recede": (
        "{0} coming towards the camera and then moving away from it",
        "{0} that approaches the camera, then moves away from the camera",
    ),
    "recede_approach": (
        "{0} that moves away from the camera, then approaches the camera",
        "{0} approaching the camera after moving away from it",
    ),
}  # fmt: skip
_WITHOUT: Mapping[str, tuple[str, ...]] = {
    "turn_left": ("{0} that does not turn left", "{0} not turning left"),
    "turn_right": ("{0} that does not turn right", "{0} not turning right"),
    "stop": ("{0} that does not stop", "{0} driving without stopping"),
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
    "start": ("{0} starting to walk", "{0} that starts walking"),
}
RELATIONS: Mapping[str, tuple[str, ...]] = {
    "overtake": ("{0} overtaking {1}", "{0} that overtakes {1}"),
    "follow": ("{0} following {1}", "{0} that follows {1}", "{0} driving behind {1}"),
    "with": ("{0} walking {1}", "{0} with {1}"),
    "pass": ("{0} passing {1} that stands still", "{0} going past {1} that is not moving"),
    "stop_behind": ("{0} stopped behind {1}", "{0} waiting behind {1}"),
}
PASSIVE: Mapping[str, tuple[str, ...]] = {
    "overtake": ("{0} overtaken by {1}", "{0} that is overtaken by {1}"),
    "follow": ("{0} followed by {1}", "{0} that is followed by {1}"),
}


def phrase(
    kind: str,
    colour: str,
    motion: str,
    without: bool,
    rng: np.random.Generator,
    not_colour: bool = False,
) -> str:
    """A question in words, for example "a red car makes a left turn"."""
    name = _name(kind, colour, rng, not_colour)
    if not motion:
        return name if rng.random() < 0.6 else with_article(name)
    pool = _WITHOUT[motion] if without else (_SEQUENCE_WORDS.get(motion) or MOTIONS[motion])
    if kind in ("person", "dog") and motion in _ON_FOOT and not without:
        pool = _ON_FOOT[motion]
    template = str(rng.choice(pool))
    says = " " + template.removeprefix("{0} ").split(" ")[0].rstrip(",")
    sentence = says.endswith("s") and not template.startswith(("parked", "running"))
    article = template.startswith("{0}") and (sentence or rng.random() < 0.4)
    return template.format(with_article(name) if article else name)


def _name(kind: str, colour: str, rng: np.random.Generator, not_colour: bool = False) -> str:
    noun = str(rng.choice(_NOUNS[kind]))
    if not colour:
        return noun
    if not_colour:
        return f"{noun} not in {colour}" if kind == "person" else f"{noun} that is not {colour}"
    return f"{noun} in {colour}" if kind == "person" else f"{colour} {noun}"


def relation_phrase(
    kind: str,
    role: str,
    asked: tuple[str, str],
    other: tuple[str, str],
    rng: np.random.Generator,
) -> str:
    """A relation in words, for example "a car overtaking a white bus".

    asked, other: kind and colour ("" for none). role: of what is asked for.
    """
    a, b = _name(*asked, rng), _name(*other, rng)
    pool = RELATIONS[kind] if role == "subject" else PASSIVE[kind]
    template = str(rng.choice(pool))
    return template.format(a if rng.random() < 0.4 else with_article(a), with_article(b))


def with_article(name: str) -> str:
    """A name with its article, "an orange bus"."""
    return ("an " if name[0] in "aeio" else "a ") + name
