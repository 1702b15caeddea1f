"""What limits a question beside its words: videos, classes, time, duration, size, speed, labels."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from core.detections import Bool, Float32, Float64
from core.errors import QueryError
from core.identity.bonds import current
from core.language.lexicon import CLASS_WORDS
from core.library.library import Library
from core.library.notes import TrackRef
from core.search.columns import Columns
from core.search.paths import Paths
from core.search.scoring import HOLDS
from core.search.selected import left_out, selected_rows
from core.search.votes import class_p

Times = Float64 | float


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits that must all hold; None and empty leave a side open.

    videos: ids; None for all. classes: class words or names of the detector, any of which will do.
    after_s, before_s: time in the video that a track must touch. min/max_duration_s: of the track.
    min/max_size_px: longer side of the track's largest box. min/max_speed: box lengths a second,
    median while it moves; a track that never moves has speed 0. labels: a person's words for the
    track, any of which will do. selection: key of a selection that a track must be in
    (`core.library.selections`). excluded: whether tracks that a person left out are searched too.
    """

    videos: frozenset[str] | None = None
    classes: tuple[str, ...] = ()
    after_s: float | None = None
    before_s: float | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    min_size_px: float | None = None
    max_size_px: float | None = None
    min_speed: float | None = None
    max_speed: float | None = None
    labels: tuple[str, ...] = ()
    selection: str = ""
    excluded: bool = False

    def __post_init__(self) -> None:
        """Raises QueryError for limits that nothing can satisfy."""
        for least, most, what in (
            (self.after_s, self.before_s, "time"),
            (self.min_duration_s, self.max_duration_s, "duration"),
            (self.min_size_px, self.max_size_px, "size"),
            (self.min_speed, self.max_speed, "speed"),
        ):
            if least is not None and most is not None and least > most:
                raise QueryError(
                    f"No object can have a {what} of at least {least:g} and at most {most:g}: "
                    "swap the two limits, or leave one out."
                )

    @property
    def measured(self) -> bool:
        """Whether the paths of the tracks have to be read to tell."""
        limits = (self.min_size_px, self.max_size_px, self.min_speed, self.max_speed)
        return any(limit is not None for limit in limits)

    @property
    def of_objects(self) -> tuple[str, ...]:
        """What is limited that only objects have, in words; a scene cannot be tested for it."""
        limits = (
            ("class", bool(self.classes)),
            ("duration", self.min_duration_s is not None or self.max_duration_s is not None),
            ("size", self.min_size_px is not None or self.max_size_px is not None),
            ("speed", self.min_speed is not None or self.max_speed is not None),
            ("label", bool(self.labels)),
            ("selection", bool(self.selection)),
        )
        return tuple(what for what, limited in limits if limited)

    def touches(self, t0_s: Times, t1_s: Times) -> Bool:
        """Whether spans lie in the time asked for, in part at least; numbers or arrays."""
        after = -np.inf if self.after_s is None else self.after_s
        before = np.inf if self.before_s is None else self.before_s
        return np.asarray((np.asarray(t1_s) >= after) & (np.asarray(t0_s) <= before), np.bool_)

    def within(self, videos: Collection[str] | None) -> Filters:
        """These filters, in some videos only."""
        if videos is None:
            return self
        chosen = frozenset(videos)
        return replace(self, videos=chosen if self.videos is None else self.videos & chosen)


def searched(
    columns: Columns, library: Library, filters: Filters, paths: Callable[[], Paths]
) -> Bool:
    """(N,) the tracks that all filters let through.

    paths: reads the paths of all tracks, asked only where size or speed is limited.
    Raises QueryError for a class that no detector here knows, and a selection that is not kept.
    """
    keep = np.ones(len(columns), np.bool_)
    if filters.selection:
        keep[:] = False
        keep[selected_rows(columns, library, filters.selection)] = True
    if not filters.excluded:
        keep &= ~left_out(columns, library)
    if filters.videos is not None:
        wanted = [record.video_id in filters.videos for record in columns.videos]
        keep &= np.array(wanted, np.bool_)[columns.video]
    keep &= filters.touches(columns.t0_s, columns.t1_s)
    if filters.classes:
        keep &= _of_classes(columns, filters.classes)
    if filters.labels:
        keep &= _labelled(columns, library, filters.labels)
    keep &= _between(columns.t1_s - columns.t0_s, filters.min_duration_s, filters.max_duration_s)
    if filters.measured:
        measured = paths()
        keep &= _between(measured.largest_px, filters.min_size_px, filters.max_size_px)
        keep &= _between(measured.speed, filters.min_speed, filters.max_speed)
    return keep


def _between(values: Float32 | Float64, least: float | None, most: float | None) -> Bool:
    keep = np.ones(len(values), np.bool_)
    if least is not None:
        keep &= values >= least
    if most is not None:
        keep &= values <= most
    return keep


def _of_classes(columns: Columns, classes: tuple[str, ...]) -> Bool:
    keep = np.zeros(len(columns), np.bool_)
    for name in classes:
        if name in CLASS_WORDS:
            keep |= class_p(columns, (name,)) >= HOLDS
        elif name in columns.class_names:
            keep |= columns.votes[:, columns.class_names.index(name)] >= HOLDS
        else:
            known = ", ".join(columns.class_names) or "none yet"
            raise QueryError(f"No video here has a class {name!r}: the classes are {known}.")
    return keep


def _labelled(columns: Columns, library: Library, labels: tuple[str, ...]) -> Bool:
    keep = np.zeros(len(columns), np.bool_)
    for label in library.notes.labels():
        if label.label in labels:
            row = columns_row(columns, current(library, TrackRef(label.video_id, label.track_id)))
            if row >= 0:
                keep[row] = True
    return keep


def columns_row(columns: Columns, ref: TrackRef) -> int:
    """Row of a track, -1 where it cannot be searched."""
    for video, record in enumerate(columns.videos):
        if record.video_id == ref.video_id:
            rows = columns.rows_of(video)
            at = int(rows.start + np.searchsorted(columns.track_id[rows], ref.track_id))
            if at < rows.stop and int(columns.track_id[at]) == ref.track_id:
                return at
    return -1
