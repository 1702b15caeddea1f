"""Queries that a sentence can ask for, of every shape, made at random."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from core.language.lexicon import CLASS_WORDS, COLOUR_WORDS
from core.language.query import (
    EVENT_WORDS,
    RELATION_WORDS,
    AppearancePart,
    ColourPart,
    EventPart,
    Query,
    RelationPart,
    Target,
    TimeWindow,
)
from core.language.sketches import LikePart, PathPart, Shown, ZonePart

PLAIN = sorted(set(COLOUR_WORDS) - {"dark", "light", "colourful"})
SHADED = st.builds("{} {}".format, st.sampled_from(["dark", "light"]), st.sampled_from(PLAIN))
COLOUR = st.one_of(st.sampled_from(sorted(COLOUR_WORDS)), SHADED)
CLASSES = sorted(set(CLASS_WORDS) - {"tie", "backpack", "umbrella", "handbag", "suitcase"})
MANNERLESS = frozenset({"slow", "fast", "moving"})
SETS_OFF = frozenset({"stop", "wait", "stationary", "parked"})
SHARE = st.integers(0, 10_000).map(lambda n: n / 10_000)
POINT = st.tuples(SHARE, SHARE)
SECONDS = st.integers(1, 600).map(float)


def colours() -> st.SearchStrategy[tuple[ColourPart, ...]]:
    some = st.lists(COLOUR, min_size=1, max_size=3, unique=True).map(tuple)
    front = st.builds(ColourPart, some)
    worn = st.builds(ColourPart, some, st.booleans(), st.sampled_from(["jacket", "hat", "clothes"]))
    back = st.builds(ColourPart, some, st.just(True))
    return st.tuples(
        st.lists(front, max_size=1),
        st.lists(worn, max_size=2, unique_by=lambda part: (part.on, part.negated)),
        st.lists(back, max_size=1),
    ).map(lambda lists: (*lists[0], *lists[1], *lists[2]))


LOOKS = st.lists(
    st.builds(
        AppearancePart,
        st.sampled_from(["with a ladder", "turning left", "a bus, and a van", "big", "left", "2"]),
        st.booleans(),
    ),
    max_size=2,
    unique=True,
).map(tuple)
NAMES = st.lists(st.sampled_from(CLASSES), min_size=1, max_size=2, unique=True).map(tuple)


def targets(*, named: bool = False) -> st.SearchStrategy[Target]:
    classes = NAMES if named else st.one_of(st.just(()), NAMES)
    others = st.lists(st.sampled_from(["bus", "taxi", "van", "dog"]), max_size=2, unique=True)
    made = st.builds(
        Target,
        classes,
        others.map(tuple),
        colours(),
        LOOKS,
        st.integers(1, 9),
    )
    return made.filter(lambda target: not set(target.classes) & set(target.not_classes))


def events() -> st.SearchStrategy[EventPart]:
    def made(kind: str, negated: bool, manner: str, low: float | None, more: float | None):
        high = None if more is None else (low or 0.0) + more
        said = "" if kind in MANNERLESS else manner
        kind = "straight" if kind == "moving" and negated else kind
        return EventPart(kind, negated, said, low, high)  # type: ignore[arg-type]

    some = st.one_of(st.none(), SECONDS)
    manner = st.sampled_from(["", "", "", "slowly", "fast", "sharply", "slightly"])
    return st.builds(made, st.sampled_from(sorted(EVENT_WORDS)), st.booleans(), manner, some, some)


def relations() -> st.SearchStrategy[RelationPart]:
    def made(
        key: tuple[str, str],
        other: Target,
        negated: bool,
        third: Target,
        doing: list[EventPart],
        low: float | None,
        more: float | None,
    ) -> RelationPart:
        kind, role = key
        last = third if kind == "between" and other.count == 1 else None
        high = None if more is None else (low or 0.0) + more
        return RelationPart(kind, role, other, negated, last, tuple(doing), low, high)  # type: ignore[arg-type]

    kinds = st.sampled_from(sorted(set(RELATION_WORDS) - {("with", "subject")}))
    plain = events().filter(lambda e: e.min_s is None and e.max_s is None and not e.manner)
    doing = st.lists(plain, max_size=2, unique_by=lambda event: event.kind)
    some = st.one_of(st.none(), SECONDS)
    return st.builds(made, kinds, targets(), st.booleans(), targets(), doing, some, some).filter(
        lambda part: part.kind != "overtake" or not part.doing
    )


def windows() -> st.SearchStrategy[TimeWindow]:
    times = st.tuples(st.integers(0, 9000), st.integers(0, 9000)).map(sorted)
    return st.one_of(
        times.map(lambda pair: TimeWindow(float(pair[0]), float(pair[1]))),
        st.integers(0, 9000).map(lambda time: TimeWindow(float(time), None)),
        st.integers(0, 9000).map(lambda time: TimeWindow(None, float(time))),
    )


def zones() -> st.SearchStrategy[ZonePart]:
    how = st.sampled_from(["in", "enters", "leaves", "stops in", "from", "to"])
    corners = st.lists(POINT, min_size=3, max_size=5).map(tuple)
    video = st.sampled_from(["", "ab12"])
    return st.one_of(
        st.builds(ZonePart, corners, st.just(""), how, video),
        st.builds(ZonePart, st.just(()), st.sampled_from(["yard", "gate 2"]), how, video),
        st.builds(
            ZonePart,
            st.lists(POINT, min_size=2, max_size=4).map(tuple),
            st.just(""),
            st.just("crosses"),
            video,
            st.booleans(),
        ),
    )


def _in_order(query: Query) -> Query:
    """As a sentence would be understood: what moves after a rest sets off, no gap without order."""
    order = query.order if len(query.events) > 1 else "none"
    kept = list(query.events)
    if order != "then":
        kept = list({(event.kind, event.negated): event for event in reversed(kept)}.values())[::-1]
        moving = [event for event in kept if event.kind != "moving"]
        kept = moving or kept
    order = order if len(kept) > 1 else "none"
    for k in range(1, len(kept)):
        before = kept[k - 1]
        rests = before.kind in SETS_OFF and not before.negated
        if order == "then" and kept[k].kind == "moving" and rests:
            kept[k] = replace(kept[k], kind="start")
    gap_s = query.gap_s if order == "then" else None
    return replace(query, events=tuple(kept), order=order, gap_s=gap_s)


def single(*, named: bool = False) -> st.SearchStrategy[Query]:
    return st.builds(
        Query,
        target=targets(named=named),
        events=st.lists(events(), max_size=3).map(tuple),
        order=st.sampled_from(["none", "then", "while"]),
        gap_s=st.one_of(st.none(), SECONDS),
        relations=st.lists(relations(), max_size=2, unique=True).map(tuple),
        places=st.lists(
            st.sampled_from(["intersection", "bus stop", "left lane", "night", "hill"]),
            max_size=2,
            unique=True,
        ).map(tuple),
        window=st.one_of(st.none(), windows()),
        frame=st.sampled_from(["vehicle", "viewer"]),
    ).map(_in_order)


def _followed(query: Query, then: Query | None, joint: str) -> Query:
    if then is None:
        return query
    bare = replace(then, window=None, frame="vehicle", gap_s=None)
    gap_s = query.gap_s if joint == "then" or query.order == "then" else None
    return replace(query, then=bare, joint=joint, gap_s=gap_s)  # type: ignore[arg-type]


def queries() -> st.SearchStrategy[Query]:
    """Queries in the form in which a sentence makes them."""
    said = st.builds(
        _followed,
        single(),
        st.one_of(st.none(), single(named=True)),
        st.sampled_from(["then", "while"]),
    )
    scenes = st.builds(
        Query,
        scene=st.sampled_from(["empty street at night", "two cars", "rain"]),
        window=st.one_of(st.none(), windows()),
    )
    return st.builds(
        lambda query, likes, drawn, areas: replace(query, likes=likes, drawn=drawn, zones=areas),
        st.one_of(said, said, said, scenes),
        st.lists(
            st.lists(
                st.builds(Shown, st.just("3f2a"), st.integers(0, 99)),
                min_size=1,
                max_size=3,
                unique=True,
            ).map(LikePart.of),
            max_size=1,
        ).map(tuple),
        st.lists(
            st.builds(PathPart, st.lists(POINT, min_size=2, max_size=4).map(tuple)), max_size=1
        ).map(tuple),
        st.lists(zones(), max_size=2).map(tuple),
    )
