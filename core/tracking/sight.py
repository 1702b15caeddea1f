"""One frame made small and grey, as the camera's own motion is read from it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Image

Grey = npt.NDArray[np.uint8]

_LONG_SIDE_PX = 480


@dataclass(frozen=True, slots=True)
class Sight:
    """A frame, and where in it nothing moves by itself.

    grey: (h, w) small. scale: (2,) full pixels a small pixel, x and y. boxes: (N, 4) of what may
    move, small pixels, grown.
    """

    grey: Grey
    scale: Float64
    boxes: Float64

    @staticmethod
    def of(image: Image, xyxy: Float32) -> Sight:
        """image: RGB; xyxy: (N, 4) boxes of everything that may move."""
        height, width = image.shape[:2]
        ratio = -(-max(height, width) // _LONG_SIDE_PX)
        step = max(1, ratio // 2)  # of a large frame every n-th pixel is enough
        part = np.ascontiguousarray(image[::step, ::step]) if step > 1 else image
        ratio = -(-ratio // step)
        size = (max(8, part.shape[1] // ratio), max(8, part.shape[0] // ratio))
        whole = part[: size[1] * ratio, : size[0] * ratio]  # OpenCV is faster at whole ratios
        small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
        scale = step * np.array([whole.shape[1] / size[0], whole.shape[0] / size[1]])
        boxes = xyxy.astype(np.float64).reshape(-1, 4) / np.tile(scale, 2)
        margin = 3.0 + 0.08 * (boxes[:, 2:] - boxes[:, :2])
        return Sight(grey, scale, np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], 1))

    def to_full(self, small: Float64) -> Float64:
        """(N, 2) full pixels of (N, 2) indices of small pixels."""
        return np.asarray((small + 0.5) * self.scale, np.float64)

    def to_small(self, full: Float64) -> Float64:
        """The inverse of `to_full`."""
        return np.asarray(full / self.scale - 0.5, np.float64)

    def background(self, small: Float64) -> Bool:
        """(N,) which points lie in the picture and in no box."""
        x, y = small[:, :1], small[:, 1:]
        h, w = self.grey.shape
        b = self.boxes
        hidden = (x >= b[:, 0]) & (x <= b[:, 2]) & (y >= b[:, 1]) & (y <= b[:, 3])
        inside = (x > 1.0) & (x < w - 2.0) & (y > 1.0) & (y < h - 2.0)
        return np.asarray(inside[:, 0] & ~hidden.any(axis=1), np.bool_)

    def points(self, count: int) -> Float64:
        """(count * count, 2) full pixels spread over the picture from border to border."""
        height, width = np.array(self.grey.shape) * self.scale[::-1]
        x, y = np.meshgrid(np.linspace(0.0, width, count), np.linspace(0.0, height, count))
        return np.stack([x.ravel(), y.ravel()], axis=1)
