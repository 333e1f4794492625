"""Cut a stream of delimited text into pieces that end where a record ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from projects.sources.readers.interface import Limits


@dataclass(frozen=True)
class Chunk:
    """Whole records. `stray` marks text whose quotes do not pair: it needs a careful reader."""

    data: bytes
    stray: bool = False


def skip_lines(blocks: Iterator[bytes], lines: int) -> Iterator[bytes]:
    """Leave out the first lines of a stream."""
    left = lines
    for block in blocks:
        while left and (cut := block.find(b"\n")) >= 0:
            block = block[cut + 1 :]
            left -= 1
        if not left:
            break
    else:
        return
    rest = chain((block,), blocks)
    del block
    yield from filter(None, rest)


def unwrapped_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Take each line out of the quotes that were put round it whole."""
    pending = b""
    for block in blocks:
        *lines, pending = (pending + block).split(b"\n")
        yield b"".join(_unwrapped(line) + b"\n" for line in lines)
    if pending:
        yield _unwrapped(pending)


def _unwrapped(line: bytes) -> bytes:
    bare = line.rstrip(b"\r")
    if len(bare) > 1 and bare[:1] == bare[-1:] == b'"':
        return bare[1:-1].replace(b'""', b'"')
    return line


class RecordCutter:
    """Give whole lines, which most often are whole records too, or whole records where they turn out not to be.

    Where a record ends is known for certain only by counting every quote. A strict parser finds out without counting
    whether each line is a record; so it is given lines first, and asks for records only when it fails.
    """

    def __init__(self, blocks: Iterator[bytes], limits: Limits) -> None:
        """Take blocks that begin where a record begins."""
        self._blocks = blocks
        self._limits = limits
        self._rest = b""
        self._is_lost = False

    def lines(self) -> bytes | None:
        """Give the next lines, None at the end. The last one gets its line end."""
        rest, self._rest = self._rest, b""
        for block in self._blocks:
            if cut := 0 if self._is_lost else block.rfind(b"\n") + 1:
                self._rest = block[cut:]
                if not rest and not self._rest:
                    return block
                return b"".join((rest, memoryview(block)[:cut]))
            rest += block
            if self._is_lost or len(rest) > self._limits.max_record_bytes:
                return rest
        if not rest:
            return None
        return rest if rest.endswith(b"\n") or self._is_lost else rest + b"\n"

    def records(self, lines: bytes) -> Chunk:
        """Give whole records of lines just given; what goes beyond them comes again. Stray where there is no end."""
        while not self._is_lost:
            if cut := last_record_end(lines):
                self._rest = lines[cut:] + self._rest
                return Chunk(lines[:cut])
            lines += self._rest
            self._rest = b""
            more = next(self._blocks, b"") if len(lines) <= self._limits.max_record_bytes else b""
            self._is_lost = not more
            lines += more
        return Chunk(lines, stray=True)


def last_record_end(data: bytes) -> int:
    """Give the position after the last line end that lies outside quotes; 0 if there is none."""
    inside, end = data.count(b'"') % 2, len(data)
    while (newline := data.rfind(b"\n", 0, end)) >= 0:
        inside ^= data.count(b'"', newline, end) % 2
        if not inside:
            return newline + 1
        end = newline
    return 0
