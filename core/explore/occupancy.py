"""Where in the picture objects spend their time: a heat map, and the tracks behind each cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64
from core.explore.tally import Tally, tally
from core.search.paths import RATE_HZ, Paths

_ACROSS = 64
_LONGEST_S = 1.0


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Seconds that foot points spent in each cell of a grid over the picture, and who did.

    seconds: (H, W) float32, rows from the top. tracks: (H, W) tally.
    """

    seconds: Float32
    tracks: Tally


def occupancy(
    paths: Paths,
    rows: npt.NDArray[np.integer],
    shape: tuple[float, float],
    span: tuple[float | None, float | None] = (None, None),
    across: int = _ACROSS,
) -> Occupancy:
    """The time spent per cell by some tracks of one camera's picture.

    shape: width and height of the picture in units of the paths. span: seconds of the video that
    count. across: cells along the width; they are about square.
    """
    down = max(1, round(across * shape[1] / shape[0]))
    rows = np.unique(np.asarray(rows, np.int64))
    lengths = paths.starts[rows + 1] - paths.starts[rows]
    first = np.repeat(paths.starts[rows] - (np.cumsum(lengths) - lengths), lengths)
    points = first + np.arange(int(lengths.sum()))
    t_s = paths.t_s[points]
    after, before = span
    held = np.ones(len(points), np.bool_)
    held &= True if after is None else t_s >= after
    held &= True if before is None else t_s < before
    points = points[held]
    lasted = _lasting(paths, points)
    x = np.clip((paths.xy[points, 0] / shape[0] * across).astype(np.int64), 0, across - 1)
    y = np.clip((paths.xy[points, 1] / shape[1] * down).astype(np.int64), 0, down - 1)
    spent = np.bincount(y * across + x, lasted, minlength=across * down)
    return Occupancy(
        spent.reshape(down, across).astype(np.float32),
        tally((down, across), (y, x), paths.track[points]),
    )


def _lasting(paths: Paths, points: npt.NDArray[np.int64]) -> Float64:
    """(P,) seconds that each point stands for: until the next of its track, a second at most."""
    after = np.minimum(points + 1, max(len(paths.xy) - 1, 0))
    same = (after > points) & (paths.track[after] == paths.track[points])
    step = np.where(same, paths.t_s[after] - paths.t_s[points], 1.0 / RATE_HZ)
    return np.asarray(np.clip(step, 0.0, _LONGEST_S), np.float64)
