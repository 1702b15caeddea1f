import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ingest.exemplars import choose


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1, width=32)), max_size=40),
    st.integers(1, 8),
)
def test_as_many_as_there_are_in_time_order_with_the_best_among_them(items, count):
    t_s = np.array([t for t, _ in items])
    quality = np.array([q for _, q in items], np.float32)
    rows = choose(t_s, quality, count)
    assert len(rows) == min(count, len(items))
    assert len(set(rows.tolist())) == len(rows)
    assert (np.diff(t_s[rows]) >= 0).all()
    if len(rows):
        assert quality[rows].max() == quality.max()


def test_every_part_of_the_time_is_shown():
    t_s = np.arange(100) / 10.0
    quality = np.where(t_s < 1.0, 0.9, 0.2).astype(np.float32)  # all good ones at the start
    rows = choose(t_s, quality, 5)
    assert sorted((t_s[rows] // 1.98).astype(int)) == [0, 1, 2, 3, 4]


def test_gaps_give_their_places_to_the_best_of_the_rest():
    t_s = np.array([0.0, 0.1, 0.2, 0.3, 10.0])
    quality = np.array([0.1, 0.9, 0.5, 0.7, 0.3], np.float32)
    assert choose(t_s, quality, 3).tolist() == [1, 3, 4]
