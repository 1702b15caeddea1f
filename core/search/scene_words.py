"""What the words of a scene ask for: how full it is, how light, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.language.lexicon import VEHICLES, class_phrases
from core.language.plurals import plural
from core.language.surroundings import PLACES
from core.language.words import listed

Filling = Literal["", "empty", "crowded"]
Light = Literal["", "night", "day", "dusk"]

_EMPTY = frozenset(
    listed("empty deserted quiet abandoned vacant no nobody none without lifeless lonely clear")
)
_CROWDED = frozenset(
    listed(
        "crowded busy packed full jam jammed congested congestion crowd crowds many lots rush "
        "bustling heavy dense lively"
    )
)
_LIGHT: dict[str, Light] = {
    **dict.fromkeys(listed("night nighttime dark darkness midnight nocturnal"), "night"),
    **dict.fromkeys(listed("day daytime daylight noon midday sunlit bright"), "day"),
    **dict.fromkeys(listed("dusk dawn twilight sunset sunrise"), "dusk"),
}
_ANYWHERE = frozenset(
    listed(
        "a an the at in on of by with and is are very street streets road roads place scene view "
        "picture frame video area town city outside during time traffic hour there it anything "
        "object objects thing things"
    )
)
_PEOPLE = frozenset(listed("people pedestrians nobody person crowd crowds"))
_PARKING = frozenset(listed("park parking lot lots bay bays garage space spaces"))
_PLACE_WORDS = frozenset(word for place in PLACES for word in place.split())

RIVALS = (
    "a street",
    "a crossroads",
    "a roundabout",
    "a parking lot",
    "a square",
    "a bus stop",
    "a motorway",
    "a bridge",
    "a tunnel",
    "a railway station",
    "a harbour with boats",
    "a forest",
    "a beach",
    "a field",
    "mountains",
    "a room indoors",
    "a shop",
    "a stadium",
    "rain",
    "snow",
    "fog",
    "bright sunshine",
    "a building",
    "the sky",
)
"""Descriptions that the words asked for have to beat."""


@dataclass(frozen=True, slots=True)
class SceneWords:
    """A description taken apart.

    filling_words: those of `filling`, with what is counted. classes: what is counted, any object
    where empty. rest: what only looks can tell, "" for
    nothing. with_light: the same with the words of light, for where light cannot be measured.
    """

    filling: Filling
    filling_words: str
    classes: tuple[str, ...]
    light: Light
    rest: str
    with_light: str
    parked_counts: bool

    @property
    def rest_is_place(self) -> bool:
        """Whether the rest only says where, such as "crossing" or "car park"."""
        return bool(self.rest) and all(word in _PLACE_WORDS for word in self.rest.split())


def scene_words(text: str) -> SceneWords:
    """Take a description such as "empty street at night" apart."""
    words = [word.strip(".,;!?") for word in text.lower().replace("car park", "parking").split()]
    filling: Filling = ""
    filling_words: list[str] = []
    light: Light = ""
    rest: list[str] = []
    with_light: list[str] = []
    classes: list[str] = []
    phrases = class_phrases()
    for word in words:
        forms = (word, word.removesuffix("s"), word.removesuffix("es"))
        noun = next((phrases[form] for form in forms if form in phrases), None)
        if word in _EMPTY or word in _CROWDED:
            filling = "empty" if word in _EMPTY else "crowded"
            filling_words.append(word)
        if word in _LIGHT:
            light = _LIGHT[word]
            with_light.append(word)
        elif noun == "vehicle" or word in ("traffic", "jam"):
            classes += VEHICLES
        elif word in _PEOPLE:
            classes.append("person")
        elif noun is not None:
            classes.append(noun)
        elif word not in _EMPTY | _CROWDED | _ANYWHERE:
            rest.append(word)
            with_light.append(word)
    if not filling and classes:
        filling, filling_words = "crowded", ["many"]
    kinds = tuple(dict.fromkeys(classes))
    what = "vehicles" if kinds == VEHICLES else " or ".join(map(plural, kinds))
    return SceneWords(
        filling,
        " ".join([*filling_words, what]).strip(),
        kinds,
        light,
        " ".join(rest),
        " ".join(with_light),
        bool(_PARKING & set(words)),
    )
