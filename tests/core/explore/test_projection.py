"""Maps of made-up rows: groups stay together, the same rows give the same map."""

from __future__ import annotations

import numpy as np
import pytest

from core.explore.neighbours import nearest
from core.explore.placing import placed, usual_reach
from core.explore.projection import NEIGHBOURS, laid_out, main_axes


def groups(n: int, seed: int = 0, kinds: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """(N, 24) unit vectors around a few centres, and which."""
    kind = np.arange(n) % kinds
    centres = np.random.default_rng(9).normal(size=(kinds, 24))
    vectors = centres[kind] + 0.5 * np.random.default_rng(seed).normal(size=(n, 24))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), kind


def mapped(vectors: np.ndarray, **given: object) -> np.ndarray:
    near, far = nearest(vectors, max(min(NEIGHBOURS, len(vectors) - 1), 0))
    return laid_out(vectors, near, far, **given)  # type: ignore[arg-type]


def purity(xy: np.ndarray, kind: np.ndarray, rows: np.ndarray) -> float:
    apart = np.square(xy[rows, None] - xy[None]).sum(axis=-1)
    apart[np.arange(len(rows)), rows] = np.inf
    near = np.argsort(apart, axis=1)[:, :5]
    return float((kind[near] == kind[rows][:, None]).mean())


def test_what_is_alike_lies_together():
    vectors, kind = groups(240)
    xy = mapped(vectors)
    assert xy.dtype == np.float32
    assert np.abs(xy).max() == pytest.approx(1.0)
    assert purity(xy, kind, np.arange(240)) > 0.95


@pytest.mark.parametrize("n", [60, 240])
def test_the_same_rows_give_the_same_map(n: int):
    vectors, _ = groups(n)
    assert np.array_equal(mapped(vectors), mapped(vectors))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8, 12])
def test_a_handful_of_rows(n: int):
    vectors, _ = groups(n)
    xy = mapped(vectors)
    assert xy.shape == (n, 2)
    assert np.isfinite(xy).all()


def test_equal_rows_have_places():
    vectors = np.tile(groups(1)[0], (30, 1))
    assert np.isfinite(mapped(vectors)).all()


def test_a_map_goes_on_from_an_older_one():
    vectors, kind = groups(200)
    old = mapped(vectors[:180])
    start = np.full((200, 2), np.nan, np.float32)
    start[:180] = old[:, ::-1] * [1, -1]  # as another map would have it
    xy = mapped(vectors, start=start)
    middles = [[each[:180][kind[:180] == k].mean(axis=0) for k in range(6)] for each in (start, xy)]
    before, after = (np.array(m) - np.mean(m, axis=0) for m in middles)
    alike = (before * after).sum() / np.sqrt((before**2).sum() * (after**2).sum())
    assert alike > 0.8
    assert purity(xy, kind, np.arange(180, 200)) > 0.9


def test_an_older_map_of_other_rows_is_no_beginning():
    vectors, _ = groups(20)
    with pytest.raises(ValueError, match="no beginning"):
        mapped(vectors, start=np.full((20, 2), np.nan, np.float32))


def test_work_can_be_ended():
    told: list[float] = []

    def tell(share: float) -> None:
        told.append(share)
        if share > 0.3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        mapped(groups(60)[0], tell=tell)
    assert told == sorted(told)


def test_the_axes_do_not_depend_on_how_they_were_found():
    vectors, _ = groups(50)
    turned = main_axes(vectors[::-1])[::-1]
    assert main_axes(vectors) == pytest.approx(turned, abs=1e-9)


def test_new_rows_go_to_their_kind_and_no_old_point_moves():
    vectors, kind = groups(260)
    new = np.arange(260) >= 200
    xy = np.full((260, 2), np.nan, np.float32)
    xy[:200] = mapped(vectors[:200])
    whole = placed(vectors, xy, new)
    assert whole[:200].tobytes() == xy[:200].tobytes()
    assert purity(whole, kind, np.flatnonzero(new)) > 0.95
    assert np.array_equal(whole, placed(vectors, xy, new))


def test_a_new_row_lies_among_one_group_and_not_between_two():
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 1, 1, 2]]
    vectors[6] = [0.8, 0.6, 0, 0]
    xy = np.array([[-1, 0], [-1, 0.1], [-1, -0.1], [1, 0], [1, 0.1], [1, -0.1], [0, 0]], np.float32)
    found = placed(vectors, xy, np.arange(7) == 6, reach=0.2)[6]
    assert found == pytest.approx([-1, 0], abs=0.02)


def test_nothing_to_be_placed_by():
    vectors, _ = groups(3)
    nowhere = np.full((3, 2), np.nan, np.float32)
    with pytest.raises(ValueError, match="no map"):
        placed(vectors, nowhere, np.ones(3, np.bool_))
    assert np.isnan(placed(vectors, nowhere, np.zeros(3, np.bool_))).all()


def test_reach_follows_the_room_of_each_point():
    xy = np.random.default_rng(0).random((400, 2)).astype(np.float32)
    assert usual_reach(xy) == pytest.approx(0.15, rel=0.05)
