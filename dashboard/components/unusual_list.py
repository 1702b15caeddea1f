"""Unusual objects beside what is normal, and a video over time: text and drawings, no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboard.unusual_views import AlikeView, OddView, OverTimeView, PeakView

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
    lines = (
        f'<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" '
        f'aria-label="How unusual {escape(view.video)} is over time">'
        f'<polyline class="scene" points="{view.scene}"/>'
        f'<polyline class="objects" points="{view.objects}"/></svg>'
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
    usual = "".join(f'<polyline class="usual" points="{way}"/>' for way in view.usual)
    own = (
        f'<polyline class="halo" points="{view.path}"/><polyline class="own" points="{view.path}"/>'
    )
    end = view.path.rsplit(" ", 1)[-1].split(",") if view.path else []
    tip = f'<circle class="own" cx="{end[0]}" cy="{end[1]}" r="9"/>' if len(end) == 2 else ""
    return (
        f'<img src="{escape(view.still)}" alt="" loading="lazy">'
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" aria-label="'
        f'Its way over those of {len(view.usual)} normal objects">{usual}{own if view.path else ""}'
        f"{tip}</svg>"
    )


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
