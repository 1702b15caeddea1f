"""From a sentence to a typed query, by lexicon and grammar alone, the same way every time.

The sentence is cut into the longest known phrases (`phrases`), noun phrases are gathered (`nouns`),
and one pass from left to right puts the pieces together (`reader`). Nothing said is lost: what the
grammar does not know is kept as words of appearance and reported as unknown.
"""

from __future__ import annotations

import re
from dataclasses import replace

from core.language import spans
from core.language.chunks import Chunk
from core.language.known_words import COMMON_WORDS, KNOWN_WORDS
from core.language.phrases import phrases
from core.language.query import Query, TimeWindow
from core.language.reader import read
from core.language.references import referred
from core.language.sketches import blanked, taken
from core.language.spelling import spelled
from core.language.words import Token, hull, listed, normal, tokens

_SCENE_WORDS = frozenset(
    listed(
        "empty night day dawn dusk rain rainy raining snow snowy fog foggy wet sunny cloudy "
        "dark crowded busy deserted quiet sunset sunrise indoors outdoors indoor outdoor sky "
        "city town forest beach nobody jam landscape weather snowing storm stormy icy slippery "
        "flooded traffic"
    )
)
_NONE = frozenset({"no", "without", "none", "nobody"})
_SCENE = re.compile(r'^scene "([^"]+)"')
_OF_TIME = re.compile(r"\d|^end|^last")
_RIGHT_AS_THEY_ARE = KNOWN_WORDS | COMMON_WORDS | spans.WORDS


def parse(text: str) -> Query:
    """Understand a question; an empty or meaningless one gives an empty query.

    Raises QueryError for a part in brackets that cannot be read, and for nothing else.
    """
    said, likes, drawn, zones = blanked(text), *taken(text)[1:]
    query = _parsed(said)
    return replace(query, likes=likes, drawn=drawn, zones=zones, text=text)


def _parsed(text: str) -> Query:
    known = phrases()
    sentence, corrections = spelled(tokens(text), known.vocabulary, _RIGHT_AS_THEY_ARE)
    scene = _SCENE.match(normal(text))
    if scene:
        return Query(scene=" ".join(scene[1].split()), window=_window(known.chunks(sentence)))
    chunks = referred(known.chunks(sentence))
    query = replace(read(chunks), corrections=corrections)
    if _is_scene(query, chunks, sentence):
        words = [chunk for chunk in chunks if chunk.tag != "WINDOW"]
        where = hull([chunk.at for chunk in words])
        said = normal(text[where[0] : where[1]])
        plain = " ".join(token.text for token in sentence) if corrections else said
        return Query(scene=plain, window=query.window, corrections=corrections)
    return query


def _window(chunks: list[Chunk]) -> TimeWindow | None:
    spans = [TimeWindow(*chunk.span, at=chunk.at) for chunk in chunks if chunk.tag == "WINDOW"]
    return spans[-1] if spans else None


def _is_scene(query: Query, chunks: list[Chunk], sentence: list[Token]) -> bool:
    """Whether the words describe a scene and no object: "empty street at night"."""
    target = query.target
    shades = query.places and all(
        part.colours in (("dark",), ("light",)) for part in target.colours
    )
    coloured = bool(target.colours) and not shades  # a dark street is no dark object
    named = target.classes or coloured or query.events or query.relations or query.then
    if named or any(token.kind == "quote" for token in sentence):
        return False
    words = {token.text for token in sentence}
    if target.not_classes:
        return bool(words & _NONE)
    places = [place for place in query.places if not _OF_TIME.search(place)]
    return bool(places or words & _SCENE_WORDS) and "CLASS" not in {c.tag for c in chunks}
