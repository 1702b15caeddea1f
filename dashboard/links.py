"""Addresses of pages, pictures, videos and files, made in one place.

Whoever writes an address into a page calls a function here: under a reverse proxy's base path
(`server.baseUrlPath`) all of them begin with it. Routes are declared without the base, as
`Route("/api/...")`; the server answers them with and without it. Scripts in the browser get whole
addresses in their data and never put one together.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from streamlit import config

Asked = Mapping[str, str | int | float | bool | None]
"""What stands behind the question mark; None leaves a name out, True and False are 1 and 0,
fractions have three decimals, so that the same time is always the same address."""


def base_path() -> str:
    """What every address begins with: "" or "/base", as the server was told."""
    trimmed = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{trimmed}" if trimmed else ""


def address(path: str, asked: Asked | None = None) -> str:
    """A whole address of this server for a path from its root, "/api/..." or "/watch"."""
    told = [(name, _written(value)) for name, value in (asked or {}).items() if value is not None]
    query = f"?{urlencode(told, quote_via=quote)}" if told else ""
    return f"{base_path()}{path}{query}"


def _written(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.3f}" if isinstance(value, float) else str(value)


# --- pages ---------------------------------------------------------------------------------------


def search_url(question: str | None = None) -> str:
    """The page Search, with a question in the box."""
    return address("/", {"q": question})


def watch_url(video_id: str, t_s: float | None = None, track_id: int | None = None) -> str:
    """The page that plays a video, at a time and with an object chosen."""
    time = None if t_s is None else f"{t_s:.2f}"
    return address("/watch", {"v": video_id, "t": time, "o": track_id})


def logout_url() -> str:
    """Where a form is posted that ends the visit; answers only where there is a login."""
    return address("/logout")


# --- video and pictures: media.py ----------------------------------------------------------------


def icon_url() -> str:
    """The product's mark, PNG."""
    return address("/api/icon.png")


def video_url(video_id: str) -> str:
    """The video file that browsers play, by HTTP Range."""
    return address(f"/api/videos/{video_id}")


def moment_url(video_id: str, t0_s: float, t1_s: float) -> str:
    """The video as a media fragment [t0_s, t1_s]: a browser plays that span and pauses."""
    return f"{video_url(video_id)}#t={max(t0_s, 0.0):.3f},{t1_s:.3f}"


def poster_url(video_id: str) -> str:
    """A picture that stands for the video, JPEG."""
    return address(f"/api/videos/{video_id}/poster.jpg")


def still_url(video_id: str, t_s: float, width_px: int | None = None) -> str:
    """The frame on screen at t_s, JPEG, at most width_px wide (None: as it is)."""
    return address(f"/api/videos/{video_id}/still.jpg", {"t": float(t_s), "w": width_px})


def crop_url(video_id: str, crop_id: int) -> str:
    """A crop, JPEG."""
    return address(f"/api/crops/{video_id}/{crop_id}.jpg")


# --- what others draw and write ------------------------------------------------------------------


def proof_url(kind: str, video_id: str, asked: Asked) -> str:
    """A still with a proof drawn on it, JPEG: proofs.py.

    kind: which drawing, a word without a slash ("path", "pair", ...). asked: what it is drawn of.
    """
    return address(f"/api/proofs/{kind}/{video_id}.jpg", asked)


def overlay_url(
    video_id: str, edition: str = "", t0_s: float | None = None, t1_s: float | None = None
) -> str:
    """Boxes of all tracks by frame, binary, of the whole video or of [t0_s, t1_s): overlays.py.

    edition: changes when a person's edits do, so that a browser never shows an older one.
    """
    asked = {"e": edition or None, "t0": t0_s, "t1": t1_s}
    return address(f"/api/overlays/{video_id}.bin", asked)


def timeline_url(video_id: str, edition: str) -> str:
    """Objects and events of a video, JSON; `edition` as above: overlays.py."""
    return address(f"/api/overlays/{video_id}.json", {"e": edition})


def track_file_url(video_id: str, form: str, asked: Asked | None = None) -> str:
    """The tracks of a video as a file, form "mot", "coco" or "csv": track_files.py."""
    return address(f"/api/tracks/{video_id}/{form}", asked)


def clip_url(video_id: str, t0_s: float, t1_s: float, asked: Asked | None = None) -> str:
    """A span of a video as an MP4 file of its own, overlay drawn in as asked: track_files.py."""
    return address(
        f"/api/clips/{video_id}.mp4", {"t0": float(t0_s), "t1": float(t1_s), **(asked or {})}
    )


def clip_state_url(video_id: str, t0_s: float, t1_s: float, asked: Asked | None = None) -> str:
    """How far that clip is, JSON; the first time asks for it to be made: track_files.py."""
    return address(
        f"/api/clips/{video_id}.json", {"t0": float(t0_s), "t1": float(t1_s), **(asked or {})}
    )


def answer_file_url(name: str, asked: Asked) -> str:
    """An answer as a file, name "answer.json", "answer.csv" or "clips.zip": downloads.py."""
    return address(f"/api/answers/{name}", asked)


def upload_url(asked: Asked | None = None) -> str:
    """Where a file is sent to be added: uploads.py."""
    return address("/api/uploads", asked)


def picture_url(key: str) -> str:
    """A picture given to search by, JPEG: pictures.py."""
    return address(f"/api/pictures/{key.partition(':')[0]}.jpg")


# --- the maps of what is in the footage: map_files.py --------------------------------------------


def explore_url(asked: Asked | None = None) -> str:
    """The page with the maps."""
    return address("/explore", asked)


def plotly_url(version: str) -> str:
    """The library that draws the maps, a script; the same one for ever."""
    return address("/api/plotly.js", {"v": version})


def points_url(edition: str) -> str:
    """Places of the points of both maps, binary; the same ones for ever."""
    return address(f"/api/maps/{edition}/points.bin")


def colours_url(edition: str, asked: Asked) -> str:
    """What each point is coloured by, a byte each, in the order of the points."""
    return address(f"/api/maps/{edition}/colours.bin", asked)


def lit_url(edition: str, selection: str) -> str:
    """Which points are selected, a bit each, in the order of the points."""
    return address(f"/api/maps/{edition}/selected.bin", {"sel": selection})


def map_objects_url(edition: str) -> str:
    """What a point is: followed by "/ROW.json" in words, by "/ROW.jpg" as a picture."""
    return address(f"/api/maps/{edition}/objects")


# --- what is selected: selection_files.py --------------------------------------------------------


def selection_url(key: str) -> str:
    """The page Search with the objects of a selection."""
    return address("/", {"sel": key})


def selection_file_url(key: str, name: str) -> str:
    """A selection as a file, such as "objects.csv" or "pictures.zip"."""
    return address(f"/api/selections/{key}/{name}")


# --- what is counted: insight_files.py -----------------------------------------------------------


def insight_url(asked: Asked | None = None) -> str:
    """The page that counts."""
    return address("/insight", asked)


def insight_file_url(name: str, asked: Asked) -> str:
    """What was counted, as a file: "counts.csv", "movements.csv", "dwell.csv", "lines.csv",
    "occupancy.csv".
    """
    return address(f"/api/insight/{name}", asked)


def heat_url(edition: str, asked: Asked) -> str:
    """Where objects spend their time, drawn on a still, JPEG; another edition when that changes."""
    return address("/api/insight/heat.jpg", {"e": edition, **asked})
