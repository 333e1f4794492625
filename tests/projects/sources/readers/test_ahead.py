import threading
from collections.abc import Iterator

import pytest

from projects.sources.readers.ahead import one_ahead


def test_items_come_in_their_order_and_from_one_other_thread() -> None:
    threads: list[str] = []

    def items() -> Iterator[int]:
        for number in range(5):
            threads.append(threading.current_thread().name)
            yield number

    assert list(one_ahead(items())) == [0, 1, 2, 3, 4]
    assert len(set(threads)) == 1
    assert threading.current_thread().name not in threads


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("cut off")

    taken = one_ahead(items())

    assert next(taken) == 1
    with pytest.raises(ValueError, match="cut off"):
        next(taken)


def test_leaving_early_takes_no_more_than_one_item_ahead() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    taken = one_ahead(items())
    next(taken)
    taken.close()

    assert len(made) <= 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]
