from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError
from core.models import weights
from core.models.weights import WeightSource, at_hand, cache_dir, fetch, sha256_of

CONTENT = np.random.default_rng(0).integers(0, 256, 3_000_000, np.uint8).tobytes()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(BaseHTTPRequestHandler):
    """Serves CONTENT; the path says how: /whole, /cut, /hub, /gone, /lies, /untagged."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        wanted = self.headers.get("Range")
        server.asked.append((self.path, wanted))
        if self.path.startswith("/gone"):
            self.send_error(404)
            return
        if self.path.startswith("/hub"):
            self.send_response(302)
            self.send_header("X-Linked-ETag", f'"{server.stated}"')
            self.send_header("Location", "/whole")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = CONTENT[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        if not self.path.startswith("/untagged"):
            self.send_header("ETag", '"v1"')
        self.end_headers()
        if self.path.startswith(("/cut", "/untagged")) and server.pieces:
            body = body[: server.pieces.pop(0)]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Publisher)
        self.asked: list[tuple[str, str | None]] = []
        self.pieces: list[int] = []  # after so many bytes an answer breaks off
        self.stated = SHA256


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(weights, "_PAUSE_S", 0.0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()


def source(server: Server, path: str, sha256: str | None = SHA256) -> WeightSource:
    url = f"http://127.0.0.1:{server.server_port}{path}"
    return WeightSource(url, "weights/x.pt", "MIT", sha256, hint="--detector FILE")


def test_download_and_later_use(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    published = source(server, "/whole")
    assert not at_hand(published, tmp_path)
    path = fetch(published, tmp_path, lambda done, total: seen.append((done, total)))

    assert path == tmp_path / "weights/x.pt"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert fetch(published, tmp_path) == path
    assert len(server.asked) == 1
    assert at_hand(published, tmp_path)
    left = {p.name for p in path.parent.iterdir()}
    assert left <= {"x.pt", "x.pt.sha256", "x.pt.lock"}


def test_a_cut_connection_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    server.pieces = [1_200_000, 1_000_000]
    path = fetch(source(server, "/cut"), tmp_path)

    assert path.read_bytes() == CONTENT
    ranges = [wanted for _, wanted in server.asked]
    assert ranges == [None, "bytes=1200000-", "bytes=2200000-"]


def test_a_server_that_cannot_vouch_starts_again(server: Server, tmp_path: Path) -> None:
    server.pieces = [1_200_000]
    path = fetch(source(server, "/untagged"), tmp_path)

    assert path.read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [None, None]


def test_a_later_run_goes_on_too(server: Server, tmp_path: Path) -> None:
    server.pieces = [900_000] + [0] * 50
    with pytest.raises(ModelError, match="cut off again and again"):
        fetch(source(server, "/cut"), tmp_path)
    assert not (tmp_path / "weights/x.pt").exists()
    server.pieces.clear()
    server.asked.clear()

    assert fetch(source(server, "/cut"), tmp_path).read_bytes() == CONTENT
    assert server.asked[0][1] == "bytes=900000-"


def test_wrong_content_is_refused_and_removed(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"not what was published.*--detector FILE"):
        fetch(source(server, "/whole", "0" * 64), tmp_path)

    assert not list((tmp_path / "weights").glob("x.pt"))
    assert not list((tmp_path / "weights").glob("*.part"))


def test_the_hash_a_hub_states_counts(server: Server, tmp_path: Path) -> None:
    server.stated = "1" * 64
    with pytest.raises(ModelError, match="not what was published"):
        fetch(source(server, "/hub", None), tmp_path)
    server.stated = SHA256

    assert fetch(source(server, "/hub", None), tmp_path).read_bytes() == CONTENT


def test_wrong_size(server: Server, tmp_path: Path) -> None:
    published = replace(source(server, "/whole", None), size_bytes=17)
    with pytest.raises(ModelError, match="3000000 bytes"):
        fetch(published, tmp_path)


def test_without_a_published_hash_the_first_one_counts(server: Server, tmp_path: Path) -> None:
    published = source(server, "/whole", None)
    path = fetch(published, tmp_path)
    assert fetch(published, tmp_path) == path
    path.write_bytes(CONTENT[:-1] + b"?")

    with pytest.raises(ModelError, match="not what was published"):
        fetch(published, tmp_path)


def test_not_published(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 answers 404"):
        fetch(source(server, "/gone"), tmp_path)


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    published = WeightSource(
        f"http://127.0.0.1:{port}/x", "w/x.pt", "MIT", hint="--encoder NAME=FILE_OR_FOLDER"
    )
    with pytest.raises(ModelError) as caught:
        fetch(published, tmp_path)

    text = str(caught.value)
    assert "x.pt is not on this machine and 127.0.0.1 cannot be reached" in text
    assert "--encoder NAME=FILE_OR_FOLDER" in text
    assert not (tmp_path / "w").exists()


def test_a_look_up_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "_REACH_TIMEOUT_S", 0.05)
    release, gave_up = threading.Event(), threading.Event()

    def hang(*_: object, **__: object) -> None:
        release.wait(20)
        gave_up.set()
        raise OSError("no name server")

    monkeypatch.setattr(socket, "create_connection", hang)
    with pytest.raises(ModelError, match="cannot be reached"):
        fetch(WeightSource("https://example.invalid/x", "x.pt", "MIT"), tmp_path)

    assert not gave_up.is_set()
    release.set()


def test_a_cache_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file in the way")
    with pytest.raises(ModelError, match="VIDTRAIL_CACHE"):
        fetch(source(server, "/whole"), tmp_path)


def test_cache_folder() -> None:
    assert cache_dir({"VIDTRAIL_CACHE": "/a/b"}) == Path("/a/b")
    assert cache_dir({"XDG_CACHE_HOME": "/c"}) == Path("/c/vidtrail")
    assert cache_dir({}) == Path.home() / ".cache" / "vidtrail"


def test_hash_of_several_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")

    assert sha256_of(tmp_path / "a", tmp_path / "b") == hashlib.sha256(b"12").hexdigest()
    with pytest.raises(ModelError, match="cannot be read"):
        sha256_of(tmp_path / "c")
