"""A heat map laid over a still: where objects spend their time."""

from __future__ import annotations

import cv2
import numpy as np

from core.detections import Float32, Image

_STOPS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
_COLOURS = np.array(
    [(38, 24, 90), (130, 32, 110), (214, 70, 74), (247, 148, 52), (252, 250, 172)], np.float64
)
"""Dark to light, so that more is lighter for everybody, colour blind or not."""

_GREY = 0.55  # of the still's colours that are taken away, so that the map's own stand out
_DIM = 0.62
_MOST = 0.88  # how much the warmest place covers the still


def drawn_heat(still: Image, seconds: Float32) -> Image:
    """The still with seconds a cell drawn over it, warmest where most time is spent.

    still: (H, W, 3) uint8 RGB. seconds: (h, w) over the whole picture. The square root of time is
    drawn, as far as its 99.5th percentile: otherwise what is parked leaves nothing to be seen.
    """
    height, width = still.shape[:2]
    warm = np.sqrt(seconds.astype(np.float32))
    most = float(np.quantile(warm[warm > 0.0], 0.995)) if (warm > 0.0).any() else 1.0
    share = np.clip(warm / max(most, 1e-6), 0.0, 1.0)
    large = cv2.resize(share, (width, height), interpolation=cv2.INTER_CUBIC)
    blurred = cv2.GaussianBlur(large, (0, 0), width / seconds.shape[1] * 0.6)
    level = np.asarray(np.clip(blurred, 0.0, 1.0), np.float32)
    grey = still.mean(axis=2, keepdims=True)
    plain = (_GREY * grey + (1.0 - _GREY) * still) * _DIM
    colour = np.stack([np.interp(level, _STOPS, _COLOURS[:, c]) for c in range(3)], axis=-1)
    cover = (_MOST * np.clip(level * 2.2, 0.0, 1.0) * (level > 0.01))[..., None]
    return np.asarray(np.clip(plain * (1.0 - cover) + colour * cover, 0, 255), np.uint8)
