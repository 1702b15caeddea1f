"""Arrays derived from single videos, kept in a few files, so that each is worked out once.

A pack holds the same named arrays for some videos, one video after another, and is never changed.
What is new goes into a pack of its own; when there are many, the small ones are joined. So adding
a video to thousands reads that video only, and removing one reads nothing. Packs are derived:
what is missing, damaged or of another version is worked out again from the shards.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from core.errors import LibraryError
from core.index.fresh import clear_left_overs, fresh_file
from core.library.files import is_disk_full

_log = logging.getLogger(__name__)

Key = tuple[str, str, tuple[int, ...]]
"""Video id, checksum of its shard, numbers of its edits: as in `Library.stamp`."""
Array = npt.NDArray[Any]
Block = Mapping[str, Array]
Derive = Callable[[Key], Block]

_MAGIC = b"VTPACK1\n"
_ALIGN = 64
_MOST_PACKS = 6
_PIECE_BYTES = 64 << 20  # what is derived is written in pieces of this size: a kill loses one
_ALWAYS_CHECKED_BYTES = 32 << 20
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


@dataclass(frozen=True, slots=True)
class _Pack:
    """Some videos' arrays; path: the file they are mapped from, None where only in memory."""

    keys: tuple[Key, ...]
    arrays: Mapping[str, Array]
    starts: Mapping[str, npt.NDArray[np.int64]]
    path: Path | None = None

    @property
    def n_bytes(self) -> int:
        return sum(array.nbytes for array in self.arrays.values())


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

    def _read(self) -> list[_Pack]:
        """All sound packs; of the others, the videos that are sound."""
        packs = []
        for path in self._files():
            try:
                pack = _opened(path, self._version)
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

    def _saved(self, pack: _Pack) -> _Pack:
        """The same pack, mapped from a new file where one can be written."""
        if not self._writable:
            return pack
        try:
            return _written(self._folder, self._name, self._version, pack)
        except OSError as error:
            reason = "the disk is full" if is_disk_full(error) else str(error)
            _log.warning("what was derived in %s is not kept: %s", self._folder, reason)
            return pack

    def _delete(self, path: Path) -> None:
        if self._writable:
            with contextlib.suppress(OSError):  # on Windows, while another process reads it
                path.unlink(missing_ok=True)

    def _tidied(self, packs: list[_Pack], wanted: frozenset[Key], *, changed: bool) -> list[_Pack]:
        """Packs without those that hold nothing wanted; the small ones joined where many."""
        live = [pack for pack in packs if any(key in wanted for key in pack.keys)]
        small = sorted((pack for pack in live if pack.path is not None), key=lambda p: p.n_bytes)
        dead = [p for p in small if 2 * sum(key in wanted for key in p.keys) < len(p.keys)]
        join = dead if len(small) <= _MOST_PACKS else small[: len(small) - _MOST_PACKS // 2]
        if changed and len(join) > (0 if dead else 1):
            rest = [pack for pack in live if pack not in join]
            one = _together(join, wanted - {key for pack in rest for key in pack.keys})
            saved = self._saved(one)
            if saved.path is not None:
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


def _pieces(blocks: Iterator[tuple[Key, Block]]) -> Iterator[_Pack]:
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


def _pack_of(keys: Sequence[Key], blocks: Sequence[Block]) -> _Pack:
    arrays = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    starts = {
        name: np.cumsum([0, *(len(block[name]) for block in blocks)], dtype=np.int64)
        for name in blocks[0]
    }
    return _Pack(tuple(keys), arrays, starts)


def _together(packs: Sequence[_Pack], wanted: frozenset[Key]) -> _Pack:
    keys = dict.fromkeys(key for pack in packs for key in pack.keys if key in wanted)
    whole = _joined(packs, list(keys), {})
    return _Pack(whole.keys, whole.arrays, whole.starts)


def _joined(
    packs: Sequence[_Pack],
    keys: Sequence[Key],
    left_out: Mapping[Key, LibraryError],
    apart: str = "-",
) -> Gathered:
    """The arrays of these videos; neighbours in a pack are copied at once."""
    where = {key: (n, at) for n, pack in enumerate(packs) for at, key in enumerate(pack.keys)}
    runs: list[tuple[int, int, int]] = []
    for key in keys:
        pack, at = where[key]
        if runs and runs[-1][0] == pack and runs[-1][2] == at:
            runs[-1] = (pack, runs[-1][1], at + 1)
        else:
            runs.append((pack, at, at + 1))
    names = [name for name in packs[0].arrays if not name.startswith(apart)] if packs else []
    arrays, starts = {}, {}
    for name in names:
        slices, sizes = [], [np.zeros(1, np.int64)]
        for pack, first, last in runs:
            bounds = packs[pack].starts[name]
            slices.append(packs[pack].arrays[name][bounds[first] : bounds[last]])
            sizes.append(np.diff(bounds[first : last + 1]))
        arrays[name] = np.concatenate(slices) if slices else packs[0].arrays[name][:0]
        starts[name] = np.cumsum(np.concatenate(sizes), dtype=np.int64)
    views = _Views(packs, [where[key] for key in keys])
    return Gathered(tuple(keys), arrays, starts, left_out, views)


class _Views(Sequence[Block]):
    """The arrays of each video. where: (pack, place in it) of each."""

    def __init__(self, packs: Sequence[_Pack], where: Sequence[tuple[int, int]]) -> None:
        self._packs = packs
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
        n, at = self._where[place]
        pack = self._packs[n]
        return {
            name: array[pack.starts[name][at] : pack.starts[name][at + 1]]
            for name, array in pack.arrays.items()
        }


# --- one file ----------------------------------------------------------------------------------
# magic, length and CRC-32 of the header (8 bytes, little-endian), header (JSON), arrays at
# multiples of 64. The header holds the CRC-32 of each video over its rows of all arrays.


def _written(folder: Path, name: str, version: str, pack: _Pack) -> _Pack:
    """Write a pack; raises OSError."""
    arrays = {n: np.ascontiguousarray(array) for n, array in sorted(pack.arrays.items())}
    listed, at = {}, 0
    for n, array in arrays.items():
        listed[n] = {
            "dtype": array.dtype.str,
            "shape": list(array.shape),
            "at": at,
            "starts": pack.starts[n].tolist(),
        }
        at += -(-array.nbytes // _ALIGN) * _ALIGN
    header = json.dumps(
        {
            "version": version,
            "keys": [[video_id, checksum, list(edits)] for video_id, checksum, edits in pack.keys],
            "crc": [_crc(arrays, pack.starts, place) for place in range(len(pack.keys))],
            "arrays": listed,
            "size": at,
        }
    ).encode()
    content = hashlib.blake2b(header, digest_size=8).hexdigest()
    path = folder / f"{name}-{content}.pack"
    with fresh_file(path) as temporary, temporary.open("wb") as file:
        file.write(_MAGIC)
        file.write(np.array([len(header), zlib.crc32(header)], "<u4").tobytes())
        file.write(header)
        file.write(bytes(_padding(file.tell())))
        for array in arrays.values():
            file.write(_bytes_of(array))
            file.write(bytes(_padding(array.nbytes)))
    _mark(path)
    opened = _opened(path, version)
    if opened is None:
        raise OSError(f"{path} has changed while it was written")
    return opened


def _padding(size: int) -> int:
    return -size % _ALIGN


def _opened(path: Path, version: str) -> _Pack | None:
    """Map a pack; None where it is of another version, or nothing in it is sound.

    Where some videos in it are damaged, the others, in memory. Raises ValueError, OSError for a
    file that is none.
    """
    with path.open("rb") as file:
        lead = file.read(len(_MAGIC) + 8)
        if lead[: len(_MAGIC)] != _MAGIC or len(lead) < len(_MAGIC) + 8:
            raise ValueError("it does not begin as it should")
        length, crc = (int(n) for n in np.frombuffer(lead[len(_MAGIC) :], "<u4"))
        header = file.read(length)
    if len(header) != length or zlib.crc32(header) != crc:
        raise ValueError("its list of contents is not what was written")
    said = json.loads(header)
    if said["version"] != version:
        return None
    begin = len(lead) + length
    begin += _padding(begin)
    state = path.stat()
    if state.st_size != begin + said["size"]:
        raise ValueError("its size is not what was written")
    keys = tuple((str(v), str(c), tuple(map(int, edits))) for v, c, edits in said["keys"])
    arrays = {n: _mapped(path, begin, entry) for n, entry in said["arrays"].items()}
    starts = {n: np.asarray(entry["starts"], np.int64) for n, entry in said["arrays"].items()}
    pack = _Pack(keys, arrays, starts, path)
    if said["size"] <= _ALWAYS_CHECKED_BYTES or state.st_mtime_ns != _mtime_of(path):
        sound = [_crc(arrays, starts, place) == said["crc"][place] for place in range(len(keys))]
        if not all(sound):
            _log.warning(
                "%s is damaged: %d of %d videos are read again", path, sound.count(False), len(keys)
            )
            good = frozenset(key for key, well in zip(keys, sound, strict=True) if well)
            rest = _together([pack], good)
            return _Pack(rest.keys, rest.arrays, rest.starts, None) if good else None
        with contextlib.suppress(OSError):  # a folder that is only read is looked through each time
            _mark(path)
    return pack


def _mapped(path: Path, begin: int, entry: Mapping[str, Any]) -> Array:
    shape, dtype = tuple(entry["shape"]), np.dtype(entry["dtype"])
    if not all(shape):
        return np.zeros(shape, dtype)
    mapped = np.memmap(path, dtype, "r", offset=begin + entry["at"], shape=shape)
    return mapped.view(np.ndarray)  # slices of a memmap are slow to make


def _crc(
    arrays: Mapping[str, Array], starts: Mapping[str, npt.NDArray[np.int64]], place: int
) -> int:
    crc = 0
    for name in sorted(arrays):
        rows = arrays[name][starts[name][place] : starts[name][place + 1]]
        crc = zlib.crc32(_bytes_of(rows), crc)
    return crc


def _bytes_of(rows: Array) -> memoryview:
    return np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data


def _mtime_of(path: Path) -> int:
    """The time stamp of a pack that has been looked through, made from its name.

    A large pack is read whole only where its time is another one: something has written to it.
    """
    return (10**9 + int(path.stem.rpartition("-")[2][:7], 16)) * 10**9


def _mark(path: Path) -> None:
    os.utime(path, ns=(_mtime_of(path), _mtime_of(path)))
