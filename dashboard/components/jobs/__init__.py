"""The queue: a line a job, with its bar, what is known of it, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.library_views import QueueView

_component = component_of(Path(__file__).parent)


def jobs(queue: QueueView, *, key: str, on_act: Callable[[], None]) -> None:
    """Show the queue. It sends `act`: {n, kind, job}, kind as in `JobView.acts`.

    Lines that stay are kept in place when the data changes, so that the focus stays where it is.
    """
    _component(
        key=key,
        data={
            "title": queue.title,
            "jobs": [asdict(job) for job in queue.jobs],
            "more": queue.more,
        },
        on_act_change=on_act,
    )
