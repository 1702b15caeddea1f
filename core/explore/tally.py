"""How many tracks fall into each cell of a table, and which they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
At = int | slice


@dataclass(frozen=True, slots=True)
class Tally:
    """A table of counts with the tracks behind every number.

    shape: cells along each side. starts: (cells + 1,) first of each cell's rows, cells in C order.
    rows: rows of tracks by cell, ascending within each; a track is once in a cell at most.
    """

    shape: tuple[int, ...]
    starts: Rows
    rows: Rows

    @property
    def counts(self) -> Rows:
        """Tracks in each cell, in the table's shape."""
        return np.diff(self.starts).reshape(self.shape)

    def rows_at(self, *at: At) -> Rows:
        """The tracks behind some cells, ascending, each once; as many indices as sides."""
        cells = np.arange(len(self.starts) - 1).reshape(self.shape)[at].ravel()
        return np.unique(
            np.concatenate(
                [np.zeros(0, np.int64)]
                + [self.rows[self.starts[cell] : self.starts[cell + 1]] for cell in cells]
            )
        )


def tally(
    shape: tuple[int, ...], places: Sequence[npt.NDArray[np.integer]], rows: npt.NDArray[np.integer]
) -> Tally:
    """Count tracks in a table of this shape.

    places: for each side (K,) where along it. rows: (K,) the track that is there; what is said
    twice of a track counts once. A place below 0 along any side is none.
    """
    whole = [np.asarray(place, np.int64) for place in places]
    inside = np.ones(len(rows), np.bool_)
    for place in whole:
        inside &= place >= 0
    at = [place[inside] for place in whole]
    cell = np.ravel_multi_index(at, shape) if len(shape) else np.zeros(int(inside.sum()), np.int64)
    both = np.unique(np.stack([cell, np.asarray(rows, np.int64)[inside]], axis=1), axis=0)
    cells = int(np.prod(shape))
    starts = np.searchsorted(both[:, 0], np.arange(cells + 1))
    return Tally(shape, starts.astype(np.int64), both[:, 1].copy())
