"""What the watch page asks for, as views; errors become sentences."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.errors import VidtrailError
from core.identity.bonds import current
from core.identity.composition import composition
from core.identity.identities import Identities, Identity
from core.identity.suggestions import Suggester
from core.library.catalog import VideoRecord
from core.library.library import Library
from core.library.notes import TrackRef
from core.library.shard import Shard
from dashboard import watch_words
from dashboard.boxes import window_s
from dashboard.footage import Footage
from dashboard.links import (
    clip_state_url,
    clip_url,
    crop_url,
    overlay_url,
    poster_url,
    still_url,
    timeline_url,
    track_file_url,
    video_url,
)
from dashboard.overlays import edition
from dashboard.palette import class_colours
from dashboard.services import services
from dashboard.timeline import names_of
from dashboard.views import clock, counted
from dashboard.watch_views import (
    CropView,
    ElsewhereView,
    ObjectView,
    PlayerView,
    SuggestionsView,
    SuggestionView,
    WatchView,
)

CROPS = 6
SUGGESTED = 6
STILL_PX = 640
_POINTS = 160  # of a drawn path: more than a narrow picture can show
_WHOLE_CLIP_S = 1200.0  # a longer video is exported in spans: hours of drawing are no download

Span = tuple[float, float]


# --- the video -----------------------------------------------------------------------------------


def watch_view(video_id: str, chosen: int | None = None, loop: Span | None = None) -> WatchView:
    """A video for the player, or why it cannot be watched.

    chosen, loop: the object and the span that clips are offered of.
    """
    desk = services()
    if not video_id:
        return WatchView("none")
    try:
        library = desk.library() if not desk.untouched else None
        record = library.catalog.video(video_id) if library is not None else None
        if library is None or record is None:
            return WatchView("unknown", said="This library has no such video; it may be removed.")
        if record.state == "damaged":
            return WatchView("damaged", record.name, said=record.error)
        if record.state != "ready":
            return WatchView("unread", record.name, said=_progress(record))
        shard = library.shard(video_id)
        player = _player(library, record, shard, chosen, loop)
        tracks = counted(len(shard.tracks()), "object")
        note = f"{clock(record.duration_s)} · {record.width}×{record.height} · {tracks}"
        return WatchView("ready", record.name, note, player=player)
    except VidtrailError as error:
        return WatchView("damaged", said=str(error))


def _progress(record: VideoRecord) -> str:
    share = record.done_s / record.duration_s if record.duration_s else 0.0
    if record.state == "interrupted":
        return record.error or "Reading it was interrupted; continue on the page Library."
    return f"It is still being read: {share:.0%} done. What was found appears when it is complete."


def _player(
    library: Library, record: VideoRecord, shard: Shard, chosen: int | None, loop: Span | None
) -> PlayerView:
    video_id, told = record.video_id, edition(library, shard)
    path = Footage(library).file(video_id)
    length = window_s(shard)
    starts = np.arange(0.0, max(record.duration_s, 0.1), length).tolist()
    windows = tuple(
        {"t0": t0_s, "t1": t0_s + length, "url": overlay_url(video_id, told, t0_s, t0_s + length)}
        for t0_s in starts
    )
    gone = (
        f"The file is no longer where it was: {record.path}. What was found in it is still here. "
        "Put the file back, or add it again from its new place: it is known by its content, and "
        "nothing has to be read twice."
    )
    return PlayerView(
        src="" if path is None else video_url(video_id),
        poster=poster_url(video_id),
        windows=windows,
        timeline=timeline_url(video_id, told),
        duration=record.duration_s,
        fps=record.fps,
        width=record.width,
        height=record.height,
        trouble=gone if path is None else None,
        unplayable=f"This browser cannot play {record.name}: it does not know the format.",
        can_copy=not library.read_only,
        files=_files(video_id),
        clips=_clips(record, shard, chosen, loop),
    )


def _files(video_id: str) -> tuple[dict[str, str], ...]:
    forms = (
        ("mot", "Tracks, MOTChallenge", "txt"),
        ("coco", "Tracks, COCO", "json"),
        ("csv", "Tracks, table", "csv"),
    )
    return tuple(
        {"label": label, "note": note, "url": track_file_url(video_id, form)}
        for form, label, note in forms
    )


def _clips(
    record: VideoRecord, shard: Shard, chosen: int | None, loop: Span | None
) -> tuple[dict[str, str], ...]:
    tracks, spans = shard.tracks(), []
    if loop is not None:
        spans.append(("Clip of the loop", *loop, chosen))
    if chosen is not None and chosen in tracks.track_id:
        row = tracks.row_of(chosen)
        name = watch_words.title(str(tracks.class_name[row]), chosen)
        spans.append((f"Clip of {name}", float(tracks.t0_s[row]), float(tracks.t1_s[row]), chosen))
    if record.duration_s <= _WHOLE_CLIP_S:
        spans.append(("The whole video", 0.0, record.duration_s, None))
    return tuple(
        {
            "label": label,
            "note": f"{clock(t0_s)}–{clock(t1_s)} mp4",
            "url": clip_url(record.video_id, t0_s, t1_s, {"o": track}),
            "state": clip_state_url(record.video_id, t0_s, t1_s, {"o": track}),
        }
        for label, t0_s, t1_s, track in spans
    )


# --- an object -----------------------------------------------------------------------------------


def resolved(video_id: str, track_id: int) -> int | None:
    """The track that is now what an address or an older edit meant; None for an unknown one."""
    try:
        return services().library().resolve(video_id, track_id)
    except VidtrailError:
        return None  # an address that somebody made up: the page says that nothing is chosen


def object_view(video_id: str, track_id: int) -> ObjectView:
    """Everything that is known of a track; raises LibraryError for an unknown or damaged one."""
    library = services().library()
    track_id = library.resolve(video_id, track_id)
    shard, ref = library.shard(video_id), TrackRef(video_id, track_id)
    tracks = shard.tracks()
    row = tracks.row_of(track_id)
    identity = Identities(library).identity_of(ref)
    class_name, t0_s = str(tracks.class_name[row]), float(tracks.t0_s[row])
    speed, direction = watch_words.pace(shard, track_id)
    title = watch_words.title(class_name, track_id, identity.name)
    labels = labels_of(library, ref)
    known = {label.label for label in library.notes.labels()}
    t1_s = float(tracks.t1_s[row])
    return ObjectView(
        video_id=video_id,
        track_id=track_id,
        title=title,
        name=identity.name,
        class_name=class_name,
        colour=class_colours([class_name])[0],
        seen=watch_words.seen(shard, track_id),
        t0_s=t0_s,
        t1_s=t1_s,
        crops=_crops(shard, track_id, title),
        still=still_url(video_id, (t0_s + t1_s) / 2.0, STILL_PX),
        ratio=f"{shard.meta.width} / {shard.meta.height}",
        path=_path(shard, track_id),
        speed=speed,
        direction=direction,
        events=watch_words.events(shard, track_id),
        kinds=watch_words.kinds(shard, track_id),
        colours=watch_words.colours(shard, track_id),
        origin=watch_words.origin(composition(library, ref)),
        labels=labels,
        known_labels=tuple(sorted(known)),
        classes=tuple(sorted({*shard.meta.class_names, *map(str, tracks.class_name)})),
        same=_elsewhere(library, identity, ref),
    )


def labels_of(library: Library, ref: TrackRef) -> tuple[str, ...]:
    """A person's words for a track, the oldest first."""
    found = library.notes.labels(ref.video_id)
    here = [
        label for label in found if current(library, TrackRef(ref.video_id, label.track_id)) == ref
    ]
    return tuple(dict.fromkeys(label.label for label in here))


def _crops(shard: Shard, track_id: int, title: str) -> tuple[CropView, ...]:
    table, best = shard.crops(), shard.tracks().best_crop[shard.tracks().row_of(track_id)]
    rows = np.flatnonzero(table.track_id == track_id)
    rows = rows[np.lexsort((-table.quality[rows], table.crop_id[rows] != best))][:CROPS]
    return tuple(
        CropView(
            crop_url(shard.video_id, int(table.crop_id[row])),
            float(table.t_s[row]),
            f"{title} at {clock(float(table.t_s[row]), 1)}",
        )
        for row in rows
    )


def _path(shard: Shard, track_id: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The way of the foot point in thousandths of the picture, parted where it was not seen."""
    path = shard.path_of(track_id)
    if not len(path):
        return ()
    shares = np.clip(path.foot / [shard.meta.width, shard.meta.height], 0.0, 1.0)
    points = np.round(shares * 1000.0).astype(int)
    gaps = np.flatnonzero(np.diff(path.t_s) > 2.0) + 1
    step = max(1, len(points) // _POINTS)
    return tuple(
        tuple((int(x), int(y)) for x, y in np.concatenate([piece[::step], piece[-1:]]))
        for piece in np.split(points, gaps)
    )


def _elsewhere(library: Library, identity: Identity, own: TrackRef) -> tuple[ElsewhereView, ...]:
    found = []
    for ref in identity.members:
        if ref == own:
            continue
        record, tracks = library.video(ref.video_id), library.shard(ref.video_id).tracks()
        kind = str(tracks.class_name[tracks.row_of(ref.track_id)])
        words = f"{watch_words.title(kind, ref.track_id)} in {record.name}"
        found.append(ElsewhereView(ref.video_id, ref.track_id, words))
    return tuple(found)


# --- the same object elsewhere -------------------------------------------------------------------


@lru_cache(maxsize=1)
def _suggester(library: Library, encoder: str, _stamp: object) -> Suggester:
    return Suggester(library, encoder)


def suggestions(video_id: str, track_id: int) -> SuggestionsView:
    """Tracks of this and other videos that may be the same object, the likeliest first."""
    library = services().library()
    try:
        suggester = _suggester(library, library.video(video_id).encoder, library.stamp())
        told = suggester.suggest(of=TrackRef(video_id, track_id), limit=SUGGESTED)
    except VidtrailError as error:
        return SuggestionsView(error=str(error))
    found = []
    for one in told.found:
        record, tracks = library.video(one.b.video_id), library.shard(one.b.video_id).tracks()
        row = tracks.row_of(one.b.track_id)
        name = names_of(library, one.b.video_id).get(one.b.track_id, "")
        where = "later or earlier in this video" if one.b.video_id == video_id else record.name
        kind = watch_words.title(str(tracks.class_name[row]), one.b.track_id, name)
        found.append(
            SuggestionView(
                video_id=one.b.video_id,
                track_id=one.b.track_id,
                t_s=float(tracks.t0_s[row]),
                title=f"{kind}, {where}, {clock(float(tracks.t0_s[row]), 1)}",
                p=one.p,
                reason=one.reason,
                pairs=tuple(
                    (crop_url(video_id, a), crop_url(one.b.video_id, b)) for a, b in one.crops[:2]
                ),
            )
        )
    return SuggestionsView(tuple(found), told.reason)
