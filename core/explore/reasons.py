"""Why something is unusual, in words: what others did there, or how rare its looks are."""

from __future__ import annotations

from core.explore.flow import Precedent, precedent
from core.explore.unusual import Unusual
from core.language.plurals import plural
from core.search.columns import Columns

_FEW = 0.15  # of those there: so few did the same that it goes unsaid
_LEAST = 3
_GOES = {0: ("drives", "drove"), 1: ("walks", "walked")}


def reason_of(columns: Columns, unusual: Unusual, space: str, row: int) -> str:
    """One sentence without its subject, such as "drives against the way of 41 others here"."""
    normal = int(unusual.normal.sum())
    if space == "looks":
        return f"looks unlike the {normal:,} objects it was compared with"
    place_first = unusual.place.known[row] and (
        unusual.place.p[row] <= unusual.shape.p[row] or not unusual.shape.known[row]
    )
    said = precedent(unusual.flow, row) if place_first else None
    turned = _turned_round(columns, row)
    if said is None:
        return turned or f"moves unlike the {normal:,} objects it was compared with"
    return _by_place(said, int(unusual.flow.kind[row]), turned)


def _by_place(said: Precedent, kind: int, turned: str) -> str:
    goes, went = _GOES.get(kind, ("moves", "moved"))
    few = max(_LEAST - 1, _FEW * said.moving)
    if said.stood and said.moving >= _LEAST and said.standing <= few:
        return f"stands where {said.moving:,} others {went} on"
    if turned:
        return turned
    if not said.stood and said.against >= _LEAST and said.along <= few:
        return f"{goes} against the way of {said.against:,} others here"
    if said.moving + said.standing == 0:
        what = "who walks" if kind == 1 else "of its kind"
        if said.others >= _LEAST:
            return f"is where nobody else {what} was, and {said.others:,} others passed"
        return f"is where nobody else {what} was"
    if not said.stood and said.across >= _LEAST and said.along <= few:
        return f"crosses the way of {said.across:,} others here"
    if said.stood:
        return f"stands where {said.standing:,} others stood and {said.moving:,} {went} on"
    if 2 * said.along > said.moving:
        return f"{goes} at another pace or line than the {said.along:,} who went the same way here"
    return f"{goes} as only {said.along:,} of {said.moving + said.standing:,} others did here"


def _turned_round(columns: Columns, row: int) -> str:
    events = columns.events_of("u_turn")
    mine = (events.track == row) & (events.p >= 0.5)
    if not mine.any():
        return ""
    degrees = float(abs(events.degrees[mine][0]))
    return f"turns round by {degrees:.0f} degrees" if degrees == degrees else "turns round"


def compared_with(columns: Columns, unusual: Unusual) -> str:
    """What normal is, in words: "1,204 objects in 12 videos"."""
    rows = unusual.normal
    videos = len(set(columns.video[rows].tolist()))
    count = int(rows.sum())
    objects = "object" if count == 1 else plural("object")
    return f"{count:,} {objects} in {videos} video{'' if videos == 1 else 's'}"
