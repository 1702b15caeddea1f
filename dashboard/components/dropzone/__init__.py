"""Where videos come in: dropped or chosen in the browser, from a folder of the server, samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from core.ingest.batch import VIDEO_SUFFIXES
from dashboard.components.menus import component_of
from dashboard.library_views import ProfileView

_component = component_of(Path(__file__).parent)


def dropzone(
    profiles: Sequence[ProfileView],
    chosen: str,
    *,
    first: bool,
    key: str,
    on_act: Callable[[], None],
) -> None:
    """Take files. It sends `act`: {n, kind} with kind and values

    sent: job (its number, or None). profile: name. folder. samples.

    Files are sent from the browser to the address of the chosen profile, one after another, also
    while another page is shown. first: whether nothing was ever added, so that it may take room.
    """
    _component(
        key=key,
        data={
            "profiles": [asdict(profile) for profile in profiles],
            "chosen": chosen,
            "first": first,
            "suffixes": sorted(VIDEO_SUFFIXES),
        },
        on_act_change=on_act,
    )
