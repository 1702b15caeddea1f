"""A query in the making: nouns, events and their order, relations, as they are read."""

from __future__ import annotations

from dataclasses import replace

from core.search.nouns import Noun
from core.search.query import EventPart, Order, Query, RelationPart, Role, TimeWindow
from core.search.words import listed

_MOVING_KINDS = frozenset(
    listed(
        "turn turn_left turn_right u_turn straight screen_left screen_right screen_up "
        "screen_down approach recede slow fast slow_down speed_up cross reverse start"
    )
)
"""Events that say by themselves that something moves."""


class Sentence:
    """What has been understood so far; `current` is the noun that the next words describe."""

    def __init__(self) -> None:
        self.main = Noun()
        self.current = self.main
        self.events: list[EventPart] = []
        self.order: Order = "none"
        self.relations: list[tuple[str, Role, Noun, bool]] = []
        self.places: list[str] = []
        self.window: TimeWindow | None = None
        self.viewer = False
        self.sequel: Query | None = None
        self.sequel_first = False
        self.unknown: list[str] = []
        self.link = ""
        self._leading = ""

    @property
    def describes_no_object(self) -> bool:
        main = self.main
        return not (
            main.named or main.colours or self.events or self.relations or self.sequel is not None
        )

    def query(self) -> Query:
        events = self._distinct_events()
        whole = Query(
            target=self.main.target(),
            events=events,
            order=self.order if len(events) > 1 else "none",
            relations=tuple(
                dict.fromkeys(
                    RelationPart(self._kept(kind, other), role, other.target(), negated)
                    for kind, role, other, negated in self.relations
                )
            ),
            places=tuple(dict.fromkeys(self.places)),
            window=self.window,
            frame="viewer" if self.viewer else "vehicle",
            unknown_words=tuple(dict.fromkeys(self.unknown)),
        )
        if self.sequel is None:
            return whole
        unknown = tuple(dict.fromkeys((*whole.unknown_words, *self.sequel.unknown_words)))
        if self.sequel_first and self.sequel.then is None:
            return replace(self.sequel, then=whole, unknown_words=unknown)
        return replace(whole, then=self.sequel, unknown_words=unknown)

    def _kept(self, kind: str, other: Noun) -> str:
        """Only people and animals are with each other; other things are near."""
        nouns = (self.main, other)
        person = any(noun.of_person or not noun.classes for noun in nouns)
        pair = person and self.main.of_animal != other.of_animal
        return kind if kind != "with" or pair else "near"

    def _distinct_events(self) -> tuple[EventPart, ...]:
        kept: list[EventPart] = []
        moves = any(e.kind in _MOVING_KINDS and not e.negated for e in self.events)
        for said in self.events:
            event = said
            if said.kind == "moving" and said.negated:
                event = replace(said, kind="stationary", negated=False)
            elif said.kind == "moving" and moves and self.order != "then" and not said.min_s:
                continue
            rivals = kept[-1:] if self.order == "then" else kept
            if all((event.kind, event.negated) != (k.kind, k.negated) for k in rivals):
                kept.append(event)
        return tuple(kept)

    def happen(self, event: EventPart) -> None:
        """Put an event where its connective says."""
        link, self.link = self.link, ""
        self.current = self.main
        if not self.events:
            self._leading = link if link in ("before", "after") else ""
            self.events.append(event)
            return
        if link in ("then", "before", "after"):
            self.order = "then"
        elif link == "while" and self.order == "none":
            self.order = "while"
        if self._leading == "before":
            self.order, self._leading = "then", ""
            self.events.insert(0, event)
        elif link == "after":
            self.events.insert(len(self.events) - 1, event)
        else:
            if self._leading == "after":
                self.order, self._leading = "then", ""
            self.events.append(event)

    def relate(self, kind: str, role: Role, other: Noun, *, negated: bool) -> None:
        either = kind in ("near", "with", "together", "meet")
        self.relations.append((kind, "subject" if either else role, other, negated))
        self.current = other
