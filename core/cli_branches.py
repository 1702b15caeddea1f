"""Commands of commands: `vidtrail zone add`, `vidtrail identity undo`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Run = Callable[[argparse.Namespace], int]
Answer = tuple[dict[str, Any], Sequence[str]]
"""An outcome as data for programs, and as lines for people."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The commands below one command.

    run: what the command line calls for any of them. library_option: adds the option that says
    which library is meant.
    """

    commands: Any
    run: Run
    library_option: Callable[[argparse.ArgumentParser], None]

    @staticmethod
    def of(
        parser: argparse.ArgumentParser,
        run: Run,
        library_option: Callable[[argparse.ArgumentParser], None],
    ) -> Branch:
        """The branch below a command, which cannot be used without one of its commands."""
        commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
        return Branch(commands, run, library_option)

    def command(
        self, name: str, answer: Callable[..., Answer], what: str
    ) -> argparse.ArgumentParser:
        """Add a command; answer: makes its outcome. what: one line on it, without a full stop."""
        parser: argparse.ArgumentParser = self.commands.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}."
        )
        self.library_option(parser)
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
        parser.set_defaults(run=self.run, answer=answer)
        return parser


def measured(kinds: Any, run: Run, name: str, asks: str, what: str) -> argparse.ArgumentParser:
    """Add a kind of evaluation that compares a library with rendered worlds.

    kinds: the commands below `evaluate`. asks: its help line. what: its description.
    """
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=asks, description=what)
    parser.add_argument(
        "--world", nargs="+", required=True, metavar="DIR", help="folders with truth.json"
    )
    parser.add_argument(
        "--library", required=True, metavar="DIR", help="a library with their videos"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=run)
    return parser
