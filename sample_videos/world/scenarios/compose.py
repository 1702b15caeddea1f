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
from sample_videos.world.scenarios.absences import absences, inside_walls
from sample_videos.world.scene import Body, Camera, Light, Moment, Points, Pose, Stage
from sample_videos.world.traffic.run import Cast, Run, Simulation, collisions
from sample_videos.world.truth_anomalies import Anomaly, PlannedAnomaly, anomalies
from sample_videos.world.truth_motion import WorldEvent, world_events

_log = logging.getLogger(__name__)
PICTURE = (960, 540)
_ATTEMPTS = 16
_GOOD = 0.62
_GOOD_WIDE_PX = 105.0
_GOOD_HIGH_PX = 46.0
SEEDS_A_VIEW = 10
_ANOMALY_S = 1.6


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story that the clip must tell: this object does this, in view of the camera."""

    object_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Script:
    """One drawing of a scenario, before the world is run.

    camera: where it stands, when the script needs it there; it is found otherwise. Only with one
    may a wanted story be "hidden" or "returns". anomalies: who does what nobody else does there.
    stage_seed: of what the renderer draws by chance, where clips are to share it.
    """

    layout: Layout
    cast: Cast
    light: Light
    wanted: tuple[Wanted, ...] = ()
    limits: ViewLimits = field(default_factory=ViewLimits)
    pan: float = 0.0
    shake: float = 0.0
    camera: Camera | None = None
    anomalies: tuple[PlannedAnomaly, ...] = ()
    stage_seed: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named kind of clip. view: which of the cameras found for a script it shows.

    family: scenarios of one family share the same run for the same seed. watched: seeds share
    their place ten by ten, and `write` is given a generator for it before that of the traffic;
    scenarios of one family share the places, too.
    """

    name: str
    about: str
    write: Callable[..., Script]
    view: int = 0
    views: int = 1
    family: str = ""
    watched: bool = False

    def place_of(self, seed: int) -> str:
        """A name that clips of one place share, "" where every seed has its own."""
        return f"{self.family}-{seed // SEEDS_A_VIEW}" if self.watched else ""

    def script(self, seed: int, rng: np.random.Generator, seconds: float) -> Script:
        """What happens in one attempt at a clip."""
        if not self.watched:
            return self.write(rng, seconds)
        place = np.random.default_rng([zlib.crc32(self.family.encode()), seed // SEEDS_A_VIEW])
        return self.write(place, rng, seconds)


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
    """Everything that a recording needs; a function of scenario, seed and length.

    place: what clips of one view share, "" for others. anomalies: what nobody else does there.
    """

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
    place: str = ""
    anomalies: tuple[Anomaly, ...] = ()

    def moment(self, t_s: float) -> Moment:
        return Moment(t_s, self.camera.at(t_s), self.run.poses(t_s), self.run.lights(t_s))


def compose(scenario: Scenario, seed: int, seconds: float) -> Clip:
    """The clip of a scenario for a seed: nobody in anybody else, all wanted stories in view.

    Draws again (deterministically) until that holds. Raises RuntimeError when no draw comes out
    without a collision.
    """
    best: _Draft | None = None
    for attempt in range(_ATTEMPTS):
        draft = _draft(scenario, seed, attempt, seconds)
        if draft is None:
            continue
        placed = draft.script.camera is not None
        if placed or draft.missing == 0 or attempt == _ATTEMPTS - 1:
            draft.find_cameras(scenario)
        _log.debug("%s %d.%d: %d stories missing, score %.2f", scenario.name, seed, attempt,
                   draft.missing, draft.score)  # fmt: skip
        if best is None or draft.score > best.score:
            best = draft
        if draft.missing == 0 and draft.score > _GOOD:
            break
    if best is not None and not best.cameras:
        best.find_cameras(scenario)
    if best is None or not best.cameras:
        raise RuntimeError(
            f"Scenario {scenario.name} found no clean run for seed {seed}; try another seed."
        )
    script = best.script
    camera = CameraPath(best.cameras[scenario.view], script.pan, script.shake, seed)
    drawn = int(best.rng.integers(1 << 30))
    stage = script.layout.stage(
        script.light, drawn if script.stage_seed is None else script.stage_seed
    )
    unusual = anomalies(script.anomalies, best.run, script.layout)
    return Clip(
        scenario.name, scenario.family or scenario.name, seed, seconds, script.layout, stage,
        script.cast.bodies, script.cast, best.run, camera, best.events, script.wanted,
        scenario.place_of(seed), tuple(unusual),
    )  # fmt: skip


@dataclass(slots=True)
class _Draft:
    """One attempt at a clip."""

    script: Script
    run: Run
    events: tuple[WorldEvent, ...]
    told: list[WorldEvent]
    missing: int
    rng: np.random.Generator
    score: float
    cameras: list[Camera] = field(default_factory=list)

    def find_cameras(self, scenario: Scenario) -> None:
        found = _cameras(scenario, self.script, self.run, self.told, self.rng)
        if found is not None:
            self.score = found[0] - self.missing
            self.cameras = found[1]


def _draft(scenario: Scenario, seed: int, attempt: int, seconds: float) -> _Draft | None:
    """The world of one attempt, None when bodies meet."""
    family = scenario.family or scenario.name
    rng = np.random.default_rng([zlib.crc32(family.encode()), seed, attempt])
    script = scenario.script(seed, rng, seconds)
    bodies = script.cast.bodies
    run = Simulation(script.layout, script.cast).run(seconds)
    crashed = collisions(run, bodies)
    if crashed:
        kinds = {b.object_id: b.kind for b in bodies}
        t, a, b = crashed[0]
        _log.debug("%s %d.%d: %s %d meets %s %d at %.1f s", scenario.name, seed, attempt,
                   kinds[a], a, kinds[b], b, t)  # fmt: skip
        return None
    walled = inside_walls(run, script.layout)
    if walled:
        _log.debug("%s %d.%d: %d walks into a wall at %.1f s", scenario.name, seed, attempt,
                   walled[0][1], walled[0][0])  # fmt: skip
        return None
    events = tuple(world_events(run, bodies, script.layout))
    stories = list(events)
    if script.camera is not None:
        stories += absences(run, script.cast, script.layout, script.camera, PICTURE)
    told = [_told(w, stories, seconds) for w in script.wanted]
    found = [event for one in told for event in one]
    missing = sum(1 for one in told if not one)
    unusual = anomalies(script.anomalies, run, script.layout)
    missing += len(script.anomalies) - sum(_in_view(one, script, run) for one in unusual)
    return _Draft(script, run, events, found, missing, rng, -1.0 - missing)


def _in_view(anomaly: Anomaly, script: Script, run: Run) -> bool:
    """Whether a placed camera sees enough of somebody while they do what is unusual."""
    if script.camera is None:
        return True
    view = View.of(script.camera, PICTURE)
    body = next(b for b in script.cast.bodies if b.object_id == anomaly.object_id)
    times = np.arange(anomaly.t0_s, anomaly.t1_s, 0.2)
    poses = [run.lives[anomaly.object_id].at(float(t)) for t in times]
    shown = sum(1 for pose in poses if pose is not None and _shows(view, pose, body) > 0.3)
    return bool(shown * 0.2 >= _ANOMALY_S)


def _told(wanted: Wanted, events: Sequence[WorldEvent], seconds: float) -> list[WorldEvent]:
    """The events of a story that lie inside the clip."""
    out = []
    for event in events:
        if event.object_id == wanted.object_id and event.kind == wanted.kind:
            over = event.t0_s + 2.0 if wanted.kind in ("stop", "wait", "start") else event.t1_s
            always = wanted.kind in ("parked", "straight", "run")
            if always or (event.t0_s > 0.8 and over < seconds - 0.8):
                out.append(event)
    return out


def _cameras(
    scenario: Scenario,
    script: Script,
    run: Run,
    told: Sequence[WorldEvent],
    rng: np.random.Generator,
) -> tuple[float, list[Camera]] | None:
    if script.camera is not None:
        return 1.0, [script.camera]
    candidates = camera_views(script.layout, rng, 26, script.limits)
    scored = []
    for camera in candidates:
        path = CameraPath(camera, script.pan, script.shake)
        scored.append((_score(path, script, run, told), camera))
    scored.sort(key=lambda pair: -pair[0])
    if scenario.views == 1:
        return scored[0][0], [scored[0][1]]
    first = scored[0]
    for score, camera in scored[1:]:
        turn = abs(np.angle(np.exp(1j * (camera.yaw - first[1].yaw))))
        if turn > np.radians(55.0):
            return (first[0] + score) / 2, [first[1], camera]
    return None


def _score(path: CameraPath, script: Script, run: Run, told: Sequence[WorldEvent]) -> float:
    """Mean over the stories of how much of them shows large enough; plus a little for company."""
    bodies = {b.object_id: b for b in script.cast.bodies}
    marks = []
    for event in told:
        shown, points = [], []
        for t in np.linspace(event.t0_s, event.t1_s, 7):
            pose = run.lives[event.object_id].at(float(t))
            if pose is None:
                continue
            view = View.of(path.at(float(t)), PICTURE)
            shown.append(_shows(view, pose, bodies[event.object_id]))
            points.append((pose.x, pose.y, 0.8))
        covered = hidden(path.base, np.array(points), script.layout)
        marks.append(float(np.sum(np.array(shown) * ~covered)) / 7)
    company = []
    for t in np.linspace(0.0, run.seconds, 7):
        view = View.of(path.at(float(t)), PICTURE)
        company += [_shows(view, pose, bodies[n]) for n, pose in run.poses(float(t)).items()]
    crowd = float(np.mean(company)) if company else 0.0
    crowd -= 0.5 * sum(_too_near(path.base, s.x, s.y) for s in script.cast.stills)
    if not marks:
        return 0.4 + crowd
    return 0.6 * float(np.mean(marks)) + 0.2 * float(np.min(marks)) + 0.4 * crowd


def _too_near(camera: Camera, x: float, y: float) -> bool:
    """Whether something at x, y fills the foreground."""
    away = float(np.hypot(x - camera.x, y - camera.y))
    side = abs(np.angle(np.exp(1j * (np.arctan2(y - camera.y, x - camera.x) - camera.yaw))))
    return bool(away < 9.0 and side < camera.fov / 2 + 0.3)


def _shows(view: View, pose: Pose, body: Body) -> float:
    """1 when a body is inside the picture and large enough, less when it is small."""
    box = silhouette(view, pose, body.size_m)
    if box is None:
        return 0.0
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    if x0 < 4 or y0 < 4 or x1 > PICTURE[0] - 4 or y1 > PICTURE[1] - 4:
        return 0.0
    small = body.kind in ("person", "dog", "bicycle", "motorcycle")
    size = height / _GOOD_HIGH_PX if small else max(width, 1.6 * height) / _GOOD_WIDE_PX
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
