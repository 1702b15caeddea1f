"""Colours of kinds of objects, told apart by people with any common colour blindness too.

Eight hues after Okabe and Ito (Color Universal Design, 2008), in two strengths: one for light
backgrounds, one for dark ones and for pictures. A kind has the same colour on every page.
"""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[str, str]

_HUES: tuple[Pair, ...] = (
    ("#0072b2", "#56b4e9"),  # blue
    ("#b25000", "#ff9d4d"),  # vermilion
    ("#00805d", "#2ed3a0"),  # green
    ("#a3497f", "#f29ac9"),  # purple
    ("#8a6d00", "#f5d547"),  # yellow
    ("#3d4fb5", "#a5b0ff"),  # indigo
    ("#5d6770", "#c9d1d6"),  # grey
    ("#9b2f2f", "#ff8b80"),  # red
)
_USUAL = {
    "car": 0,
    "person": 1,
    "bicycle": 2,
    "cyclist": 2,
    "motorcycle": 3,
    "motorcyclist": 3,
    "truck": 4,
    "bus": 5,
    "van": 6,
    "dog": 7,
}


def class_colours(names: Sequence[str]) -> list[Pair]:
    """(colour on light, colour on dark) of each class, as #rrggbb.

    Classes that are not among the usual ones get a hue by their name, always the same one.
    """
    return [_HUES[_USUAL.get(name, sum(name.encode()) % len(_HUES))] for name in names]
