"""Where the camera looked, as a table: one row a looked-at frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.library import parquet
from core.tracking.camera import CameraPath

CAMERAS_NAME = "cameras.parquet"
_VIEW = tuple(f"view_{row}{column}" for row in range(3) for column in range(3))


def camera_columns(camera: CameraPath) -> dict[str, Any]:
    """Columns frame, t_s, the nine of each view row by row, reference, known, cut."""
    view = camera.view.reshape(-1, 9)
    return {
        "frame": camera.frame,
        "t_s": camera.t_s,
        **{name: np.ascontiguousarray(view[:, k]) for k, name in enumerate(_VIEW)},
        "reference": camera.reference,
        "known": camera.known,
        "cut": camera.cut,
    }


def camera_of(table: pa.Table) -> CameraPath:
    """The inverse of `camera_columns`; other columns are ignored."""
    view = np.stack([parquet.column(table, name, np.float64) for name in _VIEW], axis=1)
    return CameraPath(
        frame=parquet.column(table, "frame", np.int32),
        t_s=parquet.column(table, "t_s", np.float64),
        view=view.reshape(-1, 3, 3),
        reference=parquet.column(table, "reference", np.int32),
        known=parquet.column(table, "known", np.bool_),
        cut=parquet.column(table, "cut", np.bool_),
    )


def read_camera(path: Path) -> CameraPath:
    """Read one file; raises LibraryError naming it when it is missing or damaged."""
    return camera_of(parquet.read_table(path))
