"""Seconds to cluster made-up objects: `python -m benchmarks.clusters [--dim D] [N ...]`.

Rows lie around sixty centres, about as close together as those of an encoder do.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from core.explore.clusters import make_clusters, with_joined
from core.explore.features import Features

_CENTRES = 60


def main() -> None:
    """Print a table: objects, seconds to make their clusters, seconds for a tenth more to join."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("objects", nargs="*", type=int, default=[10_000, 50_000, 200_000])
    parser.add_argument("--dim", type=int, default=512)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(_CENTRES, options.dim))
    print(f"{'objects':>9}  {'make, s':>8}  {'join, s':>8}  levels")
    for count in options.objects:
        rows = centres[rng.integers(_CENTRES, size=count)] + rng.normal(size=(count, options.dim))
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        known = np.arange(count) % 11 != 0
        begun = time.perf_counter()
        made = make_clusters(Features(rows, known))
        done = time.perf_counter()
        with_joined(made, Features(rows, np.ones(count, np.bool_)))
        joined = time.perf_counter()
        levels = " ".join(str(made.count(level)) for level in range(len(made.within)))
        print(f"{count:>9,}  {done - begun:>8.1f}  {joined - done:>8.2f}  {levels}")


if __name__ == "__main__":
    main()
