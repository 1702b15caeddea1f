"""An object on a map in words: what the pointer is over."""

from __future__ import annotations

from core.attributes.colour import COLOURS
from core.search.columns import Columns
from dashboard.object_cards import doings, kind_of
from dashboard.views import clock

_SURE = 0.4


def fact(columns: Columns, row: int) -> dict[str, str]:
    """name: "Red car #12". where: its video. when: its span. does: what it surely does, or ""."""
    colour = columns.colour[row]
    shade = f"{COLOURS[int(colour.argmax())]} " if colour.max() >= _SURE else ""
    name = f"{shade}{kind_of(columns, row)} #{int(columns.track_id[row])}"
    span = f"{clock(float(columns.t0_s[row]))} – {clock(float(columns.t1_s[row]))}"
    return {
        "name": name[:1].upper() + name[1:],
        "where": columns.video_of(row).name,
        "when": span,
        "does": ", ".join(part.label for part in doings(columns, row)),
    }
