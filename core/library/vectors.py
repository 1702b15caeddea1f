"""Vectors as plain float16 `.npy` files, memory-mapped: row for row beside their table."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.library.files import FileStamp, FileWriter
from core.library.parquet import damaged

Vectors = npt.NDArray[np.float16]


def write_vectors(path: Path, vectors: Vectors, rows: int) -> FileStamp:
    """Write (rows, D) float16. Raises ValueError for any other shape."""
    if vectors.ndim != 2 or len(vectors) != rows:
        raise ValueError(f"expected {rows} vectors for {path.name}; got shape {vectors.shape}")
    array = np.ascontiguousarray(vectors, np.float16)
    with FileWriter(path) as file:
        file.write(_header(*array.shape))
        if array.size:
            file.write(array)
    return file.stamp


def read_vectors(path: Path, rows: int, dim: int) -> Vectors:
    """Memory-map (rows, dim) float16; raises LibraryError when the file is anything else.

    The header must be the one expected, byte for byte. `np.load` would parse it as Python, which
    Python 3.11 cannot safely do in several threads at once ("AST constructor recursion depth").
    """
    expected = _header(rows, dim)
    try:
        with path.open("rb") as file:
            sound = file.read(len(expected)) == expected
        sound = sound and path.stat().st_size == len(expected) + 2 * rows * dim
        if sound and rows and dim:
            return np.memmap(path, np.float16, "r", offset=len(expected), shape=(rows, dim))
    except OSError as error:
        raise damaged(path, error) from error
    if not sound:
        raise damaged(path, "its shape is not the one expected")
    return np.zeros((rows, dim), np.float16)


def _header(rows: int, dim: int) -> bytes:
    buffer = io.BytesIO()
    about = {"descr": "<f2", "fortran_order": False, "shape": (rows, dim)}
    np.lib.format.write_array_header_2_0(buffer, about)  # type: ignore[no-untyped-call]
    return buffer.getvalue()
