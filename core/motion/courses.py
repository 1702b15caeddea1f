"""Where a path goes: turns, U-turns, straight stretches, directions on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.detections import Float64
from core.motion.chance import Emit, above, below
from core.motion.ground import GroundPlane
from core.motion.legs import legs
from core.motion.path import Motion
from core.motion.turns import BOX_METRES, Turn, Walk, turns, walk
from core.tracking.classes import group_of
from core.tracks import FrameSize

_TURN_DEG = 24.0
_TURN_SOFT_DEG = 6.0
_U_TURN_DEG = 130.0  # of 180: the plane's guessed lens makes some angles smaller
_U_TURN_SEEN_DEG = 50.0  # whoever comes back does so in the picture, too
_TURN_S, _U_TURN_S = 0.65, 1.8  # what is quicker is two boxes that do not belong together
_TURN_SEEN = 0.8  # box lengths across the picture; far away, a pixel is metres on the ground
_WIDE_M = 18.0  # radius from which a turn is rather a bend of the road
_LIKELY = 0.5  # turns less probable than this do not end a straight stretch
_SHARPEST = {"vehicle": 1.25, "two-wheeler": 0.8}  # radius, box lengths
_CLOSE_M = 5.0  # turns this close are parts of one manoeuvre


def turning(
    motion: Motion,
    steps: Walk,
    class_name: str,
    ground: GroundPlane | None,
    total: float,
    emit: Emit,
) -> Float64:
    """turn_left, turn_right, u_turn and straight of one piece of a path.

    total: box lengths of the whole path, all pieces together. Returns (T, 2) when it turned.
    """
    if len(steps.heading) < 2 or steps.total < 1.0:
        return np.zeros((0, 2))
    metres, group = BOX_METRES.get(class_name, BOX_METRES["car"]), group_of(class_name)
    found = turns(steps, class_name)
    screen = steps if ground is None else walk(motion, None)
    around = _u_turns(found, steps, screen, metres, group)
    weights = _in_company(found, steps, metres)
    chances = [_turn_p(turn, steps, screen, metres, group) for turn in found]
    for turn, weight, chance in zip(found, weights, chances, strict=True):
        p = weight * chance
        inside = max(
            (pu for pu, a, b, _ in around if a <= turn.t0_s + 1e-6 and turn.t1_s <= b + 1e-6),
            default=0.0,
        )
        emit(
            "turn_right" if turn.radians > 0.0 else "turn_left",
            turn.t0_s,
            turn.t1_s,
            p * (1.0 - 0.8 * inside),
            degrees=float(np.rad2deg(abs(turn.radians))),
            uncertainty_deg=float(np.rad2deg(turn.blur)),
            radius_m=turn.radius * metres,
            box_lengths=turn.length,
            on_ground=float(steps.on_ground),
        )
    for p, t0_s, t1_s, degrees in around:
        emit("u_turn", t0_s, t1_s, p, degrees=degrees, on_ground=float(steps.on_ground))
    likely = [turn for turn, chance in zip(found, chances, strict=True) if chance > _LIKELY]
    _straight(likely, steps, total, emit)
    return np.array([(turn.t0_s, turn.t1_s) for turn in found]).reshape(-1, 2)


def _steerable(radius: float, metres: float, group: str) -> float:
    """Probability that a thing of its kind can turn this sharply; boxes half hidden seem to.

    radius: box lengths. Cars need some five metres, half of which a guessed lens may hide.
    """
    least = _SHARPEST.get(group, 0.0)
    return above(radius * metres, least * metres, 0.12 * least * metres) if least else 1.0


def _seen_deg(screen: Walk, t0_s: float, t1_s: float) -> float:
    """Degrees between the directions in the picture before and after; 180 where none is seen."""
    part = screen.part(t0_s - 0.6, t1_s + 0.6)
    if len(part.heading) < 2:
        return 180.0
    return float(np.rad2deg(abs(part.heading[-1] - part.heading[0])))


def _turn_p(turn: Turn, steps: Walk, screen: Walk, metres: float, group: str) -> float:
    """Probability that a person would call this stretch a turn."""
    degrees = float(np.rad2deg(abs(turn.radians)))
    softness = float(np.hypot(_TURN_SOFT_DEG, np.rad2deg(turn.blur)))
    if not steps.on_ground:
        softness *= 1.3  # the angle is that of the picture
    # A stretch is picked for its large sum, so that trembling adds to it more than it takes away.
    p = above(degrees - 0.6 * float(np.rad2deg(turn.blur)), _TURN_DEG, softness)
    wide = _WIDE_M + 0.2 * max(degrees - 40.0, 0.0)  # roads rarely bend by more
    p *= 0.3 + 0.7 * below(turn.radius * metres, wide, 3.0)
    p *= above(steps.net if degrees < 120.0 else steps.total, 1.2, 0.2)
    p *= _steerable(turn.radius, metres, group) * above(turn.t1_s - turn.t0_s, _TURN_S, 0.08)
    if steps.on_ground:
        part = screen.part(turn.t0_s - 0.5, turn.t1_s + 0.5)
        p *= above(part.total, _TURN_SEEN, 0.15)
        if len(part.heading) >= 2:
            seen = float(part.heading[-1] - part.heading[0])
            if seen * turn.radians < 0.0 and abs(seen) > np.deg2rad(6.0):
                p *= 0.3  # the sign on the screen cannot be wrong; the plane must be
    return p


def _manoeuvres(found: Sequence[Turn], steps: Walk, metres: float) -> list[list[int]]:
    """Turns (by index) that follow each other closely: in, round and out of a roundabout."""
    groups: list[list[int]] = []
    for k, turn in enumerate(found):
        if groups:
            last = found[groups[-1][-1]]
            apart = float(steps.length[last.last : turn.first].sum()) * metres
            if apart < _CLOSE_M:
                groups[-1].append(k)
                continue
        groups.append([k])
    return groups


def _in_company(found: Sequence[Turn], steps: Walk, metres: float) -> list[float]:
    """Weight of each turn: less where its manoeuvre as a whole goes another way."""
    weights = [1.0] * len(found)
    for group in _manoeuvres(found, steps, metres):
        large = [k for k in group if abs(found[k].radians) > np.deg2rad(25.0)]
        if len({found[k].radians > 0.0 for k in large}) < 2:
            continue
        net = sum(found[k].radians for k in group)
        leading = max(large, key=lambda k: abs(found[k].radians))
        for k in large:
            along = found[k].radians * net > 0.0
            counts = along and k == leading and abs(net) > np.deg2rad(40.0)
            weights[k] = 1.0 if counts else 0.4
    return weights


def _u_turns(
    found: Sequence[Turn], steps: Walk, screen: Walk, metres: float, group: str
) -> list[tuple[float, float, float, float]]:
    """(p, t0_s, t1_s, degrees) of manoeuvres that end in the opposite direction."""
    out: list[tuple[float, float, float, float]] = []
    for parts in _manoeuvres(found, steps, metres):
        first, last = found[parts[0]], found[parts[-1]]
        degrees = float(np.rad2deg(abs(sum(found[k].radians for k in parts))))
        blur = float(np.rad2deg(np.hypot(first.blur, last.blur)))
        p = above(degrees - 0.6 * blur, _U_TURN_DEG, float(np.hypot(6.0, blur)))
        p *= above(_seen_deg(screen, first.t0_s, last.t1_s), _U_TURN_SEEN_DEG, 7.0)
        p *= above(last.t1_s - first.t0_s, _U_TURN_S, 0.2)
        p *= above(screen.part(first.t0_s - 0.5, last.t1_s + 0.5).total, 2.0 * _TURN_SEEN, 0.3)
        p *= below(degrees, 225.0, 8.0)
        length = sum(found[k].length for k in parts) * metres
        radius = length / np.deg2rad(max(degrees, 1.0))
        p *= below(radius, 25.0, 3.0) * _steerable(radius / metres, metres, group)
        if p > 0.02:
            out.append((p, first.t0_s, last.t1_s, degrees))
    return out


def _straight(found: Sequence[Turn], steps: Walk, total: float, emit: Emit) -> None:
    """Stretches without a turn; p falls with the share of the walk that they are."""
    edges = [0]
    for turn in found:
        edges += [turn.first, turn.last + 1]
    edges.append(len(steps.heading))
    for a, b in zip(edges[0::2], edges[1::2], strict=True):
        if b - a < 2:
            continue
        length = float(steps.length[a:b].sum())
        points = steps.xy[a : b + 1]
        chord = points[-1] - points[0]
        net = float(np.hypot(*chord))
        if net < 1.0:
            continue
        off = ((points - points[0]) @ np.array([-chord[1], chord[0]])) / net
        blur = float(np.median(steps.blur[a:b]))
        shake = blur * float(np.median(steps.length[a:b]))
        bow = max(0.0, float(np.ptp(off)) - 3.0 * shake) / net
        weight = np.maximum(steps.length[a:b], 1e-6)
        third = max(1, (b - a) // 3)
        head, tail = steps.heading[a : a + third], steps.heading[b - third : b]
        swing = float(
            np.average(tail, weights=weight[-third:]) - np.average(head, weights=weight[:third])
        )
        degrees = max(0.0, abs(float(np.rad2deg(swing))) - float(np.rad2deg(blur)) / np.sqrt(third))
        p = below(degrees, 14.0, 3.5) * below(bow, 0.07, 0.015) * above(net, 1.5, 0.25)
        share = min(1.0, length / max(total, 1e-6))
        if len(edges) > 2:  # a person who asks for straight on does not mean one that turned
            p *= 0.6
        emit(
            "straight",
            float(steps.t_s[a]),
            float(steps.t_s[b]),
            p * share,
            degrees=degrees,
            bow=bow,
            share=share,
            box_lengths=length,
            on_ground=float(steps.on_ground),
        )


def screen(motion: Motion, frame_size: FrameSize, emit: Emit) -> None:
    """screen_left, screen_right, screen_up, screen_down: each leg as a viewer sees it.

    Where the camera moves: as a viewer sees it before a standing picture, the reference frame.
    """
    for axis, extent, kinds in (
        (0, frame_size.width, ("screen_left", "screen_right")),
        (1, frame_size.height, ("screen_up", "screen_down")),
    ):
        along, across = motion.centre[:, axis], motion.centre[:, 1 - axis]
        size = float(np.median(motion.size))
        for a, b in legs(along, max(0.03 * extent, 0.5 * size)):
            shift, aside = float(along[b] - along[a]), float(across[b] - across[a])
            own = float(np.median(motion.size[a : b + 1]))
            p = above(abs(shift) / extent, 0.13, 0.02) * above(abs(shift) / own, 1.2, 0.25)
            p *= above(abs(shift) / max(float(np.hypot(shift, aside)), 1e-6), 0.4, 0.06)
            emit(
                kinds[int(shift > 0.0)],
                float(motion.t_s[a]),
                float(motion.t_s[b]),
                p,
                share_of_picture=abs(shift) / extent,
                box_lengths=abs(shift) / own,
            )
