"""Asks what is unusual in the library, and puts it into words and addresses for the page."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from core.detections import Float32, Int32
from core.errors import QueryError, VidtrailError
from core.explore.features import Space, features_of
from core.explore.normal import Normal
from core.explore.reasons import compared_with, reason_of
from core.explore.scene_anomaly import Peak, scene_levels, timeline_of
from core.explore.survey import Survey, survey
from core.explore.unusual import FEWEST, RARE, by_looks, nearest_normal
from core.explore.views import views_of
from core.index.vectors import VectorIndex
from core.library.library import Library
from core.search.columns import Columns
from core.search.filters import Filters
from core.search.selected import left_out, selected_rows
from dashboard.links import crop_url, still_url, watch_url
from dashboard.object_cards import card_id, kind_of
from dashboard.services import services
from dashboard.unusual_views import (
    AlikeView,
    Asked,
    ChoicesView,
    OddView,
    OverTimeView,
    PeakView,
    UnusualView,
)
from dashboard.views import clock, counted

_KEPT = 4
_ALIKE = 4
_USUAL_WAYS, _WAY_POINTS = 28, 14
_STILL_PX = 640
_PEAKS = 8
_STEEP = float(np.log(0.5) / np.log1p(-RARE))  # what is just rare enough to be listed: half way up
_SELECTIONS = 20
_COUNTED = 200  # objects of a selection, for its words
_FULL_COLOUR = 2.0  # times beyond what 95 of 100 stay below


@dataclass
class _Kept:
    """The last comparisons of one state of the library."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    stamp: Hashable = None
    view: Int32 | None = None
    surveys: OrderedDict[Normal, Survey] = field(default_factory=OrderedDict)


@lru_cache(maxsize=1)
def _kept() -> _Kept:
    return _Kept()


def outlier_colours(space: Space) -> Float32:
    """(N,) in [0, 1] how unusual each object is against all others: 0.5 where 95 of 100 are below.

    Raises VidtrailError where no video can be searched.
    """
    if space == "looks":  # which nothing of the moves is needed for
        engine = services().engine()
        columns = engine.columns
        seen = features_of("looks", columns, engine.index, engine.paths())
        excess = by_looks(columns, seen, ~left_out(columns, engine.library)).excess
    else:
        excess = _survey(Normal()).unusual.excess(space)
    return np.asarray(np.clip(excess / _FULL_COLOUR, 0.0, 1.0), np.float32)


def unusual_view(asked: Asked, most: int) -> UnusualView:
    """What is unusual, most unusual first. most: objects to show."""
    try:
        return _view(asked, most)
    except VidtrailError as error:
        return UnusualView(asked, error=str(error))


def choices(asked: Asked) -> ChoicesView:
    """What can be chosen as normal; nothing where nothing can be searched."""
    try:
        columns, library = services().engine().columns, services().library()
    except VidtrailError:
        return ChoicesView()
    kept = dict(library.selections.latest(_SELECTIONS))
    if asked.selection:
        kept.setdefault(asked.selection, 0.0)
    told = {key: _selection_words(columns, library, key, at) for key, at in kept.items()}
    return ChoicesView(columns.class_names, told, len(columns))


def _selection_words(columns: Columns, library: Library, key: str, at: float) -> str:
    """Such as "12 objects: 9 car, 3 van · selected 24 Mar 10:05"."""
    try:
        rows = selected_rows(columns, library, key)
    except QueryError:
        return "a selection that is not kept any more"
    kinds = Counter(kind_of(columns, int(row)) for row in rows[:_COUNTED])
    what = ", ".join(kind if len(kinds) == 1 else f"{n} {kind}" for kind, n in kinds.most_common(3))
    more = " and more" if len(kinds) > 3 or len(rows) > _COUNTED else ""
    when = f" · selected {time.strftime('%d %b %H:%M', time.localtime(at))}" if at else ""
    return f"{counted(len(rows), 'object')}: {what}{more}{when}"


def _survey(normal: Normal) -> Survey:
    engine, kept = services().engine(), _kept()
    columns = engine.columns
    stamp = (columns.stamp, engine.encoder.name, left_out(columns, engine.library).tobytes())
    with kept.lock:
        if kept.stamp != stamp:
            kept.stamp, kept.view = stamp, views_of(columns.shards)
            kept.surveys.clear()
        if normal not in kept.surveys:
            kept.surveys[normal] = survey(engine, normal, kept.view)
            while len(kept.surveys) > _KEPT:
                kept.surveys.popitem(last=False)
        return kept.surveys[normal]


def _view(asked: Asked, most: int) -> UnusualView:
    space: Space = "looks" if asked.space == "looks" else "moves"
    filters = Filters(
        videos=frozenset(asked.normal) or None,
        classes=asked.kinds,
        after_s=asked.after_s,
        before_s=asked.before_s,
        selection=asked.selection,
    )
    found = _survey(Normal(filters, asked.question))
    columns, unusual = found.columns, found.unusual
    among = np.ones(len(columns), np.bool_)
    if asked.video:
        ids = np.array([record.video_id == asked.video for record in columns.videos], np.bool_)
        among = ids[columns.video]
    among &= ~left_out(columns, services().library())
    rows = unusual.ranked(space, among)
    known = unusual.looks.known if space == "looks" else unusual.moves.known
    untold = ""
    if not known.any():
        untold = (
            f"There is too little to compare with: at least {FEWEST} normal objects are needed. "
            "Take more videos, kinds or time as normal."
        )
    return UnusualView(
        asked,
        normal=compared_with(columns, unusual),
        odd=tuple(_odd(found, space, int(row)) for row in rows[:most]),
        count=len(rows),
        thin=_thin(found) if space == "moves" and not untold else "",
        untold=untold,
        over_time=_over_time(found, space, asked) if asked.video else None,
    )


def _thin(found: Survey) -> str:
    """In how many videos places say nothing; "" where they do in all."""
    columns = found.columns
    known = np.zeros(len(columns.videos), np.bool_)
    known[columns.video[found.unusual.place.known]] = True
    few = int((~known).sum())
    if not few:
        return ""
    return (
        f"In {few} of {len(known)} videos only the course and the pace of ways are compared, not "
        f"their places: the camera moves, or fewer than {FEWEST} normal objects of one kind were "
        "seen from there."
    )


def _odd(found: Survey, space: Space, row: int) -> OddView:
    columns, unusual = found.columns, found.unusual
    record, track_id = columns.video_of(row), int(columns.track_id[row])
    t0_s, t1_s = float(columns.t0_s[row]), float(columns.t1_s[row])
    at_s = t0_s
    drawn: dict[str, Any] = {}
    if space == "moves":
        _, _, at_s = unusual.when(row)
        drawn = {
            "still": still_url(record.video_id, at_s, _STILL_PX),
            "size": (record.width, record.height),
            "path": _way(found, row, _WAY_POINTS * 2),
            "usual": _usual_ways(found, row),
        }
    normal = unusual.normal
    if space == "moves":  # a van is shown beside vans and cars rather than beside people
        normal = normal & (unusual.flow.kind == unusual.flow.kind[row])
    others = nearest_normal(columns, found.features[space], normal, row, _ALIKE)
    return OddView(
        id=card_id(columns, row),
        title=_title(found, row),
        reason=reason_of(columns, unusual, space, row),
        rarity=_rarity(float(unusual.p(space)[row])),
        video=record.name,
        span=f"{clock(t0_s, 1)} – {clock(t1_s, 1)}",
        picture=_crop(found, row),
        watch=watch_url(record.video_id, max(at_s - 1.0, t0_s), track_id),
        alike=tuple(
            AlikeView(
                _title(found, other),
                _crop(found, other),
                watch_url(
                    columns.video_of(other).video_id,
                    float(columns.t0_s[other]),
                    int(columns.track_id[other]),
                ),
            )
            for other in others
        ),
        **drawn,
    )


def _title(found: Survey, row: int) -> str:
    return f"{kind_of(found.columns, row)} #{int(found.columns.track_id[row])}"


def _crop(found: Survey, row: int) -> str | None:
    crop_id = int(found.columns.best_crop[row])
    return None if crop_id < 0 else crop_url(found.columns.video_of(row).video_id, crop_id)


def _rarity(p: float) -> str:
    return f"as rare as 1 in {max(round(1.0 / max(p, 1e-6)), 1):,} normal objects"


def _usual_ways(found: Survey, row: int) -> tuple[str, ...]:
    """Ways of normal objects of the same kind in the same view, spread evenly over them."""
    flow = found.unusual.flow
    others = np.flatnonzero(
        flow.normal
        & (flow.view == flow.view[row])
        & (flow.kind == flow.kind[row])
        & (np.arange(len(flow.kind)) != row)
    )
    some = others[np.linspace(0, len(others) - 1, min(len(others), _USUAL_WAYS)).astype(int)]
    return tuple(way for other in some.tolist() if (way := _way(found, other, _WAY_POINTS)))


def _way(found: Survey, row: int, most: int) -> str:
    """A path as "x,y x,y ..." in pixels of the picture, at most so many points."""
    record = found.columns.video_of(row)
    unit = float(np.sqrt(record.width * record.height))
    points = found.paths.xy[found.paths.points_of(row)] * unit
    if len(points) < 2:
        return ""
    kept = points[np.linspace(0, len(points) - 1, min(len(points), most)).astype(int)]
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in kept)


def _over_time(found: Survey, space: Space, asked: Asked) -> OverTimeView | None:
    columns, engine = found.columns, services().engine()
    places = [v for v, record in enumerate(columns.videos) if record.video_id == asked.video]
    if not places:
        return None
    video, record = places[0], columns.videos[places[0]]
    index = VectorIndex.open(engine.library, engine.encoder.name, "scenes")
    usual = np.unique(columns.video[found.unusual.normal]).tolist()
    scenes = scene_levels(columns, index, usual)
    line = timeline_of(columns, scenes, found.unusual, space, video)
    length = max(float(record.duration_s), 1.0)
    return OverTimeView(
        video_id=record.video_id,
        video=record.name,
        length=clock(length),
        scene=_line(line.scene),
        objects=_line(line.objects),
        peaks=tuple(_peak(found, space, video, peak, length) for peak in line.peaks[:_PEAKS]),
    )


def _line(level: Float32) -> str:
    """Steps of a second as an SVG polyline in a box of 1000 by 100, the most unusual on top."""
    edges = np.repeat(np.arange(len(level) + 1) / len(level) * 1000.0, 2)[1:-1]
    heights = np.repeat(100.0 - 100.0 * level**_STEEP, 2)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(edges, heights, strict=True))


def _peak(found: Survey, space: Space, video: int, peak: Peak, length: float) -> PeakView:
    record = found.columns.videos[video]
    text, track_id, picture = "the whole picture is unlike normal ones", None, None
    if peak.row >= 0:
        reason = reason_of(found.columns, found.unusual, space, peak.row)
        text, picture = f"{_title(found, peak.row)} {reason}", _crop(found, peak.row)
        track_id = int(found.columns.track_id[peak.row])
    return PeakView(
        text=text,
        span=f"{clock(peak.t0_s)} – {clock(min(peak.t1_s, length))}",
        watch=watch_url(record.video_id, peak.t0_s, track_id),
        left=peak.t0_s / length,
        width=max(min(peak.t1_s, length) - peak.t0_s, 0.5) / length,
        picture=picture,
    )
