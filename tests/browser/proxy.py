"""A reverse proxy for tests: hands connections on under another name and port, as nginx does by
default: the path stays, the Host header becomes the server's own.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HOST = re.compile(rb"(?im)^host:[^\r\n]*")
_LONGEST_HEAD = 1 << 16


@contextmanager
def proxied(server_port: int) -> Iterator[int]:
    """The port of a proxy in front of a server; one request a connection, websockets included."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(
            lambda reader, writer: _handed_on(reader, writer, server_port), "127.0.0.1", 0
        )

    async def stop() -> None:
        listening.close()
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    listening = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _handed_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server_port: int
) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        there, back = await asyncio.open_connection("127.0.0.1", server_port)
        head = _HOST.sub(f"Host: 127.0.0.1:{server_port}".encode(), head, count=1)
        if b"upgrade: websocket" not in head.lower():
            head = re.sub(rb"(?im)^connection:[^\r\n]*\r\n", b"", head)
            head = head[:-2] + b"Connection: close\r\n\r\n"
        back.write(head)
        await asyncio.gather(_pumped(reader, back), _pumped(there, writer))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()  # a browser that changed its mind


async def _pumped(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_LONGEST_HEAD):
            target.write(data)
            await target.drain()
    finally:
        target.close()
