"""Figures of maps: what a perfect map, a mirrored one and a shuffled one are worth."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluate.maps import kept, map_figures, map_lines, nearest_on_map, trustworthiness
from core.explore.features import Features
from core.explore.maps import Map


def ring(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around a circle in many dimensions, and the same circle as a map."""
    angle = np.arange(n) * 2 * np.pi / n
    xy = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 2)))[0]
    return (xy @ axes.T).astype(np.float32), xy


def test_a_map_like_the_space_is_perfect():
    vectors, xy = ring()
    assert trustworthiness(vectors, xy, 10) == pytest.approx(1.0)
    assert kept(vectors, xy, 10) == pytest.approx(1.0)


def test_a_shuffled_map_keeps_nothing():
    vectors, xy = ring()
    shuffled = xy[np.random.default_rng(1).permutation(len(xy))]
    assert trustworthiness(vectors, shuffled, 10) < 0.7
    assert kept(vectors, shuffled, 10) < 0.25


def test_points_on_top_of_each_other_do_not_find_themselves():
    xy = np.zeros((12, 2), np.float32)
    found = nearest_on_map(xy, np.arange(12), 3)
    assert not (found == np.arange(12)[:, None]).any()


def test_purity_counts_those_with_a_word_only():
    vectors, xy = ring(40)
    words = ["a"] * 20 + ["b"] * 19 + [""]
    drawn = Map("looks", xy, np.ones(40, np.bool_), np.ones(40, np.bool_), "k", 0.0, 0)
    figures = map_figures(Features(vectors, np.ones(40, np.bool_)), drawn, {"type": words})
    purity = figures["purity"]["type"]
    assert purity["tracks"] == 39
    assert purity["full"] == pytest.approx(purity["map"], abs=0.02)  # ties on the ring
    assert 0.8 < purity["map"] < 1.0
    assert purity["chance"] == pytest.approx((20 * 19 + 19 * 18) / (39 * 38), abs=1e-4)
    assert any("type" in line for line in map_lines("looks", figures))
