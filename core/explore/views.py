"""Which videos look at one place from one spot: only there does a way mean the same in both."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.detections import Float32, Int32
from core.errors import LibraryError
from core.library.shard import Shard

_PICTURES = 5
_SIDE = (64, 36)
_BLUR_PX = 6.0
SAME = 0.8
"""Correlation of two pictures without their shading, above which they show one place."""


def views_of(shards: Sequence[Shard]) -> Int32:
    """(V,) a number for each video; videos of one number show the same place in the same way.

    Told from the middle of some pictures of each video, in which what moves has gone, without
    broad shading, so that the hour of the day hardly counts. A video whose pictures cannot be read
    or whose camera moves is a view of its own.
    """
    faces = [_face(shard) for shard in shards]
    view = np.arange(len(shards), dtype=np.int32)
    told = [k for k, face in enumerate(faces) if face is not None]
    if len(told) > 1:
        stacked = np.stack([face for face in faces if face is not None])
        alike = stacked @ stacked.T >= SAME
        for row, k in enumerate(told):  # the first video of a view lends it its number
            first = told[int(np.argmax(alike[row]))]
            view[k] = view[first]
    return np.unique(view, return_inverse=True)[1].astype(np.int32)


def _face(shard: Shard) -> Float32 | None:
    """A unit vector of what stands still in the picture of a video."""
    if shard.camera().moves:
        return None
    count = len(shard.scenes())
    pictures = []
    for number in np.unique(np.linspace(0, count - 1, min(count, _PICTURES)).astype(int)):
        try:
            jpeg = np.frombuffer(shard.scene_jpeg(int(number)), np.uint8)
        except LibraryError:
            return None
        picture = cv2.imdecode(jpeg, cv2.IMREAD_REDUCED_GRAYSCALE_4) if len(jpeg) else None
        if picture is None:
            return None
        pictures.append(cv2.resize(picture, _SIDE, interpolation=cv2.INTER_AREA))
    if not pictures:
        return None
    still = np.median(np.stack(pictures), axis=0).astype(np.float32)
    detail = still - cv2.GaussianBlur(still, (0, 0), _BLUR_PX)
    detail -= detail.mean()
    length = float(np.linalg.norm(detail))
    return np.asarray(detail.ravel() / length, np.float32) if length > 1e-6 else None
