"""The login: nothing answers without a session, wrong tries are slowed down, sessions end."""

from __future__ import annotations

import base64
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config

from dashboard.login import COOKIE, Gate, Login

PASSWORD = "correct horse"
HTML = {"accept": "text/html"}


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def cheaply_hashed(salt: bytes = b"salt") -> str:
    """In the form of `passwords.hashed`, at a cost that tests can bear."""
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=2, r=1, p=1, dklen=32)
    return f"scrypt$2$1$1${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


@pytest.fixture
def kept() -> str:
    return cheaply_hashed()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(kept: str, clock: Clock) -> Gate:
    return Gate(kept, now=clock)


async def _page(_request):
    return PlainTextResponse("private")


async def _stream(socket: WebSocket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(f"heard {text}")


def _app(gate: Gate | None) -> Starlette:
    return Starlette(
        routes=[WebSocketRoute("/_stcore/stream", _stream), Route("/{path:path}", _page)],
        middleware=[Middleware(Login, gate=gate)],
    )


@pytest.fixture
def client(gate: Gate):
    with TestClient(_app(gate), follow_redirects=False) as client:
        yield client


def enter(client: TestClient, password: str = PASSWORD, onward: str = ""):
    return client.post("/login", data={"password": password, "next": onward})


def test_without_a_gate_everybody_comes_in():
    with TestClient(_app(None)) as client:
        assert client.get("/library").text == "private"


@pytest.mark.parametrize(
    "address", ["/api/videos/a1", "/_stcore/host-config", "/static/x.js", "/media/x", "/_stcore/"]
)
def test_nothing_answers_without_a_session(client, address):
    answer = client.get(address)
    assert answer.status_code == 401
    assert "private" not in answer.text
    assert client.post(address).status_code == 401
    assert client.get(address, headers={"cookie": f"{COOKIE}=9999999999.a.b"}).status_code == 401


def test_the_health_check_answers_to_all(client):
    assert client.get("/_stcore/health").text == "private"


def test_a_page_sends_to_the_form_and_the_form_back_to_the_page(client):
    sent = client.get("/watch?v=a1&t=2.00", headers=HTML)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=%2Fwatch%3Fv%3Da1%26t%3D2.00"
    form = client.get(sent.headers["location"])
    assert 'value="/watch?v=a1&amp;t=2.00"' in form.text
    entered = enter(client, onward="/watch?v=a1&t=2.00")
    assert (entered.status_code, entered.headers["location"]) == (303, "/watch?v=a1&t=2.00")
    assert client.get("/watch?v=a1&t=2.00", headers=HTML).text == "private"
    assert client.get("/login").status_code == 303


@pytest.mark.parametrize(
    "onward", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/a\nb", "evil", ""]
)
def test_the_form_never_leads_to_another_server(client, onward):
    assert enter(client, onward=onward).headers["location"] == "/"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = enter(client).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/;" in f"{cookie};"
    assert "secure" not in cookie


def test_over_https_the_cookie_stays_there(gate):
    with TestClient(_app(gate), base_url="https://testserver", follow_redirects=False) as client:
        assert "secure" in enter(client).headers["set-cookie"].lower()


def test_what_was_typed_cannot_become_part_of_the_page(client):
    answer = enter(client, "wrong password", '"><script>alert(1)</script>')
    assert answer.status_code == 401
    assert "<script" not in answer.text
    assert COOKIE not in answer.cookies
    assert 'role="alert"' in answer.text


def test_after_wrong_tries_even_the_right_password_has_to_wait(client, clock):
    for _ in range(3):
        assert enter(client, "wrong").status_code == 401
    answer = enter(client)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    clock.now_s += 1.1
    assert enter(client, "wrong").status_code == 401
    clock.now_s += 1.1
    assert enter(client).status_code == 429  # each wrong try doubles the wait
    clock.now_s += 1.0
    assert enter(client).status_code == 303
    assert enter(client, "wrong").status_code == 401  # and a right one forgets them


def test_one_visitors_tries_slow_nobody_else_down(gate):
    for _ in range(9):
        gate.enter("wrong", "10.0.0.1")
    assert gate.wait_s("10.0.0.1") == 60.0
    assert gate.wait_s("10.0.0.2") == 0.0


def test_a_session_ends_by_itself(client, clock):
    enter(client)
    assert client.get("/api/x").status_code == 200
    clock.now_s += 12 * 3600 + 1
    assert client.get("/api/x").status_code == 401


def test_logging_out_ends_the_session_for_every_copy_of_the_cookie(client):
    enter(client)
    copied = client.cookies[COOKIE]
    left = client.get("/logout", headers={"sec-fetch-site": "cross-site"})
    assert client.get("/api/x").status_code == 200  # not by a page elsewhere
    left = client.get("/logout")
    assert left.headers["location"] == "/login"
    client.cookies.clear()
    assert client.get("/api/x", headers={"cookie": f"{COOKIE}={copied}"}).status_code == 401


def test_a_session_outlives_a_restart_and_not_a_new_password(kept, gate, clock):
    session = gate.enter(PASSWORD, "here")
    assert Gate(kept, now=clock).knows(session)
    assert not Gate(cheaply_hashed(b"other"), now=clock).knows(session)


@pytest.mark.parametrize("change", [lambda s: s[:-1] + "x", lambda s: "9" + s, lambda s: s + "é"])
def test_a_session_cannot_be_made_up(gate, change):
    session = gate.enter(PASSWORD, "here")
    assert gate.knows(session)
    assert not gate.knows(change(session))
    assert not gate.knows("")
    assert not gate.knows(None)


def test_the_websocket_is_guarded_alike(client):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass
    enter(client)
    with client.websocket_connect("/_stcore/stream") as socket:
        socket.send_text("a")
        assert socket.receive_text() == "heard a"


def test_a_websocket_ends_with_its_session(client, gate):
    enter(client)
    with client.websocket_connect("/_stcore/stream") as socket:
        gate.leave(client.cookies[COOKIE])
        socket.send_text("a")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def test_a_form_that_is_no_form_is_refused(client):
    assert client.post("/login", content=b"x" * 5000).status_code == 413
    assert client.put("/login").status_code == 405


def test_below_a_base_path_all_stays_there(client, monkeypatch):
    config.set_option("server.baseUrlPath", "videos")
    try:
        assert client.get("/videos/_stcore/health").text == "private"
        sent = client.get("/videos/library", headers=HTML)
        assert sent.headers["location"] == "/videos/login?next=%2Fvideos%2Flibrary"
        entered = client.post(
            "/videos/login", data={"password": PASSWORD, "next": "/videos/library"}
        )
        assert entered.headers["location"] == "/videos/library"
        assert "path=/videos" in entered.headers["set-cookie"].lower()
        assert client.get("/videos/library").text == "private"
        assert client.get("/library").status_code == 401  # the cookie stays below the base
    finally:
        config.set_option("server.baseUrlPath", "")
