"""What hangs on a noun: clothes, loads, riders, companions, what it stands at or does together."""

from __future__ import annotations

from dataclasses import replace

from core.language.chunks import Chunk
from core.language.clauses import NOUN_STARTS
from core.language.lexicon import CLASS_WORDS
from core.language.noun import Noun
from core.language.nouns import events_of, garment_colours, look_text, noun_phrase
from core.language.query import EventPart, Role
from core.language.sentence import Bond
from core.language.subjects import Subjects
from core.language.words import hull

_RIDERS = {"bicycle": "cyclist", "motorcycle": "motorcyclist"}
_FREE_TAGS = frozenset({"DET", "KNOWN", "WORD", "COLOUR", "CLASS", "COUNT", "BRAND"})
_TOUCHED = frozenset({"pushing", "pulling", "holding", "walking", "carrying", "dragging"})


class Attachments(Subjects):
    """Handlers of the words that say what belongs to a noun."""

    def on_free(self, at: int) -> int:
        """in, with, wearing, carrying, riding...: clothes, companions, or free words."""
        chunk = self.chunks[at]
        said, start = chunk.value, at + 1
        if self.tag_at(start) == "NOT":
            return start
        phrase = noun_phrase(self.chunks, start, motion_first=False)
        if said == "by":
            return self._agent(at)
        if phrase is None:
            in_scene = said in ("on", "in") and self.tag_at(start) not in ("DET", "KNOWN", "COLOUR")
            return start if in_scene else self.free_words(said, at)
        if said in ("with", "in", "on") and not self.started and phrase.noun.named:
            self.told_as = "SKIP"
            return start
        if said in ("riding", "on") and self.mount(phrase.noun):
            return phrase.end
        if said == "with" and self.seats(phrase.noun) and not self.negated:
            self.main.classes = [_RIDERS.get(name, name) for name in self.main.classes]
            self.current = self.main
            return phrase.end
        companion = self.is_companion(phrase)
        touched = said in _TOUCHED and any(
            CLASS_WORDS[name].two_wheeler for name in phrase.noun.classes
        )
        if companion and (touched or said in ("with", "riding", "on")):
            if self.dangling(phrase.end) is None:
                self.relation = Bond("with", "subject", Noun(), bool(self.negated), at=chunk.at)
                self.negated = ""
            return start
        if said == "on" and not self.started:
            return start
        return self.free_words(said, at)

    def _agent(self, at: int) -> int:
        """Who rides or drives it: "a bicycle ridden by a child"."""
        phrase = noun_phrase(self.chunks, at + 1, motion_first=False)
        if phrase is None:
            return at + 1
        bare = [name for name in self.main.classes if CLASS_WORDS[name].two_wheeler]
        if bare and phrase.noun.of_person:
            self.main.classes = [_RIDERS.get(name, name) for name in self.main.classes]
            for name in phrase.noun.classes:
                self.main.look(CLASS_WORDS[name].look, at=phrase.noun.at)
            phrase.noun.classes = []
            self.main.absorb(phrase.noun)
            return phrase.end
        return self.free_words(" ".join(self.words_at(at)), at)

    def mount(self, vehicle: Noun) -> bool:
        """Somebody riding a two-wheeler is the two-wheeler with a rider: one object."""
        if not vehicle.classes or not CLASS_WORDS[vehicle.classes[0]].two_wheeler:
            return False
        for rider in self.main.classes:
            self.main.look(CLASS_WORDS[rider].look, at=self.main.classes_at)
        name = vehicle.classes[0]
        self.main.classes = [_RIDERS.get(name, name)]
        vehicle.classes = []
        self.main.absorb(vehicle)
        self.current = self.main
        return True

    def on_cycling(self, at: int) -> int:
        """Somebody cycling is a cyclist."""
        if self.main.of_person and not self.main.of_rider:
            self.mount(Noun(classes=["bicycle"], named=True, classes_at=self.chunks[at].at))
        self.happen(EventPart("moving", negated=bool(self.negated), at=self.chunks[at].at))
        self.negated = ""
        return at + 1

    def free_words(self, said: str, at: int) -> int:
        """Words of appearance that follow the chunk at a place: "with a ladder"."""
        start = at + 1
        end = self._free_end(start)
        words = self.chunks[start:end]
        negated, self.negated = bool(self.negated), ""
        if not words:
            return start
        where = self.where(at if self.tag_at(at) != "NOT" else start, end)
        garments = garment_colours(words, any_word=said in ("in", "wearing"))
        owner = self.current
        if garments and (said in ("in", "wearing") or garments[0][1]):
            for colours, garment, place in garments:
                clothes = "" if owner.classes and not owner.of_person else "clothes"
                owner.colour(colours, negated=negated, on=garment or clothes, at=place)
            return end
        self.unknown += [c.value for c in words if c.tag == "WORD"]
        text = " ".join((said, *(word for chunk in words for word in chunk.words)))
        owner.look(text, negated=negated, at=where)
        return end

    def _free_end(self, start: int) -> int:
        end = start
        while end < len(self.chunks):
            chunk = self.chunks[end]
            if chunk.words == ("that",) and end > start:
                break
            if chunk.value in ("and", "or"):
                if self._is_between() and noun_phrase(self.chunks, end + 1, motion_first=False):
                    break
                following = self.chunks[end + 1 : end + 3]
                tags = [c.tag for c in following if c.tag != "DET"]
                if not tags or (tags[0] not in ("KNOWN", "COLOUR") and not self._is_thing(end + 1)):
                    break
            elif (chunk.words == ("of",) and end > start) or (
                chunk.tag == "PLACE" and " ".join(chunk.words) == chunk.value
            ):
                pass
            elif chunk.tag not in _FREE_TAGS or (chunk.tag == "WORD" and chunk.value == "left"):
                break
            end += 1
        return end

    def _is_thing(self, at: int) -> bool:
        """Whether the noun phrase here is something worn or carried: "a suit and a tie"."""
        phrase = noun_phrase(self.chunks, at, motion_first=False)
        named = phrase is not None and phrase.noun.named
        return named and phrase is not None and not self.is_companion(phrase)

    def on_prep(self, at: int) -> int:
        """at, to, from, of...: the object that something happens at is near."""
        word = self.words_at(at)[0]
        phrase = noun_phrase(self.chunks, at + 1, motion_first=True)
        if phrase is None or not self.is_companion(phrase):
            return at + 1
        if not self.main.named and (not self.events or word in ("by", "of")):
            return at + 1
        if word == "of" and not self.main.of_person:
            return at + 1
        if word == "for":
            if self.events and self.events[-1].kind in ("wait", "stop"):
                self.unknown += phrase.unknown
                text = " ".join(w for c in self.chunks[at : phrase.end] for w in c.words)
                self.main.look(f"waiting {text}", at=self.where(at - 1, phrase.end))
                infinitive = self.words_at(phrase.end) == ("to",)
                return phrase.end + (2 if infinitive else 0)
            return at + 1
        self.relation = Bond("near", "subject", Noun(), bool(self.negated), at=self.chunks[at].at)
        self.negated = ""
        return at + 1

    def on_lead(self, at: int) -> int:
        """A dog on a lead has somebody at its other end."""
        negated = bool(self.negated) != (self.chunks[at].value == "off")
        self.negated = ""
        if all(bond.kind != "with" for bond in self.bonds):
            holder = Noun(classes=["person"], named=True)
            self.relate("with", "subject", holder, negated=negated, at=self.chunks[at].at)
        self.current = self.main
        return at + 1

    def on_alone(self, at: int) -> int:
        negated, self.negated = bool(self.negated), ""
        self.relate("near", "subject", Noun(), negated=not negated, at=self.chunks[at].at)
        self.current = self.main
        return at + 1

    def on_together(self, at: int) -> int:
        """People who move together are a group; other things are side by side."""
        negated, self.negated = bool(self.negated), ""
        where = self.chunks[at].at
        kind = "group" if self.main.of_person or self.main.of_rider else "near"
        joined = [bond for bond in self.bonds if bond.kind == "together"]
        for bond in joined:
            bond.kind, bond.negated = kind, negated
        if not joined:
            other = Noun(classes=list(self.main.classes), named=True)
            self.relate(kind, "subject", other, negated=negated, at=where)
        self.current = self.main
        return at + 1

    def each_other(self, kind: str, role: Role, at: int) -> int:
        """A relation among the objects asked for: "two cars following each other"."""
        other = Noun(classes=list(self.main.classes), named=True)
        self.relate(kind, role, other, negated=bool(self.negated), at=self.chunks[at].at)
        self.negated = ""
        self.current = self.main
        return at + 2

    def on_known(self, at: int) -> int:
        end = at
        while self.tag_at(end) in ("KNOWN", "WORD", "BRAND"):
            end += 1
        chunks = self.chunks[at:end]
        words = [word for chunk in chunks for word in chunk.words]
        self.unknown += [
            c.value for c in chunks if c.tag == "WORD" and c.value not in ("left", "right")
        ]
        if words[0] in ("left", "right") and self._side(words[0], at):
            words = words[1:]
        text = look_text(words)
        if text and words[-1].endswith("ing") and self.last_tag in ("NOUN", "LINK", "COMMA"):
            return self.doing(text, at, end)
        if text:
            self.current.look(text, negated=bool(self.negated), at=self.where(at, end))
            self.negated = ""
        return end

    on_word = on_known
    on_brand = on_known

    def doing(self, text: str, at: int, end: int) -> int:
        """A verb that nothing measures, with its object: "playing football", "hailing a taxi"."""
        phrase = noun_phrase(self.chunks, end, motion_first=True)
        where = self.where(at, end)
        if phrase is not None and phrase.noun.named and self.is_companion(phrase):
            self.current.look(text, negated=bool(self.negated), at=where)
            self.relation = Bond("near", "subject", Noun(), at=where)
            self.negated = ""
            return end
        if self.tag_at(end) in ("DET", "CLASS", "COLOUR") and self.tag_at(end + 1) != "PLACE":
            return self.free_words(text, end - 1)
        self.current.look(text, negated=bool(self.negated), at=where)
        self.negated = ""
        return end

    def _side(self, side: str, at: int) -> bool:
        """A side that repeats the verb before: "turning left or right", "left, not right"."""
        kind = f"turn_{side}"
        opposite = "turn_left" if side == "right" else "turn_right"
        if self.manner is not None:
            manner, self.manner = self.manner, None
            place = hull([manner.at, self.chunks[at].at])
            chunk = Chunk("EVENT", kind, (), manner.value, at=place)
            self.happen(replace(events_of(chunk)[0], negated=bool(self.negated)))
            self.negated = ""
            return True
        if self.link == "then" and self.events and not self.negated:
            self.happen(EventPart(kind, at=self.chunks[at].at))
            return True
        if not self.events or self.events[-1].kind not in (opposite, "turn"):
            return False
        last = self.events[-1]
        if last.kind == "turn" and self.negated and not last.negated:  # "turning neither left"
            self.negated = ""
            self.events[-1] = replace(last, kind=kind, negated=True)
            return True
        if last.kind == "turn" and not self.link and not self.negated:
            self.events[-1] = replace(last, kind=kind, at=hull([last.at, self.chunks[at].at]))
            return True
        if self.negated:
            self.negated = ""
            self.happen(EventPart(kind, negated=True, at=self.chunks[at].at))
        elif self.link in ("or", "and"):
            self.events[-1] = replace(last, kind="turn" if self.link == "or" else last.kind)
            if self.link == "and":
                other = last.negated and self.words_at(at - 1) != ("but",)
                self.happen(EventPart(kind, other, last.manner, at=self.chunks[at].at))
            self.link = ""
        else:
            return False
        return True

    def follows_noun(self, at: int) -> bool:
        """Whether a noun phrase starts here, after words that say nothing."""
        return self.tag_at(at) in NOUN_STARTS - {"EVENT"}
