"""Cut a stream of delimited text into pieces that end where a record ends."""

from collections.abc import Iterator
from dataclasses import dataclass

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
        rest = block
        while left and (cut := rest.find(b"\n")) >= 0:
            rest = rest[cut + 1 :]
            left -= 1
        if not left and rest:
            yield rest


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


def whole_records(blocks: Iterator[bytes], limits: Limits) -> Iterator[Chunk]:
    """Give chunks that end outside quotes, and the remainder as stray chunks if a record grows beyond the limit."""
    pending, open_quote = b"", 0
    for block in blocks:
        open_quote ^= block.count(b'"') % 2
        cut = _last_record_end(block, open_quote)
        if cut:
            yield Chunk(b"".join((pending, memoryview(block)[:cut])))
            pending = block[cut:]
            open_quote = pending.count(b'"') % 2
            continue
        pending += block
        if len(pending) > limits.max_record_bytes:
            yield Chunk(pending, stray=True)
            for rest in blocks:
                yield Chunk(rest, stray=True)
            return
    if pending:
        yield Chunk(pending if pending.endswith(b"\n") else pending + b"\n", stray=bool(open_quote))


def _last_record_end(block: bytes, open_quote: int) -> int:
    """Give the position after the last line end that lies outside quotes; 0 if there is none."""
    inside, end = open_quote, len(block)
    while (newline := block.rfind(b"\n", 0, end)) >= 0:
        inside ^= block.count(b'"', newline, end) % 2
        if not inside:
            return newline + 1
        end = newline
    return 0
