"""Do maps keep together what is alike? Neighbours in a map against those in the space itself.

Purity is the share of the ten nearest tracks that are truly of the same kind, colour or motion as a
track, beside what chance would give. Trustworthiness (Venna and Kaski 2001) is lowered by whatever
is near in the map and far in the space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.explore.features import Features
from core.explore.maps import Map
from core.explore.neighbours import nearest

NEAREST = 10
_MOST_ASKED = 2000

Rows = npt.NDArray[np.int64]


def map_figures(
    features: Features, drawn: Map, labels: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Purity by kind of label, in the space and in the map, and trustworthiness.

    labels: kind -> the word for each of N tracks, "" where nobody can say; only tracks with a word
    are compared with each other.
    """
    has = features.known & ~np.isnan(drawn.xy[:, 0])
    kinds = {
        kind: _purity(features.vectors, drawn.xy, has & (np.array(words) != ""), np.array(words))
        for kind, words in labels.items()
    }
    vectors, xy = features.vectors[has], drawn.xy[has]
    return {
        "tracks": int(has.sum()),
        "trustworthiness": round(trustworthiness(vectors, xy, NEAREST), 4),
        "kept": round(kept(vectors, xy, NEAREST), 4),
        "purity": kinds,
    }


def map_lines(space: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures of one space for people."""
    yield (
        f"{space}: {figures['tracks']} tracks, trustworthiness {figures['trustworthiness']:.3f}, "
        f"{figures['kept']:.0%} of the {NEAREST} nearest kept"
    )
    yield f"{'same':>18}  tracks  in full  in map  by chance"
    for kind, each in figures["purity"].items():
        yield (
            f"{kind:>18}  {each['tracks']:>6}  {each['full']:>7.3f}  {each['map']:>6.3f}  "
            f"{each['chance']:>9.3f}"
        )


def _purity(
    vectors: Float32, xy: Float32, counted: Bool, words: npt.NDArray[np.str_]
) -> dict[str, Any]:
    rows = np.flatnonzero(counted)
    if len(rows) < 2:
        return {"tracks": len(rows), "full": 0.0, "map": 0.0, "chance": 0.0}
    _, made, count = np.unique(words[rows], return_inverse=True, return_counts=True)
    k = min(NEAREST, len(rows) - 1)
    full, _ = nearest(vectors[rows], k)
    on_map = nearest_on_map(xy[rows], np.arange(len(rows)), k)
    same = (count * (count - 1.0)).sum() / (len(rows) * (len(rows) - 1.0))
    return {
        "tracks": len(rows),
        "full": round(float((made[full] == made[:, None]).mean()), 4),
        "map": round(float((made[on_map] == made[:, None]).mean()), 4),
        "chance": round(float(same), 4),
    }


def nearest_on_map(xy: Float32, rows: Rows, k: int) -> Rows:
    """(M, k) the nearest points of some points of a map, themselves left out, nearest first."""
    from scipy.spatial import KDTree

    _, found = KDTree(xy).query(xy[rows], k + 1)
    # A point that lies exactly on others may not be the first that is found.
    own = found == rows[:, None]
    own[~own.any(axis=1), -1] = True
    return np.asarray(found[~own].reshape(len(rows), k), np.int64)


def kept(vectors: Float32, xy: Float32, k: int) -> float:
    """Share of the k nearest in the space that are among the k nearest in the map."""
    rows = _asked(len(xy))
    k = min(k, len(xy) - 1)
    if k < 1:
        return 1.0
    full, _ = nearest(vectors, k, of=rows)
    on_map = nearest_on_map(xy, rows, k)
    return float(np.mean((full[:, :, None] == on_map[:, None]).any(axis=2)))


def trustworthiness(vectors: Float32, xy: Float32, k: int) -> float:
    """1 where all k nearest in the map are so in the space; ranks of others are taken off."""
    n = len(xy)
    if n < 3 * k:
        return 1.0
    rows = _asked(n)
    on_map = nearest_on_map(xy, rows, k)
    off = 0.0
    for row, found in zip(rows, on_map, strict=True):
        cosine = vectors @ vectors[row]
        cosine[row] = np.inf
        order = np.argsort(-cosine, kind="stable")
        rank = np.empty(n, np.int64)
        rank[order] = np.arange(n)
        off += float(np.maximum(rank[found] - k, 0).sum())
    most = len(rows) * k * (2.0 * n - 3.0 * k - 1.0) / 2.0
    return 1.0 - off / most


def _asked(n: int) -> Rows:
    """A fixed sample of the rows, all where they are few."""
    some = np.random.default_rng(0).choice(n, min(n, _MOST_ASKED), replace=False)
    return np.sort(some).astype(np.int64)
