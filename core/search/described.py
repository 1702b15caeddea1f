"""What a question needs to know of one video, as plain arrays: derived once, kept beside the index.

`described` reads the tables of a shard. Names (of classes and kinds) are numbers into lists that
stand, as JSON, in the array `names`; rows of tracks are counted within the video.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from core.index.packs import Block
from core.library.shard import Shard
from core.library.tables import CropTable, EventTable, RelationTable
from core.search.packed_numbers import packed
from core.tracking.classes import RIDDEN
from core.tracks import Path

VERSION = "4"
APART = "shown_"
_ONE_CLASS = 0.999
_NO_PATH = Path(
    np.zeros(0, np.int32),
    np.zeros(0),
    np.zeros((0, 4), np.float32),
    np.zeros(0, np.float32),
    np.zeros(0, np.bool_),
)


def described(shard: Shard) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of one video. Raises LibraryError for a damaged one.

    names: (B,) uint8, JSON with `classes` (of the detector, ridden ones too), `voted`, `events`,
    `relations`, `measured` (kinds of these two that were looked for). track_*: (T,); colour:
    (T, 12). vote_*: one row a class that got votes. event_*: ordered by track and time.
    relation_*: in the order of the table.
    crop_track: (C,) row of the track that each crop belongs to.
    shown_*: what proves a part; wanted of few tracks of many videos, so it is looked up where it
    lies and no table is read: (C,) the table of crops; boxes: (T,) how many each path has; box_*:
    (B,) the paths, track by track; event_numbers*, relation_numbers*: as `packed_numbers` says.
    """
    table, crops = shard.tracks(), shard.crops()
    votes = _votes(shard)
    events = _events(shard.events(), table.track_id)
    relations = _relations(shard.relations(), table.track_id)
    names = {
        "classes": sorted(with_riders(shard.meta.class_names)),
        "voted": votes[0],
        "events": events[0],
        "relations": relations[0],
        "measured": sorted({*shard.meta.measures, *events[0], *relations[0]}),
    }
    return {
        "names": np.frombuffer(json.dumps(names).encode(), np.uint8),
        "track_id": table.track_id,
        "t0_s": table.t0_s,
        "t1_s": table.t1_s,
        "n_boxes": table.n_boxes,
        "confidence": table.confidence,
        "colour": table.colour.reshape(-1, 12).astype(np.float32),
        "motion_known": table.motion_known,
        "best_crop": table.best_crop,
        **votes[1],
        **events[1],
        **relations[1],
        "crop_track": np.searchsorted(table.track_id, crops.track_id).astype(np.int32),
        "shown_frame": crops.frame,
        "shown_t_s": crops.t_s,
        "shown_xyxy": crops.xyxy,
        "shown_quality": crops.quality,
        "shown_colour": crops.colour.reshape(-1, 12).astype(np.float32),
        "shown_track_id": crops.track_id,
        **_boxes(shard),
        **packed(shard.events().numbers, f"{APART}event_numbers"),
        **packed(shard.relations().numbers, f"{APART}relation_numbers"),
    }


def _boxes(shard: Shard) -> Block:
    paths = [shard.path_of(int(track_id)) for track_id in shard.tracks().track_id]
    whole = [_NO_PATH, *paths]
    return {
        "shown_boxes": np.array([len(path) for path in paths], np.int64),
        **{
            f"shown_box_{column.name}": np.concatenate([getattr(p, column.name) for p in whole])
            for column in fields(Path)
        },
    }


def path_in(block: Block, row: int) -> Path:
    """The path of the track in a row, from what was `described`: mapped, not read."""
    first = int(block["shown_boxes"][:row].sum())
    rows = slice(first, first + int(block["shown_boxes"][row]))
    return Path(*(block[f"shown_box_{column.name}"][rows] for column in fields(Path)))


def crop_table(block: Block) -> CropTable:
    """The crops of a video as they stood in its shard, from what was `described`."""
    return CropTable(
        crop_id=np.arange(len(block["shown_frame"]), dtype=np.int32),
        track_id=block["shown_track_id"],
        frame=block["shown_frame"],
        t_s=block["shown_t_s"],
        xyxy=block["shown_xyxy"],
        quality=block["shown_quality"],
        colour=block["shown_colour"],
    )


def with_riders(class_names: Sequence[str]) -> set[str]:
    """The classes of a detector, and what its two-wheelers are called with somebody on them."""
    return {*class_names, *(RIDDEN[name] for name in class_names if name in RIDDEN)}


def _votes(shard: Shard) -> tuple[list[str], Block]:
    """Only few classes get votes for a track: one row each."""
    table = shard.tracks()
    rows: list[tuple[int, str, float]] = []
    for row, (name, share) in enumerate(
        zip(table.class_name.tolist(), table.class_confidence.tolist(), strict=True)
    ):
        cast = {name: 1.0} if share >= _ONE_CLASS else shard.votes(int(table.track_id[row]))
        rows += [(row, voted, weight) for voted, weight in cast.items()]
    names = sorted({name for _, name, _ in rows})
    place = {name: k for k, name in enumerate(names)}
    return names, {
        "vote_track": np.array([row for row, _, _ in rows], np.int32),
        "vote_name": np.array([place[name] for _, name, _ in rows], np.int16),
        "vote_share": np.array([weight for _, _, weight in rows], np.float32),
    }


def _numbered(kinds: npt.NDArray[np.str_]) -> tuple[list[str], npt.NDArray[np.int16]]:
    names, number = np.unique(kinds, return_inverse=True)
    return [str(name) for name in names], number.astype(np.int16)


def _events(table: EventTable, track_id: npt.NDArray[np.int32]) -> tuple[list[str], Block]:
    names, kind = _numbered(table.kind)
    rows = np.searchsorted(track_id, table.track_id).astype(np.int32)
    order = np.lexsort((table.t0_s, rows))
    degrees = np.array([_degrees(numbers) for numbers in table.numbers], np.float32)
    return names, {
        "event_kind": kind[order],
        "event_track": rows[order],
        "event_t0_s": table.t0_s[order],
        "event_t1_s": table.t1_s[order],
        "event_p": table.p[order],
        "event_at": order.astype(np.int32),
        "event_degrees": degrees[order],
    }


def _degrees(numbers: Mapping[str, float]) -> float:
    return numbers.get("degrees", float("nan"))


def _relations(table: RelationTable, track_id: npt.NDArray[np.int32]) -> tuple[list[str], Block]:
    names, kind = _numbered(table.kind)
    third = [n.get("third_id", s) for n, s in zip(table.numbers, table.subject_id, strict=True)]
    return names, {
        "relation_kind": kind,
        "relation_third": np.searchsorted(track_id, np.array(third, np.int32)).astype(np.int32),
        "relation_subject": np.searchsorted(track_id, table.subject_id).astype(np.int32),
        "relation_other": np.searchsorted(track_id, table.object_id).astype(np.int32),
        "relation_t0_s": table.t0_s,
        "relation_t1_s": table.t1_s,
        "relation_p": table.p,
        "relation_at": np.arange(len(table), dtype=np.int32),
    }
