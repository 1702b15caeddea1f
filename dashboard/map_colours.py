"""What the points of the maps are coloured by: one byte a point, and what the bytes mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.detections import Float32
from core.search.columns import Columns
from dashboard.palette import Pair, class_colours, hue
from dashboard.views import clock

Codes = npt.NDArray[np.uint8]

UNKNOWN = 255
MOST_NAMED = 10
"""Categories with a name and a colour of their own; the others are one more, “others”."""
TOP = 254
"""The largest code of a scale."""

_GREY: Pair = ("#b9b6af", "#4b5258")
_SHADES: dict[str, Pair] = {
    "white": ("#d9d3c4", "#f4f4f2"),
    "black": ("#1b1b1d", "#5b6067"),
    "grey": ("#84888c", "#8f9498"),
    "silver": ("#aab2b8", "#c3c7ca"),
    "red": ("#c8322b", "#e5524a"),
    "blue": ("#2c62b8", "#5b93ea"),
    "green": ("#2f8a4c", "#4fb874"),
    "yellow": ("#d9b414", "#f0d443"),
    "orange": ("#e2822b", "#f29a48"),
    "brown": ("#79512f", "#a8774b"),
    "purple": ("#7a4aa3", "#ab7cd6"),
    "pink": ("#d9739b", "#f0a3bf"),
}
_HEAT: tuple[Sequence[str], Sequence[str]] = (
    ("#dcd9d1", "#8fc1bd", "#2a8f93", "#0a5560", "#06303a"),
    ("#2c343a", "#2b5c63", "#3a9aa0", "#7fe0dd", "#eafffb"),
)
_TIME: tuple[Sequence[str], Sequence[str]] = (
    ("#394caf", "#8f3e7f", "#ab5333", "#c9a400"),
    ("#9dabff", "#e58ad3", "#ff9d4d", "#f7d74a"),
)


@dataclass(frozen=True, slots=True)
class Category:
    """One value that points have. code: theirs. colour: on light ground, on dark ground."""

    code: int
    name: str
    colour: Pair
    count: int


@dataclass(frozen=True, slots=True)
class Colouring:
    """codes: (N,) what each object is; UNKNOWN where that is not known.

    categories: what they mean, most objects first; none where they are a scale, from `low` (0) to
    `high` (TOP) in words, over the colours of `scale` on light and on dark ground. unknown: how
    many objects have no code. error: why there is nothing to colour by, "" where there is.
    """

    codes: Codes
    categories: tuple[Category, ...] = ()
    scale: tuple[Sequence[str], Sequence[str]] = ((), ())
    low: str = ""
    high: str = ""
    unknown: int = 0
    error: str = ""


def mostly(shares: Float32) -> npt.NDArray[np.int64]:
    """(N,) which of the shares (N, C) is the largest, -1 where all are zero."""
    if not shares.size:
        return np.full(len(shares), -1, np.int64)
    return np.where(shares.max(axis=1) > 0, shares.argmax(axis=1), -1).astype(np.int64)


def by_kind(columns: Columns) -> Colouring:
    names = columns.class_names
    return _named(mostly(columns.votes), names, lambda _, name: class_colours([name])[0])


def by_colour(columns: Columns) -> Colouring:
    return _named(mostly(columns.colour), COLOURS, lambda _, name: _SHADES[name], most=len(COLOURS))


def by_video(columns: Columns) -> Colouring:
    names = [record.name for record in columns.videos]
    return _named(columns.video.astype(np.int64), names, lambda rank, _: hue(rank))


def by_group(groups: npt.NDArray[np.integer], names: Sequence[str]) -> Colouring:
    """groups: (N,) the group of each object, -1 for none."""
    whole = groups.astype(np.int64)
    return _named(whole, names, lambda rank, _: hue(rank), most=24)


def by_time(columns: Columns) -> Colouring:
    """When in its video each object comes, from the beginning of the longest one to its end."""
    longest = max((record.duration_s for record in columns.videos), default=0.0) or 1.0
    codes = np.clip(columns.t0_s / longest * TOP, 0, TOP).astype(np.uint8)
    return Colouring(codes, scale=_TIME, low=clock(0.0), high=clock(longest))


def by_score(scores: Float32, low: str, high: str) -> Colouring:
    """scores: (N,) in [0, 1], NaN where unknown."""
    known = np.isfinite(scores)
    codes = np.full(len(scores), UNKNOWN, np.uint8)
    codes[known] = np.round(np.clip(scores[known], 0.0, 1.0) * TOP).astype(np.uint8)
    return Colouring(codes, scale=_HEAT, low=low, high=high, unknown=int((~known).sum()))


def nothing(columns: Columns, error: str) -> Colouring:
    """Everything grey, and why."""
    return Colouring(np.full(len(columns), UNKNOWN, np.uint8), error=error)


def _named(
    values: npt.NDArray[np.int64],
    names: Sequence[str],
    colour: Callable[[int, str], Pair],
    most: int = MOST_NAMED,
) -> Colouring:
    """values: (N,) places in `names`, -1 for none. The most frequent ones get the first codes."""
    counts = np.bincount(values[values >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    named = order if len(order) <= most + 1 else order[:most]
    code = np.full(len(names) + 1, min(len(named), TOP), np.uint8)
    code[named] = np.arange(len(named))
    code[-1] = UNKNOWN
    told = [
        Category(rank, names[at], colour(rank, names[at]), int(counts[at]))
        for rank, at in enumerate(named.tolist())
    ]
    rest = int(counts.sum()) - sum(each.count for each in told)
    if rest:
        told.append(Category(len(named), f"{len(order) - len(named):,} others", _GREY, rest))
    return Colouring(code[values], tuple(told), unknown=int((values < 0).sum()))
