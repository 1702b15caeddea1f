"""The ground and the sky: painted once for a camera, at twice the size, then averaged down."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from sample_videos.world.camera import View
from sample_videos.world.lighting import LAMP_COLOUR, Illumination, Lamps
from sample_videos.world.scene import MATERIALS, Points, Stage

Float32 = npt.NDArray[np.float32]

_TILE = 512
# Base RGB, grain (fine noise), mottle (metre-wide noise), patch (ten-metre noise).
_LOOK = {
    "grass": ((86, 108, 56), 26.0, 20.0, 16.0),
    "dirt": ((124, 104, 80), 18.0, 14.0, 10.0),
    "pavement": ((158, 154, 147), 9.0, 8.0, 7.0),
    "plaza": ((172, 160, 143), 9.0, 8.0, 6.0),
    "asphalt": ((84, 86, 90), 11.0, 6.0, 7.0),
    "asphalt_old": ((106, 105, 103), 13.0, 9.0, 9.0),
    "kerb": ((182, 179, 172), 8.0, 6.0, 4.0),
    "paint_white": ((226, 226, 221), 9.0, 15.0, 6.0),
    "paint_yellow": ((222, 178, 44), 9.0, 15.0, 6.0),
    "cycle_lane": ((148, 78, 62), 10.0, 8.0, 7.0),
}


def tileable_noise(rng: np.random.Generator, slope: float) -> Float32:
    """A (512, 512) noise that repeats without a seam, zero mean and unit spread."""
    spectrum = np.fft.rfft2(rng.standard_normal((_TILE, _TILE)))
    fy = np.fft.fftfreq(_TILE)[:, None]
    fx = np.fft.rfftfreq(_TILE)[None, :]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1.0
    spectrum *= radius**-slope
    spectrum[0, 0] = 0.0
    field = np.fft.irfft2(spectrum, s=(_TILE, _TILE))
    return np.asarray(field / field.std(), np.float32)


class Ground:
    """Paints sky and ground of a stage for a view."""

    def __init__(self, stage: Stage, illumination: Illumination) -> None:
        self._stage = stage
        self._light = illumination
        rng = np.random.default_rng([stage.seed, 71])
        self._noises = (tileable_noise(rng, 0.45), tileable_noise(rng, 1.15))
        self._tint = rng.normal(0.0, 5.0, (len(MATERIALS), 3)).astype(np.float32)
        self._lamps = Lamps.of(stage)

    def paint(self, view: View) -> Float32:
        """(H, W, 3) float RGB, 0..255, of everything that lies flat, and the sky."""
        rays = view.rays().astype(np.float32)
        falling = np.minimum(rays[..., 2], -1e-4)
        depth = (-view.origin[2] / falling).astype(np.float32)
        seen = (rays[..., 2] < -1e-4) & (depth < 900.0)
        depth = np.where(seen, depth, 900.0).astype(np.float32)
        x = (view.origin[0] + rays[..., 0] * depth).astype(np.float32)
        y = (view.origin[1] + rays[..., 1] * depth).astype(np.float32)
        # Metres a pixel covers along the line of sight: finer noise than that must fade.
        footprint = depth * depth / (float(view.origin[2]) * view.focal_px)

        index = self._materials(view)
        looks = [_LOOK[m] for m in MATERIALS]
        base = np.array([look[0] for look in looks], np.float32) + self._tint
        amplitude = np.array([look[1:] for look in looks], np.float32)[index]
        colour = base[index]
        grain = self._sample(0, x, y, 34.0, footprint)
        mottle = self._sample(1, x, y, 9.0, footprint)
        patch = self._sample(1, y, x, 1.3, footprint)
        change = grain * amplitude[..., 0] + mottle * amplitude[..., 1] + patch * amplitude[..., 2]
        colour = colour + change[..., None] * 0.55
        colour = self._tiles(colour, index, x, y, footprint)
        colour = self._lit(colour, x, y, depth)
        sky = self._sky(rays)
        return np.where(seen[..., None], colour, sky).astype(np.float32)

    def _materials(self, view: View) -> npt.NDArray[np.uint8]:
        index = np.zeros((view.height, view.width), np.uint8)
        for surface in self._stage.surfaces:
            flat = np.column_stack([surface.polygon, np.zeros(len(surface.polygon))])
            pixels = view.project_polygon(flat)
            if pixels is None:
                continue
            corners = np.round(pixels * 8.0).astype(np.int32)
            cv2.fillPoly(index, [corners], MATERIALS.index(surface.material), cv2.LINE_8, 3)
        return index

    def _sample(
        self, which: int, x: Float32, y: Float32, texels_per_m: float, footprint: Float32
    ) -> Float32:
        map_x = np.mod(x * texels_per_m, _TILE).astype(np.float32)
        map_y = np.mod(y * texels_per_m, _TILE).astype(np.float32)
        values = cv2.remap(
            self._noises[which], map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
        )
        fade = np.clip(2.5 / (footprint * texels_per_m + 1e-3), 0.0, 1.0)
        return np.asarray(np.clip(values, -2.2, 2.2) * fade, np.float32)

    def _tiles(
        self,
        colour: Float32,
        index: npt.NDArray[np.uint8],
        x: Float32,
        y: Float32,
        footprint: Float32,
    ) -> Float32:
        for material, pitch in (("pavement", 0.8), ("plaza", 1.6)):
            joint = 0.035
            line = (np.mod(x, pitch) < joint) | (np.mod(y, pitch) < joint)
            strength = np.clip(0.09 / (footprint + 0.02), 0.0, 1.0) * 0.16
            where = (index == MATERIALS.index(material)) & line
            colour = np.where(where[..., None], colour * (1.0 - strength[..., None]), colour)
        return colour

    def _lit(self, colour: Float32, x: Float32, y: Float32, depth: Float32) -> Float32:
        light = self._light
        level = light.shade(np.array([[0.0, 0.0, 1.0]]))[0]
        factor = np.broadcast_to(level.astype(np.float32), colour.shape).copy()
        if light.lamps_on and len(self._lamps.xy):
            strength = 0.35 + 0.55 * light.night
            pools = self._lamps.at(x.astype(np.float64), y.astype(np.float64))
            factor += (pools[..., None] * LAMP_COLOUR * strength).astype(np.float32)
        lit = colour * factor
        if light.wet > 0:
            # Wet ground darkens near by and mirrors the sky far away.
            mirror = np.clip(depth / 90.0, 0.05, 0.55)[..., None] * light.wet
            sheen = light.horizon.astype(np.float32) * (0.9 - 0.45 * light.night)
            lit = lit * (1.0 - 0.3 * light.wet) * (1.0 - mirror) + sheen * mirror
        fog = light.fog_at(depth.astype(np.float64)).astype(np.float32)[..., None]
        haze = np.clip((depth - 120.0) / 700.0, 0.0, 0.75)[..., None]
        veil = np.maximum(fog, haze)
        return np.asarray(lit * (1.0 - veil) + light.fog_colour * veil, np.float32)

    def _sky(self, rays: Float32) -> Float32:
        length = np.linalg.norm(rays, axis=2)
        height = np.clip(rays[..., 2] / length, 0.0, 1.0)
        blend = np.clip(height / 0.55, 0.0, 1.0)[..., None] ** 0.7
        light = self._light
        sky = light.horizon * (1.0 - blend) + light.zenith * blend
        azimuth = np.arctan2(rays[..., 1], rays[..., 0]).astype(np.float32)
        map_x = np.mod(azimuth / (2 * math.pi) * 3 * _TILE, _TILE).astype(np.float32)
        map_y = np.mod(height * 1400.0, _TILE).astype(np.float32)
        clouds = cv2.remap(
            self._noises[1], map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
        )
        cover = np.clip(clouds * 0.5 + 0.1, 0.0, 1.0)[..., None] * 0.4 * (1.0 - light.night)
        white = light.horizon * 0.5 + 127.0 * (1.0 - light.night) + 10.0
        sky = sky * (1.0 - cover) + white * cover
        return self._skyline(sky, azimuth, height).astype(np.float32)

    def _skyline(self, sky: Float32, azimuth: Float32, height: Float32) -> Float32:
        """Far trees and roofs along the horizon, paler the farther they are."""
        light = self._light
        level = float(light.sky.mean() + light.sun.mean())
        # Whole turns of the noise around the horizon, so that it closes without a seam.
        for lift, turns, rgb, haze in (
            (0.034, 1.0, (120.0, 134.0, 140.0), 0.72),
            (0.020, 3.0, (84.0, 104.0, 76.0), 0.45),
        ):
            turn = np.mod(azimuth / (2 * math.pi) * turns * _TILE, _TILE).astype(np.float32)
            row = np.full_like(turn, 63.0 + 50.0 * turns)
            wave = cv2.remap(
                self._noises[1], turn, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
            )
            top = lift * (1.0 + 0.28 * np.clip(wave, -2.0, 2.0))
            far = np.array(rgb) * level * 0.8 * (1.0 - haze) + light.fog_colour * haze
            sky = np.where((height < top)[..., None], far, sky)
        return sky


def shadow_of(points: Points, to_sun: Points) -> Points:
    """(N, 3) points -> (N, 3) where the sun throws them on the ground, metres."""
    drop = points[:, 2:3] / max(float(to_sun[2]), 0.08)
    return np.column_stack([points[:, :2] - to_sun[:2] * drop, np.zeros(len(points))])
