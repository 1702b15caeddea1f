"""A reverse proxy for tests: hands connections on under another name and port, as nginx does by
default: the path stays, the Host header becomes the server's own.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

_HOST = re.compile(rb"(?im)^host:[^\r\n]*")
_LONGEST_HEAD = 1 << 16


@contextmanager
def proxied(server_port: int) -> Iterator[int]:
    """The port of a proxy in front of a server; one request a connection, websockets included."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()
    proxy = _Proxy(server_port)
    port = asyncio.run_coroutine_threadsafe(proxy.start(), loop).result()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Proxy:
    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        self._listening = await asyncio.start_server(self._handed_on, "127.0.0.1", 0)
        return int(self._listening.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        # Connections are cut, tasks never cancelled: one that is cancelled leaves its socket open.
        self._listening.close()
        while asyncio.all_tasks() - {asyncio.current_task()}:
            for writer in self._open:
                writer.transport.abort()
            await asyncio.sleep(0.01)

    async def _handed_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._closing(writer):
            head = await reader.readuntil(b"\r\n\r\n")
            there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
            async with self._closing(back):
                head = _HOST.sub(f"Host: 127.0.0.1:{self._server_port}".encode(), head, count=1)
                if b"upgrade: websocket" not in head.lower():
                    head = re.sub(rb"(?im)^connection:[^\r\n]*\r\n", b"", head)
                    head = head[:-2] + b"Connection: close\r\n\r\n"
                back.write(head)
                await asyncio.gather(_pumped(reader, back), _pumped(there, writer))

    @asynccontextmanager
    async def _closing(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        """Until its socket is closed; a browser that changed its mind is no error."""
        self._open.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                yield
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self._open.discard(writer)


async def _pumped(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """One direction; its end closes the other side, whose reader then ends the other direction."""
    try:
        with suppress(ConnectionError):
            while data := await source.read(_LONGEST_HEAD):
                target.write(data)
                await target.drain()
    finally:
        target.close()
