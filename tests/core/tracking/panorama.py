"""Pictures that a camera takes of a textured wall, with the camera's true motion known."""

from __future__ import annotations

import cv2
import numpy as np

SIZE = (640, 360)


def wall(seed: int, size: tuple[int, int] = (2400, 1200)) -> np.ndarray:
    """A picture of blocks and blobs of all sizes, RGB, none like another."""
    rng = np.random.default_rng(seed)
    tint = rng.uniform(0.5, 1.0, 3)
    image = np.full((size[1], size[0], 3), 110.0) * tint
    for _ in range(2500):
        x, y = rng.integers(0, size[0]), rng.integers(0, size[1])
        w, h = rng.integers(6, 90, 2)
        colour = rng.uniform(20, 235) * tint
        cv2.rectangle(image, (int(x), int(y)), (int(x + w), int(y + h)), colour.tolist(), -1)
    return cv2.GaussianBlur(image, (0, 0), 1.0).clip(0, 255).astype(np.uint8)


def turn(x: float = 0.0, y: float = 0.0, zoom: float = 1.0, degrees: float = 0.0) -> np.ndarray:
    """(3, 3) from the picture to the wall's middle: where the camera looks."""
    c, s = np.cos(np.deg2rad(degrees)) / zoom, np.sin(np.deg2rad(degrees)) / zoom
    middle = np.array([[1, 0, -SIZE[0] / 2], [0, 1, -SIZE[1] / 2], [0, 0, 1.0]])
    return np.array([[c, -s, 1200 + x], [s, c, 600 + y], [0, 0, 1]]) @ middle


def yaw(radians: float, focal: float = 500.0) -> np.ndarray:
    """(3, 3) from the picture to the wall of a camera that turns about itself."""
    k = np.array([[focal, 0, SIZE[0] / 2], [0, focal, SIZE[1] / 2], [0, 0, 1.0]])
    c, s = np.cos(radians), np.sin(radians)
    about = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return turn() @ k @ about @ np.linalg.inv(k)


def look(of: np.ndarray, to_wall: np.ndarray, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """The picture; pixels' corners, not their middles, are at whole numbers, as in boxes."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    matrix = np.linalg.inv(half) @ to_wall @ half
    image = cv2.warpPerspective(of, matrix, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    if noise:
        grain = np.random.default_rng([seed, 7]).normal(0, noise, image.shape)
        image = (image + grain).clip(0, 255).astype(np.uint8)
    return image


def grid() -> np.ndarray:
    x, y = np.meshgrid(np.linspace(20, SIZE[0] - 20, 5), np.linspace(20, SIZE[1] - 20, 4))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points under a (2, 3) or (3, 3) matrix."""
    matrix = np.vstack([matrix, [0.0, 0.0, 1.0]][: 1 + (len(matrix) == 2)])
    placed = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return placed[:, :2] / placed[:, 2:]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Largest distance over the picture between where two matrices put a point, pixels."""
    return float(np.hypot(*(moved(one, grid()) - moved(other, grid())).T).max())
