"""How a question was understood, as chips with menus."""

from __future__ import annotations

from dataclasses import replace

from core.errors import VidtrailError
from core.language.chips import Chip, chips
from core.language.query import Query
from core.language.sketches import LikePart, PathPart, ZonePart
from core.library.library import Library
from dashboard.address import Asked
from dashboard.answers import query_of
from dashboard.chip_choices import SWATCHES, additions, choices_of
from dashboard.holdings import inventory
from dashboard.links import crop_url, picture_url
from dashboard.pictures import name_of
from dashboard.search_views import ChipView, QuestionView
from dashboard.services import services
from dashboard.views import clock

_UNTESTED = frozenset({"place"})


def question_view(asked: Asked) -> QuestionView:
    """The chips of a view; a question that cannot be read says why."""
    try:
        library = services().library()
        query = query_of(asked)
        vocabulary = inventory().vocabulary()
        shown = tuple(
            replace(
                _chip(library, asked, query, chip, index),
                choices=choices_of(query, chip, vocabulary),
            )
            for index, chip in enumerate(chips(query))
        )
        return QuestionView(
            chips=shown,
            choices=additions(query, vocabulary),
            corrections=tuple(f"“{typed}” read as “{read}”" for typed, read in query.corrections),
        )
    except VidtrailError as error:
        return QuestionView(error=str(error))


def shown_labels(asked: Asked, query: Query) -> dict[str, str]:
    """Canonical words of what is drawn or pointed at -> what its chip is called."""
    library = services().library()
    return {
        chip.words: _chip(library, asked, query, chip, index).label
        for index, chip in enumerate(chips(query))
        if chip.slot[0] in ("likes", "drawn", "zones")
    }


def _chip(library: Library, asked: Asked, query: Query, chip: Chip, index: int) -> ChipView:
    at = query
    for _ in range(chip.step):
        at = at.then or Query()
    view = ChipView(index, chip.kind, chip.words, "used", step=chip.step)
    field, k = chip.slot
    if field == "likes":
        return _like(library, asked, at.likes[k], view)
    if field == "drawn":
        return replace(view, label="along a drawn path", note=_where(library, at.drawn[k]))
    if field == "zones":
        return _zone(library, at.zones[k], view)
    if field == "colours":
        return replace(view, swatch=swatch_of(at.target.colours[k].colours[0]))
    if field == "looks":
        return _look(query, chip, at.target.looks[k].text, view)
    if chip.kind in _UNTESTED:
        return replace(view, state="untested", note="Nothing here can measure this place.")
    if chip.said and chip.said.casefold() != chip.words.casefold():
        return replace(view, note=f"You wrote “{chip.said}”.")
    return view


def swatch_of(colour: str) -> str:
    """CSS colour that stands for a canonical colour word, "" for one that is no single colour."""
    plain = colour.removeprefix("dark ").removeprefix("light ") or colour
    return SWATCHES.get(plain, "")


def _look(query: Query, chip: Chip, text: str, view: ChipView) -> ChipView:
    unknown = {word for words in query.unknown_words for word in words.casefold().split()}
    if unknown & set(text.casefold().split()):
        note = f"“{text}” is no word known here: pictures are compared with it, nothing else."
        return replace(view, label=text, state="guessed", note=note)
    said = chip.words.replace('"', "")
    return replace(view, label=said, note="Told by comparing pictures with these words.")


def _like(library: Library, asked: Asked, like: LikePart, view: ChipView) -> ChipView:
    if like.picture:
        key = next((key for key in asked.pictures if name_of(key) == like.picture), "")
        label = "like the whole picture" if like.scene else "like the picture"
        if ":" in key:
            label = "like the object in the picture"
        return replace(view, label=label, picture=picture_url(key) if key else "")
    try:
        track = library.resolve(like.video_id, like.track_id)
        table = library.shard(like.video_id).tracks()
        row = table.row_of(track)
    except (VidtrailError, KeyError) as problem:
        said = str(problem) if isinstance(problem, VidtrailError) else "There is no such track."
        return replace(view, label=f"like #{like.track_id}", state="untested", note=said)
    crop = int(table.best_crop[row])
    name = library.video(like.video_id).name
    kind, seen = (
        table.class_name[row],
        f"in {name}, seen first at {clock(float(table.t0_s[row]), 1)}",
    )
    if like.others:
        label = f"like any of {len(like.tracks)} objects"
        note = f"One of them is {kind} #{track} {seen}."
    else:
        label, note = f"like {kind} #{track}", f"{seen[0].upper()}{seen[1:]}."
    return replace(
        view,
        label=label,
        note=note,
        picture=crop_url(like.video_id, crop) if crop >= 0 else "",
    )


def _zone(library: Library, zone: ZonePart, view: ChipView) -> ChipView:
    if zone.name:
        label = f"crosses {zone.name}" if zone.is_line else f"{zone.how} {zone.name}"
    else:
        label = "crosses a drawn line" if zone.is_line else f"{zone.how} a drawn zone"
    if zone.either_way:
        label += ", either way"
    return replace(view, label=label, note=_where(library, zone))


def _where(library: Library, drawn: PathPart | ZonePart) -> str:
    """In which videos a drawing counts."""
    if not drawn.video_id:
        return "Counts in every video." if drawn.points else ""
    record = library.catalog.video(drawn.video_id)
    return f"Counts only in {record.name if record else 'a video that is gone'}."
