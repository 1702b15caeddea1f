"""What a person can correct about an object on the watch page, and how that is taken back.

Callbacks change the library and the visit's place; the run that follows shows what came of it.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import corrections
from dashboard.views import clock
from dashboard.watch_state import Watching
from dashboard.watch_views import ObjectView


def note_bar(now: Watching) -> None:
    """What became of the last edit, with a way back."""
    if (note := now.note) is None:
        return
    if not note.good:
        st.warning(note.text)
        return
    with st.container(key="watch-note", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="vt-done" role="status">{escape(note.text)}</p>', width="stretch")
        if note.edit_id is not None:
            st.button("Undo", key="undo-last", on_click=_undo, args=(now, note.edit_id))


def correct(now: Watching, shown: ObjectView) -> None:
    own = f"{shown.video_id}-{shown.track_id}"
    st.text_input(
        "Name",
        value=shown.name,
        key=f"name-{own}-{shown.name}",
        placeholder="a name of your own",
        on_change=_rename,
        args=(now, shown, f"name-{own}-{shown.name}"),
    )
    labels = [label for label in shown.labels if label != shown.name]
    key = f"labels-{own}-{'|'.join(labels)}"
    st.multiselect(
        "Labels",
        [*dict.fromkeys([*labels, *shown.known_labels])],
        default=labels,
        key=key,
        accept_new_options=True,
        placeholder="words to find it by",
        on_change=_label,
        args=(now, shown, key),
    )
    st.selectbox(
        "Kind",
        shown.classes,
        index=shown.classes.index(shown.class_name),
        key=f"kind-{own}-{shown.class_name}",
        on_change=_relabel,
        args=(now, shown, f"kind-{own}-{shown.class_name}"),
    )
    st.html(
        '<h3 class="vt-h3">One object, told as two?</h3><p class="vt-note">Hold this one, then '
        "choose the other in the player or the timeline.</p>"
    )
    st.button("Merge with another…", key="hold", on_click=_hold, args=(now, shown))
    inside = shown.t0_s < now.t_s <= shown.t1_s
    st.html(
        '<h3 class="vt-h3">Two objects, told as one?</h3><p class="vt-note">Pause on the first '
        "frame of the second one.</p>"
    )
    st.button(
        f"Split at {clock(now.t_s, 2)}",
        key="split",
        disabled=not inside,
        help=None if inside else "The playhead is outside of this object's stay.",
        on_click=_split,
        args=(now, shown),
    )


def joining(now: Watching, shown: ObjectView) -> None:
    """While one object is held for merging: which two it would be, and yes or no."""
    if now.joining is None:
        return
    held, ready = now.joining, now.joining != shown.track_id
    said = (
        f"Merge #{held} with #{shown.track_id}?" if ready else f"Holding #{held}: choose another."
    )
    with st.container(key="watch-join", gap="small"):
        st.html(f'<p role="status"><b>{said}</b></p>')
        with st.container(horizontal=True, gap="small"):
            if ready:
                st.button("Merge", key="merge", type="primary", on_click=_merge, args=(now, shown))
            st.button("Let go", key="release", on_click=_release, args=(now,))


def _hold(now: Watching, shown: ObjectView) -> None:
    now.joining, now.note = shown.track_id, None


def _release(now: Watching) -> None:
    now.joining = None


def _merge(now: Watching, shown: ObjectView) -> None:
    if now.joining is not None:
        now.told(corrections.same(shown.video_id, now.joining, shown.video_id, shown.track_id))
    now.joining = None


def _split(now: Watching, shown: ObjectView) -> None:
    now.told(corrections.split(shown.video_id, shown.track_id, now.t_s))


def _undo(now: Watching, edit_id: int) -> None:
    now.told(corrections.undo(now.video_id, edit_id))


# A field that comes into view again tells its value once more: only another one is a change.


def _rename(now: Watching, shown: ObjectView, key: str) -> None:
    name = str(st.session_state[key]).strip()
    if name != shown.name:
        now.told(corrections.rename(shown.video_id, shown.track_id, name))


def _label(now: Watching, shown: ObjectView, key: str) -> None:
    labels = tuple(st.session_state[key])
    if set(labels) != set(shown.labels) - {shown.name}:
        now.told(corrections.label(shown.video_id, shown.track_id, labels))


def _relabel(now: Watching, shown: ObjectView, key: str) -> None:
    kind = str(st.session_state[key])
    if kind != shown.class_name:
        now.told(corrections.relabel(shown.video_id, shown.track_id, kind))


# --- history -------------------------------------------------------------------------------------


def history_list(now: Watching) -> None:
    """What people have corrected in this video, the newest first, each with its way back."""
    changes = corrections.history(now.video_id)
    if not changes:
        st.html('<p class="vt-note">Nobody has corrected anything in this video yet.</p>')
    for change in changes:
        with st.container(
            key=f"watch-change-{change.edit_id}",
            horizontal=True,
            vertical_alignment="center",
            gap="small",
        ):
            state = " · taken back" if change.undone else ""
            gone = ' class="undone"' if change.undone else ""
            st.html(f"<p{gone}>{escape(change.sentence)}{state}</p>", width="stretch")
            if change.undoable:
                key = f"undo-{change.edit_id}"
                st.button("Undo", key=key, on_click=_undo, args=(now, change.edit_id))
