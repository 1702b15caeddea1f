"""What keeps other sites out: headers, known host names, no requests from elsewhere; and the base
path under which a reverse proxy may put the server.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dashboard.links import base_path

log = logging.getLogger(__name__)

# Streamlit evaluates scripts of components and inlines styles; everything comes from this server.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=()",
}
_READING = {"GET", "HEAD", "OPTIONS"}
_REFUSED = 1008  # what a websocket is closed with: against the policy
OUR_PATHS = ("/api/", "/login", "/logout")
"""Where our own routes begin; all else is Streamlit's."""


class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` to each HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class BasePath:
    """ASGI middleware that answers our own routes under the base path as well.

    Streamlit mounts its pages under `server.baseUrlPath` itself, but not routes added to it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        base = base_path()
        if base and scope["type"] == "http":
            inner = scope["path"].removeprefix(base)
            if inner != scope["path"] and inner.startswith(OUR_PATHS):
                scope = {**scope, "path": inner, "raw_path": inner.encode()}
        await self._app(scope, receive, send)


class KnownHosts:
    """ASGI middleware that answers only to this server's names, and only to its own pages.

    A page elsewhere may let its name point here (DNS rebinding) and then read what it likes: so
    the name in a request must be an address in digits, localhost, this machine's, or in `names`.
    Requests that change something, and websockets, must come from a page of this server.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self._app = app
        self._told = {name.lower().rstrip(".") for name in names}
        self._names = self._told | {"localhost", socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._knows(host):
            log.warning("refused a request for the unknown host %r", host[:100])
            said = f"This server does not answer to the name {_name(host) or 'it was asked by'}."
            await _refuse(scope, receive, send, f"{said} Start it with --allow-host NAME.", 421)
        elif self._comes_from_elsewhere(scope, headers, host):
            log.warning("refused a request from a page of %r", headers.get("origin", "")[:100])
            await _refuse(scope, receive, send, "Only pages of this server may do this.", 403)
        else:
            await self._app(scope, receive, send)

    def _knows(self, host: str) -> bool:
        name = _name(host)
        return name in self._names or _is_address(name)

    def _comes_from_elsewhere(self, scope: Scope, headers: Headers, host: str) -> bool:
        if scope["type"] == "http" and scope["method"] in _READING:
            return False
        if (site := headers.get("sec-fetch-site")) is not None and scope["type"] == "http":
            return site not in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None:  # no browser: those always say where a page is from
            return False
        try:
            parts = urlsplit(origin)
            return parts.netloc != host and (parts.hostname or "") not in self._told
        except ValueError:
            return True


def _name(host: str) -> str:
    """The name in a Host header, without its port; "" for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises for what is no port
    except ValueError:
        return ""
    odd = parts.username is not None or parts.path or parts.query or parts.fragment
    return "" if odd else (parts.hostname or "").rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send, why: str, status: int) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(_REFUSED, why)(scope, receive, send)
    else:
        await PlainTextResponse(why, status)(scope, receive, send)
