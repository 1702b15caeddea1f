"""What is drawn on the pictures of a clip: boxes of objects, their trails, a caption below.

The caption is a bar under the picture, so that it never covers anything in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core import tracks
from core.detections import Float64, Image

Colour = tuple[int, int, int]

MAIN: Colour = (255, 196, 0)
RELATED: Colour = (64, 196, 255)
GOOD: Colour = (92, 200, 120)
BAD: Colour = (235, 96, 84)
UNSURE: Colour = (150, 150, 150)

_BAR: Colour = (24, 26, 30)
_INK: Colour = (236, 236, 236)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_LONGEST_GAP_S = 2.0  # an object seen before and after a longer gap is not shown within it
_TRAIL_S = 3.0
_BLUR_CELLS = 6  # a blurred box is this many cells wide: no face and no letter is left
_BLUR_MARGIN = 0.1
_PLAIN = {"°": " deg", "“": '"', "”": '"', "–": "-", "…": "..."}


@dataclass(frozen=True, slots=True)
class Marked:
    """An object to mark, with the words at its box."""

    path: tracks.Path
    label: str = ""
    colour: Colour = MAIN


@dataclass(frozen=True, slots=True)
class CaptionLine:
    """A line of the caption: a square of `colour` and words; "" of words leaves it out."""

    text: str
    colour: Colour = UNSURE


@dataclass(frozen=True, slots=True)
class Overlay:
    """What to draw on every picture of a clip.

    blurred: objects to be made unrecognisable. caption: lines of the bar below the picture.
    """

    marked: Sequence[Marked] = ()
    caption: Sequence[CaptionLine] = ()
    blurred: Sequence[tracks.Path] = ()

    def drawn(self, image: Image, t_s: float, scale: tuple[float, float]) -> Image:
        """The picture of time t_s with everything on it, as a new array.

        image: (H, W, 3), already at its final size. scale: pixels of it a pixel of the video, in x
        and y. The result is higher by the caption, and as high for every picture of the same size.
        """
        canvas = image.copy()
        size = np.array([*scale, *scale])
        for path in self.blurred:
            if (box := box_at(path, t_s)) is not None:
                _blur(canvas, box * size)
        for marked in reversed(self.marked):
            _mark(canvas, marked, t_s, size)
        return np.concatenate([canvas, self._bar(image.shape[1])]) if self.caption else canvas

    def _bar(self, width: int) -> Image:
        line_px = max(16, round(width / 40))
        bar = np.full((line_px * len(self.caption) + line_px // 2, width, 3), _BAR, np.uint8)
        scale, thick = line_px / 34.0, max(1, line_px // 18)
        for number, line in enumerate(self.caption):
            bottom = line_px * (number + 1)
            side = line_px // 2
            cv2.rectangle(bar, (side, bottom - side), (2 * side, bottom), line.colour, cv2.FILLED)
            words = _fitting(line.text, width - 4 * side, scale, thick)
            place = (3 * side, bottom - 1)
            cv2.putText(bar, words, place, _FONT, scale, _INK, thick, cv2.LINE_AA)
        return bar


def box_at(path: tracks.Path, t_s: float) -> Float64 | None:
    """(4,) box of an object at a time, between its rows by straight lines; None where unseen.

    Before its first row, after its last, and in a gap of more than two seconds there is none.
    """
    slack = 1e-4
    if not len(path) or not path.t_s[0] - slack <= t_s <= path.t_s[-1] + slack:
        return None
    after = int(np.searchsorted(path.t_s, t_s - slack))
    after = min(max(after, 0), len(path) - 1)
    if abs(float(path.t_s[after]) - t_s) <= slack:
        return np.asarray(path.xyxy[after], np.float64)
    before = after - 1
    gap = float(path.t_s[after] - path.t_s[before])
    if gap > _LONGEST_GAP_S:
        return None
    share = (t_s - float(path.t_s[before])) / gap
    first, last = path.xyxy[[before, after]].astype(np.float64)
    return np.asarray(first + share * (last - first), np.float64)


def _mark(canvas: Image, marked: Marked, t_s: float, size: Float64) -> None:
    height, width = canvas.shape[:2]
    thick = max(2, round(max(height, width) / 480))
    box = box_at(marked.path, t_s)
    if box is None:
        _trail(canvas, marked, t_s, size, thick)
        return
    x0, y0, x1, y1 = (round(float(v)) for v in box * size)
    within = np.s_[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
    object_itself = canvas[within].copy()
    _trail(canvas, marked, t_s, size, thick)
    canvas[within] = object_itself  # the trail leads up to the object, not across it
    cv2.rectangle(canvas, (x0, y0), (x1, y1), marked.colour, thick)
    if not marked.label:
        return
    scale = max(height, width) / 1600.0
    words = _plain(marked.label)
    (wide, high), _ = cv2.getTextSize(words, _FONT, scale, 1)
    pad = high // 2
    top = y0 - high - 2 * pad
    if top < 0:  # no room above: below the box
        top = min(y1, height - high - 2 * pad)
    left = min(max(x0, 0), max(0, width - wide - 2 * pad))
    corner = (left + wide + 2 * pad, top + high + 2 * pad)
    cv2.rectangle(canvas, (left, top), corner, marked.colour, cv2.FILLED)
    at = (left + pad, top + high + pad)
    cv2.putText(canvas, words, at, _FONT, scale, (0, 0, 0), 1, cv2.LINE_AA)


def _trail(canvas: Image, marked: Marked, t_s: float, size: Float64, thick: int) -> None:
    """Where the object came from in the last seconds, as a line through the middle of its boxes."""
    path = marked.path
    first, last = np.searchsorted(path.t_s, [t_s - _TRAIL_S, t_s + 1e-4])
    if last - first < 2:
        return
    boxes = path.xyxy[first:last].astype(np.float64) * size
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    breaks = np.flatnonzero(np.diff(path.t_s[first:last]) > _LONGEST_GAP_S) + 1
    for piece in np.split(centres.round().astype(np.int32), breaks):
        cv2.polylines(canvas, [piece.reshape(-1, 1, 2)], False, marked.colour, thick, cv2.LINE_AA)


def _blur(canvas: Image, box: Float64) -> None:
    height, width = canvas.shape[:2]
    margin = _BLUR_MARGIN * (box[2:] - box[:2])
    low = np.floor(box[:2] - margin).astype(int).clip(0, [width, height])
    high = np.ceil(box[2:] + margin).astype(int).clip(0, [width, height])
    if (high <= low).any():
        return
    part = canvas[low[1] : high[1], low[0] : high[0]]
    wide, tall = high - low
    cells = (_BLUR_CELLS, max(1, round(_BLUR_CELLS * tall / wide)))
    small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(small, (int(wide), int(tall)), interpolation=cv2.INTER_NEAREST)


def _fitting(text: str, width_px: int, scale: float, thick: int) -> str:
    words = _plain(text)
    (wide, _), _ = cv2.getTextSize(words, _FONT, scale, thick)
    if wide <= width_px:
        return words
    return words[: max(1, int(len(words) * width_px / wide) - 3)] + "..."


def _plain(text: str) -> str:
    """Words in the signs that the font has."""
    for sign, plain in _PLAIN.items():
        text = text.replace(sign, plain)
    parted = unicodedata.normalize("NFKD", text)
    return (
        "".join(sign for sign in parted if not unicodedata.combining(sign))
        .encode("ascii", "replace")
        .decode()
    )
