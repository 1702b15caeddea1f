"""The proof for each part on one track, in words and numbers; made only for what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from core.detections import Float32
from core.language.plurals import article
from core.language.query import EVENT_WORDS, RELATION_WORDS
from core.search.answer import Evidence
from core.search.columns import Columns, Events
from core.search.companions import Company, Group
from core.search.happenings import Chosen
from core.search.looks import Looks, Similarity
from core.search.proofs import best_crop, crop_of_colour, crop_proof, path_piece, top_colours
from core.search.rivals import did_instead
from core.search.scoring import HOLDS, MATCH_PART, PartScore
from core.search.votes import Instead

_NEW = "not measured in this video yet: add it again"
_NOTICED = 0.005  # a smaller change by what people said is not worth a word


class Explains(Protocol):
    """The detail of a part that can say itself what proves it on a track."""

    def told(self, row: int) -> tuple[str, dict[str, Any]]: ...


@dataclass(slots=True)
class _Told:
    """What is said of one part on one track; as in `Evidence`."""

    text: str = ""
    proof: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    instead: str = ""
    other: tuple[Evidence, ...] = ()


def percentile(p: float, peers: Float32) -> float:
    """Share of comparable tracks that fit less well; peers: their probabilities."""
    return float(np.count_nonzero(peers < np.float32(p))) / len(peers) if len(peers) else 0.0


def evidence(
    columns: Columns, looks: Looks, score: PartScore, row: int, peers: Float32
) -> Evidence:
    """The evidence for a part on a track. peers: p of the tracks to compare with."""
    told = _told(columns, looks, score, row)
    p = float(score.p[row])
    before = None if score.before is None else float(score.before[row])
    if before is not None and abs(before - p) < _NOTICED:
        before = None
    said = score.said.get(row)
    return Evidence(
        part=score.part,
        kind=score.kind,
        p=round(p, 4),
        text=_with_what_was_said(told.text, said, before),
        proof=told.proof,
        percentile=round(percentile(p, peers), 4),
        known=said is not None or (bool(score.known[row]) and score.tested),
        reason=told.reason,
        said=said,
        before=None if before is None else round(before, 4),
        instead=told.instead,
        other=told.other,
    )


def _with_what_was_said(text: str, said: bool | None, before: float | None) -> str:
    if said is not None:
        you = "you said so" if said else "you said that it does not hold"
        return f"{you} ({text})" if text else you
    if before is not None:
        moved = f"{before:.2f} before what you said of others"
        return f"{text}; {moved}" if text else moved
    return text


def _told(columns: Columns, looks: Looks, score: PartScore, row: int) -> _Told:
    if not score.tested:
        return _Told("nothing here measures this yet", reason="nothing here measures this yet")
    if hasattr(score.detail, "told"):
        return _of_detail(columns, score.detail, row)
    if score.kind == "class":
        return _votes(columns, score, row)
    if score.kind == "colour":
        return _colour(columns, score, row)
    if score.kind == "appearance":
        return _appearance(columns, looks, score, row)
    if score.kind == "event":
        return _event(columns, score, row)
    if score.kind == "relation":
        return _relation(columns, looks, score, row)
    if score.kind == "count":
        return _group(columns, score, row)
    if score.kind == "order":
        return _Told("in this order" if score.p[row] >= HOLDS else "not in this order")
    return _Told()


def _of_detail(columns: Columns, detail: Explains, row: int) -> _Told:
    """What the detail says, with the piece of the path where it speaks of a span."""
    text, proof = detail.told(row)
    if {"t0_s", "t1_s"} <= proof.keys() and "points" not in proof:
        shard, track = columns.shard_of(row), int(columns.track_id[row])
        proof = path_piece(shard, track, proof["t0_s"], proof["t1_s"]) | proof
    if "crop_id" in proof and "box" not in proof:
        proof = crop_proof(columns.shard_of(row), int(proof["crop_id"])) | proof
    return _Told(text, proof, reason=_after_cannot_tell(text))


def _after_cannot_tell(text: str) -> str:
    start = "cannot tell: "
    return text.removeprefix(start) if text.startswith(start) else ""


def _votes(columns: Columns, score: PartScore, row: int) -> _Told:
    shares = columns.votes[row]
    best = [int(k) for k in np.argsort(-shares, kind="stable")[:3] if shares[k] >= 0.02]
    said = ", ".join(f"{columns.class_names[k]} {shares[k]:.0%}" for k in best)
    votes = {columns.class_names[k]: round(float(shares[k]), 4) for k in best}
    proof = {"votes": votes, "boxes": int(columns.n_boxes[row])} | best_crop(columns, row)
    told = f"seen as {said} in {columns.n_boxes[row]} boxes"
    with_pictures: Instead = score.detail or {}
    likely = max(with_pictures, key=lambda k: float(with_pictures[k][row]), default=-1)
    if likely >= 0 and likely not in best[:1] and with_pictures[likely][row] >= HOLDS:
        best = [likely]
        proof["pictures"] = {
            columns.class_names[likely]: round(float(with_pictures[likely][row]), 4)
        }
        told += f", but its pictures look like {article(columns.class_names[likely])}"
    instead = columns.class_names[best[0]] if best and score.p[row] < HOLDS else ""
    return _Told(told, proof, instead=instead)


def _colour(columns: Columns, score: PartScore, row: int) -> _Told:
    if not score.known[row]:
        reason = "no crop that shows its colour"
        return _Told(f"cannot tell: {reason}", best_crop(columns, row), reason)
    posterior = score.detail[row]
    seen = top_colours(posterior)
    said = ", ".join(f"{name} {share:.0%}" for name, share in seen.items())
    proof = {"colours": seen} | crop_of_colour(columns, row, posterior)
    fails = score.p[row] < HOLDS and not score.part.startswith("not ")
    return _Told(f"looks {said}", proof, instead=next(iter(seen), "") if fails else "")


def _appearance(columns: Columns, looks: Looks, score: PartScore, row: int) -> _Told:
    similar: Similarity = score.detail
    if not score.known[row]:
        seen = columns.best_crop[row] >= 0
        reason = "the encoder does not know such pictures" if seen else "no crop to compare with"
        return _Told(f"cannot tell: {reason}", reason=reason)
    where = int(similar.best_crop[row])
    if where < 0:
        return _Told("less alike than the nearest crops of this library", best_crop(columns, row))
    others = columns.video == columns.video[row]
    share = float((similar.value[others] < similar.value[row]).mean())
    proof = crop_proof(columns.shard_of(row), int(looks.crops.crop_id[where]))
    return _Told(f"more alike than {share:.0%} of the objects in this video", proof)


def _is_new(score: PartScore, row: int) -> bool:
    """Whether the video was indexed before anything looked for this."""
    return score.unmeasured is not None and bool(score.unmeasured[row])


def _event(columns: Columns, score: PartScore, row: int) -> _Told:
    chosen: Chosen = score.detail
    at = chosen.event(row)
    negated = score.part.startswith("not ")
    if at >= 0 and chosen.events.p[at] >= MATCH_PART:
        kind = chosen.kinds[int(chosen.kind[at])]
        words, text, proof = _happened(columns, row, kind, chosen.events, at)
        return _Told(text, proof, instead=words if negated and score.p[row] < HOLDS else "")
    if _is_new(score, row):
        return _Told(f"cannot tell: {_NEW}", reason=_NEW)
    if not score.known[row]:
        reason = columns.shard_of(row).motion_reason(int(columns.track_id[row]))
        reason = reason or "seen too briefly"
        return _Told(f"cannot tell: {reason}", reason=reason)
    instead = None if negated else did_instead(columns, row, chosen.kinds)
    if instead is None:
        return _Told("it did not")
    words, text, proof = _happened(columns, row, *instead)
    return _Told(f"{text} instead", proof | {"instead": instead[0]}, instead=words)


def _happened(
    columns: Columns, row: int, kind: str, events: Events, at: int
) -> tuple[str, str, dict[str, Any]]:
    """An event as words, as words with its time, and as proof; at: its place in `events`."""
    shard = columns.shard_of(row)
    t0_s, t1_s = float(events.t0_s[at]), float(events.t1_s[at])
    numbers = _rounded(shard.event_numbers(int(events.at[at])))
    piece = path_piece(shard, int(columns.track_id[row]), t0_s, t1_s)
    proof: dict[str, Any] = {"event": kind} | piece | numbers
    words = EVENT_WORDS.get(kind, kind)
    if "degrees" in numbers:
        words = f"{words} {abs(numbers['degrees']):.0f}°"
    return words, f"{words}, {clock(t0_s)} to {clock(t1_s)}", proof


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in numbers.items()}


def _relation(columns: Columns, looks: Looks, score: PartScore, row: int) -> _Told:
    company: Company = score.detail
    other = int(company.other[row])
    if other < 0:
        if _is_new(score, row):
            return _Told(f"cannot tell: {_NEW}", reason=_NEW)
        if score.known[row] and score.part.startswith("not "):
            return _Told("nobody")
        if not score.known[row]:
            return _Told("cannot tell: seen too briefly", reason="seen too briefly")
        return _other_instead(columns, looks, score, row)
    t0_s, t1_s = float(company.t0_s[row]), float(company.t1_s[row])
    shard = columns.shard_of(row)
    partner = _partner(columns, other, t0_s, t1_s)
    proof = path_piece(shard, int(columns.track_id[row]), t0_s, t1_s)
    proof |= {"relation": str(company.kind[row]), "other_track_id": partner["track_id"]}
    proof |= {"others": [partner]}
    name = f"{partner['class_name']} #{partner['track_id']}"
    if (at := int(company.at[row])) >= 0:
        numbers = _rounded(shard.relation_numbers(at))
        if (third := numbers.pop("third_id", None)) is not None:  # of the two it is between
            ids = {int(third), _other_id(columns, company, row)} - {partner["track_id"]}
            more = [_partner(columns, _row_of(columns, row, i), t0_s, t1_s) for i in sorted(ids)]
            proof["others"] += more
            name = " and ".join([name, *(f"{o['class_name']} #{o['track_id']}" for o in more)])
        proof |= numbers
    told = _asked_of_other(columns, looks, score, other)
    fails = score.p[row] < HOLDS and not score.part.startswith("not ")
    instead = name if fails and not all(part.holds for part in told) else ""
    return _Told(f"{name}, {clock(t0_s)} to {clock(t1_s)}", proof, instead=instead, other=told)


def _other_id(columns: Columns, company: Company, row: int) -> int:
    """Track id of the object of the relation that was found."""
    table = columns.relations[str(company.kind[row])]
    found = np.flatnonzero((table.at == company.at[row]) & (table.subject == row))
    return int(columns.track_id[table.other[found[0]]])


def _asked_of_other(
    columns: Columns, looks: Looks, score: PartScore, other: int
) -> tuple[Evidence, ...]:
    return tuple(evidence(columns, looks, part, other, part.p) for part in score.of_other)


def _other_instead(columns: Columns, looks: Looks, score: PartScore, row: int) -> _Told:
    """The relation holds, but with an object that was not asked for."""
    named = [key for key, words in RELATION_WORDS.items() if score.part.startswith(f"{words} ")]
    if not named:
        return _Told("nobody")
    kind, role = max(named, key=lambda key: len(RELATION_WORDS[key]))
    table = columns.relations.get(kind)
    if table is None:
        return _Told("nobody")
    mine, theirs = (table.subject, table.other)[:: 1 if role == "subject" else -1]
    found = np.flatnonzero((mine == row) & (table.p >= HOLDS))
    if not len(found):
        return _Told("nobody")
    best = int(found[np.argmax(table.p[found])])
    other, t0_s, t1_s = int(theirs[best]), float(table.t0_s[best]), float(table.t1_s[best])
    partner = _partner(columns, other, t0_s, t1_s)
    words = f"{partner['class_name']} #{partner['track_id']}"
    proof = path_piece(columns.shard_of(row), int(columns.track_id[row]), t0_s, t1_s)
    proof |= {"relation": kind, "others": [partner]}
    told = _asked_of_other(columns, looks, score, other)
    return _Told(
        f"{words}, {clock(t0_s)} to {clock(t1_s)}, instead", proof, instead=words, other=told
    )


def _row_of(columns: Columns, row: int, track_id: int) -> int:
    """Row of a track of the same video as the track of `row`."""
    return int(columns.starts[columns.video[row]]) + int(
        np.searchsorted(columns.track_id[columns.rows_of(int(columns.video[row]))], track_id)
    )


def _partner(columns: Columns, row: int, t0_s: float, t1_s: float) -> dict[str, Any]:
    """Another track as proof: what it is, its own crop, its path in the same time."""
    piece = path_piece(columns.shard_of(row), int(columns.track_id[row]), t0_s, t1_s)
    return {
        "track_id": int(columns.track_id[row]),
        "class_name": columns.class_names[int(columns.votes[row].argmax())],
        **best_crop(columns, row),
        **piece,
    }


def _group(columns: Columns, score: PartScore, row: int) -> _Told:
    group: Group = score.detail
    rows = group.of(row)
    if not rows:
        return _Told("not that many at a time", {"others": []})
    together = [row, *rows]
    t0_s = max(float(columns.t0_s[r]) for r in together)
    t1_s = min(float(columns.t1_s[r]) for r in together)
    others = [_partner(columns, r, t0_s, max(t0_s, t1_s)) for r in rows]
    ids = [partner["track_id"] for partner in others]
    said = ", ".join(f"#{track}" for track in ids)
    return _Told(f"with {said}", {"other_track_ids": ids, "others": others})


def clock(seconds: float) -> str:
    """m:ss.s"""
    tenths = round(max(0.0, seconds) * 10)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"
