"""A question edited by its chips: each step gives the view that asks what is left, told anew."""

from __future__ import annotations

from dataclasses import replace

from core.errors import QueryError
from core.language import chips as parts
from core.language.query import Query
from dashboard.address import Asked
from dashboard.answers import query_of
from dashboard.pictures import name_of


def without(asked: Asked, index: int) -> Asked:
    """The view without one chip of its question."""
    return _of(asked, parts.without(query_of(asked), _checked(asked, index)))


def changed(asked: Asked, index: int, words: str) -> Asked:
    """The view with other words in place of one chip; raises QueryError for words of nothing."""
    return _of(asked, parts.changed(query_of(asked), _checked(asked, index), words))


def extended(asked: Asked, words: str) -> Asked:
    """The view that asks for what these words say as well; raises QueryError."""
    if not (asked.question or asked.pictures):
        return typed(asked, words)
    return _of(asked, parts.extended(query_of(asked), words))


def typed(asked: Asked, text: str) -> Asked:
    """The view with another text in the box; what is drawn stays. Raises QueryError."""
    told = Asked.of_text(text)
    shown = ", ".join(part for part in (asked.shown, told.shown) if part)
    return asked.anew(words=told.words, shown=shown)


def like_track(asked: Asked, video_id: str, track_id: int) -> Asked:
    """The view that asks for what looks like a track as well.

    Words that only this one track could answer by are kept: the person takes out what is too much.
    """
    shown = f"like[{video_id}:{track_id}]"
    if shown in asked.shown:
        return asked
    return asked.anew(shown=", ".join(part for part in (asked.shown, shown) if part))


def with_picture(asked: Asked, key: str) -> Asked:
    """The view that asks for what looks like a picture as well."""
    return asked.anew(pictures=tuple(dict.fromkeys((*asked.pictures, key))))


def _checked(asked: Asked, index: int) -> int:
    if not 0 <= index < len(parts.chips(query_of(asked))):
        raise QueryError("The question has changed meanwhile: look again, then repeat the change.")
    return index


def _of(asked: Asked, query: Query) -> Asked:
    said = replace(query, likes=(), drawn=(), zones=())
    tracks = (like for like in query.likes if not like.picture)
    named = {like.picture for like in query.likes if like.picture}
    return asked.anew(
        words="" if said == Query() else str(said),
        shown=", ".join(str(part) for part in (*tracks, *query.drawn, *query.zones)),
        pictures=tuple(key for key in asked.pictures if name_of(key) in named),
    )
