"""The command `insight`: how many, from where to where, how long; as text, JSON or CSV."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer, Run, measured

if TYPE_CHECKING:
    from core.explore.insight_tables import Table

WHAT = ("counts", "movements", "dwell", "lines", "occupancy")
_MOST_LINES = 60
_WIDEST = 32


def insight_options(
    commands: Any, run: Run, library_option: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add `insight`."""
    insight = commands.add_parser(
        "insight",
        help="count: objects over time, turning movements, stays, lines",
        description="Counts objects over time (counts), from where to where they went in a "
        "camera's picture (movements), how long they stayed (dwell), who crossed lines that are "
        "kept under names (lines), and where they spent their time (occupancy).",
        epilog="examples:\n"
        "  vidtrail insight counts --every 60\n"
        "  vidtrail insight movements --camera gate.mp4 --every 900 --csv movements.csv\n"
        "  vidtrail insight dwell --kind car --json\n"
        '  vidtrail insight lines --camera gate.mp4 --line "0.5,0.2 0.5,0.9"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    library_option(insight)
    insight.add_argument("what", choices=WHAT, metavar="WHAT", help=", ".join(WHAT))
    insight.add_argument(
        "--video", action="append", default=[], metavar="VIDEO", help="count in this one only"
    )
    insight.add_argument(
        "--camera",
        action="append",
        default=[],
        metavar="VIDEO",
        help="the video whose picture is meant, where a place is; several of one view can be given",
    )
    insight.add_argument(
        "--kind", action="append", default=[], metavar="CLASS", help="count only this class"
    )
    insight.add_argument(
        "--every", type=float, metavar="SECONDS", help="length of an interval (default: one fits)"
    )
    insight.add_argument("--from", dest="after", type=float, metavar="SECONDS", help="into a video")
    insight.add_argument("--to", dest="before", type=float, metavar="SECONDS", help="into a video")
    insight.add_argument("--zone", default="", metavar="NAME", help="of dwell: a zone that is kept")
    insight.add_argument(
        "--line", default="", metavar="POINTS", help='of lines: "0.5,0.2 0.5,0.9", shares'
    )
    insight.add_argument("--json", action="store_true", help="print the table as JSON")
    insight.add_argument("--csv", type=Path, metavar="FILE", help="write the table there")
    insight.set_defaults(run=run)


def evaluate_movements_options(kinds: Any, run: Run) -> None:
    """Add `evaluate movements` to the kinds of evaluation."""
    measured(
        kinds,
        run,
        "movements",
        "are turning movements and counts across lines right?",
        "Compare turning movements and counts across lines with rendered worlds; each "
        "needs the movements.json that `python -m sample_videos.world.movements` writes.",
    )


def movement_figures_of(options: argparse.Namespace) -> Answer:
    """What `evaluate movements` found."""
    from core.evaluate.movements import movement_figures, movement_lines
    from core.evaluate.truth import worlds_in
    from core.library.library import Library

    with Library.open(options.library, create=False) as library:
        figures = movement_figures(library, worlds_in(options.world))
    return figures, movement_lines(figures)


def insight_answer(options: argparse.Namespace) -> Answer:
    """The table asked for; raises VidtrailError."""
    from core.errors import QueryError
    from core.explore.insight import Insight, Scope
    from core.explore.insight_tables import TABLES, dwell_table, lines_table
    from core.language.sketches import parse_points
    from core.library.library import Library
    from core.search.columns import read_columns
    from core.search.paths import read_paths

    if options.every is not None and options.every <= 0.0:
        raise QueryError("--every is a number of seconds above 0.")
    with Library.open(options.library, create=False) as library:
        columns = read_columns(library)
        scope = Scope(
            videos=tuple(library.find(name).video_id for name in options.video),
            kinds=tuple(options.kind),
            step_s=options.every,
            after_s=options.after,
            before_s=options.before,
            cameras=tuple(library.find(name).video_id for name in options.camera),
        )
        insight = Insight(library, columns, lambda: read_paths(library, columns), scope)
        if not len(columns):
            raise QueryError("There is nothing to count yet: add a video with `vidtrail add`.")
        if options.what == "dwell":
            table = dwell_table(insight, options.zone)
        elif options.what == "lines":
            table = lines_table(insight, parse_points(options.line) if options.line else ())
        else:
            table = TABLES[options.what](insight)
    if options.csv is not None:
        try:
            options.csv.write_text(table.csv(), encoding="utf-8", newline="")
        except OSError as problem:
            raise QueryError(f"{options.csv} cannot be written: {problem.strerror}.") from problem
        return _data(options, table), [f"{len(table.rows):,} rows in {options.csv}"]
    return _data(options, table), _lines(table)


def _data(options: argparse.Namespace, table: Table) -> dict[str, Any]:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return {"what": options.what, "rows": rows}


def _lines(table: Table) -> Sequence[str]:
    if not table.rows:
        return ["There is nothing to count here."]
    shown = [tuple(map(str, row)) for row in (table.columns, *table.rows[:_MOST_LINES])]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*shown, strict=True)]
    lines = [
        "  ".join(_cut(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
    if len(table.rows) > _MOST_LINES:
        lines.append(f"... {len(table.rows) - _MOST_LINES:,} more: --csv FILE or --json has all.")
    return lines


def _cut(text: str, width: int) -> str:
    return f"{text[: width - 1]}…" if len(text) > width else f"{text:<{width}}"
