"""What each part of a question brings, on one index: from chance to the whole engine.

Every step ranks the same tracks for the same questions, with one thing more than the step before.
Only the last, the search itself, may say that nothing is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.evaluate.asking import Outcome
from core.evaluate.judging import Objects, objects_of, rank_tracks
from core.evaluate.metrics import Ranked, summary
from core.evaluate.rungs import DRAWN, RUNGS, Collection, Scores, climbed, collection
from core.evaluate.strangers import may_answer
from core.evaluate.truth import NO_WORDING, Question, World
from core.search.engine import Engine

STEPS = (*RUNGS, "full")
"""In the order printed; `CEILING` is put behind them."""
WHOLE_SENTENCE = ("sentence on frames", "sentence on crops")
CEILING = "true tracks and attributes"
_DEPTH = 50
_NOBODY_KNOWS = -1  # in place of the number of an object of another clip that may answer, too
_STRANGER = -2

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
        for step in DRAWN & set(figures):
            figures[step]["n"] = figures["full"]["n"]  # drawn several times, asked once
        return figures


def ladder(engine: Engine, worlds: Sequence[tuple[World, str]], outcome: Outcome) -> Ladder:
    """Ask every step the questions of some worlds, each within its own clip.

    outcome: what the whole engine made of the same questions.
    """
    placed: dict[str, list[Placed]] = {step: [] for step in STEPS}
    for world, video_id in worlds:
        tracks = collection(engine, [video_id])
        objects = _by_row(tracks, {video_id: objects_of(engine.library.shard(video_id), world)})
        for question in world.questions:
            if not question.nothing:
                _climb(engine, tracks, question, objects, world.complete, placed)
    placed["full"] = _in_plain_words(outcome)
    return Ladder(placed)


def ladder_across(engine: Engine, worlds: Sequence[tuple[World, str]]) -> Ladder:
    """The same with all clips searched at once, as a collection is.

    The right answers are those of a question's own clip. An object of another clip is wrong where
    its own truth says so; where it may answer as well, it is left out.
    """
    placed: dict[str, list[Placed]] = {step: [] for step in STEPS}
    tracks = collection(engine, [video_id for _, video_id in worlds])
    found = {v: objects_of(engine.library.shard(v), world) for world, v in worlds}
    row_of = {key: row for row, key in enumerate(tracks.keys)}
    for world, video_id in worlds:
        for question in world.questions:
            if question.nothing or not question.asked:
                continue
            objects = _by_row(tracks, {video_id: found[video_id]})
            for other, other_id in worlds:
                if other_id != video_id:
                    strangers = _strangers(question, other, found[other_id])
                    objects |= _by_row(tracks, {other_id: strangers})
            known = replace(question, unjudged=question.unjudged | {_NOBODY_KNOWS})
            _climb(engine, tracks, known, objects, world.complete, placed)
            answer = engine.search(question.text, videos=tracks.videos, limit=_DEPTH)
            rows = [row_of[m.video_id, m.track_ids[0]] for m in answer.results if m.track_ids]
            ranked = rank_tracks(rows, known, objects, complete=world.complete)
            placed["full"].append((question.parts, ranked))
    return Ladder(placed)


def _climb(
    engine: Engine,
    tracks: Collection,
    question: Question,
    objects: Objects,
    complete: bool,
    placed: Mapping[str, list[Placed]],
) -> None:
    def ranked(scores: Scores) -> Ranked:
        rows = np.argsort(-scores, kind="stable").tolist()
        return rank_tracks(rows, question, objects, complete=complete)

    for step, ways in climbed(engine, tracks, question.text).items():
        placed[step].extend((question.parts, ranked(scores)) for scores in ways)


def _by_row(tracks: Collection, found: Mapping[str, Objects]) -> dict[int, tuple[int, ...]]:
    return {
        row: found[video_id].get(track_id, ())
        for row, (video_id, track_id) in enumerate(tracks.keys)
        if video_id in found
    }


def _strangers(question: Question, world: World, found: Objects) -> dict[int, tuple[int, ...]]:
    """The tracks of another clip: of each whether nobody knows, or it is surely no answer."""
    doubtful = {n for n in world.objects if may_answer(question.asked, world, n)}
    return {
        track: (_NOBODY_KNOWS if set(numbers) & doubtful else _STRANGER,)
        for track, numbers in found.items()
    }


def _in_plain_words(outcome: Outcome) -> list[Placed]:
    return [
        (a.question.parts, a.ranked)
        for a in outcome.asked
        if a.origin == NO_WORDING and not a.question.nothing
    ]
