"""What the search page asks for: answers as views; errors become sentences."""

from __future__ import annotations

import time

from core.cli import EXAMPLES
from core.errors import VidtrailError
from core.library.library import Library
from dashboard.services import services
from dashboard.views import AnswerView
from dashboard.wording import answer_view

RESULTS = 24
__all__ = ["EXAMPLES", "ask", "best_crop"]


def ask(question: str) -> AnswerView:
    """The moments that answer a question, best first."""
    try:
        engine = services().engine()
        engine.warm_up()  # what is loaded once is not part of the time a question takes
        started = time.perf_counter()
        answer = engine.search(question, limit=RESULTS)
        took_s = time.perf_counter() - started
        library = services().library()
        return answer_view(answer, lambda *track: best_crop(library, *track), took_s)
    except VidtrailError as error:
        return AnswerView(error=str(error))


def best_crop(library: Library, video_id: str, track_id: int) -> int | None:
    """The picture that shows a track best; None where it has none."""
    tracks = library.shard(video_id).tracks()
    crop_id = int(tracks.best_crop[tracks.row_of(track_id)])
    return crop_id if crop_id >= 0 else None
