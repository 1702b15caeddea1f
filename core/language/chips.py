"""A query as chips: each part with the typed words it came from, to be taken out or changed.

All functions are pure; what they return has been told anew in canonical words (`Query.text`), and
its parts say where they stand in these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import QueryError
from core.language.parser import parse
from core.language.plurals import article
from core.language.query import EVENT_WORDS, At, PartKind, Query, Target

ChipKind = PartKind | Literal["place", "time", "frame", "gap"]


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of a query.

    words: canonical, as in `Query.parts`. at: range of characters in the typed text, (0, 0) where
    it was not typed. said: these characters. step: 0 for the query itself, 1 for its `then`, and
    so on. slot: the field it stands in, and its place there.
    """

    kind: ChipKind
    words: str
    at: At
    said: str
    step: int
    slot: tuple[str, int]


def chips(query: Query) -> tuple[Chip, ...]:
    """All parts of a query and of what follows it: first those of `Query.parts`, in that order."""
    found: list[Chip] = []
    step, at = 0, query
    while True:
        found += [
            Chip(kind, words, place, query.text[place[0] : place[1]], step, slot)
            for kind, words, place, slot in _parts(at)
        ]
        if at.then is None:
            return tuple(found)
        step, at = step + 1, at.then


def without(query: Query, index: int) -> Query:
    """The query without one of its chips; raises IndexError for one that it does not have."""
    return _retold(_without(query, chips(query)[index]))


def changed(query: Query, index: int, words: str) -> Query:
    """The query with these words in place of one of its chips.

    Raises QueryError when the words say nothing, IndexError for a chip that it does not have.
    """
    chip = chips(query)[index]
    return _retold(_joined(_without(query, chip), _said(words), chip))


def extended(query: Query, words: str) -> Query:
    """The query with what these words say as well; raises QueryError when they say nothing."""
    return _retold(_joined(query, _said(words), Chip("scene", "", (0, 0), "", 0, ("", 0))))


def _said(words: str) -> Query:
    said = parse(words)
    if said == Query():
        raise QueryError(f"“{words}” says nothing that could be looked for.")
    return said


def _parts(query: Query) -> Iterator[tuple[ChipKind, str, At, tuple[str, int]]]:
    window = query.window
    if query.scene:
        yield "scene", query.scene, (0, len(query.text)), ("scene", 0)
    else:
        yield from _tested(query)
    for k, place in enumerate(query.places):
        at = query.places_at[k] if k < len(query.places_at) else (0, 0)
        yield "place", f"at the {place}", at, ("places", k)
    if query.gap_s is not None:
        yield "gap", f"at most {query.gap_s:g} s apart", query.gap_at, ("gap_s", 0)
    if window is not None:
        yield "time", str(window), window.at, ("window", 0)
    if query.frame == "viewer":
        yield "frame", "on screen", query.frame_at, ("frame", 0)


def _tested(query: Query) -> Iterator[tuple[ChipKind, str, At, tuple[str, int]]]:
    target = query.target
    if target.classes:
        yield "class", " or ".join(target.classes), target.classes_at, ("classes", 0)
    for k, name in enumerate(target.not_classes):
        yield "class", f"not {article(name)}", target.not_classes_at, ("not_classes", k)
    for k, colour in enumerate(target.colours):
        yield "colour", str(colour), colour.at, ("colours", k)
    for k, look in enumerate(target.looks):
        yield "appearance", str(look), look.at, ("looks", k)
    for k, event in enumerate(query.events):
        yield "event", str(event), event.at, ("events", k)
    if query.order != "none":
        words = f" {query.order} ".join(EVENT_WORDS[event.kind] for event in query.events)
        yield "order", words, (0, 0), ("order", 0)
    for k, relation in enumerate(query.relations):
        yield "relation", str(relation), relation.at, ("relations", k)
    for k, like in enumerate(query.likes):
        yield "like", str(like), (0, 0), ("likes", k)
    for k, path in enumerate(query.drawn):
        yield "path", str(path), (0, 0), ("drawn", k)
    for k, zone in enumerate(query.zones):
        yield "zone", str(zone), (0, 0), ("zones", k)
    if target.count > 1:
        yield "count", f"{target.count} at the same time", target.count_at, ("count", 0)


def _without(query: Query, chip: Chip) -> Query:
    if chip.step:
        assert query.then is not None  # noqa: S101 - a chip of a later step has that step
        then = _without(query.then, replace(chip, step=chip.step - 1))
        return replace(query, then=None if then == Query() else then)
    field, k = chip.slot
    if field in ("classes", "not_classes", "colours", "looks", "count"):
        return replace(query, target=_target_without(query.target, field, k))
    if field == "events":
        events = query.events[:k] + query.events[k + 1 :]
        return replace(query, events=events, order=query.order if len(events) > 1 else "none")
    if field in ("relations", "likes", "drawn", "zones", "places"):
        values = getattr(query, field)
        return replace(query, **{field: values[:k] + values[k + 1 :]})
    empty = Query()
    return replace(query, **{field: getattr(empty, field)})


def _target_without(target: Target, field: str, k: int) -> Target:
    if field == "classes":
        return replace(target, classes=())
    if field == "count":
        return replace(target, count=1)
    values = getattr(target, field)
    return replace(target, **{field: values[:k] + values[k + 1 :]})


def _joined(query: Query, new: Query, chip: Chip) -> Query:
    """The query with the parts of another, its events where the chip stood."""
    if chip.step:
        then = _joined(query.then or Query(), new, replace(chip, step=chip.step - 1))
        return replace(query, then=then)
    if new.scene:
        return new
    old, more = query.target, new.target
    target = Target(
        more.classes or old.classes,
        (*old.not_classes, *more.not_classes),
        (*old.colours, *more.colours),
        (*old.looks, *more.looks),
        max(old.count, more.count),
    )
    field, k = chip.slot
    k = k if field == "events" else len(query.events)
    events = (*query.events[:k], *new.events, *query.events[k:])
    order = query.order if query.order != "none" else new.order
    was_ordered = len(events) > 1 and (query.order != "none" or new.order != "none")
    return replace(
        query,
        scene="",
        target=target,
        events=events,
        order=order if was_ordered else "none",
        gap_s=new.gap_s if new.gap_s is not None else query.gap_s,
        relations=(*query.relations, *new.relations),
        likes=(*query.likes, *new.likes),
        drawn=(*query.drawn, *new.drawn),
        zones=(*query.zones, *new.zones),
        places=tuple(dict.fromkeys((*query.places, *new.places))),
        window=new.window or query.window,
        frame=new.frame if new.frame == "viewer" else query.frame,
        then=query.then or new.then,
        joint=query.joint if query.then is not None else new.joint,
    )


def _retold(query: Query) -> Query:
    """The query as if its canonical words had been typed; pictures given by hand stay."""
    pictures = tuple(like for like in query.likes if like.picture)
    tracks = tuple(like for like in query.likes if not like.picture)
    plain = replace(query, likes=tracks)
    told = parse(str(plain)) if plain != Query() else Query()
    if told != plain:  # made by hand, in a way that no words say
        return replace(query, text=str(query), unknown_words=(), corrections=())
    return replace(told, likes=(*tracks, *pictures))
