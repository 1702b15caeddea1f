"""What the search page shows, as values: chips with their choices, the funnel, filters, results."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.address import Asked
from dashboard.views import MomentView, counted


@dataclass(frozen=True, slots=True)
class Choice:
    """Words that may stand in place of a chip, or be added.

    label: how the menu says it. group: heading it stands under. swatch: CSS colour beside it, or
    "". now: whether it is what the chip says already.
    """

    words: str
    label: str
    group: str
    swatch: str = ""
    now: bool = False


@dataclass(frozen=True, slots=True)
class ChipView:
    """One part of the question. index: its place in `core.language.chips.chips`.

    state: "used"; "guessed", words that no lexicon knows and that only the encoder compares;
    "untested", understood but measured by nothing here. note: what else there is to say of it.
    picture: address of what it points at, or "".
    """

    index: int
    kind: str
    label: str
    state: str
    note: str = ""
    swatch: str = ""
    picture: str = ""
    step: int = 0
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the funnel: objects left, and the chip (-1 for none) that would go with it."""

    label: str
    count: int
    share: float
    chip: int = -1


@dataclass(frozen=True, slots=True)
class InsteadView:
    """What objects that fail one part are or do instead; words: "" where it cannot be asked."""

    label: str
    count: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class RelaxView:
    """A part to leave out, and how many (more) objects would answer without it."""

    label: str
    count: int
    chip: int
    instead: tuple[InsteadView, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetView:
    """A value that a filter may take, and how many objects there are of it."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class LimitView:
    """A pair of limits; keys are names in the address, least and most as written there, or ""."""

    label: str
    unit: str
    least_key: str
    most_key: str
    least: str
    most: str


@dataclass(frozen=True, slots=True)
class ActiveView:
    """A filter in force. key, value: the name in the address and what of it to take out."""

    label: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class FiltersView:
    """What can be filtered by, and what is."""

    videos: tuple[FacetView, ...] = ()
    classes: tuple[FacetView, ...] = ()
    labels: tuple[FacetView, ...] = ()
    limits: tuple[LimitView, ...] = ()
    active: tuple[ActiveView, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedView:
    """A question kept under a name. new: moments found since it was last looked at."""

    id: int
    name: str
    text: str
    href: str
    new: int = 0


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A question that this library answers, and how often."""

    text: str
    href: str
    count: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class GroupView:
    """Moments shown together; title is "" where they are not grouped."""

    title: str
    note: str
    cards: tuple[MomentView, ...]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """How a question was understood. corrections: sentences on what was read for what."""

    chips: tuple[ChipView, ...] = ()
    choices: tuple[Choice, ...] = ()
    corrections: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SearchView:
    """An answer as the page shows it; `error` is a sentence for people and leaves the rest empty.

    count: moments that answer; more: whether there may be more than were counted. took_s: of the
    search. pages: of `A_PAGE` moments. closest: the best that fail a part. hidden: how many a
    person took off this list.
    """

    asked: Asked
    count: int = 0
    more: bool = False
    took_s: float = 0.0
    pages: int = 1
    groups: tuple[GroupView, ...] = ()
    closest: tuple[MomentView, ...] = ()
    funnel: tuple[StepView, ...] = ()
    relax: tuple[RelaxView, ...] = ()
    hidden: int = 0
    files: tuple[tuple[str, str], ...] = ()
    error: str | None = None

    @property
    def title(self) -> str:
        """How much was found."""
        if not self.count:
            return "Nothing found"
        noun = "moment" if self.asked.question or self.asked.pictures else "object"
        if self.more:
            return f"More than {counted(self.count, noun)}"
        return counted(self.count, noun)

    @property
    def took(self) -> str:
        """How long the search took, and what is kept off the list."""
        took = f"in {max(1, round(self.took_s * 1000)):,} ms"
        return f"{took} · {self.hidden} hidden" if self.hidden else took


@dataclass(frozen=True, slots=True)
class PageView:
    """What the search page shows around an answer; `error`: why it cannot be told."""

    asked: Asked
    question: QuestionView = field(default_factory=QuestionView)
    filters: FiltersView = field(default_factory=FiltersView)
    kept: tuple[SavedView, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What happened last, for the person who did it. undo: whether it can be taken back."""

    text: str
    wrong: bool = False
    undo: bool = False
