"""Other ways to ask on the command line: by likeness, drawings, two sentences, and filters."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.language.query import Query
    from core.language.sketches import LikePart, ZonePart
    from core.library.library import Library
    from core.search.engine import Engine
    from core.search.filters import Filters


def way_options(search: argparse.ArgumentParser) -> None:
    """What can be shown in place of words, or beside them."""
    shown = search.add_argument_group(
        "shown rather than said",
        "Points are x,y in shares of the picture's width and height, from 0 to 1, y down.",
    )
    shown.add_argument(
        "--like", action="append", metavar="VIDEO:TRACK", help="looks like this track"
    )
    shown.add_argument(
        "--picture", action="append", metavar="FILE", help="looks like the object in this picture"
    )
    shown.add_argument(
        "--picture-box", metavar="X0,Y0,X1,Y1", help="where in the picture the object is"
    )
    shown.add_argument(
        "--path", action="append", metavar="POINTS", help='goes along here: "0.1,0.8 0.9,0.5"'
    )
    shown.add_argument(
        "--zone",
        action="append",
        metavar="ZONE",
        help='is in a zone: its points or its name; also "enters ZONE", "leaves ZONE", '
        '"stops in ZONE", "from ZONE", "to ZONE"',
    )
    shown.add_argument(
        "--line",
        action="append",
        metavar="LINE",
        help="crosses a line from its left to its right, seen along it: its points or its name; "
        'also "either way LINE"',
    )
    shown.add_argument("--then", metavar="TEXT", help="and later another object does this")
    filters = search.add_argument_group("filters, all of which must hold")
    filters.add_argument(
        "--video", action="append", metavar="VIDEO", help="only in this one (may be repeated)"
    )
    filters.add_argument(
        "--class", action="append", dest="classes", metavar="CLASS", help="of this class"
    )
    filters.add_argument("--label", action="append", metavar="LABEL", help="named so by you")
    filters.add_argument("--left-out", action="store_true", help="search what was left out as well")
    for name, metavar, what in (
        ("after", "SECONDS", "seen after this time in the video"),
        ("before", "SECONDS", "seen before this time in the video"),
        ("min-duration", "SECONDS", "seen for at least this long"),
        ("max-duration", "SECONDS", "seen for at most this long"),
        ("min-size", "PIXELS", "longer side of its largest box"),
        ("max-size", "PIXELS", "longer side of its largest box"),
        ("min-speed", "NUMBER", "box lengths a second, median while it moves"),
        ("max-speed", "NUMBER", "box lengths a second, median while it moves"),
    ):
        filters.add_argument(f"--{name}", type=float, metavar=metavar, help=what)


def asked_query(options: argparse.Namespace, library: Library, engine: Engine) -> Query:
    """The query that words and options make together; raises QueryError, LibraryError."""
    from dataclasses import replace

    from core.language.parser import parse
    from core.language.query import Query
    from core.language.sketches import PathPart, parse_points

    text = " ".join(options.text)
    query = parse(text) if text else Query()
    likes = [_like(library, words) for words in options.like or ()]
    likes += _pictures(engine, options)
    return replace(
        query,
        likes=(*query.likes, *likes),
        drawn=(*query.drawn, *(PathPart(parse_points(words)) for words in options.path or ())),
        zones=(
            *query.zones,
            *(_zone(words) for words in options.zone or ()),
            *(_line(words) for words in options.line or ()),
        ),
        frame="viewer" if options.on_screen else query.frame,
        then=parse(options.then) if options.then else query.then,
    )


def asked_filters(options: argparse.Namespace, library: Library) -> Filters:
    """The filters of the options; raises QueryError, LibraryError for an unknown video."""
    from core.search.filters import Filters

    videos = frozenset(library.find(words).video_id for words in options.video or ())
    return Filters(
        videos=videos or None,
        classes=tuple(options.classes or ()),
        after_s=options.after,
        before_s=options.before,
        min_duration_s=options.min_duration,
        max_duration_s=options.max_duration,
        min_size_px=options.min_size,
        max_size_px=options.max_size,
        min_speed=options.min_speed,
        max_speed=options.max_speed,
        labels=tuple(options.label or ()),
        excluded=options.left_out,
    )


def _like(library: Library, words: str) -> LikePart:
    from core.errors import QueryError
    from core.language.sketches import LikePart

    video, _, track = words.rpartition(":")
    if not video or not track.isdecimal():
        raise QueryError(f"{words!r} names no track: write VIDEO:NUMBER, such as gate.mp4:12.")
    return LikePart(library.find(video).video_id, int(track))


def _pictures(engine: Engine, options: argparse.Namespace) -> list[LikePart]:
    from core.errors import QueryError
    from core.search.pictures import parse_box, read_picture

    box = parse_box(options.picture_box) if options.picture_box else None
    if box is not None and not options.picture:
        raise QueryError("--picture-box is about a picture: say which one, with --picture FILE.")
    paths = [Path(words).expanduser() for words in options.picture or ()]
    return [engine.picture(read_picture(path), path.name, box) for path in paths]


def _zone(words: str) -> ZonePart:
    from core.language.sketches import taken

    how = next((how for how in _ZONE_WORDS if words.lower().startswith(f"{how} ")), "")
    _, _, _, (zone,) = taken(f"{how} zone[{words[len(how) :].strip()}]")
    return zone


def _line(words: str) -> ZonePart:
    from core.language.sketches import taken

    either = words.lower().startswith(_EITHER_WAY)
    inside = words[len(_EITHER_WAY) :] if either else words
    _, _, _, (line,) = taken(f"crosses line{'<>' if either else ''}[{inside.strip()}]")
    return line


_ZONE_WORDS = ("in", "enters", "leaves", "stops in", "from", "to")
_EITHER_WAY = "either way "
