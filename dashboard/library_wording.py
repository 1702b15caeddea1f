"""From the core's records, jobs and coverage to what the library page shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from core.ingest.jobs import STAGES, Job
from core.language.plurals import plural
from core.library.catalog import VideoRecord
from core.library.coverage import Coverage
from core.library.library import Library
from core.terminal import minutes
from dashboard.library_views import CardView, CoverageView, JobView, SaidView
from dashboard.links import poster_url, watch_url
from dashboard.palette import class_colours
from dashboard.views import clock, counted

_KINDS = 3
_STALLED_S = 60.0
_SLOWEST = 0.1
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def day(at: float, today: datetime | None = None) -> str:
    """A moment as people of this server write it: "today 14:05", "3 Nov", "3 Nov 2024"."""
    then, now = datetime.fromtimestamp(at), today or datetime.now()
    if then.date() == now.date():
        return f"today {then:%H:%M}"
    year = "" if then.year == now.year else f" {then.year}"
    return f"{then.day} {then:%b}{year}"


def card_view(library: Library, record: VideoRecord) -> CardView:
    """A video as a card; reads which kinds of objects were found in one that is ready."""
    missing = not Path(record.path).is_file()
    counts: list[tuple[str, int]] = []
    if record.state == "ready" and record.n_tracks:
        names = library.shard(record.video_id).tracks().class_name.tolist()
        counts = Counter(names).most_common()
    shown = counts[:_KINDS] if len(counts) != _KINDS + 1 else counts[: _KINDS + 1]
    colours = class_colours([name for name, _ in shown])
    return CardView(
        id=record.video_id,
        name=record.name,
        length=clock(record.duration_s),
        state="interrupted" if record.state == "ingesting" else record.state,
        error=_trouble(record, missing),
        poster=poster_url(record.video_id) if record.state == "ready" or not missing else "",
        watch=watch_url(record.video_id),
        found=tuple(
            (f"{count:,} {name if count == 1 else plural(name)}", *pair)
            for (name, count), pair in zip(shown, colours, strict=True)
        ),
        more=sum(count for _, count in counts[len(shown) :]),
        nothing="" if counts or record.state != "ready" else "No objects found",
        about=f"{day(record.added_at)} · {record.profile_name}",
        done=min(1.0, record.done_s / record.duration_s) if record.duration_s > 0 else 0.0,
        missing=missing,
        acts=_card_acts(record, missing),
    )


def _trouble(record: VideoRecord, missing: bool) -> str:
    """Why a video cannot be searched and what helps, by what this page offers."""
    if record.state == "ready":
        return ""
    if record.state == "damaged":
        return (
            "Its data in the library is damaged, and its file is gone: it can only be removed."
            if missing
            else "Its data in the library is damaged: read it again."
        )
    read = f"Read up to {clock(record.done_s)} of {clock(record.duration_s)}"
    return f"{read}; its file is gone." if missing else f"{read}; the rest can follow at any time."


def _card_acts(record: VideoRecord, missing: bool) -> tuple[tuple[str, str], ...]:
    remove = ("remove", "Remove")
    if record.state == "ready":
        return (
            ("watch", "Watch"),
            ("search", "Search in it"),
            ("coverage", "What was looked at"),
            remove,
        )
    if missing:
        return (remove,)
    if record.state == "damaged":
        return (("again", "Read it again"), remove)
    return (("continue", "Continue"), remove)


# --- the queue -----------------------------------------------------------------------------------


def queue_title(jobs: Sequence[Job]) -> str:
    """What goes on, in a few words."""
    active = sum(job.active for job in jobs)
    if active:
        return f"Reading · {active:,} to go" if active > 1 else "Reading"
    failed = sum(job.state == "failed" for job in jobs)
    paused = sum(job.state == "paused" for job in jobs)
    said = [f"{failed:,} failed"] * bool(failed) + [f"{paused:,} paused"] * bool(paused)
    return f"Queue · {' · '.join(said)}" if said else "Queue"


def job_view(job: Job, now_s: float, place: int = 0) -> JobView:
    """A job in a line; place: how many wait before it."""
    state = "stopping" if job.state == "running" and job.wanted else job.state
    return JobView(
        id=job.job_id,
        name=_JOB_NAMES[job.kind].format(job.name),
        state=state,
        share=job.share,
        facts=_facts(job, state, now_s, place),
        said=job.reason if job.state == "failed" else "",
        acts=_JOB_ACTS.get(state, ()),
    )


_JOB_NAMES = {"add": "{}", "copy": "Copy of {}", "map": "Maps of what looks and moves alike"}
_JOB_ACTS: dict[str, tuple[tuple[str, str], ...]] = {
    "queued": (("pause", "Pause"), ("cancel", "Cancel")),
    "running": (("pause", "Pause"), ("cancel", "Cancel")),
    "paused": (("resume", "Resume"), ("cancel", "Cancel")),
    "failed": (("retry", "Retry"), ("dismiss", "Dismiss")),
    "cancelled": (("retry", "Start again"), ("dismiss", "Dismiss")),
}


def _facts(job: Job, state: str, now_s: float, place: int) -> tuple[str, ...]:
    percent = f"{job.share:.0%}"
    if state == "queued":
        return ("next" if place == 0 else f"{counted(place, 'video')} before it",)
    if state == "stopping":
        return ("pausing …" if job.wanted == "pause" else "stopping …",)
    if state in ("paused", "cancelled"):
        return (f"{state} at {percent}" if job.share > 0 else state,)
    if state == "failed":
        return ("failed",)
    facts = [STAGES.get(job.stage, job.stage)]
    if job.stage in ("reading", "fetching", "copying"):
        facts.append(percent)
    if job.speed >= _SLOWEST:
        facts.append(f"{job.speed:.1f}× real time")
    if job.left_s is not None:
        facts.append(f"{minutes(job.left_s)} left")
    quiet_s = now_s - job.moved_at
    if quiet_s > _STALLED_S:
        facts.append(f"nothing new for {minutes(quiet_s)}")
    return tuple(facts)


def removed_said(name: str, video_id: str) -> SaidView:
    return SaidView(f"{name} was removed. Its file stays where it is.", undo=video_id)


# --- coverage ------------------------------------------------------------------------------------


def coverage_view(record: VideoRecord, found: Coverage) -> CoverageView:
    """What was looked at, in words."""
    whole = max(found.duration_s, float(found.spans[-1, 1]) if len(found.spans) else 0.0) or 1.0
    strip = [(*row, True) for row in (found.spans / whole).tolist()]
    strip += [(*row, False) for row in (found.gaps / whole).tolist()]
    share = found.share
    return CoverageView(
        name=record.name,
        length=clock(found.duration_s),
        strip=tuple(sorted(strip)),
        strip_said="" if share is None else f"{share:.0%} of {clock(found.duration_s)} looked at",
        facts=tuple(_coverage_facts(record, found)),
        doubts=tuple(_coverage_doubts(found)),
    )


def _coverage_facts(record: VideoRecord, found: Coverage) -> list[tuple[str, str, str]]:
    every = f"of {found.fps:.3g} in the file"
    facts = [
        (
            "Frames looked at",
            f"{found.looked_fps:.3g} a second",
            f"{found.frames:,} in all, {every}. What shows for less than "
            f"{1 / max(found.looked_fps, 1e-6):.2g} s can be missed.",
        )
    ]
    if found.smallest_px is not None:
        size = f"{record.width} × {record.height}"
        facts.append(
            (
                "Smallest that can be found",
                f"about {found.smallest_px:.0f} px",
                f"Shorter side, in the picture of {size} px: below it, an object is less than a "
                f"cell of the grid that the detector looks through.",
            )
        )
    facts.append(
        (
            "Found",
            counted(found.tracks, "object"),
            f"{counted(found.boxes, 'box').replace('boxs', 'boxes')}, of which "
            f"{found.loose_boxes:,} belong to no object: too unsure or too short to follow.",
        )
    )
    return facts


def _coverage_doubts(found: Coverage) -> list[str]:
    doubts = []
    for t0_s, t1_s in found.gaps.tolist():
        doubts.append(f"Nothing was seen from {clock(t0_s, 1)} to {clock(t1_s, 1)}.")
    if found.small_boxes:
        share = found.small_boxes / max(found.boxes, 1)
        doubts.append(
            f"{counted(found.small_tracks, 'object')} and {share:.0%} of all boxes are less than "
            "twice the smallest size: others of that size were probably missed. A profile with a "
            "larger input, such as best, sees smaller ones."
        )
    doubts += [
        f"Of {counted(count, 'object')} the motion is not told: {reason.rstrip('.')}."
        for reason, count in _alike(found.unmeasured)
    ]
    if found.camera_lost_s > 0:
        doubts.append(f"For {minutes(found.camera_lost_s)} it is not known how the camera moved.")
    if not len(found.spans):
        doubts.append(
            "Which frames were looked at was not recorded when this video was read: remove it and "
            "add it again to know."
        )
    return [*doubts, *found.notes]


def _alike(reasons: Mapping[str, int]) -> list[tuple[str, int]]:
    """Reasons that differ by a number only, told as one with the least and the greatest."""
    groups: dict[tuple[str, ...], list[tuple[float, str, int]]] = {}
    for reason, count in reasons.items():
        words = tuple(_NUMBER.split(reason))
        number = _NUMBER.search(reason)
        said = number.group() if number and len(words) == 2 else ""
        key = words if said else (reason,)
        groups.setdefault(key, []).append((float(said or 0), said, count))
    told = []
    for words, found in groups.items():
        least, most = min(found)[1], max(found)[1]
        span = least if least == most else f"{least} to {most}"
        told.append((span.join(words), sum(count for *_, count in found)))
    return told
