import numpy as np
import pytest

from core.tracking.classes import class_groups, class_votes, group_of


def test_names_of_one_kind_share_a_group():
    groups = class_groups(["car", "person", "truck", "bicycle", "van", "toaster", "motorcycle"])
    assert groups.tolist() == [0, 1, 0, 2, 0, 3, 2]


def test_an_unknown_class_is_its_own_group():
    assert group_of("Toaster") == "toaster"
    assert group_of("Bus") == "vehicle"


def test_votes_weigh_by_confidence_and_sum_to_one():
    votes = class_votes(
        np.array([1, 1, 1, 0], np.int32),
        np.array([0.2, 0.2, 0.2, 0.9], np.float32),
        ["car", "truck"],
    )
    assert next(iter(votes)) == "car"
    assert sum(votes.values()) == pytest.approx(1.0)


def test_no_boxes_no_votes():
    assert class_votes(np.zeros(0, np.int32), np.zeros(0, np.float32), ["car"]) == {}
