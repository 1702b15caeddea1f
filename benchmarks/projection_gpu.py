"""What laying out a map costs on a GPU, and that it is as good as on the CPU and the same again.

    python -m benchmarks.projection_gpu [--rows 10000 50000 200000] [--dim 512] [--cpu-up-to 50000]

`near s`: the 45 nearest of every row, exact, on the GPU; `right`: share of them that are the same
as by plain sorting in NumPy, for some rows. `map s`: laying them out, twice (`same`: bit for bit).
`kept`, `pure`: as in `benchmarks.projection`. Beside it openTSNE on the CPU from the same
neighbours. Needs PyTorch with CUDA, openTSNE and SciPy, and no FAISS.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from benchmarks.projection import made_up
from core.explore.gpu_layout import gpu_tsne
from core.explore.neighbours import nearest
from core.explore.projection import NEIGHBOURS, Layout, laid_out, open_tsne

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
_ASKED = 1500


def right(vectors: Vectors, near: Rows, asked: Rows) -> float:
    cosine = vectors[asked] @ vectors.T
    cosine[np.arange(len(asked)), asked] = -np.inf
    plain = np.argpartition(-cosine, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    same = [np.isin(a, b).mean() for a, b in zip(near[asked], plain, strict=True)]
    return float(np.mean(same))


def worth(xy: Vectors, near: Rows, make: Rows, asked: Rows) -> str:
    _, found = KDTree(xy).query(xy[asked], 16)
    here = np.array([row[row != own][:15] for row, own in zip(found, asked, strict=True)])
    kept = np.mean([np.isin(a[:15], b).mean() for a, b in zip(near[asked], here, strict=True)])
    pure = (make[here[:, :10]] == make[asked][:, None]).mean()
    return f"{kept:6.3f} {pure:6.3f}"


def laid(vectors: Vectors, near: Rows, far: Vectors, layout: Layout) -> tuple[Vectors, float]:
    began = time.perf_counter()
    return laid_out(vectors, near, far, layout=layout), time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 50_000, 200_000])
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--cpu-up-to", type=int, default=50_000)
    given = parser.parse_args()

    import torch

    print(torch.cuda.get_device_name(), torch.__version__, os.cpu_count(), "cores", flush=True)
    warm, _ = made_up(6000, given.dim)
    laid_out(warm, *nearest(warm, NEIGHBOURS, gpu=True), layout=gpu_tsne)
    print("where      rows  near s  right   map s  again s   kept   pure same", flush=True)
    for rows in given.rows:
        vectors, make = made_up(rows, given.dim)
        asked = np.random.default_rng(1).choice(rows, min(_ASKED, rows), replace=False)
        began = time.perf_counter()
        near, far = nearest(vectors, NEIGHBOURS, gpu=True)
        near_s = time.perf_counter() - began
        fits = right(vectors, near, asked[:200])
        xy, first_s = laid(vectors, near, far, gpu_tsne)
        again, again_s = laid(vectors, near, far, gpu_tsne)
        print(
            f"GPU     {rows:>7} {near_s:7.2f} {fits:6.4f} {first_s:7.1f}  {again_s:7.1f} "
            f"{worth(xy, near, make, asked)} {np.array_equal(xy, again)}",
            flush=True,
        )
        if rows <= given.cpu_up_to:
            xy, first_s = laid(vectors, near, far, open_tsne)
            print(
                f"CPU     {rows:>7} {'':>7} {'':>6} {first_s:7.1f}  {'':>7} "
                f"{worth(xy, near, make, asked)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
