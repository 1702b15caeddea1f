"""What was looked at in a video, drawn as a strip of its length with facts below: no scripts."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.library_views import CoverageView


def coverage(view: CoverageView) -> None:
    """Show it; a video about which nothing can be said says why."""
    if view.error:
        st.error(view.error)
        return
    strip = "".join(
        f'<i class="{"seen" if looked else "gap"}" '
        f'style="left:{100 * start:.3f}%;width:{100 * (stop - start):.3f}%"></i>'
        for start, stop, looked in view.strip
    )
    drawn = (
        f'<div class="vl-strip" role="img" aria-label="{escape(view.strip_said)}">{strip}</div>'
        f'<div class="vl-ends"><span>0:00</span><b>{escape(view.strip_said)}</b>'
        f"<span>{escape(view.length)}</span></div>"
        if view.strip
        else ""
    )
    facts = "".join(
        f"<div><dt>{escape(title)}</dt><dd><b>{escape(number)}</b><p>{escape(said)}</p></dd></div>"
        for title, number, said in view.facts
    )
    doubts = "".join(f"<li>{escape(said)}</li>" for said in view.doubts)
    below = (
        f"<h3>What may be missing</h3><ul>{doubts}</ul>"
        if doubts
        else "<p class='vl-fine'>Nothing was skipped, and nothing found was near the limit.</p>"
    )
    name = f"<h2>{escape(view.name)}</h2>"
    st.html(f'<div class="vl-coverage">{name}{drawn}<dl>{facts}</dl>{below}</div>')
