"""The command that asks questions whose answers are known, and says how many come out right."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.terminal import ProgressLine

Run = Callable[[argparse.Namespace], int]

_TRUTH = """\
tiers:
  T0  true tracks, true classes and colours; motion is read from the true boxes
  T1  the same with noisy boxes (5 % jitter; more with the options of noise)
  T2  everything from the pictures on: detector, tracker, encoder
  all tiers are asked through the same engine; T0 and T1 need no pictures and no models

what counts:
  the results of `vidtrail search` in that clip, and none where it finds nothing; an object counts
  for the track that lies on it (mean IoU 0.5 or more while it shows), once; objects of which
  nobody can say whether they answer are left out. With --annotations only what is annotated is
  judged.

what each part brings:
  the same questions ranked by chance, by one vector for the whole sentence (against frames, against
  crops), and then by ever more of the question; within each clip, and over all clips at once, where
  objects of other clips that may answer as well are left out

examples:
  vidtrail evaluate retrieval --world sample_videos/*/ --tier all
  vidtrail evaluate retrieval --world worlds/ --tier T1 --jitter 0.1 --half-tracks
  vidtrail evaluate retrieval --video a.mp4 --annotations a.json --detector yolo11n.pt
"""


def retrieval_options(kinds: Any, run: Run) -> None:
    """Add `evaluate retrieval` to the kinds of evaluation."""
    retrieval = kinds.add_parser(
        "retrieval",
        help="are the right objects found, and the wrong ones not?",
        description="Ask questions whose answers are known: of rendered worlds (folders with "
        "truth.json), or of one annotated video.",
        epilog=_TRUTH,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    retrieval.add_argument("--world", nargs="+", metavar="DIR", help="folders with truth.json")
    retrieval.add_argument("--video", metavar="FILE", help="a video with --annotations")
    retrieval.add_argument(
        "--annotations",
        metavar="FILE",
        help="its objects, and queries with the objects that answer",
    )
    retrieval.add_argument(
        "--tier", choices=("T0", "T1", "T2", "all"), default="T2", help="default: T2"
    )
    retrieval.add_argument("--profile", default="demo", metavar="NAME", help="default: demo")
    retrieval.add_argument("--detector", metavar="FILE", help="a YOLO model of your own")
    retrieval.add_argument(
        "--encoder",
        metavar="NAME=FILE",
        help="an open_clip model of your own, or none: ask by class, colour of the pixels and "
        "motion alone (the video is still read with the profile's)",
    )
    retrieval.add_argument(
        "--library",
        dest="library_of_worlds",
        metavar="DIR",
        help="keep the index of the videos here (default: a temporary folder)",
    )
    noise = retrieval.add_argument_group("noise of T1")
    noise.add_argument(
        "--jitter", type=_share, default=0.05, metavar="SHARE", help="of box sides (default: 0.05)"
    )
    noise.add_argument(
        "--box-fps",
        type=_rate,
        default=12.5,
        metavar="FPS",
        help="frames a second that have boxes, at most (default: 12.5)",
    )
    noise.add_argument(
        "--half-tracks", action="store_true", help="of every track only one half is there"
    )
    noise.add_argument(
        "--switches",
        type=_count,
        default=0,
        metavar="N",
        help="pairs a clip that swap identities where they come close (default: 0)",
    )
    retrieval.add_argument(
        "--failures",
        type=_count,
        metavar="N",
        help="list at most so many questions that went wrong (default: all)",
    )
    retrieval.add_argument("--json", action="store_true", help="print the figures as JSON")
    retrieval.set_defaults(run=run)


def _share(text: str) -> float:
    return _number(text, 0.0, 1.0)


def _rate(text: str) -> float:
    return _number(text, 0.5, 1000.0)


def _number(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not between {low:g} and {high:g}")
    return value


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of things")
    return int(text)


def retrieval_figures(
    options: argparse.Namespace, tell: ProgressLine
) -> tuple[dict[str, Any], Iterator[str]]:
    """What `evaluate retrieval` found, for programs and for people.

    The figures of the last tier asked for stand at the top, those of all under `tiers`.
    Raises VidtrailError for options that do not go together or files that cannot be used.
    """
    from core.errors import VidtrailError
    from core.evaluate.noise import Noise
    from core.evaluate.report import report_lines
    from core.evaluate.retrieval import TIERS, evaluate_pictures, evaluate_worlds
    from core.evaluate.reviewed import read_annotations
    from core.evaluate.truth import worlds_in
    from core.models.profile import profile

    wanted = options.encoder or ""
    chosen = profile(
        options.profile,
        detector_file=options.detector,
        encoder=None if wanted in ("", "none") else wanted,
    )
    tiers = TIERS if options.tier == "all" else (options.tier,)
    noise = Noise(options.jitter, options.box_fps, options.half_tracks, options.switches)
    with_encoder = wanted != "none"
    place = options.library_of_worlds
    if options.video or options.annotations:
        if options.world or not (options.video and options.annotations):
            raise VidtrailError("Give either --world, or --video together with --annotations.")
        if tiers != ("T2",):
            raise VidtrailError("T0 and T1 need all that is true; annotations are not complete.")
        world = read_annotations(options.video, options.annotations)
        reports = [
            evaluate_pictures([world], chosen, library=place, with_encoder=with_encoder, tell=tell)
        ]
    elif options.world:
        reports = evaluate_worlds(
            worlds_in(options.world),
            chosen,
            tiers,
            library=place,
            noise=noise,
            with_encoder=with_encoder,
            tell=tell,
        )
    else:
        raise VidtrailError("Say what to ask about: --world DIR, or --video with --annotations.")
    data = [report.data() for report in reports]

    def lines() -> Iterator[str]:
        for k, figures in enumerate(data):
            yield from ("", "") if k else ()
            yield from report_lines(figures, failures=options.failures)

    return {**data[-1], "tiers": {one["tier"]: one for one in data}}, lines()
