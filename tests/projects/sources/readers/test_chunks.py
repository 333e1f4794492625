from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.sources.readers.chunks import Chunk, RecordCutter, skip_lines
from projects.sources.readers.interface import Limits

LIMITS = Limits(max_record_bytes=200)


def whole_records(blocks: Iterator[bytes], limits: Limits) -> Iterator[Chunk]:
    cutter = RecordCutter(blocks, limits)
    while (lines := cutter.lines()) is not None:
        yield cutter.records(lines)


def blocks_of(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(("lines", "rest"), [(0, b"a\nb\nc"), (1, b"b\nc"), (2, b"c"), (3, b"")])
def test_lines_are_left_out_wherever_blocks_end(size: int, lines: int, rest: bytes) -> None:
    assert b"".join(skip_lines(iter(blocks_of(b"a\nb\nc", size)), lines)) == rest


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_a_chunk_never_ends_inside_quotes(size: int) -> None:
    data = b'a,"b\nb",c\nd,"e ""x""\n\n",f\ng,h,i\n'

    chunks = list(whole_records(iter(blocks_of(data, size)), LIMITS))

    assert b"".join(chunk.data for chunk in chunks) == data
    assert all(chunk.data.count(b'"') % 2 == 0 and chunk.data.endswith(b"\n") for chunk in chunks)
    assert not any(chunk.stray for chunk in chunks)


def test_the_last_line_gets_its_end() -> None:
    chunks = whole_records(iter([b"a,b\nc,d"]), LIMITS)

    assert [chunk.data for chunk in chunks] == [b"a,b\n", b"c,d\n"]


def test_an_open_quote_at_the_end_is_stray() -> None:
    chunks = list(whole_records(iter([b'a,b\nc,"d\ne,f\n']), LIMITS))

    assert [(chunk.data, chunk.stray) for chunk in chunks] == [(b"a,b\n", False), (b'c,"d\ne,f\n', True)]


def test_a_record_beyond_the_limit_makes_the_rest_stray() -> None:
    data = b'a,b\nc,"' + b"x\n" * 300

    chunks = list(whole_records(iter(blocks_of(data, 50)), LIMITS))

    assert [chunk.stray for chunk in chunks][:2] == [False, True]
    assert all(chunk.stray for chunk in chunks[1:])
    assert b"".join(chunk.data for chunk in chunks) == data


@given(st.binary(max_size=300), st.integers(1, 40))
def test_nothing_is_lost_and_nothing_added_but_a_last_line_end(data: bytes, size: int) -> None:
    joined = b"".join(chunk.data for chunk in whole_records(iter(blocks_of(data, size)), LIMITS))

    assert joined in (data, data + b"\n")
