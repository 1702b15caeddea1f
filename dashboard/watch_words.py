"""An object in words: how fast, where to, what it did, how it came about; only what is known."""

from __future__ import annotations

import numpy as np

from core.attributes.colour import COLOURS
from core.identity.composition import Composition
from core.language.query import EVENT_WORDS, RELATION_WORDS
from core.library.shard import Shard
from core.motion.path import Motion, smooth_all
from core.search.scoring import HOLDS
from dashboard.views import clock, counted
from dashboard.watch_views import EventView, ShareView

_LEAST_SHARE = 0.03
_STANDS = 0.12  # box lengths a second: slower than this is trembling, not moving
_ACROSS, _GROWTH = 0.06, 1.25  # of the picture's size; how much larger or smaller
_RISES = ("higher", "lower")


def title(class_name: str, track_id: int, name: str = "") -> str:
    """What an object is called: its name, else its kind with its number."""
    return name or f"{class_name[:1].upper()}{class_name[1:]} #{track_id}"


def kinds(shard: Shard, track_id: int) -> tuple[ShareView, ...]:
    """What the detector took it for, by its votes."""
    votes = sorted(shard.votes(track_id).items(), key=lambda vote: -vote[1])
    return tuple(ShareView(name, share) for name, share in votes if share >= _LEAST_SHARE)


def colours(shard: Shard, track_id: int) -> tuple[ShareView, ...]:
    """The likeliest colours; none where no picture shows them."""
    posterior = shard.tracks().colour[shard.tracks().row_of(track_id)]
    best = np.argsort(-posterior, kind="stable")[:3]
    return tuple(
        ShareView(COLOURS[k], float(posterior[k])) for k in best if posterior[k] >= _LEAST_SHARE
    )


def pace(shard: Shard, track_id: int) -> tuple[str, str]:
    """How fast and where to, each as a clause; the reason stands in the first where none is known.

    Speeds are in the object's own lengths, as seen: metres would need a measured camera.
    """
    tracks = shard.tracks()
    row = tracks.row_of(track_id)
    if not tracks.motion_known[row]:
        reason = str(tracks.motion_reason[row]) or "seen too briefly"
        return f"not measured: {reason}", ""
    motions = smooth_all(shard.path_of(track_id), shard.meta.frame_size, shard.camera())
    if not motions:
        return "not measured: its path is in pieces", ""
    speed = np.concatenate([motion.speed[motion.backed] for motion in motions])
    moving = speed[speed > _STANDS]
    if len(moving) < max(3, 0.05 * len(speed)):
        return "stands still", ""
    typical, most = float(np.median(moving)), float(np.percentile(moving, 95))
    said = f"{typical:.1f} box lengths a second while it moves"
    if most > 1.3 * typical:
        said += f", up to {most:.1f}"
    still = 1.0 - len(moving) / len(speed)
    if still > 0.1:
        said += f"; stands still {still:.0%} of the time"
    return said, _direction(motions, shard.meta.width, shard.meta.height)


def _direction(motions: list[Motion], width: int, height: int) -> str:
    """From where it was first seen to where it was last seen, for the viewer."""
    first, last = motions[0].seen[0], motions[-1].seen[-1]
    dx = float(last[0] + last[2] - first[0] - first[2]) / 2.0 / width
    dy = float(last[1] + last[3] - first[1] - first[3]) / 2.0 / height
    parts = []
    if abs(dx) >= _ACROSS:
        parts.append(f"to the {'right' if dx > 0 else 'left'}")
    if abs(dy) >= _ACROSS:
        parts.append(f"{_RISES[dy > 0]} in the picture")
    whole = [motion.size[motion.whole] for motion in motions if motion.whole.any()]
    if whole:
        growth = float(whole[-1][-1]) / max(float(whole[0][0]), 1.0)
        if growth >= _GROWTH:
            parts.append("nearer to the camera")
        elif growth <= 1.0 / _GROWTH:
            parts.append("away from the camera")
    if not parts:
        return "ends about where it began"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def events(shard: Shard, track_id: int) -> tuple[EventView, ...]:
    """All that it did and all that it had to do with others, where it holds, in order of time."""
    table, relations = shard.events(), shard.relations()
    tracks, found = shard.tracks(), []
    for k in np.flatnonzero((table.track_id == track_id) & (table.p >= HOLDS)).tolist():
        words = EVENT_WORDS.get(str(table.kind[k]), str(table.kind[k]).replace("_", " "))
        if abs(degrees := table.numbers[k].get("degrees", 0.0)) >= 10.0:
            words += f" {abs(degrees):.0f}°"
        found.append((words, float(table.t0_s[k]), float(table.t1_s[k]), float(table.p[k])))
    mine = (relations.subject_id == track_id) | (relations.object_id == track_id)
    for k in np.flatnonzero(mine & (relations.p >= HOLDS)).tolist():
        first = int(relations.subject_id[k]) == track_id
        kind = str(relations.kind[k])
        words = RELATION_WORDS.get((kind, "subject" if first else "object"), "")
        if not words and not first:  # told of its subject only, or the same both ways
            words = RELATION_WORDS.get((kind, "subject"), "")
        other = int(relations.object_id[k] if first else relations.subject_id[k])
        name = f"{tracks.class_name[tracks.row_of(other)]} #{other}"
        span = (float(relations.t0_s[k]), float(relations.t1_s[k]))
        found.append((f"{words or kind.replace('_', ' ')} {name}", *span, float(relations.p[k])))
    return tuple(
        EventView(words, t0_s, t1_s, f"{clock(t0_s, 1)}–{clock(t1_s, 1)}", p)
        for words, t0_s, t1_s, p in sorted(found, key=lambda event: (event[1], event[2]))
    )


def seen(shard: Shard, track_id: int) -> str:
    """When it was there, and in how many boxes."""
    tracks = shard.tracks()
    row = tracks.row_of(track_id)
    t0_s, t1_s = float(tracks.t0_s[row]), float(tracks.t1_s[row])
    filled = int(tracks.n_interpolated[row])
    said = f"{clock(t0_s, 1)}–{clock(t1_s, 1)} · {t1_s - t0_s:.1f} s · "
    said += counted(int(tracks.n_boxes[row]), "look")
    return f"{said}, {filled} between them filled in" if filled else said


def origin(made: Composition) -> tuple[str, ...]:
    """How the engine put a track together, in sentences."""
    if len(made.tracklets) == 1:
        lines = ["Followed in one piece; nothing was joined."]
    else:
        lines = [f"{counted(len(made.tracklets), 'piece')} joined by the engine."]
    for link in made.links:
        back = f"after {link.gap_s:.1f} s out of sight" if link.gap_s > 0.05 else "without a gap"
        lines.append(
            f"Piece {link.later_tracklet} follows {link.earlier_tracklet} {back}: score "
            f"{link.score:.1f} (looks {link.appearance:+.1f}, motion {link.motion:+.1f})."
        )
    lines += [
        f"Cut off from piece {cut.tracklet} at {clock(cut.t_s, 1)}, where the looks change."
        for cut in made.cuts
    ]
    if made.rider_p is not None:
        lines.append(f"Rider and vehicle belong together: {made.rider_p:.0%}.")
    if made.looks:
        lines.append(f"In this video {made.looks}.")
    return tuple(lines)
