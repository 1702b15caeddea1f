"""The layout for GPUs, on the CPU: its forces against plain sums, and that it makes good maps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.explore import gpu_layout, projection
from core.explore.gpu_layout import gpu_tsne
from core.explore.neighbours import has_gpu, nearest
from core.explore.projection import laid_out, open_tsne, usual_layout


def points(n: int, spread: float) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(0, spread, (n, 2)))


@pytest.mark.parametrize("spread", [0.001, 1.0, 8.0])
def test_repulsion_is_what_plain_sums_give(spread: float):
    places = points(300, spread)
    between = places[:, None] - places
    q = 1.0 / (1.0 + between.square().sum(dim=2))
    plain = (q.square()[..., None] * between).sum(dim=1) / (q.sum() - len(places))
    found = gpu_layout._repulsion(places)
    assert float((found - plain).norm() / plain.norm()) < 0.05


def test_attraction_is_what_plain_sums_give():
    places, rng = points(40, 2.0), np.random.default_rng(1)
    rows = torch.from_numpy(np.stack([rng.permutation(39)[:5] for _ in range(40)]))
    rows += (rows >= torch.arange(40)[:, None]).long()
    p = torch.from_numpy(rng.random((40, 5)))
    joint = torch.zeros(40, 40, dtype=torch.float64).scatter_(1, rows, p)
    joint = (joint + joint.T) / 80.0
    between = places[:, None] - places
    q = 1.0 / (1.0 + between.square().sum(dim=2))
    plain = ((joint * q)[..., None] * between).sum(dim=1)
    assert gpu_layout._attraction(places, rows, p).numpy() == pytest.approx(plain.numpy(), abs=1e-8)


def test_affinities_have_the_perplexity_asked_for():
    apart = torch.from_numpy(np.sort(np.random.default_rng(2).random((20, 30)), axis=1))
    p = gpu_layout._affinities(apart, 9.0)
    entropy = -(p * p.log()).sum(dim=1)
    assert entropy.exp().numpy() == pytest.approx(np.full(20, 9.0), rel=1e-3)
    assert (p.diff(dim=1) <= 0).all()


def test_equal_neighbours_are_equally_likely():
    p = gpu_layout._affinities(torch.zeros(3, 12, dtype=torch.float64), 4.0)
    assert p.numpy() == pytest.approx(np.full((3, 12), 1 / 12))


def test_it_parts_groups_and_makes_the_same_map_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(projection, "_TOGETHER", 40)
    monkeypatch.setattr(projection, "_APART", 40)
    monkeypatch.setattr(gpu_layout, "_FEWEST_BOXES", 20)
    kind = np.arange(120) % 3
    vectors = np.eye(3)[kind] + np.random.default_rng(3).normal(0, 0.1, (120, 3))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    near, far = nearest(vectors, 20)
    told: list[float] = []
    xy, again = (
        laid_out(
            vectors, near, far, tell=told.append,
            layout=lambda *given: gpu_tsne(*given, device="cpu"),
        )
        for _ in range(2)
    )  # fmt: skip
    assert xy.tobytes() == again.tobytes()
    middles = np.array([xy[kind == k].mean(axis=0) for k in range(3)])
    nearest_middle = np.square(xy[:, None] - middles).sum(axis=-1).argmin(axis=1)
    assert (nearest_middle == kind).mean() > 0.95
    assert told[0] == pytest.approx(1 / 8)


def test_few_rows_are_laid_out_on_the_cpu():
    assert usual_layout(100) is open_tsne


@pytest.mark.skipif(has_gpu(), reason="there is a GPU here")
def test_so_are_many_where_there_is_no_gpu():
    assert usual_layout(100_000) is open_tsne
