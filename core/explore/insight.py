"""Everything that is counted for people, of the same objects: for the page and the command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.detections import Bool
from core.errors import QueryError
from core.explore.arms import leading
from core.explore.counts import (
    Counts,
    Intervals,
    counts_over_time,
    interval_for,
    intervals_of,
    kinds_of,
    length_of,
)
from core.explore.dwell import Dwell, in_view, in_zone
from core.explore.line_counts import Crossings, line_counts
from core.explore.movements import Movements, movements, shape_of
from core.explore.occupancy import Occupancy, occupancy
from core.language.sketches import Points, ZonePart
from core.library.library import Library
from core.library.zones import Zone
from core.search.columns import Columns
from core.search.paths import Paths
from core.search.places import Place, areas_of
from core.search.selected import left_out

WALKING = ("person", "dog")
_MOST_BARS = 48
_MOST_PIECES = 8
"""Intervals of a table of movements, where nobody says how long they are."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted. videos: ids, empty for all. kinds: classes, empty for all.

    step_s: length of the intervals, None for one that fits. after_s, before_s: seconds into each
    video. cameras: ids of the videos whose pictures show one and the same view, for all that has a
    place; empty for the one with most objects.
    """

    videos: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    step_s: float | None = None
    after_s: float | None = None
    before_s: float | None = None
    cameras: tuple[str, ...] = ()


class Insight:
    """Counts over one state of a library; everything is made when it is first asked for.

    paths: reads the paths of all tracks. What a person left out is not counted. Raises QueryError
    for a class that there is not, or times that leave nothing.
    """

    def __init__(
        self, library: Library, columns: Columns, paths: Callable[[], Paths], scope: Scope
    ) -> None:
        self.library, self.columns, self.scope = library, columns, scope
        self._paths = paths
        if (scope.after_s or 0.0) >= (np.inf if scope.before_s is None else scope.before_s):
            raise QueryError("The time to count in ends before it begins.")
        unknown = sorted(set(scope.kinds) - set(columns.class_names))
        if unknown:
            known = ", ".join(columns.class_names) or "none yet"
            raise QueryError(f"No video here has a class “{unknown[0]}”: the classes are {known}.")

    @property
    def span(self) -> tuple[float | None, float | None]:
        return self.scope.after_s, self.scope.before_s

    @cached_property
    def paths(self) -> Paths:
        return self._paths()

    @cached_property
    def videos(self) -> Bool:
        """(V,) the videos that are counted in."""
        wanted = self.scope.videos
        chosen = [not wanted or record.video_id in wanted for record in self.columns.videos]
        return np.array(chosen, np.bool_)

    @cached_property
    def of_kind(self) -> Bool:
        """(N,) tracks of the kinds asked for that nobody left out, in all videos, within the time.

        A track is within it where it is in view for any part of it.
        """
        columns = self.columns
        kinds = kinds_of(columns)
        wanted = [columns.class_names.index(kind) for kind in self.scope.kinds]
        keep = ~left_out(columns, self.library)
        keep &= np.isin(kinds, wanted) if wanted else kinds >= 0
        after, before = self.span
        keep &= columns.t1_s >= (-np.inf if after is None else after)
        keep &= columns.t0_s < (np.inf if before is None else before)
        return np.asarray(keep, np.bool_)

    @cached_property
    def keep(self) -> Bool:
        """(N,) the tracks that are counted."""
        if not len(self.columns):
            return np.zeros(0, np.bool_)
        return np.asarray(self.of_kind & self.videos[self.columns.video], np.bool_)

    @cached_property
    def intervals(self) -> Intervals:
        """Pieces of the time of the videos that are counted in."""
        return self._intervals(self.videos)

    def _intervals(self, videos: Bool, most: int = _MOST_BARS) -> Intervals:
        total_s = length_of(self.columns, videos, self.span)
        step_s = self.scope.step_s or interval_for(total_s, most)
        return intervals_of(self.columns, videos, step_s, self.span)

    @cached_property
    def counts(self) -> Counts:
        return counts_over_time(self.columns, self.keep, self.intervals)

    # --- what has a place ------------------------------------------------------------------------

    @cached_property
    def cameras(self) -> Bool:
        """(V,) the videos of the one view that places are counted in."""
        columns, wanted = self.columns, self.scope.cameras
        chosen = np.array([r.video_id in wanted for r in columns.videos], np.bool_)
        if not chosen.any():
            many = np.bincount(columns.video[self.keep], minlength=len(columns.videos))
            chosen = np.zeros(len(columns.videos), np.bool_)
            if len(many):
                chosen[int(np.where(self.videos, many, -1).argmax())] = True
        sizes = {(r.width, r.height) for v, r in enumerate(columns.videos) if chosen[v]}
        if len(sizes) > 1:
            raise QueryError(
                "Videos with pictures of different sizes are not of one view: choose one of them, "
                "or those of one camera."
            )
        return chosen

    @property
    def camera(self) -> int:
        """Place of the first video of the view; -1 where there is none."""
        places = np.flatnonzero(self.cameras)
        return int(places[0]) if len(places) else -1

    @cached_property
    def seen(self) -> Bool:
        """(N,) the tracks of the view that are counted."""
        if not len(self.columns):
            return np.zeros(0, np.bool_)
        return np.asarray(self.of_kind & self.cameras[self.columns.video], np.bool_)

    @cached_property
    def view_intervals(self) -> Intervals:
        """Pieces of the time of the videos of the view."""
        return self._intervals(self.cameras, _MOST_PIECES)

    @cached_property
    def movements(self) -> Movements:
        """Of who drives, or of who walks where nobody drives: these have other ways.

        Arms are learned from all of these in the videos of the view, whatever else is asked for.
        """
        ids = tuple(r.video_id for v, r in enumerate(self.columns.videos) if self.cameras[v])
        wide = Scope(kinds=self.moving_kinds, cameras=ids)
        whole = Insight(self.library, self.columns, lambda: self.paths, wide)
        found = movements(self.columns, self.paths, np.flatnonzero(whole.seen), self._arm_names())
        mine = self.seen[found.row]
        return replace(
            found,
            row=found.row[mine],
            source=found.source[mine],
            target=found.target[mine],
            followed=found.followed[mine],
            t_s=found.t_s[mine],
            staying=found.staying[self.seen[found.staying]],
        )

    @cached_property
    def moving_kinds(self) -> tuple[str, ...]:
        """The classes that movements are told of together."""
        names = self.columns.class_names
        walks = np.array([name in WALKING for name in names], np.bool_)
        rows = np.flatnonzero(self.seen)
        walking = walks[kinds_of(self.columns)[rows]]
        driving = len(leading(self.paths, rows[~walking])) > 0
        if not driving and (walking.all() or len(leading(self.paths, rows[walking]))):
            return tuple(name for name in names if name in WALKING)
        return tuple(name for name in names if name not in WALKING)

    def _arm_names(self) -> tuple[tuple[str, tuple[float, float]], ...]:
        if self.camera < 0:
            return ()
        (width, height), _ = shape_of(self.columns, self.camera)
        return tuple(
            (name.name, (name.x * width, name.y * height))
            for v in np.flatnonzero(self.cameras)
            for name in self.library.arm_names.of_video(self.columns.videos[v].video_id)
        )

    @cached_property
    def occupancy(self) -> Occupancy:
        shape, _ = shape_of(self.columns, self.camera)
        return occupancy(self.paths, np.flatnonzero(self.seen), shape, self.span)

    def dwell(self, zone: Zone | None = None) -> Dwell:
        """How long objects stay in view, or in a zone of the view."""
        if zone is None:
            return in_view(self.columns, self.keep)
        return in_zone(self.columns, self.paths, self.place(zone.points, line=False), self.seen)

    def crossings(self, points: Points) -> Crossings:
        """Who crosses a line drawn on the view. points: shares of the picture's sides."""
        return line_counts(self.columns, self.paths, self.place(points, line=True), self.seen)

    def place(self, points: Points, *, line: bool) -> Place:
        """What was drawn on the view, as what objects do with it.

        Raises QueryError for too few points.
        """
        if len(points) < (2 if line else 3):
            raise QueryError("A line has two points at least, a zone three.")
        part = ZonePart(points=points, how="crosses" if line else "in")
        return Place(part, areas_of(self.columns, points, self.cameras))

    def zones(self, kind: str) -> list[Zone]:
        """The zones or lines that are kept for the view."""
        if self.camera < 0:
            return []
        found = self.library.zones.of_video(self.columns.videos[self.camera])
        return [zone for zone in found if zone.kind == kind]
