"""The options of the `vidtrail` command, with help that a newcomer understands."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Any

from core.cli_clusters import clusters_options, evaluate_clusters_options
from core.cli_explore import evaluate_maps_options, map_options
from core.cli_identity import identity_options
from core.cli_insight import evaluate_movements_options, insight_options
from core.cli_judge import judge_options
from core.cli_retrieval import retrieval_options
from core.cli_search import search_options
from core.cli_select import evaluate_probe_options, select_options
from core.cli_tracking import export_options, given_options, tracking_options
from core.cli_unusual import evaluate_unusual_options, unusual_options
from core.cli_zones import zone_options

Run = Callable[[argparse.Namespace], int]


def option_parser(runs: Mapping[str, Run]) -> argparse.ArgumentParser:
    """The command line; `run` of the parsed options is the function of the command chosen."""
    parser = argparse.ArgumentParser(
        prog="vidtrail",
        description="Find and follow things in video: add files, ask in plain words, get the "
        "moments with the proof for each part of the question.",
        epilog="start here:\n"
        "  vidtrail demo                              the sample videos and the dashboard\n"
        "  vidtrail add holiday.mp4 recordings/       your own videos\n"
        '  vidtrail search "red car turning left"     the moments that answer\n',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show where errors come from")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    demo = _command(
        commands,
        "demo",
        runs["demo"],
        "index the sample videos and open the dashboard",
        "vidtrail demo\n  vidtrail demo --no-serve",
    )
    _model_options(demo)
    _address_options(demo)
    demo.add_argument("--no-serve", action="store_true", help="stop before the dashboard")

    add = _command(
        commands,
        "add",
        runs["add"],
        "add videos, or all videos in folders",
        "vidtrail add a.mp4 b.mkv\n  vidtrail add recordings/ --profile balanced\n"
        "  vidtrail add a.mp4 --detector yolo26s.pt --encoder ViT-B-32=/models/vit-b-32.pt\n"
        "  vidtrail add a.mp4 --tracks a.txt --class-name person",
    )
    add.add_argument("paths", nargs="+", metavar="PATH", help="a video file or a folder of them")
    _model_options(add)
    given_options(add)
    add.add_argument("--json", action="store_true", help="print what became of each file as JSON")

    search = _command(
        commands,
        "search",
        runs["search"],
        "ask a question in plain words",
        'vidtrail search "red car turning left"\n'
        '  vidtrail search "cyclist overtaking a bus" --explain\n'
        '  vidtrail search "white van that stops, then drives off" --json\n'
        '  vidtrail search "cyclist" --csv cyclists.csv --clips clips --overlay --limit 5\n'
        '  vidtrail search "turning left" --like gate.mp4:12 --min-duration 3\n'
        '  vidtrail search car --zone "enters gate" --then "person"',
    )
    search_options(search)
    judge = _command(
        commands,
        "judge",
        runs["judge"],
        "say which results are right, and which part is wrong",
        'vidtrail judge "red car turning left" gate.mp4:12 --right\n'
        '  vidtrail judge "red car turning left" gate.mp4:7 --part "turning left"=wrong\n'
        "  vidtrail judge list\n"
        '  vidtrail judge withdraw "red car turning left" gate.mp4:7',
    )
    judge_options(judge)

    status = _command(
        commands,
        "status",
        runs["status"],
        "list the videos of the library",
        "vidtrail status",
    )
    status.add_argument("--json", action="store_true", help="print the list as JSON")

    remove = _command(
        commands,
        "remove",
        runs["remove"],
        "take a video out of the library (the file stays)",
        "vidtrail remove a.mp4\n  vidtrail remove 3f2a9c1b --yes",
    )
    remove.add_argument("video", metavar="VIDEO", help="its name, or its id or the start of it")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    remove.add_argument(
        "--for-good", action="store_true", help="delete what was found in it, with no way back"
    )

    restore = _command(
        commands,
        "restore",
        runs["restore"],
        "bring a removed video back, within 30 days",
        "vidtrail restore a.mp4",
    )
    restore.add_argument("video", metavar="VIDEO", help="its name, or its id or the start of it")

    _command(
        commands,
        "doctor",
        runs["doctor"],
        "what this machine has, and what to do about what is missing",
        "vidtrail doctor",
    )

    serve = _command(
        commands,
        "serve",
        runs["serve"],
        "open the dashboard over the library",
        "vidtrail serve --port 8600\n"
        "  vidtrail serve --password-file password --new-password\n"
        "  vidtrail serve --host 0.0.0.0 --password-file password",
    )
    _address_options(serve)
    serve.add_argument(
        "--new-password",
        action="store_true",
        help="ask for a new password (or read it from a pipe), write its hash to that file, stop",
    )
    export = _command(
        commands,
        "export",
        runs["export"],
        "write the tracks of a video for other tools",
        "vidtrail export a.mp4 --out a.txt\n  vidtrail export a.mp4 --format csv --detected-only",
    )
    export_options(export)
    identity_options(commands, runs["identity"], _library_option)
    zone_options(commands, runs["zone"], _library_option)
    clusters_options(commands, runs["clusters"], _library_option)
    insight_options(commands, runs["insight"], _library_option)
    unusual_options(commands, runs["unusual"], _library_option)
    select_options(commands, runs["select"], _library_option)
    map_options(
        _command(
            commands,
            "map",
            runs["map"],
            "make the maps of the page Explore, or place new objects in them",
            "vidtrail map\n  vidtrail map --anew",
        )
    )
    _evaluate_options(commands, runs)
    return parser


def _command(
    commands: Any,
    name: str,
    run: Run,
    what: str,
    examples: str,
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"examples:\n  {examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _library_option(command)
    command.set_defaults(run=run)
    return command


def _library_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--library",
        default=os.environ.get("VIDTRAIL_LIBRARY") or "library",
        metavar="DIR",
        help="the library's folder (default: $VIDTRAIL_LIBRARY or ./library)",
    )


def _model_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--profile",
        default="demo",
        metavar="NAME",
        help="which models: demo (in the checkout; knows the sample world only), fast, balanced, "
        "best (downloaded on first use) (default: demo)",
    )
    command.add_argument("--detector", metavar="FILE", help="a YOLO model of your own")
    command.add_argument(
        "--encoder", metavar="NAME=FILE", help="an open_clip model of your own (file or folder)"
    )


def _address_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 opens it to the network (default: this machine only)",
    )
    command.add_argument("--port", type=int, default=8501, help="default: %(default)s")
    command.add_argument(
        "--base-path",
        default="",
        metavar="PATH",
        help="the path under which a reverse proxy shows the dashboard, such as /videos",
    )
    command.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which the server is reached, such as that of a proxy (can be repeated)",
    )
    command.add_argument(
        "--password-file",
        metavar="FILE",
        help="ask visitors for the password whose hash is in this file",
    )


def _evaluate_options(commands: Any, runs: Mapping[str, Run]) -> None:
    evaluate = commands.add_parser("evaluate", help="measure answers against known truth")
    kinds = evaluate.add_subparsers(title="what", metavar="WHAT", required=True)
    retrieval_options(kinds, runs["evaluate"])
    tracking_options(kinds, runs["evaluate tracking"])
    evaluate_clusters_options(kinds, runs["evaluate clusters"])
    evaluate_movements_options(kinds, runs["evaluate movements"])
    evaluate_unusual_options(kinds, runs["evaluate unusual"])
    evaluate_probe_options(kinds, runs["evaluate probe"])
    evaluate_maps_options(kinds, runs["evaluate maps"])
