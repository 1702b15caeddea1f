"""From words to chunks: the longest known phrase at every place of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from core.language import bonds, lexicon, motions, surroundings, verbs
from core.language.chunks import Chunk, in_context
from core.language.known_words import KNOWN_WORDS
from core.language.patterns import Match, PatternGraph
from core.language.plurals import plural
from core.language.spans import timed
from core.language.whereabouts import placed
from core.language.words import Token, hull, listed

_PREPOSITIONS = (
    "at|in|on|by|near|through|across|into|onto|past|toward|towards|to|from|over|under|along|down|"
    "up|off|before|after|behind|beside|around|of|during|out|inside|outside|within|via|between"
)
_PREPOSITIONS_OF_SIDES = "at|in|on|by|to|toward|towards|from|past|through|across"
_OF_OBJECTS = (
    "at|to|into|onto|from|for|by|toward|towards|around|across|over|past|through|against|off|"
    "inside|outside|under|via|of"
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
    "transport": "carrying",
    "dress|clad in": "wearing",
    "on": "on",
    "ride|drive|operate|steer|push|pull|carry|hold by": "by",
}
_SOME = "[a|an|the|its|this|that|their|another]"
_BARE_ARE_NONE = frozenset(
    listed("left right top bottom middle centre center end exit lot traffic fork")
)
_ONLY_AS = {
    "stop": "[at|from|near|past|by|to|before|after] the|its|his|her|their =stop",
    "light": "for|at|through|by|to|past|near|before|after the|a =light",
    "dark": "at|in the =dark",
    "crossing": "[at|in|on|by|near|before|after|past|through|over|from|to] the|a =crossing",
    "park": "in|into|through|from|at|by|near|across [the|a] =park",
}
_FRAMES = {
    "viewer": (
        "[as seen] on|from [the|a] screen|viewer|image|monitor|display "
        "[point] [of] [view] [perspective]",
        "[as] seen by|from the camera|viewer|observer|operator [point] [of] [view] [perspective]",
        "from|in {det} camera|viewer|observer|operator point|perspective|view [of] [view]",
        "as {det} camera|viewer|observer see it",
        "on|in the screen|monitor|image|picture plane",
        "screen wise",
    ),
    "vehicle": (
        "[as] seen by|from {det} driver|vehicle|car|object|"
        "rider [point] [of] [view] [perspective] [seat]",
        "from|in {det} driver|vehicle|car|rider|own point|perspective|view|seat [of] [view]",
        "from where the driver sit",
        "as the driver see it",
    ),
}


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
            where = hull([token.at for token in sentence[at : at + length]])
            found.append(replace(chunk, at=where))
            at += length
        found = _bracketed(found)
        return placed([in_context(found, k) for k in range(len(found))])

    def _describes(self, sentence: Sequence[Token], at: int) -> bool:
        """Whether a colour word before this place belongs to a noun here."""
        if at >= len(sentence):
            return False
        after = self.graph.longest(sentence, at, self.forms, verbs.MANNERS)
        noun = after is not None and after.meaning[0] in ("COLOUR", "CLASS", "BRAND")
        return noun or sentence[at].text in KNOWN_WORDS

    def _takes_too_much(self, sentence: Sequence[Token], at: int, match: Match) -> bool:
        """Whether its last word starts another phrase: "drives | in front of", "walks | by the"."""
        last = at + match.length - 1
        kind, end = match.meaning[0], sentence[last].text
        if [token.text for token in sentence[at : last + 1]] == ["pedestrian", "crossing"]:
            return self._names_way(sentence, last + 1)
        if kind != "EVENT" or match.length < 2 or end not in ("in", "on"):
            return False
        other = self.graph.longest(sentence, last, self.forms, verbs.MANNERS)
        alone = self.graph.longest(sentence[:last], at, self.forms, verbs.MANNERS)
        if alone is None or alone.meaning[0] != "EVENT" or alone.length < last - at:
            return False
        return other is not None and other.length > 1

    def _names_way(self, sentence: Sequence[Token], at: int) -> bool:
        """Whether what is crossed follows: "pedestrian crossing the road"."""
        return at < len(sentence) and sentence[at].text in ("the", "a", "at", "from", "slowly")

    def _chunk(self, sentence: Sequence[Token], at: int) -> tuple[Chunk, int]:
        token = sentence[at]
        match = self.graph.longest(sentence, at, self.forms, verbs.MANNERS)
        numeric = timed(sentence, at)
        if numeric is not None and (match is None or len(numeric.words) >= match.length):
            chunk = Chunk(numeric.tag, numeric.value, numeric.words, span=numeric.span)
            return chunk, len(numeric.words)
        if token.kind == "quote":
            return Chunk("QUOTE", token.text, (token.text,)), 1
        if token.kind == "mark":
            return Chunk("COMMA" if token.text == "," else "STOP", token.text, ()), 1
        if token.kind in ("number", "clock"):
            whole = token.kind == "number" and token.text.isdecimal() and len(token.text) < 3
            value = str(max(1, int(token.text))) if whole else token.text
            return Chunk("COUNT" if whole else "WORD", value, (token.text,)), 1
        if match is not None and self._takes_too_much(sentence, at, match):
            return self._chunk(sentence[: at + match.length - 1], at)
        shade = match is not None and match.meaning[1] in ("dark", "light") and match.length > 1
        if match is not None and shade and self._describes(sentence, at + match.length):
            return self._chunk(sentence[: at + 1], at)  # "in the dark jacket"
        if match is not None:
            words = tuple(t.text for t in sentence[at : at + match.length])
            return Chunk(*match.meaning[:2], words, match.manner, match.meaning[2]), match.length
        if token.text in self.forms and token.text not in KNOWN_WORDS:
            return Chunk("VERB", token.text, (token.text,)), 1
        return Chunk("KNOWN" if token.text in KNOWN_WORDS else "WORD", token.text, (token.text,)), 1


def _bracketed(chunks: Sequence[Chunk]) -> list[Chunk]:
    """A colour in brackets after its noun belongs to it: "a car (red) that stops"."""
    tags = [chunk.tag for chunk in chunks]
    inside = [
        k
        for k in range(1, len(chunks) - 2)
        if tags[k - 1 : k + 3] == ["CLASS", "COMMA", "COLOUR", "COMMA"]
    ]
    dropped = {k for start in inside for k in (start, start + 2)}
    return [chunk for k, chunk in enumerate(chunks) if k not in dropped]


@cache
def phrases() -> Phrases:
    """The graph of everything the grammar knows, built on first use; the first meaning wins."""
    forms = verbs.inflections()
    graph = PatternGraph(verbs.MACROS)
    for kind, patterns in motions.EVENT_PATTERNS.items():
        for pattern in patterns:
            graph.add(pattern, ("EVENT", kind, ""))
    for (kind, role), patterns in bonds.RELATION_PATTERNS.items():
        for pattern in patterns:
            graph.add(pattern, ("RELATION", kind, role))
    _add_nouns(graph)
    for tag, patterns in bonds.CONNECTIVES.items():
        for pattern in patterns:
            graph.add(pattern, ("LINK", tag, ""))
    for pattern in bonds.NEGATIONS:
        graph.add(pattern, ("NOT", "", ""))
    for pattern, count in surroundings.COUNTS.items():
        graph.add(pattern, ("COUNT", str(count), ""))
    for words in ("at least", "more than", "up to", "exactly", "no fewer|less than", "a total of",
                  "how many|much|often|long"):  # fmt: skip
        graph.add(words, ("SKIP", "", ""))
    for words in surroundings.SAID_TO_NOBODY:
        graph.add(words, ("SKIP", "", ""))
    _add_places(graph)
    for word, name in verbs.MANNERS.items():
        graph.add(word, ("MANNER", name, ""))
    for words, times in surroundings.TIMES.items():
        graph.add(words, ("TIMES", times, ""))
    for phrase, name in _FREE.items():
        graph.add(phrase, ("FREE", name, ""))
    for frame, patterns in _FRAMES.items():
        for pattern in patterns:
            graph.add(pattern, ("FRAME", frame, ""))
    for side in ("left", "right"):
        graph.add(
            f"[to|toward|towards] camera|screen|frame|stage|viewer {side}", ("SIDE", side, "")
        )
        graph.add(f"to|toward|towards my|our|your|the viewer {side}", ("SIDE", side, ""))
    graph.add("[{go}] [in] {det} other|opposite way|direction", ("OTHERWAY", "", ""))
    for pattern in bonds.ALONE:
        graph.add(pattern, ("ALONE", "alone", ""))
    for pattern in bonds.TOGETHER:
        graph.add(pattern, ("TOGETHER", "together", ""))
    graph.add("each other", ("EACH", "", ""))
    graph.add("one another", ("EACH", "", ""))
    graph.add("the other [one]", ("EACH", "", ""))
    for how in ("on|with", "off"):
        graph.add(f"{how} {_SOME} lead|leash|leads|leashes", ("LEAD", how, ""))
    graph.add("leashed", ("LEAD", "on|with", ""))
    graph.add("unleashed", ("LEAD", "off", ""))
    graph.add(_OF_OBJECTS, ("PREP", "", ""))
    graph.add("on foot", ("SKIP", "", ""))
    graph.add("one|each|some|any|all|most|many of", ("DET", "", ""))
    graph.add("|".join(surroundings.DETERMINERS), ("DET", "", ""))
    graph.add("|".join(surroundings.SKIPPED), ("SKIP", "", ""))
    graph.finish()
    return Phrases(graph, forms, frozenset(graph.vocabulary | set(forms) | surroundings.GARMENTS))


def _add_nouns(graph: PatternGraph) -> None:
    graph.add(
        "object|objects|thing|things|something|anything|everything|one|ones", ("CLASS", "", "")
    )
    for phrase, name in lexicon.class_phrases().items():
        graph.add(phrase, ("CLASS", name, ""))
        graph.add(plural(phrase), ("CLASS", name, "plural"))
    for brand, name in lexicon.brand_phrases().items():
        graph.add(brand, ("BRAND", brand, name))
        graph.add(plural(brand), ("BRAND", brand, name))
    for phrase, name in lexicon.colour_phrases().items():
        graph.add(phrase, ("COLOUR", name, ""))
    for phrase in lexicon.DETAILS:
        graph.add(phrase, ("KNOWN", "", ""))


def _add_places(graph: PatternGraph) -> None:
    for place in surroundings.PLACES:
        as_written = " ".join(f"={word}" for word in place.split())
        before = _PREPOSITIONS if place not in _BARE_ARE_NONE else _PREPOSITIONS_OF_SIDES
        if place in _ONLY_AS:
            graph.add(_ONLY_AS[place], ("PLACE", place, ""))
            continue
        graph.add(f"{before} {_SOME} {as_written}", ("PLACE", place, ""))
        if place not in _BARE_ARE_NONE:
            graph.add(as_written, ("PLACE", place, ""))
    graph.add("take {det} [first|second|third|fourth|next] exit", ("PLACE", "exit", ""))
    for colour in ("red", "green", "yellow", "amber"):
        goes = f"{{light}} turn|go|change|switch|be [to] {colour}"
        graph.add(goes, ("PLACE", f"{colour} light", ""))
        graph.add(f"on|at|against|through {colour}", ("PLACE", f"{colour} light", ""))
    for sign, words in (
        ("red light", "[the|a] red light|lights|signal"),
        ("stop sign", "[the|a] stop sign|signs"),
    ):
        graph.add(f"run|jump|ignore|skip {words}", ("RUNS", sign, ""))
        graph.add(
            f"go|drive|blow|speed|race|roll [straight|right] through {words}", ("RUNS", sign, "")
        )
