"""From a stage, its bodies and one instant to a picture, with every box and how much of it shows.

The still part is painted once for a camera (and turned for one that pans or shakes); bodies are
painted over it far to near. Boxes and visibility come from the geometry, not from the picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sample_videos.world.backdrop import Backdrop
from sample_videos.world.camera import View
from sample_videos.world.figures import figure_parts
from sample_videos.world.ground import shadow_of
from sample_videos.world.lighting import Illumination, Lamps
from sample_videos.world.meshes import Mesh, Rgb
from sample_videos.world.painting import Placed, paint, place
from sample_videos.world.scene import COLOURS, Body, Moment, Points, Pose, Stage
from sample_videos.world.vehicles import vehicle_parts

Image = npt.NDArray[np.uint8]
_SIGNAL_RGB: Mapping[str, Rgb] = {
    "red": (255.0, 42.0, 32.0),
    "amber": (255.0, 178.0, 32.0),
    "green": (52.0, 236.0, 120.0),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the camera itself does to a picture.

    gain and balance multiply RGB; blur and noise are standard deviations, pixels and levels.
    """

    gain: float = 1.0
    contrast: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blur: float = 0.45
    noise: float = 1.6


@dataclass(frozen=True, slots=True)
class Rendered:
    """One picture and its truth.

    image: (H, W, 3) uint8 RGB. boxes: object id -> x, y, width, height in pixels of the whole
    silhouette inside the frame, hidden or not. visibility: share of the whole silhouette that
    shows, 0..1.
    """

    image: Image
    boxes: Mapping[int, tuple[float, float, float, float]]
    visibility: Mapping[int, float]


class Renderer:
    """Draws moments of one stage; the same seed and moment give the same picture."""

    def __init__(
        self,
        stage: Stage,
        bodies: Sequence[Body],
        size: tuple[int, int] = (960, 540),
        *,
        seed: int = 0,
        look: Look | None = None,
    ) -> None:
        self._size = size
        self._light = Illumination.of(stage.light)
        self._lamps = Lamps.of(stage)
        self._backdrop = Backdrop(stage, self._light, size)
        self._stage = stage
        self._bodies = {body.object_id: body for body in bodies}
        self._meshes = {body.object_id: mesh_of(body) for body in bodies}
        self._look = look or Look()
        rng = np.random.default_rng([seed, 5])
        spread = max(self._look.noise, 0.01) * (1.0 + 1.4 * self._light.night)
        grain = rng.normal(0.0, spread, (size[1] + 64, size[0] + 64, 1))
        self._grain = np.repeat(np.round(grain), 3, axis=2).astype(np.int16)
        self._seed = seed

    def render(self, moment: Moment) -> Rendered:
        """The picture of one instant."""
        view = View.of(moment.camera, self._size)
        still, prop_depth = self._backdrop.at(moment.camera)
        placed = self._place(view, moment.poses)
        base = self._shadowed(still, view, placed, moment)
        canvas = base.copy()
        owner = np.zeros((self._size[1] // 2, self._size[0] // 2), np.uint16)
        areas: dict[int, float] = {}
        boxes: dict[int, tuple[float, float, float, float]] = {}
        for object_id, item in sorted(placed.items(), key=lambda pair: -pair[1].depth):
            outline = item.outline
            low, high = outline.min(axis=0), outline.max(axis=0)
            x0, y0 = max(0.0, float(low[0])), max(0.0, float(low[1]))
            x1, y1 = (
                min(float(self._size[0]), float(high[0])),
                min(float(self._size[1]), float(high[1])),
            )
            if x1 - x0 < 1.0 or y1 - y0 < 1.0:
                continue
            pose = moment.poses[object_id]
            lamp_level = float(self._lamps.at(np.array([pose.x]), np.array([pose.y]))[0])
            paint(
                canvas,
                view,
                item,
                self._light,
                lamp_level=lamp_level if self._light.lamps_on else 0.0,
                glowing=self._glowing(pose, moment.t_s),
            )
            hull = cv2.convexHull(outline.astype(np.float32))
            areas[object_id] = max(1.0, float(cv2.contourArea(hull)) / 4.0)
            cv2.fillConvexPoly(
                owner, np.round(hull * 8.0).astype(np.int32), object_id, cv2.LINE_8, 4
            )
            self._hide(canvas, base, owner, prop_depth, item.depth, (x0, y0, x1, y1))
            boxes[object_id] = (x0, y0, x1 - x0, y1 - y0)
        counts = np.bincount(owner.ravel(), minlength=max(self._bodies, default=0) + 1)
        visibility = {i: float(min(1.0, counts[i] / areas[i])) for i in boxes}
        self._signals(canvas, view, prop_depth, moment)
        image = self._finish(canvas, view, placed, moment)
        return Rendered(image, boxes, visibility)

    def _place(self, view: View, poses: Mapping[int, Pose]) -> dict[int, Placed]:
        placed = {}
        for object_id, pose in poses.items():
            item = place(
                self._meshes[object_id], view, pose.x, pose.y, pose.heading, phase=pose.phase
            )
            if item is not None:
                placed[object_id] = item
        return placed

    def _shadowed(
        self, still: Image, view: View, placed: Mapping[int, Placed], moment: Moment
    ) -> Image:
        """The still picture with the bodies' shadows and the light of their head lamps on it."""
        half = view.scaled(0.5)
        shape = (self._size[1] // 2, self._size[0] // 2)
        contact = np.full(shape, 255, np.uint8)
        cast = np.full(shape, 255, np.uint8)
        for object_id, item in placed.items():
            body, pose = self._bodies[object_id], moment.poses[object_id]
            foot = _footprint(body, pose, grow=1.06)
            _fill_ground(contact, half, foot, 118)
            if self._light.shadow > 0.02:
                fall = shadow_of(item.points, self._light.to_sun)[:, :2]
                hull = cv2.convexHull(fall.astype(np.float32))[:, 0, :].astype(np.float64)
                _fill_ground(cast, half, hull, round(255 * (1.0 - self._light.shadow)))
        shade = np.minimum(
            cv2.GaussianBlur(contact, (0, 0), 2.2), cv2.GaussianBlur(cast, (0, 0), 0.8)
        )
        full = cv2.resize(shade, self._size, interpolation=cv2.INTER_LINEAR)
        shaded = cv2.multiply(still, cv2.merge([full, full, full]), scale=1 / 255.0)
        base = np.asarray(shaded, np.uint8)
        if self._light.night > 0.2:
            base = self._beams(base, view, moment)
        front = self._backdrop.front(moment.camera)
        if front is not None:
            base = np.where(front[..., None] > 0, still, base)
        return base

    def _beams(self, base: Image, view: View, moment: Moment) -> Image:
        small = view.scaled(0.25)
        mask = np.zeros((self._size[1] // 4, self._size[0] // 4), np.uint8)
        for object_id, pose in moment.poses.items():
            body = self._bodies[object_id]
            if body.kind in ("person", "dog", "bicycle"):
                continue
            front, half = body.size_m[0] / 2, body.size_m[1] / 2
            local = np.array(
                [(front, -half), (front + 11, -half - 2.2), (front + 11, half + 2.2), (front, half)]
            )
            beam = np.zeros_like(mask)
            _fill_ground(beam, small, _to_world(local, pose), round(150 * self._light.night))
            mask = np.asarray(cv2.add(mask, beam), np.uint8)
        soft = (
            cv2.resize(cv2.GaussianBlur(mask, (0, 0), 3.0), self._size).astype(np.float32) / 255.0
        )
        haze = soft[..., None] * np.array([26.0, 24.0, 18.0], np.float32)
        lit = base.astype(np.float32) * (1.0 + 2.6 * soft[..., None]) + haze
        return np.asarray(np.clip(lit, 0, 255), np.uint8)

    def _hide(
        self,
        canvas: Image,
        base: Image,
        owner: npt.NDArray[np.uint16],
        prop_depth: npt.NDArray[np.float32],
        depth: float,
        box: tuple[float, float, float, float],
    ) -> None:
        """Put back the still things that stand before a body."""
        x0, y0 = max(0, int(box[0]) - 2), max(0, int(box[1]) - 2)
        x1, y1 = int(box[2]) + 3, int(box[3]) + 3
        nearer = prop_depth[y0:y1, x0:x1] < depth
        if not nearer.any():
            return
        canvas[y0:y1, x0:x1][nearer] = base[y0:y1, x0:x1][nearer]
        ys, xs = np.nonzero(nearer[::2, ::2])
        rows = np.minimum((ys * 2 + y0) // 2, owner.shape[0] - 1)
        columns = np.minimum((xs * 2 + x0) // 2, owner.shape[1] - 1)
        owner[rows, columns] = 0

    def _glowing(self, pose: Pose, t_s: float) -> Mapping[str, Rgb]:
        glow: dict[str, Rgb] = {}
        if self._light.night > 0.2 or self._light.rain > 0.3:
            glow["headlamp"] = (255.0, 250.0, 228.0)
            glow["taillamp"] = (206.0, 26.0, 26.0)
        if pose.brake:
            glow["taillamp"] = (255.0, 54.0, 40.0)
        if pose.indicator and (t_s * 1.5) % 1.0 < 0.55:
            name = "blinker_left" if pose.indicator > 0 else "blinker_right"
            glow[name] = (255.0, 160.0, 36.0)
        return glow

    def _signals(
        self, canvas: Image, view: View, prop_depth: npt.NDArray[np.float32], moment: Moment
    ) -> None:
        for state in moment.signals:
            prop = self._stage.props[state.prop]
            drop = {"red": 0.18, "amber": 0.47, "green": 0.76}[state.colour]
            ahead = (math.cos(prop.heading), math.sin(prop.heading))
            centre = np.array(
                [[prop.x + 0.18 * ahead[0], prop.y + 0.18 * ahead[1], prop.height - drop]]
            )
            pixels, depth = view.project(centre)
            facing = (view.origin[0] - prop.x) * ahead[0] + (view.origin[1] - prop.y) * ahead[1] > 0
            u, v = float(pixels[0, 0]), float(pixels[0, 1])
            if (
                not facing
                or depth[0] < 1
                or not (2 <= u < self._size[0] - 2 and 2 <= v < self._size[1] - 2)
            ):
                continue
            if prop_depth[int(v), int(u)] < depth[0] - 1.0:
                continue
            radius = max(1.2, 0.13 * view.focal_px / float(depth[0]))
            cv2.circle(
                canvas,
                (round(u * 16), round(v * 16)),
                round(radius * 16),
                _SIGNAL_RGB[state.colour],
                -1,
                cv2.LINE_AA,
                4,
            )

    def _finish(
        self, canvas: Image, view: View, placed: Mapping[int, Placed], moment: Moment
    ) -> Image:
        image = canvas
        frame = round(moment.t_s * 1000)
        rng = np.random.default_rng([self._seed, 11, frame])
        if self._light.night > 0.2:
            image = self._bloom(image, view, placed, moment)
        if self._light.rain > 0.05:
            image = _rain(image, self._light, rng)
        look = self._look
        if look.blur > 0.05:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), look.blur), np.uint8)
        if look.gain != 1.0 or look.contrast != 1.0 or look.balance != (1.0, 1.0, 1.0):
            levels = np.arange(256, dtype=np.float32)
            curve = (levels - 118.0) * look.contrast + 118.0
            table = np.stack([np.clip(curve * look.gain * b, 0, 255) for b in look.balance], axis=1)
            image = np.asarray(cv2.LUT(image, table.astype(np.uint8)[None]), np.uint8)
        top, left = int(rng.integers(0, 64)), int(rng.integers(0, 64))
        grain = self._grain[top : top + self._size[1], left : left + self._size[0]]
        return np.asarray(np.clip(image.astype(np.int16) + grain, 0, 255), np.uint8)

    def _bloom(
        self, image: Image, view: View, placed: Mapping[int, Placed], moment: Moment
    ) -> Image:
        glow = np.zeros((self._size[1] // 4, self._size[0] // 4, 3), np.float32)
        for object_id, item in placed.items():
            pose, mesh = moment.poses[object_id], item.mesh
            for face, material in enumerate(mesh.materials):
                if material not in ("headlamp", "taillamp"):
                    continue
                start, stop = mesh.starts[face]
                towards = float(item.normals[face] @ (view.origin - item.points[start]))
                if towards <= 0:
                    continue
                centre = item.pixels[start:stop].mean(axis=0) / 4.0
                power = 1.0 if material == "headlamp" else (0.55 if pose.brake else 0.28)
                rgb = (255.0, 240.0, 205.0) if material == "headlamp" else (255.0, 36.0, 26.0)
                radius = max(1.0, 0.42 * view.focal_px / item.depth / 4.0)
                cv2.circle(
                    glow,
                    (int(centre[0]), int(centre[1])),
                    round(radius),
                    tuple(c * power for c in rgb),
                    -1,
                )
        for x, y in self._lamps.xy:
            spot, depth = view.project(np.array([[x, y, 7.0]]))
            if depth[0] > 2:
                cv2.circle(
                    glow,
                    (int(spot[0, 0] / 4), int(spot[0, 1] / 4)),
                    max(1, round(0.5 * view.focal_px / depth[0] / 4)),
                    (255.0, 214.0, 150.0),
                    -1,
                )
        soft = cv2.GaussianBlur(glow, (0, 0), 2.6) + 0.5 * cv2.GaussianBlur(glow, (0, 0), 7.0)
        full = cv2.resize(soft, self._size, interpolation=cv2.INTER_LINEAR)
        return np.clip(image + full * (0.35 + 0.45 * self._light.night), 0, 255).astype(np.uint8)


def mesh_of(body: Body) -> Mesh:
    """The mesh of a body, its paint a little different for every seed."""
    rng = np.random.default_rng([body.seed, 3])

    def varied(name: str) -> Rgb:
        rgb = np.array(COLOURS[name], float)
        spread = 0.05 if name in ("white", "silver", "grey", "black") else 0.12
        rgb = rgb * (1.0 + rng.uniform(-spread, spread)) + rng.normal(0, 3.0, 3)
        return (
            float(np.clip(rgb[0], 8, 250)),
            float(np.clip(rgb[1], 8, 250)),
            float(np.clip(rgb[2], 8, 250)),
        )

    paint_rgb, second = varied(body.colour), varied(body.colour2)
    if body.kind in ("car", "van", "truck", "bus"):
        return Mesh.of(vehicle_parts(body, paint_rgb, second))
    return Mesh.of(figure_parts(body, paint_rgb, second))


def _to_world(local: Points, pose: Pose) -> Points:
    c, s = math.cos(pose.heading), math.sin(pose.heading)
    turned = local @ np.array([[c, s], [-s, c]])
    return np.asarray(turned + np.array([pose.x, pose.y]))


def _footprint(body: Body, pose: Pose, *, grow: float) -> Points:
    length, width, _ = body.size_m
    a, b = length / 2 * grow, width / 2 * grow
    return _to_world(np.array([(a, b), (-a, b), (-a, -b), (a, -b)]), pose)


def _fill_ground(mask: Image, view: View, polygon: Points, value: int) -> None:
    pixels = view.project_polygon(np.column_stack([polygon, np.zeros(len(polygon))]))
    if pixels is not None:
        cv2.fillConvexPoly(mask, np.round(pixels * 16).astype(np.int32), value, cv2.LINE_AA, 4)


def _rain(image: Image, light: Illumination, rng: np.random.Generator) -> Image:
    layer = np.zeros(image.shape[:2], np.uint8)
    height, width = image.shape[0], image.shape[1]
    for _ in range(int(260 * light.rain)):
        x, y = int(rng.integers(0, width)), int(rng.integers(-20, height))
        length = int(rng.integers(8, 26))
        cv2.line(
            layer, (x, y), (x + length // 7, y + length), int(rng.integers(60, 150)), 1, cv2.LINE_AA
        )
    soft = cv2.GaussianBlur(layer, (0, 0), 0.7).astype(np.float32)[..., None] / 255.0 * 0.55
    tone = 200.0 - 90.0 * light.night
    return np.asarray(np.clip(image * (1.0 - soft) + tone * soft, 0, 255), np.uint8)
