"""Open a file by what it contains, not by its name, and give its text as blocks of UTF-8 within limits."""

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Literal

from projects.sources.readers.archives import SIGNATURE, name_inside, unzipped
from projects.sources.readers.interface import Compression, Limits, UnreadableFile

HEAD_BYTES = 1024 * 1024
_NEAR = 64 * 1024
Content = Literal["text", "parquet"]

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"%PDF", "a PDF; ask the vendor for the CSV or FOCUS export behind it"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (XLS); save the sheet as CSV and import that"),
    (b"BZh", "a bzip2 archive; unpack it, or compress with gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it, or compress with gzip"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it and import what is inside"),
    (b"PARE", "an encrypted Parquet file; export it without encryption"),
    (b"SQLite format 3", "a database (SQLite)"),
)
_PAGES = (b"<!doctype html", b"<html", b"<?xml", b"<svg")
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Opened:
    """What stands at the start of a file: its content, compression, encoding and first bytes, unpacked.

    `inside` is the name of the file that an archive holds.
    """

    content: Content
    compression: Compression | None
    encoding: str
    head: bytes
    inside: str = ""


def look_into(path: Path, limits: Limits) -> Opened:
    """Say what a file contains. Raise UnreadableFile for empty, damaged or foreign content."""
    if path.stat().st_size == 0:
        raise UnreadableFile("empty_file", "The file is empty (0 bytes). Export it again.")
    with path.open("rb") as file:
        first = file.read(4)
    compression: Compression | None = "gzip" if first[:2] == b"\x1f\x8b" else "zip" if first == SIGNATURE else None
    inside = name_inside(path) if compression == "zip" else ""
    head = _head(path, compression, limits)
    if not head:
        raise UnreadableFile("empty_file", "The file is empty once unpacked. Export it again.")
    if head.startswith(b"PAR1"):
        if compression:
            raise UnreadableFile(
                "not_a_cost_file", f"This is a {compression} of a Parquet file. Unpack it and import the Parquet."
            )
        return Opened("parquet", None, "", head)
    _refuse_foreign(head, compression)
    return Opened("text", compression, _encoding(head), head, inside)


def _head(path: Path, compression: str | None, limits: Limits) -> bytes:
    parts: list[bytes] = []
    for block in _raw_blocks(path, compression, limits, HEAD_BYTES):
        parts.append(block)
        if sum(map(len, parts)) >= HEAD_BYTES - _NEAR:
            break
    return b"".join(parts)


def _refuse_foreign(head: bytes, compression: str | None) -> None:
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableFile("not_a_cost_file", f"This is {what}.")
    if head.startswith((b"\x1f\x8b", SIGNATURE)):
        packed = "gzip" if head[:1] == b"\x1f" else "zip"
        message = f"This is packed twice ({packed} in {compression}). Unpack it once and import again."
        raise UnreadableFile("not_a_cost_file", message)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith(_PAGES):
        raise UnreadableFile(
            "not_a_cost_file", "This is a web page, not a cost file; often a sign-in page saved by mistake."
        )


def _encoding(head: bytes) -> str:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 4 < len(sample) // 4 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    if _control_share(sample) > 0.1:
        raise UnreadableFile("not_a_cost_file", "This is not text: neither CSV, JSON nor Parquet.")
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _control_share(sample: bytes) -> float:
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 or byte == 127 for byte in sample)
    return controls / len(sample)


def text_blocks(
    path: Path, opened_as: str, compression: str | None, limits: Limits, position: list[int] | None = None
) -> Iterator[bytes]:
    """Give the file's text in blocks, without byte order mark; UTF-16 and named encodings become UTF-8.

    UTF-8 and Windows-1252 pass unchanged, because a file may mix them: lines are mended where they are split.
    `position` holds one figure, the bytes of the file taken so far.
    """
    blocks = _raw_blocks(path, compression, limits, limits.block_bytes, position)
    if opened_as in ("utf-8", "windows-1252"):
        yield from blocks
        return
    try:
        yield from codecs.iterencode(codecs.iterdecode(blocks, opened_as, "replace"), "utf-8", "replace")
    except UnicodeError as error:
        raise wrong_encoding(opened_as) from error


def wrong_encoding(name: str) -> UnreadableFile:
    """Say that the file is not written in the encoding it is said to have."""
    return UnreadableFile("bad_mapping", f"The file is not written in {name}. Leave the encoding out, or name another.")


def mend_encoding(data: bytes) -> tuple[bytes, int]:
    """Give lines as UTF-8 and how many were read as Windows-1252 because they were not UTF-8."""
    if data.isascii():
        return data, 0
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return data, 0
    lines = data.split(b"\n")
    mended = 0
    for number, line in enumerate(lines):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            lines[number] = line.decode("windows-1252", "replace").encode("utf-8")
            mended += 1
    return b"\n".join(lines), mended


def _raw_blocks(
    path: Path, compression: str | None, limits: Limits, size: int, position: list[int] | None = None
) -> Iterator[bytes]:
    place = position if position is not None else [0]
    with path.open("rb") as file:
        if compression is None:
            yield from _bounded(partial(_read_lines, file), limits, size, file, place)
            return
        if compression == "zip":
            with unzipped(file) as (_, inside):
                yield from _bounded(inside.read, limits, size, file, place)
            place[0] = path.stat().st_size
            return
        try:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield from _bounded(unpacked.read, limits, size, file, place)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableFile(
                "damaged_file", "The gzip file is cut off or damaged. Download or export it again."
            ) from error


def _read_lines(file: IO[bytes], size: int) -> bytes:
    """Read about so many bytes, up to the end of a line where one ends near: then nobody has to put two blocks together."""
    begun = file.tell()
    file.seek(begun + max(size - _NEAR, 0))
    end = file.read(min(size, _NEAR)).rfind(b"\n") + 1
    file.seek(begun)
    return file.read(max(size - _NEAR, 0) + end if end else size)


def _bounded(
    read: Callable[[int], bytes], limits: Limits, size: int, file: IO[bytes], place: list[int]
) -> Iterator[bytes]:
    """Give what is read in blocks and keep the place in the file. No block is held while the next is read: here or by others
    that hand blocks on, because each is as large as all else that an import holds of its rows.
    """
    total = 0
    while block := read(size):
        total += len(block)
        if total > limits.max_unpacked_bytes:
            raise UnreadableFile(
                "too_large", f"The file unpacks to more than {limits.max_unpacked_bytes:,} bytes. Split it by month."
            )
        place[0] = file.tell()
        yield block
        del block
