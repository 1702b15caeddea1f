"""Stages in threads with bounded queues between them: they overlap, and memory stays bounded.

The first error of any stage stops all of them and is raised where the flow is consumed. Decoding,
OpenCV and the models release the interpreter's lock, so threads are enough.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Generic, TypeVar

_T = TypeVar("_T")
_POLL_S = 0.1


class _Stopped(Exception):  # noqa: N818 - a signal between stages, never seen outside
    """Another stage has failed or the consumer has left."""


class _End:
    """Marks the end of a queue."""


_END = _End()


class Busy:
    """Seconds each stage spent working, without its waiting."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter() - start)

    def add(self, stage: str, seconds: float) -> None:
        with self._lock:
            self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def seconds(self) -> dict[str, float]:
        with self._lock:
            return dict(self._seconds)


class Channel(Generic[_T]):
    """A bounded queue that ends, and that nobody waits on for ever."""

    def __init__(self, size: int, stop: threading.Event) -> None:
        self._queue: queue.Queue[_T | _End] = queue.Queue(size)
        self._stop = stop

    def put(self, item: _T | _End) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return
        raise _Stopped

    def close(self) -> None:
        self.put(_END)

    def __iter__(self) -> Generator[_T]:
        while not self._stop.is_set():
            try:
                item = self._queue.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(item, _End):
                return
            yield item
        raise _Stopped


class Flow:
    """The threads of one run; leaving the `with` stops and joins them."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._error: BaseException | None = None
        self._lock = threading.Lock()

    def channel(self, size: int) -> Channel[_T]:
        return Channel(size, self._stop)

    def stage(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` in a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def feed(self, name: str, make: Callable[[], Iterable[_T]], into: Channel[_T]) -> None:
        """Run a thread that puts everything `make` yields into a channel, then closes it."""

        def work() -> None:
            items = iter(make())
            try:
                for item in items:
                    into.put(item)
            finally:
                if isinstance(items, Generator):
                    items.close()
            into.close()

        self.stage(name, work)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except _Stopped:
            return
        except BaseException as error:
            with self._lock:
                if self._error is None:
                    self._error = error
            self._stop.set()

    def wait(self) -> None:
        """Wait for all stages to end by themselves; raises the first error of any."""
        for thread in self._threads:
            thread.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Flow:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if error is None or isinstance(error, _Stopped):
            self._raise()
