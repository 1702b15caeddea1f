"""Arrays derived from single videos, kept in a few files, so that each is worked out once.

A pack holds the same named arrays for some videos, one video after another, and is never changed.
What is new goes into a pack of its own; when there are many, the small ones are joined. So adding
a video to thousands reads that video only, and removing one reads nothing. Packs are derived:
what is missing, damaged or of another version is worked out again from the shards.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
import numpy.typing as npt

from core.errors import LibraryError
from core.index.fresh import clear_left_overs
from core.index.pack_file import (
    Array,
    Key,
    Pack,
    Run,
    opened,
    runs_of,
    slices_of,
    starts_of,
    written,
)
from core.library.files import is_disk_full

_log = logging.getLogger(__name__)

Block = Mapping[str, Array]
Derive = Callable[[Key], Block]

_MOST_PACKS = 6
_PIECE_BYTES = 64 << 20  # what is derived is written in pieces of this size: a kill loses one
_AT_ONCE = 64  # videos read ahead of the writing


@dataclass(frozen=True, slots=True)
class Gathered:
    """The arrays of some videos, one after another in the order of `keys`.

    starts: (K + 1,) for each array, where each video begins. left_out: videos that could not be
    read, and why. each: all arrays of each video as they lie in the files, those that were not
    joined too: they take no memory until they are looked at.
    """

    keys: tuple[Key, ...]
    arrays: Mapping[str, Array]
    starts: Mapping[str, npt.NDArray[np.int64]]
    left_out: Mapping[Key, LibraryError]
    each: Sequence[Block] = ()


class Packs:
    """The packs of one kind in one folder; several processes may use them at the same time.

    name: start of the file names. version: what the content is made with; packs of another one
    are not read, and deleted. writable: False where nothing may be written.
    """

    def __init__(self, folder: Path, name: str, version: str, *, writable: bool = True) -> None:
        self._folder = folder
        self._name = name
        self._version = version
        self._writable = writable

    def gather(self, keys: Sequence[Key], derive: Derive, apart: str = "-") -> Gathered:
        """The arrays of these videos; `derive` is asked for those that no pack holds.

        apart: how the names of the arrays begin that are not to be joined.

        derive: must always give the same names, dtypes and trailing shapes; may run in several
        threads; a LibraryError leaves the video out. Videos not in `keys` are dropped from the
        packs in time.
        """
        packs = self._read()
        held = {key for pack in packs for key in pack.keys}
        left_out: dict[Key, LibraryError] = {}
        kept = len(packs)
        for piece in _pieces(_derived([k for k in keys if k not in held], derive, left_out)):
            packs.append(self._saved(piece))
        if self._writable:
            packs = self._tidied(packs, frozenset(keys), changed=len(packs) > kept)
        return _joined(packs, [key for key in keys if key not in left_out], left_out, apart)

    # --- files -------------------------------------------------------------------------------

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}-*.pack"))

    def _read(self) -> list[Pack]:
        """All sound packs; of the others, the videos that are sound."""
        packs = []
        for path in self._files():
            try:
                pack = opened(path, self._version)
            except FileNotFoundError:
                continue  # another process has just joined it with others
            except (OSError, ValueError, KeyError, TypeError) as error:
                _log.warning("%s is damaged and will be made anew: %s", path, error)
                self._delete(path)
                continue
            if pack is None or pack.path is None:
                self._delete(path)
            if pack is not None:
                packs.append(pack if pack.path is not None else self._saved(pack))
        return packs

    def _saved(self, pack: Pack) -> Pack:
        """The same pack, mapped from a new file where one can be written."""
        return self._file_of([Run(pack, 0, len(pack.keys))]) or pack

    def _file_of(self, runs: Sequence[Run]) -> Pack | None:
        """These videos in a new file, None where none can be written."""
        if not self._writable:
            return None
        try:
            return written(self._folder, self._name, self._version, runs)
        except OSError as error:
            reason = "the disk is full" if is_disk_full(error) else str(error)
            _log.warning("what was derived in %s is not kept: %s", self._folder, reason)
            return None

    def _delete(self, path: Path) -> None:
        if self._writable:
            with contextlib.suppress(OSError):  # on Windows, while another process reads it
                path.unlink(missing_ok=True)

    def _tidied(self, packs: list[Pack], wanted: frozenset[Key], *, changed: bool) -> list[Pack]:
        """Packs without those that hold nothing wanted; the small ones joined where many."""
        live = [pack for pack in packs if any(key in wanted for key in pack.keys)]
        small = sorted((pack for pack in live if pack.path is not None), key=lambda p: p.n_bytes)
        dead = [p for p in small if 2 * sum(key in wanted for key in p.keys) < len(p.keys)]
        join = dead if len(small) <= _MOST_PACKS else small[: len(small) - _MOST_PACKS // 2]
        if changed and len(join) > (0 if dead else 1):
            rest = [pack for pack in live if pack not in join]
            missed = wanted - {key for pack in rest for key in pack.keys}
            keys = dict.fromkeys(key for pack in join for key in pack.keys if key in missed)
            saved = self._file_of(runs_of(join, list(keys)))
            if saved is not None:
                live = [*rest, saved]
        if changed:
            clear_left_overs(self._folder)
        keep = {pack.path for pack in live}
        for pack in packs:
            if pack.path is not None and pack.path not in keep:
                self._delete(pack.path)
        return live


def gathered(keys: Sequence[Key], blocks: Sequence[Block]) -> Gathered:
    """The arrays of some videos one after another, in memory."""
    return _joined([_pack_of(keys, blocks)] if keys else [], keys, {})


def _derived(
    keys: Sequence[Key], derive: Derive, left_out: dict[Key, LibraryError]
) -> Iterator[tuple[Key, Block]]:
    """Videos one after another, a few worked out ahead in threads."""

    def one(key: Key) -> Block | LibraryError:
        try:
            return derive(key)
        except LibraryError as error:
            return error

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            for key, block in zip(some, pool.map(one, some), strict=True):
                if isinstance(block, LibraryError):
                    _log.warning("%s", block)
                    left_out[key] = block
                else:
                    yield key, block


def _pieces(blocks: Iterator[tuple[Key, Block]]) -> Iterator[Pack]:
    keys: list[Key] = []
    parts: list[Block] = []
    size = 0
    for key, block in blocks:
        keys.append(key)
        parts.append(block)
        size += sum(array.nbytes for array in block.values())
        if size >= _PIECE_BYTES:
            yield _pack_of(keys, parts)
            keys, parts, size = [], [], 0
    if keys:
        yield _pack_of(keys, parts)


def _pack_of(keys: Sequence[Key], blocks: Sequence[Block]) -> Pack:
    arrays = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    starts = {
        name: np.cumsum([0, *(len(block[name]) for block in blocks)], dtype=np.int64)
        for name in blocks[0]
    }
    return Pack(tuple(keys), arrays, starts)


def _joined(
    packs: Sequence[Pack],
    keys: Sequence[Key],
    left_out: Mapping[Key, LibraryError],
    apart: str = "-",
) -> Gathered:
    """The arrays of these videos; neighbours in a pack are copied at once."""
    runs = runs_of(packs, keys)
    names = [name for name in packs[0].arrays if not name.startswith(apart)] if packs else []
    arrays, starts = {}, {}
    for name in names:
        arrays[name] = np.concatenate([packs[0].arrays[name][:0], *slices_of(runs, name)])
        starts[name] = starts_of(runs, name)
    views = _Views([(run.pack, at) for run in runs for at in range(run.first, run.last)])
    return Gathered(tuple(keys), arrays, starts, left_out, views)


class _Views(Sequence[Block]):
    """The arrays of each video. where: (pack, place in it) of each."""

    def __init__(self, where: Sequence[tuple[Pack, int]]) -> None:
        self._where = where

    def __len__(self) -> int:
        return len(self._where)

    @overload
    def __getitem__(self, place: int) -> Block: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Block]: ...

    def __getitem__(self, place: int | slice) -> Block | Sequence[Block]:
        if isinstance(place, slice):
            return [self[k] for k in range(len(self))[place]]
        pack, at = self._where[place]
        return {
            name: array[pack.starts[name][at] : pack.starts[name][at + 1]]
            for name, array in pack.arrays.items()
        }
