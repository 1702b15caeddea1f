"""Turning movements and counts across lines, measured against what is true of rendered worlds.

The truth of movements is `movements.json` beside a `truth.json`, which the world writes from its
own script (`python -m sample_videos.world.movements`). Our arms have no names that the world knows:
each is taken for the true one that most of its objects came from or went to, one for one. Lines are
drawn where nobody chose them; the true crossings are told from true boxes in every frame.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from core.detections import Float64
from core.errors import VidtrailError
from core.evaluate.truth import World, mean_overlap
from core.explore.insight import Insight, Scope
from core.library.library import Library
from core.search.columns import Columns, read_columns
from core.search.paths import read_paths

_LEAST_IOU = 0.4
_LEAST_VISIBLE = 0.3
_CLEAR = 0.3  # of its size that a true object gets away from a line on either side of it
_LINES: dict[str, tuple[tuple[float, float], ...]] = {
    "upright": ((0.5, 0.02), (0.5, 0.98)),
    "left": ((0.25, 0.02), (0.25, 0.98)),
    "right": ((0.75, 0.02), (0.75, 0.98)),
    "across": ((0.02, 0.55), (0.98, 0.55)),
    "slanted": ((0.1, 0.9), (0.9, 0.3)),
}


@dataclass(frozen=True, slots=True)
class MovementFigures:
    """One world, or all of them added up.

    true: vehicles that truly came from one arm and went to one, both seen. counted: ours of which
    both arms are told. right: those counted of which both are the true ones. foretold: those
    counted that truly were not seen to come or to go, as they were there when the clip began or
    ended, and whose arms are those of the world's script. error: sum over the
    table of movements of how far counts are from the true ones. unknown: ours with an arm unknown;
    true_unknown: true ones of which the world does not know one either. arms, true_arms: how many,
    of those that anything true came from or went to.
    """

    true: int = 0
    counted: int = 0
    right: int = 0
    foretold: int = 0
    error: int = 0
    unknown: int = 0
    true_unknown: int = 0
    arms: int = 0
    true_arms: int = 0

    def plus(self, other: MovementFigures) -> MovementFigures:
        names = [one.name for one in fields(self)]
        return MovementFigures(*(getattr(self, n) + getattr(other, n) for n in names))


@dataclass(frozen=True, slots=True)
class LineFigures:
    """Crossings of all lines and both ways: true ones, ours, and how far they are apart."""

    true: int = 0
    counted: int = 0
    error: int = 0

    def plus(self, other: LineFigures) -> LineFigures:
        return LineFigures(
            self.true + other.true, self.counted + other.counted, self.error + other.error
        )


def movement_figures(library: Library, worlds: Sequence[World]) -> dict[str, Any]:
    """Figures of each world and of all together; worlds without movements.json or video are named.

    Raises VidtrailError where no world could be measured.
    """
    columns = read_columns(library)
    paths = read_paths(library, columns)
    by_name = {record.name: v for v, record in enumerate(columns.videos)}
    each: dict[str, Any] = {}
    left_out: list[str] = []
    movements, lines = MovementFigures(), LineFigures()
    for world in worlds:
        told = world.video.parent / "movements.json"
        if world.video.name not in by_name or not told.is_file():
            left_out.append(world.name)
            continue
        truth = json.loads(told.read_text(encoding="utf-8"))
        video = by_name[world.video.name]
        scope = Scope(cameras=(columns.videos[video].video_id,))
        insight = Insight(library, columns, lambda: paths, scope)
        one = movements_of(insight, truth, _objects(columns, video, world))
        crossed = lines_of(insight, world) if world.views is None else LineFigures()
        each[world.name] = {"movements": asdict(one), "lines": asdict(crossed)}
        movements, lines = movements.plus(one), lines.plus(crossed)
    if not each:
        raise VidtrailError(
            "No world has both a movements.json (`python -m sample_videos.world.movements DIR...`) "
            "and its video in this library."
        )
    return {
        "worlds": each,
        "left_out": left_out,
        "movements": asdict(movements),
        "lines": asdict(lines),
    }


def movement_lines(figures: dict[str, Any]) -> list[str]:
    """The figures as lines of text."""
    head = (
        f"{'world':<28}{'true':>6}{'counted':>9}{'right':>7}{'foretold':>10}{'error':>7}"
        f"{'unknown':>9}{'arms':>8}"
    )
    lines = [head]
    for name, one in [*figures["worlds"].items(), ("all", figures)]:
        m = one["movements"]
        arms = f"{m['arms']}/{m['true_arms']}"
        lines.append(
            f"{name:<28}{m['true']:>6}{m['counted']:>9}{m['right']:>7}{m['foretold']:>10}"
            f"{m['error']:>7}{m['unknown']:>9}{arms:>8}"
        )
    crossed = figures["lines"]
    lines.append("")
    lines.append(
        f"Lines, both ways: {crossed['true']} true crossings, {crossed['counted']} counted, "
        f"counts {crossed['error']} apart in all."
    )
    if figures["left_out"]:
        lines.append(f"Left out: {', '.join(figures['left_out'])}.")
    return lines


def _objects(columns: Columns, video: int, world: World) -> dict[int, int]:
    """Row of a track -> the true object that it follows best."""
    found = {}
    shard = columns.shards[video]
    rows = columns.rows_of(video)
    for row in range(rows.start, rows.stop):
        path = shard.path_of(int(columns.track_id[row]))
        overlaps = {n: mean_overlap(path.frame, path.xyxy, one) for n, one in world.boxes.items()}
        best = max(overlaps, key=lambda n: overlaps[n], default=0)
        if overlaps.get(best, 0.0) >= _LEAST_IOU:
            found[row] = best
    return found


def movements_of(
    insight: Insight, truth: dict[str, Any], objects: dict[int, int]
) -> MovementFigures:
    """How the movements that were counted differ from the true ones."""
    found, many = insight.movements, len(truth["arms"])
    really = {int(o["object"]): (int(o["source"]), int(o["target"])) for o in truth["objects"]}
    votes = np.zeros((len(found.arms), many), np.int64)
    for row, source, target in zip(found.row, found.source, found.target, strict=True):
        ends = really.get(objects.get(int(row), -1), (-1, -1))
        for arm, true in zip((int(source), int(target)), ends, strict=True):
            if arm >= 0 and true >= 0:
                votes[arm, true] += 1
    meant = np.full(len(found.arms), -1)
    ours, theirs = linear_sum_assignment(-votes)
    for arm, true in zip(ours, theirs, strict=True):
        meant[arm] = true if votes[arm, true] else -1
    # An arm of ours that is none of theirs has a row and a column of its own.
    meant = np.where(meant < 0, many + np.arange(len(meant)), meant)
    size = many + len(found.arms)
    counted = np.zeros((size, size), np.int64)
    truly = np.zeros((size, size), np.int64)
    script = {int(o["object"]): (int(o["from"]), int(o["to"])) for o in truth["objects"]}
    right = foretold = 0
    for row, source, target in zip(found.row, found.source, found.target, strict=True):
        if source < 0 or target < 0:
            continue
        pair = (int(meant[source]), int(meant[target]))
        counted[pair] += 1
        true = objects.get(int(row), -1)
        right += really.get(true) == pair
        foretold += min(really.get(true, (0, 0))) < 0 and script[true] == pair
    known = [pair for pair in really.values() if min(pair) >= 0]
    for pair in known:
        truly[pair] += 1
    return MovementFigures(
        true=len(known),
        counted=int(counted.sum()),
        right=right,
        foretold=foretold,
        error=int(np.abs(counted - truly).sum()),
        unknown=int((~found.known).sum()),
        true_unknown=len(really) - len(known),
        arms=len(found.arms),
        true_arms=len({arm for pair in really.values() for arm in pair if arm >= 0}),
    )


def lines_of(insight: Insight, world: World) -> LineFigures:
    """Counts across lines against true crossings of everything that showed."""
    figures = LineFigures()
    size = np.array([world.size.width, world.size.height], np.float64)
    for points in _LINES.values():
        true = np.zeros(2, np.int64)
        for one in world.boxes.values():
            shows = one.visible >= _LEAST_VISIBLE
            if shows.sum() >= 3:
                true += _crossed(one.xyxy[shows].astype(np.float64), np.array(points) * size)
        table = insight.crossings(points).table(insight.columns).counts
        counted = table.sum(axis=(1, 2))
        figures = figures.plus(
            LineFigures(int(true.sum()), int(counted.sum()), int(np.abs(true - counted).sum()))
        )
    return figures


def _crossed(xyxy: Float64, line: Float64) -> npt.NDArray[np.int64]:
    """(2,) whether a foot point goes over a line from its left to its right, and back.

    It has to get clear of the line on both sides. xyxy, line: pixels.
    """
    foot = np.stack([(xyxy[:, 0] + xyxy[:, 2]) / 2.0, xyxy[:, 3]], axis=1)
    clear = _CLEAR * np.sqrt((xyxy[:, 2:] - xyxy[:, :2]).prod(axis=1))
    along = line[1] - line[0]
    length = float(np.hypot(*along))
    side = (along[0] * (foot[:, 1] - line[0, 1]) - along[1] * (foot[:, 0] - line[0, 0])) / length
    found = np.zeros(2, np.int64)
    for k in np.flatnonzero(np.sign(side[:-1]) * np.sign(side[1:]) < 0):
        share = side[k] / (side[k] - side[k + 1])
        at = foot[k] + share * (foot[k + 1] - foot[k])
        if not 0.0 <= (at - line[0]) @ along / length**2 <= 1.0:
            continue
        sign = np.sign(side[k + 1])
        before, after = (-sign * side / clear)[: k + 1].max(), (sign * side / clear)[k + 1 :].max()
        if min(before, after) >= 1.0:
            found[0 if sign > 0 else 1] = 1
    return found
