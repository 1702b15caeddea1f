"""A frame at thumbnail size: enough to tell that the scene has changed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.detections import Image

_SHAPE = (32, 18)
_OTHER_HISTOGRAM = 0.45  # share of the pixels that changed their colour bin
_OTHER_PIXELS = 0.12  # mean absolute difference, share of full scale
_ONE_WAY = 0.03  # a change of light moves at most this share of the pixels against its direction


@dataclass(frozen=True, slots=True)
class Look:
    """Pixels of a thumbnail, (18, 32, 3) uint8, and its coarse colours, (64,) shares."""

    pixels: Image
    histogram: npt.NDArray[np.float64]

    @staticmethod
    def of(image: Image) -> Look:
        """The look of an RGB picture of any size."""
        # Every n-th pixel first: averaging a whole large frame costs more than it tells.
        step = max(1, min(image.shape[0] // 72, image.shape[1] // 128))
        coarse = np.ascontiguousarray(image[::step, ::step])
        small = cv2.resize(coarse, _SHAPE, interpolation=cv2.INTER_AREA)
        return Look.from_pixels(np.asarray(small, np.uint8))

    @staticmethod
    def from_pixels(pixels: Image) -> Look:
        """The look whose thumbnail is known."""
        bins = (pixels >> 6).astype(np.int32) @ np.array([16, 4, 1], np.int32)
        return Look(pixels, np.bincount(bins.ravel(), minlength=64) / bins.size)

    def differs(self, other: Look | None) -> bool:
        """Whether so much has changed that it is likely another scene."""
        if other is None:
            return False
        moved = 0.5 * float(np.abs(self.histogram - other.histogram).sum())
        changed = float(np.abs(self._change(other)).mean()) / 255.0
        return moved > _OTHER_HISTOGRAM and changed > _OTHER_PIXELS

    def only_light_differs(self, other: Look) -> bool:
        """Whether everything became brighter, or everything darker: a flash, a lamp, exposure."""
        change = self._change(other)
        return min(float((change > 12).mean()), float((change < -12).mean())) < _ONE_WAY

    def _change(self, other: Look) -> npt.NDArray[np.int16]:
        return self.pixels.astype(np.int16) - other.pixels.astype(np.int16)
