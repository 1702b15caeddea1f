"""Words that may tell one cluster from another, and how far each holds of every track.

Kinds and colours as the search tells them, what the encoder says of finer kinds, how large an
object was seen, which way it went and what it did.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.attributes.colour import COLOURS
from core.detections import Bool, Float32, Int32
from core.errors import ModelError
from core.language.plurals import plural
from core.search.columns import Columns
from core.search.kinds import Kinds
from core.search.likeness import Likeness, Vectors, softmax
from core.search.paths import Paths
from core.search.prompts import Prompts
from core.search.shades import Shades

_log = logging.getLogger(__name__)

Role = Literal["class", "colour", "motion", "tone", "kind", "size", "course", "pace", "video"]

_FINER: Mapping[str, tuple[str, ...]] = {
    "car": ("sedan", "suv", "hatchback", "station wagon", "taxi", "sports car", "police car"),
    "van": ("panel van", "minibus", "pickup truck"),
    "truck": ("box truck", "flatbed truck", "tanker truck", "pickup truck"),
    "bus": ("city bus", "coach", "double-decker bus"),
    "person": ("man", "woman", "child"),
}
"""The vocabulary in which the encoder is asked for finer kinds."""
_TONES = {
    "dark": ("black", "grey", "brown", "purple", "blue"),
    "light": ("white", "silver", "yellow", "pink"),
}
_MOTIONS = {
    "turn_left": "turning left",
    "turn_right": "turning right",
    "u_turn": "turning round",
    "parked": "parked",
    "stationary": "standing",
    "stop": "stopping",
    "wait": "waiting",
    "start": "setting off",
    "reverse": "reversing",
    "lane_change": "changing lanes",
    "loiter": "lingering",
    "cross": "crossing",
    "straight": "going straight",
}
"""Kind of event -> what a cluster in which it is usual is called, the most telling first."""
_COURSES = {
    "screen_left": "to the left",
    "screen_right": "to the right",
    "approach": "coming closer",
    "recede": "going away",
}
_PACES = {
    "fast": "fast",
    "slow": "slow",
    "speed_up": "speeding up",
    "slow_down": "slowing down",
}
_SMALL, _LARGE = 1.0 / 3.0, 2.0 / 3.0
_TELLING_TRUST = 0.5


@dataclass(frozen=True, slots=True)
class Words:
    """W words on N tracks.

    texts: how each is said. roles: what each is about. p: (N, W) float32, how far it holds, in
    [0, 1].
    """

    texts: tuple[str, ...]
    roles: tuple[Role, ...]
    p: Float32

    def of(self, *roles: Role) -> list[int]:
        """Places of the words of some roles."""
        return [k for k, role in enumerate(self.roles) if role in roles]

    def shares(self, group: Int32, count: int) -> Float32:
        """(count, W) mean over the tracks of each group; group: (N,), -1 for none."""
        mine = np.flatnonzero(group >= 0)
        size = np.maximum(np.bincount(group[mine], minlength=count), 1)
        result = np.empty((count, len(self.texts)), np.float32)
        for word in range(len(self.texts)):
            result[:, word] = np.bincount(group[mine], self.p[mine, word], count) / size
        return result


def words_of(columns: Columns, index: Vectors, prompts: Prompts, paths: Paths) -> Words:
    """All words on the tracks of the columns.

    Where the encoder cannot be had, which is logged, colours are those of the pixels and there are
    no finer kinds.
    """
    likeness = Likeness(columns, index, prompts)
    kinds = Kinds(likeness)
    main = kinds.main_class()
    parts = [_classes(columns, main)]
    try:
        colours = Shades(likeness, kinds).colours()
        finer = _finer(columns, likeness, kinds)
    except ModelError as problem:
        _log.warning("Groups are named by the colours of pixels: %s", problem)
        colours, finer = columns.colour, _words([], "kind", len(columns))
    parts += [*_colours(colours), finer, _sizes(main, paths)]
    parts += [_events(columns, _MOTIONS, "motion"), _events(columns, _COURSES, "course")]
    parts += [_events(columns, _PACES, "pace"), _videos(columns)]
    return Words(
        tuple(text for part in parts for text in part.texts),
        tuple(role for part in parts for role in part.roles),
        np.hstack([part.p for part in parts]),
    )


def _words(named: Sequence[tuple[str, Float32 | Bool]], role: Role, n: int) -> Words:
    p = np.zeros((n, len(named)), np.float32)
    for k, (_, values) in enumerate(named):
        p[:, k] = values
    return Words(tuple(text for text, _ in named), (role,) * len(named), p)


def _classes(columns: Columns, main: np.ndarray) -> Words:
    """What each track most likely is; a rider is what is ridden and who rides it, as one."""
    names = columns.class_names
    seen: list[int] = np.unique(main).tolist() if names else []
    return _words([(names[k], main == k) for k in seen], "class", len(columns))


def _colours(colours: Float32) -> tuple[Words, Words]:
    known = colours.sum(axis=1) > 0.5
    best = np.where(known, colours.argmax(axis=1), -1)
    each = [(name, best == k) for k, name in enumerate(COLOURS)]
    tones = [
        (tone, np.isin(best, [COLOURS.index(name) for name in names]))
        for tone, names in _TONES.items()
    ]
    return _words(each, "colour", len(colours)), _words(tones, "tone", len(colours))


def _finer(columns: Columns, likeness: Likeness, kinds: Kinds) -> Words:
    """Whether the encoder calls a track by a finer word rather than by the others of its class."""
    main, trust = kinds.main_class(), kinds.trust
    home = likeness.has_crop & (trust.of(columns) >= _TELLING_TRUST)
    found: list[tuple[str, Float32 | Bool]] = []
    for kind, finer in _FINER.items():
        if kind not in columns.class_names:
            continue
        mine = home & (main == columns.class_names.index(kind))
        if not mine.any():
            continue
        p = softmax(trust.scale * likeness.cosines(finer, mine))
        found += [(plural(word), (p[:, k] > 0.5) & mine) for k, word in enumerate(finer)]
    return _words(found, "kind", len(columns))


def _sizes(main: np.ndarray, paths: Paths) -> Words:
    """Small and large as seen in the picture, among those of the same class."""
    rank = np.full(len(main), 0.5)
    for kind in np.unique(main):
        mine = np.flatnonzero(main == kind)
        order = np.argsort(np.argsort(paths.largest_px[mine], kind="stable"), kind="stable")
        rank[mine] = (order + 0.5) / len(mine)
    return _words([("small", rank < _SMALL), ("large", rank > _LARGE)], "size", len(main))


def _events(columns: Columns, texts: Mapping[str, str], role: Role) -> Words:
    named: list[tuple[str, Float32 | Bool]] = []
    for kind, text in texts.items():
        events = columns.events_of(kind)
        p = np.zeros(len(columns), np.float32)
        np.maximum.at(p, events.track, events.p)
        named.append((text, p))
    return _words(named, role, len(columns))


def _videos(columns: Columns) -> Words:
    """The videos themselves, where they are few enough for one to tell a cluster."""
    if not 1 < len(columns.videos) <= 32:
        return _words([], "video", len(columns))
    named = [(f"in {record.name}", columns.video == v) for v, record in enumerate(columns.videos)]
    return _words(named, "video", len(columns))
