"""Hand-made tracks on one street: vehicles that drive along lanes, people who walk beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from core.library.catalog import VideoRecord
from core.search.columns import Columns, Events, columns_of
from core.search.paths import Paths
from tests.core.explore.hand_paths import paths_of

CLASSES = ("car", "person")


@dataclass(frozen=True)
class Mover:
    """Goes from one place to another, in box sizes; kind: 0 a car, 1 a person."""

    start: tuple[float, float]
    end: tuple[float, float]
    t0_s: float = 0.0
    t1_s: float = 4.0
    kind: int = 0
    video: int = 0


def lane(count: int, *, y: float = 2.0, video: int = 0, seed: int = 0) -> list[Mover]:
    """Cars that drive to the right along one lane, one after another."""
    shake = np.random.default_rng(seed).normal(0.0, 0.05, (count, 2))
    return [
        Mover((0.0, y + a), (10.0, y + b), 6.0 * k, 6.0 * k + 4.0, video=video)
        for k, (a, b) in enumerate(shake)
    ]


def street(movers: Sequence[Mover], size: float = 0.1) -> tuple[Columns, Paths]:
    """Columns and paths of the movers, which must be ordered by video."""
    n = len(movers)
    videos = max((m.video for m in movers), default=-1) + 1
    of_video = np.array([m.video for m in movers], np.int32)
    votes = np.zeros((n, len(CLASSES)), np.float32)
    votes[np.arange(n), [m.kind for m in movers]] = 1.0
    starts = np.concatenate([[0], np.cumsum(np.bincount(of_video, minlength=videos))])
    columns = replace(
        columns_of((), ()),
        videos=cast("tuple[VideoRecord, ...]", (None,) * videos),
        class_names=CLASSES,
        video=of_video,
        track_id=np.arange(1, n + 1, dtype=np.int32),
        t0_s=np.array([m.t0_s for m in movers]),
        t1_s=np.array([m.t1_s for m in movers]),
        confidence=np.ones(n, np.float32),
        votes=votes,
        motion_known=np.ones(n, np.bool_),
        starts=starts.astype(np.int64),
        events={"u_turn": Events.none()},
    )
    times = [np.arange(m.t0_s, m.t1_s + 1e-6, 0.2) for m in movers]
    ways = [np.linspace(m.start, m.end, len(t)) * size for m, t in zip(movers, times, strict=True)]
    return columns, paths_of(ways, times, size)
