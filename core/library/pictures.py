"""Pictures in a Parquet file, written and read a few at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.library.arrow import bytes_column
from core.library.files import FileStamp, FileWriter
from core.library.parquet import damaged, open_table, table_of, table_writer

_A_GROUP = 16  # pictures read together: few enough for random access, many enough for a list
_GROUPS_KEPT = 64  # of 16 pictures of about 8 KB each: 8 MB a file at most


def write_pictures(path: Path, columns: Mapping[str, Any], jpegs: Iterable[bytes]) -> FileStamp:
    """Write a table with one more column, `jpeg`, holding only a few pictures at a time."""
    table = table_of(columns)
    schema = table.schema.append(pa.field("jpeg", pa.binary()))
    pictures = iter(jpegs)
    with FileWriter(path) as file, table_writer(file, schema, plain=("jpeg",)) as writer:
        for start in range(0, table.num_rows, _A_GROUP):
            rows = table.slice(start, _A_GROUP)
            group = [next(pictures) for _ in range(rows.num_rows)]
            writer.write_table(rows.append_column("jpeg", bytes_column(group)))
    return file.stamp


class PictureFile:
    """Random access to the `jpeg` column of one file; one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetFile = open_table(path)
        self._groups: OrderedDict[int, list[bytes]] = OrderedDict()

    def read(self, row: int) -> bytes:
        """The picture in a row; raises KeyError for no such row, LibraryError for damage."""
        if not 0 <= row < self._file.metadata.num_rows:
            raise KeyError(row)
        group, place = divmod(row, _A_GROUP)
        if group not in self._groups:
            try:
                table = self._file.read_row_group(group, columns=["jpeg"])
            except (OSError, pa.ArrowException) as error:
                raise damaged(self._path, error) from error
            self._groups[group] = table.column("jpeg").to_pylist()
            if len(self._groups) > _GROUPS_KEPT:
                self._groups.popitem(last=False)
        self._groups.move_to_end(group)
        return self._groups[group][place]

    def close(self) -> None:
        self._groups.clear()
        self._file.close()
