"""Questions that describe a scene rather than an object: "empty street at night", "busy crossing".

How many objects are in view is counted, and how bright it is is measured; only what is left of the
words is asked of the encoder, against the other scenes of the library and against other words.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.index.vectors import VectorIndex
from core.language.plurals import plural
from core.search.answer import Evidence, Moment
from core.search.columns import Columns
from core.search.prompts import Prompts
from core.search.scene_words import RIVALS, SceneWords, scene_words
from core.search.votes import class_p

_log = logging.getLogger(__name__)

Real = npt.NDArray[np.float64]

_FEWEST = 8
_MATCH = 0.5
_Z_SCALE, _Z_SHIFT = 0.65, -1.5
_CONTRAST_SCALE = 40.0
_MOST_CONTRAST = 4.0
_SURE_OBJECT = 0.4  # mean confidence of a track that counts as an object in view
_CROWD = 6.0
_NIGHT_LEVEL, _NIGHT_SPREAD = 60.0, 6.0  # median of 0-255; rendered and real days begin at 79
_DARKEST_DAY = 79.0


@dataclass(frozen=True, slots=True)
class _Aspect:
    """One thing the words say, on all scenes asked: p and text per scene."""

    part: str
    p: Real
    texts: tuple[str, ...]
    known: bool = True
    decides: bool = True


@dataclass(frozen=True, slots=True)
class _Scenes:
    """The scenes asked about: row in the index, place of the video in the columns, span."""

    rows: npt.NDArray[np.int64]
    video: npt.NDArray[np.int64]
    scene_id: npt.NDArray[np.int64]
    t0_s: Real
    t1_s: Real


def scene_moments(
    columns: Columns,
    index: VectorIndex,
    prompts: Prompts,
    words: str,
    videos: Collection[str] | None,
) -> list[Moment]:
    """Spans of videos that these words describe, best first, neighbours joined.

    Looks are judged against the other scenes of the library; with fewer than 8 there is nothing
    to judge by, and none is called a match for its looks.
    """
    scenes = _scenes(columns, index, videos)
    if not len(scenes.rows):
        return []
    asked = scene_words(words)
    aspects: list[_Aspect] = []
    if asked.filling:
        aspects.append(_filling(columns, scenes, asked))
    left = asked.rest
    if asked.light:
        levels = _brightness(columns, index, prompts)[scenes.rows]
        if np.isfinite(levels).all():
            aspects.append(_light(levels, asked.light))
        else:
            left = asked.with_light
    if left or not aspects:
        only_place = bool(aspects) and asked.rest_is_place
        aspects.append(_looks(index, prompts, left or words, scenes, decides=not only_place))
    moments = [
        moment
        for video in np.unique(scenes.video)
        for moment in _joined(columns, scenes, np.flatnonzero(scenes.video == video), aspects)
    ]
    return sorted(moments, key=lambda moment: (-moment.score, moment.video_id, moment.t0_s))


def _scenes(columns: Columns, index: VectorIndex, videos: Collection[str] | None) -> _Scenes:
    parts: list[tuple[npt.NDArray[np.int64], ...]] = []
    spans: list[Real] = []
    indexed = set(index.video_ids)
    for v, record in enumerate(columns.videos):
        if record.video_id not in indexed or (videos is not None and record.video_id not in videos):
            continue
        rows = index.rows_of(record.video_id)
        table = columns.shards[v].scenes()
        count = min(rows.stop - rows.start, len(table))
        numbers = np.arange(count, dtype=np.int64)
        parts.append((rows.start + numbers, np.full(count, v, np.int64), numbers))
        spans.append(np.stack([table.t0_s, table.t1_s], axis=1)[:count])
    if not parts:
        nothing = np.zeros(0, np.int64)
        return _Scenes(nothing, nothing, nothing, np.zeros(0), np.zeros(0))
    where = np.concatenate([np.stack(part) for part in parts], axis=1)
    t = np.concatenate(spans)
    return _Scenes(where[0], where[1], where[2], t[:, 0], t[:, 1])


def _filling(columns: Columns, scenes: _Scenes, asked: SceneWords) -> _Aspect:
    """How many objects are in view at the middle of each scene, against what was asked."""
    counts = _in_view(columns, scenes, asked)
    usual = float(np.median(counts))
    if asked.filling == "empty":
        p = 1.0 / (1.0 + np.exp(1.8 * (counts - 0.8)))
    else:
        crowd = max(_CROWD, float(np.percentile(counts, 75)))
        p = 1.0 / (1.0 + np.exp(-(counts + 0.5 - crowd) / 1.5))
    what = " or ".join(map(plural, asked.classes)) or "objects"
    texts = tuple(f"{what} in view: {n:.0f}; usual here: {usual:.0f}" for n in counts)
    return _Aspect(asked.filling_words, p, texts)


def _in_view(columns: Columns, scenes: _Scenes, asked: SceneWords) -> Real:
    """(S,) objects of the classes asked for; on a street, what is parked does not count."""
    keep = columns.confidence >= _SURE_OBJECT
    if asked.classes:
        keep = keep & (class_p(columns, asked.classes) >= 0.5)
    if not asked.parked_counts:
        parked = columns.events_of("parked")
        keep = keep.copy()
        keep[parked.track[parked.p >= 0.5]] = False
    counts = np.zeros(len(scenes.rows))
    for video in np.unique(scenes.video):
        mine = scenes.video == video
        rows = np.arange(*columns.rows_of(int(video)).indices(len(columns)))
        rows = rows[keep[rows]]
        middle = (scenes.t0_s[mine] + scenes.t1_s[mine]) / 2.0
        begun = np.searchsorted(np.sort(columns.t0_s[rows]), middle, side="right")
        ended = np.searchsorted(np.sort(columns.t1_s[rows]), middle, side="left")
        counts[mine] = begun - ended
    return counts


def _light(levels: Real, light: str) -> _Aspect:
    night = 1.0 / (1.0 + np.exp((levels - _NIGHT_LEVEL) / _NIGHT_SPREAD))
    if light == "night":
        p = night
    elif light == "day":
        p = 1.0 - night
    else:  # neither dark nor bright
        p = np.exp(-np.square((levels - (_NIGHT_LEVEL + _DARKEST_DAY) / 2.0) / 12.0))
    return _Aspect(light, p, tuple(f"median brightness {level:.0f} of 255" for level in levels))


def _brightness(columns: Columns, index: VectorIndex, prompts: Prompts) -> Real:
    """(S,) median grey level of the picture of every scene in the index, NaN where unreadable.

    From the file beside the index, made where it is stale: every picture is read once.
    """
    stamp = repr((columns.stamp, len(index)))
    kept = prompts.read("brightness", stamp)
    if kept is None or len(kept) != len(index):
        kept = np.full(len(index), np.nan, np.float32)
        place = {record.video_id: v for v, record in enumerate(columns.videos)}
        for video_id in index.video_ids:
            if video_id in place:
                shard, rows = columns.shards[place[video_id]], index.rows_of(video_id)
                for number in range(min(rows.stop - rows.start, len(shard.scenes()))):
                    kept[rows.start + number] = _median_grey(shard.scene_jpeg(number))
        prompts.write("brightness", stamp, kept)
    return kept.astype(np.float64)


def _median_grey(jpeg: bytes) -> float:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_4)
    return float("nan") if picture is None else float(np.median(picture))


def _looks(
    index: VectorIndex, prompts: Prompts, words: str, scenes: _Scenes, *, decides: bool
) -> _Aspect:
    """What the encoder says: against other scenes, and against other words for scenes.

    decides: False where it only ranks, because what was asked has been measured otherwise.
    """
    own = set(words.split())
    rivals = [rival for rival in RIVALS if not own & set(rival.split())]
    texts = prompts.vectors([words, f"a photo of {words}.", *rivals])
    vector = texts[:2].mean(axis=0)
    vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    everything = index.scores(vector)
    values = everything[scenes.rows]
    z = (values - everything.mean()) / max(float(everything.std()), 1e-4)
    rival = np.max([index.scores(text, scenes.rows) for text in texts[2:]], axis=0)
    contrast = np.clip(_CONTRAST_SCALE * (values - rival), -_MOST_CONTRAST, _MOST_CONTRAST)
    p = 1.0 / (1.0 + np.exp(-(_Z_SCALE * z + _Z_SHIFT + contrast)))
    known = len(everything) >= _FEWEST
    said = f"against {len(everything)} scenes of this library and {len(rivals)} other descriptions"
    return _Aspect(words, p.astype(np.float64), (said,) * len(values), known and decides, decides)


def _joined(
    columns: Columns, scenes: _Scenes, mine: npt.NDArray[np.intp], aspects: list[_Aspect]
) -> list[Moment]:
    """Neighbouring spans of one video on the same side of the line become one moment."""
    record = columns.videos[int(scenes.video[mine[0]])]
    worst = np.min([aspect.p for aspect in aspects if aspect.decides], axis=0)
    for aspect in aspects:
        if not aspect.decides:
            worst = np.where(
                worst >= _MATCH, np.maximum(worst * (0.7 + 0.3 * aspect.p), _MATCH), worst
            )
    known = all(aspect.known for aspect in aspects if aspect.decides)
    groups: list[list[int]] = []
    for row in map(int, mine[np.argsort(scenes.t0_s[mine], kind="stable")]):
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and (worst[last] >= _MATCH) == (worst[row] >= _MATCH)
            and scenes.t0_s[row] <= scenes.t1_s[last] + 0.5
        ):
            groups[-1].append(row)
        else:
            groups.append([row])
    moments = []
    for group in groups:
        best = max(group, key=lambda row: float(worst[row]))
        proof = {
            "scene_id": int(scenes.scene_id[best]),
            "t0_s": float(scenes.t0_s[best]),
            "t1_s": float(scenes.t1_s[best]),
        }
        told = tuple(
            Evidence(
                part=aspect.part,
                kind="scene",
                p=round(float(aspect.p[best]), 4),
                text=aspect.texts[best],
                proof=proof,
                known=aspect.known,
            )
            for aspect in aspects
        )
        p = round(float(worst[best]), 4)
        t0_s = float(scenes.t0_s[group[0]])
        t1_s = min(float(scenes.t1_s[group[-1]]), record.duration_s)
        matches = p >= _MATCH and known
        moments.append(Moment(record.video_id, record.name, (), t0_s, t1_s, p, told, matches))
    return moments
