"""What is drawn on a single picture to point something out: paths with arrows, boxes, areas, words.

All functions draw on an RGB picture in place; points and boxes are its pixels, x right, y down.
Lines carry a dark edge, so that they can be seen on any ground.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from core.detections import Float64, Image
from core.video.overlay import Colour

_EDGE: Colour = (14, 18, 22)
_INK: Colour = (16, 18, 20)
_ARROW = 5.0  # length of an arrow's head, in widths of its line
_SHIFT = 4  # OpenCV takes pixels in sixteenths
_DASH, _GAP = 4.0, 3.5  # in widths of the line
_TINT = 0.22
_TEXT_SHARE = 0.026  # of the picture's longer side
_PAD = 0.15  # of a tag's height

Points = npt.NDArray[np.floating]


def stroke_px(image: Image) -> int:
    """Width of a line that suits a picture of this size."""
    return max(2, round(int(max(image.shape[:2])) / 300))


def line(image: Image, points: Points, colour: Colour, *, closed: bool = False) -> None:
    """A polyline of (N, 2) points, or the outline of a polygon."""
    if len(points) < 2:
        return
    width = stroke_px(image)
    for shade, extra in ((_EDGE, 2), (colour, 0)):
        _polyline(image, points, shade, width + extra, closed=closed)


def arrow(image: Image, points: Points, colour: Colour) -> None:
    """A path of (N, 2) points: a dot where it begins, an arrow's head where it ends.

    A path shorter than the head is a dot only: it leads nowhere.
    """
    if not len(points):
        return
    width = stroke_px(image)
    start = _fixed(points[:1])[0]
    head = _ARROW * width
    steps = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(0)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    if along[-1] > 1.5 * head:
        # Its direction is that of the last piece as long as the head: one box more or less does
        # not turn it.
        back = _at(points, along, along[-1] - head)
        way = (points[-1] - back) / max(float(np.hypot(*(points[-1] - back))), 1e-9)
        side = np.array([-way[1], way[0]])
        neck = points[-1] - head * way
        stem = np.concatenate([points[along < along[-1] - head], neck[None]])
        tip = np.stack([points[-1], neck + 0.62 * head * side, neck - 0.62 * head * side])
        line(image, stem, colour)
        cv2.fillConvexPoly(image, _fixed(tip), colour, cv2.LINE_AA, _SHIFT)
        _polyline(image, tip, _EDGE, 1, closed=True)
    for shade, radius in ((_EDGE, width + 3), (colour, width + 2)):
        cv2.circle(image, start.tolist(), radius << _SHIFT, shade, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def dashes(image: Image, start: Points, stop: Points, colour: Colour) -> None:
    """A straight dashed line between two points."""
    width = stroke_px(image)
    length = float(np.hypot(*(stop - start)))
    begins = np.arange(0.0, length, (_DASH + _GAP) * width)
    for begin in begins:
        share = np.array([begin, min(begin + _DASH * width, length)]) / max(length, 1e-9)
        line(image, start + share[:, None] * (stop - start), colour)


def box(image: Image, xyxy: Points, colour: Colour) -> None:
    """The outline of a (4,) box."""
    x0, y0, x1, y1 = xyxy
    line(image, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), colour, closed=True)


def area(image: Image, points: Points, colour: Colour) -> None:
    """A polygon of (N, 2) points, tinted."""
    tinted = image.copy()
    cv2.fillPoly(tinted, [_fixed(points)], colour, cv2.LINE_AA, _SHIFT)
    cv2.addWeighted(tinted, _TINT, image, 1.0 - _TINT, 0.0, dst=image)
    line(image, points, colour, closed=True)


def gate(image: Image, points: Points, colour: Colour, *, either_way: bool = False) -> None:
    """A line of (N, 2) points that is crossed, with arrows that show which way counts.

    It is crossed from its left to its right, seen along it from its first point to its last.
    """
    line(image, points, colour)
    middle = len(points) // 2
    first, last = points[middle - 1], points[middle]
    way = (last - first) / max(float(np.hypot(*(last - first))), 1e-9)
    right = np.array([-way[1], way[0]])  # y grows downwards: this is the right hand
    reach = 9.0 * stroke_px(image) * right
    centre = (first + last) / 2.0
    for sign in (1.0, -1.0) if either_way else (1.0,):
        arrow(image, np.stack([centre, centre + sign * reach]), colour)


def words(image: Image, text: str, at: Points, colour: Colour) -> None:
    """Text on a tag of this colour, its middle at a point, moved to lie within the picture."""
    x0, y0, x1, y1 = tag(image, text, at)
    font = _font_of(image)
    left, top, _, _ = font.getbbox(text)
    pad = _PAD * (y1 - y0)
    drawn = Pictures.fromarray(image)
    pen = ImageDraw.Draw(drawn)
    pen.rounded_rectangle((x0, y0, x1, y1), 2 * pad, fill=colour, outline=_EDGE)
    pen.text((x0 + 1.6 * pad - left, y0 + 1.6 * pad - top), text, font=font, fill=_INK)
    image[:] = np.asarray(drawn)


def tag(image: Image, text: str, at: Points) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) that `words` covers."""
    height, width = image.shape[:2]
    left, top, right, bottom = _font_of(image).getbbox(text)
    high = (bottom - top) / (1.0 - 3.2 * _PAD)
    wide = right - left + 3.2 * _PAD * high
    x0 = float(np.clip(at[0] - wide / 2, 0, max(0.0, width - wide - 1)))
    y0 = float(np.clip(at[1] - high / 2, 0, max(0.0, height - high - 1)))
    return x0, y0, x0 + wide, y0 + high


def beside(image: Image, xyxy: Points) -> Float64:
    """(2,) where a tag of a box has its middle: above it, or below where there is no room."""
    x0, y0, x1, y1 = (float(edge) for edge in xyxy)
    high = 1.1 * _TEXT_SHARE * max(image.shape[:2])
    return np.array([(x0 + x1) / 2, y0 - high if y0 > 2 * high else y1 + high])


def _polyline(
    image: Image, points: Points, colour: Colour, width: int, *, closed: bool = False
) -> None:
    cv2.polylines(image, [_fixed(points)], closed, colour, width, cv2.LINE_AA, _SHIFT)


def _fixed(points: Points) -> npt.NDArray[np.int32]:
    return np.asarray(np.round(np.asarray(points, np.float64) * 2**_SHIFT), np.int32)


def _at(points: Points, along: Float64, place: float) -> Float64:
    """(2,) the point of a polyline at this distance from its start."""
    x, y = np.asarray(points, np.float64).T
    return np.array([np.interp(place, along, x), np.interp(place, along, y)])


def _font_of(image: Image) -> ImageFont.FreeTypeFont:
    return _font(max(12, round(_TEXT_SHARE * max(image.shape[0], image.shape[1]))))


@lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font
