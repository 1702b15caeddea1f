"""Unusual objects beside what is normal, and a video over time: text and drawings, no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from dashboard.unusual_views import AlikeView, OddView, OverTimeView, PeakView

_TEAL, _GREY, _ORANGE = "#2a98a0", "#8a9096", "#ff9d2e"  # seen on light and on dark
_STYLE = Path(__file__).parents[1] / "assets" / "unusual.css"


def style() -> None:
    """The look of what is only on this page."""
    st.html(_STYLE)


def odd_list(odd: Sequence[OddView]) -> None:
    """Each object with its reason, its way over the usual ones, and its nearest normal ones."""
    st.html(f'<ol class="vu-list">{"".join(map(_odd, odd))}</ol>')


def over_time(view: OverTimeView) -> None:
    """How unusual a video is at each moment; the peaks lead to the player."""
    marks = "".join(_mark(peak) for peak in view.peaks)
    lines = _svg(
        "0 0 1000 100",
        f'<polyline points="{view.scene}" stroke="{_GREY}" stroke-dasharray="5 4"/>'
        f'<polyline points="{view.objects}" stroke="{_TEAL}"/>',
        f"How unusual {view.video} is over time",
    )
    listed = "".join(_peak(peak) for peak in view.peaks)
    found = f"<ol>{listed}</ol>" if listed else "<p>Nothing in it stands out.</p>"
    st.html(
        f'<section class="vu-time"><h3>{escape(view.video)} over time</h3>'
        f'<div class="lines">{lines}{marks}</div>'
        f'<div class="ends"><span>0:00</span><span class="key objects">objects</span>'
        f'<span class="key scene">whole picture</span><span>{view.length}</span></div>'
        f"{found}</section>"
    )


def _odd(view: OddView) -> str:
    title = escape(view.title)
    alike = "".join(map(_alike, view.alike))
    beside = (
        f'<div class="alike"><h4>Most alike among the normal</h4>{alike}</div>' if alike else ""
    )
    return (
        f'<li><a class="proof" href="{escape(view.watch)}" target="_self" '
        f'aria-label="Watch {title}">{_drawing(view)}</a>'
        f'<div class="why"><h3>{_picture(view.picture)}<span>{title} '
        f"<b>{escape(view.reason)}</b></span></h3>"
        f"<p>{escape(view.rarity)} · {escape(view.video)}, {escape(view.span)}</p>{beside}"
        "</div></li>"
    )


def _drawing(view: OddView) -> str:
    if not view.still:
        return _picture(view.picture)
    width, height = view.size
    usual = "".join(f'<polyline points="{way}"/>' for way in view.usual)
    drawn = f'<g stroke="#7fd4ff" stroke-width="4" opacity=".45">{usual}</g>'
    if view.path:
        x, y = view.path.rsplit(" ", 1)[-1].split(",")
        drawn += (
            f'<polyline points="{view.path}" stroke="#000" stroke-width="12" opacity=".5"/>'
            f'<polyline points="{view.path}" stroke="{_ORANGE}" stroke-width="7"/>'
            f'<circle cx="{x}" cy="{y}" r="10" fill="{_ORANGE}" stroke="#000" stroke-width="2"/>'
        )
    said = f"Its way over those of {len(view.usual)} normal objects"
    return f'<img src="{escape(view.still)}" alt="" loading="lazy">' + _svg(
        f"0 0 {width} {height}", drawn, said
    )


def _svg(box: str, drawn: str, said: str) -> str:
    """A drawing over what it is about, as a picture: drawings in the page itself are taken out."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" preserveAspectRatio="none" '
        'fill="none" stroke-linecap="round" stroke-linejoin="round" '
        f'vector-effect="non-scaling-stroke" stroke-width="2">{drawn}</svg>'
    )
    return f'<img class="drawn" alt="{escape(said)}" src="data:image/svg+xml,{quote(svg)}">'


def _picture(address: str | None) -> str:
    return f'<img src="{escape(address)}" alt="" loading="lazy">' if address else ""


def _alike(view: AlikeView) -> str:
    return (
        f'<a href="{escape(view.watch)}" target="_self">{_picture(view.picture)}'
        f"<span>{escape(view.title)}</span></a>"
    )


def _mark(peak: PeakView) -> str:
    return (
        f'<a class="mark" href="{escape(peak.watch)}" target="_self" '
        f'style="left:{100 * peak.left:.2f}%;width:{100 * peak.width:.2f}%" '
        f'title="{escape(peak.span)}: {escape(peak.text)}" '
        f'aria-label="{escape(peak.span)}: {escape(peak.text)}"></a>'
    )


def _peak(peak: PeakView) -> str:
    return (
        f'<li><a href="{escape(peak.watch)}" target="_self">{_picture(peak.picture)}'
        f"<b>{escape(peak.span)}</b> <span>{escape(peak.text)}</span></a></li>"
    )
