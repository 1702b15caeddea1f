"""The worker of the queue with models that need no files; run as ``python -m``, like the real one.

QUEUE_WORKER in the environment makes it misbehave: `hang` (deaf to all but a kill), `die` (killed
by itself once a segment is safe), `break` (an exception nobody expects), `slow` (so that a person
has time), `crash` (gone before it has done anything).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import Any

from core.ingest.batch import Models
from core.ingest.reading import ReadingSettings
from core.ingest.worker import main
from core.models import profile as profiles
from tests.fakes import FakeDetector, FakeEncoder

SETTINGS = ReadingSettings(segment_s=1.0, detect_batch=4)
HOW = os.environ.get("QUEUE_WORKER", "")


class Misbehaving(FakeDetector):
    seen = 0

    def detect(self, images: Any) -> Any:
        Misbehaving.seen += len(images)
        if HOW == "hang":
            time.sleep(3600)
        if HOW == "break" and Misbehaving.seen > 8:
            raise ZeroDivisionError("no such number")
        if HOW == "die" and Misbehaving.seen > 30:
            os.kill(os.getpid(), signal.SIGKILL)
        if HOW == "slow":
            time.sleep(0.15)
        return super().detect(images)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    if HOW == "crash":
        sys.exit(3)
    profiles.Profile.fingerprint = lambda self: f"fake-{self.name}"  # type: ignore[method-assign]
    sys.exit(
        main(
            sys.argv[1:],
            load=lambda profile, runtimes: Models(Misbehaving(), FakeEncoder()),
            settings=SETTINGS,
            ends_with=sys.stdin.fileno(),
        )
    )
