"""What each part of a question brings, on one index: from chance to the whole engine.

Every step ranks the same tracks for the same questions, with one thing more than the step before.
The first ones are what others do: one vector for the whole sentence, against frames or crops. All
of them rank everything; only the last may say that nothing is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.errors import QueryError
from core.evaluate.asking import Outcome
from core.evaluate.judging import Objects, objects_of, rank_tracks
from core.evaluate.metrics import Ranked, summary
from core.evaluate.truth import NO_WORDING, Question, World
from core.search.engine import Engine
from core.search.lexicon import mixture
from core.search.parser import parse
from core.search.query import Query, Target

Scores = npt.NDArray[np.float64]

_CHANCE_DRAWS = 20
_DRAWN = {"random", "class filter"}
_TINY = 1e-3
_BEST_CROPS = 2

STEPS = (
    "random",
    "class filter",
    "sentence on frames",
    "sentence on crops",
    "noun phrase on crops",
    "+ class and colour",
    "+ motion",
    "+ relations",
    "+ calibration",
    "full",
)
"""In the order printed; `CEILING` is put behind them."""
WHOLE_SENTENCE = ("sentence on frames", "sentence on crops")
CEILING = "true tracks and attributes"


@dataclass(frozen=True, slots=True)
class _Clip:
    """One video of the index: its tracks, their crops and scenes, and what is true of them.

    track_id: (T,). crop_row: (C,) place of each crop's track; crops: (C, D). scene_t0_s,
    scene_t1_s: (S,); scenes: (S, D). pixels: (T, 12) colours read from pixels alone.
    """

    world: World
    video_id: str
    objects: Objects
    track_id: npt.NDArray[np.int32]
    t0_s: Scores
    t1_s: Scores
    crop_row: npt.NDArray[np.intp]
    crops: npt.NDArray[np.float32]
    scene_t0_s: Scores
    scene_t1_s: Scores
    scenes: npt.NDArray[np.float32]
    pixels: npt.NDArray[np.float32]


Placed = tuple[int, Ranked]
"""Parts of a question, and what a step made of it."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Step -> what it made of each question in plain words that something answers."""

    steps: Mapping[str, Sequence[Placed]]

    def with_ceiling(self, ceiling: Outcome) -> Ladder:
        """With what another library, of what is true, made of the same questions."""
        return Ladder({**self.steps, CEILING: _in_plain_words(ceiling)})

    def data(self, parts: Sequence[int] | None = None) -> dict[str, dict[str, float]]:
        """Step -> figures; parts: only questions of so many parts."""
        figures = {
            step: summary([r for p, r in placed if parts is None or p in parts])
            for step, placed in self.steps.items()
        }
        for step in _DRAWN & set(figures):
            figures[step]["n"] = figures["full"]["n"]  # drawn several times, asked once
        return figures


def ladder(engine: Engine, worlds: Sequence[tuple[World, str]], outcome: Outcome) -> Ladder:
    """Ask every step the questions of some worlds.

    outcome: what the whole engine made of the same questions.
    """
    placed: dict[str, list[Placed]] = {step: [] for step in STEPS}
    for world, video_id in worlds:
        clip = _clip(engine, world, video_id)
        for question in world.questions:
            if not question.nothing:
                for step, ranks in _steps(engine, clip, question).items():
                    placed[step] += [(question.parts, ranked) for ranked in ranks]
    placed["full"] = _in_plain_words(outcome)
    return Ladder(placed)


def _in_plain_words(outcome: Outcome) -> list[Placed]:
    return [
        (a.question.parts, a.ranked)
        for a in outcome.asked
        if a.origin == NO_WORDING and not a.question.nothing
    ]


def _clip(engine: Engine, world: World, video_id: str) -> _Clip:
    shard = engine.library.shard(video_id)
    tracks, crops, scenes = shard.tracks(), shard.crops(), shard.scenes()
    name = engine.encoder.name
    return _Clip(
        world=world,
        video_id=video_id,
        objects=objects_of(shard, world),
        track_id=tracks.track_id,
        t0_s=tracks.t0_s,
        t1_s=tracks.t1_s,
        crop_row=np.searchsorted(tracks.track_id, crops.track_id),
        crops=np.asarray(shard.crop_vectors(name), np.float32),
        scene_t0_s=scenes.t0_s,
        scene_t1_s=scenes.t1_s,
        scenes=np.asarray(shard.scene_vectors(name), np.float32),
        pixels=tracks.colour,
    )


def _steps(engine: Engine, clip: _Clip, question: Question) -> dict[str, list[Ranked]]:
    """What every step but the last makes of one question."""
    query = _parsed(question.text)
    rng = np.random.default_rng(len(question.text))
    n = len(clip.track_id)
    bare = Target(classes=query.target.classes, not_classes=query.target.not_classes)
    class_p = _asked(engine, clip, Query(target=bare))
    noun = _on_crops(engine, clip, _noun_phrase(query) or question.text)
    plain = _joined(class_p, _colour_p(clip, query), _between(noun))
    moved = _joined(plain, _asked(engine, clip, replace(_moving(query), relations=())))
    related = _joined(moved, _asked(engine, clip, Query(relations=query.relations)))
    chance = [rng.random(n) for _ in range(_CHANCE_DRAWS)]
    single = {
        "sentence on frames": _on_frames(engine, clip, question.text),
        "sentence on crops": _on_crops(engine, clip, question.text),
        "noun phrase on crops": noun,
        "+ class and colour": plain,
        "+ motion": moved,
        "+ relations": related,
        "+ calibration": _asked(engine, clip, replace(query, then=None)),
    }
    steps = {step: [_ranked(scores, clip, question)] for step, scores in single.items()}
    steps["random"] = [_ranked(draw, clip, question) for draw in chance]
    fits = (class_p >= 0.5).astype(np.float64)
    steps["class filter"] = [_ranked(fits + 0.5 * draw, clip, question) for draw in chance]
    return steps


def _parsed(text: str) -> Query:
    try:
        return parse(text)
    except QueryError:
        return Query()


def _moving(query: Query) -> Query:
    """The motions of a query alone, of whatever object."""
    return Query(events=query.events, order=query.order, frame=query.frame)


def _noun_phrase(query: Query) -> str:
    """The words for the looks of what is asked for, as a caption would have them."""
    if query.target.empty:
        return ""
    target = query.target
    colours = [" or ".join(c.colours) for c in target.colours if not c.negated]
    looks = [look.text for look in target.looks if not look.negated]
    return " ".join([*colours, " or ".join(target.classes) or "object", *looks])


def _asked(engine: Engine, clip: _Clip, query: Query) -> Scores:
    """(T,) the engine's score of each track for a part of a question, ones for no part."""
    if query == Query() or query.scene:
        return np.ones(len(clip.track_id))
    scores = engine.scores(query, videos={clip.video_id})
    return np.array([scores.get((clip.video_id, int(t)), 0.0) for t in clip.track_id])


def _colour_p(clip: _Clip, query: Query) -> Scores:
    """(T,) the colours asked for, as read from pixels and in no way weighed against others."""
    p = np.ones(len(clip.track_id))
    for part in query.target.colours:
        weights = np.zeros(len(COLOURS))
        for colour in part.colours:
            for name, weight in mixture(colour).items():
                weights[COLOURS.index(name)] = max(weights[COLOURS.index(name)], weight)
        read = np.clip(clip.pixels @ weights, 0.0, 1.0)
        p = p * np.maximum(1.0 - read if part.negated else read, _TINY)
    return p


def _on_crops(engine: Engine, clip: _Clip, text: str) -> Scores:
    """(T,) mean of the two crops most like a text; -1 for a track without crops."""
    vector = engine.encoder.encode_texts([text])[0]
    values = np.asarray(clip.crops @ vector, np.float64) if len(clip.crops) else np.zeros(0)
    scores = np.full(len(clip.track_id), -1.0)
    for row in np.unique(clip.crop_row):
        mine = np.sort(values[clip.crop_row == row])[-_BEST_CROPS:]
        scores[row] = mine.mean()
    return scores


def _on_frames(engine: Engine, clip: _Clip, text: str) -> Scores:
    """(T,) the frame most like a text among those in which a track is in view."""
    vector = engine.encoder.encode_texts([text])[0]
    values = np.asarray(clip.scenes @ vector, np.float64) if len(clip.scenes) else np.zeros(0)
    inside = (clip.t0_s[:, None] < clip.scene_t1_s) & (clip.t1_s[:, None] >= clip.scene_t0_s)
    return np.asarray(np.where(inside, values, -1.0).max(axis=1, initial=-1.0), np.float64)


def _between(values: Scores) -> Scores:
    """Cosines brought to [0.5, 1] over the clip: they have no scale of their own."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    return 0.5 + 0.5 * (values - low) / max(high - low, 1e-9)


def _joined(*scores: Scores) -> Scores:
    product: Scores = np.prod(np.stack(scores), axis=0)
    return product


def _ranked(scores: Scores, clip: _Clip, question: Question) -> Ranked:
    order = np.argsort(-scores, kind="stable")
    ids = [int(track) for track in clip.track_id[order]]
    return rank_tracks(ids, question, clip.objects, complete=clip.world.complete)
