"""Cut a stream of delimited text into pieces that end where a record ends, each with its first line number."""

from collections.abc import Iterator
from dataclasses import dataclass

from projects.sources.readers.interface import Limits


@dataclass(frozen=True)
class Chunk:
    """Whole records. `stray` marks text whose quotes do not pair: only a careful reader can take it."""

    data: bytes
    first_line: int
    stray: bool = False


def skip_lines(blocks: Iterator[bytes], lines: int) -> Iterator[bytes]:
    """Leave out the first lines of a stream."""
    left = lines
    for block in blocks:
        rest = block
        while left and (cut := rest.find(b"\n")) >= 0:
            rest = rest[cut + 1 :]
            left -= 1
        if not left and rest:
            yield rest


def whole_records(blocks: Iterator[bytes], first_line: int, limits: Limits) -> Iterator[Chunk]:
    """Give chunks that end outside quotes, and the remainder as a stray chunk if a record grows beyond the limit."""
    pending, line = b"", first_line
    for block in blocks:
        pending += block
        cut = _last_record_end(pending)
        if cut:
            yield Chunk(pending[:cut], line)
            line += pending.count(b"\n", 0, cut)
            pending = pending[cut:]
        elif len(pending) > limits.max_record_bytes:
            yield Chunk(pending, line, stray=True)
            for rest in blocks:
                yield Chunk(rest, line, stray=True)
            return
    if pending:
        odd = pending.count(b'"') % 2 == 1
        yield Chunk(pending if pending.endswith(b"\n") else pending + b"\n", line, stray=odd)


def _last_record_end(data: bytes) -> int:
    """Give the position after the last line end that lies outside quotes; 0 if there is none."""
    inside = data.count(b'"') % 2
    end = len(data)
    while (newline := data.rfind(b"\n", 0, end)) >= 0:
        inside ^= data.count(b'"', newline, end) % 2
        if not inside:
            return newline + 1
        end = newline
    return 0
