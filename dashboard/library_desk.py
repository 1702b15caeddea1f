"""What the library page asks for and does: errors of the core become sentences here."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import VidtrailError
from core.ingest.jobs import ENDED, Jobs
from core.library.catalog import VideoRecord, now
from core.library.coverage import coverage
from core.library.library import is_writable
from core.models.load import missing_weights
from core.models.profile import NAMES, profile
from core.terminal import size
from dashboard.library_views import (
    CardView,
    CoverageView,
    FolderView,
    ProfileView,
    QueueView,
    RemovedView,
    SaidView,
    ShelfView,
)
from dashboard.library_wording import (
    card_view,
    coverage_view,
    day,
    job_view,
    queue_title,
    removed_said,
)
from dashboard.links import upload_url
from dashboard.roots import VARIABLE, allowed, listing, roots, videos_at
from dashboard.services import services
from dashboard.views import LibraryView, counted
from dashboard.wording import video_view

PAGE = 24
_QUEUED_SHOWN = 6
_SAMPLES = Path(__file__).resolve().parents[1] / "sample_videos"

SORTS: dict[str, tuple[str, Callable[[VideoRecord], tuple[object, ...]]]] = {
    "new": ("newest first", lambda record: (-record.added_at, record.name.casefold())),
    "name": ("by name", lambda record: (record.name.casefold(), record.video_id)),
    "long": ("longest first", lambda record: (-record.duration_s, record.name.casefold())),
    "full": ("most objects first", lambda record: (-record.n_tracks, record.name.casefold())),
}


def library_view() -> LibraryView:
    """The library as it is now; one that cannot be used says why."""
    desk = services()
    place = str(desk.place)
    if desk.untouched:
        return LibraryView(place)
    try:
        records = desk.library().videos()
    except VidtrailError as error:
        return LibraryView(place, error=str(error))
    return LibraryView(place, tuple(video_view(record) for record in records))


# --- videos --------------------------------------------------------------------------------------


def shelf_view(text: str = "", sort: str = "new", page: int = 1) -> ShelfView:
    """A page of videos whose name holds `text`; those that are in the queue now are left out.

    Values that mean nothing are as if they were not given.
    """
    if services().untouched:
        return ShelfView()
    sort = sort if sort in SORTS else "new"
    library = services().library()
    busy = _busy()
    records = [
        record
        for record in library.videos()
        if record.state == "ready" or not busy & {record.video_id, record.path}
    ]
    wanted = text.strip().casefold()
    fitting = sorted((r for r in records if wanted in r.name.casefold()), key=SORTS[sort][1])
    pages = max(1, -(-len(fitting) // PAGE))
    page = min(max(page, 1), pages)
    return ShelfView(
        cards=tuple(_card(record) for record in fitting[(page - 1) * PAGE : page * PAGE]),
        total=len(records),
        fitting=len(fitting),
        text=text,
        sorts=tuple((name, words, name == sort) for name, (words, _) in SORTS.items()),
        page=page,
        pages=pages,
    )


def _busy() -> set[str]:
    """Ids and paths of the videos that the queue speaks of."""
    try:
        jobs = Jobs(services().place).all()
    except VidtrailError:
        return set()  # `queue_view` says what is wrong with it
    at_work = [job for job in jobs if job.state in ("queued", "running", "paused")]
    return {name for job in at_work for name in (job.subject, job.video_id) if name}


def _card(record: VideoRecord) -> CardView:
    library = services().library()
    try:
        return card_view(library, record)
    except VidtrailError:  # damaged since the library was opened: this writes it into the catalog
        return card_view(library, library.check(record.video_id))


def remove(video_id: str) -> SaidView:
    """Move a video into the bin."""
    try:
        removed = services().library().bin.put(video_id)
    except VidtrailError as error:
        return SaidView(str(error), wrong=True)
    return removed_said(removed.name, video_id)


def restore(video_id: str) -> SaidView:
    """Take a video out of the bin."""
    try:
        library = services().library()
        library.bin.restore(video_id)
        return SaidView(f"{library.video(video_id).name} is back, with everything noted about it.")
    except VidtrailError as error:
        return SaidView(str(error), wrong=True)


def removed_views() -> tuple[RemovedView, ...]:
    """What can be had back, removed last first."""
    if services().untouched:
        return ()
    return tuple(
        RemovedView(removed.video_id, removed.name, day(removed.at))
        for removed in services().library().bin.all()
    )


def empty_bin() -> SaidView:
    try:
        gone = services().library().bin.empty()
    except VidtrailError as error:
        return SaidView(str(error), wrong=True)
    return SaidView(f"{counted(gone, 'video')} deleted for good.")


def read_again(video_id: str, chosen: str) -> SaidView | None:
    """Read on where a video was interrupted, or anew where it is damaged.

    chosen: the profile for one that was read with models given by hand, which nobody has here.
    """
    try:
        library = services().library()
        record = library.video(video_id)
        if record.state == "damaged":
            library.bin.put(video_id)
        name = record.profile_name if record.profile_name in NAMES else chosen
        Jobs(services().place).put("add", record.path, name)
    except VidtrailError as error:
        return SaidView(str(error), wrong=True)
    return None


def coverage_of(video_id: str) -> CoverageView:
    try:
        library = services().library()
        record = library.video(video_id)
        return coverage_view(record, coverage(library, video_id))
    except VidtrailError as error:
        return CoverageView("", error=str(error))


# --- the queue -----------------------------------------------------------------------------------


def queue_view() -> QueueView:
    """The queue as it is now; what is done is only among the ended."""
    try:
        jobs = Jobs(services().place).all()
    except VidtrailError as error:
        return QueueView(error=str(error))
    order = {"running": 0, "queued": 1, "paused": 2, "failed": 3, "cancelled": 4}
    shown = sorted((j for j in jobs if j.state in order), key=lambda job: order[job.state])
    waiting = [job for job in shown if job.state == "queued"]
    running = sum(job.state == "running" for job in shown)
    hidden = {job.job_id for job in waiting[_QUEUED_SHOWN:]}
    place = {job.job_id: k + running for k, job in enumerate(waiting)}
    at = now()
    return QueueView(
        title=queue_title(jobs),
        jobs=tuple(
            job_view(job, at, place.get(job.job_id, 0)) for job in shown if job.job_id not in hidden
        ),
        more=len(hidden),
        active=any(job.active for job in jobs),
        ended=tuple((j.job_id, j.state, j.reason) for j in jobs if j.state in ENDED),
    )


def on_job(kind: str, job_id: int) -> SaidView | None:
    """Pause, resume, cancel, retry or dismiss a job; kinds that nobody knows do nothing."""
    jobs = Jobs(services().place)
    asked = {
        "pause": jobs.pause,
        "resume": jobs.resume,
        "cancel": jobs.cancel,
        "retry": jobs.retry,
        "dismiss": _dismiss,
    }
    try:
        if kind in asked:
            asked[kind](job_id)
    except VidtrailError as error:
        return SaidView(str(error), wrong=True)
    return None


def _dismiss(job_id: int) -> bool:
    """Take a job off the list; a file that was sent for it and became no video goes with it."""
    jobs = Jobs(services().place)
    job = jobs.get(job_id)
    if job is None or not jobs.dismiss(job_id):
        return False
    sent = Path(job.subject)
    library = services().library()
    if sent.parent == library.uploads_folder and not any(
        record.path == job.subject for record in library.videos()
    ):
        sent.unlink(missing_ok=True)
    return True


# --- adding --------------------------------------------------------------------------------------


def profile_views() -> tuple[ProfileView, ...]:
    """The profiles to choose from, with what each is for and what it still needs."""
    views = []
    for name in NAMES:
        chosen = profile(name)
        missing = missing_weights(chosen)
        need = (
            f"Its models ({counted(len(missing), 'file')}) are fetched from the internet first."
            if missing
            else ""
        )
        views.append(ProfileView(name, chosen.description, need, upload_url({"profile": name})))
    return tuple(views)


def usual_profile() -> str:
    """The profile to begin with: the library's, else the best that can be used at once."""
    if not services().untouched:
        used = Counter(
            record.profile_name
            for record in services().library().videos()
            if record.profile_name in NAMES
        )
        if used:
            return used.most_common(1)[0][0]
    at_hand = [name for name in ("balanced", "fast") if not missing_weights(profile(name))]
    return at_hand[0] if at_hand else "demo"


def add_samples() -> SaidView | None:
    """Ask for the videos that come with Vidtrail."""
    samples = sorted(_SAMPLES.glob("*/*.mp4"))
    if not samples:
        return SaidView("There are no sample videos here: the checkout is incomplete.", wrong=True)
    return _put(samples, "demo")


def add_from(text: str, chosen: str) -> SaidView | None:
    """Ask for a file, or for the videos below a folder, of the allowed folders of the server."""
    try:
        return _put(videos_at(text, services().place), chosen)
    except VidtrailError as error:
        return SaidView(str(error), wrong=True)


def _put(paths: Sequence[Path], chosen: str) -> SaidView | None:
    try:
        Jobs(services().place).put_all("add", paths, chosen)
    except VidtrailError as error:
        return SaidView(str(error), wrong=True)
    return None


def folder_view(text: str = "") -> FolderView:
    """An allowed folder; the first one where none is named."""
    among = roots()
    if not among:
        return FolderView(variable=VARIABLE)
    names = tuple(str(root) for root in among)
    try:
        found = listing(allowed(text) if text else among[0])
    except VidtrailError as error:
        return FolderView(roots=names, variable=VARIABLE, error=str(error))
    return FolderView(
        path=str(found.path),
        crumbs=tuple((name, str(path)) for name, path in found.crumbs),
        folders=tuple((name, str(found.path / name)) for name in found.folders),
        files=tuple((name, size(count), str(found.path / name)) for name, count in found.files),
        left_out=found.left_out,
        roots=names,
        variable=VARIABLE,
    )


def is_closed() -> bool:
    """Whether nothing can be added or removed here: the library's folder is read-only."""
    place = services().place
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    return not is_writable(place)
