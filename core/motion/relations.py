"""What two tracks do to each other while both are in view.

All tests run on one common clock of five ticks a second, on the pseudo ground plane where there
is one, in box lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.motion.chance import below
from core.motion.clock import TICK_HZ, Clocked, co_visible, on_clock
from core.motion.company import accompany, beside, between, near, walk_together
from core.motion.following import behind, follow
from core.motion.ground import GroundPlane
from core.motion.passing import go_past, overtake
from core.tracking.camera import CameraPath
from core.tracks import FrameSize, Track

KINDS = (
    "follow",
    "overtake",
    "near",
    "behind",
    "with",
    "pass",
    "meet",
    "stop_behind",
    "group",
    "between",
)
MUTUAL = frozenset({"near", "with", "meet", "group"})
"""Kinds that hold for both objects alike; `with` apart, they are told once of each pair."""
LEAST_P = 0.2


@dataclass(frozen=True, slots=True)
class Relation:
    """`subject` does `kind` to `object` over an interval: subject follows, overtakes, passes,
    meets, stops behind, is near to, behind or in a group with the object, is between it and
    `numbers["third_id"]`, or is a person with an animal. p: probability in [0, 1]. numbers: its
    proof.
    """

    kind: str
    subject_id: int
    object_id: int
    t0_s: float
    t1_s: float
    p: float
    numbers: Mapping[str, float]


def relations_of(
    tracks: Sequence[Track],
    frame_size: FrameSize,
    ground: GroundPlane | None,
    camera: CameraPath | None = None,
) -> list[Relation]:
    """All relations of one video with p of at least 0.2, ordered by kind, subject, object.

    camera: where it looked, None where it stood still; `ground` was fitted with the same.
    """
    clocked = on_clock(tracks, frame_size, ground, camera)
    found: list[Relation] = []

    def relate(
        kind: str,
        subject: Clocked,
        other: Clocked,
        start: int,
        end: int,
        chance: float,
        **numbers: float,
    ) -> None:
        if not chance >= LEAST_P:
            return
        found.append(
            Relation(
                kind=kind,
                subject_id=subject.track_id,
                object_id=other.track_id,
                t0_s=start / TICK_HZ,
                t1_s=end / TICK_HZ,
                p=min(chance, 0.99),
                numbers={name: round(float(value), 3) for name, value in numbers.items()},
            )
        )

    neighbours: dict[int, list[Clocked]] = {}
    of = {one.track_id: one for one in clocked}
    for a, b in co_visible(clocked):
        first, stop = max(a.first, b.first), min(a.stop, b.stop)
        near(a, b, first, stop, relate)
        if a.group == b.group == "person":
            one, two = sorted((a, b), key=lambda person: person.track_id)
            walk_together(one, two, first, stop, relate)
        for subject, other in ((a, b), (b, a)):
            behind(subject, other, first, stop, relate)
            if not subject.stands:
                go_past(subject, other, first, stop, relate)
                if not other.stands:
                    overtake(subject, other, first, stop, relate)
                    follow(subject, other, first, stop, relate)
            if (subject.group, other.group) == ("person", "animal"):
                accompany(subject, other, first, stop, relate)
        if beside(a, b):
            neighbours.setdefault(a.track_id, []).append(b)
            neighbours.setdefault(b.track_id, []).append(a)
    for track_id, others in neighbours.items():
        between(of[track_id], others, relate)
    order = {kind: k for k, kind in enumerate(KINDS)}
    return sorted(
        _nearest_owners(found), key=lambda r: (order[r.kind], r.subject_id, r.object_id, r.t0_s)
    )


def _nearest_owners(found: Sequence[Relation]) -> Iterator[Relation]:
    """Of all people with one animal, those much farther from it than the nearest are doubted."""
    nearest: dict[int, float] = {}
    for r in found:
        if r.kind == "with":
            nearest[r.object_id] = min(r.numbers["apart"], nearest.get(r.object_id, np.inf))
    for r in found:
        p = r.p
        if r.kind == "with":
            farther = r.numbers["apart"] / max(nearest[r.object_id], 0.3)
            p *= 0.3 + 0.7 * below(farther, 1.4, 0.1)
        if p >= LEAST_P:
            yield replace(r, p=p)
