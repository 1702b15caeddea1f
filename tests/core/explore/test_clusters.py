"""Clusters: nested levels of the true groups, the same ones again, and new tracks that join."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from core.evaluate.clusters import adjusted_rand
from core.explore import clusters as module
from core.explore.clusters import Clusters, make_clusters, with_joined
from core.explore.features import Features
from core.explore.ward import ward_tree


def blobs(sizes: list[int], dim: int = 6, spread: float = 0.05) -> tuple[Features, np.ndarray]:
    rng = np.random.default_rng(3)
    centres = np.eye(dim)[: len(sizes)]
    true = np.repeat(np.arange(len(sizes)), sizes)
    rows = centres[true] + rng.normal(0, spread, (len(true), dim))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Features(rows.astype(np.float32), np.ones(len(true), np.bool_)), true


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(0, 1000))
def test_the_tree_is_that_of_scipy(count: int, seed: int):
    points = np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32)
    tree = ward_tree(points, np.ones(count, np.float32))
    other = linkage(points.astype(np.float64), "ward")
    assert np.allclose(np.sqrt(2.0 * tree.cost), other[:, 2], rtol=1e-3, atol=1e-5)
    (group,) = tree.cut([min(3, count)])
    assert adjusted_rand(group, fcluster(other, min(3, count), "maxclust")) == pytest.approx(1.0)


def test_a_weight_is_so_many_points():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(6, 3)).astype(np.float32)
    weights = np.array([1, 4, 1, 2, 1, 3], np.float32)
    many = np.repeat(points, weights.astype(int), axis=0)
    heavy = ward_tree(points, weights)
    plain = ward_tree(many, np.ones(len(many), np.float32))
    assert np.allclose(heavy.cost, plain.cost[-5:], rtol=1e-4)


def test_levels_are_nested_and_numbered_by_size():
    features, true = blobs([30, 20, 10, 9, 8])
    found = make_clusters(features)
    counts = [found.count(level) for level in range(len(found.levels))]
    assert counts == sorted(counts)
    assert counts[1] == 5
    assert adjusted_rand(found.levels[1], true) == 1.0
    assert np.bincount(found.levels[1]).tolist() == [30, 20, 10, 9, 8]
    for coarse, fine in zip(found.levels, found.levels[1:], strict=False):
        assert len(np.unique(np.stack([coarse, fine]), axis=1).T) == fine.max() + 1


def test_many_tracks_are_clustered_through_centres(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_POINTS", 50)
    monkeypatch.setattr(module, "_CENTRES", 40)
    features, true = blobs([60, 50, 40])
    found, again = make_clusters(features), make_clusters(features)
    assert adjusted_rand(found.levels[0], true) == 1.0
    assert (found.finest == again.finest).all()


def test_what_is_unknown_is_in_no_cluster_and_new_tracks_join_without_a_change():
    features, true = blobs([20, 15, 10])
    late = np.zeros(45, np.bool_)
    late[[3, 25, 40]] = True
    early = make_clusters(Features(features.vectors, ~late))
    assert (early.finest[late] == -1).all()
    assert all((level[late] == -1).all() for level in early.levels)
    joined = with_joined(early, features)
    assert (joined.finest[~late] == early.finest[~late]).all()
    assert adjusted_rand(joined.levels[0], true) == 1.0


@pytest.mark.parametrize("known", [0, 1, 2, 4])
def test_few_tracks_have_few_clusters(known: int):
    mask = np.arange(5) < known
    found = make_clusters(Features(np.eye(5, dtype=np.float32), mask))
    assert len(found.levels) == 1
    assert (found.levels[0] >= 0).tolist() == mask.tolist()
    assert found.usual_level == 0


def test_stopping_ends_the_work():
    features, _ = blobs([20, 15])

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_clusters(features, progress=stop)


def test_the_usual_level_has_about_as_many_clusters_as_one_looks_through():
    within = np.zeros((3, 60), np.int32)
    within[1], within[2] = np.arange(60) % 17, np.arange(60)
    many = np.zeros(500, np.int32)
    assert Clusters(many, within, np.zeros((60, 2), np.float32)).usual_level == 1
    few = np.where(np.arange(500) < 9, 0, -1).astype(np.int32)
    assert Clusters(few, within, np.zeros((60, 2), np.float32)).usual_level == 0
