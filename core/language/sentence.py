"""A query in the making: nouns, events and their order, relations, as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.language.noun import Noun
from core.language.query import (
    SYMMETRIC,
    At,
    EventPart,
    Joint,
    Order,
    Query,
    RelationPart,
    Role,
    TimeWindow,
)
from core.language.words import hull, listed

_MOVING_KINDS = frozenset(
    listed(
        "turn turn_left turn_right u_turn straight screen_left screen_right screen_up "
        "screen_down approach recede slow fast slow_down speed_up cross reverse start lane_change"
    )
)
"""Events that say by themselves that something moves."""

_RESTING = frozenset({"stop", "wait", "stationary", "parked"})
_STANDING = frozenset({"parked", "stationary", "wait", "stop"})
_STAYING = _STANDING | {"loiter"}


Bounds = tuple[float | None, float | None]
"""Seconds that something lasts at least and at most."""


@dataclass(slots=True)
class Bond:
    """A relation in the making."""

    kind: str
    role: Role
    other: Noun
    negated: bool = False
    third: Noun | None = None
    doing: list[EventPart] = field(default_factory=list)
    lasting: Bounds = (None, None)
    at: At = (0, 0)


class Sentence:
    """What has been understood so far; `current` is the noun that the next words describe."""

    def __init__(self) -> None:
        self.main = Noun()
        self.current = self.main
        self.events: list[EventPart] = []
        self.order: Order = "none"
        self.gap_s: float | None = None
        self.gap_at: At = (0, 0)
        self.bonds: list[Bond] = []
        self.places: dict[str, At] = {}
        self.window: TimeWindow | None = None
        self.viewer = False
        self.frame_at: At = (0, 0)
        self.sequel: Query | None = None
        self.sequel_first = False
        self.joint: Joint = "then"
        self.unknown: list[str] = []
        self.link = ""
        self.leading = ""
        self.pending: Bounds = (None, None)
        self.pending_words = ""
        self.lasts_with_bond = False
        self.set_off = False

    @property
    def describes_no_object(self) -> bool:
        main = self.main
        said = main.named or main.colours or self.events or self.bonds
        return not said and self.sequel is None

    @property
    def started(self) -> bool:
        return self.main.named or bool(self.events)

    # --- assembly ----------------------------------------------------------------------------

    def query(self) -> Query:
        """What was read, as a value; of two objects, what comes true first stands first."""
        events = self._distinct_events()
        order = self.order if len(events) > 1 else "none"
        if order == "then":
            befores = (None, *events[:-1])
            events = tuple(
                _set_off(before, event) for before, event in zip(befores, events, strict=True)
            )
        whole = Query(
            target=self.main.target(),
            events=events,
            order=order,
            gap_s=self.gap_s if order == "then" else None,
            relations=tuple(dict.fromkeys(self._relation(bond) for bond in self.bonds)),
            places=tuple(self.places),
            window=self.window,
            frame="viewer" if self.viewer else "vehicle",
            places_at=tuple(self.places.values()),
            gap_at=self.gap_at,
            frame_at=self.frame_at,
            unknown_words=tuple(dict.fromkeys(self.unknown)),
        )
        return whole if self.sequel is None else self._joined(whole, self.sequel)

    def _joined(self, whole: Query, sequel: Query) -> Query:
        unknown = tuple(dict.fromkeys((*whole.unknown_words, *sequel.unknown_words)))
        window = whole.window or sequel.window
        frame = whole.frame if whole.frame == "viewer" else sequel.frame
        gap_s = self.gap_s if self.gap_s is not None else sequel.gap_s
        gap_s = gap_s if self.joint == "then" or whole.order == "then" else None
        whole = replace(whole, window=None, frame="vehicle", gap_s=None)
        sequel = replace(sequel, window=None, frame="vehicle", gap_s=None, unknown_words=())
        if self.sequel_first:
            last = whole
            for earlier in reversed(_chain(sequel)):
                joint = earlier.joint if earlier.then is not None else self.joint
                last = replace(earlier, then=last, joint=joint)
            joined = last
        else:
            joined = replace(whole, then=sequel, joint=self.joint)
        return replace(
            joined,
            window=window,
            frame=frame,
            gap_s=gap_s,
            unknown_words=unknown,
            gap_at=self.gap_at if self.gap_s is not None else sequel.gap_at,
            frame_at=whole.frame_at if self.viewer else sequel.frame_at,
        )

    def _relation(self, bond: Bond) -> RelationPart:
        kind = self._kept(bond)
        return RelationPart(
            kind,
            "subject" if kind in SYMMETRIC else bond.role,
            bond.other.target(),
            bond.negated,
            bond.third.target() if bond.third is not None else None,
            tuple(dict.fromkeys(bond.doing)),
            *bond.lasting,
            at=hull([bond.at, bond.other.at, bond.third.at if bond.third is not None else (0, 0)]),
        )

    def _kept(self, bond: Bond) -> str:
        """Only people and animals are with each other; what stands is passed, not overtaken."""
        if bond.kind == "overtake" and bond.role == "subject" and _stands(bond.doing):
            return "pass"
        nouns = (self.main, bond.other)
        person = any(noun.of_person or not noun.classes for noun in nouns)
        pair = person and self.main.of_animal != bond.other.of_animal
        return bond.kind if bond.kind != "with" or pair else "near"

    def _distinct_events(self) -> tuple[EventPart, ...]:
        kept: list[EventPart] = []
        moves = any(e.kind in _MOVING_KINDS and not e.negated for e in self.events)
        for k, said in enumerate(self.events):
            event = said
            together = k > 0 and said.at == self.events[k - 1].at != (0, 0)
            if together and self.order == "then" and said.kind.startswith("screen"):
                continue  # "enters from the left" is one step
            if said.kind == "moving" and said.negated:
                event = replace(said, kind="stationary", negated=False)
            elif said.kind == "moving" and moves and self.order != "then" and not said.min_s:
                continue
            rivals = [] if self.order == "then" else kept
            if all((event.kind, event.negated) != (k.kind, k.negated) for k in rivals):
                kept.append(event)
        return tuple(kept)

    # --- steps -------------------------------------------------------------------------------

    def happen(self, event: EventPart) -> None:
        """Put an event of the main noun where its connective says."""
        link, self.link = self.link, ""
        self.current = self.main
        self.lasts_with_bond = self.set_off = False
        low, high = self.pending
        if low is not None or high is not None:
            event = replace(event, min_s=low, max_s=high)
            self.pending = (None, None)
        if not self.events:
            if link in ("before", "after", "while", "as", "when"):
                self.leading = link
            self.events.append(event)
            return
        if link in ("then", "before", "after"):
            self.order = "then"
        elif link in ("while", "when", "as") and self.order == "none":
            self.order = "while"
        leading, self.leading = self.leading, ""
        if leading == "before":
            self.order = "then"
            self.events.insert(0, event)
        elif link == "after":
            self.events.insert(len(self.events) - 1, event)
        else:
            if leading in ("after", "when"):
                self.order = "then"
            elif leading in ("while", "as") and self.order == "none":
                self.order = "while"
            self.events.append(event)

    def relate(
        self, kind: str, role: Role, other: Noun, *, negated: bool = False, at: At = (0, 0)
    ) -> Bond:
        """Say how the main noun stands to another."""
        bond = Bond(kind, role, other, negated, at=at)
        self.tie(bond)
        self.current = other
        return bond

    def tie(self, bond: Bond) -> None:
        """Enter a relation, which lasts as long as was said before it."""
        self.bonds.append(bond)
        bond.lasting, self.pending = _narrowed(bond.lasting, self.pending), (None, None)
        stays = bool(self.events) and self.events[-1].kind in _STAYING and not self.set_off
        self.lasts_with_bond = not stays or bond.kind == "stop_behind"

    def last_for(self, low: float | None, high: float | None) -> None:
        """How long the last event or relation lasts, or the next one where none was said yet.

        Who waits behind a bus for a minute waits for a minute.
        """
        bond = self.bonds[-1] if self.bonds and self.lasts_with_bond else None
        if bond is not None:
            bond.lasting = _narrowed(bond.lasting, (low, high))
            return
        if not self.events:
            self.pending = (low, high)
            return
        last = self.events[-1]
        low, high = _narrowed((last.min_s, last.max_s), (low, high))
        self.events[-1] = replace(last, min_s=low, max_s=high)


def _narrowed(known: Bounds, said: Bounds) -> Bounds:
    low, high = said
    return known[0] if low is None else low, known[1] if high is None else high


def _stands(doing: Sequence[EventPart]) -> bool:
    return any(
        event.kind == "moving" if event.negated else event.kind in _STANDING for event in doing
    )


def _set_off(before: EventPart | None, event: EventPart) -> EventPart:
    """What moves after a rest sets off."""
    rests = before is not None and before.kind in _RESTING and not before.negated
    return replace(event, kind="start") if rests and event.kind == "moving" else event


def _chain(query: Query) -> list[Query]:
    """A query and those that follow it."""
    found = [query]
    while found[-1].then is not None:
        found.append(found[-1].then)
    return found
