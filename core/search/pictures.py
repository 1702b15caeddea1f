"""Pictures given by hand: the object cut out of one, and whether it shows an object at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.detections import Float32, Image
from core.errors import QueryError
from core.index.vectors import VectorIndex

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1: corners as shares of a picture's width and height, y down."""

_FEWEST_SCENES = 4
_NEAREST = 8
_CLEARLY = 0.05  # cosines by which a picture is more like scenes than like crops


def read_picture(path: Path) -> Image:
    """(H, W, 3) RGB picture from an image file; raises QueryError when there is none in it."""
    import cv2

    try:
        data = path.read_bytes()
    except OSError as error:
        raise QueryError(f"{path} cannot be read: {error.strerror}.") from error
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if bgr is None:
        raise QueryError(f"{path} is no picture: give a JPEG, PNG or WebP file.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def parse_box(text: str) -> Box:
    """A box written "x0,y0,x1,y1", shares of the picture; raises QueryError."""
    try:
        x0, y0, x1, y1 = (float(number) for number in text.split(","))
    except ValueError as error:
        raise QueryError(
            f"{text!r} is no box: write x0,y0,x1,y1, such as 0.2,0.3,0.6,0.8."
        ) from error
    return x0, y0, x1, y1


def cut_out(image: Image, box: Box) -> Image:
    """The part of a picture inside a box, at least a pixel; raises QueryError for an empty box."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (min(max(share, 0.0), 1.0) for share in box)
    if x1 <= x0 or y1 <= y0:
        raise QueryError(
            "The box around the object is empty: give x0,y0,x1,y1 as shares of the picture, such "
            "as 0.2,0.3,0.6,0.8."
        )
    left, top = int(x0 * width), int(y0 * height)
    right, bottom = max(left + 1, round(x1 * width)), max(top + 1, round(y1 * height))
    return np.ascontiguousarray(image[top:bottom, left:right])


def is_scene(vector: Float32, crops: VectorIndex, scenes: VectorIndex) -> bool:
    """Whether a picture is clearly more like whole frames of this library than like its objects.

    vector: (D,) of the picture. False where there is too little to compare with.
    """
    if len(scenes) < _FEWEST_SCENES or not len(crops):
        return False
    _, like_scenes = scenes.search(vector, _NEAREST)
    _, like_crops = crops.search(vector, _NEAREST)
    return bool(like_scenes.mean() > like_crops.mean() + _CLEARLY)
