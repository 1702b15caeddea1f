"""Company and numbers are those of looking at all pairs, whatever the collection."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.language.query import RelationPart
from core.library.library import Library
from core.search import companions
from core.search.columns import Columns, read_columns
from core.search.companions import count_score, relation_score
from core.search.happenings import Chosen, _best
from tests.core.search.collection import Obj, Rel, put


def random_columns(root, seed: int) -> Columns:
    rng = np.random.default_rng(seed)
    with Library.open(root) as library:
        for number in range(3):
            objects = []
            for _ in range(int(rng.integers(0, 25))):
                t0_s = float(rng.integers(0, 60)) / 4
                life = float(rng.integers(0, 40)) / 4
                events = tuple(
                    ("stop", t0_s + k, t0_s + k + 0.5, float(rng.integers(1, 4)) / 4)
                    for k in range(int(rng.integers(0, 4)))
                )
                objects.append(Obj(events=events, t0_s=t0_s, t1_s=t0_s + life))
            put(library, f"v{number}", objects)
        return read_columns(library)


def together(columns: Columns, a: int, b: int) -> bool:
    shared = min(columns.t1_s[a], columns.t1_s[b]) - max(columns.t0_s[a], columns.t0_s[b])
    return a != b and columns.video[a] == columns.video[b] and shared >= 0.5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(2, 4), pairs=st.sampled_from([1, 1 << 22]))
def test_numbers(tmp_path_factory, seed, count, pairs):
    columns = random_columns(tmp_path_factory.mktemp("lib") / "library", seed)
    rng = np.random.default_rng(seed)
    n = len(columns)
    fit = (rng.integers(0, 9, n) / 8).astype(np.float32)
    matches = fit > 0.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(companions, "_MOST_PAIRS", pairs)
        part = count_score(columns, count, fit, matches)
    for row in range(n):
        others = [o for o in range(n) if together(columns, row, o) and fit[o] > 0.2]
        others = sorted(others, key=lambda o: (-fit[o], o))[: count - 1]
        if fit[row] <= 0.2 or len(others) < count - 1:
            assert part.detail.of(row) == ()
            assert part.p[row] == np.float32(companions.ABSENT)
        else:
            assert [fit[o] for o in part.detail.of(row)] == [fit[o] for o in others]
            assert all(together(columns, row, o) for o in part.detail.of(row))
            whole = 1.0 if all(matches[o] for o in part.detail.of(row)) else 0.3
            assert part.p[row] == pytest.approx(fit[others].min() * whole)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_together_with(tmp_path_factory, seed):
    columns = random_columns(tmp_path_factory.mktemp("lib") / "library", seed)
    fit = np.random.default_rng(seed).random(len(columns)).astype(np.float32)
    part = relation_score(columns, RelationPart("together"), fit)
    for row in range(len(columns)):
        others = [o for o in range(len(columns)) if together(columns, row, o) and fit[o] > 0.2]
        best = max(others, key=lambda o: fit[o], default=-1)
        assert int(part.detail.other[row]) == best


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_most_probable_event_of_each_track(tmp_path_factory, seed):
    columns = random_columns(tmp_path_factory.mktemp("lib") / "library", seed)
    events, kind = columns.events_of_any(("stop",))
    found = _best(columns, Chosen(events, kind, ("stop",), np.full(len(columns), -1, np.int64)))
    for track in range(len(columns)):
        mine = np.flatnonzero(events.track == track)
        best = -1 if not len(mine) else int(mine[events.p[mine] == events.p[mine].max()][-1])
        assert found[track] == best


@pytest.mark.parametrize(
    ("low", "high", "holds"), [(None, None, True), (5.0, None, True), (12.0, None, False),
                               (None, 12.0, True), (None, 3.0, False)],
)  # fmt: skip
@pytest.mark.parametrize("negated", [False, True])
def test_a_relation_that_must_last(tmp_path, low, high, holds, negated):
    with Library.open(tmp_path) as library:
        put(library, "v", [Obj(t1_s=20.0), Obj(t1_s=20.0)], [Rel("follow", 1, 2, 2.0, 8.0)])
        columns = read_columns(library)
    part = RelationPart("follow", negated=negated, min_s=low, max_s=high)
    found = relation_score(columns, part, np.ones(2, np.float32))
    assert (found.p[0] > 0.5) == (holds != negated)


def test_together_for_a_time(tmp_path):
    with Library.open(tmp_path) as library:
        put(library, "v", [Obj(t1_s=20.0), Obj(t0_s=15.0, t1_s=30.0)])
        columns = read_columns(library)
    fit = np.ones(2, np.float32)
    assert relation_score(columns, RelationPart("together", min_s=4.0), fit).p[0] > 0.5
    assert relation_score(columns, RelationPart("together", min_s=9.0), fit).p[0] < 0.1
