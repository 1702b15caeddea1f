"""A login for the whole server, optional: one password, one middleware before everything.

Pages, websocket, routes and assets answer only to a visitor with a session; open to all are the
health check and the form. A session is a signed cookie: it ends by itself, or when its visitor
logs out.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import time
from asyncio import Lock
from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dashboard.links import address, base_path
from dashboard.passwords import matches

COOKIE = "vidtrail_session"
_LIFETIME_S = 12 * 3600.0
_FREE_TRIES = 3
_LONGEST_WAIT_S = 60.0
_FORGET_S = 900.0
_MOST_REMEMBERED = 10_000
_LONGEST_FORM = 4096
_REFUSED = 1008
_HEALTH = "/_stcore/health"
_ASSETS = Path(__file__).with_name("assets")
_FORM, _MARK = _ASSETS / "login.html", _ASSETS / "mark.svg"


class Gate:
    """Who may come in: passwords, sessions, and how long to wait after wrong tries.

    kept: the password's hash (`passwords.hashed`); sessions are signed with a key made of it, so
    they outlive a restart and end with a new password. now: seconds since the epoch.
    """

    def __init__(
        self, kept: str, lifetime_s: float = _LIFETIME_S, now: Callable[[], float] = time.time
    ) -> None:
        self.lifetime_s = lifetime_s
        self._kept, self._now = kept, now
        self._key = hashlib.sha256(f"session of {kept}".encode()).digest()
        self._ended: dict[str, float] = {}
        self._tries: dict[str, tuple[int, float]] = {}

    def enter(self, password: str, who: str) -> str | None:
        """A new session for the right password; None for a wrong one. who: the visitor's address.

        Call it only when `wait_s` is 0. A try counts before it is judged, so many at once gain
        nothing.
        """
        count, _ = self._tries.pop(who, (0, 0.0))
        self._tries[who] = (count + 1, self._now())
        while len(self._tries) > _MOST_REMEMBERED:
            del self._tries[next(iter(self._tries))]
        if not matches(password, self._kept):
            return None
        self._tries.pop(who, None)
        body = f"{int(self._now() + self.lifetime_s)}.{secrets.token_urlsafe(12)}"
        return f"{body}.{self._signature(body)}"

    def wait_s(self, who: str) -> float:
        """How long a visitor has to wait before the next try."""
        count, last = self._tries.get(who, (0, 0.0))
        since = self._now() - last
        if since > _FORGET_S:
            self._tries.pop(who, None)
            return 0.0
        if count < _FREE_TRIES:
            return 0.0
        return max(0.0, min(2.0 ** (count - _FREE_TRIES), _LONGEST_WAIT_S) - since)

    def knows(self, session: str | None) -> bool:
        """Whether a session was given out here, has not expired and was not ended."""
        body, _, signature = (session or "").rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            return False
        return int(body.partition(".")[0]) > self._now() and body not in self._ended

    def leave(self, session: str | None) -> None:
        """End a session before its time."""
        if session is None or not self.knows(session):
            return
        now = self._now()
        self._ended = {body: until for body, until in self._ended.items() if until > now}
        body = session.rpartition(".")[0]
        self._ended[body] = float(body.partition(".")[0])

    def _signature(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()


class Login:
    """ASGI middleware that lets only visitors with a session through; without a gate, everybody."""

    def __init__(self, app: ASGIApp, gate: Gate | None) -> None:
        self._app, self._gate = app, gate
        self._one_at_a_time = Lock()  # a guess costs memory and time: a crowd must not add up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gate = self._gate
        if gate is None or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        base = base_path()
        path = scope["path"]
        path = path.removeprefix(base) if path.startswith(f"{base}/") else path
        session = HTTPConnection(scope).cookies.get(COOKIE)
        if scope["type"] == "websocket":
            if gate.knows(session):
                await self._app(scope, _while_known(receive, send, gate, session), send)
            else:
                await WebSocketClose(_REFUSED, "Log in first.")(scope, receive, send)
        elif path == "/login":
            answer = await self._form(Request(scope, receive), gate)
            await answer(scope, receive, send)
        elif path == "/logout":
            answer = _left(Request(scope, receive), gate)
            await answer(scope, receive, send)
        elif path == _HEALTH or gate.knows(session):
            await self._app(scope, receive, _forgetting_pages(send))
        else:
            await _sent_away(Request(scope, receive))(scope, receive, send)

    async def _form(self, request: Request, gate: Gate) -> Response:
        if request.method in ("GET", "HEAD"):
            if gate.knows(request.cookies.get(COOKIE)):
                return RedirectResponse(_onward(request.query_params.get("next", "")), 303)
            return _form(request.query_params.get("next", ""))
        if request.method != "POST":
            return PlainTextResponse("Only GET and POST.", 405, {"Allow": "GET, HEAD, POST"})
        told = await _fields(request)
        if told is None:
            return PlainTextResponse("That is no login.", 413)
        password, onward = told
        who = request.client.host if request.client else "unknown"
        async with self._one_at_a_time:
            if (wait_s := gate.wait_s(who)) > 0:
                said = f"Too many wrong tries. Wait {math.ceil(wait_s)} seconds, then try again."
                return _form(onward, said, 429, {"Retry-After": f"{math.ceil(wait_s)}"})
            session = await run_in_threadpool(gate.enter, password, who)
        if session is None:
            return _form(onward, "That is not the password.", status=401)
        answer = RedirectResponse(_onward(onward), 303)
        answer.set_cookie(
            COOKIE, session, max_age=int(gate.lifetime_s), path=base_path() or "/",
            secure=request.url.scheme == "https", httponly=True, samesite="lax",
        )  # fmt: skip
        return answer


def _forgetting_pages(send: Send) -> Send:
    """Going back after the end of a session asks the server again, which shows the form."""

    async def send_page(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return send_page


def _while_known(receive: Receive, send: Send, gate: Gate, session: str | None) -> Receive:
    """Messages of a websocket until its session ends; then it is closed from this side."""

    async def receive_if_known() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive" and not gate.knows(session):
            ended = {"code": _REFUSED, "reason": "Log in again."}
            await send({"type": "websocket.close", **ended})
            return {"type": "websocket.disconnect", **ended}
        return message

    return receive_if_known


def _sent_away(request: Request) -> Response:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(address("/login") + f"?next={quote(asked, safe='')}", 303)
    return PlainTextResponse("Log in first.", 401, {"Cache-Control": "no-store"})


def _left(request: Request, gate: Gate) -> Response:
    # A link elsewhere must not end a visit; browsers say where a request comes from.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return RedirectResponse(address("/"), 303)
    gate.leave(request.cookies.get(COOKIE))
    answer = RedirectResponse(address("/login"), 303, {"Cache-Control": "no-store"})
    answer.delete_cookie(COOKIE, path=base_path() or "/", httponly=True, samesite="lax")
    return answer


async def _fields(request: Request) -> tuple[str, str] | None:
    """(password, where to go) of a posted form; None for what is too long to be one."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"))
    return fields.get("password", [""])[0], fields.get("next", [""])[0]


def _onward(asked: str) -> str:
    """Where to go after the login: a page of this server, never another's."""
    inside = asked.startswith(f"{base_path()}/") and not asked.startswith("//")
    plain = "\\" not in asked and not any(ord(sign) < 32 for sign in asked)
    return asked if inside and plain and "/login" not in asked else address("/")


def _form(
    onward: str, said: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> HTMLResponse:
    page = Template(_FORM.read_text(encoding="utf-8")).substitute(
        action=escape(address("/login")),
        mark=_MARK.read_text(encoding="utf-8").replace("<svg ", '<svg aria-hidden="true" ', 1),
        next=escape(onward),
        said=f'<p class="said" role="alert" id="said">{escape(said)}</p>' if said else "",
        described=' aria-describedby="said" aria-invalid="true"' if said else "",
    )
    return HTMLResponse(page, status, {"Cache-Control": "no-store", **(headers or {})})
