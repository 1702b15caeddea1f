"""Do objects keep their identity: trackers against true boxes, with the same detections for all.

Of every sequence only the frames 0, N, 2N, ... of a stride N are given to the trackers, with their
real times, and only these are judged. What counts as true is said in `core.evaluate.sequences`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import VidtrailError
from core.evaluate.following import FrameTracker, OwnTracker
from core.evaluate.observations import Looking, Observations, observe
from core.evaluate.rivals import RIVALS, UltralyticsTracker
from core.evaluate.scores import COUNTS, METRICS, mean, score
from core.evaluate.sequences import TrackingSequence
from core.models.encoder import Encoder
from core.models.weights import cache_dir

OWN = ("vidtrail", "vidtrail-online")
TRACKERS = (*OWN, *RIVALS)


@dataclass(frozen=True, slots=True)
class Run:
    """One tracker at one stride. sequences: name -> figure -> value."""

    tracker: str
    stride: int
    sequences: Mapping[str, Mapping[str, float]]

    def data(self) -> dict[str, Any]:
        return {
            "sequences": {name: dict(figures) for name, figures in self.sequences.items()},
            "mean": mean(self.sequences),
        }


def evaluate_tracking(
    sequences: Sequence[TrackingSequence],
    looking: Looking,
    encoder: Encoder | None,
    *,
    trackers: Sequence[str] = ("vidtrail",),
    strides: Sequence[int] = (1,),
    cache: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Run]:
    """Run every tracker at every stride over every sequence, ordered by tracker, then stride.

    cache: where boxes and vectors are kept for the next time; None for a temporary folder.
    Raises VidtrailError for an unknown tracker, and where frames or boxes cannot be had.
    """
    unknown = [name for name in trackers if name not in TRACKERS]
    if unknown:
        raise VidtrailError(f"There is no tracker {unknown[0]!r}; there are {', '.join(TRACKERS)}.")
    runs = [(tracker, stride) for tracker in trackers for stride in strides]
    figures: dict[tuple[str, int], dict[str, dict[str, float]]] = {run: {} for run in runs}
    with ExitStack() as stack:
        if cache is None:
            kept = stack.enter_context(tempfile.TemporaryDirectory(prefix="vidtrail-"))
            cache = Path(kept)
        for sequence in sequences:
            seen = observe(sequence, looking, encoder, cache, tell)
            tell(f"{sequence.name}: following {len(seen.detections)} boxes")
            following = {
                run: _tracker(run[0], seen, encoder, sequence.fps / run[1]) for run in runs
            }
            for run, scores in judge(sequence, seen, following).items():
                figures[run][sequence.name] = scores
    return [Run(tracker, stride, figures[tracker, stride]) for tracker, stride in runs]


def _check_length(sequence: TrackingSequence, frames: int) -> None:
    """Frames that are missing would make the truth easier than it is."""
    wanted = sequence.length or int(sequence.truth.frame.max(initial=-1)) + 1
    if frames < wanted:
        raise VidtrailError(
            f"{sequence.name} has {frames} frames, and {wanted} belong to it: some are missing."
        )


def judge(
    sequence: TrackingSequence,
    seen: Observations,
    following: Mapping[tuple[str, int], FrameTracker],
) -> dict[tuple[str, int], dict[str, float]]:
    """Figures of fresh trackers over one sequence, whose frames are read once.

    following: (name, stride) -> tracker; the names are the caller's.
    Raises VidtrailError where frames are missing.
    """
    _check_length(sequence, len(seen.frame))
    for frame in sequence.frames():
        detections, vectors = seen.of(frame.index)
        for (_, stride), tracker in following.items():
            if frame.index % stride == 0:
                tracker.offer(frame, detections, vectors)
    return {
        run: score(sequence.truth, tracker.tracked(), seen.frame[seen.frame % run[1] == 0])
        for run, tracker in following.items()
    }


def _tracker(name: str, seen: Observations, encoder: Encoder | None, fps: float) -> FrameTracker:
    if name in RIVALS:
        return UltralyticsTracker(name, cache_dir(), with_vectors=seen.vectors is not None)
    online = name == "vidtrail-online"
    return OwnTracker(seen.class_names, seen.size, encoder, fps, online=online)


def report_data(runs: Sequence[Run]) -> dict[str, Any]:
    """Plain data for JSON: the first run, and all of them under `runs` where there are several."""
    data = runs[0].data()
    if len(runs) > 1:
        data["runs"] = [
            {"tracker": run.tracker, "stride": run.stride, **run.data()} for run in runs
        ]
    return data


def report_lines(runs: Sequence[Run]) -> Iterator[str]:
    """The figures as a table for people: rates in percent, switches and fragments counted."""
    names = [name for run in runs for name in run.sequences]
    wide = max(len(name) for name in [*names, "sequence"])
    yield f"{'tracker':<16}{'stride':>6}  {'sequence':<{wide}}" + "".join(
        f"{name:>8}" for name in METRICS
    )
    for run in runs:
        rows = [*run.sequences.items(), ("mean", mean(run.sequences))]
        for name, figures in rows:
            whole = name != "mean"
            yield f"{run.tracker:<16}{run.stride:>6}  {name:<{wide}}" + "".join(
                f"{figures[m]:>8.0f}" if whole and m in COUNTS else f"{figures[m]:>8.1f}"
                for m in METRICS
            )
