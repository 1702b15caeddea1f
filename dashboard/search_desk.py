"""What the search page asks for: answers as views; errors become sentences."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from math import ceil

from core.errors import LibraryError, QueryError, VidtrailError
from core.identity.bonds import read_bonds
from core.language.chips import chips
from core.language.lexicon import CLASS_WORDS, COLOUR_WORDS
from core.language.query import EVENT_WORDS, Query
from core.library.library import Library
from core.library.notes import TrackRef
from core.library.selections import count_of
from core.search.answer import Answer, Miss, Moment
from core.search.filters import columns_row
from dashboard import holdings, saved, verdicts
from dashboard.address import Asked
from dashboard.answers import A_PAGE, MOST, Answered, answered, query_of
from dashboard.arrangement import Grouped, grouped, ordered, page_of
from dashboard.filtering import filters_view
from dashboard.links import answer_file_url
from dashboard.moment_words import moment_view
from dashboard.object_cards import object_card
from dashboard.question_views import question_view, shown_labels
from dashboard.search_views import (
    ExampleView,
    GroupView,
    InsteadView,
    PageView,
    RelaxView,
    SearchView,
    StepView,
)
from dashboard.services import services
from dashboard.verdicts import Verdict
from dashboard.views import MomentView

log = logging.getLogger(__name__)

CLOSEST = 8
_RELAXED = 4
_FILES = (("answer.json", "JSON"), ("answer.csv", "CSV table"), ("clips.zip", "Clips, MP4"))


def search_view(asked: Asked, hidden: Collection[str] = ()) -> SearchView:
    """The answer to a view. hidden: ids of moments that a person took off the list."""
    try:
        return _searched(asked, hidden)
    except VidtrailError as error:
        return SearchView(asked, error=str(error))


def _searched(asked: Asked, hidden: Collection[str]) -> SearchView:
    library, query = services().library(), query_of(asked)
    found = _enough(asked, len(hidden))
    kept = [moment for moment in found.found if id_of(moment) not in hidden]
    bonds = read_bonds(library)
    groups = grouped(ordered(kept, asked.sort), asked.group, bonds)
    pages = _pages(found, len(kept))
    asked = replace(asked, page=min(asked.page, pages))
    shown, labels = _Shown(library, query), shown_labels(asked, query)
    close = _closest(found.answer, hidden) if asked.page == 1 else []
    return SearchView(
        asked=asked,
        count=len(kept),
        more=not found.whole,
        took_s=found.took_s,
        pages=pages,
        groups=tuple(shown.group(group) for group in page_of(groups, asked.page, A_PAGE)),
        closest=tuple(map(shown.card, close)),
        funnel=_funnel(found.answer, query, labels),
        relax=_relaxed(found.answer, query, labels),
        hidden=len(found.found) - len(kept),
        files=tuple((label, answer_file_url(name, asked.params())) for name, label in _FILES),
    )


def _enough(asked: Asked, hidden: int) -> Answered:
    """The answer with as many moments as the page needs: all of them to sort or to group."""
    if asked.sort == "score" and asked.group == "none":
        return answered(asked, A_PAGE * asked.page + (A_PAGE if hidden else 0))
    return answered(asked, MOST)


def _pages(found: Answered, kept: int) -> int:
    """Pages there are; where not all moments are known, as many as objects are left at the end."""
    steps = found.answer.funnel
    many = kept if found.whole or not steps else max(kept, min(steps[-1].count, MOST))
    return max(1, ceil(many / A_PAGE))


def id_of(moment: Moment) -> str:
    """What a moment is called in addresses and events, as `MomentView.id`."""
    tracks = "-".join(map(str, moment.track_ids))
    return f"{moment.video_id}:{tracks}:{moment.t0_s:.2f}"


class _Shown:
    """Moments as cards, with what people said of them; reads each video's tracks once."""

    def __init__(self, library: Library, query: Query) -> None:
        self._library = library
        judgements = library.notes.judgements(str(query))
        self._said = {(j.video_id, j.track_id): j.relevant for j in judgements}

    def group(self, group: Grouped) -> GroupView:
        return GroupView(group.title, group.note, tuple(map(self.card, group.moments)))

    def card(self, moment: Moment) -> MomentView:
        said = self._said.get((moment.video_id, moment.track_ids[0])) if moment.track_ids else None
        view = moment_view(moment, self._best_crop, said)
        if moment.parts or not moment.track_ids:
            return view
        columns = services().engine().columns  # nothing was asked of it: what it is and did
        row = columns_row(columns, TrackRef(moment.video_id, moment.track_ids[0]))
        return replace(view, parts=object_card(columns, row).parts)

    def _best_crop(self, video_id: str, track_id: int) -> int | None:
        return best_crop(self._library, video_id, track_id)


def best_crop(library: Library, video_id: str, track_id: int) -> int | None:
    """The picture that shows a track best; None where it has none."""
    tracks = library.shard(video_id).tracks()
    crop_id = int(tracks.best_crop[tracks.row_of(track_id)])
    return crop_id if crop_id >= 0 else None


def _closest(answer: Answer, hidden: Collection[str]) -> list[Moment]:
    """The best of what does not answer, each once."""
    near = [m for m in (*answer.results, *answer.near_misses) if not m.matches]
    found: dict[str, Moment] = {}
    for moment in sorted(near, key=lambda moment: -moment.score):
        if id_of(moment) not in hidden:
            found.setdefault(id_of(moment), moment)
    return list(found.values())[:CLOSEST]


# --- what each part leaves, and what leaving it out would find -----------------------------------


def _places(query: Query) -> dict[str, int]:
    """Canonical words of a part -> place of its chip; of equal ones the first."""
    places: dict[str, int] = {}
    for index, chip in enumerate(chips(query)):
        places.setdefault(chip.words, index)
    return places


def _funnel(answer: Answer, query: Query, labels: Mapping[str, str]) -> tuple[StepView, ...]:
    places, first = _places(query), answer.funnel[0].count if answer.funnel else 0
    return tuple(
        StepView(
            labels.get(step.text, step.text),
            step.count,
            step.count / first if first else 0.0,
            places.get(step.text, -1),
        )
        for step in answer.funnel
    )


def _relaxed(answer: Answer, query: Query, labels: Mapping[str, str]) -> tuple[RelaxView, ...]:
    places = _places(query)
    misses = {miss.part: miss for miss in answer.misses}
    counts = (
        {relaxed.part: relaxed.count for relaxed in answer.relaxations}
        if answer.nothing_found
        else {miss.part: miss.count for miss in answer.misses}
    )
    found = [
        RelaxView(labels.get(part, part), count, places[part], _instead(misses.get(part)))
        for part, count in counts.items()
        if part in places
    ]
    return tuple(found[:_RELAXED])


def _instead(miss: Miss | None) -> tuple[InsteadView, ...]:
    if miss is None:
        return ()
    known = {*EVENT_WORDS.values(), *CLASS_WORDS, *COLOUR_WORDS}
    return tuple(
        InsteadView(words, count, words if words in known else "") for words, count in miss.instead
    )


# --- around the answer ---------------------------------------------------------------------------


def page_view(asked: Asked) -> PageView:
    """What the page shows around an answer."""
    try:
        library = services().library()
        held = holdings.inventory().holdings()
        filters = filters_view(
            asked.filters, library.ready(), library.notes.labels(), held, _selected(asked)
        )
        question = question_view(asked)
        return PageView(
            asked=asked,
            question=question,
            filters=filters,
            kept=saved.saved_views(),
            error=question.error,
        )
    except VidtrailError as error:
        return PageView(asked, error=str(error))


def _selected(asked: Asked) -> int | None:
    """How many objects the selection of a view has; None where it is not kept any more."""
    if not asked.filters.selection:
        return None
    try:
        return count_of(services().library().selections.read(asked.filters.selection))
    except LibraryError:  # what is listed below says so
        return None


def example_views() -> tuple[ExampleView, ...]:
    """Questions that the library answers; none where it cannot be asked: any question says why."""
    try:
        return holdings.examples()
    except VidtrailError as error:
        log.warning("no examples: %s", error)
        return ()


# --- what a person does with a result ------------------------------------------------------------


def judge(asked: Asked, moment_id: str, part: str | None, relevant: bool | None) -> Verdict:
    """Note a verdict on a moment of a view's answer; raises VidtrailError."""
    if not (asked.question or asked.pictures):
        raise QueryError("Nothing is asked of these objects, so there is nothing to be right.")
    library = services().library()
    moment = moment_of(asked, moment_id)
    return verdicts.judged(library, query_of(asked), moment, part, relevant)


def moment_of(asked: Asked, moment_id: str) -> Moment:
    """A moment of a view's answer by its id; raises QueryError when it is not in it any more."""
    found = _enough(asked, 0).answer
    for moment in (*found.results, *found.near_misses):
        if id_of(moment) == moment_id:
            return moment
    raise QueryError("This result is not part of the answer any more: it has changed meanwhile.")
