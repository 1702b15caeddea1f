"""Random pictures of the world with their labels, for training and for held-out measuring.

Unlike the sample clips nothing drives here: bodies are put down at random, so that a detector
sees every kind in every pose, size, light and neighbourhood.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import av
import cv2
import numpy as np
import numpy.typing as npt

from sample_videos.world.camera import View
from sample_videos.world.renderer import Look, Renderer
from sample_videos.world.scene import (
    COLOURS,
    KINDS,
    SIZES_M,
    VARIANTS,
    Body,
    Camera,
    Moment,
    Pose,
)
from sample_videos.world.settings import Setting, random_setting

Image = npt.NDArray[np.uint8]
Rng = np.random.Generator
Spot = tuple[float, float, float]

SOURCE_SIZE = (960, 540)
_WHEELS = ("car", "van", "truck", "bus", "motorcycle", "bicycle")
_WHEEL_SHARE = (0.24, 0.16, 0.24, 0.09, 0.14, 0.13)
_WALK_SHARE = 0.68  # people among those who walk; the rest are dogs


@dataclass(frozen=True, slots=True)
class Labelled:
    """One object in one picture. xyxy: pixels; visibility: share that shows, 0..1."""

    body: Body
    xyxy: tuple[float, float, float, float]
    visibility: float
    view: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One random picture. light: day, overcast, dusk or night."""

    image: Image
    objects: tuple[Labelled, ...]
    light: str
    scene: int


def pictures(seed: int, scenes: int, per_scene: int) -> Iterator[Picture]:
    """Pictures of `scenes` random settings; the same seed gives the same pictures."""
    for number in range(scenes):
        yield from scene_pictures(seed, number, per_scene)


def scene_pictures(seed: int, number: int, per_scene: int) -> Iterator[Picture]:
    """Some pictures of one random setting, each with its own bodies."""
    rng = np.random.default_rng([seed, number])
    setting = random_setting(rng)
    look = _random_look(rng)
    bodies = _cast(rng, 40)
    renderer = Renderer(setting.stage, bodies, SOURCE_SIZE, seed=number, look=look)
    for turn in range(per_scene):
        poses = _scatter(rng, setting, bodies)
        moment = Moment(float(turn) + float(rng.random()), setting.camera, poses)
        rendered = renderer.render(moment)
        by_id = {body.object_id: body for body in bodies}
        objects = tuple(
            Labelled(
                by_id[object_id],
                (x, y, x + w, y + h),
                rendered.visibility[object_id],
                _view(setting.camera, poses[object_id]),
            )
            for object_id, (x, y, w, h) in rendered.boxes.items()
        )
        image = _compressed(rendered.image, rng)
        yield Picture(image, objects, setting.stage.light.time, number)


def _cast(rng: Rng, count: int) -> list[Body]:
    names = list(COLOURS)
    bodies = []
    for object_id in range(1, count + 1):
        walks = object_id > count * 0.6
        if walks:
            kind = "person" if rng.random() < _WALK_SHARE else "dog"
        else:
            kind = str(rng.choice(_WHEELS, p=_WHEEL_SHARE))
        variant = str(rng.choice(VARIANTS[kind]))
        colour = _coat(rng) if kind == "dog" else names[int(rng.integers(len(names)))]
        second = _second(rng, kind, names)
        bodies.append(Body(object_id, kind, variant, colour, second, int(rng.integers(1 << 30))))
    return bodies


def _coat(rng: Rng) -> str:
    return str(rng.choice(["black", "white", "brown", "grey", "orange", "yellow"]))


def _second(rng: Rng, kind: str, names: list[str]) -> str:
    if kind in ("person", "bicycle", "motorcycle"):
        return str(rng.choice(["black", "blue", "grey", "brown", "green", "white"]))
    if kind == "truck":
        return str(rng.choice(["white", "silver", "grey", "white", "yellow", "blue"]))
    return names[int(rng.integers(len(names)))]


def _scatter(rng: Rng, setting: Setting, bodies: list[Body]) -> dict[int, Pose]:
    """Put bodies on free spots: no two overlap, headings mostly as traffic would have them."""
    view = View.of(setting.camera, SOURCE_SIZE)
    wheels = _in_view(view, setting.vehicle_spots) + _anywhere(rng, view, 10)
    feet = _in_view(view, setting.walk_spots) + _anywhere(rng, view, 8)
    rng.shuffle(wheels)
    rng.shuffle(feet)
    taken: list[tuple[float, float, float]] = []
    poses: dict[int, Pose] = {}
    wanted = int(rng.integers(7, 19))
    for index in rng.permutation(len(bodies)):
        if len(poses) >= wanted:
            break
        body = bodies[index]
        walks = body.kind in ("person", "dog")
        spots = feet if walks and (feet and rng.random() < 0.8) else wheels
        for _ in range(4):
            if not spots:
                break
            x, y, heading = spots.pop()
            x, y = x + float(rng.normal(0, 0.3)), y + float(rng.normal(0, 0.3))
            chance = rng.random()
            if chance < 0.2:
                heading = float(rng.uniform(-math.pi, math.pi))
            elif chance < 0.4:
                heading += float(rng.normal(0, 0.35)) + (math.pi if walks else 0.0)
            length, width, _ = SIZES_M[(body.kind, body.variant)]
            radius = (0.36 * length + 0.25 * width) if not walks else 0.45
            if any(math.hypot(x - a, y - b) < radius + r for a, b, r in taken):
                continue
            taken.append((x, y, radius))
            poses[body.object_id] = Pose(
                x,
                y,
                heading,
                phase=float(rng.uniform(0, 2 * math.pi)),
                brake=bool(rng.random() < 0.25),
                indicator=int(rng.choice([0, 0, 0, 1, -1])),
            )
            break
    return poses


def _in_view(view: View, spots: Sequence[Spot]) -> list[Spot]:
    """The spots that a body would be seen on, not too far away."""
    if not spots:
        return []
    ground = np.array([(x, y, 0.7) for x, y, _ in spots])
    pixels, depth = view.project(ground)
    seen = (
        (depth > 6.0)
        & (depth < 48.0)
        & (pixels[:, 0] > -20)
        & (pixels[:, 0] < view.width + 20)
        & (pixels[:, 1] > 0)
        & (pixels[:, 1] < view.height + 30)
    )
    return [spot for spot, keep in zip(spots, seen, strict=True) if keep]


def _anywhere(rng: Rng, view: View, count: int) -> list[Spot]:
    """Ground spots below random pixels, any heading: a detector should not lean on lanes."""
    spots: list[Spot] = []
    for _ in range(count * 4):
        depth = math.exp(float(rng.uniform(math.log(8.0), math.log(45.0))))
        across = float(rng.uniform(0, view.width) - view.cx) / view.focal_px
        direction = view.axes[2] + across * view.axes[0]
        flat = math.hypot(float(direction[0]), float(direction[1]))
        x = float(view.origin[0] + direction[0] / flat * depth)
        y = float(view.origin[1] + direction[1] / flat * depth)
        spots.append((x, y, float(rng.uniform(-math.pi, math.pi))))
    return _in_view(view, spots)[:count]


def _view(camera: Camera, pose: Pose) -> str:
    """Which side of the body the camera sees: front, rear or side."""
    towards = math.atan2(camera.y - pose.y, camera.x - pose.x)
    turned = abs(math.remainder(pose.heading - towards, 2 * math.pi))
    return "front" if turned < 0.7 else "rear" if turned > math.pi - 0.7 else "side"


def _random_look(rng: Rng) -> Look:
    balance = tuple(float(v) for v in np.clip(rng.normal(1.0, 0.035, 3), 0.9, 1.1))
    return Look(
        gain=float(rng.uniform(0.85, 1.12)),
        contrast=float(rng.uniform(0.85, 1.12)),
        balance=(balance[0], balance[1], balance[2]),
        blur=float(rng.uniform(0.0, 0.9)),
        noise=float(rng.uniform(0.3, 3.5)),
    )


def _compressed(image: Image, rng: Rng) -> Image:
    """The picture after a video codec at a random quality: what a decoder would hand over."""
    quality = int(rng.integers(18, 33))
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = image.shape[1], image.shape[0]
    encoder.pix_fmt = "yuv420p"
    encoder.options = {"crf": str(quality), "preset": "ultrafast", "tune": "zerolatency"}
    encoder.thread_count = 1
    frame = av.VideoFrame.from_ndarray(image, format="rgb24")
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    for packet in [*packets, None]:
        for decoded in decoder.decode(packet):
            return np.ascontiguousarray(decoded.to_ndarray(format="rgb24"))
    raise RuntimeError("the codec returned no picture")


def kind_index(kind: str) -> int:
    """The detector's class number of a kind."""
    return KINDS.index(kind)


def shrink(image: Image, width: int) -> Image:
    """The picture at another width, same shape of frame."""
    height = round(image.shape[0] * width / image.shape[1])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
