"""One file of arrays of several videos, mapped into memory; what `core.index.packs` is made of.

A file is: magic, length and CRC-32 of the header (8 bytes, little-endian), header (JSON), arrays at
multiples of 64. The header holds the CRC-32 of each video over its rows of all arrays.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.index.fresh import fresh_file

_log = logging.getLogger(__name__)

Key = tuple[str, str, tuple[int, ...]]
"""Video id, checksum of its shard, numbers of its edits: as in `Library.stamp`."""
Array = npt.NDArray[Any]
Starts = npt.NDArray[np.int64]

_MAGIC = b"VTPACK1\n"
_ALIGN = 64
_ALWAYS_CHECKED_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Pack:
    """Some videos' arrays, one video after another.

    starts: (K + 1,) for each array, where each video begins. path: the file they are mapped from,
    None where only in memory.
    """

    keys: tuple[Key, ...]
    arrays: Mapping[str, Array]
    starts: Mapping[str, Starts]
    path: Path | None = None

    @property
    def n_bytes(self) -> int:
        return sum(array.nbytes for array in self.arrays.values())


@dataclass(frozen=True, slots=True)
class Run:
    """Videos that are neighbours in a pack: places `first` to before `last`."""

    pack: Pack
    first: int
    last: int


def runs_of(packs: Sequence[Pack], keys: Sequence[Key]) -> list[Run]:
    """Where some videos lie, in the order asked; raises KeyError for one that no pack holds."""
    where = {key: (n, at) for n, pack in enumerate(packs) for at, key in enumerate(pack.keys)}
    runs: list[Run] = []
    for key in keys:
        n, at = where[key]
        if runs and runs[-1].pack is packs[n] and runs[-1].last == at:
            runs[-1] = Run(packs[n], runs[-1].first, at + 1)
        else:
            runs.append(Run(packs[n], at, at + 1))
    return runs


def slices_of(runs: Sequence[Run], name: str) -> list[Array]:
    """The rows of one array, run by run, not copied."""
    slices = []
    for run in runs:
        starts = run.pack.starts[name]
        slices.append(run.pack.arrays[name][starts[run.first] : starts[run.last]])
    return slices


def starts_of(runs: Sequence[Run], name: str) -> Starts:
    """(K + 1,) where each video begins when the runs stand one after another."""
    sizes = [np.diff(run.pack.starts[name][run.first : run.last + 1]) for run in runs]
    return np.cumsum(np.concatenate([np.zeros(1, np.int64), *sizes]), dtype=np.int64)


def written(folder: Path, name: str, version: str, runs: Sequence[Run]) -> Pack:
    """Write some videos, one or more, as one file and map it, without holding them in memory.

    Raises OSError.
    """
    keys = [key for run in runs for key in run.pack.keys[run.first : run.last]]
    listed, at = {}, 0
    names = sorted(runs[0].pack.arrays)
    for n in names:
        like, starts = runs[0].pack.arrays[n], starts_of(runs, n)
        shape = [int(starts[-1]), *like.shape[1:]]
        listed[n] = {
            "dtype": like.dtype.str,
            "shape": shape,
            "at": at,
            "starts": starts.tolist(),
        }
        at += _whole(int(np.prod(shape)) * like.itemsize)
    crc = [_crc(run.pack, place) for run in runs for place in range(run.first, run.last)]
    header = json.dumps(
        {
            "version": version,
            "keys": [[video_id, checksum, list(edits)] for video_id, checksum, edits in keys],
            "crc": crc,
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
        for n in names:
            for rows in slices_of(runs, n):
                file.write(_bytes_of(rows))
            file.write(bytes(_padding(file.tell())))
    _mark(path)
    pack = opened(path, version)
    if pack is None:
        raise OSError(f"{path} has changed while it was written")
    return pack


def _padding(size: int) -> int:
    return -size % _ALIGN


def _whole(size: int) -> int:
    return size + _padding(size)


def opened(path: Path, version: str) -> Pack | None:
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
    pack = Pack(keys, arrays, starts, path)
    if said["size"] <= _ALWAYS_CHECKED_BYTES or state.st_mtime_ns != _mtime_of(path):
        sound = [_crc(pack, place) == said["crc"][place] for place in range(len(keys))]
        if not all(sound):
            _log.warning(
                "%s is damaged: %d of %d videos are read again", path, sound.count(False), len(keys)
            )
            return _in_memory(pack, sound) if any(sound) else None
        with contextlib.suppress(OSError):  # a folder that is only read is looked through each time
            _mark(path)
    return pack


def _mapped(path: Path, begin: int, entry: Mapping[str, Any]) -> Array:
    shape, dtype = tuple(entry["shape"]), np.dtype(entry["dtype"])
    if not all(shape):
        return np.zeros(shape, dtype)
    mapped = np.memmap(path, dtype, "r", offset=begin + entry["at"], shape=shape)
    return mapped.view(np.ndarray)  # slices of a memmap are slow to make


def _in_memory(pack: Pack, kept: Sequence[bool]) -> Pack:
    """A copy of some of a pack's videos."""
    keys = [key for key, keep in zip(pack.keys, kept, strict=True) if keep]
    runs = runs_of([pack], keys)
    arrays = {name: np.concatenate(slices_of(runs, name)) for name in pack.arrays}
    return Pack(tuple(keys), arrays, {name: starts_of(runs, name) for name in pack.arrays})


def _crc(pack: Pack, place: int) -> int:
    crc = 0
    for name in sorted(pack.arrays):
        starts = pack.starts[name]
        crc = zlib.crc32(_bytes_of(pack.arrays[name][starts[place] : starts[place + 1]]), crc)
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
