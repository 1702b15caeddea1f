"""The stored part of an index: FAISS files, memory-mapped, and a stamp that says what is in them.

Each file holds the vectors of some videos, one video after another, and is never changed: what is
new goes into a file of its own, and small files are joined. The stamp lists for each file the
videos in row order, with the checksum of the shard each came from and a CRC of its rows. Videos
whose rows are not what was written are read again from their shards; the others stay.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import time
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.detections import Float32
from core.index.fresh import clear_left_overs, fresh_file
from core.library.files import sync_folder, write_bytes
from core.library.meta import encoder_slug
from core.library.vectors import Vectors

if TYPE_CHECKING:
    import faiss

_log = logging.getLogger(__name__)
_STAMP_FORMAT = 2
_ALWAYS_CHECKED_BYTES = 32 << 20
_FORGOTTEN_S = 3600.0

What = Literal["crops", "scenes"]


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one video: how many, the checksum of their shard, and the CRC-32 of the rows."""

    video_id: str
    checksum: str
    rows: int
    crc: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.video_id, self.checksum


@dataclass(frozen=True, slots=True)
class Stored:
    """A FAISS index and the blocks it was filled from, in row order.

    file: where it is kept, "" for in memory only. sound: which blocks hold what was written.
    """

    index: faiss.Index
    blocks: tuple[Block, ...]
    file: str = ""
    sound: tuple[bool, ...] = ()

    def __post_init__(self) -> None:
        if not self.sound:
            object.__setattr__(self, "sound", (True,) * len(self.blocks))

    @property
    def starts(self) -> tuple[int, ...]:
        """Row at which each block begins, and the number of rows."""
        return tuple(accumulate((block.rows for block in self.blocks), initial=0))

    @property
    def codes(self) -> Vectors:
        """(N, D) float16, the rows as they lie in the index; no copy."""
        faiss_ = faiss_module()
        rows, dim = self.index.ntotal, self.index.d
        if not rows:
            return np.zeros((0, dim), np.float16)
        flat = faiss_.rev_swig_ptr(self.index.codes.data(), rows * dim * 2)
        return np.asarray(flat).view(np.float16).reshape(rows, dim)


@cache
def faiss_module() -> Any:
    """FAISS, imported when first needed and told how many threads there are.

    Its switch to BLAS is tuned for machines with many cores; on few, batches of queries against a
    flat index run many times slower without this (measured in `benchmarks/index.py`).
    """
    import faiss

    faiss.cvar.distance_compute_blas_threshold = 800 * (os.cpu_count() or 1)
    return faiss


@contextmanager
def one_thread() -> Iterator[None]:
    """Search with this thread alone: one query is not shared out, and waking others only costs."""
    faiss = faiss_module()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def new_index(dim: int) -> faiss.Index:
    """An empty exact inner-product index that holds float16, bit for bit as the shards do."""
    faiss = faiss_module()
    return faiss.IndexScalarQuantizer(
        dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )


def decoded(vectors: Vectors) -> Float32:
    """(N, D) float16 as float32; far quicker than NumPy does it."""
    if not len(vectors):
        return np.zeros(vectors.shape, np.float32)
    codes = np.ascontiguousarray(vectors).view(np.uint8)
    result: Float32 = new_index(vectors.shape[1]).sa_decode(codes)
    return result


def filled(dim: int, blocks: Sequence[Block], vectors: Iterator[Vectors]) -> Stored:
    """An index of some blocks in memory; their rows are copied as they are, nothing is computed."""
    index = new_index(dim)
    done = []
    for block, rows in zip(blocks, vectors, strict=True):
        codes = np.ascontiguousarray(rows).view(np.uint8)
        if len(rows):
            index.add_sa_codes(codes)
        done.append(replace(block, crc=zlib.crc32(codes.data)))
    return Stored(index, tuple(done))


class IndexStore:
    """The files of one encoder's index under `index/<encoder>/`; several processes may use them."""

    def __init__(self, index_folder: Path, encoder: str, what: What) -> None:
        self.folder = index_folder / encoder_slug(encoder)
        self._encoder = encoder
        self._what = what
        self._stamp = self.folder / f"{what}.json"

    def load(self, dim: int) -> tuple[Stored, ...]:
        """The stored files that can be trusted; damage is told by a warning."""
        try:
            said = json.loads(self._stamp.read_bytes())
            if said["format"] != _STAMP_FORMAT or said["encoder"] != self._encoder:
                _log.warning("the index %s is out of date and will be rebuilt", self._stamp)
                return ()
            listed = [
                (entry, tuple(Block(**block) for block in entry["blocks"]))
                for entry in said["files"]
            ]
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("the index %s is damaged and will be rebuilt: %s", self._stamp, error)
            return ()
        found = (self._file(entry, blocks, dim) for entry, blocks in listed)
        return tuple(stored for stored in found if stored is not None)

    def _file(self, entry: dict[str, Any], blocks: tuple[Block, ...], dim: int) -> Stored | None:
        faiss = faiss_module()
        path = self.folder / str(entry["file"])
        try:
            state = path.stat()
            if state.st_size != entry["size_bytes"]:
                raise RuntimeError("its size is not what was written")
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
            if index.d != dim or index.ntotal != sum(block.rows for block in blocks):
                raise RuntimeError("it does not fit its stamp")
            stored = Stored(index, blocks, path.name)
        except (OSError, RuntimeError) as error:
            _log.warning("the index %s is damaged and will be rebuilt: %s", path, error)
            return None
        if (
            state.st_size > _ALWAYS_CHECKED_BYTES
            and state.st_mtime_ns == entry["mtime_ns"]
            and state.st_ino == entry["inode"]
        ):
            return stored  # nothing has written to it since it was last looked through
        codes, starts = stored.codes, stored.starts
        sound = tuple(
            zlib.crc32(codes[start : start + block.rows].view(np.uint8).data) == block.crc
            for block, start in zip(blocks, starts, strict=False)
        )
        if not all(sound):
            _log.warning(
                "the index %s is damaged: %d of %d videos are rebuilt",
                path, sound.count(False), len(sound),
            )  # fmt: skip
        return replace(stored, sound=sound)

    def write(self, stored: Stored) -> Stored:
        """Keep an index in a new file, and map it; not used before `commit`. Raises OSError."""
        faiss = faiss_module()
        listed = json.dumps([asdict(block) for block in stored.blocks]).encode()
        content = hashlib.blake2b(listed, digest_size=8).hexdigest()
        # A name of its own for each writing: what another process reads is never replaced.
        path = self.folder / f"{self._what}-{content}-{uuid.uuid4().hex[:8]}.faiss"
        try:
            with fresh_file(path) as temporary:
                faiss.write_index(stored.index, str(temporary))
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:  # FAISS reports a failed write without a number
            raise OSError(str(error)) from error
        return replace(stored, index=index, file=path.name)

    def commit(self, files: Sequence[Stored]) -> None:
        """From now on the index is these files; those it was are deleted. Raises OSError."""
        listed = []
        for stored in files:
            state = (self.folder / stored.file).stat()
            listed.append(
                {
                    "file": stored.file,
                    "size_bytes": state.st_size,
                    "mtime_ns": state.st_mtime_ns,
                    "inode": state.st_ino,
                    "blocks": [asdict(block) for block in stored.blocks],
                }
            )
        before = self._listed()
        stamp = {"format": _STAMP_FORMAT, "encoder": self._encoder, "files": listed}
        with fresh_file(self._stamp) as temporary:
            write_bytes(temporary, json.dumps(stamp).encode())
        clear_left_overs(self.folder)
        keep = {stored.file for stored in files}
        for old in self.folder.glob(f"{self._what}-*.faiss"):
            # On Windows another process may still read it.
            with contextlib.suppress(OSError):
                # One that no stamp names yet may be another process's, about to be committed.
                forgotten = old.name in before or time.time() - old.stat().st_mtime > _FORGOTTEN_S
                if old.name not in keep and forgotten:
                    old.unlink()
        sync_folder(self.folder)

    def _listed(self) -> set[str]:
        """The names of the files that the stamp speaks of."""
        try:
            said = json.loads(self._stamp.read_bytes())
            return {str(entry["file"]) for entry in said["files"]}
        except (OSError, ValueError, KeyError, TypeError):
            return set()

    def delete(self) -> None:
        """Forget the stored index; the next use builds it anew."""
        self._stamp.unlink(missing_ok=True)
        for old in self.folder.glob(f"{self._what}-*.faiss"):
            old.unlink(missing_ok=True)
