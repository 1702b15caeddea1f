"""Pieces of a page that only show something: made of escaped text, no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.links import poster_url
from dashboard.views import LibraryView, VideoView, counted


def heading(text: str, note: str = "") -> None:
    small = f" <small>{escape(note)}</small>" if note else ""
    st.html(f'<h2 class="vt-h2">{escape(text)}{small}</h2>')


def notice(title: str, text: str, command: str = "") -> None:
    """An empty or "nothing found" state: what is so, and what to do."""
    code = f"<pre>{escape(command)}</pre>" if command else ""
    st.html(
        f'<section class="vt-notice"><h2>{escape(title)}</h2><p>{escape(text)}</p>{code}</section>'
    )


def no_videos(title: str) -> None:
    """The state of a page that needs videos while there are none."""
    notice(
        title, "Add videos on the page Library: this page fills as soon as the first one is read."
    )


def video_wall(videos: Sequence[VideoView]) -> None:
    """What can be searched: a picture a video, with its length and how much was found in it."""
    figures = "".join(
        f'<figure><img src="{escape(poster_url(video.id))}" alt="" loading="lazy">'
        f'<figcaption><b title="{escape(video.name)}">{escape(video.name)}</b>'
        f"<span>{escape(video.length)} · {escape(counted(video.objects, 'object'))}</span>"
        "</figcaption></figure>"
        for video in videos
    )
    st.html(f'<div class="vt-wall">{figures}</div>')


def not_searched(library: LibraryView) -> None:
    """Videos that cannot be searched, each with its reason."""
    reasons = [(video.name, video.error or "Damaged.") for video in library.damaged]
    reasons += [
        (video.name, video.error or "Not indexed to the end yet: `vidtrail add` continues with it.")
        for video in library.unfinished
    ]
    if not reasons:
        return
    with st.expander(f"{counted(len(reasons), 'video')} cannot be searched"):
        rows = "".join(f"<li><b>{escape(name)}</b> {escape(why)}</li>" for name, why in reasons)
        st.html(f'<ul class="vt-failed">{rows}</ul>')
