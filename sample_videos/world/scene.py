"""What the world is made of, for those who move it (traffic) and those who draw it (renderer).

Frame of reference: metres, x east, y north, z up; headings in radians, counter-clockwise from
east, so that a left turn makes the heading grow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

MATERIALS = (
    "grass",
    "dirt",
    "pavement",
    "plaza",
    "asphalt",
    "asphalt_old",
    "kerb",
    "paint_white",
    "paint_yellow",
    "cycle_lane",
)
PROPS = (
    "building",
    "tree",
    "lamp",
    "signal",
    "bench",
    "bin",
    "sign",
    "hedge",
    "shelter",
    "kiosk",
    "board",
)
"""A kiosk (a small house) and a board (a wall of posters) may stand between camera and road."""
KINDS = ("car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog")
VARIANTS: Mapping[str, tuple[str, ...]] = {
    "car": ("sedan", "hatchback", "suv", "wagon", "taxi"),
    "van": ("panel", "minibus"),
    "truck": ("box", "flatbed", "pickup"),
    "bus": ("city", "coach"),
    "motorcycle": ("street", "scooter"),
    "bicycle": ("city", "road"),
    "person": ("walker", "backpack", "skirt"),
    "dog": ("large", "small"),
}
SIZES_M: Mapping[tuple[str, str], tuple[float, float, float]] = {
    ("car", "sedan"): (4.7, 1.85, 1.45),
    ("car", "hatchback"): (4.0, 1.75, 1.48),
    ("car", "suv"): (4.7, 1.95, 1.78),
    ("car", "wagon"): (4.8, 1.85, 1.52),
    ("car", "taxi"): (4.7, 1.85, 1.50),
    ("van", "panel"): (5.6, 2.05, 2.45),
    ("van", "minibus"): (5.4, 2.0, 2.15),
    ("truck", "box"): (8.2, 2.5, 3.4),
    ("truck", "flatbed"): (7.6, 2.45, 2.7),
    ("truck", "pickup"): (5.4, 2.0, 1.85),
    ("bus", "city"): (11.8, 2.55, 3.1),
    ("bus", "coach"): (12.2, 2.55, 3.5),
    ("motorcycle", "street"): (2.15, 0.8, 1.75),
    ("motorcycle", "scooter"): (1.95, 0.75, 1.75),
    ("bicycle", "city"): (1.8, 0.65, 1.85),
    ("bicycle", "road"): (1.75, 0.6, 1.75),
    ("person", "walker"): (0.45, 0.6, 1.75),
    ("person", "backpack"): (0.55, 0.6, 1.75),
    ("person", "skirt"): (0.45, 0.6, 1.68),
    ("dog", "large"): (1.0, 0.35, 0.75),
    ("dog", "small"): (0.6, 0.25, 0.42),
}
"""(kind, variant) -> length, width, height in metres; a rider counts as part of a two-wheeler."""

COLOURS: Mapping[str, tuple[int, int, int]] = {
    "white": (236, 237, 235),
    "black": (26, 27, 30),
    "grey": (112, 115, 118),
    "silver": (178, 183, 188),
    "red": (190, 24, 28),
    "blue": (28, 72, 170),
    "green": (28, 118, 62),
    "yellow": (236, 192, 22),
    "orange": (226, 104, 20),
    "brown": (98, 62, 38),
    "purple": (104, 46, 134),
    "pink": (226, 120, 160),
}
"""Name -> RGB of the paint in plain daylight; the renderer varies it a little per object."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A painted area of ground; later ones cover earlier ones. polygon: (N, 2) metres."""

    material: str
    polygon: Points


@dataclass(frozen=True, slots=True)
class Prop:
    """Something that stands still: one of PROPS, centre on the ground, sizes in metres."""

    kind: str
    x: float
    y: float
    heading: float
    length: float
    width: float
    height: float
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """How a moving object looks; never changes during a video.

    colour: main colour (vehicle paint, rider's or walker's upper clothes, dog's coat).
    colour2: second colour (truck's cargo box, person's trousers, two-wheeler's frame).
    seed: everything else about its looks (livery, roof rack, skin, wear).
    """

    object_id: int
    kind: str
    variant: str
    colour: str
    colour2: str
    seed: int

    @property
    def size_m(self) -> tuple[float, float, float]:
        return SIZES_M[(self.kind, self.variant)]


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a body is at one instant: its centre on the ground.

    phase: radians of the walk or pedal cycle, or wheel rotation. steer: radians, left positive.
    indicator: +1 left, -1 right, 0 none.
    """

    x: float
    y: float
    heading: float
    phase: float = 0.0
    steer: float = 0.0
    brake: bool = False
    indicator: int = 0


@dataclass(frozen=True, slots=True)
class SignalState:
    """What a traffic light (index into the layout's props) shows: red, amber or green."""

    prop: int
    colour: str


@dataclass(frozen=True, slots=True)
class Light:
    """Time of day and weather. time: day, overcast, dusk, night. rain, fog, wet: 0..1."""

    time: str = "day"
    rain: float = 0.0
    fog: float = 0.0
    sun_azimuth: float = 2.2
    sun_elevation: float = 0.8


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera at one instant.

    position: metres. yaw: radians counter-clockwise from east; pitch: radians, positive looks
    down; roll: radians. fov: horizontal, radians.
    """

    x: float
    y: float
    z: float
    yaw: float
    pitch: float
    fov: float
    roll: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The part of a scene that never moves."""

    surfaces: tuple[Surface, ...]
    props: tuple[Prop, ...]
    light: Light
    seed: int = 0
    extent_m: float = 120.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that changes from frame to frame."""

    t_s: float
    camera: Camera
    poses: Mapping[int, Pose]
    signals: tuple[SignalState, ...] = field(default=())
