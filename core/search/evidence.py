"""The proof for each part on one track, in words and numbers; made only for what is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.attributes.colour import COLOURS
from core.detections import Float32
from core.search.answer import Evidence
from core.search.columns import Columns
from core.search.companions import Company, Group
from core.search.happenings import Chosen
from core.search.looks import Looks, Similarity
from core.search.query import EVENT_WORDS
from core.search.scoring import PartScore

INSTEAD: dict[str, tuple[str, ...]] = {
    "turn_left": ("turn_right", "u_turn", "straight", "parked", "stationary"),
    "turn_right": ("turn_left", "u_turn", "straight", "parked", "stationary"),
    "turn": ("straight", "parked", "stationary"),
    "u_turn": ("turn_left", "turn_right", "straight", "parked", "stationary"),
    "straight": ("turn_left", "turn_right", "u_turn", "parked", "stationary"),
    "stop": ("parked", "slow_down", "moving"),
    "wait": ("stop", "parked", "moving"),
    "start": ("parked", "stationary", "moving"),
    "parked": ("stop", "wait", "moving"),
    "stationary": ("moving",),
    "moving": ("parked", "stationary"),
    "screen_left": ("screen_right", "screen_up", "screen_down", "parked", "stationary"),
    "screen_right": ("screen_left", "screen_up", "screen_down", "parked", "stationary"),
    "approach": ("recede", "parked", "stationary"),
    "recede": ("approach", "parked", "stationary"),
    "slow_down": ("speed_up", "moving", "parked"),
    "speed_up": ("slow_down", "moving", "parked"),
    "fast": ("slow", "parked", "stationary"),
    "slow": ("fast", "parked", "stationary"),
}
"""What an object may have done in place of the event that was asked for."""


def percentile(p: float, peers: Float32) -> float:
    """Share of comparable tracks that fit less well; peers: their probabilities, ascending."""
    return float(np.searchsorted(peers, p, side="left")) / len(peers) if len(peers) else 0.0


def evidence(
    columns: Columns, looks: Looks, score: PartScore, row: int, peers: Float32
) -> Evidence:
    """The evidence for a part on a track. peers: p of the tracks to compare with, ascending."""
    text, proof = _told(columns, looks, score, row)
    return Evidence(
        part=score.part,
        kind=score.kind,
        p=round(float(score.p[row]), 4),
        text=text,
        proof=proof,
        percentile=round(percentile(float(score.p[row]), peers), 4),
        known=bool(score.known[row]) and score.tested,
    )


def _told(columns: Columns, looks: Looks, score: PartScore, row: int) -> tuple[str, dict[str, Any]]:
    if score.kind == "class":
        return _votes(columns, row)
    if score.kind == "colour":
        return _colour(columns, score, row)
    if score.kind == "appearance":
        return _appearance(columns, looks, score, row)
    if score.kind == "event":
        return _event(columns, score, row)
    if score.kind == "relation":
        return _relation(columns, score, row)
    if score.kind == "count":
        group: Group = score.detail
        others = [int(columns.track_id[other]) for other in group.members.get(row, ())]
        said = f"with {', '.join(f'#{n}' for n in others)}" if others else "not that many at a time"
        return said, {"other_track_ids": others}
    if score.kind == "order":
        held = score.p[row] >= 0.5
        return ("in this order" if held else "not in this order"), {}
    return "", {}


def _votes(columns: Columns, row: int) -> tuple[str, dict[str, Any]]:
    shares = columns.votes[row]
    best = [int(k) for k in np.argsort(-shares, kind="stable")[:3] if shares[k] >= 0.02]
    said = ", ".join(f"{columns.class_names[k]} {shares[k]:.0%}" for k in best)
    proof: dict[str, Any] = {"votes": {columns.class_names[k]: float(shares[k]) for k in best}}
    proof["boxes"] = int(columns.n_boxes[row])
    return f"seen as {said} in {columns.n_boxes[row]} boxes", proof | _best_crop(columns, row)


def _best_crop(columns: Columns, row: int) -> dict[str, Any]:
    crop = int(columns.best_crop[row])
    return {"crop_id": crop} if crop >= 0 else {}


def _colour(columns: Columns, score: PartScore, row: int) -> tuple[str, dict[str, Any]]:
    posterior = score.detail[row]
    if not score.known[row]:
        return "no crop that shows its colour", {}
    best = [int(k) for k in np.argsort(-posterior, kind="stable")[:3] if posterior[k] >= 0.05]
    said = ", ".join(f"{COLOURS[k]} {posterior[k]:.0%}" for k in best)
    crop = _crop_of_colour(columns, row, posterior)
    proof: dict[str, Any] = {"colours": {COLOURS[k]: round(float(posterior[k]), 4) for k in best}}
    return f"looks {said}", proof | crop


def _crop_of_colour(columns: Columns, row: int, posterior: Any) -> dict[str, Any]:
    """The crop whose own pixels speak most clearly for the track's colour."""
    crops = columns.shard_of(row).crops()
    mine = np.flatnonzero(crops.track_id == columns.track_id[row])
    if not len(mine) or crops.colour.shape[1:] != (len(COLOURS),):
        return _best_crop(columns, row)
    share = crops.colour[mine][:, int(np.argmax(posterior))]
    best = mine[int(np.lexsort((crops.quality[mine], share.round(2)))[-1])]
    return {"crop_id": int(crops.crop_id[best]), "frame": int(crops.frame[best])}


def _appearance(
    columns: Columns, looks: Looks, score: PartScore, row: int
) -> tuple[str, dict[str, Any]]:
    similar: Similarity = score.detail
    if not score.known[row]:
        return "no crop to compare with words", {}
    where = int(similar.best_crop[row])
    if where < 0:
        return "less alike than the nearest crops of this library", _best_crop(columns, row)
    crop = int(looks.crops.crop_id[where])
    others = columns.video == columns.video[row]
    share = float((similar.value[others] < similar.value[row]).mean())
    return f"more alike than {share:.0%} of the objects in this video", {"crop_id": crop}


def _event(columns: Columns, score: PartScore, row: int) -> tuple[str, dict[str, Any]]:
    if not score.tested:
        return "nothing here measures this yet", {}
    chosen: Chosen = score.detail
    at = chosen.event(row)
    negated = score.part.startswith("not ")
    if at >= 0 and chosen.events.p[at] >= 0.3:
        kind = chosen.kinds[int(chosen.kind[at])]
        return _happened(columns, row, kind, int(chosen.events.at[at]))
    if not score.known[row]:
        shard = columns.shard_of(row)
        table = shard.tracks()
        reason = str(table.motion_reason[table.row_of(int(columns.track_id[row]))])
        return f"cannot tell: {reason or 'seen too briefly'}", {}
    if negated:
        return "it did not", {}
    instead = did_instead(columns, row, chosen.kinds)
    if instead is None:
        return "it did not", {}
    kind, where = instead
    text, proof = _happened(columns, row, kind, where)
    return f"{text} instead", proof | {"instead": kind}


def rivals_of(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """What may have happened in place of these kinds, the most telling first."""
    rivals = dict.fromkeys(r for kind in kinds for r in INSTEAD.get(kind, ()) if r not in kinds)
    return tuple(rivals)


def did_instead(columns: Columns, row: int, kinds: tuple[str, ...]) -> tuple[str, int] | None:
    """What a track did in place of any of these kinds: (kind, row in its video's events)."""
    for rival in rivals_of(kinds):
        events = columns.events_of(rival)
        low, high = np.searchsorted(events.track, [row, row + 1])
        if high > low and events.p[low:high].max() >= 0.5:
            best = low + int(np.argmax(events.p[low:high]))
            return rival, int(events.at[best])
    return None


def _happened(columns: Columns, row: int, kind: str, at: int) -> tuple[str, dict[str, Any]]:
    shard = columns.shard_of(row)
    table = shard.events()
    t0_s, t1_s = float(table.t0_s[at]), float(table.t1_s[at])
    numbers = {name: round(float(value), 3) for name, value in table.numbers[at].items()}
    proof: dict[str, Any] = {"event": kind, "t0_s": round(t0_s, 3), "t1_s": round(t1_s, 3)}
    proof |= numbers
    path = shard.path_of(int(columns.track_id[row]))
    if len(path):
        first, last = np.searchsorted(path.t_s, [t0_s, t1_s])
        proof["frame0"] = int(path.frame[min(int(first), len(path) - 1)])
        proof["frame1"] = int(path.frame[min(int(last), len(path) - 1)])
    words = EVENT_WORDS.get(kind, kind)
    if "degrees" in numbers:
        words = f"{words} {abs(numbers['degrees']):.0f}°"
    return f"{words}, {clock(t0_s)} to {clock(t1_s)}", proof


def _relation(columns: Columns, score: PartScore, row: int) -> tuple[str, dict[str, Any]]:
    if not score.tested:
        return "nothing here measures this yet", {}
    company: Company = score.detail
    other = int(company.other[row])
    if other < 0:
        held = score.part.startswith("not ")
        known = score.known[row]
        return ("nobody" if held or known else "seen too briefly to tell"), {}
    t0_s, t1_s = float(company.t0_s[row]), float(company.t1_s[row])
    other_class = columns.class_names[int(columns.votes[other].argmax())]
    other_id = int(columns.track_id[other])
    proof: dict[str, Any] = {"other_track_id": other_id, "relation": str(company.kind[row])}
    proof |= {"t0_s": round(t0_s, 3), "t1_s": round(t1_s, 3)}
    if int(company.at[row]) >= 0:
        numbers = columns.shard_of(row).relations().numbers[int(company.at[row])]
        proof |= {name: round(float(value), 3) for name, value in numbers.items()}
    crop = int(columns.best_crop[other])
    proof |= {"other_crop_id": crop} if crop >= 0 else {}
    return f"{other_class} #{other_id}, {clock(t0_s)} to {clock(t1_s)}", proof


def clock(seconds: float) -> str:
    """m:ss.s"""
    tenths = round(max(0.0, seconds) * 10)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"
