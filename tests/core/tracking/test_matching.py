import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.tracking.matching import FrameBoxes, assign, without_rivals
from tests.core.tracking.scenes import box, frame

GROUPS = np.array([0, 0, 1], np.int32)
SCORES = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.one_of(st.just(0.0), st.floats(0.01, 4.0)),
)


def test_a_surer_box_of_the_same_kind_shades_and_damps():
    seen = FrameBoxes.of(frame(0.0, [box(100, 100), box(120, 100)], [0.9, 0.8]), GROUPS, 0.25)
    assert seen.shade.tolist() == pytest.approx([0.0, 0.5])
    assert seen.fresh.tolist() == pytest.approx([0.9, 0.8 * np.exp(-1.0)])
    other = FrameBoxes.of(
        frame(0.0, [box(100, 100), box(120, 100)], [0.9, 0.8], [0, 2]), GROUPS, 0.25
    )
    assert other.shade.tolist() == [0.0, 0.0]


@given(SCORES)
def test_the_assignment_is_one_to_one_of_what_scores_and_nothing_better_is_simple(score):
    i, j = assign(score)
    assert len(set(i.tolist())) == len(i)
    assert len(set(j.tolist())) == len(j)
    assert (score[i, j] > 0.0).all()
    greedy = score.max()
    assert score[i, j].sum() >= greedy - 1e-9
    free = np.ones(score.shape, np.bool_)
    free[i, :] = free[:, j] = False
    assert not (score[free] > 0.0).any()


@given(SCORES, st.floats(0.1, 2.0))
def test_what_is_left_leads_its_row_and_its_column(score, margin):
    left = without_rivals(score, margin)
    for i, j in zip(*np.nonzero(left), strict=True):
        assert left[i, j] == score[i, j]
        rivals = np.concatenate([np.delete(score[i], j), np.delete(score[:, j], i)])
        assert (rivals <= score[i, j] - margin + 1e-9).all()


def test_a_close_rival_makes_it_a_guess():
    score = np.array([[3.0, 2.5], [0.0, 0.0]])
    assert without_rivals(score, 1.0).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert without_rivals(score, 0.2).tolist() == [[3.0, 0.0], [0.0, 0.0]]
    assert without_rivals(np.array([[3.0]]), 1.0).tolist() == [[3.0]]
