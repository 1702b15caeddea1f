"""The `vidtrail` command: add videos, ask, look after the library. Programs get JSON on stdout,
people get sentences; progress and errors go to stderr.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.cli_adding import SAID, added, outcome_data
from core.errors import Cancelled, VidtrailError
from core.options import Run, option_parser

_ROOT = Path(__file__).resolve().parent.parent
_SAMPLES = _ROOT / "sample_videos"
_OK, _SOME_FAILED, _UNUSABLE, _INTERRUPTED = 0, 1, 2, 130

EXAMPLES = (
    "red car turning left",
    "white van that stops and then drives off",
    "cyclist",
    "bus followed by a car",
    "parked blue car",
    "person walking to the left",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status: 0 done, 1 some files failed, 2 wrong use or unusable."""
    options = option_parser(_COMMANDS).parse_args(arguments)
    debug = bool(options.debug)
    if debug:
        logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(name)s: %(message)s")
    else:
        logging.basicConfig(level=logging.WARNING, format="vidtrail: %(message)s")
        warnings.simplefilter("ignore")
    try:
        run: Run = options.run
        return run(options)
    except Cancelled as stopped:
        print(f"vidtrail: {stopped}", file=sys.stderr)
        return _INTERRUPTED
    except VidtrailError as problem:
        if debug:
            raise
        print(f"vidtrail: {problem}", file=sys.stderr)
        return _UNUSABLE
    except KeyboardInterrupt:
        print("\nvidtrail: stopped; what was finished is kept.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _OK
    except Exception as bug:
        if debug:
            raise
        said = f"{type(bug).__name__}: {bug}"
        print(
            f"vidtrail: this should not have happened ({said}). Run the command again with "
            "`--debug` to see where, and report it.",
            file=sys.stderr,
        )
        return _UNUSABLE


# --- the commands --------------------------------------------------------------------------------


def _demo(options: argparse.Namespace) -> int:
    samples = sorted(_SAMPLES.glob("*/*.mp4"))
    if not samples:
        raise VidtrailError(
            f"There are no sample videos in {_SAMPLES}: the checkout is incomplete; fetch it again."
        )
    print(f"Indexing {len(samples)} sample videos into {options.library}", file=sys.stderr)
    outcomes = added(options, samples)
    failed = sum(outcome.status == "failed" for outcome in outcomes)
    if failed == len(outcomes):
        return _SOME_FAILED
    print("\nAsk, for example:")
    for example in EXAMPLES:
        print(f'  vidtrail search "{example}"')
    sys.stdout.flush()
    if any(outcome.status == "stopped" for outcome in outcomes):
        return _INTERRUPTED
    if options.no_serve:
        return _SOME_FAILED if failed else _OK
    print()
    return _serve(options)


def _add(options: argparse.Namespace) -> int:
    from core.cli_tracking import given_boxes

    outcomes = added(options, options.paths, given_boxes(options))
    if options.json:
        _print_json(
            {"library": str(options.library), "videos": [outcome_data(o) for o in outcomes]}
        )
    counts = {status: sum(o.status == status for o in outcomes) for status in SAID}
    summary = ", ".join(f"{n} {SAID[status]}" for status, n in counts.items() if n)
    print(f"{summary or 'nothing to add'}.", file=sys.stderr)
    if counts["stopped"]:
        print("Run the same command again to continue where it stopped.", file=sys.stderr)
        return _INTERRUPTED
    return _SOME_FAILED if counts["failed"] else _OK


def _search(options: argparse.Namespace) -> int:
    from core.cli_search import search_answer

    data, lines = search_answer(options)
    return _told_as(options, data, lines)


def _status(options: argparse.Namespace) -> int:
    from core.library.library import Library
    from core.terminal import minutes

    with Library.open(options.library, create=False) as library:
        records = library.videos()
    if options.json:
        _print_json(
            {
                "library": str(Path(options.library).expanduser().absolute()),
                "videos": [
                    {
                        "video_id": r.video_id,
                        "name": r.name,
                        "path": r.path,
                        "state": r.state,
                        "error": r.error or None,
                        "duration_s": r.duration_s,
                        "done_s": r.done_s,
                        "width": r.width,
                        "height": r.height,
                        "tracks": r.n_tracks,
                        "profile": r.profile_name,
                        "encoder": r.encoder,
                        "added_at": r.added_at,
                    }
                    for r in records
                ],
            }
        )
        return _OK
    print(f"Library {Path(options.library).expanduser().absolute()}")
    if not records:
        print("No videos yet: add one with `vidtrail add FILE`.")
        return _OK
    width = min(40, max(len(r.name) for r in records))
    for r in records:
        _print_line(
            f"  {r.name:<{width}}  {r.state:<11} {minutes(r.duration_s):>8}  "
            f"{r.n_tracks:>6,} tracks  {r.profile_name:<8}  {r.video_id[:8]}"
        )
        if r.error:
            _print_line(f"    {r.error}")
    ready = [r for r in records if r.state == "ready"]
    length = minutes(sum(r.duration_s for r in ready))
    tracks = sum(r.n_tracks for r in ready)
    print(f"{len(ready)} of {len(records)} can be searched: {length} of video, {tracks:,} tracks.")
    return _OK


def _remove(options: argparse.Namespace) -> int:
    from core.library.library import Library

    with Library.open(options.library, create=False) as library:
        record = library.find(options.video)
        if not options.yes and sys.stdin.isatty():
            question = f"Remove {record.name} ({record.n_tracks} tracks) from the library? [y/N] "
            print(question, end="", file=sys.stderr, flush=True)
            if sys.stdin.readline().strip().lower() not in ("y", "yes"):
                print("Nothing was removed.", file=sys.stderr)
                return _OK
        if options.for_good:
            library.remove(record.video_id)
        else:
            library.bin.put(record.video_id)
    _print_line(f"{record.name} was removed from the library; the file {record.path} stays.")
    if not options.for_good:
        _print_line(f"`vidtrail restore {record.video_id[:8]}` brings it back as it was.")
    return _OK


def _restore(options: argparse.Namespace) -> int:
    from core.library.library import Library

    with Library.open(options.library, create=False) as library:
        removed = library.bin.find(options.video)
        library.bin.restore(removed.video_id)
    _print_line(f"{removed.name} is back in the library.")
    return _OK


def _doctor(options: argparse.Namespace) -> int:
    from core.doctor import examine

    broken = False
    for finding in examine(options.library):
        broken = broken or finding.broken
        mark = {True: "!!", False: "ok"}[finding.broken] if finding.certain else "--"
        _print_line(f"{mark} {finding.what}: {finding.state}")
        if finding.advice:
            _print_line(f"     {finding.advice}")
    return _SOME_FAILED if broken else _OK


def _serve(options: argparse.Namespace) -> int:
    """Run `python -m dashboard` and hand signals on to it."""
    command = [sys.executable, "-m", "dashboard", "--host", options.host]
    command += ["--port", str(options.port)]
    command += ["--library", str(Path(options.library).expanduser().absolute())]
    command += ["--base-path", options.base_path]
    command += [piece for name in options.allow_host for piece in ("--allow-host", name)]
    command += ["--password-file", options.password_file] if options.password_file else []
    command += ["--new-password"] if vars(options).get("new_password") else []
    path = os.environ.get("PYTHONPATH", "")
    roots = [str(_ROOT), *(piece for piece in path.split(os.pathsep) if piece)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(roots))}
    server = subprocess.Popen(command, env=environment)
    earlier = None
    if threading.current_thread() is threading.main_thread():
        earlier = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        while True:
            try:
                status = server.wait()
                break
            except KeyboardInterrupt:  # the terminal has sent it to the dashboard as well
                continue
    finally:
        if earlier is not None:
            signal.signal(signal.SIGTERM, earlier)
    stopped = status in (-signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT)
    return _OK if stopped or status == 0 else _UNUSABLE


def _evaluate(options: argparse.Namespace) -> int:
    from core.cli_retrieval import retrieval_figures
    from core.terminal import ProgressLine

    line = ProgressLine()
    data, lines = retrieval_figures(options, line)
    line.clear()
    return _told_as(options, data, lines)


def _evaluate_tracking(options: argparse.Namespace) -> int:
    from core.cli_tracking import tracking_figures
    from core.terminal import ProgressLine

    data, lines = tracking_figures(options, ProgressLine().say)
    return _told_as(options, data, lines)


def _export(options: argparse.Namespace) -> int:
    from core.cli_tracking import exported_lines

    for text in exported_lines(options):
        _print_line(text)
    return _OK


def _identity(options: argparse.Namespace) -> int:
    from core.cli_identity import identity_answer

    data, lines = identity_answer(options)
    return _told_as(options, data, lines)


def _zone(options: argparse.Namespace) -> int:
    from core.cli_zones import zone_answer

    data, lines = zone_answer(options)
    return _told_as(options, data, lines)


def _map(options: argparse.Namespace) -> int:
    from core.cli_explore import map_figures
    from core.terminal import ProgressLine

    line = ProgressLine()
    data, lines = map_figures(options, line)
    line.clear()
    return _told_as(options, data, lines)


def _insight(options: argparse.Namespace) -> int:
    from core.cli_insight import insight_answer

    data, lines = insight_answer(options)
    return _told_as(options, data, lines)


def _clusters(options: argparse.Namespace) -> int:
    from core.cli_clusters import clusters_answer

    data, lines = clusters_answer(options)
    return _told_as(options, data, lines)


def _evaluate_maps(options: argparse.Namespace) -> int:
    from core.cli_explore import evaluated_maps

    data, lines = evaluated_maps(options)
    return _told_as(options, data, lines)


def _evaluate_movements(options: argparse.Namespace) -> int:
    from core.cli_insight import movement_figures_of

    data, lines = movement_figures_of(options)
    return _told_as(options, data, lines)


def _evaluate_clusters(options: argparse.Namespace) -> int:
    from core.cli_clusters import cluster_figures_of

    data, lines = cluster_figures_of(options)
    return _told_as(options, data, lines)


def _unusual(options: argparse.Namespace) -> int:
    from core.cli_unusual import unusual_answer

    return _told_as(options, *unusual_answer(options))


def _evaluate_unusual(options: argparse.Namespace) -> int:
    from core.cli_unusual import unusual_figures_of

    return _told_as(options, *unusual_figures_of(options))


def _select(options: argparse.Namespace) -> int:
    from core.cli_select import select_answer

    return _told_as(options, *select_answer(options))


def _evaluate_probe(options: argparse.Namespace) -> int:
    from core.cli_select import probe_figures_of

    return _told_as(options, *probe_figures_of(options))


def _judge(options: argparse.Namespace) -> int:
    from core.cli_judge import judge_answer

    data, lines = judge_answer(options)
    return _told_as(options, data, lines)


def _told_as(options: argparse.Namespace, data: dict[str, Any], lines: Iterable[str]) -> int:
    """Print an outcome as JSON or as lines, as was asked."""
    if options.json:
        _print_json(data)
    else:
        for text in lines:
            _print_line(text)
    return _OK


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=True, indent=1))


def _print_line(line: str) -> None:
    """Print, with plain signs where the terminal's encoding has no others."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        for sign, plain in (("✓", "+"), ("✗", "x"), ("–", "-"), ("…", "..."), ("→", "->")):
            line = line.replace(sign, plain)
        line = line.encode(encoding, "replace").decode(encoding)
    print(line)


_COMMANDS: dict[str, Run] = {
    "demo": _demo,
    "add": _add,
    "search": _search,
    "judge": _judge,
    "status": _status,
    "remove": _remove,
    "restore": _restore,
    "doctor": _doctor,
    "serve": _serve,
    "evaluate": _evaluate,
    "evaluate tracking": _evaluate_tracking,
    "export": _export,
    "identity": _identity,
    "zone": _zone,
    "clusters": _clusters,
    "insight": _insight,
    "evaluate clusters": _evaluate_clusters,
    "evaluate movements": _evaluate_movements,
    "unusual": _unusual,
    "evaluate unusual": _evaluate_unusual,
    "evaluate maps": _evaluate_maps,
    "select": _select,
    "evaluate probe": _evaluate_probe,
    "map": _map,
}
