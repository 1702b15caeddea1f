"""Colours of kinds of objects, told apart by people with any common colour blindness too.

Eight hues after Okabe and Ito (Color Universal Design, 2008), in two strengths: one for light
backgrounds, one for dark ones and for pictures; moved in lightness until any two stay apart for
everybody. A kind has the same colour on every page.
"""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[str, str]

HUES: tuple[Pair, ...] = (
    ("#0974b4", "#4199cb"),  # blue
    ("#ab5333", "#ff9d4d"),  # vermilion
    ("#006649", "#2fd3a0"),  # green
    ("#8f3e7f", "#ffaef0"),  # purple
    ("#8d6f00", "#f7d74a"),  # yellow
    ("#394caf", "#9dabff"),  # indigo
    ("#6e7378", "#c9d1d4"),  # grey
    ("#8d2123", "#f67b73"),  # red
)
_WHITE, _BLACK = "#ffffff", "#000000"
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


def hue(number: int) -> Pair:
    """The colour of one of many things: the hues in turn, in another strength each time round."""
    on_light, on_dark = HUES[number % len(HUES)]
    strength = number // len(HUES) % 3
    if strength == 1:  # closer to the ground
        return _mixed(on_light, _WHITE, 0.32), _mixed(on_dark, _BLACK, 0.32)
    if strength == 2:  # farther from it
        return _mixed(on_light, _BLACK, 0.32), _mixed(on_dark, _WHITE, 0.64)
    return on_light, on_dark


def _mixed(colour: str, other: str, share: float) -> str:
    parts = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round((1 - share) * own + share * far):02x}" for own, far in parts)


def class_colours(names: Sequence[str]) -> list[Pair]:
    """(colour on light, colour on dark) of each class, as #rrggbb.

    Classes that are not among the usual ones get a hue by their name, always the same one.
    """
    return [HUES[_USUAL.get(name, sum(name.encode()) % len(HUES))] for name in names]
