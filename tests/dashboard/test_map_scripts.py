"""Functions of the maps' scripts, run by Node where it is installed, beside those of the server."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from dashboard.components import maps
from dashboard.outlines import inside, outline_of
from tests.dashboard.test_component_scripts import NODE, run

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node on this machine")
POINTS = ("points.js",)


def test_points_are_read_as_the_server_writes_them(tmp_path):
    rows = np.array([3, 7, 8], "<u4")
    places = np.arange(12, dtype="<f4").reshape(4, 3)
    data = np.array([3, 9], "<u4").tobytes() + rows.tobytes() + places.tobytes()
    body = """
      const bytes = Uint8Array.from(Buffer.from(given, "base64"));
      const read = readPoints(bytes.buffer);
      return [[...read.row], read.total, [...read.looks.y], [...read.moves.x]];
    """
    told = run(tmp_path, maps, POINTS, body, base64.b64encode(data).decode())
    assert told == [[3, 7, 8], 9, [3, 4, 5], [6, 7, 8]]


def test_the_browser_and_the_server_agree_on_what_is_inside(tmp_path):
    random = np.random.default_rng(6)
    xy = random.uniform(-1, 1, (400, 2)).astype(np.float32)
    x, y = random.uniform(-1, 1, (2, 17)).round(3)
    given = {
        "x": xy[:, 0].tolist(),
        "y": xy[:, 1].tolist(),
        "outline": {"x": x.tolist(), "y": y.tolist()},
    }
    told = run(tmp_path, maps, POINTS, "return within(given, given.outline);", given)
    assert told == inside(outline_of(x.tolist(), y.tolist()), xy).tolist()
    assert 0 < len(told) < 400


def test_bits_lowest_first(tmp_path):
    lit = np.zeros(19, bool)
    lit[[0, 7, 8, 18]] = True
    packed = np.packbits(lit, bitorder="little").tobytes()
    body = "return readBits(Uint8Array.from(Buffer.from(given, 'base64')).buffer, 19);"
    assert run(tmp_path, maps, POINTS, body, base64.b64encode(packed).decode()) == [0, 7, 8, 18]


def test_adding_and_taking(tmp_path):
    body = """
      return [joined([1, 5], [3, 5], "add"), joined([1, 5], [5], "take"), joined(null, [2], "add")];
    """
    assert run(tmp_path, maps, POINTS, body) == [[1, 3, 5], [1], [2]]


def test_a_stroke_has_no_more_corners_than_are_let(tmp_path):
    body = """
      const turn = (k) => [300 * Math.cos(k / 800), 300 * Math.sin(k / 800)];
      const circle = Array.from({length: 5000}, (_, k) => turn(k));
      return thinned(circle, 3, 240).length;
    """
    assert 100 < run(tmp_path, maps, POINTS, body) <= 240
