"""t-SNE on a GPU: the same forces and schedule as on the CPU, summed over a grid by FFT.

Repulsion is interpolated (Linderman et al. 2019, "Fast interpolation-based t-SNE"): points put
their charge on the nodes around them by quadratic Lagrange polynomials, a convolution spreads it,
and the same polynomials read it off. Sums that many points add to are kept as whole numbers, whose
order does not count, so that the same rows give the same map on the same GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.detections import Float32, Float64
from core.explore.neighbours import Rows
from core.explore.projection import (
    NEIGHBOURS,
    PERPLEXITY,
    Tell,
    begun,
    phases_of,
)

_NODES = 3  # of a box, along each side
_FEWEST_BOXES, _MOST_BOXES = 50, 700  # along each side; their sides are 1 where that many do
_WHOLE = float(2**32)
_STEPS = 60  # of bisection
_LEAST_GAIN, _LONGEST_STEP = 0.01, 5.0
_TOLD_EVERY = 10


def gpu_tsne(
    start: Float64,
    near: Rows,
    far: Float32,
    continued: bool,
    tell: Tell,
    *,
    device: str = "cuda",
) -> Float64:
    """t-SNE in PyTorch, see `core.explore.projection.Layout`."""
    import torch

    k = min(NEIGHBOURS, near.shape[1], len(near) - 1)
    with torch.no_grad():
        places = torch.from_numpy(begun(start, continued)).to(device)
        rows = torch.from_numpy(near[:, :k].astype(np.int64)).to(device)
        apart = torch.from_numpy(2.0 * far[:, :k].astype(np.float64)).to(device)
        p = _affinities(apart, min(PERPLEXITY, k / 3.0))
        phases = phases_of(continued)
        whole, done = sum(rounds for rounds, _, _ in phases), 0
        for rounds, exaggeration, momentum in phases:
            step, gains = torch.zeros_like(places), torch.ones_like(places)
            rate = len(near) / exaggeration
            for _ in range(rounds):
                pull = _attraction(places, rows, p)
                push = _repulsion(places)
                gradient = 4.0 * (exaggeration * pull - push)
                turned = (step > 0) == (gradient > 0)
                gains = torch.where(turned, gains * 0.8, gains + 0.2).clamp_(min=_LEAST_GAIN)
                step = momentum * step - rate * gains * gradient
                length = step.norm(dim=1, keepdim=True)
                step = step * (_LONGEST_STEP / length.clamp(min=_LONGEST_STEP))
                places = places + step
                places = places - places.mean(dim=0)
                done += 1
                if done % _TOLD_EVERY == 0:
                    tell(done / whole)
        return np.asarray(places.cpu().numpy(), np.float64)


def _affinities(apart: Any, perplexity: float) -> Any:
    """(N, K) p of each row for its neighbours, of the given perplexity, each row summing to 1.

    apart: (N, K) squared distances.
    """
    import torch

    shifted = apart - apart[:, :1]
    goal = float(np.log(perplexity))
    low = torch.full_like(shifted[:, :1], -30.0)
    high = torch.full_like(low, 60.0)
    for _ in range(_STEPS):  # of the logarithm of the precision
        middle = (low + high) / 2.0
        p = torch.softmax(-shifted * middle.exp(), dim=1)
        entropy = -(p * p.clamp(min=1e-300).log()).sum(dim=1, keepdim=True)
        low = torch.where(entropy > goal, middle, low)
        high = torch.where(entropy > goal, high, middle)
    return torch.softmax(-shifted * ((low + high) / 2.0).exp(), dim=1)


def _attraction(places: Any, rows: Any, p: Any) -> Any:
    """(N, 2) sum over both directions of all edges of p q (y_i - y_j), p symmetric and of sum 1."""
    n = len(places)
    between = places[:, None] - places[rows]
    force = (p / (2.0 * n) / (1.0 + between.square().sum(dim=2)))[..., None] * between
    back = _added(n, rows.reshape(-1), force.reshape(-1, 2) * n) / n
    return force.sum(dim=1) - back


def _repulsion(places: Any) -> Any:
    """(N, 2) sum over all others of q^2 (y_i - y_j), over the sum of all q."""
    import torch

    n = len(places)
    low = places.min(dim=0).values
    wide = float((places.max(dim=0).values - low).max())
    boxes = int(min(max(np.ceil(wide), _FEWEST_BOXES), _MOST_BOXES))
    side = max(wide, 1e-9) * (1.0 + 1e-9) / boxes
    scaled = (places - low) / side
    box = scaled.floor().clamp(0, boxes - 1).long()
    weight = _polynomials(scaled - box)  # (N, 2, 3)
    nodes = boxes * _NODES
    at = box[:, :, None] * _NODES + torch.arange(_NODES, device=places.device)
    cell = (at[:, 0, :, None] * nodes + at[:, 1, None, :]).reshape(n, -1)
    share = (weight[:, 0, :, None] * weight[:, 1, None, :]).reshape(n, -1)
    middle = (places - low) / max(wide, 1e-9)  # charges within [0, 1], whatever the map's size
    charge = torch.cat([torch.ones_like(middle[:, :1]), middle], dim=1)
    spread = (share[..., None] * charge[:, None]).reshape(-1, 3)
    grid = _added(nodes * nodes, cell.reshape(-1), spread).T.reshape(3, nodes, nodes)
    once, twice = _kernels(nodes, side / _NODES, places.device)
    sent = torch.fft.rfft2(grid, s=(2 * nodes, 2 * nodes))
    squared = torch.fft.irfft2(sent * twice, s=(2 * nodes, 2 * nodes))[:, :nodes, :nodes]
    plain = torch.fft.irfft2(sent[:1] * once, s=(2 * nodes, 2 * nodes))[:, :nodes, :nodes]
    read = torch.cat([squared, plain]).reshape(4, -1)[:, cell]
    felt = (read * share).sum(dim=2).T  # (N, 4)
    total = float(felt[:, 3].sum()) - n  # each point feels itself as well
    force = (middle * felt[:, :1] - felt[:, 1:3]) * max(wide, 1e-9)
    return force / max(total, 1e-12)


def _polynomials(within: Any) -> Any:
    """(..., 3) Lagrange polynomials on the nodes 1/6, 3/6, 5/6 of a box, at places in it."""
    import torch

    a, b, c = within - 1.0 / 6.0, within - 0.5, within - 5.0 / 6.0
    return torch.stack([b * c * 4.5, -a * c * 9.0, a * b * 4.5], dim=-1)


def _kernels(nodes: int, gap: float, device: Any) -> tuple[Any, Any]:
    """The transforms of 1 / (1 + d^2) and its square between nodes, around twice the grid."""
    import torch

    at = torch.arange(2 * nodes, device=device, dtype=torch.float64)
    off = torch.minimum(at, 2 * nodes - at) * gap
    once = 1.0 / (1.0 + off[:, None].square() + off[None].square())
    return torch.fft.rfft2(once), torch.fft.rfft2(once.square())


def _added(n: int, rows: Any, values: Any) -> Any:
    """(n, C) sums of (M, C) values by row, exactly the same in whatever order they are added."""
    import torch

    whole = (values * _WHOLE).round().long()
    total = torch.zeros(n, values.shape[1], dtype=torch.int64, device=values.device)
    return total.index_add_(0, rows, whole).double() / _WHOLE
