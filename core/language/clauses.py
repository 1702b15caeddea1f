"""The chunks of a sentence, and where in it a clause of its own starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.language.chunks import Chunk
from core.language.nouns import NounPhrase
from core.language.query import Query, Role
from core.language.sentence import Bond, Sentence
from core.language.words import listed

NOUN_STARTS = frozenset(
    {"CLASS", "COLOUR", "COUNT", "DET", "KNOWN", "WORD", "MANNER", "EVENT", "QUOTE", "BRAND"}
    | {"ALONE"}
)
PRONOUNS = frozenset({("it",), ("them",), ("him",), ("her",), ("itself",)})
RELATIVES = frozenset({("that",), ("which",), ("whom",), ("who",)})
_BOARDING = frozenset(
    listed("get gets got getting climb climbs climbed climbing step steps stepped stepping")
    + listed("board boards boarded boarding pick picks picked picking drop drops dropped dropping")
)
VERBS = frozenset({"follow", "overtake", "pass", "meet", "stop_behind"})
ORDERING = frozenset({"then", "before", "after", "while", "when", "as"})
_BESIDES = frozenset({"SKIP", "MANNER", "NOT", "COMMA"})


class Clauses(Sentence):
    """The chunks of a sentence, and whether something is said of the noun that stands somewhere."""

    def __init__(self, chunks: Sequence[Chunk], read: Callable[[Sequence[Chunk]], Query]) -> None:
        super().__init__()
        self.chunks = chunks
        self._read_clause = read
        self.negated = ""
        self.relation: Bond | None = None
        self.relative: Bond | None = None
        self.last_tag = ""
        self.told_as = ""
        self.apart = False
        self.manner: Chunk | None = None

    def words_at(self, at: int) -> tuple[str, ...]:
        return self.chunks[at].words if 0 <= at < len(self.chunks) else ()

    def tag_at(self, at: int) -> str:
        return self.chunks[at].tag if 0 <= at < len(self.chunks) else ""

    def predicate(self, at: int) -> bool:
        """Whether something is said of the noun that ends here."""
        while self.tag_at(at) in _BESIDES - {"COMMA"} or self.words_at(at) in RELATIVES:
            at += 1
        if self.tag_at(at) in ("EVENT", "RUNS"):
            return True
        return self.tag_at(at) == "RELATION" and self._is_verb(self.chunks[at])

    def _is_verb(self, chunk: Chunk) -> bool:
        return chunk.value in VERBS or chunk.words[0] in _BOARDING

    def _is_clause(self, at: int) -> bool:
        while self.tag_at(at) == "SKIP":
            at += 1
        return self.tag_at(at) == "RELATION"

    def _may_start_clause(self, link: str) -> bool:
        return self.main.named or (bool(self.events) and link in ORDERING)

    def _starts_clause(self, phrase: NounPhrase, link: str) -> bool:
        """Whether a noun is the subject of a clause of its own: "..., then a bus stops"."""
        says = self.predicate(phrase.end)
        if link == "after" and self.events and phrase.noun.named and not says:
            return False
        if link in ("then", "before", "after"):
            return True
        if link in ("while", "when", "as"):
            return says or bool(phrase.events)
        if self.leading and self.events:
            return True
        apart = link == "and" or self.last_tag in ("COMMA", "STOP")
        return apart and says and bool(self.events) and phrase.noun.named

    def _new_clause(self, at: int, link: str) -> int:
        leading, self.leading = self.leading, ""
        self.sequel = self._read_clause(self.chunks[at:])
        if link in ORDERING:
            leading = ""
        self.sequel_first = link == "after" or leading == "before"
        meanwhile = link in ("while", "when", "as") or leading in ("while", "as")
        alike = not link and not leading
        self.joint = "while" if meanwhile or alike or (link == "and" and not leading) else "then"
        return len(self.chunks)

    def dangling(self, at: int) -> tuple[str, Role, int, bool] | None:
        """A relation after a noun with no other noun to follow: "no car behind (it)".

        Returns its kind, the role of the main noun, where it ends, and whether it is a verb whose
        subject is the noun before ("a car follows").
        """
        while self.tag_at(at) == "SKIP":
            at += 1
        if self.tag_at(at) != "RELATION":
            return None
        chunk = self.chunks[at]
        after = at + 1
        if self.tag_at(after) == "EACH":
            return None
        while self.words_at(after) in PRONOUNS:
            after += 1
        pronoun = after > at + 1
        if not pronoun and self.tag_at(after) in NOUN_STARTS - {"EVENT", "MANNER"}:
            return None
        verb = self._is_verb(chunk) and chunk.role == "subject" and not pronoun
        return chunk.value, ("object" if chunk.role == "subject" else "subject"), after, verb
