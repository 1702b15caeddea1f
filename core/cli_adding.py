"""The command `add` at work: files are indexed while a moving line tells how far it is."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.ingest.batch import BatchProgress, Models, Outcome
    from core.models.profile import Profile
    from core.tracking.given import GivenBoxes

SAID = {"added": "added", "duplicate": "already there", "failed": "failed", "stopped": "stopped"}
"""What became of a file, in words."""


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """What became of one file, for programs."""
    report = outcome.report
    return {
        "path": str(outcome.path),
        "status": outcome.status,
        "message": outcome.message,
        "video_id": outcome.video_id or None,
        "tracks": report.tracks if report else None,
        "seconds": round(report.wall_s, 3) if report else None,
        "speed": round(report.speed, 3) if report else None,
    }


def added(
    options: argparse.Namespace, paths: Sequence[Path | str], given: GivenBoxes | None = None
) -> list[Outcome]:
    """Add files while a moving line tells how far it is; Ctrl-C ends after what is at hand.

    given: boxes to read instead of looking for them.
    """
    from core.ingest.batch import add_paths
    from core.library.library import Library
    from core.models.profile import profile as profile_named
    from core.terminal import ProgressLine, minutes

    chosen = profile_named(options.profile, detector_file=options.detector, encoder=options.encoder)
    if given is not None:
        chosen = given.profile(chosen)
    line = ProgressLine()
    stop = threading.Event()

    def progress(batch: BatchProgress) -> None:
        now = batch.progress
        eta = f", {minutes(now.eta_s)} left" if now.eta_s is not None else ""
        speed = f"{now.speed:.1f}x real time{eta}" if now.speed else ""
        which = f"{batch.number}/{batch.count} {batch.path.name}"
        line.show(which, now.share, f"{now.stage} {speed}".strip())

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        line.say("Stopping; a second Ctrl-C stops at once.")

    def load(profile: Profile, runtimes: tuple[str, str] | None) -> Models:
        return models_of(profile, runtimes, line, given)

    with ExitStack() as stack:
        library = stack.enter_context(Library.open(options.library))
        if threading.current_thread() is threading.main_thread():
            earlier = signal.signal(signal.SIGINT, interrupt)
            stack.callback(signal.signal, signal.SIGINT, earlier)
        stack.callback(line.clear)
        return add_paths(
            library,
            paths,
            chosen,
            progress,
            on_outcome=lambda outcome: line.say(outcome.message),
            cancelled=stop.is_set,
            load=load,
        )


def models_of(
    wanted: Profile, runtimes: tuple[str, str] | None, line: Any, given: GivenBoxes | None = None
) -> Models:
    """Load a profile's models, with a bar while their files come down; boxes may be given."""
    from core.ingest.batch import Models
    from core.models.load import load_detector, load_encoder
    from core.terminal import size

    line.say(f"Loading the models of the profile {wanted.name} …")

    def fetched(done: int, total: int | None) -> None:
        line.show("downloading", done / total if total else 0.0, size(done))

    detector, encoder = runtimes or ("", "")
    return Models(
        given or load_detector(wanted, progress=fetched, runtime=detector or None),
        load_encoder(wanted, progress=fetched, runtime=encoder or None),
    )
