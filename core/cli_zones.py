"""The command `zone`: zones and lines that are kept under a name, to be asked for by it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer, Branch, Run

if TYPE_CHECKING:
    from core.library.library import Library
    from core.library.zones import Zone


def zone_options(
    commands: Any, run: Run, library_option: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add `zone` with its commands."""
    zone = commands.add_parser(
        "zone",
        help="keep zones and lines of a camera's picture under names",
        description="A zone with a name can be asked for: “bus stops in zone[stop]”, or “a car at "
        "the crossing” where a zone is called crossing.",
        epilog="examples:\n"
        '  vidtrail zone add gate yard.mp4 "0.1,0.5 0.4,0.5 0.4,0.9 0.1,0.9"\n'
        '  vidtrail zone add entry yard.mp4 "0.5,0.2 0.5,0.9" --line\n'
        "  vidtrail zone list\n"
        "  vidtrail zone remove 3",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command = Branch.of(zone, run, library_option).command
    add = command("add", _add, "keep a zone; one of the same name for the same picture is replaced")
    add.add_argument("name", metavar="NAME", help="letters, digits and spaces")
    add.add_argument("video", metavar="VIDEO", help="a video of the camera")
    add.add_argument(
        "points", metavar="POINTS", help='shares of its picture: "0.1,0.5 0.4,0.5 0.4,0.9"'
    )
    add.add_argument("--line", action="store_true", help="a line, to be crossed")
    add.add_argument(
        "--this-video",
        action="store_true",
        help="only in this video, not in all with a picture of the same size",
    )
    command("list", _list, "list the zones and lines")
    remove = command("remove", _remove, "forget a zone")
    remove.add_argument("zone", type=int, metavar="NUMBER", help="its number in the list")


def zone_answer(options: argparse.Namespace) -> Answer:
    """What became of the command chosen, for programs and for people."""
    from core.library.library import Library

    with Library.open(options.library, create=False) as library:
        answer: Answer = options.answer(library, options)
        return answer


def _add(library: Library, options: argparse.Namespace) -> Answer:
    from core.language.sketches import parse_points

    zone = library.zones.add(
        options.name,
        parse_points(options.points),
        library.find(options.video),
        kind="line" if options.line else "zone",
        only_this_video=options.this_video,
    )
    how = f"crosses line[{zone.name}]" if options.line else f"in zone[{zone.name}]"
    return _data(zone), [f"{_said(library, zone)}", f"Ask for it with “{how}”."]


def _list(library: Library, _: argparse.Namespace) -> Answer:
    zones = library.zones.all()
    lines = [_said(library, zone) for zone in zones] or ["No zone is stored yet."]
    return {"zones": [_data(zone) for zone in zones]}, lines


def _remove(library: Library, options: argparse.Namespace) -> Answer:
    library.zones.remove(options.zone)
    return {"removed": options.zone}, [f"Zone {options.zone} is forgotten."]


def _said(library: Library, zone: Zone) -> str:
    where = (
        library.video(zone.video_id).name
        if zone.video_id
        else f"all videos of {zone.width} x {zone.height}"
    )
    points = " ".join(f"{x:g},{y:g}" for x, y in zone.points)
    return f"{zone.zone_id:>3}  {zone.name}  ({zone.kind}, {where})  {points}"


def _data(zone: Zone) -> dict[str, Any]:
    return {
        "zone_id": zone.zone_id,
        "name": zone.name,
        "kind": zone.kind,
        "points": [list(point) for point in zone.points],
        "video_id": zone.video_id or None,
        "width": zone.width,
        "height": zone.height,
    }
