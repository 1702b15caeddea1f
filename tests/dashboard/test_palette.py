"""Colours of kinds stand out from both backgrounds, and from each other for everybody's eyes."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from dashboard.palette import HUES, class_colours, hue

KINDS = ("car", "person", "bicycle", "motorcycle", "truck", "bus", "van", "dog")
THEME = tomllib.loads(
    (Path(__file__).parents[2] / "dashboard" / ".streamlit" / "config.toml").read_text("utf-8")
)["theme"]
# Linear RGB as seen without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    stored = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2: from 1 to 21."""
    dark, light = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(colour, 0, 1) / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_measures_are_those_of_the_books():
    assert contrast("#000000", "#ffffff") == pytest.approx(21, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_kind_stands_out_from_the_background(scheme: str):
    for colours in class_colours(KINDS):
        for ground in ("backgroundColor", "secondaryBackgroundColor"):
            assert contrast(colours[scheme == "dark"], THEME[scheme][ground]) >= 4.0
        assert contrast(colours[scheme == "dark"], THEME[scheme]["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_two_kinds_are_told_apart(scheme: str, sight: str):
    seen = [lab(np.array(SIGHT[sight]) @ linear(c[scheme == "dark"])) for c in class_colours(KINDS)]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 14


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_links_can_be_read(scheme: str):
    theme = THEME[scheme]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(theme["textColor"], theme[ground]) >= 7
        assert contrast(theme["linkColor"], theme[ground]) >= 4.5


def test_a_kind_nobody_foresaw_has_a_colour_that_stays():
    assert class_colours(["giraffe", "car"])[0] == class_colours(["car", "giraffe"])[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_many_things_have_colours_of_their_own(scheme: str):
    many = [hue(number)[scheme == "dark"] for number in range(3 * len(HUES))]
    assert tuple(many[: len(HUES)]) == tuple(pair[scheme == "dark"] for pair in HUES)
    seen = [lab(linear(colour)) for colour in many]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 10
    assert min(contrast(colour, THEME[scheme]["backgroundColor"]) for colour in many) > 2.5
