"""Parts of a picture: which part to show around something, and cutting it out at a size."""

from __future__ import annotations

import cv2
import numpy as np

from core.detections import Float64, Image
from core.tracks import FrameSize


def view_around(
    boxes: Float64, size: FrameSize, sides_px: Float64, share: float, least: float
) -> Float64:
    """(4,) the part of the picture to show around (N, 4) boxes, pixels of the video.

    It has the proportions of `sides_px`, lies within the picture, and is no narrower than `least`
    of it. share: of its width or height that the boxes take up.
    """
    whole = np.array([size.width, size.height], np.float64)
    ratio = float(sides_px[0] / sides_px[1])
    if not len(boxes):
        boxes = np.array([[0.0, 0.0, *whole]])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    wide, tall = (high - low) / share
    width = min(max(wide, tall * ratio, least * whole[0]), whole[0], whole[1] * ratio)
    view = np.array([width, width / ratio])
    corner = np.clip((low + high - view) / 2.0, 0.0, np.maximum(whole - view, 0.0))
    return np.concatenate([corner, corner + view])


def cut_out(image: Image, view: Float64, size: FrameSize, sides_px: tuple[int, int]) -> Image:
    """That part of a frame, at this (width, height)."""
    in_video = image.shape[1] / size.width
    grow = sides_px[0] / (view[2] - view[0]) / in_video
    if grow < 1.0:  # averaged first, else fine lines would break up
        smaller = (max(1, round(image.shape[1] * grow)), max(1, round(image.shape[0] * grow)))
        image = np.asarray(cv2.resize(image, smaller, interpolation=cv2.INTER_AREA), np.uint8)
        in_video, grow = in_video * grow, 1.0
    left, top = -view[:2] * in_video * grow
    matrix = np.array([[grow, 0.0, left], [0.0, grow, top]])
    cut = cv2.warpAffine(
        image, matrix, sides_px, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.uint8)
