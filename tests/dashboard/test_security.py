"""Names the server answers to, pages it obeys, headers, and the base path."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config

from dashboard import links
from dashboard.security import HEADERS, BasePath, KnownHosts, SecurityHeaders


async def _answer(request: Request):
    return PlainTextResponse(request.url.path)


async def _stream(socket: WebSocket):
    await socket.accept()
    await socket.close()


@pytest.fixture
def client():
    app = Starlette(
        routes=[
            Route("/api/{rest:path}", _answer, methods=["GET", "POST"]),
            WebSocketRoute("/_stcore/stream", _stream),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(KnownHosts, names=["Videos.example.org"]),
            Middleware(BasePath),
        ],
    )
    with TestClient(app, base_url="http://127.0.0.1:8501") as client:
        yield client


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8501", "localhost:1", "[::1]:8501", "192.168.1.7:80",
     "videos.example.org", "VIDEOS.example.org:443", "videos.example.org."],
)  # fmt: skip
def test_it_answers_to_its_names(client, host):
    assert client.get("/api/x", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost.evil.example",
     "", "127.0.0.1:x", "a@127.0.0.1", "127.0.0.1/x", "example.org"],
)  # fmt: skip
def test_a_name_that_was_pointed_here_gets_nothing(client, host):
    answer = client.get("/api/x", headers={"host": host})
    assert answer.status_code == 421
    assert "--allow-host" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # no browser
        ({"origin": "http://127.0.0.1:8501"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://videos.example.org"}, 200),  # a proxy that names us otherwise
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[bad"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_only_pages_of_this_server_change_something(client, headers, status):
    assert client.post("/api/x", headers=headers).status_code == status
    assert client.get("/api/x", headers=headers).status_code == 200


def test_a_page_elsewhere_gets_no_websocket(client):
    name = {"host": "127.0.0.1:8501"}
    here = name | {"origin": "http://127.0.0.1:8501"}
    elsewhere = name | {"origin": "http://evil.example"}
    with client.websocket_connect("/_stcore/stream", headers=here):
        pass
    for headers in (elsewhere, {"host": "evil.example"}):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/_stcore/stream", headers=headers),
        ):
            pass


def test_every_answer_carries_the_headers(client):
    for address in ("/api/x", "/nowhere"):
        headers = client.get(address).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
    refused = client.get("/api/x", headers={"host": "evil.example"}).headers
    assert refused["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_routes_answer_below_the_base_path_as_well(client):
    config.set_option("server.baseUrlPath", "/deep/videos/")
    try:
        for address in (links.crop_url("v", 3), "/api/crops/v/3.jpg"):
            assert client.get(address).text == "/api/crops/v/3.jpg"
        assert links.watch_url("v", 1.0) == "/deep/videos/watch?v=v&t=1.00"
        assert client.get("/other/api/x").status_code == 404
        assert client.get("/deep/videos").status_code == 404
    finally:
        config.set_option("server.baseUrlPath", "")
    assert links.crop_url("v", 3) == "/api/crops/v/3.jpg"


def test_the_same_time_is_always_the_same_address():
    assert (
        links.still_url("v", 1)
        == links.still_url("v", 1.0001)
        == ("/api/videos/v/still.jpg?t=1.000")
    )
    assert links.search_url("a&b=c d") == "/?q=a%26b%3Dc%20d"
