"""From words to chunks: the longest known phrase at every place of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from core.search import lexicon, motions
from core.search.patterns import PatternGraph
from core.search.plurals import plural
from core.search.spans import duration, window
from core.search.words import KNOWN_WORDS, Token, listed

_PREPOSITIONS = (
    "at|in|on|by|near|through|across|into|onto|past|toward|towards|to|from|over|under|along|down|"
    "up|off|before|after|behind|beside|around|of|during|out"
)
_PREPOSITIONS_OF_SIDES = "at|in|on|by|to|toward|towards|from|past|through|across"
_DETERMINERS = listed(
    "a an the this that these those its his her their another other some any every each "
    "all my our your one"
)
_SKIPPED = listed(
    "be do does did doing will would can could should may might to of it he she they them "
    "him who which whose whom i we you me us show find see search look looking looks give "
    "get want list display please for where when what moment moments scene scenes clip "
    "clips video videos footage time times frame frames picture shot camera there here as "
    "also just only very really then is so up out down itself himself herself away along "
    "self from by at into onto over past again still now currently kind type sort colour "
    "color coloured colored through way side than hand if"
)
_FREE = {
    "in": "in",
    "with": "with",
    "wear": "wearing",
    "carry": "carrying",
    "hold": "holding",
    "push": "pushing",
    "pull": "pulling",
    "drag": "dragging",
    "have": "with",
    "ride": "riding",
    "tow": "towing",
    "towing": "towing",
    "dress in": "wearing",
    "on": "on",
}
_SOME = "[a|an|the|its|this|that|their]"
_BARE_ARE_NONE = frozenset(listed("left right top bottom middle centre center dark light"))


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a sentence with one meaning; `value` depends on the tag, words as written."""

    tag: str
    value: str
    words: tuple[str, ...]
    manner: str = ""
    role: str = ""
    span: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases as one graph, every inflection's base form, and all the words in them."""

    graph: PatternGraph
    forms: dict[str, str]
    vocabulary: frozenset[str]

    def chunks(self, sentence: Sequence[Token]) -> list[Chunk]:
        """Cut a sentence into chunks, the longest phrase first; never raises."""
        found: list[Chunk] = []
        at = 0
        while at < len(sentence):
            chunk, length = self._chunk(sentence, at)
            found.append(chunk)
            at += length
        return found

    def _chunk(self, sentence: Sequence[Token], at: int) -> tuple[Chunk, int]:
        token = sentence[at]
        numeric = window(sentence, at) or duration(sentence, at)
        if numeric is not None:
            return Chunk(numeric.tag, numeric.value, numeric.words, span=numeric.span), len(
                numeric.words
            )
        if token.kind == "quote":
            return Chunk("QUOTE", token.text, (token.text,)), 1
        if token.kind == "mark":
            return Chunk("COMMA" if token.text == "," else "STOP", token.text, ()), 1
        if token.kind in ("number", "clock"):
            whole = token.kind == "number" and token.text.isdecimal() and len(token.text) < 3
            value = str(max(1, int(token.text))) if whole else token.text
            return Chunk("COUNT" if whole else "WORD", value, (token.text,)), 1
        match = self.graph.longest(sentence, at, self.forms, motions.MANNERS)
        if match is not None:
            words = tuple(t.text for t in sentence[at : at + match.length])
            return Chunk(*match.meaning[:2], words, match.manner, match.meaning[2]), match.length
        if token.text in self.forms and token.text not in KNOWN_WORDS:
            return Chunk("VERB", token.text, (token.text,)), 1
        return Chunk("KNOWN" if token.text in KNOWN_WORDS else "WORD", token.text, (token.text,)), 1


@cache
def phrases() -> Phrases:
    """The graph of everything the grammar knows, built on first use; the first meaning wins."""
    forms = motions.inflections()
    graph = PatternGraph(motions.MACROS)
    for kind, patterns in motions.EVENT_PATTERNS.items():
        for pattern in patterns:
            graph.add(pattern, ("EVENT", kind, ""))
    for (kind, role), patterns in motions.RELATION_PATTERNS.items():
        for pattern in patterns:
            graph.add(pattern, ("RELATION", kind, role))
    graph.add("object|objects|thing|things|something|anything|one|ones", ("CLASS", "", ""))
    for phrase, name in lexicon.class_phrases().items():
        graph.add(phrase, ("CLASS", name, ""))
        graph.add(plural(phrase), ("CLASS", name, "plural"))
    for phrase, name in lexicon.colour_phrases().items():
        graph.add(phrase, ("COLOUR", name, ""))
    for tag, patterns in motions.CONNECTIVES.items():
        for pattern in patterns:
            graph.add(pattern, ("LINK", tag, ""))
    graph.add("|".join(motions.NEGATIONS), ("NOT", "", ""))
    for word, count in lexicon.COUNTS.items():
        of = " [of]" if word in ("couple", "pair", "group", "crowd") else ""
        graph.add(word + of, ("COUNT", str(count), ""))
    for place in lexicon.PLACES:
        as_written = " ".join(f"={word}" for word in place.split())
        before = _PREPOSITIONS if place not in _BARE_ARE_NONE else _PREPOSITIONS_OF_SIDES
        graph.add(f"{before} {_SOME} {as_written}", ("PLACE", place, ""))
        if place not in _BARE_ARE_NONE:
            graph.add(as_written, ("PLACE", place, ""))
    for word, name in motions.MANNERS.items():
        graph.add(word, ("MANNER", name, ""))
    for phrase, name in _FREE.items():
        graph.add(phrase, ("FREE", name, ""))
    graph.add(
        "[as seen] on|from [the] screen|viewer|image|frame [point] [of] [view] [perspective]",
        ("VIEWER", "viewer", ""),
    )
    graph.add("alone", ("ALONE", "alone", ""))
    for how in ("on|with", "off"):
        graph.add(f"{how} {_SOME} lead|leash|leads|leashes", ("LEAD", how, ""))
    graph.add("leashed", ("LEAD", "on|with", ""))
    graph.add("unleashed", ("LEAD", "off", ""))
    graph.add("|".join(_DETERMINERS), ("DET", "", ""))
    graph.add("|".join(_SKIPPED), ("SKIP", "", ""))
    graph.finish()
    return Phrases(graph, forms, frozenset(graph.vocabulary | set(forms)))
