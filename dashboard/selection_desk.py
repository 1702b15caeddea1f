"""What is done with a selection: labels, the rest of them, questions, one object, files, left out.

Every change can be taken back: what does so is handed out with the sentence that tells of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.errors import QueryError, VidtrailError
from core.explore.asking import like_any, moves_like
from core.explore.features import moves_of
from core.explore.probe import Rest
from core.explore.rest import (
    label_question,
    labelled_rows,
    ref_of,
    reject,
    rejected_rows,
)
from core.identity.identities import Identities
from core.identity.joining import MOST_JOINED, join, part
from core.library.notes import TrackRef
from core.library.selections import Tracks, count_of
from core.search.columns import Columns
from core.search.selected import (
    kept_selection,
    left_out,
    selected_rows,
    tracks_at,
)
from dashboard.kept_looks import kept_looks
from dashboard.links import answer_file_url, selection_file_url, selection_url
from dashboard.object_cards import object_card, row_of
from dashboard.selection_views import LabelView, RestView, SelectionView
from dashboard.services import services
from dashboard.views import MomentView, PartView, counted, level

Rows = npt.NDArray[np.int64]

REST_CARDS = 24
_LONGEST_LABEL = 60
_FILES = (
    ("objects.csv", "Objects, CSV table"),
    ("objects.json", "Objects, JSON"),
    ("pictures.zip", "Pictures with a table, ZIP"),
    ("mot.zip", "Boxes, MOT, ZIP"),
    ("coco.zip", "Boxes, COCO, ZIP"),
)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an act. back: takes it back, and tells so; None where nothing changed.

    question: canonical words to ask on the page Search, "" for none. gone: whether the selected
    objects are not shown any more. rest: the label whose rest is to be shown, "" for none.
    """

    sentence: str = ""
    back: Callable[[], str] | None = None
    question: str = ""
    gone: bool = False
    rest: str = ""


# --- what is shown -------------------------------------------------------------------------------


def selection_view(key: str) -> SelectionView:
    """A selection and what can be done with it."""
    try:
        columns, library = services().engine().columns, services().library()
        rows = _selected(columns, key)
        out = count_of(library.exclusions.all())
        clips = answer_file_url("clips.zip", {"sel": key})
        return SelectionView(
            key=key,
            count=len(rows),
            results=selection_url(key),
            labels=_labels(columns, rows),
            files=(
                *((words, selection_file_url(key, name)) for name, words in _FILES),
                ("Clips, MP4 in a ZIP", clips),
            ),
            out=out,
            joinable=2 <= len(rows) <= MOST_JOINED,
        )
    except VidtrailError as error:
        return SelectionView(key, error=str(error))


def _selected(columns: Columns, key: str) -> Rows:
    library = services().library()
    rows = selected_rows(columns, library, key)
    return rows[~left_out(columns, library)[rows]]


def _labels(columns: Columns, rows: Rows) -> tuple[LabelView, ...]:
    """All labels, those of selected objects first, then the most used."""
    labels = services().library().notes.labels()
    counts = Counter(label.label for label in labels)
    here = tracks_at(columns, rows)
    mine = Counter(
        label.label
        for label in labels
        if label.video_id in here and label.track_id in here[label.video_id]
    )
    order = sorted(counts, key=lambda name: (-mine[name], -counts[name], name))
    return tuple(LabelView(name, counts[name], mine[name]) for name in order)


def rest_view(label: str) -> RestView:
    """The rest of what carries a label, with the best cards to accept or reject."""
    try:
        engine, library = services().engine(), services().library()
        columns = engine.columns
        yes, no = (of(columns, library, label) for of in (labelled_rows, rejected_rows))
        rest = kept_looks().rest(engine, yes, no, ~left_out(columns, library))
        examples = len(yes)
        cards = np.concatenate([rest.rows, rest.next_rows])[:REST_CARDS]
        key = kept_selection(columns, library, rest.rows) if len(rest.rows) else ""
        return RestView(
            label=label,
            examples=examples,
            rejected=len(no),
            count=len(rest.rows),
            cards=tuple(_candidate(columns, rest, label, row) for row in cards.tolist()),
            sure=min(len(rest.rows), REST_CARDS),
            sentence=_found(rest, label, examples),
            results=selection_url(key) if key else "",
            key=key,
        )
    except VidtrailError as error:
        return RestView(label, error=str(error))


def _candidate(columns: Columns, rest: Rest, label: str, row: int) -> MomentView:
    p = float(rest.p[row])
    words = PartView(
        f"like “{label}”", p, level(p), f"probably one of them, {p:.0%}", None, "label"
    )
    card = object_card(columns, row)
    return replace(card, score=p, parts=(words, *card.parts))


def _found(rest: Rest, label: str, examples: int) -> str:
    of = f"{counted(examples, 'object')} labelled “{label}”"
    if not len(rest.rows):
        return f"Nothing else looks enough like {of}. What comes nearest:"
    look = "looks" if len(rest.rows) == 1 else "look"
    return f"{counted(len(rest.rows), 'more object')} {look} like {of}."


# --- acts ----------------------------------------------------------------------------------------


def label(key: str, text: str) -> Done:
    """Give all selected objects a label; raises VidtrailError."""
    name = _name(text)
    columns, library = services().engine().columns, services().library()
    refs = _refs(columns, _selected(columns, key))
    fresh = library.notes.label_all(refs, name)
    if not fresh:
        return Done(f"All of them are labelled “{name}” already.")
    return Done(_labelled(len(fresh), name), lambda: _unlabelled(fresh, name))


def unlabel(key: str, name: str) -> Done:
    """Take a label off all selected objects; raises VidtrailError."""
    columns, library = services().engine().columns, services().library()
    gone = library.notes.unlabel_all(_refs(columns, _selected(columns, key)), name)
    if not gone:
        return Done(f"None of them is labelled “{name}”.")

    def back() -> str:
        library.notes.label_all(gone, name)
        return _labelled(len(gone), name)

    return Done(f"“{name}” is taken off {counted(len(gone), 'object')}.", back)


def find_rest(key: str, text: str) -> Done:
    """Label the selected objects, and look for the rest of them; raises VidtrailError."""
    done = label(key, text)
    return replace(done, rest=_name(text))


def like(key: str) -> Done:
    """The question for what looks like the selected objects; raises VidtrailError."""
    engine = services().engine()
    rows = _selected(engine.columns, key)
    return Done(question=str(like_any(engine.columns, kept_looks().of(engine), rows)))


def moves(key: str) -> Done:
    """The question for what takes the path of the selected objects; raises VidtrailError."""
    engine = services().engine()
    paths = engine.paths()
    rows = _selected(engine.columns, key)
    features = moves_of(engine.columns, paths)
    return Done(question=str(moves_like(engine.columns, paths, features, rows)))


def make_one(key: str) -> Done:
    """Take all selected objects to be one; raises VidtrailError, which says what speaks against."""
    columns, library = services().engine().columns, services().library()
    rows = _selected(columns, key)
    identities = Identities(library)
    made = join(identities, _refs(columns, rows))

    def back() -> str:
        part(identities, made)
        return f"{counted(len(rows), 'object')} are on their own again."

    return Done(f"{counted(len(rows), 'object')} are one object now.", back)


def exclude(key: str) -> Done:
    """Leave the selected objects out of every answer, map and count; raises VidtrailError."""
    columns, library = services().engine().columns, services().library()
    fresh = library.exclusions.add(tracks_at(columns, _selected(columns, key)))
    many = counted(count_of(fresh), "object")

    def back() -> str:
        library.exclusions.remove(fresh)
        return f"{many} {'is' if count_of(fresh) == 1 else 'are'} let in again."

    return Done(f"{many} left out of answers, maps and counts.", back, gone=True)


def include_all() -> Done:
    """Let in everything that was left out; raises VidtrailError."""
    library = services().library()
    gone: Tracks = library.exclusions.remove(library.exclusions.all())

    def back() -> str:
        library.exclusions.add(gone)
        return f"{counted(count_of(gone), 'object')} left out again."

    return Done(f"{counted(count_of(gone), 'object')} let in again.", back)


# --- one too? ------------------------------------------------------------------------------------


def accept(label_name: str, card: str) -> Done:
    """An object is one of the rest: it carries the label from now on; raises VidtrailError."""
    columns, library = services().engine().columns, services().library()
    row = _row(columns, card)
    ref = ref_of(columns, row)
    library.notes.withdraw_judgement(label_question(label_name), ref.video_id, ref.track_id)
    fresh = library.notes.label_all([ref], label_name)
    return Done(f"Labelled “{label_name}”.", lambda: _unlabelled(fresh, label_name))


def deny(label_name: str, card: str) -> Done:
    """An object is none of the rest; raises VidtrailError."""
    columns, library = services().engine().columns, services().library()
    row = _row(columns, card)
    ref = ref_of(columns, row)
    reject(columns, library, row, label_name)

    def back() -> str:
        library.notes.withdraw_judgement(label_question(label_name), ref.video_id, ref.track_id)
        return "Taken back: it may be one of them."

    return Done(f"Noted: this is not “{label_name}”.", back)


def accept_all(label_name: str, key: str) -> Done:
    """Label all of a selection that was offered as the rest; raises VidtrailError."""
    return label(key, label_name)


def _row(columns: Columns, card: str) -> int:
    row = row_of(columns, card)
    if row < 0:
        raise QueryError("This object is not there any more.")
    return row


def _name(text: str) -> str:
    name = " ".join(text.split()).replace('"', "")[:_LONGEST_LABEL]
    if not name:
        raise QueryError("A label has to have a name.")
    return name


def _refs(columns: Columns, rows: Iterable[int]) -> list[TrackRef]:
    return [ref_of(columns, int(row)) for row in rows]


def _labelled(many: int, name: str) -> str:
    return f"{counted(many, 'object')} labelled “{name}”."


def _unlabelled(refs: list[TrackRef], name: str) -> str:
    services().library().notes.unlabel_all(refs, name)
    return f"“{name}” is taken off {counted(len(refs), 'object')}."
