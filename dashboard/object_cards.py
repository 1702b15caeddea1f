"""Objects as cards where nothing was asked: what each is, its colour, what it did, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from core.attributes.colour import COLOURS
from core.language.query import EVENT_WORDS
from core.search.columns import Columns
from core.search.scoring import HOLDS
from dashboard.links import (
    Asked,
    answer_file_url,
    crop_url,
    moment_url,
    overlay_url,
    proof_url,
    watch_url,
)
from dashboard.views import MomentView, ObjectView, PartView, SpanView, clock, level

_SHORTEST_S = 0.1
_LONGEST_S = 20.0
_AROUND_S = 1.0
_LEAST = 0.03
_TELLING = (
    "u_turn", "turn_left", "turn_right", "parked", "reverse", "wait", "stop", "cross",
    "loiter", "lane_change", "straight", "stationary",
)  # fmt: skip
"""What is said of an object that does several things: the first ones of these."""
_SAID = 2


def object_cards(columns: Columns, rows: Iterable[int]) -> tuple[MomentView, ...]:
    """Cards of the objects at some rows of the columns, in the order given; without a score."""
    return tuple(object_card(columns, int(row)) for row in rows)


def object_card(
    columns: Columns, row: int, parts: tuple[PartView, ...] | None = None
) -> MomentView:
    """The card of one object. parts: what to say of it instead of what it is and did."""
    record, track_id = columns.video_of(row), int(columns.track_id[row])
    video_id, crop_id = record.video_id, int(columns.best_crop[row])
    t0_s = float(columns.t0_s[row])
    t1_s = min(max(float(columns.t1_s[row]), t0_s + _SHORTEST_S), t0_s + _LONGEST_S)
    clip: Asked = {"v": video_id, "o": str(track_id), "t0": t0_s, "t1": t1_s}
    watch = watch_url(video_id, t0_s, track_id)
    return MomentView(
        id=card_id(columns, row),
        video=record.name,
        span=f"{clock(t0_s, 1)} – {clock(float(columns.t1_s[row]), 1)}",
        t0_s=t0_s,
        t1_s=t1_s,
        score=None,
        picture=None if crop_id < 0 else crop_url(video_id, crop_id),
        source=moment_url(video_id, t0_s, t1_s),
        parts=tuple(_parts(columns, row)) if parts is None else parts,
        video_id=video_id,
        track_ids=(track_id,),
        still=proof_url("object", video_id, {"o": str(track_id), "t0": t0_s, "t1": t1_s}),
        boxes=overlay_url(video_id, t0_s=max(0.0, t0_s - _AROUND_S), t1_s=t1_s + _AROUND_S),
        watch=watch,
        clip=answer_file_url("moment.mp4", clip),
        clip_drawn=answer_file_url("moment.mp4", {**clip, "drawn": True}),
        objects=(ObjectView(track_id, f"{kind_of(columns, row)} #{track_id}", watch),),
    )


def card_id(columns: Columns, row: int) -> str:
    """What an object is called in addresses and events, as `MomentView.id`."""
    return f"{columns.video_of(row).video_id}:{int(columns.track_id[row])}"


def row_of(columns: Columns, name: str) -> int:
    """The row of an object by `card_id`; -1 where it is not there any more."""
    video_id, _, track = name.partition(":")
    places = [v for v, record in enumerate(columns.videos) if record.video_id == video_id]
    if not places or not track.isdecimal():
        return -1
    rows = columns.rows_of(places[0])
    found = np.flatnonzero(columns.track_id[rows] == int(track))
    return rows.start + int(found[0]) if len(found) else -1


def kind_of(columns: Columns, row: int) -> str:
    """The class that most of its votes are for."""
    votes = columns.votes[row]
    return columns.class_names[int(votes.argmax())] if votes.size and votes.max() > 0 else "object"


def _parts(columns: Columns, row: int) -> Iterator[PartView]:
    votes, colour = columns.votes[row], columns.colour[row]
    if votes.size and (share := float(votes.max())) > 0:
        kind = kind_of(columns, row)
        text = f"seen as {kind} {share:.0%} in {int(columns.n_boxes[row])} boxes"
        yield PartView(kind, share, level(share), text, None, "class")
    if (share := float(colour.max())) >= _LEAST:
        shade = COLOURS[int(colour.argmax())]
        yield PartView(shade, share, level(share), f"looks {shade} {share:.0%}", None, "colour")
    yield from doings(columns, row)


def doings(columns: Columns, row: int, most: int = _SAID) -> tuple[PartView, ...]:
    """What it surely does, the most telling first."""
    found = []
    for kind in _TELLING:
        events = columns.events_of(kind)
        first, last = np.searchsorted(events.track, [row, row + 1])
        sure = first + np.flatnonzero(events.p[first:last] >= HOLDS)
        if not len(sure):
            continue
        at = int(sure[np.argmax(events.p[sure])])
        words, p = EVENT_WORDS.get(kind, kind.replace("_", " ")), float(events.p[at])
        t0_s, t1_s = float(events.t0_s[at]), float(events.t1_s[at])
        turned = abs(float(events.degrees[at])) if len(events.degrees) else 0.0
        told = f"{words} {turned:.0f}°" if turned >= 10.0 else words
        text = f"{told}, {clock(t0_s, 1)} to {clock(t1_s, 1)}"
        span = SpanView(t0_s, t1_s, f"{clock(t0_s, 1)} – {clock(t1_s, 1)}")
        asked: Asked = {
            "o": int(columns.track_id[row]), "t0": t0_s, "t1": t1_s, "e": int(events.at[at])
        }  # fmt: skip
        proof = proof_url("path", columns.video_of(row).video_id, asked)
        found.append(
            PartView(words, p, level(p), text, None, "event", span=span, proof=proof,
                     proof_alt=f"Its path drawn on the picture: {told}")
        )  # fmt: skip
        if len(found) == most:
            break
    return tuple(found)
