"""The box for the question, and below it what was understood, as chips that can be edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dashboard.components.menus import component_of
from dashboard.search_views import QuestionView

_component = component_of(Path(__file__).parent)


def chips(
    text: str,
    view: QuestionView,
    *,
    key: str,
    of: str,
    done: int,
    on_act: Callable[[], None],
    joint: str = "then",
    placeholder: str = "red car turning left",
) -> None:
    """Show a question. It sends `act`: {n, kind, of} with kind and values

    ask: text. drop: chip. change: chip, words. add: words. way: way ("picture", "path", "zone",
    "line", "boxes").

    text: what stands in the box. of: comes back with each event, so that one which was meant for
    another question can be told. done: number of the last event that was dealt with; another one
    puts `text` back into the box.
    """
    _component(
        key=key,
        data={
            "text": text,
            "chips": [asdict(chip) for chip in view.chips],
            "choices": [asdict(choice) for choice in view.choices],
            "notes": list(view.corrections),
            "joint": joint,
            "placeholder": placeholder,
            "of": of,
            "done": done,
        },
        on_act_change=on_act,
    )
