"""Are motions and relations told rightly: what a library says its tracks did against the truth.

Only objects that were seen well are judged, and of these only what the truth is sure of: a motion
that may or may not have been seen is neither asked for nor held against anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.evaluate.metrics import temporal_iou
from core.evaluate.truth import TrueRelation, World
from core.library.shard import Shard
from core.motion.events import KINDS
from core.motion.relations import MUTUAL

HOLDS = 0.5
SLACK_S = 1.0
_ON_FOOT = ("person", "dog")  # the truth knows no relations among them but company
COURSES = ("turn_left", "turn_right", "straight", "u_turn")
NEITHER = "none"
_IMPLIED: Mapping[str, tuple[str, ...]] = {
    "stop": ("wait",),
    "wait": ("stop", "parked", "stationary"),
    "stationary": ("parked", "wait", "stop"),
    "parked": ("stationary", "wait"),
}
"""A kind said where the truth has another that it goes with: no error, and no success."""
_SAID_OF_RELATIONS: Mapping[str, tuple[str, ...]] = {
    "overtake": ("pass",),
    "pass": ("overtake",),
    "follow": ("behind",),
}

Objects = Mapping[int, tuple[int, ...]]


@dataclass(slots=True)
class Tally:
    """How often a predicate was told rightly, told wrongly, and missed.

    overlaps: temporal IoU of what was told rightly with the truth. chances: of each object the
    highest p it was told with, 0 for never, and whether it is true of it.
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0
    overlaps: list[float] = field(default_factory=list, compare=False)
    chances: list[tuple[float, bool]] = field(default_factory=list, compare=False)

    def data(self) -> dict[str, float | None]:
        said, true = self.right + self.wrong, self.right + self.missed
        precision = self.right / said if said else 0.0
        recall = self.right / true if true else 0.0
        both = precision + recall
        return {
            "n": true,
            "said": said,
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "F1": round(2.0 * precision * recall / both, 4) if both else 0.0,
            "AUC": area(self.chances),
            "tIoU": round(float(np.mean(self.overlaps)), 4) if self.overlaps else None,
        }


def area(chances: Sequence[tuple[float, bool]]) -> float | None:
    """Chance that something true has a higher p than something false, draws counted half.

    None where all are true or all false.
    """
    p = np.array([chance for chance, _ in chances])
    true = np.array([so for _, so in chances], np.bool_)
    if not true.any() or true.all():
        return None
    wins = np.sign(p[true][:, None] - p[~true][None, :])
    return round(float(0.5 + 0.5 * wins.mean()), 4)


@dataclass(slots=True)
class Predicates:
    """Tallies by kind, and which course was taken for which: confusion[true][told]."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    lapses: list[str] = field(default_factory=list)

    def data(self) -> dict[str, dict[str, float | None]]:
        return {kind: tally.data() for kind, tally in sorted(self.tallies.items())}

    def turn_sign(self) -> float:
        """Of the turns to one side that were called a turn to a side: the share told rightly."""
        sides = ("turn_left", "turn_right")
        told = sum(self.confusion.get(a, {}).get(b, 0) for a in sides for b in sides)
        right = sum(self.confusion.get(a, {}).get(a, 0) for a in sides)
        return round(right / told, 4) if told else 0.0

    def judge(self, shard: Shard, world: World, objects: Objects) -> None:
        """Add what a video's tables say; objects: track -> the true objects it lies on."""
        said, chances = _said(shard, objects), _chances(shard, objects)
        kinds = {kind for truth in world.objects.values() for kind in truth.did} & set(KINDS)
        for number, truth in world.objects.items():
            if not truth.clear or number not in world.boxes:
                continue
            mine = said.get(number, {})
            for kind in kinds:
                tally = self.tallies.setdefault(kind, Tally())
                self._judge(kind, number, truth.did.get(kind, ()), mine.get(kind, []), tally, world)
                if kind in truth.did or kind not in truth.unsure:
                    chance = chances.get((number, kind), 0.0)
                    tally.chances.append((chance, kind in truth.did))
            self._course(number, world, mine)
        self._relations(shard, world, objects)

    def _judge(
        self,
        kind: str,
        number: int,
        true: Sequence[tuple[float, float]],
        told: Sequence[tuple[float, float]],
        tally: Tally,
        world: World,
    ) -> None:
        truth = world.objects[number]
        who = f"{world.name} #{number} {kind}"
        for span in true:
            if any(_touch(span, other) for other in told):
                tally.right += 1
                tally.overlaps.append(max(temporal_iou(span, other) for other in told))
            else:
                tally.missed += 1
                self.lapses.append(f"{who} {span[0]:.1f}-{span[1]:.1f} s missed")
        if kind in truth.unsure:
            return
        excused = [s for other in _IMPLIED.get(kind, ()) for s in truth.did.get(other, ())]
        for span in told:
            if not any(_touch(span, other) for other in (*true, *excused)):
                tally.wrong += 1
                self.lapses.append(f"{who} {span[0]:.1f}-{span[1]:.1f} s wrong")

    def _course(
        self, number: int, world: World, told: Mapping[str, Sequence[tuple[float, float]]]
    ) -> None:
        truth = world.objects[number]
        true = [kind for kind in COURSES if kind in truth.did]
        if len(true) != 1:
            return
        spans = truth.did[true[0]]
        named = [k for k in COURSES if any(_touch(a, b) for a in spans for b in told.get(k, ()))]
        turns = [kind for kind in named if kind != "straight"]
        best = true[0] if true[0] in named else (turns or named or [NEITHER])[0]
        row = self.confusion.setdefault(true[0], dict.fromkeys((*COURSES, NEITHER), 0))
        row[best] += 1

    def _relations(self, shard: Shard, world: World, objects: Objects) -> None:
        table = shard.relations()
        told: dict[str, list[TrueRelation]] = {}
        for row in np.flatnonzero(table.p >= HOLDS):
            subjects = objects.get(int(table.subject_id[row]), ())
            others = objects.get(int(table.object_id[row]), ())
            if subjects and others:
                kind = str(table.kind[row])
                span = float(table.t0_s[row]), float(table.t1_s[row])
                told.setdefault(kind, []).append(
                    TrueRelation(kind, subjects[0], others[0], *span, True)
                )
        everybody = {n for n, o in world.objects.items() if o.clear and n in world.boxes}
        vehicles = {n for n in everybody if world.objects[n].kind not in _ON_FOOT}
        for kind in {relation.kind for relation in world.relations}:
            tally = self.tallies.setdefault(kind, Tally())
            clear = everybody if kind == "with" else vehicles
            true = [r for r in world.relations if r.kind == kind]
            for relation in true:
                if relation.seen and {relation.subject, relation.object} <= clear:
                    if any(_same(relation, other) for other in told.get(kind, ())):
                        tally.right += 1
                    else:
                        tally.missed += 1
                        self.lapses.append(f"{world.name} {_words(relation)} missed")
            excused = [r for r in world.relations if r.kind in _SAID_OF_RELATIONS.get(kind, ())]
            for relation in told.get(kind, ()):
                if not {relation.subject, relation.object} <= clear:
                    continue
                if not any(_same(relation, other) for other in (*true, *excused)):
                    tally.wrong += 1
                    self.lapses.append(f"{world.name} {_words(relation)} wrong")


def _words(relation: TrueRelation) -> str:
    span = f"{relation.t0_s:.1f}-{relation.t1_s:.1f} s"
    return f"#{relation.subject} {relation.kind} #{relation.object} {span}"


def _same(one: TrueRelation, other: TrueRelation) -> bool:
    pair = (one.subject, one.object) == (other.subject, other.object)
    if one.kind in MUTUAL:
        pair = {one.subject, one.object} == {other.subject, other.object}
    return pair and _touch((one.t0_s, one.t1_s), (other.t0_s, other.t1_s))


def _touch(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] + SLACK_S and other[0] <= one[1] + SLACK_S


def _said(shard: Shard, objects: Objects) -> dict[int, dict[str, list[tuple[float, float]]]]:
    """Object -> kind -> spans that are held to be so; of each track the object it fits best."""
    events = shard.events()
    found: dict[int, dict[str, list[tuple[float, float]]]] = {}
    for row in np.flatnonzero(events.p >= HOLDS):
        numbers = objects.get(int(events.track_id[row]), ())
        if numbers:
            spans = found.setdefault(numbers[0], {}).setdefault(str(events.kind[row]), [])
            spans.append((float(events.t0_s[row]), float(events.t1_s[row])))
    return found


def _chances(shard: Shard, objects: Objects) -> dict[tuple[int, str], float]:
    """(object, kind) -> the highest p with which it was told, however small."""
    events = shard.events()
    found: dict[tuple[int, str], float] = {}
    for row in range(len(events)):
        numbers = objects.get(int(events.track_id[row]), ())
        if numbers:
            key = numbers[0], str(events.kind[row])
            found[key] = max(found.get(key, 0.0), float(events.p[row]))
    return found
