"""Looks and moves as vectors: what makes no difference makes none, what differs lies apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explore.features import Features, looks_of, moves_of
from core.search.columns import Columns, Events
from core.search.paths import RATE_HZ, Paths


@dataclass(frozen=True)
class FewColumns:
    """As much of `Columns` as features ask for."""

    motion_known: np.ndarray
    videos: tuple[Any, ...] = ()
    crop_track: tuple[int, ...] = ()
    crop_starts: tuple[int, ...] = (0,)
    events: Mapping[str, Events] = field(default_factory=dict)

    def events_of(self, kind: str) -> Events:
        return self.events.get(kind) or Events.none()

    def __len__(self) -> int:
        return len(self.motion_known)


def paths_of(ways: list[np.ndarray], size: float = 0.05) -> Paths:
    """One track a way; (P, 2) points a fifth of a second apart, in box lengths."""
    many = np.array([len(way) for way in ways])
    n = int(many.sum())
    return Paths(
        starts=np.concatenate([[0], np.cumsum(many)]).astype(np.int64),
        xy=np.concatenate([*ways, np.zeros((0, 2))]).astype(np.float32) * size,
        t_s=np.concatenate([*(np.arange(k) / RATE_HZ for k in many), np.zeros(0)]),
        frame=np.zeros(n, np.int32),
        size=np.full(n, size, np.float32),
        told=many > 0,
        moved=np.zeros(len(ways), np.bool_),
        largest_px=np.zeros(len(ways), np.float32),
    )


def moves(*ways: np.ndarray, size: float = 0.05) -> Features:
    columns = cast(Columns, FewColumns(np.ones(len(ways), np.bool_)))
    return moves_of(columns, paths_of(list(ways), size))


def way(turn: float, steps: int = 40, pace: float = 0.4, heading: float = 0.0) -> np.ndarray:
    """A way that turns by so many radians in its middle third."""
    bend = np.clip((np.arange(steps) / steps - 1 / 3) * 3, 0, 1) * turn + heading
    return np.cumsum(pace * np.stack([np.cos(bend), np.sin(bend)], axis=1), axis=0)


def standing(steps: int = 40, seed: int = 0) -> np.ndarray:
    return 5.0 + np.random.default_rng(seed).normal(0, 0.01, (steps, 2))


def stopping() -> np.ndarray:
    first = way(0.0, 20)
    return np.vstack([first, np.repeat(first[-1:], 20, axis=0)])


def test_vectors_have_unit_length():
    found = moves(way(0.0), way(1.5), standing(), way(0.0, steps=3), stopping())
    assert found.known.tolist() == [True, True, True, False, True]
    assert found.vectors.dtype == np.float32
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx([1, 1, 1, 0, 1], abs=1e-5)


@settings(deadline=None)
@given(x=st.floats(-20, 20), y=st.floats(-20, 20), size=st.floats(0.02, 0.4), turn=st.floats(-3, 3))
def test_place_and_size_in_the_picture_make_no_difference(
    x: float, y: float, size: float, turn: float
):
    here, there = moves(way(turn)), moves(way(turn) + np.array([x, y]), size=size)
    assert float((here.vectors * there.vectors).sum()) > 0.999


def test_a_turn_is_nearer_to_the_same_turn_elsewhere_than_to_another():
    left, other_left, right, ahead, about = (
        way(-1.5), way(-1.4, heading=2.0), way(1.5), way(0.0), way(-3.1)
    )  # fmt: skip
    like = moves(left, other_left, right, ahead, about).vectors
    cosine = like @ like[0]
    assert cosine[1] > max(cosine[2:])


def test_a_turn_on_the_ground_counts_where_the_picture_shows_it_flat():
    ways = paths_of([way(0.0), way(0.0), way(0.0)])
    track, when, p = np.array([1, 2], np.int32), np.ones(2), np.array([0.9, 0.2], np.float32)
    degrees = np.array([90.0, 90.0], np.float32)
    turns = Events(track, when, when + 1, p, track, degrees)
    columns = FewColumns(np.ones(3, np.bool_), events={"turn_left": turns})
    like = moves_of(cast(Columns, columns), ways).vectors
    assert like[0] @ like[1] < 0.9
    assert like[0] @ like[2] == pytest.approx(1.0)  # nobody believes that one


def test_what_stands_lies_together_and_apart_from_what_goes():
    like = moves(standing(), standing(30, 1), way(0.0), stopping()).vectors
    assert like[0] @ like[1] > 0.98
    assert like[0] @ like[2] < 0.8
    assert like[2] @ like[3] < 0.95


def test_too_little_seen_is_unknown():
    columns = cast(Columns, FewColumns(np.array([True, False, True])))
    paths = paths_of([way(0.0), way(0.0), np.zeros((0, 2))])
    assert moves_of(columns, paths).known.tolist() == [True, False, False]
    told = replace(paths, told=np.zeros(3, np.bool_))
    assert not moves_of(columns, told).known.any()


@dataclass(frozen=True)
class FewVectors:
    rows: np.ndarray
    video_ids: tuple[str, ...] = ("a",)

    def __len__(self) -> int:
        return len(self.rows)

    def rows_of(self, video_id: str) -> slice:
        return slice(0, len(self.rows)) if video_id == "a" else slice(0, 0)

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self.rows[rows], np.float32)

    def search(self, *unused: object) -> Any:
        raise AssertionError("nothing is searched for")


@dataclass(frozen=True)
class Named:
    video_id: str


def test_looks_are_the_mean_of_the_crops():
    crops = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    columns = FewColumns(np.ones(3, np.bool_), (Named("a"),), (2, 0, 2, 2), (0, 4))
    found = looks_of(cast(Columns, columns), FewVectors(crops))
    assert found.known.tolist() == [True, False, True]
    expected = np.array([1, 1, 1]) / np.sqrt(3)
    assert found.vectors[2] == pytest.approx(expected)
    assert found.vectors[:2].tolist() == [[0, 1, 0], [0, 0, 0]]


def test_nothing_at_all():
    columns = cast(Columns, FewColumns(np.zeros(0, np.bool_)))
    assert len(looks_of(columns, FewVectors(np.zeros((0, 3))))) == 0
    assert len(moves_of(columns, paths_of([]))) == 0
