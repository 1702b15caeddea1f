"""A target in the making: what is known of an object while a sentence is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.language.lexicon import CLASS_WORDS
from core.language.query import AppearancePart, At, ColourPart, Target
from core.language.words import hull
from core.tracking.classes import group_of

_DEFINITE = frozenset({"the", "this", "that", "its", "same"})


@dataclass(slots=True)
class Noun:
    """A target in the making. determiner: the first one said, "" for none.

    alone: nothing else may be near it. *_at: where its words stand.
    """

    classes: list[str] = field(default_factory=list)
    not_classes: list[str] = field(default_factory=list)
    colours: list[ColourPart] = field(default_factory=list)
    looks: list[AppearancePart] = field(default_factory=list)
    count: int = 1
    named: bool = False
    determiner: str = ""
    alone: bool = False
    classes_at: At = (0, 0)
    not_classes_at: At = (0, 0)
    count_at: At = (0, 0)

    @property
    def definite(self) -> bool:
        return not self.determiner or self.determiner in _DEFINITE

    @property
    def of_person(self) -> bool:
        return any("person" in CLASS_WORDS[name].exact for name in self.classes)

    @property
    def of_animal(self) -> bool:
        exact = (kind for name in self.classes for kind in CLASS_WORDS[name].exact)
        return any(group_of(kind) == "animal" for kind in exact)

    @property
    def of_rider(self) -> bool:
        """Whether it is named after who sits on it: a cyclist, not a bicycle."""
        return any(CLASS_WORDS[name].moving for name in self.classes)

    @property
    def on_legs(self) -> bool:
        """Whether "running" says that it is fast, which it does not of a car."""
        legs = {"person", "dog", "cat", "horse"}
        return any(legs & set(CLASS_WORDS[name].exact) for name in self.classes)

    @property
    def at(self) -> At:
        said = [part.at for part in self.colours] + [part.at for part in self.looks]
        return hull([self.classes_at, self.not_classes_at, self.count_at, *said])

    def colour(
        self, colours: Sequence[str], *, negated: bool = False, on: str = "", at: At = (0, 0)
    ) -> None:
        """Add colours, joining those of the same garment and polarity: any of them will do."""
        for index, part in enumerate(self.colours):
            if part.on == on and part.negated == negated:
                joined = tuple(dict.fromkeys((*part.colours, *colours)))
                self.colours[index] = replace(part, colours=joined, at=hull([part.at, at]))
                return
        self.colours.append(ColourPart(tuple(dict.fromkeys(colours)), negated, on, at))

    def look(self, text: str, *, negated: bool = False, at: At = (0, 0)) -> None:
        part = AppearancePart(text, negated, at)
        if text and part not in self.looks:
            self.looks.append(part)

    def exclude(self, classes: Sequence[str], at: At) -> None:
        """It is none of these."""
        self.not_classes += classes
        self.not_classes_at = hull([self.not_classes_at, at])

    def absorb(self, other: Noun) -> None:
        """Take over what `other` says; both are the same object."""
        self.classes += [name for name in other.classes if name not in self.classes]
        self.classes_at = hull([self.classes_at, other.classes_at])
        for part in other.colours:
            self.colour(part.colours, negated=part.negated, on=part.on, at=part.at)
        for look in other.looks:
            self.look(look.text, negated=look.negated, at=look.at)
        self.count_at = other.count_at if other.count > self.count else self.count_at
        self.count = max(self.count, other.count)
        self.named = self.named or other.named
        self.alone = self.alone or other.alone
        self.determiner = self.determiner or other.determiner

    def target(self) -> Target:
        return Target(
            tuple(self.classes),
            tuple(n for n in dict.fromkeys(self.not_classes) if n not in self.classes),
            tuple(sorted(self.colours, key=lambda part: bool(part.on or part.negated))),
            tuple(self.looks),
            self.count,
            self.classes_at,
            self.not_classes_at,
            self.count_at,
        )
