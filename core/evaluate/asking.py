"""Asks a library the questions of a clip, in every wording, and keeps what came of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import QueryError
from core.evaluate.calibration import Said
from core.evaluate.judging import Objects, objects_of, rank
from core.evaluate.metrics import Ranked
from core.evaluate.predicates import Predicates
from core.evaluate.truth import NO_WORDING, Question, World
from core.search.answer import Answer, Moment
from core.search.engine import Engine

_DEPTH = 50
_JUDGED_AS = {"class": "class", "colour": "colour", "event": "motion", "relation": "relation"}

Pair = tuple[str, float, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question in one wording and what came of it.

    ranked: what the results are worth, nothing where nothing was found. shown: the same with the
    near misses counted that are shown in their stead. problem: what the engine refused with.
    pairs: (stratum, score of a right, of a wrong object); said: parts whose truth is known.
    """

    world: str
    question: Question
    origin: str
    text: str
    ranked: Ranked
    shown: Ranked
    found_nothing: bool
    top: str
    seconds: float
    problem: str = ""
    pairs: tuple[Pair, ...] = ()
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All questions of all clips. reached of wanted: right objects that have a track."""

    asked: tuple[Asked, ...]
    predicates: Predicates
    wanted: int
    reached: int


def ask_all(
    engine: Engine,
    worlds: Sequence[tuple[World, str]],
    on_share: Callable[[float], None] = lambda _: None,
) -> Outcome:
    """Ask the questions of worlds whose videos are in the library under these ids.

    on_share: is told what part of the clips is done, in [0, 1].

    Whatever is read or loaded once is so before the clock runs.
    """
    engine.warm_up()
    engine.encoder.encode_texts(["a"])
    asked: list[Asked] = []
    predicates = Predicates()
    wanted = reached = 0
    for k, (world, video_id) in enumerate(worlds):
        on_share(k / len(worlds))
        shard = engine.library.shard(video_id)
        objects = objects_of(shard, world)
        predicates.judge(shard, world, objects)
        seen = {number for numbers in objects.values() for number in numbers}
        for question in world.questions:
            wanted += len(question.objects)
            reached += len(question.objects & seen)
            for origin, text in question.texts:
                asked.append(_ask(engine, world, video_id, question, objects, origin, text))
    return Outcome(tuple(asked), predicates, wanted, reached)


def _ask(
    engine: Engine,
    world: World,
    video_id: str,
    question: Question,
    objects: Objects,
    origin: str,
    text: str,
) -> Asked:
    started = time.perf_counter()
    try:
        answer = engine.search(text, videos={video_id}, limit=_DEPTH)
    except QueryError as refusal:
        nothing = Ranked((), len(question.objects))
        seconds = time.perf_counter() - started
        return Asked(
            world.name, question, origin, text, nothing, nothing, True, "", seconds, str(refusal)
        )
    seconds = time.perf_counter() - started
    shown = answer.near_misses if answer.nothing_found else answer.results
    plain = origin == NO_WORDING
    return Asked(
        world=world.name,
        question=question,
        origin=origin,
        text=text,
        ranked=rank(answer.results, question, objects, complete=world.complete),
        shown=rank(shown, question, objects, complete=world.complete),
        found_nothing=answer.nothing_found,
        top=_described(answer),
        seconds=seconds,
        pairs=_pairs(engine, video_id, question, objects) if plain and question.negatives else (),
        said=tuple(_said((*answer.results, *answer.near_misses), question, objects)),
    )


def _pairs(engine: Engine, video_id: str, question: Question, objects: Objects) -> tuple[Pair, ...]:
    """Each right object against each that should lose; what has no track has no score."""
    best: dict[int, float] = {}
    for (_, track_id), score in engine.scores(question.text, videos={video_id}).items():
        for number in objects.get(track_id, ()):
            best[number] = max(best.get(number, 0.0), score)
    return tuple(
        (stratum, best.get(right, 0.0), best.get(wrong, 0.0))
        for wrong, stratum in question.negatives
        for right in sorted(question.objects)
    )


def _said(moments: Sequence[Moment], question: Question, objects: Objects) -> list[Said]:
    """Parts of the moments that are shown, where the truth has a verdict on that part alone."""
    found = []
    for moment in moments:
        numbers = objects.get(moment.track_ids[0], ()) if moment.track_ids else ()
        signs = question.verdicts.get(numbers[0], "") if numbers else ""
        for part in moment.parts:
            name = _JUDGED_AS.get(part.kind, "")
            alone = [p.kind for p in moment.parts].count(part.kind) == 1
            if signs and alone and part.known and name in question.judged:
                sign = signs[question.judged.index(name)]
                if sign != "?":
                    found.append(Said(part.kind, part.p, sign == "+"))
    return found


def _described(answer: Answer) -> str:
    if not answer.results:
        return answer.sentence
    best = answer.results[0]
    parts = ", ".join(f"{part.part} {part.p:.2f}" for part in best.parts)
    return f"#{' #'.join(map(str, best.track_ids))} {best.score:.2f}: {parts}"
