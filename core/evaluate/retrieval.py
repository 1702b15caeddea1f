"""Are the right objects found, and the wrong ones not: a library's answers against known truth.

A result counts for the true object whose boxes its track lies on (mean IoU of 0.5 or more over the
frames they share). Objects that nobody can judge are skipped; whatever else is returned is wrong.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import VidtrailError
from core.evaluate.metrics import Ranked, percentiles, summary, temporal_iou, wins
from core.evaluate.truth import Question, World, mean_overlap, worlds_in
from core.library.library import Library
from core.library.shard import Shard
from core.search.answer import Answer, Moment
from core.search.engine import Engine

LEAST_IOU = 0.5
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it. pairs: (stratum, score of a right, of a wrong object)."""

    world: str
    question: Question
    ranked: Ranked
    found_nothing: bool
    top: str
    seconds: float
    pairs: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All questions of all worlds. reachable: share of the right objects that have a track."""

    asked: tuple[Asked, ...]
    reachable: float
    notes: tuple[str, ...] = field(default=())

    def data(self) -> dict[str, Any]:
        """Plain data for JSON; rates between 0 and 1."""
        answerable = [a for a in self.asked if not a.question.nothing]
        empty = [a for a in self.asked if a.question.nothing]
        return {
            "full": summary([a.ranked for a in answerable]),
            "by_parts": _grouped(answerable, lambda a: str(a.question.parts)),
            "by_stratum": _grouped(answerable, lambda a: a.question.stratum or "all"),
            "worlds": _grouped(answerable, lambda a: a.world),
            "strata": wins([pair for a in self.asked for pair in a.pairs]),
            "nothing": {
                "n": len(empty),
                "answered_with_nothing": _share([a.found_nothing for a in empty]),
                "wrongly_nothing": _share([a.found_nothing for a in answerable]),
            },
            "reachable": self.reachable,
            "latency_s": percentiles([a.seconds for a in self.asked]),
            "queries": [_query_data(a) for a in self.asked],
        }


def _share(flags: Sequence[bool]) -> float:
    return round(float(np.mean(flags)), 4) if flags else 0.0


def _grouped(asked: Sequence[Asked], key: Callable[[Asked], str]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Ranked]] = {}
    for one in asked:
        groups.setdefault(key(one), []).append(one.ranked)
    return {name: summary(outcomes) for name, outcomes in sorted(groups.items())}


def _query_data(asked: Asked) -> dict[str, Any]:
    return {
        "world": asked.world,
        "text": asked.question.text,
        "stratum": asked.question.stratum,
        "nothing": asked.question.nothing,
        "rank": asked.ranked.first,
        "average_precision": round(asked.ranked.average_precision(), 4),
        "relevant": asked.ranked.relevant,
        "found_nothing": asked.found_nothing,
        "top": asked.top,
    }


def evaluate_worlds(
    folders: Sequence[Path | str],
    *,
    profile_name: str = "demo",
    library: Path | str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Index the videos of some worlds where that is not done yet, and ask their questions.

    library: where the index is kept; None for a temporary folder.
    Raises VidtrailError when a world cannot be read or its video not be indexed.
    """
    from core.ingest.batch import add_paths
    from core.models.profile import profile
    from core.search.opening import open_engine

    worlds = worlds_in(folders)
    with ExitStack() as stack:
        if library is None:
            library = stack.enter_context(tempfile.TemporaryDirectory(prefix="vidtrail-"))
        opened = stack.enter_context(Library.open(library))
        outcomes = add_paths(
            opened,
            [world.video for world in worlds],
            profile(profile_name),
            on_outcome=lambda outcome: tell(outcome.message),
        )
        failed = [outcome.message for outcome in outcomes if not outcome.ok]
        if failed:
            raise VidtrailError(failed[0])
        videos = {outcome.path: outcome.video_id for outcome in outcomes}
        engine = open_engine(opened)
        engine.warm_up()
        placed = [(world, videos[world.video.absolute()]) for world in worlds]
        return evaluate(engine, placed)


def evaluate(engine: Engine, worlds: Sequence[tuple[World, str]]) -> Report:
    """Ask the questions of worlds whose videos are in the library under these ids."""
    asked: list[Asked] = []
    wanted = reached = 0
    for world, video_id in worlds:
        objects = objects_of(engine.library.shard(video_id), world)
        seen = {number for numbers in objects.values() for number in numbers}
        for question in world.questions:
            asked.append(_ask(engine, world, video_id, question, objects))
            wanted += len(question.objects)
            reached += len(question.objects & seen)
    return Report(tuple(asked), round(reached / wanted, 4) if wanted else 0.0)


def objects_of(shard: Shard, world: World) -> dict[int, tuple[int, ...]]:
    """Track id -> the true objects whose boxes it lies on, the best first."""
    found = {}
    for track_id in shard.tracks().track_id:
        path = shard.path_of(int(track_id))
        fits = {
            number: overlap
            for number, boxes in world.boxes.items()
            if (overlap := mean_overlap(path.frame, path.xyxy, boxes)) >= LEAST_IOU
        }
        found[int(track_id)] = tuple(sorted(fits, key=lambda number: -fits[number]))
    return found


def _ask(
    engine: Engine,
    world: World,
    video_id: str,
    question: Question,
    objects: Mapping[int, tuple[int, ...]],
) -> Asked:
    started = time.perf_counter()
    answer = engine.search(question.text, videos={video_id}, limit=_DEPTH)
    seconds = time.perf_counter() - started
    scores = engine.scores(question.text, videos={video_id})
    best: dict[int, float] = {}
    for (_, track_id), score in scores.items():
        for number in objects.get(track_id, ()):
            best[number] = max(best.get(number, 0.0), score)
    pairs = [
        (stratum, best.get(right, 0.0), best.get(wrong, 0.0))
        for wrong, stratum in question.negatives
        for right in sorted(question.objects)
    ]
    return Asked(
        world=world.name,
        question=question,
        ranked=rank(answer, question, objects),
        found_nothing=answer.nothing_found,
        top=_described(answer),
        seconds=seconds,
        pairs=tuple(pairs),
    )


def rank(answer: Answer, question: Question, objects: Mapping[int, tuple[int, ...]]) -> Ranked:
    """Which results are right, leaving out repeats of an object and what nobody can judge."""
    hits: list[bool] = []
    known: set[int] = set()
    overlap: float | None = None
    for moment in answer.results:
        numbers = set(objects.get(moment.track_ids[0], ())) if moment.track_ids else set()
        right = numbers & question.objects
        if right:
            if right <= known:
                continue
            known |= right
            hits.append(True)
            if overlap is None:
                overlap = _overlap(moment, question, right)
        elif not numbers & question.unjudged:
            hits.append(False)
    return Ranked(tuple(hits), len(question.objects), overlap)


def _overlap(moment: Moment, question: Question, right: set[int]) -> float:
    spans = [(r.t0_s, r.t1_s) for r in question.relevant if r.object_id in right]
    return max(temporal_iou((moment.t0_s, moment.t1_s), span) for span in spans)


def _described(answer: Answer) -> str:
    if not answer.results:
        return answer.sentence
    best = answer.results[0]
    parts = ", ".join(f"{part.part} {part.p:.2f}" for part in best.parts)
    return f"#{' #'.join(map(str, best.track_ids))} {best.score:.2f}: {parts}"


def report_lines(report: Report) -> Iterator[str]:
    """The figures as a table for people."""
    data = report.data()
    columns = ("n", "MRR", "R@1", "R@5", "R@10", "mAP", "nDCG@10", "tIoU")
    yield f"{'':<24}" + "".join(f"{name:>9}" for name in columns)
    yield _line("all questions", data["full"], columns)
    for title, key in (("parts", "by_parts"), ("stratum", "by_stratum"), ("world", "worlds")):
        for name, figures in data[key].items():
            yield _line(f"{title} {name}", figures, columns)
    yield ""
    yield "right before wrong, by what is wrong:"
    for name, figures in data["strata"].items():
        yield f"  {name:<22}{figures['n']:>9}{figures['rate']:>9.3f}"
    nothing = data["nothing"]
    yield ""
    yield (
        f"nothing is there: {nothing['answered_with_nothing']:.3f} of {nothing['n']} answered with "
        f"nothing; {nothing['wrongly_nothing']:.3f} of the others wrongly so"
    )
    yield f"right objects that have a track: {data['reachable']:.3f}"
    yield "latency: p50 {p50:.3f} s, p95 {p95:.3f} s".format(**data["latency_s"])
    missed = [q for q in data["queries"] if not q["nothing"] and q["rank"] != 1]
    missed += [q for q in data["queries"] if q["nothing"] and not q["found_nothing"]]
    if missed:
        yield ""
        yield "not answered rightly at rank 1:"
    for query in missed:
        place = "should be nothing" if query["nothing"] else f"rank {query['rank'] or '-'}"
        yield f"  {query['world'][:22]:<22} {query['text'][:44]:<44} {place:<18} {query['top']}"


def _line(name: str, figures: Mapping[str, float], columns: Sequence[str]) -> str:
    cells = (f"{figures[c]:>9.0f}" if c == "n" else f"{figures[c]:>9.3f}" for c in columns)
    return f"{name[:24]:<24}" + "".join(cells)
