"""Is what nobody else does found? Planted anomalies against all other objects of the same clips.

Clips without an anomaly are the normal; of the others each true object counts once, by the most
unusual of its tracks, and one that was never followed counts as not unusual at all. The figure is
the area under the ROC curve: the chance that an anomaly is ranked before another object. Over time
the same is asked of the seconds of each clip: those of an anomaly against the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.detections import Bool, Float32, Int32
from core.errors import VidtrailError
from core.evaluate.judging import objects_of
from core.evaluate.truth import World
from core.explore.scene_anomaly import Scenes, timeline_of
from core.explore.unusual import Unusual
from core.search.columns import Columns

RESPECTS: Final = ("shape", "place", "moves")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the true objects of the clips with anomalies are.

    row: (J,) a track of the columns, -1 for an object that was not followed. object: (J,) a number
    a true object. kind: its anomaly, "" for none. normal: (N,) tracks of clips without anomalies.
    place: (V,) a number for each view, as the truth has it.
    """

    row: Int32
    object: Int32
    kind: tuple[str, ...]
    normal: Bool
    place: Int32


def judged(columns: Columns, worlds: Sequence[World]) -> Judged:
    """Raises VidtrailError where the library lacks clips with, or without, anomalies."""
    by_name = {world.video.name: world for world in worlds if world.place}
    places = {name: k for k, name in enumerate(sorted({w.place for w in by_name.values()}))}
    normal = np.zeros(len(columns), np.bool_)
    place = np.arange(len(places), len(places) + len(columns.videos), dtype=np.int32)
    rows: list[int] = []
    objects: list[int] = []
    kinds: list[str] = []
    number = 0
    for video, record in enumerate(columns.videos):
        world = by_name.get(record.name)
        if world is None:
            continue
        place[video] = places[world.place]
        mine = columns.rows_of(video)
        if not world.anomalies:
            normal[mine] = True
            continue
        lies_on = objects_of(columns.shards[video], world)
        did = {anomaly.object: anomaly.kind for anomaly in world.anomalies}
        tracks: dict[int, list[int]] = {k: [] for k, o in world.objects.items() if o.clear}
        tracks.update({k: [] for k in did})
        for row in range(mine.start, mine.stop):
            on = lies_on.get(int(columns.track_id[row]), ())
            if on and on[0] in tracks:
                tracks[on[0]].append(row)
        for true, found in tracks.items():
            rows += found or [-1]
            objects += [number] * max(len(found), 1)
            kinds += [did.get(true, "")] * max(len(found), 1)
            number += 1
    if not normal.any() or not any(kinds):
        raise VidtrailError(
            "There must be clips with and without anomalies of one place: render the scenarios "
            "watched-road and watched-road-unusual, and add their videos."
        )
    return Judged(
        np.array(rows, np.int32), np.array(objects, np.int32), tuple(kinds), normal, place
    )


def unusual_figures(unusual: Unusual, truth: Judged) -> dict[str, Any]:
    """AUC over all and by kind for each respect, and what of the list that is shown is right."""
    kinds = sorted(set(truth.kind) - {""})
    kind = np.array(truth.kind)
    first = np.unique(truth.object, return_index=True)[1]
    scores = {
        "shape": unusual.shape.excess,
        "place": unusual.place.excess,
        "moves": unusual.excess("moves"),
    }
    auc: dict[str, Any] = {}
    for name in RESPECTS:
        best = _best(scores[name], truth)
        usual = best[kind[first] == ""]
        auc[name] = {one: round(area(best[kind[first] == one], usual), 3) for one in kinds} | {
            "all": round(area(best[kind[first] != ""], usual), 3)
        }
    listed = unusual.listed("moves")
    shown = _best(listed.astype(np.float32), truth) > 0
    counts = {one: int((kind[first] == one).sum()) for one in kinds}
    return {
        "objects": int((kind[first] == "").sum()),
        "anomalies": counts | {"all": sum(counts.values())},
        "normal_tracks": int(truth.normal.sum()),
        "auc": auc,
        "listed": {
            "objects": int(shown.sum()),
            "right": int((shown & (kind[first] != "")).sum()),
            **{one: int((shown & (kind[first] == one)).sum()) for one in kinds},
        },
        "listed_normal": int((listed & truth.normal).sum()),
    }


def over_time_figures(
    columns: Columns, scenes: Scenes, unusual: Unusual, worlds: Sequence[World]
) -> dict[str, Any]:
    """AUC of the seconds of anomalies against the other seconds of their clip, mean over clips.

    objects, scene, level: by the lines of `core.explore.scene_anomaly.Timeline`.
    """
    by_name = {world.video.name: world for world in worlds}
    found: list[list[float]] = []
    for video, record in enumerate(columns.videos):
        world = by_name.get(record.name)
        if world is None or not world.anomalies:
            continue
        line = timeline_of(columns, scenes, unusual, "moves", video)
        during = np.zeros(len(line.t_s), np.bool_)
        for anomaly in world.anomalies:
            during |= (line.t_s + 0.5 >= anomaly.t0_s) & (line.t_s + 0.5 <= anomaly.t1_s)
        if during.any() and not during.all():
            lines = (line.objects, line.scene, line.level)
            found.append([area(each[during], each[~during]) for each in lines])
    means = np.mean(found, axis=0) if found else np.full(3, 0.5)
    told = dict(zip(("objects", "scene", "level"), np.round(means, 3).tolist(), strict=True))
    return {"clips": len(found), **told}


def _best(score: Float32, truth: Judged) -> Float32:
    """One score an object: that of the most unusual of its tracks, -1 without any."""
    each = np.where(truth.row >= 0, score[np.maximum(truth.row, 0)], -1.0)
    best = np.full(int(truth.object.max()) + 1, -1.0, np.float32)
    np.maximum.at(best, truth.object, each)
    return best


def area(positive: Float32, negative: Float32) -> float:
    """Share of pairs in which the positive is higher, ties half; 0.5 where there is no pair."""
    if not len(positive) or not len(negative):
        return 0.5
    higher = positive[:, None] > negative[None, :]
    equal = positive[:, None] == negative[None, :]
    return float(higher.mean() + 0.5 * equal.mean())


def odd_kinds(columns: Columns, looks_excess: Mapping[str, Float32]) -> dict[str, float]:
    """AUC of telling a class by its looks from the others when none of it is normal.

    looks_excess: class -> (N,) how unusual looks are against all tracks of other classes.
    """
    kind = np.array(columns.class_names)[np.argmax(columns.votes, axis=1)]
    return {
        name: round(area(excess[kind == name], excess[kind != name]), 3)
        for name, excess in looks_excess.items()
    }


def unusual_lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    counts = figures["anomalies"]
    yield (
        f"{counts['all']} anomalies among {figures['objects']} other objects, against "
        f"{figures['normal_tracks']:,} normal ones"
    )
    yield f"{'AUC':<16}{'n':>5}" + "".join(f"{name:>9}" for name in RESPECTS)
    for kind in [*sorted(set(counts) - {"all"}), "all"]:
        values = "".join(f"{figures['auc'][name][kind]:>9.3f}" for name in RESPECTS)
        yield f"{kind.replace('_', ' '):<16}{counts[kind]:>5}{values}"
    listed = figures["listed"]
    yield f"listed as unusual: {listed['objects']}, of them right {listed['right']}"
    share = figures["listed_normal"] / max(figures["normal_tracks"], 1)
    yield (
        f"listed where nothing was planted: {figures['listed_normal']} of "
        f"{figures['normal_tracks']:,} ({100.0 * share:.1f} %)"
    )
    if "over_time" in figures:
        time = figures["over_time"]
        yield (
            f"seconds of anomalies against others of {time['clips']} clips: AUC of objects "
            f"{time['objects']:.3f}, of whole pictures {time['scene']:.3f}, of the higher of both "
            f"{time['level']:.3f}"
        )
    for name, value in figures.get("odd_looks", {}).items():
        yield f"looks, no {name} among the normal: AUC {value:.3f}"
    if "views" in figures:
        yield f"views told right: {figures['views']['right']} of {figures['views']['videos']}"
