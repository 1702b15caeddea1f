from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.video.clock import Clock

MS = Fraction(1, 1000)
NOMINAL = Fraction(40, 1000)


def read(stamps: list[int | None]) -> tuple[list[int], int]:
    clock = Clock(NOMINAL)
    return [round(clock.read(stamp, MS) * 1000) for stamp in stamps], clock.repaired


def test_sound_times_are_kept() -> None:
    assert read([500, 540, 900, 901]) == ([0, 40, 400, 401], 0)


def test_repeated_and_missing() -> None:
    assert read([0, 40, 40, None, 160]) == ([0, 40, 80, 120, 160], 2)


def test_missing_at_the_start() -> None:
    assert read([None, None, 5000, 5040]) == ([0, 40, 80, 120], 2)


def test_restart_shifts_the_rest() -> None:
    assert read([0, 40, 9000, 0, 30, 70]) == ([0, 40, 9000, 9040, 9070, 9110], 1)


@given(st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=1, max_size=40))
def test_always_increases_from_zero(stamps: list[int | None]) -> None:
    clock = Clock(NOMINAL)
    times = [clock.read(stamp, MS) for stamp in stamps]

    assert times[0] == 0
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
