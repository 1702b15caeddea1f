"""The stored part of an index: one FAISS file, memory-mapped, and a stamp that says what is in it.

The stamp lists the videos in row order with the checksum of the shard each came from. An index
whose
stamp is missing, damaged or does not fit its file is not used: the caller builds a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import psutil

from core.library.files import TEMPORARY, replace_bytes, sync_folder
from core.library.meta import encoder_slug
from core.library.vectors import Vectors

if TYPE_CHECKING:
    import faiss

_log = logging.getLogger(__name__)
_STAMP_FORMAT = 1

What = Literal["crops", "scenes"]


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one video: how many, and the checksum of the shard they were read from."""

    video_id: str
    checksum: str
    rows: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A FAISS index and the blocks it was filled from, in row order."""

    index: faiss.Index
    blocks: tuple[Block, ...]


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


def append(index: faiss.Index, vectors: Vectors) -> None:
    """Add (N, D) float16 rows; they are copied as they are, nothing is computed."""
    if len(vectors):
        index.add_sa_codes(np.ascontiguousarray(vectors).view(np.uint8))


class IndexStore:
    """The files of one encoder's index under `index/<encoder>/`."""

    def __init__(self, index_folder: Path, encoder: str, what: What) -> None:
        self.folder = index_folder / encoder_slug(encoder)
        self._encoder = encoder
        self._what = what
        self._stamp = self.folder / f"{what}.json"

    def load(self, dim: int) -> Stored | None:
        """The stored index, None when there is none that can be trusted."""
        try:
            stamp = json.loads(self._stamp.read_bytes())
            blocks = tuple(Block(**block) for block in stamp["blocks"])
            path = self.folder / str(stamp["file"])
            sound = (
                stamp["format"] == _STAMP_FORMAT
                and stamp["encoder"] == self._encoder
                and stamp["dim"] == dim
                and path.stat().st_size == stamp["size_bytes"]
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("the index %s is damaged and will be rebuilt: %s", self._stamp, error)
            return None
        if not sound:
            _log.warning("the index %s is out of date and will be rebuilt", self._stamp)
            return None
        faiss = faiss_module()
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            _log.warning("the index %s is damaged and will be rebuilt: %s", path, error)
            return None
        if index.d != dim or index.ntotal != sum(block.rows for block in blocks):
            _log.warning("the index %s does not fit its stamp and will be rebuilt", path)
            return None
        return Stored(index, blocks)

    def save(self, stored: Stored) -> None:
        """Write index, then stamp; a reader sees the old pair or the new one. Raises OSError."""
        faiss = faiss_module()
        self.folder.mkdir(parents=True, exist_ok=True)
        blocks = [asdict(block) for block in stored.blocks]
        content = hashlib.blake2b(json.dumps(blocks).encode(), digest_size=8).hexdigest()
        path = self.folder / f"{self._what}-{content}.faiss"
        temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
        self._clear_left_overs()
        try:
            faiss.write_index(stored.index, str(temporary))
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        except RuntimeError as error:  # FAISS reports a failed write without a number
            raise OSError(str(error)) from error
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(self.folder)
        stamp = {
            "format": _STAMP_FORMAT,
            "encoder": self._encoder,
            "dim": stored.index.d,
            "file": path.name,
            "size_bytes": path.stat().st_size,
            "blocks": blocks,
        }
        replace_bytes(self._stamp, json.dumps(stamp, indent=1).encode())
        for old in self.folder.glob(f"{self._what}-*.faiss"):
            if old != path:
                # Another process may have just written it, or (on Windows) still read it.
                with contextlib.suppress(OSError):
                    old.unlink()

    def _clear_left_overs(self) -> None:
        """Delete what processes that were killed while writing have left."""
        for left in self.folder.glob(f"{TEMPORARY}*-*.faiss"):
            number = left.name.removeprefix(TEMPORARY).partition("-")[0]
            if number.isdigit() and not psutil.pid_exists(int(number)):
                left.unlink(missing_ok=True)

    def delete(self) -> None:
        """Forget the stored index; the next use builds it anew."""
        self._stamp.unlink(missing_ok=True)
        for old in self.folder.glob(f"{self._what}-*.faiss"):
            old.unlink(missing_ok=True)


def fits_shards(stored: Stored, block: Block, start: int, vectors: Vectors) -> bool:
    """Whether first, middle and last row of a block are those of the shard."""
    rows: Sequence[int] = sorted({0, block.rows // 2, block.rows - 1}) if block.rows else ()
    return all(
        np.array_equal(
            stored.index.reconstruct(start + row), vectors[row].astype(np.float32), equal_nan=True
        )
        for row in rows
    )
