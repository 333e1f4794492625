"""From bytes to text: byte order marks, UTF-8, UTF-16, Windows-1252, packed files."""

import codecs
import zlib
from dataclasses import dataclass

from projects.intake.spreadsheets.refusals import FileRefused, Refusal

UNPACKED_LIMIT = 100_000_000
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NOT_TABLES = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file; save it as XLSX without a password"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True)
class Text:
    """Decoded text, with the encoding that fitted and what could not be read by it."""

    value: str
    encoding: str
    note: str = ""


def unpack(content: bytes, *, limit: int = UNPACKED_LIMIT) -> bytes:
    """Return the bytes of a gzip file, or the bytes as they are. Raise FileRefused when damaged or above ``limit``."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    stream = zlib.decompressobj(wbits=31)
    try:
        unpacked = stream.decompress(content, limit + 1)
    except zlib.error as error:
        raise FileRefused("file_damaged", "The gzip file is damaged: pack it again.") from error
    if len(unpacked) > limit:
        raise FileRefused("file_too_large", f"The file unpacks to more than {limit:,} bytes: split it.")
    if not stream.eof:
        raise FileRefused("file_damaged", "The gzip file ends too early: pack or download it again.")
    return unpacked


def decode(content: bytes, *, encoding: str = "") -> Text:
    """Return the text of a delimited file, by its mark, the declared encoding, UTF-8, then Windows-1252.

    Bytes that Windows-1252 does not know either stand as U+FFFD in the text, with a note that counts and places them.
    Raise FileRefused for what is no text, or for bytes that the mark's or the declared encoding cannot read.
    """
    _refuse_other_kinds(content)
    for mark, name in MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], name)
    if encoding:
        known = _known(encoding)
        return _windows(content) if known == "cp1252" else _decoded(content, known)
    try:
        return _decoded(content, "utf-8")
    except FileRefused as refusal:
        if refusal.code != "encoding_unreadable":
            raise
        return _windows(content)


def _windows(content: bytes) -> Text:
    value = content.decode("cp1252", errors="replace")
    if "\ufffd" not in value:
        return _decoded(content, "cp1252")
    place = value.index("\ufffd")
    line, byte, count = value.count("\n", 0, place) + 1, content[place], value.count("\ufffd")
    note = (
        f"Line {line} holds byte 0x{byte:02x}, which is neither UTF-8 nor Windows-1252: "
        f"it stands as \ufffd ({count} {'byte' if count == 1 else 'bytes'} in all)."
    )
    return Text(_without_nul(value), "cp1252", note)


def _decoded(content: bytes, encoding: str) -> Text:
    try:
        value = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{content[error.start]:02x}"
        raise FileRefused(
            "encoding_unreadable",
            f"Line {line} holds {byte}, which {encoding} does not know: save the file as UTF-8 or name its encoding.",
            [Refusal(line, "", byte, f"not readable as {encoding}")],
        ) from error
    return Text(_without_nul(value), encoding)


def _without_nul(value: str) -> str:
    if "\x00" in value:
        line = value.count("\n", 0, value.index("\x00")) + 1
        raise FileRefused("not_a_table", f"Line {line} holds a NUL character: this is not a text file.")
    return value


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise FileRefused("mapping_invalid", f'"{encoding}" is not an encoding: write "utf-8" or "cp1252".') from error


def _refuse_other_kinds(content: bytes) -> None:
    for magic, kind in NOT_TABLES:
        if content.startswith(magic):
            raise FileRefused("not_a_table", f"This is {kind}, not a table: save it as CSV or XLSX.")
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise FileRefused("not_a_table", "This is a web page or XML, not a table: download the CSV or XLSX itself.")
