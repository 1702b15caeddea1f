"""What the library page asks for: the videos as views."""

from __future__ import annotations

from core.errors import VidtrailError
from dashboard.services import services
from dashboard.views import LibraryView
from dashboard.wording import video_view


def library_view() -> LibraryView:
    """The library as it is now; one that cannot be used says why."""
    desk = services()
    place = str(desk.place)
    if desk.untouched:
        return LibraryView(place)
    try:
        records = desk.library().videos()
    except VidtrailError as error:
        return LibraryView(place, error=str(error))
    return LibraryView(place, tuple(video_view(record) for record in records))
