"""Many tracks taken to be one object at once: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import IdentityError
from core.identity.identities import Change, Identities
from core.library.notes import TrackRef

MOST_JOINED = 50


def join(identities: Identities, tracks: Iterable[TrackRef]) -> tuple[Change, ...]:
    """Take tracks to be one object; the changes in the order they were made.

    Tracks of one video become one track. Where one of them cannot be, nothing is changed: raises
    IdentityError, which says which two and why; also for fewer than two, or more than 50.
    """
    refs = sorted({identities.resolve(ref) for ref in tracks})
    if len(refs) < 2:
        raise IdentityError("It takes two objects to make one of them.")
    if len(refs) > MOST_JOINED:
        raise IdentityError(
            f"{len(refs)} objects at once: at most {MOST_JOINED} can be made one, as each has to "
            "be looked at before."
        )
    by_video: dict[str, list[int]] = {}
    for ref in refs:
        by_video.setdefault(ref.video_id, []).append(ref.track_id)
    made: list[Change] = []
    try:
        for video_id, tracks_of in by_video.items():
            if len(tracks_of) > 1:
                made.append(identities.merge(video_id, *tracks_of))
        first, *others = (TrackRef(video_id, ids[0]) for video_id, ids in by_video.items())
        for other in others:
            if identities.resolve(other) not in identities.identity_of(first).members:
                made.append(identities.accept(first, other))  # noqa: PERF401 - kept if one fails
    except IdentityError:
        part(identities, made)
        raise
    if not made:
        raise IdentityError("These are taken to be one object already.")
    return tuple(made)


def part(identities: Identities, made: Iterable[Change]) -> None:
    """Take joining back, the last change first; raises IdentityError where others build on it."""
    for change in reversed(tuple(made)):
        identities.undo(change.edit.edit_id)
