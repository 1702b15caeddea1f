"""``python -m dashboard``: serve the app on this machine."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit status."""
    parser = argparse.ArgumentParser(
        prog="vidtrail serve", description="Serve the Vidtrail dashboard to a browser."
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 opens it to the network (default: %(default)s)",
    )
    parser.add_argument("--port", type=int, default=8501, help="default: %(default)s")
    parser.add_argument(
        "--library",
        default=os.environ.get("VIDTRAIL_LIBRARY", "library"),
        help="the library's folder (default: $VIDTRAIL_LIBRARY or ./library)",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    os.environ["VIDTRAIL_LIBRARY"] = os.path.abspath(options.library)  # noqa: PTH100 - keeps links
    from dashboard.server import app  # after parsing: `--help` should not load Streamlit

    # Streamlit reads its settings from beside the script it was started with, whoever started us.
    sys.argv = [__file__]
    app.run(config={"server.address": options.host, "server.port": options.port})
    return 0


if __name__ == "__main__":
    sys.exit(main())
