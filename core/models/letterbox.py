"""Fitting a picture into a network's input without bending it, and boxes back out of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.detections import Float32, Image

DETECTOR_GREY = 114  # what YOLO models are trained with around a picture
ENCODER_GREY = 128  # close to the mean colour that encoders subtract


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture of one size lies in the input of a detector.

    All sizes are (width, height), pixels; left and top are the widths of the grey margin.
    """

    picture: tuple[int, int]
    inner: tuple[int, int]
    outer: tuple[int, int]
    left: int
    top: int

    @staticmethod
    def rectangular(picture: tuple[int, int], long_side: int, stride: int = 32) -> Letterbox:
        """Scale the long side to `long_side`; pad each side up to a multiple of the stride."""
        scale = long_side / max(picture)
        inner = (max(1, round(picture[0] * scale)), max(1, round(picture[1] * scale)))
        outer = (-(-inner[0] // stride) * stride, -(-inner[1] // stride) * stride)
        return Letterbox._centred(picture, inner, outer)

    @staticmethod
    def fixed(picture: tuple[int, int], outer: tuple[int, int]) -> Letterbox:
        """Fit into an input whose size cannot be chosen."""
        scale = min(outer[0] / picture[0], outer[1] / picture[1])
        inner = (max(1, round(picture[0] * scale)), max(1, round(picture[1] * scale)))
        return Letterbox._centred(picture, inner, outer)

    @staticmethod
    def _centred(
        picture: tuple[int, int], inner: tuple[int, int], outer: tuple[int, int]
    ) -> Letterbox:
        return Letterbox(
            picture, inner, outer, (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2
        )

    def put(self, image: Image, out: Image) -> None:
        """Write the picture into `out`, (outer height, outer width, 3) filled with grey."""
        width, height = self.inner
        if image.shape[1::-1] != self.inner:
            image = np.asarray(cv2.resize(image, self.inner, interpolation=cv2.INTER_LINEAR))
        out[self.top : self.top + height, self.left : self.left + width] = image

    def batch(self, images: list[Image]) -> Image:
        """(N, outer height, outer width, 3) of pictures of this letterbox's size."""
        width, height = self.outer
        out = np.full((len(images), height, width, 3), DETECTOR_GREY, np.uint8)
        for image, place in zip(images, out, strict=True):
            self.put(image, place)
        return out

    def to_picture(self, xyxy: Float32) -> Float32:
        """Boxes in input pixels -> boxes in picture pixels, clipped to the picture."""
        width, height = self.picture
        scale = np.array([width / self.inner[0], height / self.inner[1]] * 2, np.float32)
        shift = np.array([self.left, self.top] * 2, np.float32)
        limit = np.array([width, height] * 2, np.float32)
        boxes = (np.asarray(xyxy, np.float32).reshape(-1, 4) - shift) * scale
        return np.asarray(np.clip(boxes, np.float32(0), limit), np.float32)


def square(image: Image, size: tuple[int, int]) -> Image:
    """A crop as an encoder sees it: whole, centred on grey, then brought to (width, height).

    Never centre-crops: the ends of a bus or the legs of a person would be cut off.
    """
    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    out = np.full((size[1], size[0], 3), ENCODER_GREY, np.uint8)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    out[top : top + inner[1], left : left + inner[0]] = cv2.resize(image, inner, interpolation=way)
    return out
