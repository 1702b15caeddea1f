"""What an object may have done in place of what was asked."""

from __future__ import annotations

import numpy as np

from core.search.columns import Columns, Events
from core.search.scoring import HOLDS

INSTEAD: dict[str, tuple[str, ...]] = {
    "turn_left": ("turn_right", "u_turn", "straight", "parked", "stationary"),
    "turn_right": ("turn_left", "u_turn", "straight", "parked", "stationary"),
    "turn": ("straight", "parked", "stationary"),
    "u_turn": ("turn_left", "turn_right", "straight", "parked", "stationary"),
    "straight": ("turn_left", "turn_right", "u_turn", "parked", "stationary"),
    "stop": ("parked", "slow_down", "moving"),
    "wait": ("stop", "parked", "moving"),
    "start": ("parked", "stationary", "moving"),
    "parked": ("stop", "wait", "moving"),
    "stationary": ("moving",),
    "moving": ("parked", "stationary"),
    "screen_left": ("screen_right", "screen_up", "screen_down", "parked", "stationary"),
    "screen_right": ("screen_left", "screen_up", "screen_down", "parked", "stationary"),
    "approach": ("recede", "parked", "stationary"),
    "recede": ("approach", "parked", "stationary"),
    "slow_down": ("speed_up", "moving", "parked"),
    "speed_up": ("slow_down", "moving", "parked"),
    "fast": ("slow", "parked", "stationary"),
    "slow": ("fast", "parked", "stationary"),
}
"""What an object may have done in place of the event that was asked for."""


def rivals_of(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """What may have happened in place of these kinds, the most telling first."""
    rivals = dict.fromkeys(r for kind in kinds for r in INSTEAD.get(kind, ()) if r not in kinds)
    return tuple(rivals)


def did_instead(
    columns: Columns, row: int, kinds: tuple[str, ...]
) -> tuple[str, Events, int] | None:
    """What a track did in place of any of these kinds: (kind, events of that kind, place there)."""
    for rival in rivals_of(kinds):
        events = columns.events_of(rival)
        low, high = np.searchsorted(events.track, [row, row + 1])
        if high > low and events.p[low:high].max() >= HOLDS:
            best = low + int(np.argmax(events.p[low:high]))
            return rival, events, best
    return None
