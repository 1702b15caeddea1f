"""What components of the search page share: popovers with lists, and one kind of event."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
Shown = Callable[..., Any]


def component_of(folder: Path) -> Shown:
    """The component whose page, style and script lie in a folder, with menus to open from it.

    Its script finds what `menus.js` and `sender.js` define; it sends events with the latter.
    """
    read = {
        kind: (folder / f"{folder.name}.{kind}").read_text(encoding="utf-8")
        for kind in ("html", "css", "js")
    }
    shared = {kind: (_HERE / f"menus.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")}
    sender = (_HERE.parent / "sender.js").read_text(encoding="utf-8")
    made: Shown = st.components.v2.component(
        folder.name,
        html=read["html"],
        css=shared["css"] + read["css"],
        js=sender + shared["js"] + read["js"],
    )
    return made
