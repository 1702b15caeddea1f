"""The still picture behind the bodies, with the depth of what stands in it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sample_videos.world.camera import View
from sample_videos.world.ground import Ground, shadow_of
from sample_videos.world.lighting import Illumination, Lamps
from sample_videos.world.meshes import Mesh, Rgb
from sample_videos.world.painting import Placed, paint, place
from sample_videos.world.props import prop_parts
from sample_videos.world.scene import Camera, Points, Prop, Stage

Image = npt.NDArray[np.uint8]
Depth = npt.NDArray[np.float32]
_FAR = np.float32(1e6)
_WIDEN = 1.35
_THIN = ("lamp", "signal", "sign")
_WALLED = ("building", "kiosk", "board")
_FOREGROUND = ("kiosk", "board")


@dataclass(frozen=True, slots=True)
class Painted:
    """What was painted for a camera; the view may be wider than the picture.

    front: (H, W) 255 where a kiosk or board is what shows, None when the stage has none.
    """

    camera: Camera
    view: View
    image: Image
    depth: Depth
    front: Image | None = None


class Backdrop:
    """Paints ground, sky and props once for a camera; turns the picture when the camera turns."""

    def __init__(self, stage: Stage, light: Illumination, size: tuple[int, int]) -> None:
        self._stage = stage
        self._light = light
        self._size = size
        self._ground = Ground(stage, light)
        self._lamps = Lamps.of(stage)
        self._meshes = [Mesh.of(prop_parts(prop, lamps_on=light.lamps_on)) for prop in stage.props]
        self._painted: Painted | None = None

    def at(self, camera: Camera) -> tuple[Image, Depth]:
        """(H, W, 3) uint8 picture and (H, W) depth in metres of the nearest prop, else 1e6."""
        painted = self._painted
        if painted is None:
            painted = self._paint(camera, 1.0)
        if camera == painted.camera and painted.view.width == self._size[0]:
            return painted.image, painted.depth
        wanted = View.of(camera, self._size)
        if not self._covers(painted, camera, wanted):
            painted = self._paint(camera, _WIDEN)
        turn = painted.view.rotation_to(wanted)
        image = cv2.warpPerspective(painted.image, turn, self._size, flags=cv2.INTER_LINEAR)
        depth = cv2.warpPerspective(
            painted.depth, turn, self._size, flags=cv2.INTER_NEAREST, borderValue=float(_FAR)
        )
        return np.asarray(image, np.uint8), np.asarray(depth, np.float32)

    def front(self, camera: Camera) -> Image | None:
        """(H, W) uint8, 255 where a kiosk or board shows, so that no shadow falls through it.

        For the camera that `at` painted last; None when the stage has no such thing.
        """
        painted = self._painted
        if painted is None or painted.front is None:
            return None
        if camera == painted.camera and painted.view.width == self._size[0]:
            return painted.front
        turn = painted.view.rotation_to(View.of(camera, self._size))
        front = cv2.warpPerspective(painted.front, turn, self._size, flags=cv2.INTER_NEAREST)
        return np.asarray(front, np.uint8)

    def _covers(self, painted: Painted, camera: Camera, wanted: View) -> bool:
        """Whether a camera at the same place only has to be turned towards."""
        here, there = painted.camera, camera
        if (here.x, here.y, here.z) != (there.x, there.y, there.z):
            return False
        back = wanted.rotation_to(painted.view)
        corners = np.array(
            [
                (0, 0, 1),
                (wanted.width, 0, 1),
                (wanted.width, wanted.height, 1),
                (0, wanted.height, 1),
            ],
            float,
        )
        mapped = corners @ back.T
        if (mapped[:, 2] <= 0).any():
            return False
        x, y = mapped[:, 0] / mapped[:, 2], mapped[:, 1] / mapped[:, 2]
        return bool(
            (x >= 0).all()
            and (y >= 0).all()
            and (x <= painted.view.width).all()
            and (y <= painted.view.height).all()
        )

    def _paint(self, camera: Camera, widen: float) -> Painted:
        view = View.of(camera, self._size, widen=widen)
        double = view.scaled(2.0)
        canvas = np.clip(self._ground.paint(double), 0, 255).astype(np.uint8)
        placed = self._placed(double)
        canvas = self._shadows(canvas, double, placed)
        depth = np.full((view.height, view.width), _FAR, np.float32)
        lit: dict[str, Rgb] = {"streetlamp": (255.0, 236.0, 190.0)} if self._light.lamps_on else {}
        for prop, item in placed:
            level = 0.0
            if self._light.lamps_on:
                level = 0.6 * float(self._lamps.at(np.array([prop.x]), np.array([prop.y]))[0])
            paint(canvas, double, item, self._light, lamp_level=level, glowing=lit)
            self._measure(depth, view, prop, item)
        image = cv2.resize(canvas, (view.width, view.height), interpolation=cv2.INTER_AREA)
        front = self._front(placed, view, depth)
        self._painted = Painted(camera, view, np.asarray(image, np.uint8), depth, front)
        return self._painted

    def _front(self, placed: list[tuple[Prop, Placed]], view: View, depth: Depth) -> Image | None:
        own = np.full(depth.shape, _FAR, np.float32)
        found = [pair for pair in placed if pair[0].kind in _FOREGROUND]
        if not found:
            return None
        for prop, item in found:
            self._measure(own, view, prop, item)
        return np.where((own < _FAR) & (own <= depth), 255, 0).astype(np.uint8)

    def _placed(self, view: View) -> list[tuple[Prop, Placed]]:
        found = []
        for prop, mesh in zip(self._stage.props, self._meshes, strict=True):
            item = place(mesh, view, prop.x, prop.y, prop.heading)
            if item is None:
                continue
            low, high = item.pixels.min(axis=0), item.pixels.max(axis=0)
            if high[0] < 0 or high[1] < 0 or low[0] > view.width or low[1] > view.height:
                continue
            found.append((prop, item))
        return sorted(found, key=lambda pair: -pair[1].depth)

    def _shadows(self, canvas: Image, view: View, placed: list[tuple[Prop, Placed]]) -> Image:
        mask = np.full(canvas.shape[:2], 255, np.uint8)
        contact = np.full(canvas.shape[:2], 255, np.uint8)
        for _, item in placed:
            base = item.points[item.points[:, 2] < 0.4]
            _fill(contact, view, base[:, :2], 150)
            if self._light.shadow > 0.02:
                fall = shadow_of(item.points, self._light.to_sun)
                _fill(mask, view, fall[:, :2], round(255 * (1 - self._light.shadow)))
        shade = np.minimum(
            cv2.GaussianBlur(mask, (0, 0), 1.6), cv2.GaussianBlur(contact, (0, 0), 5.0)
        )
        darker = cv2.multiply(canvas, cv2.merge([shade, shade, shade]), scale=1 / 255.0)
        return np.asarray(darker, np.uint8)

    def _measure(self, depth: Depth, view: View, prop: Prop, item: Placed) -> None:
        """Write the depth of a prop where it stands before what is there already."""
        pixels = item.outline / 2.0
        mask = np.zeros(depth.shape, np.uint8)
        if prop.kind in _WALLED:
            self._measure_walls(depth, view, item)
            return
        parts = item.mesh.part_points
        for first, last in parts:
            if last - first >= 3:
                hull = cv2.convexHull(pixels[first:last].astype(np.float32))
                cv2.fillConvexPoly(mask, np.round(hull * 16).astype(np.int32), 255, cv2.LINE_8, 4)
        for (index, *_), radius in zip(item.mesh.balls, item.radii_px, strict=True):
            centre = pixels[index]
            cv2.circle(mask, (int(centre[0]), int(centre[1])), max(1, int(radius / 2.0)), 255, -1)
        np.minimum(depth, np.float32(item.depth), out=depth, where=mask > 0)

    def _measure_walls(self, depth: Depth, view: View, item: Placed) -> None:
        corners = np.round(item.pixels / 2.0 * 16).astype(np.int32)
        rays: Points | None = None
        for face in range(5):
            start, stop = item.mesh.starts[face]
            normal = item.normals[face]
            distance = float(normal @ (item.points[start] - view.origin))
            if distance >= 0:
                continue
            mask = np.zeros(depth.shape, np.uint8)
            cv2.fillConvexPoly(mask, corners[start:stop], 255, cv2.LINE_8, 4)
            if rays is None:
                rays = view.rays()
            along = rays @ normal
            with np.errstate(divide="ignore", invalid="ignore"):
                plane = np.where(np.abs(along) > 1e-9, distance / along, np.inf).astype(np.float32)
            np.minimum(depth, plane, out=depth, where=(mask > 0) & (plane > 0))


def _fill(mask: Image, view: View, ground: Points, value: int) -> None:
    if len(ground) < 3:
        return
    hull = cv2.convexHull(ground.astype(np.float32))[:, 0, :].astype(np.float64)
    pixels = view.project_polygon(np.column_stack([hull, np.zeros(len(hull))]))
    if pixels is not None:
        cv2.fillConvexPoly(mask, np.round(pixels * 16).astype(np.int32), value, cv2.LINE_AA, 4)
