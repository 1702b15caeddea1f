import threading
import time

import pytest

from core.ingest.flow import Busy, Channel, Flow


def test_items_pass_through_stages_in_order():
    with Flow() as flow:
        numbers: Channel[int] = flow.channel(1)
        doubled: Channel[int] = flow.channel(1)
        flow.feed("numbers", lambda: range(20), numbers)
        flow.feed("doubled", lambda: (2 * n for n in numbers), doubled)
        assert list(doubled) == list(range(0, 40, 2))
        flow.wait()


def test_a_queue_holds_back_the_stage_before_it():
    made: list[int] = []

    def make():
        for n in range(100):
            made.append(n)
            yield n

    with Flow() as flow:
        numbers: Channel[int] = flow.channel(2)
        flow.feed("numbers", make, numbers)
        items = iter(numbers)
        next(items)
        time.sleep(0.3)
        assert len(made) <= 5  # one taken, two queued, one in hand, one being made


@pytest.mark.parametrize("where", ["first", "second", "side"])
def test_the_error_of_any_stage_reaches_the_consumer_and_stops_all(where):
    class BrokenError(Exception):
        pass

    def first():
        for n in range(1000):
            if n == 3 and where == "first":
                raise BrokenError
            yield n

    def second(numbers):
        for n in numbers:
            if n == 3 and where == "second":
                raise BrokenError
            yield n

    def side():
        if where == "side":
            raise BrokenError

    def consume() -> None:
        with Flow() as flow:
            numbers: Channel[int] = flow.channel(1)
            again: Channel[int] = flow.channel(1)
            flow.feed("first", first, numbers)
            flow.feed("second", lambda: second(numbers), again)
            flow.stage("side", side)
            for _ in again:
                time.sleep(0.01)
            flow.wait()

    before = threading.active_count()
    with pytest.raises(BrokenError):
        consume()
    assert threading.active_count() == before


def test_a_consumer_that_leaves_stops_the_threads_and_closes_the_generators():
    closed = threading.Event()

    def endless():
        try:
            n = 0
            while True:
                yield n
                n += 1
        finally:
            closed.set()

    class EnoughError(Exception):
        pass

    def consume() -> None:
        with Flow() as flow:
            numbers: Channel[int] = flow.channel(1)
            flow.feed("endless", endless, numbers)
            for n in numbers:
                if n == 5:
                    raise EnoughError

    before = threading.active_count()
    with pytest.raises(EnoughError):
        consume()
    assert closed.is_set()
    assert threading.active_count() == before


def test_busy_adds_up_by_stage():
    busy = Busy()
    busy.add("decode", 1.0)
    busy.add("decode", 0.5)
    with busy.on("detect"):
        pass
    assert busy.seconds()["decode"] == 1.5
    assert 0.0 <= busy.seconds()["detect"] < 1.0
