"""Sun, sky and lamps: the numbers behind day, overcast, dusk and night."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_videos.world.scene import Light, Points, Stage

Colour = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Illumination:
    """How a scene is lit; colours are RGB factors, 1 being plain daylight.

    to_sun: (3,) unit vector. shadow: how much of the light a cast shadow takes, 0..1.
    """

    to_sun: Points
    sun: Colour
    sky: Colour
    ground: Colour
    zenith: Colour
    horizon: Colour
    shadow: float
    lamps_on: bool
    night: float
    wet: float
    rain: float
    fog: float
    fog_colour: Colour

    @staticmethod
    def of(light: Light) -> Illumination:
        elevation = light.sun_elevation if light.time != "dusk" else 0.16
        to_sun = np.array(
            [
                math.cos(light.sun_azimuth) * math.cos(elevation),
                math.sin(light.sun_azimuth) * math.cos(elevation),
                math.sin(elevation),
            ]
        )
        # Sun, sky, light from the ground, zenith and horizon colour, cast shadow's depth.
        table = {
            "day": ((0.66, 0.64, 0.58), (0.60, 0.63, 0.67), 0.34, (98, 146, 205), (196, 212, 226)),
            "overcast": (
                (0.12, 0.12, 0.12),
                (0.92, 0.94, 0.97),
                0.40,
                (168, 176, 184),
                (206, 210, 212),
            ),
            "dusk": ((0.44, 0.28, 0.15), (0.46, 0.45, 0.52), 0.26, (72, 82, 122), (226, 158, 116)),
            "night": ((0.0, 0.0, 0.0), (0.33, 0.35, 0.41), 0.17, (14, 18, 32), (38, 42, 58)),
        }
        sun, sky, ground, zenith, horizon = table[light.time]
        dim = 1.0 - 0.35 * light.rain
        shadow = {"day": 0.46, "overcast": 0.0, "dusk": 0.26, "night": 0.0}[light.time]
        night = {"day": 0.0, "overcast": 0.0, "dusk": 0.35, "night": 1.0}[light.time]
        sky_colour = np.array(sky) * (1.0 - 0.15 * light.rain)
        grey = np.array([150.0, 154.0, 158.0]) * (1.0 - 0.78 * night)
        veil = min(1.0, light.rain * 0.8 + light.fog * 0.6)
        return Illumination(
            to_sun=to_sun,
            sun=np.array(sun) * dim * (1.0 - 0.9 * min(1.0, light.rain + light.fog * 0.7)),
            sky=sky_colour,
            ground=np.full(3, ground),
            zenith=np.array(zenith, float) * (1 - veil) + grey * veil,
            horizon=np.array(horizon, float) * (1 - veil) + grey * veil,
            shadow=shadow * (1.0 - min(1.0, light.rain + light.fog)),
            lamps_on=light.time in ("dusk", "night"),
            night=night,
            wet=light.rain,
            rain=light.rain,
            fog=light.fog + 0.25 * light.rain,
            fog_colour=np.array(horizon, float) * (1 - veil) + grey * veil,
        )

    def shade(self, normals: Points) -> Colour:
        """(N, 3) unit normals -> (N, 3) light falling on such faces."""
        towards_sun = np.clip(normals @ self.to_sun, 0.0, 1.0)[:, None]
        up = (0.5 + 0.5 * normals[:, 2])[:, None]
        return towards_sun * self.sun + up * self.sky + (1.0 - up) * self.ground

    def fog_at(self, depth: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Share of fog colour at a depth in metres, 0..1."""
        if self.fog <= 0:
            return np.zeros_like(depth)
        return 1.0 - np.exp(-np.maximum(depth, 0.0) * self.fog / 70.0)


@dataclass(frozen=True, slots=True)
class Lamps:
    """Street lamps as pools of warm light on the ground. xy: (N, 2) metres."""

    xy: Points
    reach_m: float = 9.0

    @staticmethod
    def of(stage: Stage) -> Lamps:
        heads = [
            (
                prop.x + 1.6 * math.cos(prop.heading),
                prop.y + 1.6 * math.sin(prop.heading),
            )
            for prop in stage.props
            if prop.kind == "lamp"
        ]
        return Lamps(np.array(heads, float).reshape(-1, 2))

    def at(self, x: Points, y: Points) -> Points:
        """Warm light at ground points of any shape, 0 (dark) to about 1 (below a lamp)."""
        total = np.zeros(np.shape(x), float)
        for lamp_x, lamp_y in self.xy:
            squared = (x - lamp_x) ** 2 + (y - lamp_y) ** 2
            total += 1.0 / (1.0 + squared / (self.reach_m / 2.2) ** 2) ** 1.6
        return np.minimum(total, 1.25)


LAMP_COLOUR: Colour = np.array([1.0, 0.84, 0.60])
