"""Pairs of objects within one video, one after the other or at the same time; the best, exactly.

The worth of a pair is the geometric mean of both scores, less the longer one has to wait for the
second: sqrt(a b) exp(-gap / tau).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.detections import Bool, Float32, Float64
from core.language.query import Joint
from core.search.columns import Columns
from core.search.happenings import Chosen
from core.search.moments import spans_of
from core.search.ranking import Rows, Scored
from core.search.scoring import MATCH_PART, MATCH_SCORE, PartScore

_LEAST_SCORE = 0.12
_TAU_S = 10.0
_PAST_LIMIT_S = 1.0  # tau beyond the gap that was asked for
_SLACK_S = 0.6
_SHARED_S = 0.5
_CHUNKS = (256, 1024, 4096)
_MOST_CELLS = 1 << 20


@dataclass(frozen=True, slots=True)
class Spans:
    """Intervals of tracks that answer one of the two sentences, best first.

    row: (K,) track. t0_s, t1_s: (K,) when. score: (K,). matches: (K,) whether it is an answer.
    """

    row: Rows
    t0_s: Float64
    t1_s: Float64
    score: Float32
    matches: Bool

    def __len__(self) -> int:
        return len(self.row)

    def at(self, places: Rows) -> Spans:
        return Spans(
            self.row[places],
            self.t0_s[places],
            self.t1_s[places],
            self.score[places],
            self.matches[places],
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """first, second: (K,) places in two lists of spans; value: (K,) worth, best first.

    gap_s: (K,) time between the two, negative where they share some.
    """

    first: Rows
    second: Rows
    value: Float64
    gap_s: Float64

    def __len__(self) -> int:
        return len(self.first)


# --- candidates --------------------------------------------------------------------------------


def candidates(columns: Columns, scored: Scored) -> Spans:
    """Every interval at which a track may answer, best first.

    Where the sentence asks for one event, each such event of a track is an interval by itself;
    else each track has one, the hull of what proves the parts.
    """
    events = [
        part
        for part in scored.parts
        if isinstance(part.detail, Chosen) and part.tested and not part.part.startswith("not ")
    ]
    rows = np.flatnonzero(scored.score > _LEAST_SCORE).astype(np.int64)
    t0_s, t1_s, _ = spans_of(columns, scored.parts, rows)
    whole = Spans(rows, t0_s, t1_s, scored.score[rows], scored.matches[rows])
    if len(events) == 1 and not scored.query.zones and not scored.query.relations:
        whole = _with_other_events(whole, scored, events[0])
    order = np.lexsort((whole.t0_s, whole.row, -whole.score))
    return whole.at(order.astype(np.int64))


def _with_other_events(whole: Spans, scored: Scored, part: PartScore) -> Spans:
    """The spans, and one for each event that serves the part but is not the track's best."""
    chosen: Chosen = part.detail
    track = chosen.events.track.astype(np.int64)
    other = np.flatnonzero(chosen.row[track] != np.arange(len(track)))
    rows = track[other]
    p = np.minimum(chosen.events.p[other], part.p[rows])
    share = part.weight / sum(each.weight for each in scored.parts)
    tested = replace(part, p=p.astype(np.float32)).logs() - replace(part, p=part.p[rows]).logs()
    score = (scored.score[rows] * np.exp(share * tested)).astype(np.float32)
    keep = (score > _LEAST_SCORE) & scored.searched[rows] & (rows != -1)
    other, rows, score, p = other[keep], rows[keep], score[keep], p[keep]
    holds = scored.matches[rows] & (score >= MATCH_SCORE) & (p >= MATCH_PART)
    return Spans(
        np.concatenate([whole.row, rows]),
        np.concatenate([whole.t0_s, chosen.events.t0_s[other]]),
        np.concatenate([whole.t1_s, chosen.events.t1_s[other]]),
        np.concatenate([whole.score, score]),
        np.concatenate([whole.matches, holds]),
    )


# --- pairs -------------------------------------------------------------------------------------


def paired(
    columns: Columns, first: Spans, second: Spans, *, joint: Joint, gap_s: float | None, most: int
) -> Pairs:
    """The best second span for each track of the first, the best `most` of them; exact.

    first, second: best first. Firsts are taken in order of their score until none that is left
    can make a better pair than the `most` found. A track may follow itself when its second span
    begins after the first has ended.
    """
    by_video = _by_video(columns, second)
    best = np.sqrt(float(second.score.max(initial=0.0)))
    found = _no_pairs()
    done = 0
    while done < len(first) and best > 0.0:
        size = _CHUNKS[min(done // _CHUNKS[0], len(_CHUNKS) - 1)]
        chunk = np.arange(done, min(done + size, len(first)))
        done += len(chunk)
        pairs = [found, *_chunk_pairs(columns, first, second, chunk, by_video, joint, gap_s)]
        found = _best_pairs(pairs, first, most)
        if len(found) >= most and done < len(first):
            bound = float(np.sqrt(first.score[done])) * best
            if bound <= found.value[-1]:
                break
    return found


def _chunk_pairs(
    columns: Columns,
    first: Spans,
    second: Spans,
    chunk: Rows,
    by_video: dict[int, Rows],
    joint: Joint,
    gap_s: float | None,
) -> list[Pairs]:
    pairs = []
    videos = columns.video[first.row[chunk]]
    for video in np.unique(videos):
        theirs = by_video.get(int(video))
        if theirs is None:
            continue
        mine = chunk[videos == video]
        step = max(1, _MOST_CELLS // len(theirs))
        for start in range(0, len(mine), step):
            a, b = first.at(mine[start : start + step]), second.at(theirs)
            value, gap = worth(a, b, joint, gap_s)
            chosen = value.argmax(axis=1)
            rows = np.arange(len(a))
            has = value[rows, chosen] > _LEAST_SCORE
            pairs.append(
                Pairs(
                    mine[start : start + step][has],
                    theirs[chosen][has],
                    value[rows, chosen][has],
                    gap[rows, chosen][has],
                )
            )
    return pairs


def worth(a: Spans, b: Spans, joint: Joint, gap_s: float | None) -> tuple[Float64, Float64]:
    """(A, B) worth of every pair, 0 where it is none, and the time between the two."""
    gap = b.t0_s[None, :] - a.t1_s[:, None]
    both = np.sqrt(a.score[:, None] * b.score[None, :]).astype(np.float64)
    same = a.row[:, None] == b.row[None, :]
    if joint == "while":
        shared = np.minimum(a.t1_s[:, None], b.t1_s[None, :]) - np.maximum(
            a.t0_s[:, None], b.t0_s[None, :]
        )
        return both * (shared >= _SHARED_S) * ~same, -shared
    middle_a, middle_b = a.t0_s + a.t1_s, b.t0_s + b.t1_s
    later = (middle_b[None, :] > middle_a[:, None]) & (gap > -_slack(a)[:, None])
    later &= ~same | (gap >= 0.0)
    waits = np.maximum(gap, 0.0)
    if gap_s is None:
        decay = np.exp(-waits / _TAU_S)
    else:
        decay = np.exp(-np.maximum(waits - gap_s, 0.0) / _PAST_LIMIT_S)
    return both * decay * later, gap


def _slack(a: Spans) -> Float64:
    """(A,) seconds by which the second may begin before the first is over: half of that, a bit."""
    return np.asarray(_SLACK_S + 0.5 * (a.t1_s - a.t0_s), np.float64)


def _best_pairs(pairs: Sequence[Pairs], first: Spans, most: int) -> Pairs:
    """The best `most`, one for each track of the first."""
    a = np.concatenate([part.first for part in pairs])
    b = np.concatenate([part.second for part in pairs])
    value = np.concatenate([part.value for part in pairs])
    gap = np.concatenate([part.gap_s for part in pairs])
    order = np.lexsort((b, a, -value))
    _, once = np.unique(first.row[a[order]], return_index=True)
    order = order[np.sort(once)][:most]
    return Pairs(a[order], b[order], value[order], gap[order])


def _no_pairs() -> Pairs:
    none = np.zeros(0, np.int64)
    return Pairs(none, none, np.zeros(0), np.zeros(0))


def _by_video(columns: Columns, spans: Spans) -> dict[int, Rows]:
    videos = columns.video[spans.row]
    order = np.argsort(videos, kind="stable").astype(np.int64)
    numbers, starts = np.unique(videos[order], return_index=True)
    if not len(numbers):
        return {}
    return {
        int(number): rows for number, rows in zip(numbers, np.split(order, starts[1:]), strict=True)
    }


def count_pairs(columns: Columns, first: Spans, second: Spans, *, joint: Joint) -> int:
    """How many tracks answer the first sentence and see the second answered later or meanwhile."""
    a, b = (spans.at(np.flatnonzero(spans.matches)) for spans in (first, second))
    by_video = _by_video(columns, b)
    counted: set[int] = set()
    for video, mine in _by_video(columns, a).items():
        theirs = by_video.get(video)
        if theirs is None:
            continue
        if joint == "then":
            by_start = theirs[np.argsort(b.t0_s[theirs], kind="stable")]
            middle = (b.t0_s + b.t1_s)[by_start]
            latest = np.append(np.maximum.accumulate(middle[::-1])[::-1], -np.inf)
            earliest = (a.t1_s - _slack(a))[mine]
            after = np.searchsorted(b.t0_s[by_start], earliest, "right")
            holds = latest[after] > (a.t0_s + a.t1_s)[mine]
        else:
            begun = np.searchsorted(np.sort(b.t0_s[theirs]), a.t1_s[mine] - _SHARED_S, "right")
            ended = np.searchsorted(np.sort(b.t1_s[theirs]), a.t0_s[mine] + _SHARED_S)
            holds = begun - ended > np.isin(a.row[mine], b.row[theirs])
        counted.update(map(int, a.row[mine[holds]]))
    return len(counted)
