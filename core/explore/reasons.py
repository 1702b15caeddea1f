"""Why something is unusual, in words: what others did there, or in which number it stands out.

Every sentence says what was counted or measured. Where nobody of its kind was, or hardly anybody,
that is all that is said: of one or two others no share is worth telling.
"""

from __future__ import annotations

import numpy as np

from core.explore.manner import manner_of
from core.explore.precedents import Precedent, precedent
from core.explore.unusual import Unusual
from core.language.plurals import article, plural
from core.search.columns import Columns
from core.search.scoring import HOLDS

_FEW = 0.15  # of those there: so few did the same that it goes unsaid
_LEAST = 3
_RARE_KIND = 0.02  # of the normal
_FAST, _SLOW = 1.5, 0.6
_BESIDE = 0.4  # of its size
_GOES = {0: ("drives", "drove"), 1: ("walks", "walked")}
_WAYS = {0: "on wheels", 1: "on foot"}


def reason_of(columns: Columns, unusual: Unusual, space: str, row: int) -> str:
    """One sentence without its subject, such as "drives against the way of 41 others here"."""
    if space == "looks":
        return _by_looks(columns, unusual, row)
    respect = unusual.respect(row)
    if respect == "turned":
        return _turned_round(unusual, row)
    if respect == "stood":
        return _stood(unusual, row)
    told = precedent(unusual.flow, row)
    by_place = "" if told is None else _by_place(unusual, row, told)
    return by_place or manner_of(columns, unusual, row) or _at_a_loss(unusual, row, told)


def _by_looks(columns: Columns, unusual: Unusual, row: int) -> str:
    """What it was compared with, and whether its kind is rare among that."""
    normal = int(unusual.normal.sum())
    said = f"looks unlike the {normal:,} objects it was compared with"
    votes = columns.votes[row]
    if not len(votes) or votes.max() < HOLDS:
        return said
    kind = int(np.argmax(votes))
    alike = unusual.normal & (np.argmax(columns.votes, axis=1) == kind)
    alike[row] = False
    others, name = int(alike.sum()), columns.class_names[kind]
    if others > _RARE_KIND * normal:
        return said
    if not others:
        return f"{said}, and no other is {article(name)}"
    are = f"other is {article(name)}" if others == 1 else f"others are {plural(name)}"
    return f"{said}, and only {others:,} {are}"


def _by_place(unusual: Unusual, row: int, said: Precedent) -> str:
    """What others did where it was most unusual; "" where that is no reason."""
    kind = int(unusual.flow.kind[row])
    goes, went = _GOES.get(kind, ("moves", "moved"))
    few = max(_LEAST - 1, _FEW * said.moving)
    if said.kin == 0:
        return _where_nobody_was(kind, said.others)
    if said.kin < _LEAST:
        return f"is where hardly anybody else {goes}"
    if said.stood:
        if said.moving < _LEAST or said.standing > few:
            return ""
        return f"stands where {said.moving:,} others {went} on"
    if said.against >= _LEAST and said.along <= few:
        return f"{goes} against the way of {said.against:,} others here"
    if said.across >= _LEAST and said.along <= few:
        return f"crosses the way of {said.across:,} others here"
    if said.along < _LEAST:
        share = f"only {said.along:,}" if said.along else "none"
        return f"{goes} as {share} of {said.kin:,} others did here"
    same = f"the {said.along:,} others that went the same way here"
    if said.times_pace >= _FAST:
        return f"{goes} {said.times_pace:.1f} times as fast as {same}"
    if said.times_pace <= _SLOW:
        return f"{goes} at {100.0 * said.times_pace:.0f} % of the pace of {same}"
    return f"keeps beside the way of {same}" if said.beside >= _BESIDE else ""


def _where_nobody_was(kind: int, others: int) -> str:
    nobody = f"is where nobody else was {_WAYS[kind]}" if kind in _WAYS else (
        "is where nothing else of its kind was"
    )  # fmt: skip
    if others < _LEAST:
        return nobody
    return f"{nobody}, and {others:,} others passed"


def _stood(unusual: Unusual, row: int) -> str:
    stands = unusual.stands
    lasted, passed, stayed = (
        float(stands.lasted_s[row]), int(stands.passed[row]), int(stands.stayed[row])
    )  # fmt: skip
    if not stayed:
        none = "none of which stood half as long"
        return f"stands for {lasted:.0f} s where {passed:,} others passed, {none}"
    others = f"{stayed:,} of {passed:,} others that passed"
    return f"stands for {lasted:.0f} s, and only {others} there stood half as long"


def _turned_round(unusual: Unusual, row: int) -> str:
    turns = unusual.turns
    degrees, others, as_well = turns.degrees[row], int(turns.others[row]), int(turns.as_well[row])
    turned = "turns round" if np.isnan(degrees) else f"turns round by {degrees:.0f} degrees"
    if as_well:
        return f"{turned}, as only {as_well:,} of {others:,} others here"
    return f"{turned}, as none of {others:,} others here"


def _at_a_loss(unusual: Unusual, row: int, said: Precedent | None) -> str:
    """No single number stands out; what was compared as a whole is said."""
    if said is not None and said.along >= _LEAST:
        return f"differs in place, way and pace at once from {said.along:,} others here"
    normal = int((unusual.normal & (unusual.flow.kind == unusual.flow.kind[row])).sum())
    return f"differs in the course and the pace of its way from {normal:,} others of its kind"


def compared_with(columns: Columns, unusual: Unusual) -> str:
    """What normal is, in words: "1,204 objects in 12 videos"."""
    rows = unusual.normal
    videos = len(set(columns.video[rows].tolist()))
    count = int(rows.sum())
    objects = "object" if count == 1 else plural("object")
    return f"{count:,} {objects} in {videos} video{'' if videos == 1 else 's'}"
