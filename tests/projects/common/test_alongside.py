import threading
from collections.abc import Iterator

import pytest

from projects.common.alongside import Alongside


@pytest.fixture
def alongside() -> Iterator[Alongside]:
    with Alongside("beside-test") as thread:
        yield thread


def test_calls_are_done_in_their_order_by_one_other_thread(alongside: Alongside) -> None:
    done: list[tuple[int, str]] = []

    for number in range(5):
        alongside.start(lambda said: done.append((said, threading.current_thread().name)), number)
    alongside.wait()

    assert [number for number, _ in done] == [0, 1, 2, 3, 4]
    assert {name for _, name in done} == {"beside-test_0"}


def test_the_caller_goes_on_while_a_call_is_under_way(alongside: Alongside) -> None:
    gate = threading.Event()
    done: list[str] = []

    alongside.start(lambda: (gate.wait(10), done.append("call")))
    done.append("caller")
    gate.set()
    alongside.wait()

    assert done == ["caller", "call"]


def test_the_next_call_waits_for_the_last(alongside: Alongside) -> None:
    gate = threading.Event()
    threading.Timer(0.05, gate.set).start()

    alongside.start(gate.wait, 10)
    alongside.start(lambda: None)

    assert gate.is_set()


def test_an_error_is_raised_once_at_the_next_request(alongside: Alongside) -> None:
    def fail() -> None:
        raise ValueError("disk full")

    alongside.start(fail)

    with pytest.raises(ValueError, match="disk full"):
        alongside.start(lambda: None)
    alongside.wait()


def test_leaving_waits_and_raises_what_nobody_waited_for() -> None:
    def fail() -> None:
        raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk full"), Alongside("beside-test") as thread:
        thread.start(fail)

    assert not [one for one in threading.enumerate() if one.name.startswith("beside-test")]


def test_leaving_by_an_error_keeps_that_error() -> None:
    def fail() -> None:
        raise ValueError("disk full")

    def leave() -> None:
        with Alongside("beside-test") as thread:
            thread.start(fail)
            raise KeyError("row")

    with pytest.raises(KeyError):
        leave()
