"""NumPy arrays as Arrow columns and back, by their memory.

Arrow's own conversions import pandas where it is installed: half a second and 40 MB in every
process that only wants to read a few columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_TYPES: dict[str, tuple[Any, type[np.generic]]] = {
    "int32": (pa.int32(), np.int32),
    "int64": (pa.int64(), np.int64),
    "float32": (pa.float32(), np.float32),
    "float64": (pa.float64(), np.float64),
}
_BACK = {str(arrow): numpy for arrow, numpy in _TYPES.values()}


def number_column(values: npt.NDArray[Any]) -> pa.Array:
    """(N,) int32, int64, float32, float64 or bool as a column without nulls."""
    if values.dtype == np.bool_:
        bits = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits.tobytes())])
    kind, _ = _TYPES[values.dtype.name]
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [None, data])


def bytes_column(values: Sequence[bytes]) -> pa.Array:
    """N byte strings, together below 2 GB."""
    return _strings(values, pa.binary())


def text_column(values: Sequence[str]) -> pa.Array:
    """N texts, together below 2 GB."""
    return _strings([value.encode() for value in values], pa.string())


def _strings(values: Sequence[bytes], kind: Any) -> pa.Array:
    offsets = _offsets([len(value) for value in values])
    return pa.Array.from_buffers(kind, len(values), [None, offsets, pa.py_buffer(b"".join(values))])


def list_column(values: Sequence[Sequence[int]]) -> pa.Array:
    """N lists of int32."""
    flat = number_column(np.asarray([item for row in values for item in row], np.int32))
    offsets = _offsets([len(row) for row in values])
    return pa.Array.from_buffers(
        pa.list_(pa.int32()), len(values), [None, offsets], children=[flat]
    )


def matrix_column(values: npt.NDArray[np.float32]) -> pa.Array:
    """(N, D) float32 as a column of fixed-size lists."""
    flat = number_column(np.ascontiguousarray(values, np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


def _offsets(lengths: Sequence[int]) -> Any:
    return pa.py_buffer(np.asarray(list(accumulate(lengths, initial=0)), np.int32))


def numbers_of(column: pa.ChunkedArray | pa.Array) -> npt.NDArray[Any]:
    """(N,) of a column of numbers or truth values without nulls; may share Arrow's memory."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not len(array):
        return np.zeros(0, np.bool_ if pa.types.is_boolean(array.type) else _BACK[str(array.type)])
    data = array.buffers()[1]
    if pa.types.is_boolean(array.type):
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[array.offset : array.offset + len(array)].astype(np.bool_)
    numbers = np.frombuffer(data, _BACK[str(array.type)])
    return numbers[array.offset : array.offset + len(array)]


def matrix_of(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    """(N, D) of a column of fixed-size lists."""
    array = column.combine_chunks()
    size = array.type.list_size
    # `flatten` would do, but imports all of Arrow's functions: 55 ms of the first answer.
    rows = array.values.slice(array.offset * size, len(array) * size)
    return np.asarray(numbers_of(rows), np.float32).reshape(-1, size)
