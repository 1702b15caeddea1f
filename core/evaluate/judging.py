"""Which results are right: tracks against true objects, moments against true spans.

A track stands for the true object whose boxes it lies on: mean IoU of 0.5 or more over the frames
in which the object shows and the track has a detection, which are 0.3 or more of the track's. An
object is counted once. Objects that nobody can judge are skipped, as is, where the truth is not
complete, what lies on no object; whatever else is returned is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.evaluate.metrics import Ranked, temporal_iou
from core.evaluate.truth import Boxes, Question, World, mean_overlap
from core.library.shard import Shard
from core.search.answer import Moment

LEAST_IOU = 0.5
LEAST_VISIBLE = 0.3
_LEAST_SHARE = 0.3
_FEWEST = 3

Objects = Mapping[int, tuple[int, ...]]


def objects_of(shard: Shard, world: World) -> dict[int, tuple[int, ...]]:
    """Track id -> the true objects whose boxes it lies on, the best first."""
    showing = {number: _showing(boxes) for number, boxes in world.boxes.items()}
    found = {}
    for track_id in shard.tracks().track_id:
        path = shard.path_of(int(track_id))
        frame, xyxy = path.frame[~path.interpolated], path.xyxy[~path.interpolated]
        least = max(_FEWEST, round(_LEAST_SHARE * len(frame)))
        fits = {
            number: overlap
            for number, boxes in showing.items()
            if (overlap := mean_overlap(frame, xyxy, boxes, least=least)) >= LEAST_IOU
        }
        found[int(track_id)] = tuple(sorted(fits, key=lambda number: -fits[number]))
    return found


def _showing(boxes: Boxes) -> Boxes:
    rows = boxes.visible >= LEAST_VISIBLE if len(boxes.visible) else slice(None)
    return Boxes(boxes.frame[rows], boxes.xyxy[rows], boxes.visible[rows])


def rank(
    moments: Iterable[Moment], question: Question, objects: Objects, *, complete: bool = True
) -> Ranked:
    """What a list of moments, best first, is worth as an answer."""
    listed = [(m.track_ids[0] if m.track_ids else -1, (m.t0_s, m.t1_s)) for m in moments]
    return _ranked(listed, question, objects, complete)


def rank_tracks(
    track_ids: Sequence[int], question: Question, objects: Objects, *, complete: bool = True
) -> Ranked:
    """The same for a list of tracks that says nothing about time."""
    return _ranked([(track_id, None) for track_id in track_ids], question, objects, complete)


def _ranked(
    listed: Sequence[tuple[int, tuple[float, float] | None]],
    question: Question,
    objects: Objects,
    complete: bool,
) -> Ranked:
    hits: list[bool] = []
    known: set[int] = set()
    overlap: float | None = None
    for track_id, span in listed:
        numbers = set(objects.get(track_id, ()))
        right = numbers & question.objects
        if right:
            if right <= known:
                continue
            known |= right
            hits.append(True)
            if overlap is None and span is not None:
                overlap = _overlap(span, question, right)
        elif not numbers & question.unjudged and (numbers or complete):
            hits.append(False)
    return Ranked(tuple(hits), len(question.objects), overlap)


def _overlap(span: tuple[float, float], question: Question, right: set[int]) -> float:
    spans = [(r.t0_s, r.t1_s) for r in question.relevant if r.object_id in right]
    return max(temporal_iou(span, other) for other in spans)
