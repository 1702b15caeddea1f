"""From a decoded frame to the picture a person sees: turned as the file says, RGB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame

from core.detections import Image

_MATRIX_BYTES = 36


def orientation(frame: VideoFrame) -> tuple[bool, bool, bool]:
    """(transpose, mirror x, mirror y) to apply, in this order, to show the frame upright.

    Read from the display matrix: x' = a x + c y, y' = b x + d y, y down (ISO 14496-12, tkhd).
    Angles between the right ones are rounded to the nearest.
    """
    described = cast("Mapping[Type, SideData]", frame.side_data)  # PyAV's stub knows one key only
    side = described.get(Type.DISPLAYMATRIX)
    if side is None or side.buffer_size < _MATRIX_BYTES:
        return False, False, False
    a, b, _, c, d, *_ = np.frombuffer(bytes(side)[:_MATRIX_BYTES], "<i4").tolist()
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return False, a < 0, d < 0
    return True, c < 0, b < 0


def displayed_size(frame: VideoFrame) -> tuple[int, int]:
    """(width, height) of the picture after turning, pixels."""
    transpose, _, _ = orientation(frame)
    return (frame.height, frame.width) if transpose else (frame.width, frame.height)


def rotation(frame: VideoFrame) -> int:
    """Clockwise degrees by which the stored frame is turned for display: 0, 90, 180 or 270."""
    transpose, mirror_x, mirror_y = orientation(frame)
    if transpose:
        return 90 if mirror_x else 270
    return 180 if mirror_x and mirror_y else 0


def to_picture(frame: VideoFrame, size: tuple[int, int] | None = None) -> Image:
    """(H, W, 3) RGB uint8, upright, contiguous.

    size: (width, height) to bring it to where the stream changed its size on the way.
    """
    transpose, mirror_x, mirror_y = orientation(frame)
    if size is not None and displayed_size(frame) != size:
        width, height = reversed(size) if transpose else size
        frame = frame.reformat(width=width, height=height)
    picture = frame.to_ndarray(format="rgb24")
    if transpose:
        picture = picture.transpose(1, 0, 2)
    if mirror_x:
        picture = picture[:, ::-1]
    if mirror_y:
        picture = picture[::-1]
    return np.ascontiguousarray(picture)
