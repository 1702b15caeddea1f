"""Plausible cameras for a place: on poles and house fronts, looking at the action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_videos.world.camera import View
from sample_videos.world.layout import Layout
from sample_videos.world.scene import Camera, Points, Prop

_PICTURE = (960, 540)
_CAR_M = 4.5


@dataclass(frozen=True, slots=True)
class ViewLimits:
    """What a camera may be like. car_px: width of a car at the focus in a 960 px picture.
    off_road_m: least distance from the lines that vehicles drive along.
    clear_m: nothing tall stands in front of it within this distance.
    """

    height_m: tuple[float, float] = (4.0, 12.0)
    tilt: tuple[float, float] = (0.2, 0.87)
    fov: tuple[float, float] = (0.8, 1.48)
    distance_m: tuple[float, float] = (14.0, 48.0)
    car_px: tuple[float, float] = (58.0, 210.0)
    off_road_m: float = 0.0
    clear_m: float = 9.0


def camera_views(
    layout: Layout,
    rng: np.random.Generator,
    count: int = 8,
    limits: ViewLimits | None = None,
) -> list[Camera]:
    """`count` cameras that look at the layout's focus, none inside or behind a building.

    Height 4-12 m, tilt 12-50 degrees, horizontal field of view 45-85 degrees. Raises RuntimeError
    when the place leaves no room for a camera.
    """
    limits = limits or ViewLimits()
    blocks = [p for p in layout.props if p.kind == "building"]
    crowns = [p for p in layout.props if p.kind == "tree"]
    action = _action(layout)
    lanes = np.concatenate([s.points[::3] for s in layout.strips.values()])
    out: list[Camera] = []
    best: list[tuple[float, Camera]] = []
    for attempt in range(60 * count):
        camera = _candidate(layout, rng, limits)
        if camera is None or _inside(camera, blocks, crowns):
            continue
        if _in_front(camera, layout.props, limits.clear_m):
            continue
        if np.hypot(lanes[:, 0] - camera.x, lanes[:, 1] - camera.y).min() < limits.off_road_m:
            continue
        share = _seen(camera, action, blocks, crowns)
        if share >= 0.5 - 0.3 * attempt / (60 * count):
            out.append(camera)
            if len(out) == count:
                return out
        best.append((share, camera))
    best.sort(key=lambda pair: -pair[0])
    out += [camera for _, camera in best[: count - len(out)]]
    if not out:
        raise RuntimeError(f"No camera fits into the layout '{layout.name}'.")
    return out


def _candidate(layout: Layout, rng: np.random.Generator, limits: ViewLimits) -> Camera | None:
    focus = np.array(layout.focus[int(rng.integers(len(layout.focus)))])
    focus = focus + rng.normal(0.0, 2.0, 2)
    azimuth = rng.uniform(-np.pi, np.pi)
    distance = rng.uniform(*limits.distance_m)
    height = rng.uniform(*limits.height_m)
    fov = rng.uniform(*limits.fov)
    focal = _PICTURE[0] / 2 / np.tan(fov / 2)
    slant = float(np.hypot(distance, height))
    if not limits.car_px[0] <= focal * _CAR_M / slant <= limits.car_px[1]:
        return None
    x, y = focus + distance * np.array([np.cos(azimuth), np.sin(azimuth)])
    down = np.arctan2(height - 0.7, distance)
    pitch = down - np.arctan(rng.uniform(-0.02, 0.12) * _PICTURE[1] / focal)
    if not limits.tilt[0] <= pitch <= limits.tilt[1]:
        return None
    yaw = azimuth + np.pi + rng.normal(0.0, 0.05)
    return Camera(
        float(x), float(y), float(height), float(yaw), float(pitch), float(fov),
        float(rng.normal(0.0, 0.008)),
    )  # fmt: skip


def _action(layout: Layout) -> Points:
    """Points where things happen: lanes, crossings and bays near the focus, (N, 2)."""
    points = [s.points[::6] for s in layout.strips.values()]
    points += [np.array([[b.x, b.y]]) for b in layout.bays]
    if layout.open_area is not None:
        low, high = layout.open_area.min(axis=0), layout.open_area.max(axis=0)
        grid = np.stack(np.meshgrid(*np.linspace(low, high, 9).T), axis=-1).reshape(-1, 2)
        points.append(grid)
    every = np.concatenate(points)
    near = np.zeros(len(every), dtype=bool)
    for x, y in layout.focus:
        near |= np.hypot(every[:, 0] - x, every[:, 1] - y) < layout.clear_m
    return every[near]


def _inside(camera: Camera, blocks: list[Prop], crowns: list[Prop]) -> bool:
    at = np.array([[camera.x, camera.y]])
    if any(bool(_in_block(at, b, 1.0)[0]) for b in blocks):
        return True
    return any(np.hypot(c.x - camera.x, c.y - camera.y) < c.length / 2 + 2.0 for c in crowns)


_SLIM = ("lamp", "signal", "tree", "sign", "shelter", "hedge")


def _in_front(camera: Camera, props: Sequence[Prop], near_m: float) -> bool:
    """Whether something stands right in front of the camera."""
    for prop in props:
        if prop.kind not in _SLIM or prop.height < 0.3 * camera.z:
            continue
        dx, dy = prop.x - camera.x, prop.y - camera.y
        reach = near_m + (1.6 * prop.length if prop.kind != "lamp" else 2.0)
        away = float(np.hypot(dx, dy))
        side = abs(np.angle(np.exp(1j * (np.arctan2(dy, dx) - camera.yaw))))
        if away < reach and side < camera.fov / 2 + 0.5 / max(away, 0.5) + 0.12:
            return True
    return False


def _in_block(xy: Points, block: Prop, margin: float) -> npt.NDArray[np.bool_]:
    c, s = np.cos(block.heading), np.sin(block.heading)
    d = xy - [block.x, block.y]
    along, across = d[..., 0] * c + d[..., 1] * s, -d[..., 0] * s + d[..., 1] * c
    return np.asarray(
        (np.abs(along) < block.length / 2 + margin) & (np.abs(across) < block.width / 2 + margin)
    )


def _seen(camera: Camera, action: Points, blocks: list[Prop], crowns: list[Prop]) -> float:
    """Share of the action that is in the picture and not hidden, 0 when much is hidden."""
    view = View.of(camera, _PICTURE)
    points = np.column_stack([action, np.full(len(action), 0.8)])
    pixels, depth = view.project(points)
    shown = (
        (depth > 4.0)
        & (pixels[:, 0] > 10)
        & (pixels[:, 0] < _PICTURE[0] - 10)
        & (pixels[:, 1] > 10)
        & (pixels[:, 1] < _PICTURE[1] - 10)
    )
    if not shown.any():
        return 0.0
    covered = float(_hidden(camera, points[shown], blocks, crowns).mean())
    if covered > 0.12:
        return 0.0
    return float(shown.mean() * (1.0 - covered))


def hidden(camera: Camera, points: Points, layout: Layout) -> npt.NDArray[np.bool_]:
    """Which points (N, 3) a house or a tree stands in front of."""
    return _hidden(
        camera,
        points,
        [p for p in layout.props if p.kind == "building"],
        [p for p in layout.props if p.kind == "tree"],
    )


def _hidden(
    camera: Camera, points: Points, blocks: list[Prop], crowns: list[Prop]
) -> npt.NDArray[np.bool_]:
    eye = np.array([camera.x, camera.y, camera.z])
    f = np.linspace(0.03, 0.97, 40)[:, None, None]
    ray = eye + f * (points[None] - eye)
    out = np.zeros(len(points), dtype=bool)
    far = float(np.hypot(points[:, 0] - eye[0], points[:, 1] - eye[1]).max(initial=0.0))
    blocks = [b for b in blocks if np.hypot(b.x - eye[0], b.y - eye[1]) < far + b.length]
    crowns = [c for c in crowns if np.hypot(c.x - eye[0], c.y - eye[1]) < far + c.length]
    for block in blocks:
        inside = _in_block(ray[..., :2], block, 0.2) & (ray[..., 2] < block.height)
        out |= inside.any(axis=0)
    for crown in crowns:
        near = np.hypot(ray[..., 0] - crown.x, ray[..., 1] - crown.y) < crown.length / 2
        low = crown.height - crown.length * 1.1
        inside = near & (ray[..., 2] > low) & (ray[..., 2] < crown.height)
        out |= inside.any(axis=0)
    return out
