"""Starting the server: what cannot work is told in one sentence, with exit code 2."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from dashboard.__main__ import (
    ServeError,
    base_path_of,
    check_library,
    check_port,
    is_this_machine,
    main,
    shown_address,
)
from dashboard.passwords import kept_in, matches

ROOT = Path(__file__).parents[2]


@pytest.fixture
def taken_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def told(capsys, *arguments: str) -> str:
    """What is said on a start that fails."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("vidtrail: ")
    assert err.count("\n") == 1
    return err


def test_a_port_in_use(capsys, tmp_path, taken_port):
    said = told(capsys, "--library", str(tmp_path), "--port", str(taken_port))
    assert f"Port {taken_port} is in use" in said


def test_a_folder_that_is_no_library(capsys, tmp_path):
    (tmp_path / "letter.txt").write_text("hello")
    assert "is no library" in told(capsys, "--library", str(tmp_path))
    assert "is a file" in told(capsys, "--library", str(tmp_path / "letter.txt"))


def test_a_damaged_library(capsys, tmp_path):
    (tmp_path / "catalog.sqlite").write_bytes(b"this is no catalog at all" * 99)
    assert "damaged" in told(capsys, "--library", str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read(capsys, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o000)
    assert "cannot be read" in told(capsys, "--library", str(tmp_path / "closed"))


def test_a_folder_that_the_system_does_not_list(monkeypatch, tmp_path):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ServeError, match="cannot be read: Permission denied"):
        check_library(tmp_path)


def test_a_password_that_was_never_made(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDTRAIL_LIBRARY", str(tmp_path))
    monkeypatch.delitem(sys.modules, "dashboard.server", raising=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    missing = str(tmp_path / "none")
    for name in ("VIDTRAIL_PASSWORD_FILE", "VIDTRAIL_HOSTS"):
        monkeypatch.setenv(name, "")  # so that what main sets is taken back
    assert "--new-password" in told(capsys, "--port", str(port), "--password-file", missing)


def test_a_library_that_is_not_there_yet_is_fine_and_stays_away(tmp_path):
    check_library(tmp_path / "new")
    check_library(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_a_number_that_is_no_port(port):
    with pytest.raises(ServeError, match="is no port"):
        check_port("127.0.0.1", port)


def test_an_address_that_is_not_ours():
    with pytest.raises(ServeError, match="listen on"):
        check_port("192.0.2.1", 8501)


@pytest.mark.parametrize(
    ("asked", "base"), [("", ""), ("/", ""), ("/videos", "videos"), ("deep/videos/", "deep/videos")]
)
def test_base_paths(asked, base):
    assert base_path_of(asked) == base


@pytest.mark.parametrize(
    "asked", ["a b", "/a//b", "/ä", "/a?b", "http://x", "/../x", "/api", "/_stcore/x"]
)
def test_what_is_no_base_path(asked):
    with pytest.raises(ServeError, match="base path"):
        base_path_of(asked)


def test_the_address_to_open():
    assert shown_address("127.0.0.1", 8501, "") == "http://127.0.0.1:8501"
    assert shown_address("0.0.0.0", 80, "videos") == "http://127.0.0.1:80/videos"
    assert shown_address("::1", 8501, "") == "http://[::1]:8501"


def test_what_only_this_machine_reaches():
    assert all(map(is_this_machine, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_this_machine, ("0.0.0.0", "::", "192.168.1.7", "example.org")))


def test_a_new_password_is_read_from_a_pipe(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    file = tmp_path / "password"
    assert main(["--new-password", "--password-file", str(file)]) == 0
    assert matches("correct horse", kept_in(file))
    assert "correct horse" not in capsys.readouterr().err


def test_a_new_password_needs_a_place_and_a_length(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("VIDTRAIL_PASSWORD_FILE", raising=False)
    assert "--password-file" in told(capsys, "--new-password")
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    file = tmp_path / "password"
    assert "8 characters" in told(capsys, "--new-password", "--password-file", str(file))
    assert not file.exists()


def test_help_answers_without_loading_streamlit():
    code = (
        "import sys\nfrom dashboard.__main__ import main\n"
        "try: main(['--help'])\nfinally: assert 'streamlit' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--base-path" in done.stdout


@pytest.mark.slow
def test_ctrl_c_stops_it_without_a_word(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (  # as in a terminal; what a shell starts in the background ignores the signal
        "import runpy, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "runpy.run_module('dashboard', run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-c", code, "--port", str(port), "--library", str(tmp_path / "none")]
    with (tmp_path / "err").open("w+") as said:
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said)
        try:
            for _ in range(600):
                with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
                    break
                time.sleep(0.1)
            server.send_signal(signal.SIGINT)
            assert server.wait(timeout=60) == 0
        finally:
            server.kill()
            server.wait()
        said.seek(0)
        assert "Traceback" not in said.read()
