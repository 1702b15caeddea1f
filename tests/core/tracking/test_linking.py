"""The best set of links, without close calls, and what speaks for a link."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tracking import linking
from core.tracking.appearance import CANNOT_TELL, Calibration
from core.tracking.linking import LinkSettings, Pairs, candidates, path_cover
from core.tracking.tracklets import tracklets_of
from tests.core.tracking.scenes import NAMES, SIZE, STEP, line, rows, span, unit

SEEDS = st.integers(0, 2**31)
S = LinkSettings()

Edge = tuple[int, int, float]


def pairs_of(edges: list[Edge]) -> Pairs:
    table = np.array(edges, np.float64).reshape(-1, 3)
    nothing = np.zeros(len(table))
    ends = table[:, :2].astype(np.intp)
    return Pairs(ends[:, 0], ends[:, 1], nothing, nothing, table[:, 2])


def linked(edges: list[Edge], n: int, lead: float = 0.5) -> set[tuple[int, int]]:
    return {edges[k][:2] for k in path_cover(pairs_of(edges), n, lead)}


def graph(seed: int, n: int, density: float, first: int = 0) -> list[Edge]:
    """Random candidates among tracklets first .. first + n - 1, in order of time."""
    rng = np.random.default_rng(seed)
    return [
        (first + a, first + b, float(rng.uniform(0.05, 6.0) * rng.choice([0.2, 1.0])))
        for a in range(n)
        for b in range(a + 1, n)
        if rng.random() < density
    ]


def best_by_trying(edges: list[Edge]) -> tuple[float, frozenset[Edge]]:
    """The matching of largest total score, by looking at all."""
    best: tuple[float, frozenset[Edge]] = (0.0, frozenset())
    pending: list[tuple[int, float, frozenset[Edge]]] = [(0, 0.0, frozenset())]
    while pending:
        k, total, made = pending.pop()
        if k == len(edges):
            best = max(best, (total, made), key=lambda found: found[0])
            continue
        pending.append((k + 1, total, made))
        a, b, score = edges[k]
        if all(a != p and b != q for p, q, _ in made):
            pending.append((k + 1, total + score, made | {edges[k]}))
    return best


# --- the best set of links -----------------------------------------------------------------------


@given(SEEDS, st.integers(2, 6), st.floats(0.2, 1.0), st.sampled_from([0.0, 0.05, 0.5, 2.0]))
@settings(max_examples=80, deadline=None)
def test_a_link_stands_where_the_whole_is_worse_without_it(seed, n, density, lead):
    edges = graph(seed, n, density)[:11]
    total, made = best_by_trying(edges)
    expected = {
        edge[:2]
        for edge in made
        if total - best_by_trying([e for e in edges if e != edge])[0] >= lead
    }
    assert linked(edges, n, lead) == expected


def test_nothing_to_link_and_a_single_pair():
    assert linked([], 0) == set()
    assert linked([], 5) == set()
    assert linked([(1, 3, 0.6)], 5) == {(1, 3)}
    assert linked([(1, 3, 0.4)], 5) == set()


def test_two_rivals_for_one_place_leave_it_empty_and_a_clear_winner_takes_it():
    assert linked([(0, 2, 3.0), (1, 2, 2.8)], 3) == set()
    assert linked([(0, 2, 3.0), (1, 2, 2.0)], 3) == {(0, 2)}


def test_two_that_might_as_well_have_changed_places_are_not_linked():
    swap = [(0, 2, 5.0), (1, 3, 5.0), (0, 3, 4.9), (1, 2, 4.9)]
    assert linked(swap, 4) == set()
    clear = [(0, 2, 5.0), (1, 3, 5.0), (0, 3, 4.0), (1, 2, 4.0)]
    assert linked(clear, 4) == {(0, 2), (1, 3)}


def test_the_best_whole_beats_the_best_pair():
    edges = [(0, 2, 5.0), (0, 3, 4.0), (1, 2, 4.0)]
    assert linked(edges, 4) == {(0, 3), (1, 2)}


@given(SEEDS, SEEDS, st.integers(2, 7), st.integers(2, 7))
@settings(max_examples=40, deadline=None)
def test_independent_groups_do_not_influence_each_other(one, other, n, m):
    left, right = graph(one, n, 0.6), graph(other, m, 0.6, first=n)
    mixed = [*left, *right]
    np.random.default_rng(one).shuffle(mixed)
    together = linked([(int(a), int(b), s) for a, b, s in mixed], n + m)
    assert together == linked(left, n + m) | linked(right, n + m)


@given(SEEDS, st.integers(2, 8))
@settings(max_examples=30, deadline=None)
def test_the_order_of_candidates_does_not_matter(seed, n):
    edges = graph(seed, n, 0.7)
    order = np.random.default_rng(seed).permutation(len(edges))
    assert linked([edges[k] for k in order], n) == linked(edges, n)


def crowd(seed: int, n: int) -> list[Edge]:
    """One component of n tracklets: each has a clear successor and rivals far behind."""
    rng = np.random.default_rng(seed)
    clear = [(k, k + 1, float(rng.uniform(4.0, 6.0))) for k in range(n - 1) if k % 5]
    rivals = [
        (k, k + d, float(rng.uniform(0.05, 1.0))) for k in range(n) for d in (1, 2, 3) if k + d < n
    ]
    known = {(a, b) for a, b, _ in clear}
    return [*clear, *(e for e in rivals if e[:2] not in known)]


def test_in_a_large_component_clear_cases_are_linked():
    edges = crowd(0, 400)
    assert {(a, b) for a, b, score in edges if score > 2.0} <= linked(edges, 400)


def test_two_that_might_have_changed_places_are_not_linked_in_a_large_component_either():
    swap = [(0, 2, 5.0), (1, 3, 5.0), (0, 3, 4.9), (1, 2, 4.9)]
    tail = [(2, 4, 0.6), *((k, k + 1, 5.0) for k in range(4, 78))]
    made = linked([*swap, *tail], 80)
    assert not {(0, 2), (1, 3)} & made
    assert (40, 41) in made


@pytest.mark.parametrize("large", [False, True])
def test_a_close_rival_leaves_one_place_empty_in_any_component(large):
    n = 120 if large else 20
    edges = crowd(7, n)
    edges = [e for e in edges if e[0] not in (6, 7) and e[1] != 8]
    close = [*edges, (6, 8, 5.0), (7, 8, 4.9)]
    made = linked(close, n)
    assert not {(6, 8), (7, 8)} & made
    assert (11, 12) in made
    clear = [*edges, (6, 8, 5.0), (7, 8, 4.0)]
    assert (6, 8) in linked(clear, n)


# --- what speaks for a link ----------------------------------------------------------------------


def found(objects, means=None, calibration=CANNOT_TELL, s=S):
    """Tracklets and candidate links; objects as in `rows`."""
    detections, ids = rows(objects)
    tracklets = tracklets_of(detections, ids, NAMES, SIZE)
    if means is None:
        means = np.full((len(tracklets), 4), np.nan, np.float32)
    return tracklets, candidates(tracklets, means, calibration, s)


def scores(objects, **more) -> dict[tuple[int, int], float]:
    """(earlier tracklet, later tracklet) -> score."""
    tracklets, pairs = found(objects, **more)
    return {
        (int(tracklets.id[a]), int(tracklets.id[b])): float(s)
        for a, b, s in zip(pairs.earlier, pairs.later, pairs.score, strict=True)
    }


def drive(tracklet, a, b, x=300.0, vx=0.0, y=300.0, cls=0):
    """From second a to b; x: where it would be at 0 s."""
    return (tracklet, span(a, b), line(x, vx), line(y, 0), cls, 0.9)


@pytest.mark.parametrize("speed", [30.0, 80.0, 120.0])
def test_a_car_hidden_for_seconds_goes_on_at_its_speed(speed):
    """A bridge hides it for 4 s; at the same time others come out beside it."""
    car = drive(0, 0, 2, x=100, vx=speed)
    assert scores([car, drive(1, 6, 8, x=100, vx=speed)])[0, 1] > 1.0


@pytest.mark.parametrize(
    "stranger",
    [
        drive(1, 6, 8, x=100 - 80 * 7, vx=80),  # far behind
        drive(1, 6, 8, x=100 + 80 * 4, vx=80),  # far ahead
        drive(1, 6, 8, x=100 + 80 * 12, vx=-80),  # comes towards it
        drive(1, 6, 8, x=100, vx=80, y=540),  # on another road
        drive(1, 6, 8, x=100 + 80 * 6),  # stands where it should have come out, since it came
    ],
)
def test_a_stranger_is_not_linked(stranger):
    car = drive(0, 0, 2, x=100, vx=80)
    own = scores([car, drive(1, 6, 8, x=100, vx=80)])[0, 1]
    assert scores([car, stranger]).get((0, 1), 0.0) < min(0.5, own - 1.0)


@pytest.mark.parametrize(("behind_s", "links"), [(5.0, [(0, 1)]), (1.0, [])])
def test_the_own_continuation_beats_a_stranger_unless_it_is_close(behind_s, links):
    car, own = drive(0, 0, 2, x=100, vx=80), drive(1, 6, 8, x=100, vx=80)
    other = drive(2, 6, 8, x=100 - 80 * behind_s, vx=80, y=310)
    tracklets, pairs = found([car, own, other])
    chosen = path_cover(pairs, len(tracklets), S.lead)
    ends = tracklets.id[pairs.earlier[chosen]], tracklets.id[pairs.later[chosen]]
    assert list(zip(*(e.tolist() for e in ends), strict=True)) == links


def test_a_change_of_pace_speaks_against_a_link_however_well_the_place_fits():
    def at_pace(speed):
        """It comes out where something going at the mean of both speeds would."""
        tail, drift = 100 + 80 * 1.92, (80 + speed) / 2.0
        return drive(1, 3.2, 5.2, x=tail + 0.9 * drift * (3.2 - 1.92) - speed * 3.2, vx=speed)

    car = drive(0, 0, 2, x=100, vx=80)
    steady, faster, rushing = (
        scores([car, at_pace(speed)]).get((0, 1), 0.0) for speed in (80.0, 160.0, 240.0)
    )
    assert steady > faster + 0.3
    assert faster > rushing + 0.3


def test_a_longer_gap_speaks_less_for_a_link():
    gaps = (0.5, 1.0, 2.0, 4.0, 8.0)
    scored = [
        scores([drive(0, 0, 2, x=60, vx=60), drive(1, 2 + g, 4 + g, x=60, vx=60)]).get((0, 1), 0.0)
        for g in gaps
    ]
    assert scored == sorted(scored, reverse=True)
    assert scored[0] > 2.0


def test_what_stands_may_be_hidden_for_a_minute_but_not_longer():
    def parked(gap, shift=0.0):
        return scores([drive(0, 0, 3), drive(1, 3 + gap, 6 + gap, x=300 + shift)])

    assert parked(50.0)[0, 1] > 1.0
    assert parked(62.0) == {}
    assert parked(50.0, shift=25.0) == {}


@pytest.mark.parametrize(
    "later",
    [
        drive(1, 1.5, 4, x=100, vx=80),  # seen at the same time
        drive(1, 2.5, 5, x=100, vx=80, cls=2),  # another kind of thing
        (1, span(13, 15), line(100, 20), line(300, 0), 0, 0.9),  # after too long
    ],
)
def test_impossible_pairs_are_no_candidates(later):
    assert scores([drive(0, 0, 2, x=100, vx=80), later]) == {}


TELLS = Calibration(4.0, True, 50, 50, same_mean=0.9, different_mean=0.0, deviation=0.25)


def test_looks_add_to_motion_and_unknown_looks_add_nothing():
    objects = [drive(0, 0, 2, x=100, vx=80), drive(1, 3, 5, x=100, vx=80)]
    alike = np.array([[1, 0, 0, 0], [1, 0, 0, 0]], np.float32)
    unlike = np.array([[1, 0, 0, 0], [0, 1, 0, 0]], np.float32)
    unknown = np.array([[1, 0, 0, 0], [np.nan] * 4], np.float32)
    blind = scores(objects)[0, 1]
    own = scores(objects, means=alike, calibration=TELLS)[0, 1]
    none = scores(objects, means=unknown, calibration=TELLS)[0, 1]
    assert own > none + 2.0
    assert none == pytest.approx(blind + S.prior_blind - S.prior)
    assert (0, 1) not in scores(objects, means=unlike, calibration=TELLS)
    _, pairs = found(objects, means=alike, calibration=TELLS)
    np.testing.assert_allclose(pairs.score, pairs.motion + pairs.looks - S.prior)


def street(seed: int, n: int = 60):
    """Short tracklets all over the place and time."""
    rng = np.random.default_rng(seed)
    return [
        drive(
            k,
            a := round(rng.uniform(0, 30) / STEP) * STEP,
            a + rng.uniform(0.4, 2.0),
            x=rng.uniform(200, 1000),
            vx=rng.normal(0, 10) * (rng.random() < 0.6),
            y=rng.choice([250, 300, 350]),
            cls=int(rng.choice([0, 0, 1, 2])),
        )
        for k in range(n)
    ]


@pytest.mark.parametrize("chunk", [1, 7, 59])
def test_candidates_do_not_depend_on_how_many_are_looked_at_together(chunk, monkeypatch):
    objects = street(3)
    means = unit(np.random.default_rng(3).normal(size=(60, 4)))
    _, whole = found(objects, means, TELLS)
    assert len(whole.score) > 20
    monkeypatch.setattr(linking, "_CHUNK", chunk)
    _, parts = found(objects, means, TELLS)
    for column in fields(Pairs):
        np.testing.assert_array_equal(getattr(whole, column.name), getattr(parts, column.name))


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_candidates_are_in_order_of_time_of_one_kind_and_worth_something(seed):
    tracklets, pairs = found(street(seed, 25))
    gap = tracklets.t0_s[pairs.later] - tracklets.t1_s[pairs.earlier]
    assert (gap > 0.0).all()
    assert (gap <= S.still_gap_s).all()
    assert (pairs.score > 0.0).all()
    assert (tracklets.group[pairs.earlier] == tracklets.group[pairs.later]).all()
    chosen = path_cover(pairs, len(tracklets), S.lead)
    for ends in (pairs.earlier[chosen], pairs.later[chosen]):
        assert len(set(ends.tolist())) == len(ends)


def test_no_tracklets_no_candidates():
    tracklets, pairs = found([])
    assert len(tracklets) == 0
    assert all(len(getattr(pairs, column.name)) == 0 for column in fields(Pairs))
