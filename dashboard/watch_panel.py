"""The panel of an object on the watch page: what is known of it, and what a person can correct.

Callbacks change the library and the visit's place; the run that follows shows what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

import streamlit as st

from dashboard import corrections
from dashboard.views import counted
from dashboard.watch_correct import correct, history_list, joining
from dashboard.watch_desk import suggestions
from dashboard.watch_state import Watching, open_video
from dashboard.watch_views import ObjectView, ShareView, SuggestionView

ABOUT, SAME, CORRECT, HISTORY = "About", "Seen elsewhere", "Correct", "History"
_SEARCH = "../pages/search.py"
_EVENTS = 14
_LIKELY = 0.05


def object_panel(now: Watching, shown: ObjectView) -> None:
    """Everything about the chosen object."""
    _head(shown)
    joining(now, shown)
    part = st.segmented_control(
        "What to show of the object",
        (ABOUT, SAME, CORRECT, HISTORY),
        key="watch-part",
        default=ABOUT,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    if part == SAME:
        _same(now, shown)
    elif part == CORRECT:
        correct(now, shown)
    elif part == HISTORY:
        history_list(now)
    else:
        _about(now, shown)


# --- about ---------------------------------------------------------------------------------------


def _head(shown: ObjectView) -> None:
    light, dark = shown.colour
    crops = "".join(
        f'<img src="{escape(crop.url)}" alt="{escape(crop.alt)}" title="{escape(crop.alt)}" '
        'loading="lazy">'
        for crop in shown.crops
    )
    kind = "" if shown.title.lower().startswith(shown.class_name) else f"{shown.class_name} · "
    st.html(
        f'<header class="vt-object" style="--light:{light};--dark:{dark}">'
        f"<h2>{escape(shown.title)}</h2><p>{escape(kind)}{escape(shown.seen)}</p>"
        f'<div class="vt-crops" data-n="{len(shown.crops)}">{crops}</div></header>'
    )


def _about(now: Watching, shown: ObjectView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="watch-go"):
        like = {"q": f"like[{shown.video_id}:{shown.track_id}]"}
        st.page_link(_SEARCH, label="More like this", icon=":material/search:", query_params=like)
        st.button(
            "Repeat its stay",
            key="repeat",
            icon=":material/repeat:",
            type="tertiary",
            on_click=now.repeat,
            args=(shown.t0_s, shown.t1_s),
        )
    _path(shown)
    facts = [("Speed", shown.speed), ("Direction", shown.direction)]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts if text)
    st.html(f'<dl class="vt-facts">{rows}</dl>')
    st.html(
        _shares("Taken for", shown.kinds)
        + _shares("Colour", shown.colours, "No picture shows its colour.")
    )
    _events(now, shown)
    lines = "".join(f"<li>{escape(line)}</li>" for line in shown.origin)
    st.html(
        f'<details class="vt-origin"><summary>How it was put together</summary>'
        f"<ul>{lines}</ul></details>"
    )


def _path(shown: ObjectView) -> None:
    """Where it went, over a frame of its stay: from the ring to the arrow."""
    pieces = [piece for piece in shown.path if piece]
    if not pieces:
        return
    points = [" ".join(f"{x},{y}" for x, y in piece) for piece in pieces]
    lines = "".join(
        f'<polyline points="{line}" stroke="{colour}" stroke-width="{width}"/>'
        for colour, width in (("#000", 5), ("#ffd54a", 2.5))
        for line in points
    )
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000" width="1000" '
        'height="1000" preserveAspectRatio="none"><style>polyline{fill:none;stroke-linecap:round;'
        "stroke-linejoin:round;vector-effect:non-scaling-stroke}</style>"
        f"{lines}</svg>"
    )
    (x0, y0), (x1, y1) = pieces[0][0], pieces[-1][-1]
    ends = (
        f'<i class="from" style="left:{x0 / 10}%;top:{y0 / 10}%"></i>'
        f'<i class="to" style="left:{x1 / 10}%;top:{y1 / 10}%"></i>'
    )
    st.html(
        f'<figure class="vt-path" style="aspect-ratio:{shown.ratio}">'
        f'<img src="{escape(shown.still)}" alt="The picture in the middle of its stay, with the '
        f'way that {escape(shown.title)} went" loading="lazy">'
        f'<img class="way" src="data:image/svg+xml,{quote(drawing)}" alt="">{ends}</figure>'
    )


def _shares(name: str, shares: Sequence[ShareView], none: str = "") -> str:
    if not shares:
        return f'<p class="vt-shares-none"><b>{name}</b> {none}</p>' if none else ""
    rows = "".join(
        f"<li><span>{escape(one.name)}</span>"
        f'<i aria-hidden="true"><b style="width:{one.share:.0%}"></b></i>'
        f"<em>{one.share:.0%}</em></li>"
        for one in shares
    )
    return f'<section class="vt-shares"><h3>{name}</h3><ul>{rows}</ul></section>'


def _events(now: Watching, shown: ObjectView) -> None:
    st.html('<h3 class="vt-h3">What it did</h3>')
    if not shown.events:
        st.html('<p class="vt-note">Nothing that was sure enough to tell.</p>')
    with st.container(key="watch-events", gap=None):
        _event_buttons(now, shown, 0, _EVENTS)
    if len(shown.events) > _EVENTS:
        with (
            st.expander(f"{len(shown.events) - _EVENTS} more"),
            st.container(key="watch-events-more", gap=None),
        ):
            _event_buttons(now, shown, _EVENTS, len(shown.events))


def _event_buttons(now: Watching, shown: ObjectView, low: int, high: int) -> None:
    for number, event in enumerate(shown.events[low:high], low):
        st.button(
            f"{event.span}  {event.words}  {event.p:.0%}",
            key=f"event-{shown.track_id}-{number}",
            type="tertiary",
            width="stretch",
            on_click=now.go,
            args=(event.t0_s,),
        )


# --- the same object elsewhere -------------------------------------------------------------------


def _same(now: Watching, shown: ObjectView) -> None:
    for other in shown.same:
        st.button(
            f"Also {other.words}",
            key=f"also-{other.video_id[:8]}-{other.track_id}",
            icon=":material/link:",
            type="tertiary",
            on_click=open_video,
            args=(other.video_id, None, other.track_id),
        )
    with st.spinner("Comparing looks"):
        told = suggestions(shown.video_id, shown.track_id)
    if told.error:
        st.info(told.error)
        return
    if not told.found:
        st.html('<p class="vt-note">Nothing here looks enough like it.</p>')
    likely = [one for one in told.found if one.p >= _LIKELY]
    for one in likely:
        _suggestion(now, shown, one)
    if unlikely := told.found[len(likely) :]:
        if not likely:
            st.html('<p class="vt-note">Nothing here is likely to be the same object.</p>')
        with st.expander(f"{counted(len(unlikely), 'unlikely one')}, the nearest in looks"):
            for one in unlikely:
                _suggestion(now, shown, one)
    if told.reason:
        st.html(f'<p class="vt-note">{escape(told.reason[:1].upper() + told.reason[1:])}.</p>')


def _suggestion(now: Watching, shown: ObjectView, one: SuggestionView) -> None:
    pairs = "".join(
        f'<span><img src="{escape(ours)}" alt="{escape(shown.title)}">'
        f'<img src="{escape(theirs)}" alt="{escape(one.title)}"></span>'
        for ours, theirs in one.pairs
    )
    key = f"{one.video_id[:8]}-{one.track_id}"
    with st.container(key=f"watch-pair-{key}", gap="small"):
        st.html(
            f'<div class="vt-pair"><p><b>{escape(one.title)}</b><em>{_percent(one.p)}</em></p>'
            f'<div>{pairs}</div><p class="vt-note">{escape(one.reason)}</p></div>'
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            pair = (now, shown, one)
            st.button("Same object", key=f"same-{key}", on_click=_accept, args=pair)
            st.button("Different", key=f"differ-{key}", on_click=_reject, args=pair)
            st.button(
                "Look",
                key=f"look-{key}",
                type="tertiary",
                on_click=open_video,
                args=(one.video_id, one.t_s, one.track_id),
            )


def _percent(p: float) -> str:
    return f"{p:.0%}" if p >= 0.01 else "under 1%"


def _accept(now: Watching, shown: ObjectView, one: SuggestionView) -> None:
    now.told(corrections.same(shown.video_id, shown.track_id, one.video_id, one.track_id))


def _reject(now: Watching, shown: ObjectView, one: SuggestionView) -> None:
    now.told(corrections.different(shown.video_id, shown.track_id, one.video_id, one.track_id))
