"""The commands about what is one object: suggested, accepted, corrected and taken back."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer, Branch, Run

if TYPE_CHECKING:
    from core.identity.identities import Change, Identities, Identity
    from core.identity.suggestions import Suggestion
    from core.library.library import Library
    from core.library.notes import TrackRef

_TRACK = "a track, as VIDEO:NUMBER; the video by its name, or its id or the start of it"


def identity_options(
    commands: Any, run: Run, library_option: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add `identity` with its commands."""
    identity = commands.add_parser(
        "identity",
        help="say which tracks are the same object, or are not",
        description="Nothing is joined unless you say so, and everything you say can be undone.",
        epilog="examples:\n"
        "  vidtrail identity suggest                        pairs that look like one object\n"
        "  vidtrail identity accept gate.mp4:12 yard.mp4:3  they are one\n"
        "  vidtrail identity show gate.mp4:7                what it is made of, and why\n"
        "  vidtrail identity split gate.mp4:7 --at 12.5     another object begins there\n"
        "  vidtrail identity undo                           take the last word back",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command = Branch.of(identity, run, library_option).command
    show = command("show", _show, "tell what a track is made of, and why it was joined")
    show.add_argument("track", metavar="TRACK", help=_TRACK)
    suggest = command("suggest", _suggest, "list tracks that may be the same object")
    suggest.add_argument("track", nargs="?", metavar="TRACK", help=f"only with this one: {_TRACK}")
    suggest.add_argument("--limit", type=int, default=20, metavar="N", help="default: 20")
    for verdict, answer, what in (
        ("accept", _accept, "two tracks are the same object; in one video, they become one track"),
        ("reject", _reject, "two tracks are different objects"),
    ):
        pair = command(verdict, answer, what)
        pair.add_argument("track", metavar="TRACK", help=_TRACK)
        pair.add_argument("other", metavar="TRACK", help="another one")
    merge = command("merge", _merge, "make one track of several tracks of a video")
    merge.add_argument("tracks", nargs="+", metavar="TRACK", help=_TRACK)
    split = command("split", _split, "cut a track in two")
    split.add_argument("track", metavar="TRACK", help=_TRACK)
    where = split.add_mutually_exclusive_group(required=True)
    where.add_argument("--at", type=float, metavar="SECONDS", help="a new track begins there")
    where.add_argument(
        "--tracklets", type=int, nargs="+", default=(), metavar="N", help="these become a new track"
    )
    relabel = command("relabel", _relabel, "give a track another class")
    relabel.add_argument("track", metavar="TRACK", help=_TRACK)
    relabel.add_argument("class_name", metavar="CLASS", help="one that the detector knows")
    name = command("name", _name, "name an object; without a name, forget the one it has")
    name.add_argument("track", metavar="TRACK", help=_TRACK)
    name.add_argument("text", nargs="*", metavar="NAME")
    command("list", _list, "list the objects of several tracks, and those with a name")
    command("history", _history, "list all that was said, the latest first")
    undo = command("undo", _undo, "take back what was said last, or one thing by its number")
    undo.add_argument("edit", nargs="?", type=int, metavar="EDIT", help="its number in the history")


def identity_answer(options: argparse.Namespace) -> Answer:
    """What a command did or found, for programs and for people."""
    from core.identity.identities import Identities
    from core.library.library import Library

    with Library.open(options.library, create=False) as library:
        answer: Answer = options.answer(library, Identities(library), options)
        return answer


def _show(library: Library, _: Identities, options: argparse.Namespace) -> Answer:
    from dataclasses import asdict

    from core.identity.composition import composition

    found = composition(library, _ref(library, options.track))
    pieces = ", ".join(map(str, found.tracklets))
    lines = [
        f"{_word(library, found.ref)}, {found.t0_s:.1f} to {found.t1_s:.1f} s, "
        f"made of {len(found.tracklets)} tracklets: {pieces}",
    ]
    lines.extend(
        f"  {link.earlier_tracklet} goes on as {link.later_tracklet} after {link.gap_s:.1f} s: "
        f"score {link.score:.1f} (motion {link.motion:+.1f}, looks {link.appearance:+.1f}); "
        f"`vidtrail identity split {options.track} --tracklets ...` undoes it"
        for link in found.links
    )
    lines.extend(
        f"  {cut.piece} was cut off {cut.tracklet} at {cut.t_s:.1f} s: the looks before and "
        f"after speak against one object ({cut.score:+.1f})"
        for cut in found.cuts
    )
    if found.rider_p is not None:
        lines.append(f"  a rider and a two-wheeler; that they belong together: {found.rider_p:.0%}")
    if found.looks:
        lines.append(f"  in this video {found.looks}")
    return asdict(found), lines


def _suggest(library: Library, _: Identities, options: argparse.Namespace) -> Answer:
    from core.identity.suggestions import suggest

    encoders = Counter(record.encoder for record in library.ready()).most_common(1)
    if not encoders:
        return {"suggestions": [], "usable": False, "reason": "no videos"}, ["No videos yet."]
    of = _ref(library, options.track) if options.track else None
    said = suggest(library, encoders[0][0], of=of, limit=max(options.limit, 1))
    data = {
        "suggestions": [_suggestion(library, one) for one in said.found],
        "usable": said.usable,
        "reason": said.reason,
    }
    lines = [f"{said.reason[0].upper()}{said.reason[1:]}."]
    for one in said.found:
        pair = f"{_word(library, one.a)}  {_word(library, one.b)}"
        why = one.reason.removesuffix(said.reason).removesuffix("; ")
        lines.append(f"  {one.p:4.0%}  {pair}  ({why})")
    return data, lines if said.found else [*lines, "There is nothing to suggest."]


def _accept(library: Library, identities: Identities, options: argparse.Namespace) -> Answer:
    a, b = _ref(library, options.track), _ref(library, options.other)
    return _changed(identities.accept(a, b))


def _reject(library: Library, identities: Identities, options: argparse.Namespace) -> Answer:
    a, b = _ref(library, options.track), _ref(library, options.other)
    return _changed(identities.reject(a, b))


def _merge(library: Library, identities: Identities, options: argparse.Namespace) -> Answer:
    from core.errors import IdentityError

    refs = [_ref(library, words) for words in options.tracks]
    if len({ref.video_id for ref in refs}) > 1:
        raise IdentityError(
            "Only tracks of one video can be merged; `vidtrail identity accept` says that tracks "
            "of two videos show the same object."
        )
    return _changed(identities.merge(refs[0].video_id, *(ref.track_id for ref in refs)))


def _split(library: Library, identities: Identities, options: argparse.Namespace) -> Answer:
    ref = _ref(library, options.track)
    change = identities.split(
        ref.video_id, ref.track_id, at_s=options.at, tracklets=options.tracklets
    )
    return _changed(change)


def _relabel(library: Library, identities: Identities, options: argparse.Namespace) -> Answer:
    return _changed(identities.relabel(_ref(library, options.track), options.class_name))


def _name(library: Library, identities: Identities, options: argparse.Namespace) -> Answer:
    identity = identities.name(_ref(library, options.track), " ".join(options.text))
    return _identity(library, identity), [_identity_line(library, identity)]


def _list(library: Library, identities: Identities, _: argparse.Namespace) -> Answer:
    known = identities.identities()
    data = {"identities": [_identity(library, identity) for identity in known]}
    lines = [_identity_line(library, identity) for identity in known]
    return data, lines or ["No tracks are joined or named yet."]


def _history(_: Library, identities: Identities, __: argparse.Namespace) -> Answer:
    changes = identities.history()[::-1]
    lines = [
        f"{change.edit.edit_id:>5}  {'undone: ' if change.edit.undone else ''}{change.sentence}"
        for change in changes
    ]
    return {"history": [_change(c) for c in changes]}, lines or ["Nothing was said yet."]


def _undo(_: Library, identities: Identities, options: argparse.Namespace) -> Answer:
    change = identities.undo_last() if options.edit is None else identities.undo(options.edit)
    return _change(change), [f"Edit {change.edit.edit_id} is undone: {change.sentence}."]


# --- words and data ------------------------------------------------------------------------------


def _ref(library: Library, words: str) -> TrackRef:
    from core.errors import IdentityError
    from core.library.notes import TrackRef

    video, colon, number = words.rpartition(":")
    if not colon or not number.isdecimal():
        raise IdentityError(f"{words!r} names no track: write VIDEO:NUMBER, such as gate.mp4:12.")
    return TrackRef(library.find(video).video_id, int(number))


def _word(library: Library, ref: TrackRef) -> str:
    """A reference that `_ref` reads, with the video's name where only one has it."""
    name = library.video(ref.video_id).name
    alone = sum(record.name == name for record in library.videos()) == 1
    return f"{name if alone else ref.video_id[:12]}:{ref.track_id}"


def _changed(change: Change) -> Answer:
    return _change(change), [f"Edit {change.edit.edit_id}: {change.sentence}."]


def _change(change: Change) -> dict[str, Any]:
    edit = change.edit
    return {
        "edit": edit.edit_id,
        "kind": edit.kind,
        "a": _data(edit.a),
        "b": _data(edit.b),
        "detail": dict(edit.details),
        "new_track": edit.new_track if edit.kind == "split" else None,
        "sentence": change.sentence,
        "at": edit.at,
        "undone": edit.undone,
        "blocked_by": list(change.blocked_by),
    }


def _suggestion(library: Library, one: Suggestion) -> dict[str, Any]:
    return {
        "a": _data(one.a) | {"video": library.video(one.a.video_id).name},
        "b": _data(one.b) | {"video": library.video(one.b.video_id).name},
        "p": round(one.p, 4),
        "likeness": round(one.likeness, 4),
        "mutual": one.mutual,
        "crops": [list(pair) for pair in one.crops],
        "reason": one.reason,
    }


def _identity(library: Library, identity: Identity) -> dict[str, Any]:
    return {
        "id": identity.id,
        "name": identity.name or None,
        "members": [
            _data(ref) | {"video": library.video(ref.video_id).name} for ref in identity.members
        ],
    }


def _identity_line(library: Library, identity: Identity) -> str:
    return f"{identity.name or 'no name'}: {_words(library, identity.members)}"


def _words(library: Library, refs: Iterable[TrackRef]) -> str:
    return ", ".join(_word(library, ref) for ref in refs)


def _data(ref: TrackRef) -> dict[str, Any]:
    return {"video_id": ref.video_id, "track_id": ref.track_id}
