"""Pictures that prove a part of a question: what was measured, drawn on a frame of its video.

All that is drawn comes from the library: a request names tracks and times only, so that a picture
can be made anew from an address at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from core import tracks
from core.detections import Float64, Image
from core.errors import LibraryError
from core.language.query import EVENT_WORDS
from core.language.sketches import taken
from core.library.library import Library
from core.library.shard import Shard
from core.motion.path import SteadyPath, smooth_all
from core.video import marks
from core.video.framing import cut_out, view_around
from core.video.overlay import GOOD, MAIN, RELATED, Colour, box_at
from core.video.stills import frame_at

LONG_SIDE_PX = 960
CLOSE_UP_PX = (540, 240)  # as wide to its height as the picture of a card
_OBJECT_SHARE = 0.58  # of a close-up's height or width that its objects take up
_LEAST_VIEW = 0.2  # of the picture's width: closer, and nothing tells where one is
_PATH_SHARE, _LEAST_PATH = 0.7, 0.45
_AWAY = 0.02  # of the picture: an object this close to its border may be cut off by it
_TURNS = ("turn_left", "turn_right", "u_turn")


_Kind = Literal["path", "zone", "line"]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Something a person drew. points: (N, 2) shares of the picture."""

    points: Float64
    kind: _Kind
    either_way: bool = False


class ProofStills:
    """Draws what proves something about the objects of one video.

    Methods return an RGB picture, and raise LibraryError for what the video has not, VideoError
    where its file at `path` cannot be read.
    """

    def __init__(self, library: Library, shard: Shard, path: Path) -> None:
        self._library = library
        self._shard = shard
        self._path = path
        self._size = tracks.FrameSize(shard.meta.width, shard.meta.height)

    def close_up(self, track_ids: Sequence[int], t0_s: float, t1_s: float) -> Image:
        """The objects in their surroundings, when within [t0_s, t1_s] they are seen best.

        (240, 540, 3): the part of a frame around them, the first one in the main colour.
        """
        paths = [self._path_of(track) for track in track_ids]
        t_s = _seen_best(paths, self._size, t0_s, t1_s)
        found = [box_at(path, t_s) for path in paths]
        boxes = np.array([box for box in found if box is not None], np.float64).reshape(-1, 4)
        frame = frame_at(self._path, t_s).image
        view = view_around(boxes, self._size, np.array(CLOSE_UP_PX), _OBJECT_SHARE, _LEAST_VIEW)
        scale = CLOSE_UP_PX[0] / (view[2] - view[0])
        canvas = cut_out(frame, view, self._size, CLOSE_UP_PX)
        for box, colour in reversed(list(zip(found, _colours(len(found)), strict=True))):
            if box is not None:
                marks.box(canvas, (box - np.tile(view[:2], 2)) * scale, colour)
        return canvas

    def path(
        self,
        track_id: int,
        t0_s: float,
        t1_s: float,
        *,
        others: Sequence[int] = (),
        event: str = "",
        drawn: str = "",
    ) -> Image:
        """What an object did from t0_s to t1_s, on the frame at its end, and others meanwhile.

        A path that takes up little of the picture is shown with its surroundings only.
        event: which kind of `core.language.query.EVENT_WORDS` it is; its measured quantity is
        written beside the path. drawn: canonical words of a path, zone or line to show with it.
        """
        own = self._path_of(track_id)
        end_s = min(t1_s, float(own.t_s[-1]))
        to_frame = self._to_frame(own, end_s)
        shapes = [(_moved(s.points * self._frame_px, to_frame), s) for s in self._shapes(drawn)]
        lines: list[list[Float64]] = []
        boxes: list[Float64 | None] = []
        for track in (track_id, *others):
            path = own if track == track_id else self._path_of(track)
            pieces = _course(path, self._shard, self._size, t0_s, t1_s)
            lines.append([_moved(piece, to_frame) for piece in pieces])
            boxes.append(box_at(path, end_s))
        seen = [np.tile(piece, 2) for pieces in lines for piece in pieces]
        seen += [np.tile(points, 2) for points, _ in shapes]
        seen += [box[None] for box in boxes if box is not None]
        view = view_around(
            np.concatenate(seen), self._size, self._frame_px, _PATH_SHARE, _LEAST_PATH
        )
        canvas, scale = self._frame(end_s, view)

        def there(points: Float64) -> Float64:
            return np.asarray((points - view[:2]) * scale)

        for points, shape in shapes:
            _draw_shape(canvas, there(points), shape)
        marked = list(zip((track_id, *others), lines, boxes, _colours(len(lines)), strict=True))
        for track, pieces, box, colour in reversed(marked):
            if event in _TURNS and track == track_id:
                _straight_on(canvas, there(pieces[-1]), colour)
            if box is not None:
                corners = there(box.reshape(2, 2)).ravel()
                self._tagged(canvas, track, corners, colour, named=bool(others))
            for piece in pieces[:-1]:
                marks.line(canvas, there(piece), colour)
            marks.arrow(canvas, there(pieces[-1]), colour)
        if said := self._measured(track_id, event, t0_s, t1_s):
            taken_up = [there(box.reshape(2, 2)).ravel() for box in boxes if box is not None]
            longest = there(max(lines[0], key=len))
            marks.words(canvas, said, _clear_place(canvas, said, longest, taken_up), MAIN)
        return canvas

    def group(self, track_ids: Sequence[int], t_s: float) -> Image:
        """Where several objects are at one time, each with its name."""
        canvas, scale = self._frame(t_s)
        for track, colour in zip(track_ids, _colours(len(track_ids)), strict=True):
            if (box := box_at(self._path_of(track), t_s)) is not None:
                self._tagged(canvas, track, box * scale, colour, named=True)
        return canvas

    def crop(self, crop_id: int) -> Image:
        """Where in its frame a crop was taken."""
        crops = self._shard.crops()
        if not 0 <= crop_id < len(crops):
            raise LibraryError(f"There is no picture {crop_id} of this video.")
        canvas, scale = self._frame(float(crops.t_s[crop_id]))
        box = crops.xyxy[crop_id].astype(np.float64) * scale
        marks.box(canvas, box, MAIN)
        return canvas

    def scene(self, t_s: float) -> Image:
        """The frame on screen at t_s."""
        return self._frame(t_s)[0]

    @property
    def _frame_px(self) -> Float64:
        return np.array([self._size.width, self._size.height], np.float64)

    def _frame(self, t_s: float, view: Float64 | None = None) -> tuple[Image, float]:
        """A frame no larger than `LONG_SIDE_PX`, and its pixels a pixel of the video.

        view: (4,) the part of it to show, None for the whole.
        """
        image = frame_at(self._path, t_s).image
        if view is None:
            view = np.concatenate([np.zeros(2), self._frame_px])
        sides = view[2:] - view[:2]
        scale = min(LONG_SIDE_PX, max(self._frame_px)) / float(max(sides))
        pixels = (round(float(sides[0]) * scale), round(float(sides[1]) * scale))
        return cut_out(image, view, self._size, pixels), pixels[0] / float(sides[0])

    def _path_of(self, track_id: int) -> tracks.Path:
        # An address may be older than a person's edits: it leads to what the track has become.
        now = self._library.resolve(self._shard.video_id, track_id)
        if now not in self._shard.tracks().track_id:
            raise LibraryError(f"There is no object #{track_id} in {self._shard.meta.name}.")
        return self._shard.path_of(now)

    def _tagged(
        self, canvas: Image, track_id: int, box: Float64, colour: Colour, *, named: bool
    ) -> None:
        marks.box(canvas, box, colour)
        if named:
            table = self._shard.tracks()
            now = self._library.resolve(self._shard.video_id, track_id)
            name = f"{table.class_name[table.row_of(now)]} #{track_id}"
            marks.words(canvas, name, marks.beside(canvas, box), colour)

    def _to_frame(self, own: tracks.Path, t_s: float) -> Float64:
        """(3, 3) from the pixels of the camera's reference to those of the frame at t_s."""
        camera = self._shard.camera()
        if not camera.moves:
            return np.eye(3)
        row = min(int(np.searchsorted(own.t_s, t_s - 1e-6)), len(own) - 1)
        width, height = self._frame_px
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        seen = camera.stabilise(
            np.repeat(own.frame[row : row + 1], 4),
            np.concatenate([corners - 0.5, corners + 0.5], axis=1).astype(np.float64),
        )
        there = ((seen[:, :2] + seen[:, 2:]) / 2.0).astype(np.float32)
        return np.asarray(cv2.getPerspectiveTransform(there, corners), np.float64)

    def _shapes(self, drawn: str) -> list[_Shape]:
        """What canonical words draw; stored zones and lines where they lie in this video."""
        if not drawn:
            return []
        _, _, paths, zones = taken(drawn)
        found = [_Shape(np.array(path.points, np.float64), "path") for path in paths]
        record = self._library.video(self._shard.video_id)
        for zone in zones:
            named = self._library.zones.named(zone.name) if zone.name else []
            lying = [stored.points for stored in named if stored.lies_in(record)]
            kind: _Kind = "line" if zone.is_line else "zone"
            found += [
                _Shape(np.array(points, np.float64), kind, zone.either_way)
                for points in (lying if zone.name else [zone.points])
            ]
        return found

    def _measured(self, track_id: int, event: str, t0_s: float, t1_s: float) -> str:
        """What was measured of an event, in a word or two; "" where there is no such event."""
        if event not in EVENT_WORDS:
            return ""
        table = self._shard.events()
        now = self._library.resolve(self._shard.video_id, track_id)
        mine = np.flatnonzero((table.track_id == now) & (table.kind == event))
        if not len(mine):
            return ""
        at = mine[np.argmin(np.abs(table.t0_s[mine] - t0_s) + np.abs(table.t1_s[mine] - t1_s))]
        if "degrees" in table.numbers[at]:
            return f"{EVENT_WORDS[event]} {abs(table.numbers[at]['degrees']):.0f}°"
        return f"{EVENT_WORDS[event]}, {t1_s - t0_s:.1f} s"


def _colours(count: int) -> list[Colour]:
    return [MAIN, *[RELATED] * (count - 1)]


def _seen_best(
    paths: Sequence[tracks.Path], size: tracks.FrameSize, t0_s: float, t1_s: float
) -> float:
    """When the smallest of the objects is largest, all of them whole in the picture if possible."""
    first = paths[0]
    times = first.t_s[(first.t_s >= t0_s - 1e-6) & (first.t_s <= t1_s + 1e-6)]
    if not len(times):
        times = np.clip([t0_s], first.t_s[0], first.t_s[-1])
    worth = np.full(len(times), np.inf)
    margin = _AWAY * np.array([size.width, size.height], np.float64)
    limit = np.array([size.width, size.height]) - margin
    for path in paths:
        at = np.clip(np.searchsorted(path.t_s, times - 1e-6), 0, len(path) - 1)
        boxes = path.xyxy[at].astype(np.float64)
        whole = (boxes[:, :2] >= margin).all(axis=1) & (boxes[:, 2:] <= limit).all(axis=1)
        near = np.abs(path.t_s[at] - times) < 0.5
        real = np.where(path.interpolated[at], 0.5, 1.0)
        side = np.sqrt(np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None), axis=1))
        worth = np.minimum(worth, side * np.where(whole, 1.0, 0.4) * near * real)
    return float(times[int(np.argmax(worth))])


def _course(
    path: tracks.Path, shard: Shard, size: tracks.FrameSize, t0_s: float, t1_s: float
) -> list[Float64]:
    """(N, 2) centres of an object between two times, smoothed as they were for measuring.

    One array for each unbroken piece, one at least. Pixels of the camera's reference frame. An
    object seen too briefly to be smoothed is shown by its boxes as they are.
    """
    camera = shard.camera() if shard.camera().moves else None
    motions = smooth_all(path, size, camera)
    pieces = [motion.centre[motion.between(t0_s, t1_s)] for motion in motions]
    if smoothed := [piece for piece in pieces if len(piece) >= 2]:
        return smoothed
    boxes = SteadyPath.of(path, camera).xyxy
    low, high = np.searchsorted(path.t_s, [t0_s - 1e-6, t1_s + 1e-6])
    low = min(int(low), len(path) - 1)
    boxes = boxes[low : max(low + 1, int(high))]
    return [np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2.0, np.float64)]


def _moved(points: Float64, matrix: Float64) -> Float64:
    there = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return np.asarray(there[:, :2] / there[:, 2:], np.float64)


def _draw_shape(canvas: Image, points: Float64, shape: _Shape) -> None:
    if shape.kind == "line":
        marks.gate(canvas, points, GOOD, either_way=shape.either_way)
    elif shape.kind == "zone":
        marks.area(canvas, points, GOOD)
    else:
        marks.arrow(canvas, points, GOOD)


def _straight_on(canvas: Image, line: Float64, colour: Colour) -> None:
    """Where it would have gone without turning: the way it came, carried on."""
    steps = np.hypot(*np.diff(line, axis=0).T) if len(line) > 1 else np.zeros(0)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    if along[-1] < 12 * marks.stroke_px(canvas):
        return
    early = max(1, int(np.searchsorted(along, 0.3 * along[-1])))
    way = line[early] - line[0]
    way = way / max(float(np.hypot(*way)), 1e-9)
    marks.dashes(canvas, line[early], line[early] + 0.6 * along[-1] * way, colour)


def _clear_place(canvas: Image, text: str, line: Float64, boxes: Sequence[Float64]) -> Float64:
    """(2,) a place for words near the middle of a line, where they cover it and boxes least."""
    middle = line[len(line) // 2]
    turns = np.arange(12) * (np.pi / 6.0) - np.pi / 2.0
    around = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    reach = np.array([15.0, 24.0, 36.0])[:, None, None] * marks.stroke_px(canvas)
    places = (middle + reach * around * [1.9, 1.0]).reshape(-1, 2)
    points = np.concatenate([line, *(_outline(box) for box in boxes)])
    best, least = places[0], np.inf
    for number, place in enumerate(places):
        x0, y0, x1, y1 = marks.tag(canvas, text, place)
        within = (points >= [x0 - 4, y0 - 4]) & (points <= [x1 + 4, y1 + 4])
        cost = int(within.all(axis=1).sum()) + number / (10.0 * len(places))
        if cost < least:
            best, least = place, cost
    return np.asarray(best)


def _outline(box: Float64) -> Float64:
    """(64, 2) points in a box: whoever covers them covers it."""
    x, y = np.linspace(box[0], box[2], 8), np.linspace(box[1], box[3], 8)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
