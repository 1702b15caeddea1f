"""What a view colours the points by: asks whoever knows, and keeps the last answers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from functools import lru_cache

import numpy as np

from core.errors import QueryError
from dashboard import map_colours
from dashboard.cluster_desk import cluster_legend
from dashboard.explore_address import Look
from dashboard.explorer import Chart
from dashboard.map_colours import Colouring
from dashboard.services import Services, services
from dashboard.unusual_desk import outlier_colours

_KEPT = 12


class Painter:
    """Colours the points of one library; any thread may ask."""

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Colouring] = OrderedDict()

    def painted(self, chart: Chart, look: Look) -> Colouring:
        """The colours of a view; raises VidtrailError, as `Engine.scores` does."""
        if look.by == "group":  # their names change whenever somebody likes
            return _grouped(chart, look)
        key = (chart.edition, look.by, look.space, look.question)
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        made = self._paint(chart, look)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def _paint(self, chart: Chart, look: Look) -> Colouring:
        columns = chart.columns
        if look.by == "colour":
            return map_colours.by_colour(columns)
        if look.by == "video":
            return map_colours.by_video(columns)
        if look.by == "time":
            return map_colours.by_time(columns)
        if look.by == "unusual":
            scores = outlier_colours(look.space)
            if len(scores) != len(columns):
                raise QueryError("The library has changed meanwhile: look again.")
            return map_colours.by_score(scores, "usual", "unusual")
        if look.by == "question":
            return self._asked(chart, look.question)
        return map_colours.by_kind(columns)

    def _asked(self, chart: Chart, question: str) -> Colouring:
        columns = chart.columns
        if not question:
            return map_colours.nothing(
                columns, "Type a question to see what fits it, and how well."
            )
        scores = np.full(len(columns), np.nan, np.float32)
        found = self._desk.engine().scores(question)
        places = {record.video_id: v for v, record in enumerate(columns.videos)}
        video = np.array([places.get(video_id, -1) for video_id, _ in found], np.int64)
        track = np.array([track_id for _, track_id in found], np.int64)
        score = np.fromiter(found.values(), np.float32, len(found))
        if len(video) != len(columns) or (video < 0).any():
            known = video >= 0
            video, track, score = video[known], track[known], score[known]
        # Columns are ordered by video and track: one number tells each row.
        step = int(columns.track_id.max(initial=0)) + 1
        have = columns.video.astype(np.int64) * step + columns.track_id
        at = np.searchsorted(have, video * step + track)
        if len(at) and (at >= len(have)).any():
            raise QueryError("The library has changed meanwhile: ask again.")
        scores[at] = score
        return map_colours.by_score(scores, "does not fit", f"fits “{question}”")


def _grouped(chart: Chart, look: Look) -> Colouring:
    groups, names = cluster_legend(look.space, look.level)
    if not names:
        return map_colours.nothing(chart.columns, "The groups are not made yet.")
    listed = [names.get(number, "") for number in range(max(names) + 1)]
    return map_colours.by_group(groups, listed)


@lru_cache(maxsize=1)
def _painter(desk: Services) -> Painter:
    return Painter(desk)


def painted(chart: Chart, look: Look) -> Colouring:
    """The colours of a view of this process's library; raises VidtrailError."""
    return _painter(services()).painted(chart, look)
