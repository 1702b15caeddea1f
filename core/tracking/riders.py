"""Who rides what: a person and the two-wheeler below become one object, a cyclist or motorcyclist.

Detectors for real footage give two boxes, one track each. `core.tracking.rides` says how much
speaks for each pair; here all rides of a video are chosen at once, and the tracks joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from core.tracking.assembly import joint_path
from core.tracking.camera import CameraPath
from core.tracking.classes import RIDDEN
from core.tracking.rides import Ride, rides_of, rode_only
from core.tracks import FrameSize, Track

_LEAST_PILLION_P = 0.8


@dataclass(frozen=True, slots=True)
class Composite:
    """A person taken to ride a two-wheeler, with both parts, so that it can be undone.

    track_id: the track that stands for both. rider_id, wheeler_id: the tracks that there were.
    t0_s, t1_s: the ride. p: probability, in [0, 1]. absorbed: False where the person was also seen
    on foot and therefore stays a track of their own beside `track_id`, the two-wheeler's.
    numbers: seconds, share of the shorter life, box heights travelled and drifted apart, the
    evidence of place and motion as log-likelihood ratios.
    """

    track_id: int
    rider_id: int
    wheeler_id: int
    rider_tracklets: tuple[int, ...]
    wheeler_tracklets: tuple[int, ...]
    t0_s: float
    t1_s: float
    p: float
    absorbed: bool
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MountedTracks:
    """The objects of a video after riders were put on what they ride.

    tracks: ordered by id; a joint track keeps the smallest id of its parts, so ids may have gaps.
    composites: ordered by rider, then two-wheeler. track_of: every id that went in -> the id it
    has now.
    """

    tracks: list[Track]
    composites: list[Composite]
    track_of: dict[int, int]


def mount(
    tracks: Sequence[Track], frame_size: FrameSize, camera: CameraPath | None = None
) -> MountedTracks:
    """Join riders with their bicycles, motorcycles and scooters.

    Only persons and bare two-wheelers are looked at; a box that already holds the rider has no
    person to join. A bicycle takes one rider at a time; a motorcycle a pillion rider too, who must
    fit better than that. A rider who was also seen on foot stays a person; the two-wheeler is a
    cyclist then all the same, and its path is its own. The order of `tracks` does not matter.
    camera: where it looked, None where it stood still.
    """
    camera = camera or CameraPath.standing()
    ordered = sorted(tracks, key=lambda track: track.track_id)
    rides = _chosen(ordered, list(rides_of(ordered, frame_size, camera)))
    absorbed = {
        rider
        for rider in {ride.rider for ride in rides}
        if rode_only(ordered, rides, rider, camera)
    }
    owner = list(range(len(ordered)))  # place -> place of the first track that it belongs to
    for ride in rides:
        if ride.rider in absorbed:
            one, other = owner[ride.rider], owner[ride.wheeler]
            owner = [min(one, other) if place in (one, other) else place for place in owner]
    mounted: list[Track] = []
    for place, track in enumerate(ordered):
        if owner[place] != place:
            continue
        members = [k for k, first in enumerate(owner) if first == place]
        mine = [ride for ride in rides if ride.wheeler in members]
        mounted.append(_joint(ordered, members, mine, frame_size) if mine else track)
    return MountedTracks(
        tracks=mounted,
        composites=[
            Composite(
                track_id=ordered[owner[ride.wheeler]].track_id,
                rider_id=ordered[ride.rider].track_id,
                wheeler_id=ordered[ride.wheeler].track_id,
                rider_tracklets=ordered[ride.rider].tracklet_ids,
                wheeler_tracklets=ordered[ride.wheeler].tracklet_ids,
                t0_s=ride.t0_s,
                t1_s=ride.t1_s,
                p=ride.p,
                absorbed=ride.rider in absorbed,
                numbers=ride.numbers,
            )
            for ride in rides
        ],
        track_of={
            track.track_id: ordered[owner[place]].track_id for place, track in enumerate(ordered)
        },
    )


def _joint(
    tracks: Sequence[Track], members: Sequence[int], rides: Sequence[Ride], size: FrameSize
) -> Track:
    """The track of two-wheelers and those riders who were nothing else."""
    wheelers = [k for k in members if tracks[k].class_name in RIDDEN]
    riders = [k for k in members if k not in wheelers]
    weight = {k: float(np.square(tracks[k].path.confidence).sum()) for k in wheelers}
    total = sum(weight.values())
    sure = max(ride.p for ride in rides)
    votes: dict[str, float] = {}
    for k in wheelers:
        for name, share in tracks[k].class_votes.items():
            part = share * weight[k] / total
            ridden = RIDDEN.get(name)
            for called, p in ((ridden, sure), (name, 1.0 - sure)) if ridden else ((name, 1.0),):
                votes[called] = votes.get(called, 0.0) + part * p
    votes = dict(sorted(votes.items(), key=lambda item: (-item[1], item[0])))
    driver_first = sorted(riders, key=lambda k: (-len(tracks[k].path), k))
    above, below = ([tracks[k].path for k in some] for some in (driver_first, wheelers))
    return Track(
        track_id=tracks[members[0]].track_id,
        class_name=next(iter(votes)),
        class_votes=votes,
        path=joint_path(above, below, size),
        tracklet_ids=tuple(t for k in members for t in tracks[k].tracklet_ids),
    )


def _chosen(tracks: Sequence[Track], rides: list[Ride]) -> list[Ride]:
    """The rides of largest total evidence that do not contradict one another.

    In every round each person gets at most one two-wheeler and the other way round; what is then
    still possible (pieces of a broken track, later rides, pillion riders) goes to the next.
    """
    chosen: list[Ride] = []
    while rides:
        riders = sorted({ride.rider for ride in rides})
        wheelers = sorted({ride.wheeler for ride in rides})
        value = np.zeros((len(riders), len(wheelers)))
        at = {(riders.index(r.rider), wheelers.index(r.wheeler)): r for r in rides}
        for (row, column), ride in at.items():
            value[row, column] = ride.score
        picked = zip(*linear_sum_assignment(value, maximize=True), strict=True)
        taken = [at[pair] for pair in picked if pair in at]
        chosen += taken
        rides = [r for r in rides if r not in taken and _possible(tracks, r, chosen)]
    return sorted(chosen, key=lambda ride: (ride.rider, ride.wheeler))


def _possible(tracks: Sequence[Track], ride: Ride, chosen: Sequence[Ride]) -> bool:
    """Whether a ride can be true beside those chosen."""
    rivals = [other for other in chosen if ride.overlaps(other)]
    if any(other.rider == ride.rider for other in rivals):
        return False
    aboard = sum(other.wheeler == ride.wheeler for other in rivals)
    if not aboard:
        return True
    motor = RIDDEN[tracks[ride.wheeler].class_name] == "motorcyclist"
    return motor and aboard == 1 and ride.p >= _LEAST_PILLION_P
