"""From a sentence to a typed query, by lexicon and grammar alone, the same way every time.

The sentence is cut into the longest known phrases (`phrases`), noun phrases are gathered (`nouns`),
and one pass from left to right puts the pieces together. Nothing said is lost: what the grammar
does not know is kept as words of appearance and reported as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from core.search.lexicon import CLASS_WORDS
from core.search.nouns import (
    Noun,
    NounPhrase,
    colours_at,
    event_of,
    garment_colours,
    look_text,
    noun_phrase,
)
from core.search.phrases import Chunk, phrases
from core.search.query import EventPart, Manner, Query, Role, TimeWindow
from core.search.sentence import Sentence
from core.search.words import KNOWN_WORDS, listed, normal, spelled, tokens

_SCENE_WORDS = frozenset(
    listed(
        "empty night day dawn dusk rain rainy raining snow snowy fog foggy wet sunny cloudy "
        "dark crowded busy deserted quiet sunset sunrise indoors outdoors indoor outdoor sky "
        "city town forest beach nobody jam landscape weather"
    )
)
_COMPANIONS = frozenset(
    {"car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog", "cat", "horse", "cow"}
    | {"cyclist", "motorcyclist"}
)
_RIDERS = {"bicycle": "cyclist", "motorcycle": "motorcyclist"}
_POSSESSIVES = frozenset({"his", "her", "their"})
_PRONOUNS = (("it",), ("them",), ("him",))
_NOUN_STARTS = frozenset(
    {"CLASS", "COLOUR", "COUNT", "DET", "KNOWN", "WORD", "MANNER", "EVENT", "QUOTE"}
)
_SCENE = re.compile(r'^scene "([^"]+)"$')


def parse(text: str) -> Query:
    """Understand a question; never raises. An empty or meaningless one gives an empty query."""
    plain = normal(text)
    scene = _SCENE.match(plain)
    if scene:
        return Query(scene=" ".join(scene[1].split()), text=text)
    known = phrases()
    sentence, corrections = spelled(tokens(text), known.vocabulary, KNOWN_WORDS)
    reader = _Reader(known.chunks(sentence))
    query = replace(reader.query(), text=text, corrections=corrections)
    words = {token.text for token in sentence}
    scene_like = bool(reader.places or words & _SCENE_WORDS or query.target.not_classes)
    if reader.describes_no_object and scene_like and '"' not in plain:
        return Query(scene=plain, text=text, corrections=corrections)
    return query


class _Reader(Sentence):
    """One pass over the chunks of a sentence."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        super().__init__()
        self.chunks = chunks
        self._negated = ""
        self._manner: Manner = ""
        self._relation: tuple[str, Role, bool] | None = None
        self._last_tag = ""
        self._read()

    # --- the pass ----------------------------------------------------------------------------

    def _read(self) -> None:
        at = 0
        while at < len(self.chunks) and self.sequel is None:
            tag = self.chunks[at].tag
            found = self._noun_at(at) if tag in _NOUN_STARTS else None
            if found is not None:
                at = self._take_noun(found, at)
            else:
                handler = getattr(self, f"_on_{tag.lower()}", None)
                at = cast("int", handler(at)) if handler else at + 1
            self._last_tag = tag if found is None else "NOUN"
        if self._manner in ("slowly", "fast") and not self.events and self.sequel is None:
            self.events.append(EventPart("slow" if self._manner == "slowly" else "fast"))

    def _noun_at(self, at: int) -> NounPhrase | None:
        fresh = not (self.main.named or self.events) or self._relation is not None
        if self.chunks[at].tag in ("EVENT", "MANNER") and not fresh:
            return None
        return noun_phrase(self.chunks, at, motion_first=fresh)

    def _take_noun(self, phrase: NounPhrase, at: int) -> int:
        noun, end = phrase.noun, phrase.end
        self.unknown += phrase.unknown
        negated, self._negated = self._negated, ""
        link, self.link = self.link, ""
        if self._relation is not None:
            kind, role, relation_negated = self._relation
            self._relation = None
            self.relate(kind, role, noun, negated=relation_negated or bool(negated))
            return end
        swapped = self._dangling_relation(end)
        if swapped is not None and (negated or self._last_tag == "FREE" or self.main.named):
            kind, role, end = swapped
            self.relate(kind, role, noun, negated=bool(negated))
            return end
        if negated == "without" and self._seats(noun):
            self.main.not_classes += noun.classes
            return end
        if negated == "without" and self._is_companion(phrase):
            self.relate("with", "subject", noun, negated=True)
            return end
        if negated and phrase.events:
            events = tuple(replace(event, negated=True) for event in phrase.events)
            return self._place_noun(replace(phrase, events=events), at, link)
        if negated and noun.colours and self.chunks[at].tag == "COLOUR":
            for part in noun.colours:
                noun.colours = [replace(part, negated=True)]
        elif negated:
            self.current.not_classes += noun.classes
            if not noun.classes:
                self.current.absorb(noun)
            return end
        return self._place_noun(phrase, at, link)

    def _place_noun(self, phrase: NounPhrase, at: int, link: str) -> int:
        noun = phrase.noun
        same = self.main.named and noun.classes == self.main.classes
        refers = same and noun.definite and not noun.colours and not noun.looks
        if refers or (self.main.named and noun.determiner == "the" and not noun.classes):
            self.current = self.main
        elif link in ("then", "before", "after") and (self.main.named or self.events):
            rest = _Reader(self.chunks[at:])
            self.sequel, self.sequel_first = rest.query(), link == "after"
            return len(self.chunks)
        elif not self.main.named and noun.of_animal and self._walked(at):
            self.main.absorb(Noun(classes=["person"], named=True))
            self.relate("with", "subject", noun, negated=False)
        elif not self.main.named:
            self.main.absorb(noun)
            self.current = self.main
        elif link == "or":
            self.main.absorb(noun)
        elif self._last_tag == "EVENT" and self.events and (kind := self._accompanies(at)):
            self.relate(kind, "subject", noun, negated=False)
        else:
            owned = noun.of_animal and noun.determiner in _POSSESSIVES
            self.relate("with" if owned else "together", "subject", noun, negated=False)
        for event in phrase.events:
            self.happen(event)
        return phrase.end

    def _walked(self, at: int) -> bool:
        """Whether the noun phrase at a chunk is walked by somebody: "walking a dog"."""
        chunks = self.chunks[at : at + 2]
        walks = chunks[0].tag == "EVENT" and chunks[0].words[0].startswith("walk")
        return walks and chunks[-1].tag in ("DET", "COUNT")

    def _accompanies(self, at: int) -> str:
        """How the event before names a companion: "walking a dog", "approaching a bus"."""
        words = self.chunks[at - 1].words if at else ()
        if self.events[-1].kind == "approach" and len(words) == 1:
            self.events.pop()
            return "near"
        return "with" if words and words[0].startswith("walk") else ""

    def _dangling_relation(self, at: int) -> tuple[str, Role, int] | None:
        """A relation after a noun with no other noun to follow: "no car behind (it)"."""
        if at >= len(self.chunks) or self.chunks[at].tag != "RELATION":
            return None
        chunk = self.chunks[at]
        after = at + 1
        while after < len(self.chunks) and self.chunks[after].words in (
            ("it",),
            ("them",),
            ("him",),
        ):
            after += 1
        pronoun = after > at + 1
        if not pronoun and after < len(self.chunks) and self.chunks[after].tag in _NOUN_STARTS:
            return None
        active_verb = chunk.value in ("follow", "overtake", "meet") and chunk.role == "subject"
        if active_verb and not pronoun:
            return None
        return chunk.value, ("object" if chunk.role == "subject" else "subject"), after

    # --- one handler a tag -------------------------------------------------------------------

    def _on_event(self, at: int) -> int:
        chunk = self.chunks[at]
        if chunk.words[-1] in ("ride", "rides", "riding", "rode"):
            mount = noun_phrase(self.chunks, at + 1, motion_first=False)
            if mount is not None and self._mount(mount.noun):
                return mount.end
        event = event_of(chunk, self._manner)
        if chunk.words[0] in ("run", "runs", "running", "ran") and event.kind == "moving":
            event = EventPart("fast") if self.main.on_legs else event
        self._manner = ""
        negated, self._negated = bool(self._negated), ""
        if self.link == "or" and self.events and self.events[-1].negated:
            negated = True
        self.happen(replace(event, negated=negated))
        return at + 1

    def _on_manner(self, at: int) -> int:
        manner = event_of(Chunk("EVENT", "turn", (), self.chunks[at].value), "").manner
        if self._last_tag in ("EVENT", "PLACE", "DURATION") and self.events:
            last = self.events[-1]
            self.events[-1] = replace(
                event_of(Chunk("EVENT", last.kind, ()), last.manner or manner),
                negated=last.negated,
                min_s=last.min_s,
                max_s=last.max_s,
            )
        else:
            self._manner = manner
        return at + 1

    def _on_relation(self, at: int) -> int:
        chunk = self.chunks[at]
        role: Role = "object" if chunk.role == "object" else "subject"
        negated = bool(self._negated)
        after = at + 1
        while after < len(self.chunks) and self.chunks[after].tag == "SKIP":
            after += 1
        if after < len(self.chunks) and self.chunks[after].tag in _NOUN_STARTS - {"EVENT"}:
            self._relation = (chunk.value, role, negated)
            if noun_phrase(self.chunks, after, motion_first=True) is not None:
                self._negated = ""
                return after
            self._relation = None
        if self.chunks[after : after + 1] and self.chunks[after].words == ("another",):
            after += 1
        elif chunk.value == "overtake" and role == "subject":
            return self._on_event_kind("moving", at)
        elif chunk.value in ("near", "with", "behind", "together", "meet"):
            if after < len(self.chunks) and self.chunks[after].tag in _NOUN_STARTS:
                return self._on_free_words(" ".join(chunk.words), after)
            self.unknown.append(" ".join(chunk.words))
            return at + 1
        elif self.chunks[at - 1 : at] and self.chunks[at - 1].words == ("being",):
            role = "object"
        self._negated = ""
        self.relate(chunk.value, role, Noun(), negated=negated)
        return after

    def _on_event_kind(self, kind: str, at: int) -> int:
        negated, self._negated = bool(self._negated), ""
        self.happen(EventPart(kind, negated=negated))
        return at + 1

    def _on_colour(self, at: int) -> int:
        colours, end = colours_at(self.chunks, at)
        self.current.colour(colours, negated=bool(self._negated))
        self._negated = ""
        return end

    def _on_quote(self, at: int) -> int:
        self.current.look(self.chunks[at].value, negated=bool(self._negated))
        self._negated = ""
        return at + 1

    def _on_free(self, at: int) -> int:
        """in, with, wearing, carrying, riding...: clothes, companions, or free words."""
        said = self.chunks[at].value
        start = at + 1
        if start < len(self.chunks) and self.chunks[start].tag == "NOT":
            return start
        phrase = noun_phrase(self.chunks, start, motion_first=False)
        if phrase is not None and said in ("riding", "on") and self._mount(phrase.noun):
            return phrase.end
        if phrase is not None and said == "with" and self._seats(phrase.noun) and not self._negated:
            self.main.classes = [_RIDERS.get(name, name) for name in self.main.classes]
            self.current = self.main
            return phrase.end
        if said == "on":
            return start
        if phrase is not None and self._is_companion(phrase) and said in ("with", "riding"):
            self._relation = (
                None
                if self._dangling_relation(phrase.end)
                else ("with", "subject", bool(self._negated))
            )
            self._negated = self._negated if self._relation is None else ""
            return start
        return self._on_free_words(said, start)

    def _is_companion(self, phrase: NounPhrase) -> bool:
        following = self.chunks[phrase.end : phrase.end + 1]
        if following and following[0].tag in ("KNOWN", "WORD"):
            return False
        exact = {name for word in phrase.noun.classes for name in CLASS_WORDS[word].exact}
        exact -= {"truck"} if "trailer" in phrase.noun.classes else set()
        return bool(exact & _COMPANIONS)

    def _seats(self, rider: Noun) -> bool:
        """Whether a two-wheeler is spoken of, and this noun is who sits on it."""
        bare = [name for name in self.main.classes if CLASS_WORDS[name].two_wheeler]
        return bool(bare) and rider.of_rider and not self.main.of_rider

    def _mount(self, vehicle: Noun) -> bool:
        """Somebody riding a two-wheeler is the two-wheeler with a rider: one object."""
        if not vehicle.classes or not CLASS_WORDS[vehicle.classes[0]].two_wheeler:
            return False
        for rider in self.main.classes:
            self.main.look(CLASS_WORDS[rider].look)
        name = vehicle.classes[0]
        self.main.classes = [_RIDERS.get(name, name)]
        vehicle.classes = []
        self.main.absorb(vehicle)
        self.current = self.main
        return True

    def _on_free_words(self, said: str, start: int) -> int:
        end = self._free_end(start)
        words = self.chunks[start:end]
        negated, self._negated = bool(self._negated), ""
        if not words:
            return start
        garments = garment_colours(words, any_word=said in ("in", "wearing"))
        owner = self.current
        if garments and (said in ("in", "wearing") or garments[0][1]):
            for colours, garment in garments:
                clothes = "" if owner.classes and not owner.of_person else "clothes"
                owner.colour(colours, negated=negated, on=garment or clothes)
            return end
        self.unknown += [c.value for c in words if c.tag == "WORD"]
        text = " ".join((said, *(word for chunk in words for word in chunk.words)))
        owner.look(text, negated=negated)
        return end

    def _free_end(self, start: int) -> int:
        end = start
        while end < len(self.chunks):
            chunk = self.chunks[end]
            if chunk.words == ("that",) and end > start:
                break
            if chunk.value in ("and", "or"):
                following = self.chunks[end + 1 : end + 3]
                tags = [c.tag for c in following if c.tag != "DET"]
                if not tags or tags[0] not in ("KNOWN", "COLOUR"):
                    break
            elif (chunk.words == ("of",) and end > start) or (
                chunk.tag == "PLACE" and " ".join(chunk.words) == chunk.value
            ):
                pass
            elif chunk.tag not in ("DET", "KNOWN", "WORD", "COLOUR", "CLASS", "COUNT"):
                break
            end += 1
        return end

    def _on_not(self, at: int) -> int:
        word = self.chunks[at].words[0]
        self._negated = "" if self._negated else word
        following = at + 1
        while following < len(self.chunks) and self.chunks[following].tag in ("DET", "SKIP"):
            following += 1
        if word not in ("without", "no") or following >= len(self.chunks):
            return at + 1
        if self.chunks[following].tag in ("KNOWN", "WORD", "COLOUR"):
            phrase = noun_phrase(self.chunks, at + 1, motion_first=True)
            if phrase is None or not self._is_companion(phrase):
                return self._on_free_words("with", at + 1)
        elif self.chunks[following].tag == "CLASS":
            phrase = noun_phrase(self.chunks, at + 1, motion_first=True)
            if phrase is not None and word == "without" and not self._is_companion(phrase):
                return self._on_free_words("with", at + 1)
        return at + 1

    def _on_known(self, at: int) -> int:
        end = at
        while end < len(self.chunks) and self.chunks[end].tag in ("KNOWN", "WORD"):
            end += 1
        words = [chunk.value for chunk in self.chunks[at:end]]
        if words[0] in ("left", "right") and self._other_side(words[0]):
            words = words[1:]
        self.unknown += [
            chunk.value
            for chunk in self.chunks[at:end]
            if chunk.tag == "WORD" and chunk.value not in ("left", "right")
        ]
        self.current.look(look_text(words), negated=bool(self._negated))
        self._negated = ""
        return end

    _on_word = _on_known

    def _other_side(self, side: str) -> bool:
        """Either side will do: "turning left or right"."""
        opposite = "turn_left" if side == "right" else "turn_right"
        if self.link not in ("or", "and") or not self.events:
            return False
        if self.events[-1].kind == opposite:
            self.events[-1] = replace(self.events[-1], kind="turn")
        self.link = ""
        return True

    def _on_count(self, at: int) -> int:
        if self.main.named:
            self.current.look(self.chunks[at].words[0])
        else:
            self.main.count = max(self.main.count, int(self.chunks[at].value))
        return at + 1

    def _on_link(self, at: int) -> int:
        value = self.chunks[at].value
        if not (value == "and" and self.link in ("then", "while", "before", "after")):
            self.link = value
        if value != "or":
            self._negated = ""
        return at + 1

    def _on_comma(self, at: int) -> int:
        self._negated = ""
        return at + 1

    _on_stop = _on_comma

    def _on_place(self, at: int) -> int:
        self.places.append(self.chunks[at].value)
        self._negated = ""
        return at + 1

    def _on_duration(self, at: int) -> int:
        low, high = self.chunks[at].span
        if self.events:
            last = self.events[-1]
            self.events[-1] = replace(
                last,
                min_s=last.min_s if low is None else low,
                max_s=last.max_s if high is None else high,
            )
        return at + 1

    def _on_window(self, at: int) -> int:
        after, before = self.chunks[at].span
        self.window = TimeWindow(after, before)
        return at + 1

    def _on_verb(self, at: int) -> int:
        self.unknown.append(self.chunks[at].value)
        return at + 1

    def _on_viewer(self, at: int) -> int:
        self.viewer = True
        return at + 1

    def _on_lead(self, at: int) -> int:
        """A dog on a lead has somebody at its other end."""
        negated = bool(self._negated) != (self.chunks[at].value == "off")
        self._negated = ""
        if all(kind != "with" for kind, *_ in self.relations):
            holder = Noun(classes=["person"], named=True)
            self.relate("with", "subject", holder, negated=negated)
        self.current = self.main
        return at + 1

    def _on_alone(self, at: int) -> int:
        self.relate("near", "subject", Noun(), negated=True)
        self.current = self.main
        return at + 1
