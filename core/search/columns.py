"""All tracks of a library as columns: one row a track over all videos, so that a question about
any number of them is a few array operations.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32
from core.errors import LibraryError
from core.index.pack_file import Key
from core.index.packs import Block, Gathered, Packs, gathered
from core.library.catalog import VideoRecord
from core.library.library import Library, Stamp
from core.library.shard import Shard
from core.search.described import APART, VERSION, described
from core.search.opened import ByVideo, Shards

_TRACK_NUMBERS = ("event_track", "relation_subject", "relation_other", "relation_third")


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind, ordered by track and time.

    track: (E,) row of the track. at: (E,) row in the video's event table. degrees: (E,) how far it
    turned, NaN where that is no number of the kind.
    """

    track: Int32
    t0_s: Float64
    t1_s: Float64
    p: Float32
    at: Int32
    degrees: Float32

    def __len__(self) -> int:
        return len(self.track)

    @staticmethod
    def none() -> Events:
        whole, real = np.zeros(0, np.int32), np.zeros(0, np.float64)
        small = np.zeros(0, np.float32)
        return Events(whole, real, real, small, whole, small)


@dataclass(frozen=True, slots=True)
class Relations:
    """Relations of one kind; subject, other: (R,) rows of tracks; at: row in the video's table.

    third: (R,) row of the second of the two that the subject is between; else the subject's own.
    """

    subject: Int32
    other: Int32
    third: Int32
    t0_s: Float64
    t1_s: Float64
    p: Float32
    at: Int32


@dataclass(frozen=True, slots=True)
class Columns:
    """The tracks of all videos that can be searched, videos one after another.

    video: (N,) place in `videos`. votes: (N, C) share of the votes for each of `class_names`.
    vocabulary: (V, C) which of them the detector of a video can tell. colour: (N, 12), zeros where
    unknown. motion_known: (N,) False where the track is too short to speak about its motion.
    confidence: (N,) mean of the detector's. best_crop: (N,) crop_id, -1 for none.
    starts: (V + 1,) row of the first track of each video. stamp: what was to be read, damaged
    videos too.
    crop_track: (M,) row of the track that each crop belongs to, videos one after another;
    crop_starts: (V + 1,) the first of each video. measured: kind of event or relation -> (V,)
    whether it was looked for in each video.
    """

    videos: tuple[VideoRecord, ...]
    shards: Sequence[Shard]
    class_names: tuple[str, ...]
    video: Int32
    track_id: Int32
    t0_s: Float64
    t1_s: Float64
    n_boxes: Int32
    confidence: Float32
    votes: Float32
    vocabulary: Bool
    colour: Float32
    motion_known: Bool
    best_crop: Int32
    starts: npt.NDArray[np.int64]
    events: Mapping[str, Events]
    relations: Mapping[str, Relations]
    stamp: Stamp
    crop_track: Int32
    crop_starts: npt.NDArray[np.int64]
    measured: Mapping[str, Bool]
    _merged: dict[tuple[str, ...], tuple[Events, Int32]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __len__(self) -> int:
        return len(self.track_id)

    def events_of(self, kind: str) -> Events:
        return self.events.get(kind) or Events.none()

    def events_of_any(self, kinds: tuple[str, ...]) -> tuple[Events, Int32]:
        """Events of several kinds, ordered by track and time, and (E,) which kind each is of."""
        known = self._merged.get(kinds)
        if known is None:
            known = self._merged[kinds] = _merged([self.events_of(kind) for kind in kinds])
        return known

    def measured_in(self, kinds: Collection[str]) -> Bool:
        """(N,) whether any of these kinds was looked for in the video of each track."""
        none = np.zeros(len(self.videos), np.bool_)
        either = [self.measured[kind] for kind in kinds if kind in self.measured]
        return np.asarray(np.any([none, *either], axis=0)[self.video], np.bool_)

    def shard_of(self, row: int) -> Shard:
        return self.shards[int(self.video[row])]

    def by_video(self) -> Mapping[str, Shard]:
        """The shards by the ids of their videos; each is opened when it is asked for."""
        return ByVideo(self.shards, {r.video_id: v for v, r in enumerate(self.videos)})

    def video_of(self, row: int) -> VideoRecord:
        return self.videos[int(self.video[row])]

    def rows_of(self, video: int) -> slice:
        return slice(int(self.starts[video]), int(self.starts[video + 1]))


def stamp_of(library: Library) -> Stamp:
    """What `Columns.stamp` would be if they were read now: changes when the library does."""
    return library.stamp()


def read_columns(library: Library) -> Columns:
    """What there is to know of every ready video; a damaged one is left out with a warning.

    Derived arrays are kept in `index/columns/`: only videos that are new there are read.
    """
    records = {record.video_id: record for record in library.ready()}
    keys = [key for key in library.stamp() if key[0] in records]

    def derive(key: Key) -> Block:
        # Apart from the shards that the library keeps open: all their tables would fill memory.
        unedited = Shard(library.shard_folder(key[0]))
        if unedited.checksum != key[1]:
            raise LibraryError(f"{unedited.meta.name} has been indexed anew: ask again.")
        return described(library.shard(key[0]) if key[2] else unedited)

    folder = library.index_folder / "columns"
    packs = Packs(folder, "tracks", VERSION, writable=not library.read_only)
    found = packs.gather(keys, derive, APART)
    videos = tuple(records[key[0]] for key in found.keys)
    return _columns(found, videos, Shards(library, found.keys, found.each), tuple(keys))


def columns_of(videos: Sequence[VideoRecord], shards: Sequence[Shard]) -> Columns:
    """The tables of some videos one after another, read now, and nothing kept."""
    keys = [(shard.video_id, shard.checksum, shard.edits) for shard in shards]
    found = gathered(keys, [described(shard) for shard in shards])
    return _columns(found, tuple(videos), tuple(shards), found.keys)


def _columns(
    found: Gathered, videos: tuple[VideoRecord, ...], shards: Sequence[Shard], stamp: Stamp
) -> Columns:
    if not found.keys:
        return replace(_nothing(), stamp=stamp)
    arrays, starts = found.arrays, found.starts["track_id"]
    said = _names(found)
    names = sorted(set().union(*(names["classes"] for names in said)))
    place = {name: k for k, name in enumerate(names)}
    vocabulary = np.zeros((len(videos), len(names)), np.bool_)
    for v, of_video in enumerate(said):
        vocabulary[v, [place[name] for name in of_video["classes"]]] = True
    # A class that nobody voted for is a column that is never written: it takes no memory.
    votes = np.zeros((int(starts[-1]), len(names)), np.float32, order="F")
    column = _renumbered(found, "vote_name", [n["voted"] for n in said], place)
    kept = column >= 0
    rows = _rows(found, "vote_track")
    votes[rows[kept], column[kept]] = arrays["vote_share"][kept]
    track, crop = starts, found.starts["crop_track"]
    return Columns(
        videos=videos,
        shards=shards,
        class_names=tuple(names),
        video=np.repeat(np.arange(len(videos), dtype=np.int32), np.diff(track)),
        track_id=arrays["track_id"],
        t0_s=arrays["t0_s"],
        t1_s=arrays["t1_s"],
        n_boxes=arrays["n_boxes"],
        confidence=arrays["confidence"],
        votes=votes,
        vocabulary=vocabulary,
        colour=arrays["colour"],
        motion_known=arrays["motion_known"],
        best_crop=arrays["best_crop"],
        starts=track,
        events=_events(found, [n["events"] for n in said]),
        relations=_relations(found, [n["relations"] for n in said]),
        stamp=stamp,
        crop_track=_rows(found, "crop_track"),
        crop_starts=crop,
        measured=_measured([n["measured"] for n in said]),
    )


def _nothing() -> Columns:
    whole, real = np.zeros(0, np.int32), np.zeros(0, np.float64)
    small, yes = np.zeros(0, np.float32), np.zeros(0, np.bool_)
    start = np.zeros(1, np.int64)
    return Columns(
        videos=(),
        shards=(),
        class_names=(),
        video=whole,
        track_id=whole,
        t0_s=real,
        t1_s=real,
        n_boxes=whole,
        confidence=small,
        votes=np.zeros((0, 0), np.float32),
        vocabulary=np.zeros((0, 0), np.bool_),
        colour=np.zeros((0, 12), np.float32),
        motion_known=yes,
        best_crop=whole,
        starts=start,
        events={},
        relations={},
        stamp=(),
        crop_track=whole,
        crop_starts=start,
        measured={},
    )


def _measured(lists: Sequence[Sequence[str]]) -> dict[str, Bool]:
    """Kind -> (V,) whether it stands in the list of each video; most have the same list."""
    sets = {id(kinds): frozenset(kinds) for kinds in lists}
    different = list(dict.fromkeys(sets.values()))
    which = np.array([different.index(sets[id(kinds)]) for kinds in lists], np.intp)
    return {
        kind: np.array([kind in kinds for kinds in different], np.bool_)[which]
        for kind in frozenset().union(*different)
    }


def _names(found: Gathered) -> list[Mapping[str, list[str]]]:
    """The lists of names of each video; most videos have the same ones, which are parsed once."""
    known: dict[bytes, Mapping[str, list[str]]] = {}
    texts, starts = found.arrays["names"].tobytes(), found.starts["names"].tolist()
    said = []
    for first, last in pairwise(starts):
        text = texts[first:last]
        if text not in known:
            known[text] = json.loads(text)
        said.append(known[text])
    return said


def _rows(found: Gathered, name: str) -> Int32:
    """Rows of tracks counted within each video, counted over all."""
    first = found.starts["track_id"][:-1].astype(np.int32)
    each = np.diff(found.starts[name])
    return np.asarray(found.arrays[name] + np.repeat(first, each), np.int32)


def _renumbered(
    found: Gathered, name: str, lists: Sequence[Sequence[str]], place: Mapping[str, int]
) -> Int32:
    """Numbers into each video's own list of names as numbers into one list, -1 for none."""
    table = [place.get(word, -1) for words in lists for word in words]
    first = np.cumsum([0, *(len(words) for words in lists)])[:-1].astype(np.int32)
    at = found.arrays[name] + np.repeat(first, np.diff(found.starts[name]))
    return np.asarray(np.asarray(table, np.int32)[at], np.int32)


def _by_kind(
    found: Gathered, prefix: str, lists: Sequence[Sequence[str]]
) -> Iterator[tuple[str, dict[str, npt.NDArray[Any]]]]:
    """The columns of a table, kind by kind, in the order in which they stand."""
    kinds = sorted(set().union(*lists))
    place = {kind: k for k, kind in enumerate(kinds)}
    kind = _renumbered(found, f"{prefix}_kind", lists, place).astype(np.int16)
    order = np.argsort(kind, kind="stable")
    bounds = np.searchsorted(kind[order], np.arange(len(kinds) + 1))
    columns = {
        name.removeprefix(f"{prefix}_"): (
            _rows(found, name) if name in _TRACK_NUMBERS else found.arrays[name]
        )[order]
        for name in found.arrays
        if name.startswith(f"{prefix}_") and name != f"{prefix}_kind"
    }
    for k, word in enumerate(kinds):
        yield word, {name: array[bounds[k] : bounds[k + 1]] for name, array in columns.items()}


def _events(found: Gathered, lists: Sequence[Sequence[str]]) -> dict[str, Events]:
    return {kind: Events(**columns) for kind, columns in _by_kind(found, "event", lists)}


def _relations(found: Gathered, lists: Sequence[Sequence[str]]) -> dict[str, Relations]:
    return {kind: Relations(**columns) for kind, columns in _by_kind(found, "relation", lists)}


def _merged(lists: Sequence[Events]) -> tuple[Events, Int32]:
    """Several lists of events as one, ordered by track, time and list."""
    number = np.repeat(np.arange(len(lists), dtype=np.int32), [len(events) for events in lists])
    if len(lists) == 1:
        return lists[0], number
    whole = joined_events(lists)
    order = np.lexsort((whole.t0_s, whole.track))
    taken = {column.name: getattr(whole, column.name)[order] for column in fields(Events)}
    return Events(**taken), number[order]


def joined_events(parts: Sequence[Events]) -> Events:
    """Several lists of events as one, in the order given."""
    if not parts:
        return Events.none()
    return Events(
        *(np.concatenate([getattr(part, c.name) for part in parts]) for c in fields(Events))
    )
