"""Tables as Parquet files: zstd, page checksums, the same bytes for the same rows.

Boxes are four float32 columns, posteriors a fixed-size list, measured numbers a JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from core.detections import Detections, Float32
from core.errors import LibraryError
from core.library import arrow
from core.library.files import FileStamp, FileWriter
from core.library.tables import Text, text_column

_BOX = ("x0", "y0", "x1", "y1")
_MANY_ROWS = 50_000


def box_columns(xyxy: Float32) -> dict[str, npt.NDArray[np.float32]]:
    return {name: np.ascontiguousarray(xyxy[:, i], np.float32) for i, name in enumerate(_BOX)}


def detection_columns(detections: Detections) -> dict[str, Any]:
    return {
        "frame": detections.frame,
        "t_s": detections.t_s,
        **box_columns(detections.xyxy),
        "confidence": detections.confidence,
        "class_id": detections.class_id,
    }


def text_array(values: Sequence[str] | Text) -> pa.Array:
    return arrow.text_column([str(value) for value in values])


def numbers_array(values: Iterable[Mapping[str, float]]) -> pa.Array:
    return arrow.text_column(
        [json.dumps({k: float(v) for k, v in sorted(row.items())}) for row in values]
    )


def write_table(
    path: Path, columns: Mapping[str, Any], *, row_group: int = 1 << 20, plain: Sequence[str] = ()
) -> FileStamp:
    """Write one table; `plain` columns (JPEG bytes) are stored as they are."""
    table = table_of(columns)
    with FileWriter(path) as file, table_writer(file, table.schema, plain) as writer:
        writer.write_table(table, row_group_size=row_group)
    return file.stamp


def table_of(columns: Mapping[str, Any]) -> pa.Table:
    """A table of columns that are Arrow's already, or (N,) arrays of numbers."""
    made = [c if isinstance(c, pa.Array) else arrow.number_column(c) for c in columns.values()]
    return pa.Table.from_arrays(made, names=list(columns))


def table_writer(
    file: FileWriter, schema: pa.Schema, plain: Sequence[str] = ()
) -> pq.ParquetWriter:
    """A writer of row groups into an open file."""
    return pq.ParquetWriter(
        file,
        schema,
        compression={name: "none" if name in plain else "zstd" for name in schema.names},
        use_dictionary=[
            field.name
            for field in schema
            if field.name not in plain and (pa.types.is_string(field.type))
        ],
        write_page_checksum=True,
        store_schema=True,
    )


def open_table(path: Path) -> pq.ParquetFile:
    """Open a Parquet file; raises LibraryError naming it when it is missing or damaged."""
    try:
        return pq.ParquetFile(
            path, memory_map=True, page_checksum_verification=True, pre_buffer=False
        )
    except (OSError, pa.ArrowException) as error:
        raise damaged(path, error) from error


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table whole; raises LibraryError naming the file when it is missing or damaged."""
    with open_table(path) as file:
        try:
            # Handing a small table to several threads takes longer than reading it.
            return file.read(
                columns=list(columns) if columns is not None else None,
                use_threads=file.metadata.num_rows > _MANY_ROWS,
            )
        except (OSError, pa.ArrowException) as error:
            raise damaged(path, error) from error


def damaged(path: Path, error: Exception | str) -> LibraryError:
    """The sentence about a shard file that cannot be read, with what to do."""
    if isinstance(error, FileNotFoundError) or not path.exists():
        what = "is missing"
    else:
        what = "is damaged"
    return LibraryError(
        f"{path} {what}: remove this video from the library and add it again "
        f"(`vidtrail remove {path.parent.name}`, then `vidtrail add FILE`)."
    )


def column(table: pa.Table, name: str, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.ascontiguousarray(arrow.numbers_of(table.column(name)), dtype)


def boxes(table: pa.Table) -> Float32:
    return np.stack([column(table, name, np.float32) for name in _BOX], axis=1).reshape(-1, 4)


def matrix(table: pa.Table, name: str) -> Float32:
    return arrow.matrix_of(table.column(name))


def text(table: pa.Table, name: str) -> Text:
    return text_column(table.column(name).to_pylist())


class NumbersColumn(Sequence[Mapping[str, float]]):
    """The measured numbers of each row, parsed where they are asked for.

    Most questions ask for those of a few rows of thousands; to go through all is quick as well.
    """

    def __init__(self, texts: pa.ChunkedArray) -> None:
        self._texts = texts

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, row: int) -> Mapping[str, float]: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[Mapping[str, float]]: ...

    def __getitem__(self, row: int | slice) -> Mapping[str, float] | Sequence[Mapping[str, float]]:
        if isinstance(row, slice):
            return tuple(self)[row]
        parsed: dict[str, float] = json.loads(self._texts[int(row)].as_py())
        return parsed

    def __iter__(self) -> Iterator[Mapping[str, float]]:
        # Parsed as one list: several times quicker than row by row.
        return iter(json.loads(f"[{','.join(self.texts())}]"))

    def texts(self) -> list[str]:
        """The numbers of each row as they are written, in JSON."""
        texts: list[str] = self._texts.to_pylist()
        return texts


def numbers(table: pa.Table, name: str) -> NumbersColumn:
    return NumbersColumn(table.column(name))


def detections(table: pa.Table) -> Detections:
    return Detections(
        column(table, "frame", np.int32),
        column(table, "t_s", np.float64),
        boxes(table),
        column(table, "confidence", np.float32),
        column(table, "class_id", np.int32),
    )
