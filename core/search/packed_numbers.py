"""The measured numbers of many rows as a few compressed bytes, read one row at a time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.index.packs import Block
from core.library.parquet import NumbersColumn

_ROWS = (
    64  # compressed together: a third of the bytes, and what is taken apart for one row is small
)


def packed(rows: Sequence[Mapping[str, float]], name: str) -> Block:
    """Two arrays that hold the numbers of N rows; name: how the arrays are to be called.

    `<name>`: (B,) uint8. `<name>_bytes`: (K,) int32, how many of these each 64 rows take.
    """
    texts = rows.texts() if isinstance(rows, NumbersColumn) else [json.dumps(dict(r)) for r in rows]
    pieces = [
        zlib.compress("\n".join(texts[first : first + _ROWS]).encode(), level=1)
        for first in range(0, len(texts), _ROWS)
    ]
    return {
        name: np.frombuffer(b"".join(pieces), np.uint8),
        f"{name}_bytes": np.array([len(piece) for piece in pieces], np.int32),
    }


def numbers_of(block: Block, name: str, row: int) -> dict[str, float]:
    """The numbers of one row of what was `packed`."""
    sizes: npt.NDArray[np.int32] = block[f"{name}_bytes"]
    piece, at = divmod(row, _ROWS)
    first = int(sizes[:piece].sum())
    texts = zlib.decompress(block[name][first : first + int(sizes[piece])].tobytes()).decode()
    numbers: dict[str, float] = json.loads(texts.split("\n")[at])
    return numbers
