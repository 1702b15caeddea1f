"""From a moment of an answer to what a card and its dialog show: words, addresses, drawings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.language.plurals import plural
from core.search.scoring import HOLDS
from dashboard.links import (
    answer_file_url,
    crop_url,
    moment_url,
    overlay_url,
    proof_url,
    watch_url,
)
from dashboard.views import MomentView, ObjectView, PartView, SpanView, clock, level

if TYPE_CHECKING:
    from core.search.answer import Evidence, Moment

BestCrop = Callable[[str, int], int | None]

_SHORTEST_S = 0.1
_AROUND_S = 1.0  # boxes beyond the span, for a player that seeks to its edge
_TELLING = 0.5  # a lower share of the others tells nothing
_STANDING = ("colour", "appearance", "event", "relation", "like", "path")
_DRAWN = ("zone", "path")
_COMPARED = {
    "red": "redder",
    "blue": "bluer",
    "green": "greener",
    "white": "whiter",
    "black": "blacker",
    "grey": "greyer",
    "brown": "browner",
    **{name: f"more {name}" for name in ("yellow", "orange", "purple", "silver", "pink")},
}


def moment_view(moment: Moment, best_crop: BestCrop, said: bool | None = None) -> MomentView:
    """A moment for a page. `best_crop` gives the picture that shows a track best.

    said: what a person said of it as a whole.
    """
    video_id, tracks = moment.video_id, moment.track_ids
    crop_id = best_crop(video_id, tracks[0]) if tracks else None
    t0_s, t1_s = moment.t0_s, max(moment.t1_s, moment.t0_s + _SHORTEST_S)
    ids = ",".join(map(str, tracks))
    clip = {"v": video_id, "o": ids or None, "t0": float(t0_s), "t1": float(t1_s)}
    return MomentView(
        id=f"{video_id}:{'-'.join(map(str, tracks))}:{t0_s:.2f}",
        video=moment.video,
        span=_span(t0_s, t1_s).text,
        t0_s=t0_s,
        t1_s=t1_s,
        score=moment.score if moment.parts else None,  # nothing was asked of it
        picture=None if crop_id is None else crop_url(video_id, crop_id),
        source=moment_url(video_id, t0_s, t1_s),
        parts=part_views(moment),
        video_id=video_id,
        track_ids=tracks,
        matches=moment.matches,
        still=_still(moment, ids),
        boxes=overlay_url(
            video_id, t0_s=float(max(0.0, t0_s - _AROUND_S)), t1_s=float(t1_s + _AROUND_S)
        )
        if tracks
        else None,
        watch=watch_url(video_id, t0_s, tracks[0] if tracks else None),
        clip=answer_file_url("moment.mp4", clip),
        clip_drawn=answer_file_url("moment.mp4", {**clip, "drawn": True}) if tracks else "",
        objects=tuple(
            ObjectView(track, name, watch_url(video_id, t0_s, track))
            for track, name in _names(moment).items()
        ),
        also=tuple(
            ObjectView(track, f"#{track}", watch_url(video_id, None, track))
            for track in moment.also
        ),
        again=tuple(_span(*span) for span in moment.again),
        said=said,
    )


def part_views(moment: Moment) -> tuple[PartView, ...]:
    """The parts; a picture that proves several is shown once."""
    many = plural(next((part.part for part in moment.parts if part.kind == "class"), "object"))
    track_id = moment.track_ids[0] if moment.track_ids else None
    views: list[PartView] = []
    for evidence in moment.parts:
        view = _part_view(evidence, moment.video_id, track_id, many)
        if view.picture in {earlier.picture for earlier in views}:
            view = replace(view, picture=None)
        views.append(view)
    return tuple(views)


def _part_view(evidence: Evidence, video_id: str, track_id: int | None, many: str) -> PartView:
    proof = evidence.proof
    crop_id = proof.get("crop_id")
    seen_in = str(proof.get("video_id", video_id))
    others = [int(other["track_id"]) for other in proof.get("others", ())]
    spoken = {"t0_s", "t1_s"} <= proof.keys()
    return PartView(
        label=evidence.part,
        words=_spoken(evidence.part),
        p=evidence.p,
        level=level(evidence.p) if evidence.known else "unknown",
        text=evidence.text,
        picture=None if crop_id is None else crop_url(seen_in, int(crop_id)),
        kind=evidence.kind,
        said=evidence.said,
        before=evidence.before,
        percentile=evidence.percentile,
        standing=_standing(evidence, many),
        instead=evidence.instead,
        reason=evidence.reason,
        proof=_proof(evidence, video_id, track_id, others),
        proof_alt=_proof_alt(evidence, others),
        span=_span(float(proof["t0_s"]), float(proof["t1_s"])) if spoken else None,
        other=tuple(
            _part_view(part, video_id, others[0] if others else None, "objects")
            for part in evidence.other
        ),
    )


_POINTED_AT = (
    ("like picture[", "like the picture"),
    ("like[", "like the object chosen"),
    ("path[", "along the drawn path"),
)


def _spoken(part: str) -> str:
    """What to call a part that was drawn or pointed at; "" where it was said in words."""
    found = next((words for start, words in _POINTED_AT if part.startswith(start)), "")
    if found or "[" not in part:
        return found
    named = re.sub(r"\b(zone|line)[^[]*\[([^\W\d].*)\]", r"\1 \2", part)
    return named if named != part else re.sub(r"\b(zone|line)\b.*", r"a drawn \1", part)


def _span(t0_s: float, t1_s: float) -> SpanView:
    return SpanView(t0_s, t1_s, f"{clock(t0_s, 1)} – {clock(t1_s, 1)}")


def _names(moment: Moment) -> dict[int, str]:
    """Track -> its class and number, for the object and those it stands in relation to."""
    kinds = {
        int(other["track_id"]): str(other.get("class_name", ""))
        for part in moment.parts
        for other in part.proof.get("others", ())
    }
    own = [part.part for part in moment.parts if part.kind == "class" and part.p >= HOLDS]
    if moment.track_ids and own:
        kinds[moment.track_ids[0]] = own[0]
    return {track: f"{kinds.get(track, '')} #{track}".strip() for track in moment.track_ids}


def _standing(evidence: Evidence, many: str) -> str:
    """Where it stands among the others, "redder than 97 % of cars here"; "" where that is nothing.

    Rounded down: a share is never said to be more than it is.
    """
    tells = evidence.kind in _STANDING and evidence.known and evidence.said is None
    if not tells or evidence.p < HOLDS or evidence.percentile < _TELLING:
        return ""
    better = _COMPARED.get(evidence.part, "fits better")
    return f"{better} than {int(100 * evidence.percentile)} % of {many} here"


def _still(moment: Moment, ids: str) -> str:
    """The object in its frame; the whole picture of a scene."""
    if ids:
        asked: dict[str, Any] = {"o": ids, "t0": float(moment.t0_s), "t1": float(moment.t1_s)}
        return proof_url("object", moment.video_id, asked)
    spans = [part.proof for part in moment.parts if {"t0_s", "t1_s"} <= part.proof.keys()]
    first: Mapping[str, Any] = spans[0] if spans else {"t0_s": moment.t0_s, "t1_s": moment.t1_s}
    return proof_url("scene", moment.video_id, {"t": _middle(first)})


def _proof(
    evidence: Evidence, video_id: str, track_id: int | None, others: list[int]
) -> str | None:
    """Address of the still that proves a part; None where there is nothing to draw."""
    proof = evidence.proof
    if evidence.kind == "scene" and "t0_s" in proof:
        return proof_url("scene", video_id, {"t": _middle(proof)})
    if track_id is not None and {"t0_s", "t1_s"} <= proof.keys():
        asked: dict[str, Any] = {
            "o": track_id,
            "t0": float(proof["t0_s"]),
            "t1": float(proof["t1_s"]),
            "with": ",".join(map(str, others)) or None,
            "e": proof.get("event"),
            "z": evidence.part if evidence.kind in _DRAWN else None,
        }
        return proof_url("path", video_id, asked)
    if track_id is not None and others:
        together = proof["others"][0]
        asked = {"o": track_id, "with": ",".join(map(str, others))}
        return proof_url("group", video_id, {**asked, "t": _middle(together)})
    if "crop_id" in proof:
        seen_in = str(proof.get("video_id", video_id))
        return proof_url("crop", seen_in, {"c": int(proof["crop_id"])})
    return None


def _middle(proof: Mapping[str, Any]) -> float:
    return (float(proof["t0_s"]) + float(proof["t1_s"])) / 2.0


def _proof_alt(evidence: Evidence, others: list[int]) -> str:
    """What the still shows, for those who do not see it."""
    if others and {"t0_s", "t1_s"} <= evidence.proof.keys():
        return f"Both paths drawn on the picture: {evidence.text}"
    if others:
        return f"The objects marked in the picture: {evidence.text}"
    if "points" in evidence.proof:
        return f"Its path drawn on the picture: {evidence.text}"
    if "crop_id" in evidence.proof:
        return f"Where the picture of it was taken: {evidence.text}"
    return evidence.text
