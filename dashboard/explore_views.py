"""What the page Explore shows, as values: the maps, what is selected, how far the maps are."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.explore_address import Look
from dashboard.views import MomentView, counted


@dataclass(frozen=True, slots=True)
class LegendView:
    """One value that points are coloured by. code: theirs; colours on light and on dark ground.

    lit: how many of the selected objects have it.
    """

    code: int
    name: str
    light: str
    dark: str
    count: int
    lit: int = 0


@dataclass(frozen=True, slots=True)
class PaintView:
    """What points are coloured by. url: of their codes.

    legend: what the codes mean; empty for a scale from `low` to `high` over colours. error: why
    there is nothing to colour by.
    """

    url: str
    legend: tuple[LegendView, ...] = ()
    scale_light: tuple[str, ...] = ()
    scale_dark: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class MakingView:
    """How far the maps are. state: "ready", "making", "failed" or "closed".

    said: a sentence. share: done, in [0, 1]. job: number of the job that failed. usable: whether
    there are older maps to look at meanwhile. late: objects that were placed on a map that is
    better laid out anew; 0 where they are few, or where nothing can be made.
    """

    state: str = "ready"
    said: str = ""
    share: float = 0.0
    job: int = 0
    usable: bool = True
    late: int = 0


@dataclass(frozen=True, slots=True)
class CountView:
    """How many of the selected objects are of a value, and what share of all of that value.

    value: what the event says that narrows the selection down to it.
    """

    value: str
    name: str
    count: int
    share: float
    light: str = ""
    dark: str = ""


@dataclass(frozen=True, slots=True)
class LaneView:
    """When the selected objects of one video are there. bars: how many at once, in equal parts."""

    name: str
    count: int
    length: str
    bars: tuple[int, ...]
    starts: tuple[float, ...]
    watch: str


@dataclass(frozen=True, slots=True)
class SelectedView:
    """What is selected. key: of `core.library.selections`. more: videos beyond the lanes."""

    key: str
    count: int
    total: int
    kinds: tuple[CountView, ...]
    colours: tuple[CountView, ...]
    videos: tuple[CountView, ...]
    lanes: tuple[LaneView, ...]
    cards: tuple[MomentView, ...]
    order: str
    pages: int
    page: int
    more: int = 0

    @property
    def title(self) -> str:
        return f"{counted(self.count, 'object')} selected"


@dataclass(frozen=True, slots=True)
class ExploreView:
    """The page. `error` is a sentence for people and leaves the rest empty.

    drawn: how many of `total` objects are drawn. unplaced: objects that neither map knows.
    opened: the card that is open, of an object that is not among the selected.
    """

    look: Look
    making: MakingView = MakingView()
    edition: str = ""
    points: str = ""
    objects: str = ""
    lit: str = ""
    total: int = 0
    drawn: int = 0
    unplaced: int = 0
    known: tuple[int, int] = (0, 0)
    paint: PaintView | None = None
    selected: SelectedView | None = None
    opened: MomentView | None = None
    selection_error: str = ""
    error: str = ""
