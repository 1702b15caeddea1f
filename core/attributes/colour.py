"""What colour an object is, read from the pixels of a crop.

Encoders name grey, white and silver badly, so colour is read from the picture itself: every pixel
of the place where the paint (or the clothes) should be votes for the names whose prototypes in
CIE Lab lie near; what every vehicle has of black (windows, tyres, grille, shadow) and of grey
(the road around it) is taken out of the vote; names without hue are told apart by lightness
against the scene's own white.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import cv2
import numpy as np

from core.detections import Float32, Float64, Image
from core.tracking.classes import group_of
from core.tracking.crops import CropCandidate, SceneLight

COLOURS = (
    "white",
    "black",
    "grey",
    "silver",
    "red",
    "blue",
    "green",
    "yellow",
    "orange",
    "brown",
    "purple",
    "pink",
)
"""The twelve names, in the order of every posterior."""

_PROTOTYPES: Mapping[str, Sequence[tuple[float, float, float]]] = {
    "red": (
        (42, 60, 42),
        (30, 46, 30),
        (20, 32, 18),
        (52, 64, 36),
        (48, 54, 20),
        (36, 40, 14),
        (44, 58, 4),
        (32, 42, 2),
        (54, 66, 6),
        (60, 44, 14),
        (42, 32, 8),
        (38, 24, 5),
    ),
    "blue": (
        (34, 14, -52),
        (24, 10, -36),
        (46, 2, -46),
        (60, -6, -36),
        (32, -2, -28),
        (16, 10, -28),
        (32, 50, -80),
        (28, 36, -62),
    ),
    "green": (
        (44, -36, 22),
        (30, -26, 15),
        (58, -44, 36),
        (66, -30, 30),
        (42, -22, 8),
        (24, -16, 9),
    ),
    "yellow": (
        (82, 4, 78),
        (70, 6, 66),
        (58, 6, 52),
        (86, -4, 52),
        (76, 8, 50),
        (64, 3, 46),
        (52, 4, 42),
        (62, 6, 34),
        (50, 6, 32),
    ),
    "orange": ((60, 46, 62), (48, 40, 50), (66, 36, 58), (56, 34, 42), (46, 30, 38), (60, 30, 36)),
    "brown": ((30, 14, 20), (42, 14, 24), (20, 11, 13), (50, 12, 22), (34, 16, 24)),
    "purple": ((28, 36, -38), (38, 38, -36), (20, 24, -24), (48, 28, -30), (32, 22, -18)),
    "pink": ((66, 44, -4), (74, 30, 2), (62, 54, -10), (80, 20, 4), (58, 34, -6)),
}
"""Name -> typical CIE Lab values of its paint in light and shade."""

_CHROMA_SCALE = 11.0  # Lab units
_LIGHTNESS_SCALE = 20.0
_HUE_SHARE = (0.22, 0.14)  # of the pixels looked at, for a hue to count: anything, a vehicle
_NEUTRAL_CHROMA = 9.5  # below this a pixel has no hue
_SKY_CHROMA = 11.0  # glossy paint mirrors the sky: blue needs this much more
_SKY_HUE = np.deg2rad(265.0)
_SUN_CHROMA = 4.0  # and a low sun or a street lamp makes grey look a little brown
_SUN_HUE = np.deg2rad(60.0)
_NEUTRAL_SOFT = 2.0
_QUANTILES = (0.25, 0.5, 0.72, 0.9)
_LIGHTNESS: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "black": ((12.0, 24.0, 37.0, 53.0), (6.0, 9.0, 10.0, 13.0)),
    "grey": ((25.0, 38.0, 49.0, 63.0), (8.0, 8.0, 8.0, 10.0)),
    "silver": ((27.0, 49.0, 62.0, 74.0), (11.0, 9.0, 7.0, 9.0)),
    "white": ((38.0, 67.0, 83.0, 93.0), (15.0, 14.0, 9.0, 7.0)),
}
"""Name without hue -> means and spreads of quantiles of the lightness of a vehicle's body: what
is dark on every car (windows, tyres, shadow) pulls the lower ones down."""
_LIGHTNESS_PLAIN: Mapping[str, tuple[float, float]] = {
    "black": (15.0, 10.0),
    "grey": (39.0, 11.0),
    "silver": (54.0, 6.0),
    "white": (73.0, 10.0),
}
"""The same for the median lightness of clothes and fur."""

_SIDE = 32
_PLAIN = SceneLight(np.full(3, 235.0, np.float32), np.full(3, 115.0, np.float32))


def colour_posterior(
    interior: Image,
    *,
    class_name: str = "car",
    light: SceneLight | None = None,
    legs: bool = False,
) -> Float32:
    """(12,) posterior over `COLOURS`; all zeros where there are no pixels.

    interior: the inside of the object's box. class_name: where to look: a vehicle's body, a
    person's or rider's upper clothes, the middle of anything else. light: how the frame is lit;
    without it plain daylight is assumed. legs: look at what a person wears below instead.
    """
    if interior.size == 0 or min(interior.shape[:2]) < 2:
        return np.zeros(len(COLOURS), np.float32)
    group = group_of(class_name)
    small = cv2.resize(interior, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    lab = _balanced_lab(np.asarray(small, np.uint8), light or _PLAIN)
    weight = _where_to_look("legs" if legs else group)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    # shade hides hue: dark pixels need less of it, bright ones more
    need = _NEUTRAL_CHROMA + 0.05 * np.clip(lab[:, 0] - 40.0, -20.0, 50.0)
    hue = np.arctan2(lab[:, 2], lab[:, 1])
    skyward = np.square(np.clip(np.cos(hue - _SKY_HUE), 0.0, 1.0))
    need += _SKY_CHROMA * skyward * (1.0 if group == "vehicle" else 0.4)
    need += _SUN_CHROMA * np.square(np.clip(np.cos(hue - _SUN_HUE), 0.0, 1.0))
    tinted = 1.0 / (1.0 + np.exp(-np.clip((chroma - need) / _NEUTRAL_SOFT, -30.0, 30.0)))
    names, votes = _hue_votes(lab)
    hue_share = (votes * (weight * tinted)[:, None]).sum(axis=0)
    plain = _plain_scores(lab[:, 0], weight * (1.0 - tinted), group)
    scores = np.zeros(len(COLOURS))
    for name, share in zip(names, hue_share, strict=True):
        scores[COLOURS.index(name)] = share
    coloured = float(hue_share.max(initial=0.0))
    # A painted vehicle shows its hue on a quarter of the body or more; reflections on less.
    certain = 1.0 / (1.0 + np.exp(-(coloured - _HUE_SHARE[int(group == "vehicle")]) / 0.035))
    scores = np.square(scores) / max(float(np.square(scores).sum()), 1e-9) * certain
    for name, value in plain.items():
        scores[COLOURS.index(name)] += value * (1.0 - certain)
    posterior = 0.98 * scores / max(float(scores.sum()), 1e-9) + 0.02 / len(COLOURS)
    return np.asarray(posterior, np.float32)


def crop_colour(crop: CropCandidate, class_name: str) -> Float32:
    """(12,) posterior of one exemplar crop, read inside its box in the light of its frame."""
    x0, y0 = np.floor(crop.inner[:2]).astype(int)
    x1, y1 = np.ceil(crop.inner[2:]).astype(int)
    return colour_posterior(crop.image[y0:y1, x0:x1], class_name=class_name, light=crop.light)


def _balanced_lab(small: Image, light: SceneLight) -> Float64:
    """(P, 3) CIE Lab of the pixels as they would look in plain daylight.

    Exposure and tint come from the scene's white, half-heartedly: it may be no white at all.
    """
    white = np.clip(light.white.astype(np.float64), 8.0, 255.0)
    bright = float(white.max())
    tint = np.clip(white.mean() / white, 0.8, 1.25) ** 0.7
    grey = float(np.clip(light.grey.mean(), 4.0, 255.0))
    exposure = np.clip((225.0 / bright) ** 0.45 * (105.0 / grey) ** 0.45, 0.85, 3.0)
    rgb = np.clip(small.astype(np.float64) * (tint * exposure), 0.0, 255.0)
    scaled = (rgb / 255.0).astype(np.float32)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), np.float64).reshape(-1, 3)


@lru_cache(maxsize=8)
def _where_to_look(group: str) -> Float64:
    """(P,) weights of the pixels of a box, summing to 1."""
    at = (np.arange(_SIDE) + 0.5) / _SIDE
    x, y = np.meshgrid(at, at)
    if group == "vehicle":
        weight = np.exp(-np.square((x - 0.5) / 0.30) - np.square((y - 0.58) / 0.26))
    elif group == "person":
        weight = np.exp(-np.square((x - 0.5) / 0.20) - np.square((y - 0.35) / 0.14))
    elif group == "legs":
        weight = np.exp(-np.square((x - 0.5) / 0.16) - np.square((y - 0.68) / 0.10))
    elif group == "two-wheeler":
        weight = np.exp(-np.square((x - 0.5) / 0.17) - np.square((y - 0.34) / 0.14))
    else:
        weight = np.exp(-np.square((x - 0.5) / 0.24) - np.square((y - 0.48) / 0.22))
    return np.asarray((weight / weight.sum()).ravel(), np.float64)


@lru_cache(maxsize=1)
def _prototypes() -> tuple[tuple[str, ...], tuple[Float64, ...]]:
    """Names with a hue, and of each its (K, 3) prototypes in units of the vote's scales."""
    scale = np.array([_LIGHTNESS_SCALE, _CHROMA_SCALE, _CHROMA_SCALE])
    return tuple(_PROTOTYPES), tuple(np.array(p, np.float64) / scale for p in _PROTOTYPES.values())


def _hue_votes(lab: Float64) -> tuple[tuple[str, ...], Float64]:
    """Names with a hue, and (P, names) soft votes of each pixel among them, summing to 1."""
    names, tables = _prototypes()
    pixels = lab / np.array([_LIGHTNESS_SCALE, _CHROMA_SCALE, _CHROMA_SCALE])
    nearest = np.full((len(lab), len(names)), np.inf)
    for k, table in enumerate(tables):
        for prototype in table:
            distance = np.square(pixels - prototype).sum(axis=1)
            np.minimum(nearest[:, k], distance, out=nearest[:, k])
    near = np.exp(-0.5 * (nearest - nearest.min(axis=1, keepdims=True)))
    return names, near / near.sum(axis=1, keepdims=True)


def _plain_scores(lightness: Float64, weight: Float64, group: str) -> dict[str, float]:
    """Posterior among white, black, grey and silver from the lightness of what has no hue."""
    total = float(weight.sum())
    if total < 1e-6:
        return dict.fromkeys(_LIGHTNESS, 0.25)
    order = np.argsort(lightness)
    share = np.cumsum(weight[order]) / total
    level = lightness[order][np.minimum(np.searchsorted(share, _QUANTILES), len(order) - 1)]
    logs = {}
    for name in _LIGHTNESS:
        if group == "vehicle":
            mean, spread = (np.array(part) for part in _LIGHTNESS[name])
            off, scale = (level - mean) / spread, 0.4  # quantiles of one crop are no two crops
        else:
            mean, spread = (np.array([part]) for part in _LIGHTNESS_PLAIN[name])
            off, scale = (level[1:2] - mean) / spread, 1.0
        if name == "white":
            off = np.minimum(off, 0.0)
        if name == "black":
            off = np.maximum(off, 0.0)
        logs[name] = -scale * float((0.5 * np.square(off) + 0.5 * np.log(spread)).sum())
    top = max(logs.values())
    values = {name: float(np.exp(value - top)) for name, value in logs.items()}
    return {name: value / sum(values.values()) for name, value in values.items()}


def fused_colour(colour: Float32, quality: Float32) -> Float32:
    """(12,) posterior of a track from its (N, 12) crop posteriors, zeros where none is known.

    The quality-weighted mean of the log posteriors, so that one sure crop does not outvote many.
    """
    known = colour.sum(axis=1) > 0.5
    weight = np.where(known, np.maximum(quality, 1e-6), 0.0).astype(np.float64)
    if not known.any():
        return np.zeros(colour.shape[1], np.float32)
    logs = np.log(np.clip(colour.astype(np.float64), 1e-4, 1.0))
    mean = (logs * weight[:, None]).sum(axis=0) / weight.sum()
    fused = np.exp(mean - mean.max())
    return np.asarray(fused / fused.sum(), np.float32)
