"""Two objects, one after the other or at the same time: the answer to two sentences at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.language.query import Joint
from core.search.answer import Answer, Evidence, Moment, Step
from core.search.columns import Columns
from core.search.looks import Looks
from core.search.moments import diversified, moment_of, padded
from core.search.pairs import Pairs, Spans, candidates, count_pairs, paired
from core.search.ranking import MOST_NEAR, Scored, funnel_of, peers_of
from core.search.scoring import MATCH_SCORE


def sequel_answer(
    columns: Columns, looks: Looks, scored: tuple[Scored, Scored], most: int
) -> Answer:
    """The answer to a question of two sentences. scored: both, on all tracks. most: results.

    Every first object is listed once, with the second one that makes the best pair.
    """
    query = scored[0].query
    spans = (candidates(columns, scored[0]), candidates(columns, scored[1]))
    pairs = paired(columns, *spans, joint=query.joint, gap_s=query.gap_s, most=most)
    peers = [peers_of(side) for side in scored]
    moments = []
    for k in range(len(pairs)):
        a, b = int(pairs.first[k]), int(pairs.second[k])
        sides = [
            moment_of(columns, looks, side, int(span.row[at]), ranks)
            for side, span, at, ranks in zip(scored, spans, (a, b), peers, strict=True)
        ]
        both = bool(spans[0].matches[a] and spans[1].matches[b])
        moments.append(
            Moment(
                sides[0].video_id,
                sides[0].video,
                tuple(dict.fromkeys((*sides[0].track_ids, *sides[1].track_ids))),
                *_hull(columns, spans[0], a, spans[1], b),
                round(float(pairs.value[k]), 4),
                (*sides[0].parts, _told(query.joint, pairs, k, spans, columns), *sides[1].parts),
                both and bool(pairs.value[k] >= MATCH_SCORE),
            )
        )
    moments.sort(key=lambda moment: not moment.matches)
    nothing = not any(moment.matches for moment in moments)
    said = "in this order" if query.joint == "then" else "at the same time"
    return Answer(
        query=query,
        results=() if nothing else tuple(diversified(moments)),
        funnel=(
            *funnel_of(scored[0]),
            *funnel_of(scored[1])[1:],
            Step(said, count_pairs(columns, *spans, joint=query.joint)),
        ),
        near_misses=_near(columns, looks, scored, spans, moments) if nothing else (),
        nothing_found=nothing,
        unknown_words=query.unknown_words,
        untested=tuple(dict.fromkeys((*scored[0].untested, *scored[1].untested))),
    )


def _near(
    columns: Columns,
    looks: Looks,
    scored: tuple[Scored, Scored],
    spans: tuple[Spans, Spans],
    pairs: Sequence[Moment],
) -> tuple[Moment, ...]:
    """Pairs that fall short; where there are none, what answers one of the sentences by itself."""
    if pairs:
        return tuple(pairs[:MOST_NEAR])
    joint = scored[0].query.joint
    missing = (
        ("nothing that answers the second sentence follows", "nothing that answers the first leads")
        if joint == "then"
        else (
            "nothing answers the second sentence meanwhile",
            "nothing answers the first meanwhile",
        )
    )
    near = []
    for side, span, text in zip(scored, spans, missing, strict=True):
        peers = peers_of(side)
        rows = dict.fromkeys(map(int, span.row[span.matches]))
        for row in list(rows)[: MOST_NEAR // 2]:
            moment = moment_of(columns, looks, side, row, peers)
            lacks = Evidence(part=joint, kind="order", p=0.0, text=text)
            near.append(replace(moment, parts=(*moment.parts, lacks), matches=False))
    return tuple(near)


# --- words -------------------------------------------------------------------------------------


def _hull(columns: Columns, first: Spans, a: int, second: Spans, b: int) -> tuple[float, float]:
    duration_s = columns.video_of(int(first.row[a])).duration_s
    starts, ends = (first.t0_s[a], second.t0_s[b]), (first.t1_s[a], second.t1_s[b])
    return padded(float(min(starts)), float(max(ends)), duration_s)


def _told(
    joint: Joint, pairs: Pairs, k: int, spans: tuple[Spans, Spans], columns: Columns
) -> Evidence:
    """How the two hang together: the time between them and what it takes from the score."""
    a, b = int(pairs.first[k]), int(pairs.second[k])
    gap = float(pairs.gap_s[k])
    both = float(np.sqrt(spans[0].score[a] * spans[1].score[b]))
    who = f"#{int(columns.track_id[spans[1].row[b]])}"
    if joint == "while":
        text = f"both for {-gap:.1f} s, with {who}"
    elif gap > 0.0:
        text = f"{who} follows {gap:.1f} s later"
    else:
        text = f"{who} follows, {-gap:.1f} s before it is over"
    return Evidence(
        part=joint,
        kind="order",
        p=round(min(1.0, float(pairs.value[k]) / max(both, 1e-6)), 4),
        text=text,
        proof={
            "gap_s": round(gap, 3),
            "t0_s": round(float(spans[0].t0_s[a]), 3),
            "t1_s": round(float(spans[1].t1_s[b]), 3),
            "other_track_id": int(columns.track_id[spans[1].row[b]]),
        },
    )
