"""From a script and a seed to a clip: run the world, check it, and find the camera for it."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sample_videos.world.camera import View
from sample_videos.world.layout import Layout
from sample_videos.world.layout_views import ViewLimits, camera_views, hidden
from sample_videos.world.scene import Body, Camera, Light, Moment, Points, Pose, Stage
from sample_videos.world.traffic.run import Cast, Run, Simulation, collisions
from sample_videos.world.truth_motion import WorldEvent, world_events

_log = logging.getLogger(__name__)
PICTURE = (960, 540)
_ATTEMPTS = 14
_LEAST_WIDE_PX = 60.0
_LEAST_HIGH_PX = 24.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story that the clip must tell: this object does this, in view of the camera."""

    object_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Script:
    """One drawing of a scenario, before the world is run."""

    layout: Layout
    cast: Cast
    light: Light
    wanted: tuple[Wanted, ...] = ()
    limits: ViewLimits = field(default_factory=ViewLimits)
    pan: float = 0.0
    shake: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named kind of clip. view: which of the cameras found for a script it shows.

    family: scenarios of one family share the same run for the same seed.
    """

    name: str
    about: str
    write: Callable[[np.random.Generator, float], Script]
    view: int = 0
    views: int = 1
    family: str = ""


@dataclass(frozen=True, slots=True)
class CameraPath:
    """A camera over time: fixed, panning by `pan` radians to and fro, or shaking."""

    base: Camera
    pan: float = 0.0
    shake: float = 0.0
    seed: int = 0

    @property
    def kind(self) -> str:
        if self.pan:
            return "pan"
        return "shake" if self.shake else "fixed"

    def at(self, t_s: float) -> Camera:
        b = self.base
        yaw = b.yaw + self.pan * np.sin(2 * np.pi * t_s / 17.0)
        pitch, roll = b.pitch, b.roll
        if self.shake:
            rng = np.random.default_rng([self.seed, 3])
            for rate in (0.7, 1.9, 3.7, 6.3):
                a, c, d = rng.uniform(0, 2 * np.pi, 3)
                size = self.shake / rate**0.6
                yaw += size * np.sin(2 * np.pi * rate * t_s + a)
                pitch += 0.8 * size * np.sin(2 * np.pi * rate * 1.13 * t_s + c)
                roll += 0.5 * size * np.sin(2 * np.pi * rate * 0.87 * t_s + d)
        return Camera(b.x, b.y, b.z, float(yaw), float(pitch), b.fov, float(roll))


@dataclass(frozen=True, slots=True)
class Clip:
    """Everything that a recording needs; a function of scenario, seed and length."""

    scenario: str
    family: str
    seed: int
    seconds: float
    layout: Layout
    stage: Stage
    bodies: tuple[Body, ...]
    cast: Cast
    run: Run
    camera: CameraPath
    events: tuple[WorldEvent, ...]
    wanted: tuple[Wanted, ...] = ()

    def moment(self, t_s: float) -> Moment:
        return Moment(t_s, self.camera.at(t_s), self.run.poses(t_s), self.run.lights(t_s))


def compose(scenario: Scenario, seed: int, seconds: float) -> Clip:
    """The clip of a scenario for a seed: nobody in anybody else, all wanted stories in view.

    Draws again (deterministically) until that holds. Raises RuntimeError when no draw comes out
    without a collision.
    """
    family = scenario.family or scenario.name
    best: tuple[float, Clip] | None = None
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng([zlib.crc32(family.encode()), seed, attempt])
        script = scenario.write(rng, seconds)
        run = Simulation(script.layout, script.cast).run(seconds)
        bodies = script.cast.bodies
        crashed = collisions(run, bodies)
        if crashed:
            _log.debug("%s %d.%d: bodies meet: %s", scenario.name, seed, attempt, crashed[:3])
            continue
        events = tuple(world_events(run, bodies, script.layout))
        told = [_told(w, events, seconds) for w in script.wanted]
        chosen = _cameras(scenario, script, run, bodies, [t for t in told if t], rng)
        if chosen is None:
            _log.debug("%s %d.%d: no camera", scenario.name, seed, attempt)
            continue
        score, cameras = chosen
        score -= sum(1.0 for t in told if t is None)
        camera = CameraPath(cameras[scenario.view], script.pan, script.shake, seed)
        clip = Clip(
            scenario.name, family, seed, seconds, script.layout,
            script.layout.stage(script.light, int(rng.integers(1 << 30))),
            bodies, script.cast, run, camera, events, script.wanted,
        )  # fmt: skip
        _log.debug("%s %d.%d: score %.2f, told %s", scenario.name, seed, attempt, score,
                   [t is not None for t in told])  # fmt: skip
        if best is None or score > best[0]:
            best = (score, clip)
        if None not in told and score > 0.62:
            break
    if best is None:
        raise RuntimeError(
            f"Scenario {scenario.name} found no clean run for seed {seed}; try another seed."
        )
    return best[1]


def _told(wanted: Wanted, events: Sequence[WorldEvent], seconds: float) -> WorldEvent | None:
    for event in events:
        if event.object_id == wanted.object_id and event.kind == wanted.kind:
            if wanted.kind in ("parked", "straight", "run"):
                return event
            if event.t0_s > 0.8 and event.t1_s < seconds - 0.8:
                return event
    return None


def _cameras(
    scenario: Scenario,
    script: Script,
    run: Run,
    bodies: Sequence[Body],
    told: Sequence[WorldEvent],
    rng: np.random.Generator,
) -> tuple[float, list[Camera]] | None:
    candidates = camera_views(script.layout, rng, 24, script.limits)
    scored = []
    for camera in candidates:
        path = CameraPath(camera, script.pan, script.shake)
        scored.append((_score(path, script.layout, run, bodies, told), camera))
    scored.sort(key=lambda pair: -pair[0])
    if scenario.views == 1:
        return scored[0][0], [scored[0][1]]
    first = scored[0]
    for score, camera in scored[1:]:
        turn = abs(np.angle(np.exp(1j * (camera.yaw - first[1].yaw))))
        if turn > np.radians(55.0):
            return (first[0] + score) / 2, [first[1], camera]
    return None


def _score(
    path: CameraPath,
    layout: Layout,
    run: Run,
    bodies: Sequence[Body],
    told: Sequence[WorldEvent],
) -> float:
    """Mean over the stories of how much of them shows large enough; plus a little for company."""
    sizes = {b.object_id: b for b in bodies}
    marks = []
    for event in told:
        times = np.linspace(event.t0_s, event.t1_s, 7)
        shown = 0.0
        for t in times:
            pose = run.lives[event.object_id].at(float(t))
            if pose is not None:
                shown += _shows(path.at(float(t)), pose, sizes[event.object_id], layout)
        marks.append(shown / len(times))
    company = []
    for t in np.linspace(0.0, run.seconds, 7):
        camera = path.at(float(t))
        poses = run.poses(float(t))
        company += [_shows(camera, pose, sizes[n], None) for n, pose in poses.items()]
    crowd = float(np.mean(company)) if company else 0.0
    if not marks:
        return 0.4 + crowd
    return 0.6 * float(np.mean(marks)) + 0.2 * float(np.min(marks)) + 0.4 * crowd


def _shows(camera: Camera, pose: Pose, body: Body, layout: Layout | None) -> float:
    """1 when a body is inside the picture, large enough and not behind a house."""
    box = silhouette(View.of(camera, PICTURE), pose, body.size_m)
    if box is None:
        return 0.0
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    if x0 < 4 or y0 < 4 or x1 > PICTURE[0] - 4 or y1 > PICTURE[1] - 4:
        return 0.0
    small = body.kind in ("person", "dog", "bicycle", "motorcycle")
    size = height / _LEAST_HIGH_PX if small else max(width, 1.6 * height) / _LEAST_WIDE_PX
    if layout is not None:
        at = np.array([[pose.x, pose.y, 0.8]])
        if hidden(camera, at, layout).any():
            return 0.0
    too_big = width > 0.55 * PICTURE[0]
    return min(1.0, size) * (0.5 if too_big else 1.0)


def silhouette(
    view: View, pose: Pose, size_m: tuple[float, float, float]
) -> tuple[float, float, float, float] | None:
    """The box round a body's eight corners, x0 y0 x1 y1 pixels, None when behind the camera."""
    length, width, height = size_m
    c, s = np.cos(pose.heading), np.sin(pose.heading)
    flat = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * [length / 2, width / 2]
    ground: Points = flat @ np.array([[c, s], [-s, c]]) + [pose.x, pose.y]
    points = np.concatenate(
        [np.column_stack([ground, np.zeros(4)]), np.column_stack([ground, np.full(4, height)])]
    )
    pixels, depth = view.project(points)
    if depth.min() < 1.0:
        return None
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
