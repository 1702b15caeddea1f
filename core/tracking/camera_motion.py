"""Measures how the camera moves, frame by frame, against remembered pictures of the background.

Each frame is compared with a keyframe, not with the frame before: what trembles comes back to the
same place exactly, and errors only add up where the keyframe changes. It changes where too little
of it is still in view, to one used before that shows the place, so that a camera that pans there
and back returns to where it was; else to the present frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64, Image
from core.errors import LibraryError
from core.tracking.camera import CameraStep
from core.tracking.keyframes import Found, Keyframe, apply, inverse, product
from core.tracking.sight import Sight
from core.video.look import Look

_NOTHING_PX = 0.1  # at full scale
_STILL_PX = 0.3  # at full scale: less than this everywhere in the picture is rest
_DOUBTFUL_PX = 2.0  # up to this, motion must be significant
_SIGNIFICANT = 12.0  # F of the motion against none; corners err together, so far above the books'
_MOSTLY = 0.5  # share of the corners at rest that makes a camera at rest stay so
_PARTLY = 0.25  # the same, where they are spread as widely as those that move
_OVERLAP = 0.65  # of the picture that must show the keyframe
_POOL_OVERLAP = 0.8
_ZOOM = 1.15  # of the picture against the keyframe's
_TILT = 0.2  # radians, the same
_CALM_FRAMES = 8  # frames without motion after which the view becomes a keyframe
_POOL = 10
_AWAY = 4.0  # stretch of the picture at which the reference is too far to the side
_EAGER = 4  # frames after which a lost camera is searched for less often
_SEARCH_EVERY = 8
_GIVE_UP = 3  # more frames without a view than this, and another reference is taken
_REFRESH = 50  # frames between two renewals of a keyframe's picture
_SAME_GREY = 5.0
_LEAST_SEEN = 0.05  # of the picture outside all boxes
_EYE = np.eye(3)

Memory = Mapping[str, npt.NDArray[Any]]


class CameraMotion:
    """Fed every looked-at frame of one video, in order.

    Deterministic: the same pictures and boxes give the same steps, also after `recall`.
    """

    def __init__(self) -> None:
        self._forget()
        self._reference = -1

    def _forget(self) -> None:
        self._pool: list[Keyframe] = []  # the last one is the one in use
        self._last: Sight | None = None
        self._stranger: Sight | None = None  # the first frame since then whose view is not known
        self._look: Look | None = None  # of the last frame whose view is known
        self._found = _EYE  # keyframe -> last known frame
        self._view = _EYE  # last known frame -> reference
        self._misses = 0
        self._age = 0
        self._calm = 0
        self._calm_view = _EYE

    def step(self, image: Image, xyxy: Float32) -> CameraStep:
        """What the camera did since the frame before.

        image: RGB of any size; xyxy: (N, 4) boxes, full pixels, of all that may move by itself.
        """
        sight = Sight.of(image, xyxy)
        look = Look.of(image)
        if self._last is None or self._last.grey.shape != sight.grey.shape:
            return self._begin(sight, look, cut=self._last is not None)
        self._age += 1
        key = self._pool[-1]
        resting = _none(self._found) and key.at_rest(sight)
        found = _EYE if resting else self._locate(sight)
        if found is None:
            return self._miss(sight, look)
        return self._hit(sight, look, found)

    # --- outcomes ----------------------------------------------------------------------------

    def _begin(self, sight: Sight, look: Look, *, cut: bool, known: bool = True) -> CameraStep:
        """Take this frame as a new reference."""
        self._forget()
        self._reference += 1
        self._pool = [Keyframe(sight, _EYE)]
        self._last, self._look = sight, look
        return CameraStep(np.eye(2, 3), known, cut, _EYE, self._reference)

    def _miss(self, sight: Sight, look: Look) -> CameraStep:
        other = look.differs(self._look)
        light = self._look is not None and look.only_light_differs(self._look)
        if other and (not light or self._misses >= _GIVE_UP):
            return self._begin(sight, look, cut=True)
        self._misses += 1
        if self._stranger is None:
            self._stranger = sight
        elif self._misses > _GIVE_UP:
            if _shows(self._stranger, sight):  # at once another place, and it stays
                return self._begin(sight, look, cut=True)
            if self._last is not None and _shows(self._last, sight):
                return self._begin(sight, look, cut=False, known=False)
        self._last = sight
        return CameraStep(np.eye(2, 3), False, False, self._view, self._reference)

    def _hit(self, sight: Sight, look: Look, found: Float64) -> CameraStep:
        key = self._pool[-1]
        resting = _none(found)
        view = key.view if resting else product(key.view, inverse(found))
        step = np.eye(2, 3)
        if not np.array_equal(view, self._view):
            step = _similarity(product(inverse(view), self._view), sight)
        self._last, self._look, self._found, self._view = sight, look, found, view
        self._misses, self._stranger = 0, None
        if not resting:
            if _stretch(view, sight) > _AWAY:
                return replace(self._begin(sight, look, cut=False), matrix=step)
            self._choose_keyframe(sight)
        return CameraStep(step, True, False, view, self._reference)

    # --- where is the camera -----------------------------------------------------------------

    def _locate(self, sight: Sight) -> Float64 | None:
        """Where the keyframe lies in this frame; may make another frame the keyframe."""
        key, resting = self._pool[-1], _none(self._found)
        flow = key.follow(sight, self._found)
        found = flow.agree() if flow is not None else None
        if resting and flow is not None:
            stayed, spread = flow.at_rest()
            small = stayed > _MOSTLY
            if small or (stayed > _PARTLY and (found is None or spread >= found.spread)):
                if found is not None and _farthest(found.matrix, sight) < _NOTHING_PX:
                    self._renew(sight)
                return _EYE  # what moves is something large that nobody has put a box around
        if found is not None:
            return self._at_rest_or(found, sight)
        if resting and _unchanged(key.sight, sight):
            return _EYE
        if self._misses == 0 and self._last is not None and self._last is not key.sight:
            before = Keyframe(self._last, self._view)
            found = before.find(sight, _EYE)
            if found is not None:
                self._use(before)
                return found.matrix
        if self._misses < _EAGER or self._misses % _SEARCH_EVERY == 0:
            guess = key.guess(sight)
            found = key.find(sight, guess) if guess is not None else None
            if found is not None:
                return found.matrix
        return None

    def _at_rest_or(self, found: Found, sight: Sight) -> Float64:
        """The motion found, or none where it is too small to be one."""
        far = _farthest(found.matrix, sight)
        if far >= _DOUBTFUL_PX:
            return found.matrix
        if far >= _STILL_PX:
            if found.significance > _SIGNIFICANT:
                return found.matrix
        elif far < _NOTHING_PX:
            self._renew(sight)
        return _EYE

    def _renew(self, sight: Sight) -> None:
        """The same place as it looks now: the light changes over the day, and what is parked."""
        if self._age > _REFRESH:
            self._pool[-1] = Keyframe(sight, self._pool[-1].view)
            self._age = 0

    # --- keyframes ---------------------------------------------------------------------------

    def _use(self, key: Keyframe) -> None:
        self._pool.append(key)
        del self._pool[:-_POOL]
        self._age = 0

    def _choose_keyframe(self, sight: Sight) -> None:
        """Another keyframe where this one is nearly out of view, or where the camera rests."""
        moved = _farthest(product(inverse(self._view), self._calm_view), sight)
        self._calm = self._calm + 1 if moved < _STILL_PX else 0
        if not self._calm:
            self._calm_view = self._view
        if self._calm < _CALM_FRAMES and _in_view(self._found, sight) > _OVERLAP:
            return
        self._calm = 0
        back = inverse(self._view)
        best = max(
            self._pool[:-1],
            key=lambda key: _in_view(product(back, key.view), sight),
            default=None,
        )
        if best is not None:
            guess = product(back, best.view)
            found = best.find(sight, guess) if _in_view(guess, sight) > _POOL_OVERLAP else None
            if found is not None:
                self._pool = [key for key in self._pool if key is not best]
                self._use(best)
                self._found = self._at_rest_or(found, sight)
                return
        self._use(Keyframe(sight, self._view))
        self._found = _EYE
        self._calm_view = self._view

    # --- going on later ----------------------------------------------------------------------

    def memory(self) -> Memory:
        """All that the next step depends on, as arrays that `recall` takes."""
        if self._last is None or self._look is None:
            return {}
        sights = [*(key.sight for key in self._pool), self._last]
        if self._stranger is not None:
            sights.append(self._stranger)
        boxes = [sight.boxes for sight in sights]
        corners = [key.corners for key in self._pool]
        return {
            "grey": np.stack([sight.grey for sight in sights]),
            "scale": self._last.scale,
            "boxes": np.concatenate(boxes),
            "box_counts": np.array([len(b) for b in boxes]),
            "corners": np.concatenate(corners),
            "corner_counts": np.array([len(c) for c in corners]),
            "views": np.stack([*(key.view for key in self._pool), self._view, self._calm_view]),
            "found": self._found,
            "look": self._look.pixels,
            "counts": np.array([self._reference, self._misses, self._age, self._calm]),
        }

    def recall(self, memory: Memory) -> None:
        """Go on where another one's `memory` was taken; raises LibraryError when it is damaged."""
        if not memory:
            return
        try:
            boxes = np.split(memory["boxes"], np.cumsum(memory["box_counts"])[:-1])
            corners = np.split(memory["corners"], np.cumsum(memory["corner_counts"])[:-1])
            sights = [
                Sight(grey, memory["scale"], b)
                for grey, b in zip(memory["grey"], boxes, strict=True)
            ]
            *views, self._view, self._calm_view = memory["views"]
            self._found = memory["found"]
            self._pool = [
                Keyframe(sight, v, c)
                for sight, v, c in zip(sights[: len(views)], views, corners, strict=True)
            ]
            self._last, *rest = sights[len(views) :]
            self._stranger = rest[0] if rest else None
            self._look = Look.from_pixels(memory["look"])
            self._reference, self._misses, self._age, self._calm = memory["counts"].tolist()
        except (KeyError, ValueError, IndexError) as error:
            raise LibraryError(f"The memory of the camera's motion is damaged: {error}.") from error


def _shows(before: Sight, sight: Sight) -> bool:
    """Whether two frames show the same place from nearly the same view."""
    return Keyframe(before, _EYE).find(sight, _EYE) is not None


def _none(matrix: Float64) -> bool:
    return bool(np.array_equal(matrix, _EYE))


def _farthest(matrix: Float64, sight: Sight) -> float:
    """Largest displacement anywhere in the picture, full pixels."""
    points = sight.points(3)
    return float(np.hypot(*(apply(matrix, points) - points).T).max())


def _similarity(matrix: Float64, sight: Sight) -> Float64:
    """(2, 3) the similarity nearest to a homography over the picture."""
    p = sight.points(3)
    q = apply(matrix, p)
    p0, q0 = p.mean(axis=0), q.mean(axis=0)
    (x, y), (u, v) = (p - p0).T, (q - q0).T
    size = float((x * x + y * y).sum())
    a, b = float((x * u + y * v).sum()) / size, float((x * v - y * u).sum()) / size
    turned = np.array([[a, -b], [b, a]])
    return np.concatenate([turned, (q0 - (turned * p0).sum(axis=1))[:, None]], axis=1)


def _in_view(found: Float64, sight: Sight) -> float:
    """Share of the picture that shows the keyframe, 0 where zoom or tilt are others.

    found: takes the keyframe's pixels to the picture's.
    """
    (a, _, _), (b, _, _) = _similarity(found, sight)
    if abs(np.log(np.hypot(a, b))) > np.log(_ZOOM) or abs(np.arctan2(b, a)) > _TILT:
        return 0.0
    points = sight.points(9)
    there = apply(inverse(found), points)
    return float(((there >= 0.0) & (there <= points[-1])).all(axis=1).mean())


def _stretch(view: Float64, sight: Sight) -> float:
    """How much larger one corner of the picture is in the reference than another."""
    points = sight.points(2)
    w = view[2, 0] * points[:, 0] + view[2, 1] * points[:, 1] + view[2, 2]
    if w.min() <= 0.0:
        return float("inf")
    return float((w.max() / w.min()) ** 1.5)


def _unchanged(one: Sight, other: Sight) -> bool:
    """Whether the background looks the same, where it has too few corners to follow."""
    cells = (32, 18)
    change = cv2.resize(one.grey, cells, interpolation=cv2.INTER_AREA).astype(np.float32)
    change -= cv2.resize(other.grey, cells, interpolation=cv2.INTER_AREA)
    h, w = one.grey.shape
    x, y = np.meshgrid(np.arange(0.5, 32) * w / 32, np.arange(0.5, 18) * h / 18)
    middle = np.stack([x.ravel(), y.ravel()], axis=1)
    seen = one.background(middle) & other.background(middle)
    if seen.mean() < _LEAST_SEEN:
        return True  # all is hidden: nothing speaks for motion
    visible = change.ravel()[seen]
    return bool((np.abs(visible - np.median(visible)) < _SAME_GREY).mean() > 0.95)
