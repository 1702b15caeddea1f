"""Small charts of counts, drawn by Plotly as Streamlit themes it; a bar opens its objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Plotly looks at pandas as soon as any thread has begun to import it, half imported or not; an
# import of our own waits until it is whole.
import pandas as pd  # noqa: F401
import plotly.graph_objects as go
import streamlit as st

from dashboard.insight_views import SeriesView

_FADED = 0.35
_BORDER = {"width": 1, "dash": "dot", "color": "rgba(128,128,128,.55)"}
_CONFIG = {"displayModeBar": False, "showSendToCloud": False, "scrollZoom": False}


def dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def stacked_bars(
    series: Sequence[SeriesView],
    said: Sequence[str],
    *,
    ticks: Sequence[tuple[float, str]] = (),
    borders: Sequence[int] = (),
    noun: str = "objects",
    opened: str = "",
    height: int = 280,
) -> go.Figure:
    """Bars, one for each of `said`, stacked by kind.

    ticks: what stands below which bar; all of `said` without. borders: bars before which something
    new begins. opened: name of the number that is shown, which stands out.
    """
    figure = go.Figure()
    night = dark()
    if not any(opened in one.opens for one in series):
        opened = ""
    for one in series:
        strong = [1.0 if not opened or name == opened else _FADED for name in one.opens]
        figure.add_bar(
            name=one.label,
            x=list(range(len(said))),
            y=list(one.counts),
            customdata=list(said),
            marker={"color": one.colour[night], "opacity": strong, "line": {"width": 0}},
            hovertemplate=f"<b>%{{y}} {one.label}</b><br>%{{customdata}}<extra></extra>",
        )
    at = ticks or list(enumerate(said))
    figure.update_layout(
        barmode="stack",
        bargap=0.18 if len(said) > 12 else 0.35,
        height=height,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        hoverlabel={"align": "left"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        clickmode="event+select",
        dragmode=False,
        # All at once: Plotly's own `add_vline` goes through all earlier ones each time.
        shapes=[
            {
                "type": "line",
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": _BORDER,
                "x0": border - 0.5,
                "x1": border - 0.5,
            }
            for border in borders
        ],
        xaxis={
            "tickvals": [place for place, _ in at],
            "ticktext": [text for _, text in at],
            "range": [-0.6, len(said) - 0.4],
            "fixedrange": True,
            "showgrid": False,
        },
        yaxis={
            "fixedrange": True,
            "rangemode": "tozero",
            "title": {"text": noun, "font": {"size": 12}},
            "tickformat": ",d",
            "nticks": 6,
        },
    )
    return figure


def opening_chart(
    figure: go.Figure,
    series: Sequence[SeriesView],
    *,
    key: str,
    on_open: Callable[[str], None],
) -> None:
    """Show a chart; on_open: called with the name of the number that a person chose."""

    def chosen() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            one = series[int(points[0]["curve_number"])]
            on_open(one.opens[int(points[0]["point_index"])])

    st.plotly_chart(
        figure,
        key=key,
        on_select=chosen,
        selection_mode="points",
        config=_CONFIG,
        width="stretch",
    )
