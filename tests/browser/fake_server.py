"""Serve the dashboard over the fake library: fake_server.py FOLDER PORT"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dashboard import services
from dashboard.__main__ import main
from tests.dashboard.fakes import FakeBackend


def serve(folder: Path, port: int) -> int:
    fake = FakeBackend(folder)
    services.open_backend = lambda _place: fake
    return main(["--port", str(port), "--library", str(folder)])


if __name__ == "__main__":
    os.environ["STREAMLIT_SERVER_FILE_WATCHER_TYPE"] = "none"
    sys.exit(serve(Path(sys.argv[1]), int(sys.argv[2])))
