"""What the page Insight shows, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args

from core.explore.insight import Scope
from dashboard.palette import Pair
from dashboard.views import MomentView

Mode = Literal["came", "there"]
Shape = Literal["pairs", "kinds", "time"]
_MOST_POINTS = 2000  # characters of a drawn line


@dataclass(frozen=True, slots=True)
class Counting:
    """One view of the page, as its address holds it.

    mode: whether objects are counted when they come into view, or as long as they are. shape: how
    movements are laid out. zone: name of the zone in which stays are measured, "" for the picture.
    line: a line drawn by hand, shares of the picture. opened: the number whose objects are shown,
    as `dashboard.insight_desk` names it, "" for none. page: of them.
    """

    scope: Scope = field(default_factory=Scope)
    mode: Mode = "came"
    shape: Shape = "pairs"
    zone: str = ""
    line: tuple[tuple[float, float], ...] = ()
    opened: str = ""
    page: int = 1

    @staticmethod
    def read(params: Mapping[str, str]) -> Counting:
        """The view that an address means; values that mean nothing are left out."""
        mode, shape, page = params.get("mode", ""), params.get("as", ""), params.get("page", "")
        step_s = _number(params.get("every", ""))
        return Counting(
            Scope(
                videos=_listed(params.get("v", "")),
                kinds=_listed(params.get("k", "")),
                step_s=step_s if step_s else None,
                after_s=_number(params.get("from", "")),
                before_s=_number(params.get("to", "")),
                cameras=_listed(params.get("cam", "")),
            ),
            mode=cast("Mode", mode) if mode in get_args(Mode) else "came",
            shape=cast("Shape", shape) if shape in get_args(Shape) else "pairs",
            zone=params.get("zone", ""),
            line=_points(params.get("line", "")),
            opened=params.get("o", ""),
            page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
        )

    def params(self) -> dict[str, str]:
        """The view as values of an address; what is as usual is left out."""
        scope = self.scope
        told = {
            "v": ",".join(scope.videos),
            "k": ",".join(scope.kinds),
            "every": "" if scope.step_s is None else f"{scope.step_s:g}",
            "from": "" if scope.after_s is None else f"{scope.after_s:g}",
            "to": "" if scope.before_s is None else f"{scope.before_s:g}",
            "cam": ",".join(scope.cameras),
            "mode": "" if self.mode == "came" else self.mode,
            "as": "" if self.shape == "pairs" else self.shape,
            "zone": self.zone,
            "line": " ".join(f"{x:.4g},{y:.4g}" for x, y in self.line),
            "o": self.opened,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: value for name, value in told.items() if value}

    def files(self) -> dict[str, str]:
        """What of it changes a file of what was counted."""
        told = replace(self, opened="", page=1).params()
        return {name: value for name, value in told.items() if name not in ("mode", "as")}

    def anew(self, **changes: Any) -> Counting:
        """The view with other values; no number is chosen in it."""
        return replace(self, **{"opened": "", "page": 1, **changes})

    def within(self, **changes: Any) -> Counting:
        """The view of something else: other values of its scope."""
        return self.anew(scope=replace(self.scope, **changes))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in text.split(",") if part))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value < 1e9 else None


def _points(text: str) -> tuple[tuple[float, float], ...]:
    found = []
    for pair in text[:_MOST_POINTS].split():
        x, _, y = pair.partition(",")
        at = (_number(x), _number(y))
        if at[0] is None or at[1] is None or max(at[0], at[1]) > 1.0:
            return ()
        found.append((at[0], at[1]))
    return tuple(found) if len(found) >= 2 else ()


@dataclass(frozen=True, slots=True)
class CellView:
    """A number. opens: what to ask for to see the objects behind it, "" for what has none.

    share: of the largest of its kind, for shading, in [0, 1].
    """

    text: str
    opens: str = ""
    share: float = 0.0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of numbers. note: said beside its label. swatch: CSS colour, or "". last: a sum."""

    label: str
    cells: tuple[CellView, ...]
    note: str = ""
    swatch: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class NumbersView:
    """A table of numbers. corner: above the labels of the rows. caption: what it is, in words."""

    caption: str
    corner: str
    head: tuple[str, ...]
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class ArmView:
    """A way into and out of the picture. x, y: shares of it. given: whether a person named it."""

    name: str
    x: float
    y: float
    came: int
    went: int
    colour: str
    came_opens: str
    went_opens: str


@dataclass(frozen=True, slots=True)
class FlowView:
    """How many went from one arm to another; places in the list of arms."""

    source: int
    target: int
    count: int
    share: float
    said: str
    opens: str


@dataclass(frozen=True, slots=True)
class MovementsView:
    """What went from where to where, drawn and as a table. said: what was not told."""

    still: str
    ratio: float
    arms: tuple[ArmView, ...]
    flows: tuple[FlowView, ...]
    numbers: NumbersView
    said: str


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One kind over time. counts, opens: one for each interval."""

    label: str
    colour: Pair
    counts: tuple[int, ...]
    opens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeView:
    """Objects over time. said: each interval in words. ticks: (place, text) along the axis."""

    series: tuple[SeriesView, ...]
    said: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    step: str
    borders: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StaysView:
    """How long objects stayed: how many how long, and by kind."""

    labels: tuple[str, ...]
    series: tuple[SeriesView, ...]
    numbers: NumbersView
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeatView:
    """Where objects spend their time. picture: drawn on a still."""

    picture: str
    said: str
    longest: str


@dataclass(frozen=True, slots=True)
class LinesView:
    """Lines of the view. shown: (name, points) to draw. numbers: None where there is no line."""

    still: str
    shown: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    numbers: NumbersView | None
    kept: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class OpenedView:
    """The objects behind a number. section: where it stands. key: of them as a selection."""

    section: str
    title: str
    count: int
    cards: tuple[MomentView, ...]
    pages: int
    search: str
    explore: str


@dataclass(frozen=True, slots=True)
class InsightView:
    """The page. `error`: a sentence for people, which leaves the rest empty.

    facts: numbers on top. choices: videos (id, name) and kinds to choose from. longest_s: the
    longest video. camera: id and name of the view; same: other videos of that size.
    """

    asked: Counting
    error: str | None = None
    facts: tuple[tuple[str, str, str], ...] = ()
    videos: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    longest_s: float = 0.0
    camera: str = ""
    camera_name: str = ""
    ratio: float = 16 / 9
    time: TimeView | None = None
    movements: MovementsView | None = None
    stays: StaysView | None = None
    heat: HeatView | None = None
    lines: LinesView | None = None
    opened: OpenedView | None = None
    files: tuple[tuple[str, str], ...] = ()
