"""Do clusters hold what belongs together? Against true kinds, colours and motions.

A track counts where it lies on a true object that could be judged; what it is called is that
object's. Agreement is the adjusted Rand index (Hubert and Arabie 1985), 0 for chance and 1 for the
same groups, and mutual information normalised by the mean of both entropies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.detections import Int32
from core.errors import VidtrailError
from core.evaluate.judging import objects_of
from core.evaluate.truth import TrueObject, World
from core.explore.clusters import Clusters
from core.search.columns import Columns

KINDS: Final = ("type", "colour", "type and colour", "motion")
_TURNS = ("u_turn", "turn_left", "turn_right")


def true_labels(columns: Columns, worlds: Sequence[World]) -> dict[str, list[str]]:
    """What each track truly is, "" where nobody can say; a list of N words for each of `KINDS`.

    Raises VidtrailError when the library has no video of the worlds.
    """
    by_name = {world.video.name: world for world in worlds}
    labels = {kind: [""] * len(columns) for kind in KINDS}
    found = 0
    for video, record in enumerate(columns.videos):
        world = by_name.get(record.name)
        if world is None:
            continue
        found += 1
        objects = objects_of(columns.shards[video], world)
        rows = columns.rows_of(video)
        for row in range(rows.start, rows.stop):
            numbers = objects.get(int(columns.track_id[row]), ())
            thing = world.objects.get(numbers[0]) if numbers else None
            if thing is not None and thing.clear:
                labels["type"][row] = thing.kind
                labels["colour"][row] = thing.colour
                labels["type and colour"][row] = f"{thing.colour} {thing.kind}"
                labels["motion"][row] = motion_of(thing)
    if not found:
        raise VidtrailError("The library has no video of these worlds: add their videos first.")
    return labels


def motion_of(thing: TrueObject) -> str:
    """The one word for what an object did: a turn, standing, stopping, straight; "" for others."""
    turns = [turn for turn in _TURNS if turn in thing.did]
    if turns:
        return turns[0] if len(turns) == 1 else ""
    if "moving" not in thing.did and "moving" not in thing.unsure:
        return "standing"
    if "stop" in thing.did:
        return "stop"
    return "straight" if "straight" in thing.did else ""


def cluster_figures(clusters: Clusters, labels: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Level by level, and kind by kind: how many tracks were compared, ARI and NMI; and the best.

    labels: as of `true_labels`.
    """
    levels = []
    for number in range(len(clusters.within)):
        figures: dict[str, Any] = {"clusters": clusters.count(number)}
        for kind, words in labels.items():
            figures[kind] = _agreement(clusters.level(number), words)
        levels.append(figures)
    best = {
        kind: max(
            ({"clusters": each["clusters"], **each[kind]} for each in levels),
            key=lambda figures: figures["ari"],
        )
        for kind in labels
    }
    return {"levels": levels, "best": best, "usual_level": clusters.usual_level}


def cluster_lines(space: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures of one space for people."""
    kinds = list(figures["best"])
    yield f"{space}: ARI / NMI against the true"
    yield f"{'groups':>8}" + "".join(f"{kind:>18}" for kind in kinds)
    for number, level in enumerate(figures["levels"]):
        mark = "*" if number == figures["usual_level"] else " "
        each = (f"{level[kind]['ari']:.3f} / {level[kind]['nmi']:.3f}" for kind in kinds)
        yield f"{level['clusters']:>7}{mark}" + "".join(f"{text:>18}" for text in each)
    counted = ", ".join(f"{figures['levels'][0][kind]['tracks']} by {kind}" for kind in kinds)
    yield f"compared: {counted}; * is what the page begins with"


def _agreement(group: Int32, words: Sequence[str]) -> dict[str, Any]:
    truth = np.array(words)
    mine = (group >= 0) & (truth != "")
    _, true = np.unique(truth[mine], return_inverse=True)
    return {
        "tracks": int(mine.sum()),
        "ari": round(adjusted_rand(group[mine], true), 4),
        "nmi": round(mutual_information(group[mine], true), 4),
    }


def adjusted_rand(one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> float:
    """The adjusted Rand index of two groupings of the same N things; 1 where both are trivial."""
    table = _table(one, other)
    pairs, a, b = (_pairs(counts).sum() for counts in (table, table.sum(axis=1), table.sum(axis=0)))
    every = float(_pairs(table.sum(keepdims=True)).sum())
    by_chance = a * b / every if every else 0.0
    most = (a + b) / 2.0
    return float((pairs - by_chance) / (most - by_chance)) if most != by_chance else 1.0


def mutual_information(one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> float:
    """Mutual information over the mean entropy of two groupings; 1 where both are trivial."""
    p = _table(one, other) / max(len(one), 1)
    a, b = p.sum(axis=1), p.sum(axis=0)
    entropy = (_entropy(a) + _entropy(b)) / 2.0
    shared = _entropy(a) + _entropy(b) - _entropy(p.ravel())
    return float(shared / entropy) if entropy > 0.0 else 1.0


def _table(one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """How many things are in each group of one and of the other."""
    if not len(one):
        return np.zeros((1, 1))
    _, rows = np.unique(one, return_inverse=True)
    _, columns = np.unique(other, return_inverse=True)
    wide = int(columns.max()) + 1
    flat = np.bincount(rows * wide + columns, minlength=(int(rows.max()) + 1) * wide)
    return flat.reshape(-1, wide).astype(np.float64)


def _pairs(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(counts * (counts - 1.0) / 2.0)


def _entropy(p: npt.NDArray[np.float64]) -> float:
    some = p[p > 0.0]
    return float(-(some * np.log(some)).sum())
