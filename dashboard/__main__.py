"""``python -m dashboard``: serve the app on this machine, or say in a sentence why not."""

from __future__ import annotations

import argparse
import errno
import getpass
import logging
import os
import re
import socket
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from core.errors import VidtrailError

log = logging.getLogger("vidtrail")
_UNUSABLE = 2
_BASE = re.compile(r"[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")
_OURS = {"api", "login", "logout", "library", "watch", "_stcore", "static", "media", "component"}


class ServeError(VidtrailError):
    """The server cannot be started as asked."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; the exit status, 2 where it cannot be served at all."""
    options = _options().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    log.setLevel(logging.INFO)
    try:
        if options.new_password:
            return _new_password(options.password_file)
        _serve(options)
    except KeyboardInterrupt:
        pass  # the server has shut down and hands Ctrl-C on: to be stopped is how it ends
    except VidtrailError as problem:
        print(f"vidtrail: {problem}", file=sys.stderr)
        return _UNUSABLE
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vidtrail serve", description="Serve the Vidtrail dashboard to a browser."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8501, help="default: %(default)s")
    parser.add_argument(
        "--library",
        default=os.environ.get("VIDTRAIL_LIBRARY") or "library",
        help="the library's folder (default: $VIDTRAIL_LIBRARY or ./library)",
    )
    parser.add_argument("--base-path", default="", help="path a reverse proxy puts before all")
    parser.add_argument("--allow-host", action="append", default=[], help="a name it answers to")
    parser.add_argument(
        "--password-file",
        default=os.environ.get("VIDTRAIL_PASSWORD_FILE"),
        help="ask for the password whose hash is in this file",
    )
    parser.add_argument("--new-password", action="store_true", help="write that file and stop")
    return parser


def _serve(options: argparse.Namespace) -> None:
    base = base_path_of(options.base_path)
    check_library(Path(options.library))
    check_port(options.host, options.port)
    os.environ["VIDTRAIL_LIBRARY"] = os.path.abspath(options.library)  # noqa: PTH100 - keeps links
    os.environ["VIDTRAIL_HOSTS"] = " ".join(options.allow_host)
    if options.password_file:
        os.environ["VIDTRAIL_PASSWORD_FILE"] = str(Path(options.password_file).absolute())
    if not options.password_file and not is_this_machine(options.host):
        log.warning(
            "Everybody who can reach this machine can use the library and see its videos: nothing "
            "asks for a password. Set one with --password-file FILE --new-password."
        )
    from dashboard.server import app  # after the checks: a mistake is told at once

    # Streamlit reads its settings from beside the script it was started with, whoever started us.
    sys.argv = [__file__]
    print(f"Dashboard: {shown_address(options.host, options.port, base)}  (Ctrl-C stops it)")
    sys.stdout.flush()
    app.run(
        config={
            "server.address": options.host,
            "server.port": options.port,
            "server.baseUrlPath": base,
            "server.corsAllowedOrigins": [
                f"{scheme}://{name}" for name in options.allow_host for scheme in ("https", "http")
            ],
        }
    )


def base_path_of(asked: str) -> str:
    """A base path without slashes at its ends; "" for none. Raises ServeError."""
    base = asked.strip("/")
    if base and not _BASE.fullmatch(base):
        raise ServeError(f"“{asked}” is no base path: name one like /videos, of plain letters.")
    if base.split("/")[0] in _OURS or ".." in base.split("/"):
        raise ServeError(f"The base path /{base} is an address of the dashboard itself.")
    return base


def check_library(place: Path) -> None:
    """Raises LibraryError or ServeError for a folder that is no library or cannot be read.

    A folder that is missing or empty is fine: the first video makes the library.
    """
    from core.library.library import Library

    place = place.expanduser().absolute()
    try:
        new = not place.exists() or (place.is_dir() and not any(place.iterdir()))
    except OSError as problem:
        raise ServeError(f"The library {place} cannot be read: {problem.strerror}.") from None
    if not new:
        Library.open(place, create=False).close()


def check_port(host: str, port: int) -> None:
    """Raises ServeError where nobody can listen."""
    if not 0 < port < 1 << 16:
        raise ServeError(f"{port} is no port: name one from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name != "nt":  # there it would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            raise ServeError(f"“{host}” is no address of this machine.") from None
        except PermissionError:
            raise ServeError(
                f"Port {port} is kept for the system: choose one above 1023 with --port."
            ) from None
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise ServeError(
                    f"Port {port} is in use: stop what listens there, or choose another with "
                    f"--port."
                ) from None
            raise ServeError(f"Nobody can listen on {host}: {problem.strerror}.") from None


def is_this_machine(host: str) -> bool:
    """Whether only programs of this machine can reach an address to listen on."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown_address(host: str, port: int, base: str) -> str:
    """What to type into a browser on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{name}:{port}{f'/{base}' if base else ''}"


def _new_password(password_file: str | None) -> int:
    from dashboard.passwords import keep

    if not password_file:
        raise ServeError("Say where it is to be kept: --password-file FILE.")
    if sys.stdin.isatty():
        password = getpass.getpass("New password: ")
        if getpass.getpass("Once more: ") != password:
            raise ServeError("The two are not the same; nothing was written.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    keep(password, Path(password_file))
    print(f"{password_file} now holds the hash of the password.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
