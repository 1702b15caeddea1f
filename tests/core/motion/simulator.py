"""A small traffic world for measuring motion predicates, independent of the predicates.

Cuboids drive scripted manoeuvres on a plane in metres (x east, y north, headings counter-clockwise)
and are seen by a pinhole camera; truth is the script, boxes are the clipped projection with noise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.tracks import FrameSize, Path

FPS = 12.5
PICTURE = FrameSize(960, 540)


@dataclass
class Truth:
    """One manoeuvre: kind, world times, heading change in degrees (left positive)."""

    kind: str
    t0_s: float
    t1_s: float
    degrees: float = 0.0


@dataclass
class Drive:
    """World poses at FPS: t, x, y, heading; with the manoeuvres that made them."""

    t_s: np.ndarray
    xyh: np.ndarray
    truth: list[Truth] = field(default_factory=list)


def drive(rng, script, speed, start, heading, t0=0.0, substeps=8):
    """Follow a script of ("go", metres) | ("arc", radius, degrees) | ("stop", seconds).

    Arcs are driven slower, stops are approached with 2 m/s^2.
    """
    dt = 1.0 / FPS / substeps
    x, y = start
    v, t = speed, t0
    poses, truth = [], []

    def emit():
        poses.append((t, x, y, heading))

    emit()
    for k, step in enumerate(script):
        began = t
        if step[0] == "stop":
            while v > 0.05:  # brake
                v = max(0.0, v - 2.5 * dt)
                x, y, t = x + v * dt * np.cos(heading), y + v * dt * np.sin(heading), t + dt
                emit()
            began, v = t, 0.0
            until = t + step[1]
            while t < until:
                t += dt
                emit()
            truth.append(Truth("stop", began, t))
            continue
        length = step[1] if step[0] == "go" else step[1] * np.deg2rad(abs(step[2]))
        curvature = 0.0 if step[0] == "go" else np.sign(step[2]) / step[1]
        cruise = speed if step[0] == "go" else min(speed, np.sqrt(2.0 * step[1]))
        ahead = script[k + 1] if k + 1 < len(script) else None
        done = 0.0
        while done < length:
            want = cruise
            if ahead is not None and ahead[0] == "stop":
                want = min(want, np.sqrt(2 * 2.0 * max(length - done, 0.0)) + 0.3)
            if ahead is not None and ahead[0] == "arc":
                slow = min(speed, np.sqrt(2.0 * ahead[1]))
                want = min(want, np.sqrt(slow**2 + 2 * 2.0 * max(length - done, 0.0)))
            v += np.clip(want - v, -4.0 * dt, 2.0 * dt)
            v = max(v, 0.3)
            heading += curvature * v * dt
            x, y, t = x + v * dt * np.cos(heading), y + v * dt * np.sin(heading), t + dt
            done += v * dt
            emit()
        if step[0] == "arc":
            truth.append(Truth("turn", began, t, step[2]))
    p = np.array(poses)
    ticks = np.arange(np.ceil(p[0, 0] * FPS), np.floor(p[-1, 0] * FPS) + 1) / FPS
    xyh = np.stack([np.interp(ticks, p[:, 0], p[:, c]) for c in (1, 2, 3)], axis=1)
    return Drive(ticks, xyh, truth)


@dataclass(frozen=True)
class View:
    """A pinhole camera: position in metres, yaw, downward pitch and horizontal field in radians."""

    position: tuple[float, float, float]
    yaw: float
    pitch: float
    fov: float
    size: FrameSize = PICTURE

    def project(self, points):
        """(N, 3) world -> (N, 2) pixels and (N,) depth."""
        f = self.size.width / 2 / np.tan(self.fov / 2)
        p = points - np.array(self.position)
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        forward = np.array([cy * cp, sy * cp, -sp])
        right = np.array([sy, -cy, 0.0])
        down = np.cross(forward, right)
        depth = p @ forward
        u = self.size.width / 2 + f * (p @ right) / depth
        v = self.size.height / 2 + f * (p @ down) / depth
        return np.stack([u, v], axis=1), depth


def random_view(rng, size=PICTURE):
    """A camera above a junction at the origin: height 4-12 m, tilt 12-55 degrees, field 40-90."""
    while True:
        height = rng.uniform(4, 12)
        pitch = np.deg2rad(rng.uniform(12, 55))
        fov = np.deg2rad(rng.uniform(40, 90))
        distance = height / np.tan(pitch)
        if 5 < distance < 32:
            break
    azimuth = rng.uniform(-np.pi, np.pi)
    aim = rng.normal(0, 4, 2)
    position = (aim[0] - distance * np.cos(azimuth), aim[1] - distance * np.sin(azimuth), height)
    return View(position, azimuth, pitch, fov, size)


def observe(rng, view, driven, body=(4.5, 1.8, 1.5), jitter=0.03, misses=0.03):
    """The path a detector would give: jitter per edge in box sizes; None when hardly seen.

    Also the rows of the drive that are in it.
    """
    length, width, height = body
    corner = np.array(
        [
            [sx * length / 2, sy * width / 2, sz * height]
            for sx in (-1, 1)
            for sy in (-1, 1)
            for sz in (0, 1)
        ]
    )
    frames, boxes = [], []
    w, h = view.size.width, view.size.height
    for k, (x, y, heading) in enumerate(driven.xyh):
        c, s = np.cos(heading), np.sin(heading)
        world = corner @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]]) + [x, y, 0]
        uv, depth = view.project(world)
        if depth.min() < 1.0:
            continue
        box = np.concatenate([uv.min(axis=0), uv.max(axis=0)])
        cut = np.clip(box, 0, [w, h, w, h])
        area = np.prod(np.maximum(cut[2:] - cut[:2], 0))
        full = np.prod(box[2:] - box[:2])
        if area < 0.4 * full or np.sqrt(area) < 16 or rng.random() < misses:
            continue
        noisy = box + rng.normal(0, jitter * np.sqrt(full), 4)
        frames.append(k)
        boxes.append(np.clip(noisy, 0, [w, h, w, h]))
    if len(frames) < 10:
        return None
    index = np.array(frames)
    # one visit: the longest run without a break of more than a second
    breaks = np.flatnonzero(np.diff(index) > FPS)
    runs = np.split(np.arange(len(index)), breaks + 1)
    run = max(runs, key=len)
    index, kept = index[run], np.array(boxes)[run]
    if len(index) < 10:
        return None
    path = Path(
        index.astype(np.int32),
        driven.t_s[index],
        kept.astype(np.float32),
        np.full(len(index), 0.8, np.float32),
        np.zeros(len(index), np.bool_),
    )
    return path, index


def visible_turns(driven, index):
    """Seen degrees of each scripted arc (left positive) with its seen interval."""
    t0, t1 = driven.t_s[index[0]], driven.t_s[index[-1]]
    out = []
    for truth in driven.truth:
        if truth.kind != "turn":
            continue
        a, b = max(truth.t0_s, t0), min(truth.t1_s, t1)
        if b <= a:
            continue
        h = np.interp([a, b], driven.t_s, driven.xyh[:, 2])
        out.append(Truth("turn", a, b, float(np.rad2deg(h[1] - h[0]))))
    return out


def visible_stops(driven, index):
    t0, t1 = driven.t_s[index[0]], driven.t_s[index[-1]]
    out = []
    for truth in driven.truth:
        a, b = max(truth.t0_s, t0), min(truth.t1_s, t1)
        if truth.kind == "stop" and b - a >= 1.0:
            out.append(Truth("stop", a, b))
    return out


def random_drive(rng, what):
    """A drive through the junction: "left", "right", "straight", "bend", "u" or a stop variant."""
    heading = rng.uniform(-np.pi, np.pi)
    before, after = rng.uniform(10, 25), rng.uniform(10, 25)
    speed = rng.uniform(4, 13)
    stop = ("stop", rng.uniform(1.5, 8))
    side = 1 if "left" in what else -1
    if what in ("left", "right"):
        arc = ("arc", rng.uniform(5, 14), side * rng.uniform(60, 110))
        script = [("go", before), arc, ("go", after)]
    elif what in ("stop-left", "stop-right"):
        arc = ("arc", rng.uniform(5, 14), side * rng.uniform(60, 110))
        script = [("go", before), stop, ("go", 2.0), arc, ("go", after)]
    elif what == "straight":
        script = [("go", before + after)]
    elif what == "stop":
        script = [("go", before), stop, ("go", after)]
    elif what == "u":
        script = [
            ("go", before),
            ("arc", rng.uniform(4, 6), rng.choice([-1, 1]) * 180),
            ("go", after),
        ]
    elif what == "bend":
        arc = ("arc", rng.uniform(50, 120), rng.choice([-1, 1]) * rng.uniform(20, 60))
        script = [("go", 5), arc, ("go", 5)]
    else:
        raise ValueError(what)
    lane = rng.normal(0, 3)
    start = (
        -before * np.cos(heading) - lane * np.sin(heading),
        -before * np.sin(heading) + lane * np.cos(heading),
    )
    return drive(rng, script, speed, start, heading)


BODIES = {
    "car": (4.5, 1.8, 1.5),
    "van": (5.6, 2.0, 2.4),
    "truck": (8.0, 2.5, 3.3),
    "motorcycle": (2.1, 0.8, 1.7),
}
