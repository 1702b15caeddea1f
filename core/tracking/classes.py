"""Which class names a detector may confuse on one object, and votes among them.

Association never breaks a track because the detector called a van a truck in one frame: boxes
compete within a *group* of classes, and the name is decided by votes over the whole track.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.detections import Float32, Int32

GROUPS: Mapping[str, tuple[str, ...]] = {
    "vehicle": ("car", "van", "truck", "bus", "pickup", "trailer", "train", "tram"),
    "two-wheeler": (
        "motorcycle",
        "motorbike",
        "bicycle",
        "scooter",
        "rider",
        "cyclist",
        "motorcyclist",
    ),
    "person": ("person", "pedestrian"),
    "animal": ("dog", "cat", "horse", "sheep", "cow", "bear", "elephant", "zebra", "giraffe"),
    "bag": ("backpack", "handbag", "suitcase"),
}
"""Group -> class names (COCO's, the demo world's and common custom ones)."""

RIDDEN: Mapping[str, str] = {
    "bicycle": "cyclist",
    "motorcycle": "motorcyclist",
    "motorbike": "motorcyclist",
    "scooter": "motorcyclist",
}
"""Two-wheeler -> what it is called together with the person on it, which is one object."""

_GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}


def group_of(class_name: str) -> str:
    """Group of a class; a class outside all groups forms a group of its own name."""
    name = class_name.strip().lower()
    return _GROUP_OF.get(name, name)


def class_groups(class_names: Sequence[str]) -> Int32:
    """(C,) group number of each class id, numbered by first appearance."""
    numbers: dict[str, int] = {}
    return np.array(
        [numbers.setdefault(group_of(name), len(numbers)) for name in class_names], np.int32
    )


def class_votes(
    class_id: Int32, confidence: Float32, class_names: Sequence[str]
) -> dict[str, float]:
    """Class name -> share of confidence-weighted votes, largest first, summing to 1.

    Boxes far below the object's typical confidence (cut off, half hidden) hardly count: the
    weight is the square of the confidence.
    """
    if not len(class_id):
        return {}
    weight = np.bincount(
        class_id.astype(np.intp),
        weights=np.square(confidence.astype(np.float64)) + 1e-9,
        minlength=len(class_names),
    )
    order = np.argsort(-weight, kind="stable")
    total = float(weight.sum())
    return {class_names[i]: float(weight[i]) / total for i in order if weight[i] > 0.0}
