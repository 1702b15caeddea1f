"""Runs one job of the queue in a process of its own: ``python -m core.ingest.worker PLACE JOB``.

A process of its own keeps models and decoders away from the web server, can be ended at any time,
and gives the GPU's memory back. It leaves when its standard input closes: a server that is killed
takes its worker with it, whatever the system.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import Cancelled, LibraryError, VidtrailError
from core.ingest.batch import BatchProgress, LoadModels, Models, add_paths
from core.ingest.jobs import ANEW, Job, Jobs, JobState
from core.ingest.reading import ReadingSettings
from core.library.library import Library
from core.library.lock import BusyError, Exclusive
from core.models.profile import Profile
from core.models.profile import profile as profile_named

_log = logging.getLogger(__name__)
LOCK = "worker.lock"
_PULSE_S = 0.25
_PATIENCE_S = 30.0
_End = tuple[JobState, str, str]  # with a reason for people, and the video's id
_STOPPED = "Stopped; what was finished is kept, and adding it again goes on."


def main(
    arguments: Sequence[str],
    *,
    load: LoadModels | None = None,
    settings: ReadingSettings | None = None,
    ends_with: int | None = None,
) -> int:
    """Run the job; the exit status is 0 where the table says how it ended.

    load, settings: as for `add_paths`. ends_with: a file handle that closes when nobody wants the
    work any more.
    """
    place, job_id = Path(arguments[0]), int(arguments[1])
    jobs = Jobs(place)
    lock = Exclusive(jobs.log_path(job_id).with_name(LOCK))
    if not lock.take(_PATIENCE_S):
        _log.error("another worker runs in %s", place)
        return 1
    try:
        if (job := jobs.get(job_id)) is None or job.state != "running":
            return 0  # dismissed, or settled by somebody else, before we came
        jobs.began(job_id, os.getpid())
        with _Pulse(jobs, job_id, ends_with) as pulse:
            end = _ended(job, place, pulse, load, settings)
        jobs.end(job_id, *end)
    finally:
        lock.release()
    return 0


class _Pulse:
    """Tells the table how far the job is, four times a second, and hears what is wanted of it."""

    def __init__(self, jobs: Jobs, job_id: int, ends_with: int | None) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._news: _News | None = None
        self._deserted = threading.Event()
        self._over = threading.Event()
        self._wanted = ""
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        if ends_with is not None:
            threading.Thread(target=self._await, args=(ends_with,), daemon=True).start()

    def tell(self, news: _News) -> None:
        self._news = news

    def stopping(self) -> bool:
        """Whether the work should end at the next good moment."""
        return bool(self._wanted) or self._deserted.is_set()

    def stopped(self) -> tuple[JobState, str]:
        """State and reason of a job that was stopped before its end."""
        if self._wanted == "cancel":
            return "cancelled", "Cancelled."
        return ("paused", "") if self._wanted == "pause" else ("queued", "")

    def _await(self, handle: int) -> None:
        # Not through `sys.stdin`, whose lock this thread would hold when the interpreter ends.
        while os.read(handle, 64):
            continue
        self._deserted.set()

    def _beat(self) -> None:
        while not self._over.wait(_PULSE_S):
            try:
                self._once()
            except VidtrailError as error:  # the table is full or busy: the work itself goes on
                _log.warning("%s", error)

    def _once(self) -> None:
        news, self._news = self._news, None
        if news is not None:
            self._jobs.tell(
                self._job_id,
                stage=news.stage,
                share=news.share,
                speed=news.speed,
                left_s=news.left_s,
            )
        job = self._jobs.get(self._job_id)
        self._wanted = "cancel" if job is None else job.wanted

    def __enter__(self) -> _Pulse:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._over.set()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class _News:
    stage: str
    share: float = 0.0
    speed: float = 0.0
    left_s: float | None = None


def _ended(
    job: Job,
    place: Path,
    pulse: _Pulse,
    load: LoadModels | None,
    settings: ReadingSettings | None,
) -> _End:
    """Do the work; the state it came to, a reason for people, and the video's id."""
    try:
        with Library.open(place) as library:
            if job.kind == "copy":
                return "done", _copied(library, job, pulse), job.subject
            if job.kind == "map":
                return "done", _mapped(library, job, pulse), ""
            return _added(library, job, pulse, load, settings)
    except Cancelled:
        return (*pulse.stopped(), "")
    except VidtrailError as error:
        _log.exception("job %d", job.job_id)
        return "failed", str(error), ""
    except Exception as error:
        _log.exception("job %d", job.job_id)
        said = f"This should not have happened ({type(error).__name__}: {error})."
        return "failed", f"{said} The file jobs/{job.job_id}.log in the library says more.", ""


def _added(
    library: Library,
    job: Job,
    pulse: _Pulse,
    load: LoadModels | None,
    settings: ReadingSettings | None,
) -> _End:
    def progress(batch: BatchProgress) -> None:
        now = batch.progress
        pulse.tell(_News(now.stage, now.share, now.speed, now.eta_s))

    with _writing(library, pulse):
        (outcome,) = add_paths(
            library,
            [job.subject],
            profile_named(job.profile),
            progress,
            cancelled=pulse.stopping,
            load=load or _loading(pulse),
            settings=settings,
        )
    if outcome.status == "stopped":
        return (*pulse.stopped(), outcome.video_id)
    if outcome.status == "duplicate":
        _drop_second_copy(library, Path(job.subject), outcome.video_id)
    return ("done" if outcome.ok else "failed"), outcome.message, outcome.video_id


def _drop_second_copy(library: Library, sent: Path, video_id: str) -> None:
    """Delete a file that a browser sent where the library has the same content elsewhere."""
    if sent.parent == library.uploads_folder and library.video(video_id).path != str(sent):
        sent.unlink(missing_ok=True)


@contextmanager
def _writing(library: Library, pulse: _Pulse) -> Iterator[None]:
    """Be the library's one writer, after whoever is so now."""
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(library.writing())
                break
            except BusyError as busy:
                if pulse.stopping():
                    raise Cancelled(_STOPPED) from busy
                pulse.tell(_News("waiting"))
                time.sleep(_PULSE_S)
        yield


def _loading(pulse: _Pulse) -> LoadModels:
    """Makes the models of a profile, and tells how much of their files has come."""

    def load(profile: Profile, runtimes: tuple[str, str] | None) -> Models:
        from core.models.load import load_detector, load_encoder

        def fetched(done: int, total: int | None) -> None:
            if pulse.stopping():
                raise Cancelled(_STOPPED)
            pulse.tell(_News("fetching", done / total if total else 0.0))

        detector, encoder = runtimes or ("", "")
        pulse.tell(_News("loading"))
        return Models(
            load_detector(profile, progress=fetched, runtime=detector or None),
            load_encoder(profile, progress=fetched, runtime=encoder or None),
        )

    return load


def _copied(library: Library, job: Job, pulse: _Pulse) -> str:
    from core.video.playable import copy_for_browser

    record = library.video(job.subject)
    target = library.copy_path(record.video_id)
    target.parent.mkdir(exist_ok=True)
    copy_for_browser(Path(record.path), target, _share_told(pulse))
    return f"{record.name} can be played in the browser now."


def _mapped(library: Library, job: Job, pulse: _Pulse) -> str:
    from core.explore.atlas import bring_up_atlas
    from core.search.opening import open_engine

    def tell(step: str, share: float) -> None:
        if pulse.stopping():
            raise Cancelled(_STOPPED)
        pulse.tell(_News(step, share))

    engine = open_engine(library)
    if engine.encoder.name != job.subject.removeprefix(ANEW):
        raise LibraryError(
            f"Most videos are now read with another encoder ({engine.encoder.name}): ask for its "
            "maps."
        )
    anew = job.subject.startswith(ANEW)
    atlas = bring_up_atlas(engine, anew=anew, tell=tell)
    return f"The maps show {max(made.known.sum() for made in atlas.maps.values()):,} objects."


def _share_told(pulse: _Pulse) -> Callable[[float], None]:
    began = time.monotonic()

    def tell(share: float) -> None:
        if pulse.stopping():
            raise Cancelled(_STOPPED)
        spent_s = time.monotonic() - began
        left_s = spent_s * (1 - share) / share if share > 0 and spent_s > 1 else None
        pulse.tell(_News("copying", share, left_s=left_s))

    return tell


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.captureWarnings(True)
    warnings.simplefilter("ignore")
    if hasattr(os, "nice"):
        os.nice(5)  # people who search and watch meanwhile come first
    sys.exit(main(sys.argv[1:], ends_with=sys.stdin.fileno()))
