"""Ways to rank tracks by ever more of a question, on one index: the rungs of the ladder.

The first ones are what others do: one vector for the whole sentence, against frames or crops. All
of them rank every track; none may say that nothing is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.errors import QueryError
from core.language.lexicon import mixture
from core.language.parser import parse
from core.language.query import Query, Target
from core.search.engine import Engine

Scores = npt.NDArray[np.float64]

CHANCE_DRAWS = 20
DRAWN = frozenset({"random", "class filter"})
RUNGS = (
    "random",
    "class filter",
    "sentence on frames",
    "sentence on crops",
    "noun phrase on crops",
    "+ class and colour",
    "+ motion",
    "+ relations",
    "+ calibration",
)
_TINY = 1e-3
_BEST_CROPS = 2


@dataclass(frozen=True, slots=True)
class Collection:
    """The tracks of some videos, their crops and scenes.

    keys: (video id, track id) of each of T tracks. t0_s, t1_s, video: (T,) when it was in view,
    and in which of the videos. pixels: (T, 12) colours read from pixels alone. crop_row: (C,) the
    track of each crop; crops: (C, D) its vector. scene_video, scene_t0_s, scene_t1_s: (S,);
    scenes: (S, D).
    """

    keys: tuple[tuple[str, int], ...]
    video: npt.NDArray[np.intp]
    t0_s: Scores
    t1_s: Scores
    pixels: npt.NDArray[np.float32]
    crop_row: npt.NDArray[np.intp]
    crops: npt.NDArray[np.float32]
    scene_video: npt.NDArray[np.intp]
    scene_t0_s: Scores
    scene_t1_s: Scores
    scenes: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def videos(self) -> frozenset[str]:
        return frozenset(video_id for video_id, _ in self.keys)


def collection(engine: Engine, video_ids: Sequence[str]) -> Collection:
    """The tracks of some videos of the engine's library, in this order."""
    name = engine.encoder.name
    shards = [engine.library.shard(video_id) for video_id in video_ids]
    tracks = [shard.tracks() for shard in shards]
    starts = np.cumsum([0, *(len(table) for table in tracks)])
    scenes = [shard.scenes() for shard in shards]
    return Collection(
        keys=tuple(
            (video_id, int(track))
            for video_id, table in zip(video_ids, tracks, strict=True)
            for track in table.track_id
        ),
        video=np.repeat(np.arange(len(shards)), np.diff(starts)),
        t0_s=np.concatenate([table.t0_s for table in tracks]),
        t1_s=np.concatenate([table.t1_s for table in tracks]),
        pixels=np.concatenate([table.colour for table in tracks]),
        crop_row=np.concatenate(
            [
                start + np.searchsorted(table.track_id, shard.crops().track_id)
                for start, table, shard in zip(starts, tracks, shards, strict=False)
            ]
        ),
        crops=np.concatenate([np.asarray(s.crop_vectors(name), np.float32) for s in shards]),
        scene_video=np.repeat(np.arange(len(shards)), [len(table) for table in scenes]),
        scene_t0_s=np.concatenate([table.t0_s for table in scenes]),
        scene_t1_s=np.concatenate([table.t1_s for table in scenes]),
        scenes=np.concatenate([np.asarray(s.scene_vectors(name), np.float32) for s in shards]),
    )


def climbed(engine: Engine, tracks: Collection, text: str) -> dict[str, list[Scores]]:
    """Rung -> (T,) scores of a question; several where chance breaks ties."""
    query = _parsed(text)
    rng = np.random.default_rng(len(text))
    bare = Target(classes=query.target.classes, not_classes=query.target.not_classes)
    class_p = _asked(engine, tracks, Query(target=bare))
    noun = _on_crops(engine, tracks, _noun_phrase(query) or text)
    plain = _joined(class_p, _colour_p(tracks, query), _between(noun))
    moving = Query(events=query.events, order=query.order, frame=query.frame)
    moved = _joined(plain, _asked(engine, tracks, moving))
    related = _joined(moved, _asked(engine, tracks, Query(relations=query.relations)))
    chance = [rng.random(len(tracks)) for _ in range(CHANCE_DRAWS)]
    fits = (class_p >= 0.5).astype(np.float64)
    return {
        "random": chance,
        "class filter": [fits + 0.5 * draw for draw in chance],
        "sentence on frames": [_on_frames(engine, tracks, text)],
        "sentence on crops": [_on_crops(engine, tracks, text)],
        "noun phrase on crops": [noun],
        "+ class and colour": [plain],
        "+ motion": [moved],
        "+ relations": [related],
        "+ calibration": [_asked(engine, tracks, replace(query, then=None))],
    }


def _parsed(text: str) -> Query:
    try:
        return parse(text)
    except QueryError:
        return Query()


def _noun_phrase(query: Query) -> str:
    """The words for the looks of what is asked for, as a caption would have them."""
    if query.target.empty:
        return ""
    target = query.target
    colours = [" or ".join(c.colours) for c in target.colours if not c.negated]
    looks = [look.text for look in target.looks if not look.negated]
    return " ".join([*colours, " or ".join(target.classes) or "object", *looks])


def _asked(engine: Engine, tracks: Collection, query: Query) -> Scores:
    """(T,) the engine's score of each track for a part of a question, ones for no part."""
    if query == Query() or query.scene:
        return np.ones(len(tracks))
    scores = engine.scores(query, videos=tracks.videos)
    return np.array([scores.get(key, 0.0) for key in tracks.keys])


def _colour_p(tracks: Collection, query: Query) -> Scores:
    """(T,) the colours asked for, as read from pixels and in no way weighed against others."""
    p = np.ones(len(tracks))
    for part in query.target.colours:
        weights = np.zeros(len(COLOURS))
        for colour in part.colours:
            for name, weight in mixture(colour).items():
                weights[COLOURS.index(name)] = max(weights[COLOURS.index(name)], weight)
        read = np.clip(tracks.pixels @ weights, 0.0, 1.0)
        p = p * np.maximum(1.0 - read if part.negated else read, _TINY)
    return p


def _on_crops(engine: Engine, tracks: Collection, text: str) -> Scores:
    """(T,) mean of the two crops most like a text; -1 for a track without crops."""
    vector = engine.encoder.encode_texts([text])[0]
    values = np.asarray(tracks.crops @ vector, np.float64)
    scores = np.full(len(tracks), -1.0)
    for row in np.unique(tracks.crop_row):
        scores[row] = np.sort(values[tracks.crop_row == row])[-_BEST_CROPS:].mean()
    return scores


def _on_frames(engine: Engine, tracks: Collection, text: str) -> Scores:
    """(T,) the frame most like a text among those in which a track is in view."""
    vector = engine.encoder.encode_texts([text])[0]
    values = np.asarray(tracks.scenes @ vector, np.float64)
    inside = tracks.video[:, None] == tracks.scene_video
    inside &= tracks.t0_s[:, None] < tracks.scene_t1_s
    inside &= tracks.t1_s[:, None] >= tracks.scene_t0_s
    return np.asarray(np.where(inside, values, -1.0).max(axis=1, initial=-1.0), np.float64)


def _between(values: Scores) -> Scores:
    """Cosines brought to [0.5, 1] over the collection: they have no scale of their own."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    return 0.5 + 0.5 * (values - low) / max(high - low, 1e-9)


def _joined(*scores: Scores) -> Scores:
    product: Scores = np.prod(np.stack(scores), axis=0)
    return product
