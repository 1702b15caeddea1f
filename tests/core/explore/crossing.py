"""Hand-made traffic over a junction of four arms, and the columns and paths that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from core.library.catalog import VideoRecord
from core.search.columns import Columns, columns_of
from core.search.paths import Paths
from tests.core.explore.hand_paths import paths_of

WIDTH, HEIGHT = 960, 540
SHAPE = (960 / np.sqrt(960 * 540), 540 / np.sqrt(960 * 540))
CLASSES = ("car", "person", "truck")
SIDES = {
    "left": ((0.0, 0.5), (-1.0, 0.0)),
    "right": ((1.0, 0.5), (1.0, 0.0)),
    "top": ((0.5, 0.0), (0.0, -1.0)),
    "bottom": ((0.5, 1.0), (0.0, 1.0)),
}

Way = np.ndarray[Any, np.dtype[np.float64]]


def over(source: str, target: str, shift: float = 0.0) -> Way:
    """Foot points from the middle of one side to that of another, straight or in a bend."""
    a, b = (np.array(SIDES[side][0]) * SHAPE for side in (source, target))
    middle = np.array([0.5, 0.5]) * SHAPE + shift
    t = np.linspace(0.0, 1.0, 26)[:, None]
    return cast("Way", (1 - t) ** 2 * (a + shift) + 2 * t * (1 - t) * middle + t**2 * (b + shift))


def traffic(
    ways: Sequence[Way],
    *,
    kinds: Sequence[int] | None = None,
    starts_s: Sequence[float] | None = None,
    videos: Sequence[int] | None = None,
    duration_s: float = 60.0,
    size: float = 0.06,
) -> tuple[Columns, Paths]:
    """Columns and paths of objects that take these ways, five points a second."""
    n = len(ways)
    of_video = np.array(videos if videos is not None else [0] * n, np.int32)
    many = int(of_video.max(initial=0)) + 1
    t0_s = np.array(starts_s if starts_s is not None else [2.0 * k for k in range(n)], np.float64)
    lasts = np.array([(len(way) - 1) / 5.0 for way in ways])
    votes = np.zeros((n, len(CLASSES)), np.float32)
    votes[np.arange(n), kinds if kinds is not None else [0] * n] = 1.0
    starts = np.concatenate([[0], np.cumsum(np.bincount(of_video, minlength=many))])
    records = tuple(
        cast(
            "VideoRecord",
            SimpleNamespace(
                video_id=f"v{v}", name=f"video {v}.mp4", width=WIDTH, height=HEIGHT,
                duration_s=duration_s,
            ),
        )
        for v in range(many)
    )  # fmt: skip
    shard: Any = SimpleNamespace(meta=SimpleNamespace(ground=None))
    columns = replace(
        columns_of((), ()),
        videos=records,
        shards=(shard,) * many,
        class_names=CLASSES,
        video=of_video,
        track_id=np.arange(1, n + 1, dtype=np.int32),
        t0_s=t0_s,
        t1_s=t0_s + lasts,
        votes=votes,
        starts=starts.astype(np.int64),
    )
    t_s = [t + np.arange(len(way)) / 5.0 for t, way in zip(t0_s, ways, strict=True)]
    return columns, paths_of(ways, t_s, size)
