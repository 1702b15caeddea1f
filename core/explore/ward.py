"""Which of many points belong together: the tree of Ward's method, for points of unequal weight.

Of all pairs of groups the two are joined whose union adds least to the squared distances of its
points from their mean (Ward 1963, "Hierarchical grouping to optimize an objective function"). The
chain of nearest neighbours finds all joints in quadratic time (Murtagh 1983, "A survey of recent
advances in hierarchical clustering algorithms"); weights make a point stand for several rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.detections import Float32, Float64, Int32

_TELL_EVERY = 256


@dataclass(frozen=True, slots=True)
class Tree:
    """How P points become one group, cheapest joint first.

    one, other: (P - 1,) points, each standing for the group it is in by then. cost: (P - 1,) what
    the joint adds to the squared distances, never falling.
    """

    one: Int32
    other: Int32
    cost: Float64

    def cut(self, counts: Sequence[int]) -> list[Int32]:
        """(P,) group of each point when so many groups are left, one array a count.

        counts: falling or rising, each in [1, P]. Groups are numbered by their first point, and
        those of a smaller count are unions of those of a larger one.
        """
        points = len(self.one) + 1
        parent = np.arange(points)
        found: dict[int, Int32] = {}
        done = 0
        for count in sorted(set(counts), reverse=True):
            while done < points - count:
                a, b = _root(parent, int(self.one[done])), _root(parent, int(self.other[done]))
                parent[max(a, b)] = min(a, b)
                done += 1
            while (parent != parent[parent]).any():
                parent = parent[parent]
            _, group = np.unique(parent, return_inverse=True)
            found[count] = group.astype(np.int32)
        return [found[count] for count in counts]


def _root(parent: np.ndarray, point: int) -> int:
    while parent[point] != point:
        parent[point] = parent[parent[point]]
        point = int(parent[point])
    return point


def ward_tree(
    points: Float32, weights: Float32, *, tell: Callable[[float], None] = lambda _: None
) -> Tree:
    """The tree of (P, D) points that stand for `weights`, (P,), rows each, all above 0.

    tell: called now and then with the share done; what it raises ends the work. Takes 8 bytes a
    pair of points. Ties go to the lower point.
    """
    count = len(points)
    if not count:
        raise ValueError("a tree needs a point")
    weight = weights.astype(np.float64)
    cost = _costs(points.astype(np.float64), weight)
    one, other = np.zeros(count - 1, np.int32), np.zeros(count - 1, np.int32)
    height = np.zeros(count - 1)
    alive = np.ones(count, np.bool_)
    chain: list[int] = []
    for step in range(count - 1):
        if step % _TELL_EVERY == 0:
            tell(step / count)
        if not chain:
            chain = [int(alive.argmax())]
        while True:
            top = chain[-1]
            near = int(cost[top].argmin())
            # Equally near is the one before: else the chain could go round in a circle.
            if len(chain) > 1 and cost[top, chain[-2]] <= cost[top, near]:
                break
            chain.append(near)
        b, a = sorted((chain.pop(), chain.pop()), reverse=True)
        one[step], other[step], height[step] = a, b, cost[a, b]
        total = weight[a] + weight[b] + weight
        joined = (weight + weight[a]) * cost[a] + (weight + weight[b]) * cost[b]
        joined = np.where(alive, (joined - weight * cost[a, b]) / total, np.inf)
        alive[b] = False
        weight[a] += weight[b]
        joined[[a, b]] = np.inf
        cost[a], cost[:, a] = joined, joined
        cost[b], cost[:, b] = np.inf, np.inf
    order = np.argsort(height, kind="stable")
    return Tree(one[order], other[order], height[order])


def _costs(points: Float64, weight: Float64) -> Float64:
    """(P, P) what joining each two adds, infinite for a point with itself."""
    square = np.square(points).sum(axis=1)
    apart = np.maximum(square[:, None] + square - 2.0 * (points @ points.T), 0.0)
    apart = (apart + apart.T) / 2.0
    apart *= weight[:, None] * weight / (weight[:, None] + weight)
    np.fill_diagonal(apart, np.inf)
    return np.asarray(apart, np.float64)
