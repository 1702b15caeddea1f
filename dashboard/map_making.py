"""The maps are made by a job; the page sees to it that there is one, and says how far it is."""

from __future__ import annotations

from core.errors import VidtrailError
from core.ingest.jobs import ANEW, STAGES, Job, Jobs
from dashboard.explore_views import MakingView
from dashboard.explorer import Chart
from dashboard.library_desk import is_closed, usual_profile
from dashboard.services import services
from dashboard.views import counted

_ENDED_BADLY = ("failed", "cancelled")


def making(chart: Chart) -> MakingView:
    """How far the maps of this chart are; asks for them where they lack something."""
    usable = bool(chart.shown.any())
    try:
        jobs = [job for job in Jobs(services().place).all() if job.kind == "map"]
    except VidtrailError as error:
        return MakingView("failed", str(error), usable=usable)
    active = next((job for job in jobs if job.active), None)
    if active is not None:
        return _going_on(active, chart, usable)
    groups = all(found is not None for found in chart.groups.values())
    if chart.whole and groups and not chart.missing:
        return MakingView(usable=usable, late=0 if is_closed() else chart.late)
    bad = [job for job in jobs if job.state in _ENDED_BADLY]
    if bad:
        last = max(bad, key=lambda job: job.job_id)
        why = last.reason if last.state == "failed" else "Making the maps was cancelled."
        return MakingView("failed", why, job=last.job_id, usable=usable)
    if is_closed():
        why = "The library is read-only here, so its maps cannot be made: use `vidtrail map`."
        return MakingView("closed", why, usable=usable)
    if not len(chart.columns):
        return MakingView(usable=usable)
    try:
        number = Jobs(services().place).put(
            "map", services().engine().encoder.name, usual_profile()
        )
    except VidtrailError as error:
        return MakingView("failed", str(error), usable=usable)
    job = Jobs(services().place).get(number)
    return MakingView("making", usable=usable) if job is None else _going_on(job, chart, usable)


def _going_on(job: Job, chart: Chart, usable: bool) -> MakingView:
    what = f"Placing {counted(chart.missing, 'new object')}" if usable else "Making the maps"
    if usable and not chart.missing:
        what = "Bringing the maps up to date"
    at = STAGES.get(job.stage, "") if job.state == "running" else "waiting for its turn"
    return MakingView(
        "making", f"{what}: {at}." if at else f"{what}.", job.share, job.job_id, usable
    )


def lay_out_anew() -> None:
    """Ask for maps laid out with all objects there are now; raises VidtrailError."""
    Jobs(services().place).put("map", f"{ANEW}{services().engine().encoder.name}", usual_profile())


def try_again(job_id: int) -> None:
    """Put a job that failed into the queue again; raises VidtrailError."""
    Jobs(services().place).retry(job_id)
