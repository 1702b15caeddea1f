"""What a person corrects on the watch page: each change made, told in a sentence, taken back."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import VidtrailError
from core.identity.bonds import current
from core.identity.identities import Change, Identities
from core.ingest.jobs import Jobs
from core.library.notes import TrackRef
from dashboard.services import services
from dashboard.watch_desk import labels_of
from dashboard.watch_views import ChangeView, Note


def history(video_id: str, limit: int = 30) -> tuple[ChangeView, ...]:
    """What people said of the objects of a video, the newest first."""
    changes = Identities(services().library()).history()
    touching = [c for c in changes if video_id in (c.edit.a_video, c.edit.b_video)]
    return tuple(
        ChangeView(
            change.edit.edit_id,
            f"{change.sentence[:1].upper()}{change.sentence[1:]}.",
            change.edit.undone,
            not change.edit.undone and not change.blocked_by,
        )
        for change in reversed(touching[-limit:])
    )


def _done(do: Callable[[Identities], Change], video_id: str, undone: bool = False) -> Note:
    """Make a change and say what became of it."""
    try:
        change = do(Identities(services().library()))
        edit, library = change.edit, services().library()
        text = f"{change.sentence[:1].upper()}{change.sentence[1:]}."
        here = next((ref for ref in (edit.a, edit.b) if ref.video_id == video_id), edit.a)
        track_id = library.resolve(here.video_id, here.track_id)
        if undone:
            return Note(f"Taken back: {text}", track_id=track_id)
        return Note(text, track_id=track_id, edit_id=edit.edit_id)
    except VidtrailError as error:
        return Note(str(error), good=False)


def same(video_id: str, track_id: int, other_video: str, other_track: int) -> Note:
    """Two tracks are one object; of one video they become one track."""
    a, b = TrackRef(video_id, track_id), TrackRef(other_video, other_track)
    return _done(lambda identities: identities.accept(a, b), video_id)


def different(video_id: str, track_id: int, other_video: str, other_track: int) -> Note:
    a, b = TrackRef(video_id, track_id), TrackRef(other_video, other_track)
    return _done(lambda identities: identities.reject(a, b), video_id)


def split(video_id: str, track_id: int, at_s: float) -> Note:
    """The part from at_s on becomes a track of its own."""
    return _done(lambda identities: identities.split(video_id, track_id, at_s=at_s), video_id)


def relabel(video_id: str, track_id: int, class_name: str) -> Note:
    ref = TrackRef(video_id, track_id)
    return _done(lambda identities: identities.relabel(ref, class_name), video_id)


def undo(video_id: str, edit_id: int) -> Note:
    return _done(lambda identities: identities.undo(edit_id), video_id, undone=True)


def rename(video_id: str, track_id: int, name: str) -> Note:
    """Name an object; an empty name removes it."""
    try:
        Identities(services().library()).name(TrackRef(video_id, track_id), name)
    except VidtrailError as error:
        return Note(str(error), good=False)
    return Note(f"Named “{name.strip()}”." if name.strip() else "The name is removed.")


def label(video_id: str, track_id: int, wanted: tuple[str, ...]) -> Note:
    """Make these a track's labels, its name left as it is."""
    library = services().library()
    ref = TrackRef(video_id, track_id)
    try:
        name = Identities(library).identity_of(ref).name
        before = {word for word in labels_of(library, ref) if word != name}
        kept = [word.strip() for word in wanted if word.strip()]
        for found in library.notes.labels(video_id):
            gone = found.label in before and found.label not in kept
            if gone and current(library, TrackRef(video_id, found.track_id)) == ref:
                library.notes.remove_label(video_id, found.track_id, found.label)
        fresh = [word for word in kept if word not in before and word != name]
        for word in fresh:
            library.notes.add_label(video_id, track_id, word)
        if fresh and name:  # the newest word is the name: it has to stay that
            Identities(library).name(ref, "")
            for word in kept:
                library.notes.add_label(video_id, track_id, word)
            library.notes.add_label(video_id, track_id, name)
    except VidtrailError as error:
        return Note(str(error), good=False)
    return Note("Labels kept.")


def make_copy(video_id: str) -> Note:
    """Put a playable copy of a video into the queue."""
    try:
        Jobs(services().place).put("copy", video_id, "")
    except VidtrailError as error:
        return Note(str(error), good=False)
    return Note("A copy that browsers play is being made; the page Library shows how far it is.")
