"""The web application: Streamlit, the media routes, and what lives as long as the server.

Run it with ``python -m dashboard``; ``streamlit run dashboard/main.py`` would lack the routes.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from core.ingest.runner import Runner
from dashboard import (
    downloads,
    insight_files,
    map_files,
    media,
    overlays,
    pictures,
    proofs,
    selection_files,
    track_files,
    uploads,
)
from dashboard.login import Gate, Login
from dashboard.passwords import kept_in
from dashboard.security import BasePath, KnownHosts, SecurityHeaders
from dashboard.services import services

log = logging.getLogger(__name__)


@asynccontextmanager
async def _life(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    # The models take seconds to load; the first visitor should not be the one who waits.
    desk, ended = services(), threading.Event()
    threading.Thread(target=desk.keep_warm, args=(ended,), name="warm-up", daemon=True).start()
    runner = Runner(desk.place)
    runner.start()
    try:
        yield {}
    finally:
        ended.set()
        desk.renewed.set()
        await run_in_threadpool(runner.stop)


def _explain(error: Exception) -> bool:
    number = secrets.token_hex(4)
    log.error("page error %s", number, exc_info=error)
    st.error(f"Something went wrong here. The server's log has the details under {number}.")
    return True


def routes() -> list[BaseRoute]:
    """All routes besides those of Streamlit."""
    rooms = (
        media, pictures, uploads, proofs, downloads, overlays, track_files, map_files,
        insight_files, selection_files,
    )  # fmt: skip
    return [route for room in rooms for route in room.routes()]


def guards() -> list[Middleware]:
    """What every request passes, outermost first, as the environment asks.

    Raises PasswordError: a server told to ask for a password never serves without one.
    """
    password_file = os.environ.get("VIDTRAIL_PASSWORD_FILE")
    names = os.environ.get("VIDTRAIL_HOSTS", "").split()
    return [
        Middleware(SecurityHeaders),
        Middleware(KnownHosts, names=names),
        Middleware(BasePath),
        Middleware(Login, gate=Gate(kept_in(Path(password_file))) if password_file else None),
    ]


app = st.App(
    Path(__file__).with_name("main.py"),
    routes=routes(),
    middleware=guards(),
    lifespan=_life,
    on_script_error=_explain,
)
