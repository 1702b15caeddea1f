"""Which object a noun phrase is: the one asked for, another it has to do with, a new clause's."""

from __future__ import annotations

from dataclasses import replace

from core.language.clauses import ORDERING, RELATIVES, VERBS, Clauses
from core.language.lexicon import CLASS_WORDS
from core.language.noun import Noun
from core.language.nouns import NounPhrase, noun_phrase
from core.language.query import Role
from core.language.sentence import Bond
from core.language.words import hull

COMPANIONS = frozenset(
    {"car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog", "cat", "horse", "cow"}
    | {"cyclist", "motorcyclist", "sheep", "train"}
)
_PERFECT = frozenset({("has",), ("have",), ("had",)})
_QUESTIONS = frozenset({("which",), ("what",), ("who",), ("whom",)})
_BEING = frozenset({("is",), ("are",), ("was",), ("were",), ("being",), ("be",)})
_POSSESSIVES = frozenset({"his", "her", "their"})


class Subjects(Clauses):
    """Noun phrases of a sentence, each put in its place."""

    def noun_at(self, at: int) -> NounPhrase | None:
        """The noun phrase that starts here, unless its first words belong to the noun before."""
        fresh = not self.started or self.relation is not None
        if self.tag_at(at) in ("EVENT", "MANNER", "ALONE") and not fresh:
            return None
        if self.words_at(at) == ("that",) and self.tag_at(at + 1) in ("EVENT", "MANNER"):
            return None if self.started else noun_phrase(self.chunks, at, motion_first=fresh)
        acts = self.tag_at(at) == "WORD" and self.words_at(at)[0].endswith("ing")
        if acts and self.main.named and self.last_tag in ("NOUN", "LINK"):
            return None
        return noun_phrase(self.chunks, at, motion_first=fresh)

    def take_noun(self, phrase: NounPhrase, at: int) -> int:
        """Put a noun phrase in its place; returns the chunk to go on with."""
        noun, end = phrase.noun, phrase.end
        self.unknown += phrase.unknown
        negated, self.negated = self.negated, ""
        if self.relation is not None:
            return self._take_other(phrase)
        swapped = None if self.leading and self.events else self.dangling(end)
        relative = self.words_at(at - 1) in RELATIVES or self.words_at(at) in RELATIVES
        asked = self.words_at(at - 1) in _BEING and self.words_at(0) in _QUESTIONS
        bare = self.last_tag == "NOUN" and not self.events  # "the bus the car is following"
        relative = relative or ((asked or bare) and self.main.named)
        if swapped is not None and (
            negated or self.last_tag == "FREE" or (self.main.named and self._is_clause(end))
        ):
            kind, role, after, verb = swapped
            if not verb or relative or (negated and role == "subject"):
                where = self.chunks[end].at
                self.relate(kind, role, noun, negated=bool(negated), at=where)
                return after
        if (
            negated
            and not self.started
            and self.predicate(end)
            and negated in ("no", "none", "neither", "not")
        ):
            self.main.absorb(noun)
            self.negated = negated
            return end
        if negated == "no" and not self.started and (after := self._away_from_all(phrase)):
            return after
        if negated == "without" and self.seats(noun):
            self.main.exclude(noun.classes, noun.classes_at)
            return end
        if negated in ("without", "no") and self.started and self.is_companion(phrase):
            kind = "with" if negated == "without" else "near"
            self.relate(kind, "subject", noun, negated=True)
            return end + (self.words_at(end) in (("around",), ("anywhere",)))
        link, self.link = self.link, ""
        if negated and phrase.events:
            events = tuple(replace(event, negated=True) for event in phrase.events)
            return self._place_noun(replace(phrase, events=events), at, link)
        coloured = self.tag_at(at) == "COLOUR" or (negated == "not" and not self.started)
        if negated == "except" and noun.colours and not self.main.classes:  # "all but red cars"
            noun.colours = [replace(part, negated=True) for part in noun.colours]
            self.main.absorb(noun)
            return end
        of_main = not noun.classes and self.started  # "all cars but red ones"
        if noun.colours and coloured and negated not in ("", "no") and not of_main:
            noun.colours = [replace(part, negated=True) for part in noun.colours]
        elif negated:
            self._exclude(noun, end)
            return end
        return self._place_noun(phrase, at, link)

    def _away_from_all(self, phrase: NounPhrase) -> int:
        """Read "no car near the person" as a person who is near no car; where it ends, or 0."""
        chunk = self.chunks[phrase.end] if phrase.end < len(self.chunks) else None
        if chunk is None or chunk.tag != "RELATION" or self._is_verb(chunk):
            return 0
        found = noun_phrase(self.chunks, phrase.end + 1, motion_first=True)
        if found is None or not found.noun.named:
            return 0
        self.main.absorb(found.noun)
        self.unknown += found.unknown
        role: Role = "object" if chunk.role == "subject" else "subject"
        self.relate(chunk.value, role, phrase.noun, negated=True, at=chunk.at)
        self.current = self.main
        return found.end

    def _exclude(self, noun: Noun, end: int) -> None:
        """The noun at hand is not this one: not its class, or of the same class not its looks."""
        if noun.classes and noun.classes != self.current.classes:
            self.current.exclude(noun.classes, noun.classes_at)
            return
        if noun.classes and not (noun.colours or noun.looks):
            self.current.look(" ".join(self.words_at(end - 1)), negated=True, at=noun.at)
            return
        noun.classes = []
        noun.colours = [replace(part, negated=True) for part in noun.colours]
        noun.looks = [replace(part, negated=True) for part in noun.looks]
        self.current.absorb(noun)

    def _take_other(self, phrase: NounPhrase) -> int:
        """The other object of a relation, and more of them after "and"."""
        bond, end = self.relation, phrase.end
        assert bond is not None  # noqa: S101 - the caller asks only then
        self.relation = None
        unsaid = self.bonds[-1] if self.bonds and self.link in ("and", "then", "or") else None
        if unsaid is not None and not unsaid.other.named and unsaid.kind in VERBS:
            unsaid.other = phrase.noun  # "follows, then overtakes a van"
        bond.doing += phrase.events
        bond.other = phrase.noun
        self.tie(bond)
        self.current = phrase.noun
        joint = self.words_at(end)
        more = noun_phrase(self.chunks, end + 1, motion_first=True)
        if joint not in (("and",), ("or",)) or more is None or more.noun.not_classes:
            return end
        if bond.kind == "between" and bond.third is None and joint == ("and",):
            self.current = bond.third = more.noun
            bond.doing += more.events
            self.unknown += more.unknown
            return more.end
        if self.predicate(more.end) or self.tag_at(end + 1) in ("EVENT", "MANNER"):
            return end
        self.unknown += more.unknown
        if joint == ("or",):
            phrase.noun.absorb(more.noun)
        else:
            other = Bond(bond.kind, bond.role, more.noun, bond.negated, at=bond.at)
            other.doing += more.events
            self.tie(other)
            self.current = more.noun
        return more.end

    def relative_at(self, at: int) -> Bond | None:
        """The relation whose other object a relative clause that starts here speaks of."""
        last = self.bonds[-1] if self.bonds else None
        if last is None or all(self.current is not noun for noun in (last.other, last.third)):
            return self.relative
        if self.words_at(at) not in RELATIVES or self.last_tag in ("COMMA", "STOP", "LINK"):
            return self.relative
        after = at + 1
        while self.tag_at(after) in ("SKIP", "NOT", "MANNER") or self.words_at(after) in _PERFECT:
            after += 1
        return last if self.tag_at(after) == "EVENT" else self.relative

    def _place_noun(self, phrase: NounPhrase, at: int, link: str) -> int:
        noun = phrase.noun
        if self.main.count > 1 and self.words_at(at) == ("one",):  # "two cars, one behind ..."
            self.current = self.main
            return phrase.end
        if link == "and" and self._is_between():
            self.current = self.bonds[-1].third = noun
            self.bonds[-1].doing += phrase.events
            return phrase.end
        same = self.main.named and noun.classes == self.main.classes
        refers = same and noun.definite and not noun.colours and not noun.looks
        refers = refers or (same and not noun.looks and noun.colours == self.main.colours)
        refers = refers and noun.count == 1 and not (link == "" and self.last_tag == "FREE")
        apart, self.apart = self.apart and link in ORDERING, False
        if apart and self.started:
            return self._new_clause(at, link)
        if self._tells_kind(noun, at):
            self.main.classes, noun.classes = noun.classes, []
            self.main.absorb(noun)
            self.current = self.main
        elif (refers and noun.determiner not in ("a", "an", "another")) or (
            self.main.named and noun.determiner == "the" and not noun.classes
        ):
            self.current = self.main
            self.link = link
        elif self._may_start_clause(link) and self._starts_clause(phrase, link):
            return self._new_clause(at, link)
        elif not self.main.named and noun.of_animal and self._walked(at):
            self.main.absorb(Noun(classes=["person"], named=True))
            self.relate("with", "subject", noun)
        elif not self.main.named:
            self.main.absorb(noun)
            self.current = self.main
            self.link = link
        elif link == "or":
            self.main.absorb(noun)
        elif link == "after":  # "runs down the street after a bus"
            self.relate("follow", "subject", noun).doing += phrase.events
            return phrase.end
        elif self.last_tag == "EVENT" and self.events and (kind := self._accompanies(at)):
            self.relate(kind, "subject", noun)
        else:
            owned = noun.of_animal and noun.determiner in _POSSESSIVES
            bond = self.relate("with" if owned else "together", "subject", noun)
            bond.doing += phrase.events
            return phrase.end
        for event in phrase.events:
            self.happen(event)
        return phrase.end

    def _tells_kind(self, noun: Noun, at: int) -> bool:
        """Whether a noun says what the object is: "the vehicle is a truck", "a vehicle, a van"."""
        if not self.main.classes or not noun.classes or self.events or self.bonds:
            return False
        mine = {kind for name in self.main.classes for kind in CLASS_WORDS[name].exact}
        its = {kind for name in noun.classes for kind in CLASS_WORDS[name].exact}
        says = self.words_at(at - 1) in _BEING or self.tag_at(at - 1) in ("COMMA", "CLASS")
        return says and (its < mine or (its == mine and self.words_at(at - 1) in _BEING))

    def _is_between(self) -> bool:
        """Whether the other side of "between" is still to come."""
        bond = self.bonds[-1] if self.bonds else None
        open_side = bond is not None and bond.kind == "between" and bond.third is None
        return open_side and self.current is self.bonds[-1].other and self.current.count == 1

    # --- who goes with whom ------------------------------------------------------------------

    def _walked(self, at: int) -> bool:
        """Whether the noun phrase at a chunk is walked by somebody: "walking a dog"."""
        chunks = self.chunks[at : at + 2]
        walks = chunks[0].tag == "EVENT" and chunks[0].words[0].startswith("walk")
        return walks and chunks[-1].tag in ("DET", "COUNT")

    def _accompanies(self, at: int) -> str:
        """How the event before names a companion: "walking a dog", "approaching a bus"."""
        words = self.words_at(at - 1)
        if self.events[-1].kind in ("approach", "enter", "exit") and len(words) == 1:
            self.events.pop()
            return "near"
        return "with" if words and words[0].startswith("walk") else ""

    def is_companion(self, phrase: NounPhrase) -> bool:
        """Whether a noun phrase names an object of its own, not a thing somebody has."""
        if self.tag_at(phrase.end) in ("KNOWN", "WORD"):
            return False
        exact = {name for word in phrase.noun.classes for name in CLASS_WORDS[word].exact}
        exact -= {"truck"} if "trailer" in phrase.noun.classes else set()
        return bool(exact & COMPANIONS) or (phrase.noun.named and not phrase.noun.classes)

    def seats(self, rider: Noun) -> bool:
        """Whether a two-wheeler is spoken of, and this noun is who sits on it."""
        bare = [name for name in self.main.classes if CLASS_WORDS[name].two_wheeler]
        return bool(bare) and rider.of_rider and not self.main.of_rider

    def where(self, start: int, end: int) -> tuple[int, int]:
        """Characters of the chunks of a range."""
        return hull([chunk.at for chunk in self.chunks[start:end]])
