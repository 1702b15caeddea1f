"""A remembered picture of the background, and where it lies in another picture.

Corners of the remembered picture are followed into the other one by optical flow (Lucas and Kanade
1981, in pyramids: Bouguet 2001), there and back, so that only those count that return to where
they came from. A robust similarity (RANSAC, Fischler and Bolles 1981) tells the background from
what moves; over its inliers a homography is fitted, because the picture of a camera that turns
about itself is stretched towards its borders: the parts beyond a similarity are held near 0, so
that few corners give a similarity and many a homography.

Pixels are those of the full picture unless a name says small; (0, 0) is the picture's corner.
Matrices are 3 x 3, float64, scaled to have 1 in the last place.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.tracking.sight import Grey, Sight

FEWEST = 12  # corners
LEAST_SHARE = 0.5  # of the corners followed, that move as one
_GRID = (8, 5)
_A_CELL = 4  # corners
_PATCH = 3  # pixels beside a corner that the glance looks at
_RETURN_PX = 0.7  # small: a corner that comes back farther away was lost
_RANSAC_PX = 2.0  # small
_CLOSING_IN = (3.0, 2.0, 1.5, 1.0, 1.0)  # small pixels to the fit, one fit after another
_STAYED_PX = 0.2  # small
_LEAST_FOLLOWED = 0.2  # of the corners that should be in view
_EVEN_PX = 31  # side of the square in which brightness and contrast are made even
_DULL = 8.0  # grey levels: less contrast than this is not raised to the same
_STRETCH = 2e-4  # weight, as of that many corners, of no stretching beyond a similarity
_GLANCES = 64  # corners that a glance looks at
_GLANCE_PX = 0.25  # small: displacements up to this are rest
_GLANCE_CHANGE = 0.5  # of a square's contrast: more, and it shows something else
_CRITERIA = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 0.03)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a keyframe lies in another picture.

    matrix: takes the keyframe's full pixels to the other's. significance: F statistic of that
    motion against none. spread: cells of a grid over the picture that hold corners which agree.
    """

    matrix: Float64
    significance: float
    spread: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Corners followed from a keyframe into another picture.

    start, end: (N, 2) full pixels. guess: the motion they were searched near. pixel: full pixels
    a small pixel. size: width and height of the picture, full pixels.
    """

    start: Float64
    end: Float64
    guess: Float64
    pixel: float
    size: tuple[float, float]

    def at_rest(self) -> tuple[float, int]:
        """Share of the corners that stayed where they were, and the grid's cells that hold them."""
        stayed = np.hypot(*(self.end - self.start).T) < _STAYED_PX * self.pixel
        return float(stayed.mean()), self._cells(stayed)

    def agree(self) -> Found | None:
        """The motion of most corners; None where no half of them moves as one."""
        _, inliers = cv2.estimateAffinePartial2D(
            apply(self.guess, self.start),
            self.end,
            ransacReprojThreshold=_RANSAC_PX * self.pixel,
            maxIters=500,
            confidence=0.999,
        )
        if inliers is None:
            return None
        keep = inliers[:, 0].astype(np.bool_)
        matrix, rest = self.guess, np.zeros(len(keep))
        for limit in _CLOSING_IN:
            if keep.sum() < FEWEST:
                return None
            matrix = _fit(self.start[keep], self.end[keep], self.size)
            rest = np.square(apply(matrix, self.start) - self.end).sum(axis=1)
            keep = rest < (limit * self.pixel) ** 2
        count = int(keep.sum())
        if count < max(FEWEST, LEAST_SHARE * len(keep)):
            return None
        none = float(np.square(self.end - self.start)[keep].sum())
        left = max(float(rest[keep].sum()), 1e-4 * count)
        significance = (none - left) / 4.0 / (left / (2 * count - 4))  # four of a similarity
        return Found(matrix, significance, self._cells(keep))

    def _cells(self, rows: Bool) -> int:
        cell = (self.start[rows] / self.size * _GRID).astype(np.intp)
        return len(np.unique(cell @ np.array([1, _GRID[0]])))


class Keyframe:
    """A picture to compare others with.

    view: takes its full pixels to those of the reference.
    """

    def __init__(self, sight: Sight, view: Float64, corners: Float32 | None = None) -> None:
        self.sight = sight
        self.view = view
        self.corners = _corners(sight) if corners is None else corners
        self._patches = _Patches.of(sight.grey, self.corners)
        self._even = _even(sight.grey)

    def at_rest(self, sight: Sight) -> bool:
        """A glance: True where the picture surely shows the background at the same place."""
        return self._patches.at_rest(sight)

    def follow(self, sight: Sight, guess: Float64) -> Flow | None:
        """Where its corners are in another picture, near `guess`; None where few are found."""
        start = sight.to_small(apply(guess, self.sight.to_full(self.corners.astype(np.float64))))
        looked = sight.background(start)
        if looked.sum() < FEWEST:
            return None
        there_grey = _even(sight.grey)
        here = np.ascontiguousarray(self.corners[looked]).reshape(-1, 1, 2)
        there = np.ascontiguousarray(start[looked], np.float32).reshape(-1, 1, 2)
        reached, seen = _flow(self._even, there_grey, here, there, 3)
        back, seen_back = _flow(there_grey, self._even, reached, here, 1)
        end = reached[:, 0].astype(np.float64)
        good = seen & seen_back & sight.background(end)
        good &= np.hypot(*(back - here)[:, 0].T) < _RETURN_PX
        if good.sum() < max(FEWEST, _LEAST_FOLLOWED * len(good)):
            return None
        size = sight.to_full(np.array(sight.grey.shape[::-1]) - 0.5)
        return Flow(
            start=self.sight.to_full(here[good, 0].astype(np.float64)),
            end=sight.to_full(end[good]),
            guess=guess,
            pixel=float(sight.scale.mean()),
            size=(float(size[0]), float(size[1])),
        )

    def find(self, sight: Sight, guess: Float64) -> Found | None:
        """Where this picture lies in another, near `guess`; None where it cannot be told."""
        flow = self.follow(sight, guess)
        return flow.agree() if flow is not None else None

    def guess(self, sight: Sight) -> Float64 | None:
        """A first guess for `find` where the camera moved far: pairs of like-looking points."""
        orb = cv2.ORB.create(nfeatures=400, nlevels=4, fastThreshold=8)
        mine = orb.detectAndCompute(self.sight.grey, _mask(self.sight))
        theirs = orb.detectAndCompute(sight.grey, _mask(sight))
        if mine[1] is None or theirs[1] is None:
            return None
        pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(mine[1], theirs[1])
        if len(pairs) < FEWEST:
            return None
        p = np.array([mine[0][pair.queryIdx].pt for pair in pairs], np.float64)
        q = np.array([theirs[0][pair.trainIdx].pt for pair in pairs], np.float64)
        matrix, inliers = cv2.estimateAffinePartial2D(
            self.sight.to_full(p),
            sight.to_full(q),
            ransacReprojThreshold=4.0 * float(sight.scale.mean()),
        )
        if matrix is None or inliers.sum() < max(FEWEST, 0.2 * len(pairs)):
            return None
        return np.concatenate([matrix, [[0.0, 0.0, 1.0]]])


@dataclass(frozen=True, slots=True)
class _Patches:
    """Small squares around corners, for telling by one step of Gauss-Newton that nothing moved.

    xy: (C, 2) centres, small. pixels: (C, P) flat indices. grey: (C, P). slope: (C, P, 2) the
    picture's gradient less its mean. inverse: (C, 2, 2) of its second moments. power: (C,) squares
    of the greys less their mean.
    """

    xy: Float64
    pixels: npt.NDArray[np.intp]
    grey: Float32
    slope: Float32
    inverse: Float32
    power: Float32

    @staticmethod
    def of(grey: Grey, corners: Float32) -> _Patches:
        h, w = grey.shape
        at = np.rint(corners).astype(np.intp)
        edge = _PATCH + 1
        at = at[(at >= edge).all(axis=1) & (at[:, 0] < w - edge) & (at[:, 1] < h - edge)]
        at = at[:: max(1, len(at) // _GLANCES)]
        side = np.arange(-_PATCH, _PATCH + 1)
        dy, dx = (d.ravel() for d in np.meshgrid(side, side, indexing="ij"))
        pixels = (at[:, 1:] + dy) * w + at[:, :1] + dx
        flat = grey.ravel().astype(np.float32)
        slope = np.stack(
            [flat[pixels + 1] - flat[pixels - 1], flat[pixels + w] - flat[pixels - w]], axis=2
        ) / np.float32(2.0)
        slope = (slope - slope.mean(axis=1, keepdims=True)).astype(np.float32)
        xx, yy = np.square(slope[..., 0]).sum(axis=1), np.square(slope[..., 1]).sum(axis=1)
        xy = (slope[..., 0] * slope[..., 1]).sum(axis=1)
        xx, yy = xx + 1.0, yy + 1.0
        det = xx * yy - xy * xy
        turn = np.stack([yy / det, -xy / det, -xy / det, xx / det], axis=1)
        turn = turn.reshape(-1, 2, 2).astype(np.float32)
        values = flat[pixels]
        power = np.square(values - values.mean(axis=1, keepdims=True)).sum(axis=1)
        return _Patches(at.astype(np.float64), pixels, values, slope, turn, power)

    def at_rest(self, sight: Sight) -> bool:
        seen = sight.background(self.xy)
        if seen.sum() < FEWEST:
            return False
        change = sight.grey.ravel()[self.pixels[seen]].astype(np.float32) - self.grey[seen]
        pull = (self.slope[seen] * change[..., None]).sum(axis=1)
        moved = -(self.inverse[seen] * pull[:, None, :]).sum(axis=2)
        change -= change.mean(axis=1, keepdims=True)
        same = np.square(change).sum(axis=1) < _GLANCE_CHANGE * self.power[seen]
        quiet = same & (np.abs(moved).max(axis=1) < _GLANCE_PX)
        typical = np.abs(np.median(moved, axis=0)).max()
        return bool(quiet.mean() > 0.6 and typical < _GLANCE_PX / 3.0)


def apply(matrix: Float64, xy: Float64) -> Float64:
    """(N, 2) points under a homography."""
    w = matrix[2, 0] * xy[:, 0] + matrix[2, 1] * xy[:, 1] + matrix[2, 2]
    x = matrix[0, 0] * xy[:, 0] + matrix[0, 1] * xy[:, 1] + matrix[0, 2]
    y = matrix[1, 0] * xy[:, 0] + matrix[1, 1] * xy[:, 1] + matrix[1, 2]
    return np.stack([x / w, y / w], axis=1)


def inverse(matrix: Float64) -> Float64:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def product(a: Float64, b: Float64) -> Float64:
    """The homography that does `b`, then `a`; without BLAS: starting its threads costs more."""
    whole = (a[:, :, None] * b[None, :, :]).sum(axis=1)
    return np.asarray(whole / whole[2, 2], np.float64)


def _mask(sight: Sight) -> Grey:
    mask = np.full(sight.grey.shape, 255, np.uint8)
    for x0, y0, x1, y1 in np.rint(np.clip(sight.boxes, 0, None)).astype(int).tolist():
        mask[y0 : y1 + 1, x0 : x1 + 1] = 0
    return mask


def _corners(sight: Sight) -> Float32:
    """(C, 2) corners of the background, small pixels, the best few of each cell of a grid."""
    found = cv2.goodFeaturesToTrack(sight.grey, 600, 0.005, 5, mask=_mask(sight), blockSize=5)
    if found is None:
        return np.zeros((0, 2), np.float32)
    xy = found[:, 0]
    h, w = sight.grey.shape
    cell = (xy * [_GRID[0] / w, _GRID[1] / h]).astype(np.intp) @ [1, _GRID[0]]
    order = np.argsort(cell, kind="stable")  # within a cell they stay ordered by strength
    first = np.searchsorted(cell[order], cell[order])
    return np.asarray(xy[np.sort(order[np.arange(len(order)) - first < _A_CELL])], np.float32)


def _even(grey: Grey) -> Grey:
    """The picture with the same brightness and contrast everywhere: light may change."""
    picture = grey.astype(np.float32)
    mean = cv2.blur(picture, (_EVEN_PX, _EVEN_PX))
    power = cv2.blur(picture * picture, (_EVEN_PX, _EVEN_PX))
    spread = np.sqrt(np.maximum(power - mean * mean, 0.0)) + _DULL
    return np.asarray(np.clip(128.0 + 48.0 * (picture - mean) / spread, 0.0, 255.0), np.uint8)


def _flow(
    here: Grey, there: Grey, start: Float32, guess: Float32, levels: int
) -> tuple[Float32, Bool]:
    """(N, 1, 2) where points of one picture are in another, and which were found.

    levels: how often the pictures are halved: each doubles how far from `guess` is searched.
    """
    end, found, _ = cv2.calcOpticalFlowPyrLK(
        here,
        there,
        start,
        guess.copy(),
        winSize=(15, 15),
        maxLevel=levels,
        criteria=_CRITERIA,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return np.asarray(end, np.float32), found[:, 0].astype(np.bool_)


def _fit(p: Float64, q: Float64, size: tuple[float, float]) -> Float64:
    """Homography by least squares, what is beyond a similarity held near 0."""
    centre, unit = np.array(size) / 2.0, max(size) / 2.0
    x, y = ((p - centre) / unit).T
    u, v = ((q - centre) / unit).T
    none, one = np.zeros_like(x), np.ones_like(x)
    # columns: scale, rotation, shift x, shift y, two of stretch, two of perspective
    row_u = np.stack([x, -y, one, none, x, y, -x * u, -y * u], axis=1)
    row_v = np.stack([y, x, none, one, -y, x, -x * v, -y * v], axis=1)
    rows, right = np.concatenate([row_u, row_v]), np.concatenate([u, v])
    normal = (rows[:, :, None] * rows[:, None, :]).sum(axis=0)
    normal[np.arange(4, 8), np.arange(4, 8)] += _STRETCH
    s, r, tx, ty, e, f, g, h = np.linalg.solve(normal, (rows * right[:, None]).sum(axis=0))
    inner = np.array([[s + e, f - r, tx], [r + f, s - e, ty], [g, h, 1.0]])
    cx, cy = centre / unit
    to_unit = np.array([[1.0 / unit, 0.0, -cx], [0.0, 1.0 / unit, -cy], [0.0, 0.0, 1.0]])
    return product(inverse(to_unit), product(inner, to_unit))
