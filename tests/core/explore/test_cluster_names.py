"""Names of clusters: what most of it is, then what tells it from those of the same name."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.explore.cluster_names import names_of
from core.explore.cluster_words import Role, Words

LOOKS: tuple[tuple[str, Role], ...] = (
    ("car", "class"), ("van", "class"), ("person", "class"), ("dog", "class"),
    ("red", "colour"), ("white", "colour"), ("blue", "colour"),
    ("small", "size"), ("large", "size"), ("to the left", "course"),
    ("turning left", "motion"), ("standing", "motion"),
)  # fmt: skip


def named(space: str, *clusters: tuple[int, tuple[str, ...]]) -> tuple[str, ...]:
    """Names of clusters of so many tracks, of each of which some words hold."""
    texts = tuple(text for text, _ in LOOKS)
    p, group = [], []
    for number, (size, held) in enumerate(clusters):
        for _ in range(size):
            p.append([float(text in held) for text in texts])
            group.append(number)
    words = Words(texts, tuple(role for _, role in LOOKS), np.array(p, np.float32))
    shares = words.shares(np.array(group, np.int32), len(clusters))
    sizes = np.array([size for size, _ in clusters], np.float32)
    return names_of(space, words, shares, sizes)  # type: ignore[arg-type]


def test_looks_are_named_by_kind_and_colour():
    assert named(
        "looks", (4, ("car", "red")), (3, ("person", "blue")), (3, ("van", "white")), (2, ("dog",))
    ) == ("red cars", "people in blue", "white vans", "dogs")


def test_the_same_name_is_told_apart_by_what_differs():
    names = named("looks", (4, ("van", "white", "large")), (3, ("van", "white", "small")))
    assert names == ("white vans, large", "white vans, small")


def test_what_nothing_tells_apart_is_numbered():
    assert named("looks", (4, ("car",)), (3, ("car",))) == ("cars", "cars (2)")


def test_moves_are_named_by_what_a_cluster_does_more_than_others():
    names = named(
        "moves",
        (4, ("car", "turning left")),
        (4, ("person", "standing")),
        (4, ("car", "to the left")),
    )
    assert names == ("turning left", "standing", "going to the left")


def test_the_same_move_is_told_apart_by_who_does_it():
    names = named(
        "moves",
        (4, ("car", "standing")), (4, ("person", "standing")), (9, ("car", "turning left")),
    )  # fmt: skip
    assert names == ("cars standing", "people standing", "turning left")


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sets(st.sampled_from([t for t, _ in LOOKS])).map(tuple)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(("looks", "moves")),
)
def test_names_of_a_level_differ(clusters: list[tuple[int, tuple[str, ...]]], space: str):
    names = named(space, *clusters)
    assert len(set(names)) == len(clusters)
    assert all(name.strip() for name in names)
