"""One pass over the chunks of a sentence, from left to right, that puts the pieces together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.language.chunks import Chunk
from core.language.clauses import NOUN_STARTS
from core.language.noun import Noun
from core.language.nouns import colours_at, noun_phrase
from core.language.occurrences import Occurrences
from core.language.phrases import phrases
from core.language.query import EventPart, Query
from core.language.surroundings import GARMENTS
from core.language.words import listed

_LIGHT = frozenset(
    listed(
        "make take do perform execute complete begin keep get be give hold have use want hit come"
    )
    + listed("set carry hang stay remain show see find leave put")
)
_PEOPLE = frozenset({"couple", "crowd", "crowds", "group", "groups", "duo", "trio"})


def read(chunks: Sequence[Chunk]) -> Query:
    """The query that the chunks of a sentence say; never raises."""
    return Reader(chunks, read).run()


class Reader(Occurrences):
    """Handlers of one chunk each: they return where to go on."""

    def run(self) -> Query:
        handlers = self._handlers()
        at = 0
        while at < len(self.chunks) and self.sequel is None:
            tag = self.chunks[at].tag
            self.relative = self.relative_at(at)
            found = self.noun_at(at) if tag in NOUN_STARTS else None
            if found is not None:
                at = self.take_noun(found, at)
                self.last_tag = "NOUN"
                continue
            handler = handlers.get(tag)
            at = handler(at) if handler else at + 1
            tag, self.told_as = self.told_as or tag, ""
            if tag != "SKIP":
                self.last_tag = tag
        if self.manner is not None and not self.events and self.sequel is None:
            kind = {"slowly": "slow", "fast": "fast"}.get(self.manner.value)
            if kind:
                self.events.append(EventPart(kind, at=self.manner.at))
        if self.pending != (None, None):
            self.unknown.append(self.pending_words)
        if self.main.alone:
            self.relate("near", "subject", Noun(), negated=True, at=self.main.at)
        return self.query()

    def _handlers(self) -> Mapping[str, Callable[[int], int]]:
        return {
            "EVENT": self.on_event,
            "RELATION": self.on_relation,
            "MANNER": self.on_manner,
            "COLOUR": self.on_colour,
            "QUOTE": self.on_quote,
            "COUNT": self.on_count,
            "NOT": self.on_not,
            "LINK": self.on_link,
            "COMMA": self.on_comma,
            "STOP": self.on_comma,
            "PLACE": self.on_place,
            "RUNS": self.on_runs,
            "OTHERWAY": self.on_other_way,
            "SIDE": self.on_side,
            "TIMES": self.on_times,
            "DURATION": self.on_duration,
            "WITHIN": self.on_within,
            "LATER": self.on_later,
            "APART": self.on_apart,
            "WINDOW": self.on_window,
            "FRAME": self.on_frame,
            "VERB": self.on_verb,
            "FREE": self.on_free,
            "PREP": self.on_prep,
            "LEAD": self.on_lead,
            "ALONE": self.on_alone,
            "TOGETHER": self.on_together,
            "KNOWN": self.on_known,
            "WORD": self.on_word,
            "BRAND": self.on_brand,
        }

    # --- the noun at hand --------------------------------------------------------------------

    def on_colour(self, at: int) -> int:
        colours, end = colours_at(self.chunks, at)
        worn = self.chunks[end].value if self.tag_at(end) == "KNOWN" else ""
        if worn in GARMENTS and (self.current.of_person or self.current.of_rider):
            where, negated = self.where(at, end + 1), bool(self.negated)
            self.current.colour(colours, on=worn, negated=negated, at=where)
            self.negated = ""
            return end + 1
        self.current.colour(colours, negated=bool(self.negated), at=self.where(at, end))
        self.negated = ""
        return end

    def on_quote(self, at: int) -> int:
        chunk = self.chunks[at]
        self.current.look(chunk.value, negated=bool(self.negated), at=chunk.at)
        self.negated = ""
        return at + 1

    def on_count(self, at: int) -> int:
        chunk = self.chunks[at]
        if self.main.named:
            self.current.look(chunk.words[0], at=chunk.at)
        elif int(chunk.value) > self.main.count:
            self.main.count, self.main.count_at = int(chunk.value), chunk.at
            if chunk.words[-1] in _PEOPLE:
                self.main.absorb(Noun(classes=["person"], named=True, classes_at=chunk.at))
        return at + 1

    def on_not(self, at: int) -> int:
        word = self.words_at(at)[0]
        if word in ("other", "apart", "aside", "anything", "everything", "all", "instead", "but"):
            word = "except"
        if word in ("anything", "everything", "all") or (word == "except" and not self.started):
            self.main.named = True
        doubled = bool(self.negated) and self.last_tag in ("NOT", "SKIP", "NOUN", "DET")
        self.negated = "" if doubled else word
        following = at + 1
        while self.tag_at(following) in ("DET", "SKIP"):
            following += 1
        if word not in ("without", "no", "lacking") or self.tag_at(following) not in (
            "KNOWN", "WORD", "COLOUR", "CLASS", "BRAND", "PLACE",
        ):  # fmt: skip
            return at + 1
        phrase = noun_phrase(self.chunks, at + 1, motion_first=True)
        plain = phrase is None or not self.is_companion(phrase)
        said = self.tag_at(following) != "CLASS" or word in ("without", "lacking")
        if plain and said and self.started:
            return self.free_words("with", at)
        return at + 1

    # --- clauses ---------------------------------------------------------------------------

    def on_link(self, at: int) -> int:
        value = self.chunks[at].value
        asks = self.words_at(at + 1) in (("do",), ("does",), ("did",), ("is",), ("are",), ("was",),
                                         ("were",), ("will",), ("has",), ("have",))  # fmt: skip
        if value == "when" and asks and not self.started:
            return at + 1
        if value == "as" and self.tag_at(at + 1) not in ("DET", "CLASS", "COLOUR", "EVENT"):
            return at + 1
        following = self.tag_at(at + 1)
        if (
            self.words_at(at) == ("but",)
            and self.main.classes
            and not self.events
            and (
                following in ("CLASS", "COLOUR")
                and noun_phrase(self.chunks, at + 1, motion_first=False)
            )
        ):
            self.negated = "except"  # "all cars but red ones"
            return at + 1
        if not (value == "and" and self.link in ("then", "while", "before", "after")):
            self.link = value
        if value not in ("or", "and"):
            self.negated = ""
            self.relative = None
        elif value == "and":
            self.negated = ""
        return at + 1

    def on_comma(self, at: int) -> int:
        self.apart = self.chunks[at].value == ";"
        self.set_off = True
        self.negated = ""
        self.relative = None
        return at + 1

    def on_frame(self, at: int) -> int:
        self.viewer = self.chunks[at].value == "viewer"
        self.frame_at = self.chunks[at].at
        return at + 1

    def on_verb(self, at: int) -> int:
        if self.chunks[at].value in _LIGHT or phrases().forms[self.chunks[at].value] in _LIGHT:
            return at + 1
        self.unknown.append(self.chunks[at].value)
        if self.main.named and self.words_at(at)[0].endswith("ing"):
            return self.doing(self.words_at(at)[0], at, at + 1)
        self.current.look(self.chunks[at].value, at=self.chunks[at].at)
        return at + 1
