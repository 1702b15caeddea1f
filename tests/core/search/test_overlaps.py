import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search.overlaps import best_companion

LEAST_S = 0.5


def by_pairs(video, t0_s, t1_s, fit, allowed) -> list[int]:
    """Every track against every other one."""
    found = []
    for i in range(len(video)):
        best = -1
        for j in range(len(video)):
            shared = min(t1_s[i], t1_s[j]) - max(t0_s[i], t0_s[j])
            meets = i != j and video[i] == video[j] and shared >= LEAST_S
            if meets and allowed[j] and (best < 0 or fit[j] > fit[best]):
                best = j
        found.append(best)
    return found


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_the_best_companion_is_that_of_looking_at_all_pairs(data):
    n = data.draw(st.integers(0, 24))

    def column(values) -> list:
        return data.draw(st.lists(values, min_size=n, max_size=n))

    video = np.array(sorted(column(st.integers(0, 2))), np.int32)
    t0_s = np.array(column(st.integers(0, 40)), np.float64) / 4
    t1_s = t0_s + np.array(column(st.integers(0, 30)), np.float64) / 4
    fit = np.array(column(st.integers(0, 4)), np.float32) / 4
    allowed = np.array(column(st.booleans()), np.bool_)
    found = best_companion(video, t0_s, t1_s, fit, allowed, LEAST_S)
    assert found.tolist() == by_pairs(video, t0_s, t1_s, fit, allowed)


def test_as_exact_in_a_large_collection():
    rng = np.random.default_rng(3)
    n = 1500
    video = np.sort(rng.integers(0, 40, n)).astype(np.int32)
    t0_s = rng.integers(0, 400, n) / 8
    t1_s = t0_s + rng.integers(0, 100, n) / 8
    fit = rng.random(n).astype(np.float32)
    allowed = fit > 0.3
    found = best_companion(video, t0_s, t1_s, fit, allowed, LEAST_S)
    assert found.tolist() == by_pairs(video, t0_s, t1_s, fit, allowed)
