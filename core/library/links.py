"""How tracks were put together, as tables: links made, tracklets cut, riders put on what they ride.

Each row keeps its score and what it joined, so that a person can see the reason and undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from core.library import parquet
from core.library.arrow import list_column
from core.library.tables import LinkTable, RideTable, SplitTable
from core.tracking.riders import Composite
from core.tracking.splitting import Split
from core.tracks import Link

LINKS_NAME, SPLITS_NAME, RIDES_NAME = "links.parquet", "splits.parquet", "rides.parquet"


def link_table(links: Sequence[Link]) -> LinkTable:
    return LinkTable(
        earlier_tracklet=np.asarray([x.earlier_tracklet for x in links], np.int32),
        later_tracklet=np.asarray([x.later_tracklet for x in links], np.int32),
        score=np.asarray([x.score for x in links], np.float32),
        appearance=np.asarray([x.appearance for x in links], np.float32),
        motion=np.asarray([x.motion for x in links], np.float32),
        gap_s=np.asarray([x.gap_s for x in links], np.float32),
    )


def split_table(splits: Sequence[Split]) -> SplitTable:
    return SplitTable(
        tracklet=np.asarray([x.tracklet for x in splits], np.int32),
        piece=np.asarray([x.piece for x in splits], np.int32),
        t_s=np.asarray([x.t_s for x in splits], np.float64),
        score=np.asarray([x.score for x in splits], np.float32),
    )


def ride_table(composites: Sequence[Composite]) -> RideTable:
    return RideTable(
        track_id=np.asarray([x.track_id for x in composites], np.int32),
        t0_s=np.asarray([x.t0_s for x in composites], np.float64),
        t1_s=np.asarray([x.t1_s for x in composites], np.float64),
        p=np.asarray([x.p for x in composites], np.float32),
        absorbed=np.asarray([x.absorbed for x in composites], np.bool_),
        rider_tracklets=tuple(x.rider_tracklets for x in composites),
        wheeler_tracklets=tuple(x.wheeler_tracklets for x in composites),
        numbers=tuple(x.numbers for x in composites),
    )


def link_columns(links: LinkTable) -> dict[str, Any]:
    return {
        "earlier_tracklet": links.earlier_tracklet,
        "later_tracklet": links.later_tracklet,
        "score": links.score,
        "appearance": links.appearance,
        "motion": links.motion,
        "gap_s": links.gap_s,
    }


def links_of(table: pa.Table) -> LinkTable:
    """The inverse of `link_columns`."""
    return LinkTable(
        earlier_tracklet=parquet.column(table, "earlier_tracklet", np.int32),
        later_tracklet=parquet.column(table, "later_tracklet", np.int32),
        score=parquet.column(table, "score", np.float32),
        appearance=parquet.column(table, "appearance", np.float32),
        motion=parquet.column(table, "motion", np.float32),
        gap_s=parquet.column(table, "gap_s", np.float32),
    )


def split_columns(splits: SplitTable) -> dict[str, Any]:
    return {
        "tracklet": splits.tracklet,
        "piece": splits.piece,
        "t_s": splits.t_s,
        "score": splits.score,
    }


def splits_of(table: pa.Table) -> SplitTable:
    """The inverse of `split_columns`."""
    return SplitTable(
        tracklet=parquet.column(table, "tracklet", np.int32),
        piece=parquet.column(table, "piece", np.int32),
        t_s=parquet.column(table, "t_s", np.float64),
        score=parquet.column(table, "score", np.float32),
    )


def ride_columns(rides: RideTable) -> dict[str, Any]:
    return {
        "track_id": rides.track_id,
        "t0_s": rides.t0_s,
        "t1_s": rides.t1_s,
        "p": rides.p,
        "absorbed": rides.absorbed,
        "rider_tracklets": list_column(rides.rider_tracklets),
        "wheeler_tracklets": list_column(rides.wheeler_tracklets),
        "numbers": parquet.numbers_array(rides.numbers),
    }


def rides_of(table: pa.Table) -> RideTable:
    """The inverse of `ride_columns`."""
    return RideTable(
        track_id=parquet.column(table, "track_id", np.int32),
        t0_s=parquet.column(table, "t0_s", np.float64),
        t1_s=parquet.column(table, "t1_s", np.float64),
        p=parquet.column(table, "p", np.float32),
        absorbed=parquet.column(table, "absorbed", np.bool_),
        rider_tracklets=tuple(tuple(x) for x in table.column("rider_tracklets").to_pylist()),
        wheeler_tracklets=tuple(tuple(x) for x in table.column("wheeler_tracklets").to_pylist()),
        numbers=parquet.numbers(table, "numbers"),
    )
