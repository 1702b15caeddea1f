"""The shards of the videos that are searched, opened when something of them is shown."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np

from core.errors import LibraryError
from core.index.pack_file import Key
from core.index.packs import Block
from core.library import parquet
from core.library.library import Library
from core.library.shard import Shard
from core.library.tables import CropTable, Text
from core.search.described import crop_table, path_in
from core.search.packed_numbers import numbers_of
from core.tracks import Path as ObjectPath

_MOST_OPEN = 512


class _Opened(Shard):
    """A shard of which nothing needs to be read that proves a part: it is at hand."""

    def __init__(self, folder: Path, block: Block) -> None:
        super().__init__(folder)
        self._block = block

    def _row(self, track_id: int) -> int:
        ids = self._block["track_id"]
        row = int(np.searchsorted(ids, track_id))
        if row >= len(ids) or int(ids[row]) != track_id:
            raise KeyError(track_id)
        return row

    def path_of(self, track_id: int) -> ObjectPath:
        return path_in(self._block, self._row(track_id))

    def event_numbers(self, row: int) -> Mapping[str, float]:
        return numbers_of(self._block, "shown_event_numbers", row)

    def relation_numbers(self, row: int) -> Mapping[str, float]:
        return numbers_of(self._block, "shown_relation_numbers", row)

    def motion_reason(self, track_id: int) -> str:
        reasons = self._once("motion_reasons", self._read_reasons)
        return str(reasons[self._row(track_id)])

    def _read_reasons(self) -> Text:
        table = parquet.read_table(self.folder / "tracks.parquet", ["motion_reason"])
        return parquet.text(table, "motion_reason")

    def _read_crops(self) -> CropTable:
        return crop_table(self._block)


class Shards(Sequence[Shard]):
    """The shards of some videos, each opened when it is first asked for; any thread may ask.

    Those asked for last stay open, with the tables that were read.
    blocks: for each video, what `described` said of it.
    Raises LibraryError for a video that has gone, or was indexed anew, since.
    """

    def __init__(self, library: Library, keys: Sequence[Key], blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._library = library
        self._keys = tuple(keys)
        # An edited shard knows its edits from when it is made, so these are made at once.
        self._edited = {
            place: library.shard(key[0]) for place, key in enumerate(self._keys) if key[2]
        }
        self._open: OrderedDict[int, Shard] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, place: int) -> Shard: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Shard]: ...

    def __getitem__(self, place: int | slice) -> Shard | Sequence[Shard]:
        if isinstance(place, slice):
            return [self[k] for k in range(len(self))[place]]
        at = range(len(self))[place]
        with self._lock:
            shard = self._edited.get(at) or self._open.get(at)
            if shard is None:
                video_id, checksum, _ = self._keys[at]
                shard = _Opened(self._library.shard_folder(video_id), self._blocks[at])
                if shard.checksum != checksum:
                    raise LibraryError(f"{shard.meta.name} has been indexed anew: ask again.")
                self._open[at] = shard
                if len(self._open) > _MOST_OPEN:
                    self._open.popitem(last=False)
            elif at in self._open:
                self._open.move_to_end(at)
        return shard


@dataclass(frozen=True, slots=True)
class ByVideo(Mapping[str, Shard]):
    """Shards by the ids of their videos; place: where each stands in `shards`."""

    shards: Sequence[Shard]
    place: Mapping[str, int]

    def __getitem__(self, video_id: str) -> Shard:
        return self.shards[self.place[video_id]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.place)

    def __len__(self) -> int:
        return len(self.place)
