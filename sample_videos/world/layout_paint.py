"""Ground surfaces made from lines: bands, dashes, zebras, stop lines, arrows, kerbs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sample_videos.world.layout import arc_length, at, offset_line, resample
from sample_videos.world.scene import Points, Surface


def band(material: str, points: Points, left: float, right: float) -> Surface:
    """The ground between two offsets of a line."""
    return Surface(
        material, np.concatenate([offset_line(points, left), offset_line(points, right)[::-1]])
    )


def stripe(
    points: Points, offset: float, width: float = 0.14, material: str = "paint_white"
) -> Surface:
    return band(material, points, offset + width / 2, offset - width / 2)


def dashes(
    points: Points,
    offset: float,
    *,
    dash: float = 3.0,
    gap: float = 4.5,
    width: float = 0.14,
    material: str = "paint_white",
) -> Iterator[Surface]:
    moved = offset_line(points, offset)
    s = arc_length(moved)
    begin = gap / 2
    while begin + dash <= s[-1]:
        ends = np.array([at(moved, begin)[:2], at(moved, begin + dash / 2)[:2]])
        last = np.array([at(moved, begin + dash)[:2]])
        yield stripe(np.concatenate([ends, last]), 0.0, width, material)
        begin += dash + gap


def rectangle(
    material: str, x: float, y: float, heading: float, length: float, width: float
) -> Surface:
    c, s = np.cos(heading), np.sin(heading)
    corners = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * [length / 2, width / 2]
    return Surface(material, corners @ np.array([[c, s], [-s, c]]) + [x, y])


def zebra(start: Points, end: Points, width: float) -> Iterator[Surface]:
    """White bars from one kerb to the other; each bar lies along the road."""
    across = end - start
    length = float(np.hypot(*across))
    heading = float(np.arctan2(across[1], across[0]))
    n = max(2, int(length / 1.0))
    for k in range(n):
        x, y = start + across * (k + 0.5) / n
        yield rectangle("paint_white", float(x), float(y), heading + np.pi / 2, width, 0.5)


def arrow(x: float, y: float, heading: float, turn: str) -> Iterator[Surface]:
    """A lane arrow, about 4 m long: straight, left or right."""
    c, s = np.cos(heading), np.sin(heading)
    frame = np.array([[c, s], [-s, c]])
    shaft = rectangle("paint_white", x - 0.6 * c, y - 0.6 * s, heading, 2.6, 0.16)
    yield shaft
    if turn == "straight":
        head = np.array([[0.6, 0.4], [2.0, 0.0], [0.6, -0.4]])
    else:
        side = 1.0 if turn == "left" else -1.0
        head = np.array([[0.2, 0.5 * side], [1.1, 0.5 * side], [0.65, 1.5 * side]])
        stub = np.array([[0.5, 0.0], [0.8, 0.0], [0.8, 0.6 * side], [0.5, 0.6 * side]])
        yield Surface("paint_white", stub @ frame + [x, y])
    yield Surface("paint_white", head @ frame + [x, y])


def corner(
    centre: Points, u_a: Points, left_a: float, u_b: Points, right_b: float, radius: float
) -> Points:
    """The ground between two arms of a junction, with its kerb rounded: a polygon.

    u_a, u_b: outward unit vectors, b the next arm counter-clockwise. left_a, right_b: how far
    the ground reaches to the left of arm a and to the right of arm b (looking outward).
    """
    n_a = np.array([-u_a[1], u_a[0]])
    n_b = np.array([-u_b[1], u_b[0]])
    p_a, p_b = centre + left_a * n_a, centre - right_b * n_b
    turned = float(np.arctan2(u_a[0] * u_b[1] - u_a[1] * u_b[0], u_a @ u_b)) % (2 * np.pi)
    if abs(turned - np.pi) < 0.25 or turned > np.pi:
        far = left_a + right_b
        a, b = u_a * far, u_b * far
        return np.array([centre, centre + a, p_a + a, p_b + b, centre + b])
    ka, _ = np.linalg.solve(np.stack([u_a, -u_b], axis=1), p_b - p_a)
    x = p_a + ka * u_a
    reach = radius / np.tan(turned / 2)
    t_a, t_b = x + reach * u_a, x + reach * u_b
    middle = t_a + radius * n_a
    start = np.arctan2(*(t_a - middle)[::-1])
    sweep = -(np.pi - turned)
    angles = start + np.linspace(0.0, sweep, 14)
    arc = middle + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    inner_a, inner_b = t_a - n_a * left_a, t_b + n_b * right_b
    return np.concatenate([[centre, inner_a], arc, [t_b, inner_b]])


def ring(x: float, y: float, radius: float, n: int = 72) -> Points:
    a = np.linspace(0.0, 2 * np.pi, n, endpoint=False)
    return np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], axis=1)


def closed(points: Points) -> Points:
    return resample(np.concatenate([points, points[:1]]))
