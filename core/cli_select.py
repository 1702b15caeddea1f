"""Commands on many objects at once: `label`, `rest`, `leave-out`, and what measures the rest."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer, Branch, Run, measured

if TYPE_CHECKING:
    from core.library.library import Library
    from core.library.notes import TrackRef

_TRACKS = "objects, the video by its name, or its id or the start of it"


def select_options(
    commands: Any, run: Run, library_option: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add `label`, `rest` and `leave-out`."""
    label = commands.add_parser(
        "label",
        help="give objects a label, or take it off",
        description="Give objects a label, which questions and filters then know.",
        epilog='examples:\n  vidtrail label "night shift" gate.mp4:12 gate.mp4:15\n'
        '  vidtrail search "car labelled \\"night shift\\""\n  vidtrail rest "night shift"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    label.add_argument("label", metavar="LABEL")
    label.add_argument("tracks", nargs="+", metavar="VIDEO:NUMBER", help=_TRACKS)
    label.add_argument("--remove", action="store_true", help="take the label off")
    rest = commands.add_parser(
        "rest",
        help="find the rest of what carries a label",
        description="Objects that look like those with a label, the most probable first.",
    )
    rest.add_argument("label", metavar="LABEL")
    rest.add_argument("--limit", type=int, default=20, metavar="N", help="default: 20")
    rest.add_argument("--not", nargs="+", dest="wrong", metavar="VIDEO:NUMBER", help="are no such")
    rest.add_argument(
        "--accept", action="store_true", help="label all that are probable enough as well"
    )
    for parser, answer in ((label, _label), (rest, _rest)):
        library_option(parser)
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
        parser.set_defaults(run=run, answer=answer)
    out = commands.add_parser(
        "leave-out",
        help="leave objects out of answers, maps and counts, or let them in again",
        description="Leave objects out of every answer, map and count, until they are let in.",
    )
    command = Branch.of(out, run, library_option).command
    command("list", _left_out, "list what is left out")
    for name, act, what in (
        ("add", _leave_out, "leave objects out"),
        ("undo", _let_in, "let objects in again"),
    ):
        command(name, act, what).add_argument("tracks", nargs="+", metavar="VIDEO:NUMBER")


def evaluate_probe_options(kinds: Any, run: Run) -> None:
    """Add `evaluate probe` to the kinds of evaluation."""
    probe = measured(
        kinds,
        run,
        "probe",
        "is the rest of a few labelled objects found?",
        "Label a few objects of each true kind and colour of rendered worlds, and "
        "compare what is found with all there are. Nothing is written to the library.",
    )
    probe.add_argument("--given", type=int, default=5, metavar="N", help="labelled (default: 5)")


def select_answer(options: argparse.Namespace) -> Answer:
    """What became of the command chosen, for programs and for people."""
    from core.library.library import Library

    with Library.open(options.library, create=False) as library:
        answer: Answer = options.answer(library, options)
        return answer


def probe_figures_of(options: argparse.Namespace) -> Answer:
    """What `evaluate probe` found."""
    from core.evaluate.clusters import true_labels
    from core.evaluate.probe import probe_lines, probe_quality
    from core.evaluate.truth import worlds_in
    from core.explore.features import looks_of
    from core.library.library import Library
    from core.search.opening import open_engine

    with Library.open(options.library, create=False) as library:
        engine = open_engine(library)
        truth = true_labels(engine.columns, worlds_in(options.world))
        asked = {kind: words for kind, words in truth.items() if kind != "motion"}
        looks = looks_of(engine.columns, engine.index)
        data = probe_quality(looks, asked, given=options.given)
    return data, probe_lines(data)


def _label(library: Library, options: argparse.Namespace) -> Answer:
    from core.errors import QueryError

    name = " ".join(options.label.split())
    if not name or '"' in name:
        raise QueryError("A label has to have a name, without quotes.")
    refs = _refs(library, options.tracks)
    change = library.notes.unlabel_all if options.remove else library.notes.label_all
    changed = change(refs, name)
    said = f"taken off {len(changed)} objects" if options.remove else f"given to {len(changed)}"
    data = {"label": name, "removed": options.remove, "changed": [str(ref) for ref in changed]}
    return data, (f"“{name}”: {said}, of {len(refs)} named.",)


def _rest(library: Library, options: argparse.Namespace) -> Answer:
    from core.explore.features import looks_of
    from core.explore.rest import labelled_rest, ref_of, reject
    from core.search.filters import columns_row
    from core.search.opening import open_engine

    engine = open_engine(library)
    columns = engine.columns
    for ref in _refs(library, options.wrong or ()):
        if (row := columns_row(columns, ref)) >= 0:
            reject(columns, library, row, options.label)
    looks = looks_of(columns, engine.index)
    rest = labelled_rest(columns, library, looks, options.label)
    if options.accept:
        library.notes.label_all([ref_of(columns, row) for row in rest.rows.tolist()], options.label)
    shown = [*rest.rows.tolist(), *rest.next_rows.tolist()][: options.limit]
    listed = [(ref_of(columns, row), columns.video_of(row), float(rest.p[row])) for row in shown]
    data = {
        "label": options.label,
        "probable": len(rest.rows),
        "accepted": options.accept,
        "objects": [
            {"video_id": ref.video_id, "track_id": ref.track_id, "p": round(p, 4)}
            for ref, _, p in listed
        ],
    }
    lines = [f"{len(rest.rows)} more that look like “{options.label}”:", ""]
    lines += [f"{p:6.0%}  {record.name}:{ref.track_id}" for ref, record, p in listed]
    if options.accept:
        lines += ["", f"{len(rest.rows)} labelled."]
    return data, lines


def _left_out(library: Library, _options: argparse.Namespace) -> Answer:
    tracks = library.exclusions.all()
    names = {record.video_id: record.name for record in library.videos()}
    listed = [(video, track) for video, ids in tracks.items() for track in ids.tolist()]
    data = {"left_out": [{"video_id": video, "track_id": track} for video, track in listed]}
    lines = [f"{names.get(video, video)}:{track}" for video, track in listed]
    return data, lines or ("Nothing is left out.",)


def _leave_out(library: Library, options: argparse.Namespace) -> Answer:
    from core.library.selections import count_of

    changed = count_of(library.exclusions.add(_tracks(library, options.tracks)))
    return {"changed": changed}, (f"{changed} left out.",)


def _let_in(library: Library, options: argparse.Namespace) -> Answer:
    from core.library.selections import count_of

    changed = count_of(library.exclusions.remove(_tracks(library, options.tracks)))
    return {"changed": changed}, (f"{changed} let in again.",)


def _refs(library: Library, words: list[str] | tuple[str, ...]) -> list[TrackRef]:
    """The objects named, as they are now; raises LibraryError, QueryError."""
    from core.errors import QueryError
    from core.library.notes import TrackRef

    refs = []
    for each in words:
        video, _, track = each.rpartition(":")
        if not video or not track.isdecimal():
            raise QueryError(f"{each!r} names no object: write VIDEO:NUMBER, as in gate.mp4:12.")
        video_id = library.find(video).video_id
        refs.append(TrackRef(video_id, library.resolve(video_id, int(track))))
    return refs


def _tracks(library: Library, words: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for ref in _refs(library, words):
        found.setdefault(ref.video_id, []).append(ref.track_id)
    return found
