"""What a library holds, counted: kinds, colours, labels, zones, and questions that it answers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.cli import EXAMPLES
from core.detections import Bool, Float32
from core.language.lexicon import CLASS_WORDS
from core.language.query import EVENT_WORDS
from core.search.columns import Columns
from core.search.filters import Filters
from core.search.scoring import HOLDS
from core.search.selected import left_out
from dashboard.address import Asked
from dashboard.answers import Answers, answers, query_of
from dashboard.chip_choices import Vocabulary
from dashboard.links import search_url
from dashboard.search_views import ExampleView
from dashboard.services import Services, services

Rows = npt.NDArray[np.int64]

_MOST_EXAMPLES = 6
_TRIED = 18
_TELLING = ("turn_left", "turn_right", "u_turn", "parked", "stop", "wait", "cross", "fast")


@dataclass(frozen=True, slots=True)
class Holdings:
    """Counts over all tracks that can be searched.

    classes, colours: name -> tracks that are mostly this, most first. videos: video id -> tracks.
    doing: (class, event kind) -> tracks of the class that surely do it; only of what tells
    something. coloured: (colour, class) -> tracks.
    """

    classes: dict[str, int]
    colours: dict[str, int]
    videos: dict[str, int]
    doing: dict[tuple[str, str], int]
    coloured: dict[tuple[str, str], int]
    events: frozenset[str]
    relations: frozenset[str]


def holdings_of(columns: Columns, out: Bool | None = None) -> Holdings:
    """Everything counted in one pass over the columns. out: (N,) tracks that are not counted."""
    kind, name = _mostly(columns.votes), columns.class_names
    shade, counted = _mostly(columns.colour), np.ones(len(columns), np.bool_)
    if out is not None:
        kind[out] = shade[out] = -1
        counted = ~out
    classes = _counted(kind, name)
    doing: Counter[tuple[str, str]] = Counter()
    for event in _TELLING:
        events = columns.events_of(event)
        did = np.unique(events.track[events.p >= HOLDS])
        for at, count in _pairs(kind[did]):
            doing[name[at], event] += count
    both = np.flatnonzero((kind >= 0) & (shade >= 0))
    coloured = {
        (COLOURS[at // len(name)], name[at % len(name)]): count
        for at, count in _pairs(shade[both] * len(name) + kind[both])
    }
    held = np.bincount(columns.video[counted], minlength=len(columns.videos))
    return Holdings(
        classes=classes,
        colours=_counted(shade, COLOURS),
        videos={r.video_id: int(n) for r, n in zip(columns.videos, held.tolist(), strict=True)},
        doing=dict(doing),
        coloured=coloured,
        events=frozenset(k for k in EVENT_WORDS if _looked_for(columns, k)),
        relations=frozenset(kind for kind in columns.relations if len(columns.relations[kind].p)),
    )


def _looked_for(columns: Columns, kind: str) -> bool:
    measured = columns.measured.get(kind)
    return bool(len(columns.events_of(kind)) or (measured is not None and measured.any()))


def _mostly(shares: Float32) -> Rows:
    """(N,) the largest share of each row, -1 where all are zero."""
    if not shares.size:
        return np.full(len(shares), -1, np.int64)
    return np.where(shares.max(axis=1) > 0, shares.argmax(axis=1), -1).astype(np.int64)


def _pairs(values: Rows) -> Iterator[tuple[int, int]]:
    found, counts = np.unique(values[values >= 0], return_counts=True)
    yield from zip(found.tolist(), counts.tolist(), strict=True)


def _counted(values: Rows, names: tuple[str, ...]) -> dict[str, int]:
    counted = Counter({names[at]: count for at, count in _pairs(values)})
    return dict(counted.most_common())


class Inventory:
    """What the library of one desk holds, counted again when it has changed."""

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._held: tuple[Hashable, Holdings] | None = None
        self._examples: tuple[Hashable, tuple[ExampleView, ...]] | None = None

    def holdings(self) -> Holdings:
        """The counts now; raises VidtrailError where nothing can be searched."""
        stamp = self._stamp()
        with self._lock:
            if self._held is not None and self._held[0] == stamp:
                return self._held[1]
        columns = self._desk.engine().columns
        held = holdings_of(columns, left_out(columns, self._desk.library()))
        with self._lock:
            self._held = (stamp, held)
        return held

    def _stamp(self) -> Hashable:
        """Another one whenever a count may be: with the library, and with what is left out."""
        library = self._desk.library()
        return library.stamp(), tuple((v, t.tobytes()) for v, t in library.exclusions.all().items())

    def vocabulary(self) -> Vocabulary:
        """What can be asked for here; raises VidtrailError."""
        held, zones = self.holdings(), self._desk.library().zones.all()
        return Vocabulary(
            classes=tuple(held.classes),
            events=held.events,
            relations=held.relations,
            zones=tuple(dict.fromkeys(zone.name for zone in zones if zone.kind == "zone")),
            lines=tuple(dict.fromkeys(zone.name for zone in zones if zone.kind == "line")),
        )

    def examples(self, asker: Answers) -> tuple[ExampleView, ...]:
        """Questions that this library answers, various ones first; raises VidtrailError."""
        held, stamp = self.holdings(), self._stamp()
        with self._lock:
            if self._examples is not None and self._examples[0] == stamp:
                return self._examples[1]
        found = []
        for text in candidates(held)[:_TRIED]:
            asked = Asked(text)
            answered = asker.of(query_of(asked), Filters())
            if answered.found:
                count = len(answered.found)
                found.append(ExampleView(text, search_url(text), count, not answered.whole))
            if len(found) == _MOST_EXAMPLES:
                break
        with self._lock:
            self._examples = (stamp, tuple(found))
        return tuple(found)


def candidates(held: Holdings) -> list[str]:
    """Questions that a library may answer: the usual ones, then ones made of what it holds."""
    made = []
    for (kind, event), _ in sorted(held.doing.items(), key=lambda item: -item[1]):
        if kind in CLASS_WORDS:
            made.append(f"{kind} {EVENT_WORDS[event]}")
    for (colour, kind), _ in sorted(held.coloured.items(), key=lambda item: item[1]):
        if kind in CLASS_WORDS:
            made.append(f"{colour} {kind}")
    made += [kind for kind in held.classes if kind in CLASS_WORDS]
    return list(dict.fromkeys([*EXAMPLES, *made]))


@lru_cache(maxsize=1)
def _inventory(desk: Services) -> Inventory:
    return Inventory(desk)


def inventory() -> Inventory:
    """What this process's library holds."""
    return _inventory(services())


def examples() -> tuple[ExampleView, ...]:
    """Questions that this process's library answers; raises VidtrailError."""
    return inventory().examples(answers())
