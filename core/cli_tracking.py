"""The commands about tracks themselves: how well they are followed, and handing them on."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.tracking.given import GivenBoxes

Run = Callable[[argparse.Namespace], int]

_TRUTH = """\
sequences:
  a folder with gt/gt.txt and its frames: img1/ with pictures, one video, or what seqinfo.ini names
  as imDir. Or a folder of such folders.

what counts as true:
  MOT16 and later (9 columns)  pedestrians with the flag; results that lie on a person on a vehicle,
                               a static person, a distractor or a reflection are taken out
  2D MOT 2015 (10 columns)     what has the flag; detections of persons only
  worlds (truth.json beside)   all objects, whatever class a result has; boxes less than 0.3 visible
                               or below 16 px on the longer side are no misses, and results that lie
                               on them (IoU >= 0.5, and on nothing that counts) are taken out

trackers:
  vidtrail         everything `vidtrail add` does between detector and library, gaps filled
  vidtrail-online  without the linking that looks back
  bytetrack, botsort
                   Ultralytics' own, with its defaults; they count frames, whatever the stride

With a stride N only the frames 0, N, 2N, ... are followed and judged. All trackers are given the
same boxes, and the same vectors where there is an encoder.

examples:
  vidtrail evaluate tracking MOT17/train/MOT17-04 --profile balanced
  vidtrail evaluate tracking worlds/ --tracker vidtrail,bytetrack,botsort --stride 1,3,5,10
  vidtrail evaluate tracking MOT15/train/TUD-Campus --detections det/det.txt --json
"""


def tracking_options(kinds: Any, run: Run) -> None:
    """Add `evaluate tracking` to the kinds of evaluation."""
    tracking = kinds.add_parser(
        "tracking",
        help="do objects keep their identity?",
        description="Follow objects through sequences whose truth is known: HOTA, DetA, AssA, "
        "IDF1, MOTA, identity switches and fragments.",
        epilog=_TRUTH,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tracking.add_argument("sequences", nargs="+", metavar="SEQ", help="folders with gt/gt.txt")
    boxes = tracking.add_mutually_exclusive_group()
    boxes.add_argument("--profile", default="demo", metavar="NAME", help="default: demo")
    boxes.add_argument("--detector", metavar="FILE", help="a YOLO model of your own")
    boxes.add_argument(
        "--detections",
        metavar="FILE",
        help="boxes as MOTChallenge text: a path in each sequence's folder, or anywhere",
    )
    tracking.add_argument(
        "--encoder",
        metavar="NAME=FILE",
        help="what describes objects: an open_clip model of your own, demo, or none (default: the "
        "profile's, as `vidtrail add` has it)",
    )
    tracking.add_argument(
        "--tracker",
        action="append",
        metavar="NAME",
        help="vidtrail, vidtrail-online, bytetrack, botsort; may be repeated or parted by commas "
        "(default: vidtrail)",
    )
    tracking.add_argument(
        "--stride",
        type=_strides,
        default=(1,),
        metavar="N[,N...]",
        help="follow every N-th frame (default: 1)",
    )
    tracking.add_argument(
        "--cache",
        metavar="DIR",
        help="keep boxes and vectors here for the next time (default: a temporary folder)",
    )
    tracking.add_argument("--json", action="store_true", help="print the figures as JSON")
    tracking.set_defaults(run=run)


def _strides(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of positive numbers")
    return tuple(dict.fromkeys(int(part) for part in parts))


def tracking_figures(
    options: argparse.Namespace, tell: Callable[[str], None]
) -> tuple[dict[str, Any], Sequence[str]]:
    """What `evaluate tracking` found, for programs and for people."""
    from core.evaluate.observations import Looking
    from core.evaluate.sequences import sequences_in
    from core.evaluate.tracking import evaluate_tracking, report_data, report_lines
    from core.models.load import load_detector, load_encoder
    from core.models.profile import profile

    sequences = sequences_in(options.sequences)
    wanted = options.encoder or ""
    chosen = profile(
        options.profile,
        detector_file=options.detector,
        encoder=None if wanted in ("", "none", "demo") else wanted,
    )
    encoder = None
    if wanted == "demo":
        encoder = load_encoder(profile("demo"))
    elif wanted != "none":
        encoder = load_encoder(chosen)
    if options.detections is not None:
        looking = Looking(boxes_file=options.detections)
    else:
        looking = Looking(load_detector(chosen), f"{chosen.image_size_px} {chosen.min_confidence}")
    named = [name.strip() for text in options.tracker or ["vidtrail"] for name in text.split(",")]
    runs = evaluate_tracking(
        sequences,
        looking,
        encoder,
        trackers=tuple(dict.fromkeys(named)),
        strides=options.stride,
        cache=Path(options.cache).expanduser() if options.cache else None,
        tell=tell,
    )
    return report_data(runs), list(report_lines(runs))


def export_options(export: argparse.ArgumentParser) -> None:
    """The options of `export`."""
    export.add_argument("video", metavar="VIDEO", help="its name, or its id or the start of it")
    export.add_argument(
        "--format",
        choices=("mot", "coco-vid", "csv"),
        default="mot",
        help="mot: MOTChallenge lines, frames from 1; coco-vid: JSON; csv: a table with times in "
        "seconds, frames from 0 (default: mot)",
    )
    export.add_argument("--out", metavar="FILE", help="write here (default: to the terminal)")
    export.add_argument(
        "--detected-only",
        action="store_true",
        help="leave out boxes filled in between detections (in mot they have confidence 0)",
    )


def exported_lines(options: argparse.Namespace) -> Iterator[str]:
    """The lines `export` prints: none where they went into a file."""
    from core.errors import VidtrailError
    from core.library.export import export_lines
    from core.library.files import replace_bytes
    from core.library.library import Library

    with Library.open(options.library, create=False) as library:
        shard = library.shard(library.find(options.video).video_id)
        lines = export_lines(shard, options.format, detected_only=options.detected_only)
        if options.out is None:
            yield from lines
            return
        text = "".join(f"{line}\n" for line in lines)
    path = Path(options.out).expanduser()
    try:
        replace_bytes(path, text.encode())
    except OSError as problem:
        raise VidtrailError(f"{path} cannot be written: {problem.strerror}.") from problem


def given_options(add: argparse.ArgumentParser) -> None:
    """The options of `add` that bring boxes made elsewhere."""
    boxes = add.add_mutually_exclusive_group()
    boxes.add_argument(
        "--detections",
        metavar="FILE",
        help="boxes of one video as MOTChallenge text instead of a detector's (frames from 1; "
        "every frame is looked at)",
    )
    boxes.add_argument(
        "--tracks",
        metavar="FILE",
        help="the same with an id a box: the ids stay together, are not followed or linked anew, "
        "and are numbered from 1 by first appearance",
    )
    add.add_argument(
        "--class-name",
        metavar="NAME",
        help="what the boxes of the file are (default: person)",
    )


def given_boxes(options: argparse.Namespace) -> GivenBoxes | None:
    """The boxes that `add` is to use, None where a detector is to look for them.

    Raises VidtrailError where they cannot be used so.
    """
    from core.errors import VidtrailError
    from core.models.profile import profile
    from core.tracking.given import GivenBoxes, GivenTracks

    file = options.detections or options.tracks
    if file is None:
        if options.class_name is not None:
            raise VidtrailError("--class-name names the boxes of --detections or --tracks.")
        return None
    if options.detector is not None:
        raise VidtrailError("Boxes come from --detector or from a file; give one of them.")
    if len(options.paths) != 1 or Path(options.paths[0]).expanduser().is_dir():
        raise VidtrailError(f"The boxes in {file} belong to one video: give one video file.")
    path = Path(file).expanduser().absolute()
    class_name = options.class_name or "person"
    if options.tracks is not None:
        return GivenTracks(path, class_name)
    least = profile(options.profile).min_confidence
    return GivenBoxes(path, class_name, min_confidence=least)
