"""Moments made of tracks: what interval answers, who else belongs to it, what is the same twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.detections import Bool, Float32, Float64
from core.geometry import iou_pairs
from core.identity.bonds import Bonds
from core.library.notes import TrackRef
from core.search.answer import Moment
from core.search.columns import Columns
from core.search.companions import Company, Group
from core.search.evidence import evidence
from core.search.happenings import Chosen
from core.search.looks import Looks
from core.search.ranking import Rows, Scored
from core.search.scoring import HOLDS, MATCH_PART, PartScore
from core.search.tracing import Traced
from core.tracks import Path

PAD_S = 1.0
_SAME_IOU = 0.6
_SAME_SHARE = 0.5  # of the frames of the shorter track that both must be seen in
_FEWEST_SHARED = 3
_EQUAL_SCORE = 0.005


def moment_of(
    columns: Columns, looks: Looks, scored: Scored, row: int, peers: Sequence[Float32]
) -> Moment:
    """The moment of one track, with the evidence for each part."""
    record = columns.video_of(row)
    starts, ends, proven = spans_of(columns, scored.parts, np.array([row], np.int64))
    t0_s, t1_s = float(starts[0]), float(ends[0])
    if proven[0]:
        t0_s, t1_s = padded(t0_s, t1_s, record.duration_s)
    matches = bool(scored.matches[row])
    again = _again(scored.parts, row, record.duration_s, (t0_s, t1_s)) if matches else ()
    return Moment(
        video_id=record.video_id,
        video=record.name,
        track_ids=(int(columns.track_id[row]), *_others(columns, scored.parts, row)),
        t0_s=round(t0_s, 3),
        t1_s=round(t1_s, 3),
        score=round(float(scored.score[row]), 4),
        parts=tuple(
            evidence(columns, looks, part, row, ranks)
            for part, ranks in zip(scored.parts, peers, strict=True)
        ),
        matches=matches,
        again=again,
    )


def spans_of(
    columns: Columns, parts: Sequence[PartScore], rows: Rows
) -> tuple[Float64, Float64, Bool]:
    """(K,) starts and ends of the hull of what proves the parts on some tracks, and where there is
    such proof; the whole life of the track where nothing that holds has a time.
    """
    t0_s = np.full(len(rows), np.inf)
    t1_s = np.full(len(rows), -np.inf)
    for part in parts:
        if part.part.startswith("not "):
            continue
        detail = part.detail
        if isinstance(detail, Chosen):
            at = detail.row[rows]
            has = at >= 0
            first, last = detail.events.t0_s[at[has]], detail.events.t1_s[at[has]]
        elif isinstance(detail, Company):
            has = detail.other[rows] >= 0
            first, last = detail.t0_s[rows[has]], detail.t1_s[rows[has]]
        elif isinstance(detail, Traced):
            has = np.isfinite(detail.t0_s[rows])
            first, last = detail.t0_s[rows[has]], detail.t1_s[rows[has]]
        else:
            continue
        holds = part.p[rows[has]] >= MATCH_PART
        at_rows = np.flatnonzero(has)[holds]
        t0_s[at_rows] = np.minimum(t0_s[at_rows], first[holds])
        t1_s[at_rows] = np.maximum(t1_s[at_rows], last[holds])
    proven = np.isfinite(t0_s)
    t0_s = np.where(proven, t0_s, columns.t0_s[rows])
    t1_s = np.where(proven, t1_s, columns.t1_s[rows])
    return t0_s, t1_s, np.asarray(proven, np.bool_)


def _again(
    parts: Sequence[PartScore], row: int, duration_s: float, shown: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """Further spans at which a track does the one thing that was asked of it, padded and merged."""
    asked = [p for p in parts if isinstance(p.detail, Chosen) and not p.part.startswith("not ")]
    timed = [p for p in parts if isinstance(p.detail, Company | Traced) or p.kind == "order"]
    if len(asked) != 1 or timed:
        return ()
    events = asked[0].detail.events
    low, high = np.searchsorted(events.track, [row, row + 1])
    spans: list[tuple[float, float]] = []
    for at in range(int(low), int(high)):
        t0_s, t1_s = padded(float(events.t0_s[at]), float(events.t1_s[at]), duration_s)
        if events.p[at] < HOLDS or (t0_s <= shown[1] and shown[0] <= t1_s):
            continue
        if spans and t0_s <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], t1_s))
        else:
            spans.append((t0_s, t1_s))
    return tuple(spans)


def padded(t0_s: float, t1_s: float, duration_s: float) -> tuple[float, float]:
    """A span with a second more at both ends, within its video."""
    t0_s = max(0.0, t0_s - PAD_S)
    return round(t0_s, 3), round(max(t0_s, min(duration_s, t1_s + PAD_S)), 3)


def _others(columns: Columns, parts: Sequence[PartScore], row: int) -> tuple[int, ...]:
    """Ids of the other tracks that prove relations or make up a number."""
    others: list[int] = []
    for part in parts:
        if part.p[row] < MATCH_PART or part.part.startswith("not "):
            continue
        if isinstance(part.detail, Company) and part.detail.other[row] >= 0:
            others.append(int(columns.track_id[part.detail.other[row]]))
        elif isinstance(part.detail, Group):
            others += [int(columns.track_id[o]) for o in part.detail.of(row)]
    return tuple(dict.fromkeys(others))


# --- the same thing twice ----------------------------------------------------------------------


def collapsed(moments: Iterable[Moment], columns: Columns, bonds: Bonds, most: int) -> list[Moment]:
    """The first `most` moments, best first, without those that show the same object again.

    Two moments show the same object when their tracks were found on each other (one object found
    twice), or when a person joined the tracks and both are of one video. The better one stays and
    names the other tracks in `also`; where both match, it lasts as long as they do together if
    they overlap.
    """
    seen = _Seen(columns)
    kept: list[Moment] = []
    for moment in moments:
        at = next((k for k, m in enumerate(kept) if _same(m, moment, seen, bonds)), None)
        if at is not None:
            kept[at] = _with(kept[at], moment)
        elif len(kept) >= most:
            break
        else:
            kept.append(moment)
    return kept


def _with(best: Moment, other: Moment) -> Moment:
    also = dict.fromkeys([*best.also, *other.track_ids[:1], *other.also])
    t0_s, t1_s = best.t0_s, best.t1_s
    if best.matches and other.matches and other.t0_s <= t1_s and t0_s <= other.t1_s:
        t0_s, t1_s = min(t0_s, other.t0_s), max(t1_s, other.t1_s)
    named = tuple(track for track in also if track not in best.track_ids)
    return replace(best, t0_s=t0_s, t1_s=t1_s, also=named)


def _same(a: Moment, b: Moment, seen: _Seen, bonds: Bonds) -> bool:
    if a.video_id != b.video_id or not a.track_ids or not b.track_ids:
        return False
    if any(part.kind == "count" for part in b.parts) and sorted(a.track_ids) == sorted(b.track_ids):
        return a.matches == b.matches  # one group, found from each of its members
    mine, theirs = a.track_ids[0], b.track_ids[0]
    if mine == theirs:
        return a.t0_s <= b.t1_s and b.t0_s <= a.t1_s
    if TrackRef(b.video_id, theirs) in bonds.group_of(TrackRef(a.video_id, mine)):
        return True
    return seen.twice(a.video_id, mine, theirs)


class _Seen:
    """Paths of the tracks that moments were made of, read once each."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._places = {record.video_id: v for v, record in enumerate(columns.videos)}
        self._paths: dict[tuple[str, int], tuple[Path, Float32]] = {}

    def _life(self, video_id: str, track_id: int) -> tuple[float, float]:
        rows = self._columns.rows_of(self._places[video_id])
        row = rows.start + int(np.searchsorted(self._columns.track_id[rows], track_id))
        return float(self._columns.t0_s[row]), float(self._columns.t1_s[row])

    def _path(self, video_id: str, track_id: int) -> tuple[Path, Float32]:
        """A path, and the hull of its boxes."""
        known = self._paths.get((video_id, track_id))
        if known is None:
            path = self._columns.shards[self._places[video_id]].path_of(track_id)
            low, high = path.xyxy[:, :2], path.xyxy[:, 2:]
            hull = [*low.min(axis=0, initial=np.inf), *high.max(axis=0, initial=-np.inf)]
            known = (path, np.array(hull, np.float32))
            self._paths[video_id, track_id] = known
        return known

    def twice(self, video_id: str, a: int, b: int) -> bool:
        """Whether two tracks lie on each other for half the life of the shorter one."""
        (a0_s, a1_s), (b0_s, b1_s) = self._life(video_id, a), self._life(video_id, b)
        shared_s = min(a1_s, b1_s) - max(a0_s, b0_s)
        if shared_s <= 0.0 or shared_s < 0.5 * _SAME_SHARE * min(a1_s - a0_s, b1_s - b0_s):
            return False
        (one, ours), (two, theirs) = self._path(video_id, a), self._path(video_id, b)
        shorter = min(len(one), len(two))
        if (np.maximum(ours[:2], theirs[:2]) >= np.minimum(ours[2:], theirs[2:])).any():
            return False
        _, i, j = np.intersect1d(one.frame, two.frame, assume_unique=True, return_indices=True)
        if len(i) < max(_FEWEST_SHARED, _SAME_SHARE * shorter):
            return False
        return bool(np.mean(iou_pairs(one.xyxy[i], two.xyxy[j])) >= _SAME_IOU)


def diversified(moments: Sequence[Moment]) -> list[Moment]:
    """The same moments, videos taking turns where the scores are as good as equal."""
    out: list[Moment] = []
    start = 0
    while start < len(moments):
        stop = start + 1
        while stop < len(moments) and (
            moments[stop].matches == moments[start].matches
            and moments[start].score - moments[stop].score <= _EQUAL_SCORE
        ):
            stop += 1
        out += _taking_turns(moments[start:stop])
        start = stop
    return out


def _taking_turns(moments: Sequence[Moment]) -> list[Moment]:
    turn: dict[str, int] = {}
    keyed = []
    for place, moment in enumerate(moments):
        number = turn.get(moment.video_id, 0)
        turn[moment.video_id] = number + 1
        keyed.append((number, place, moment))
    return [moment for _, _, moment in sorted(keyed, key=lambda item: item[:2])]
