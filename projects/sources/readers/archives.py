"""Open the one file that a zip archive holds and read it as it is unpacked: nothing of it is written to a disk by its name.

Vendors pack one CSV of a month so. Whatever else an archive may be is refused with what it is: a workbook, several files,
one that needs a password, or one that says something else than it holds.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from projects.sources.readers.interface import UnreadableFile

SIGNATURE = b"PK\x03\x04"
MOST_LISTED_BYTES = 4 * 1024**2  # of the list of what an archive holds, which is read whole
_READ = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_END, _END_64, _LONGEST_COMMENT = b"PK\x05\x06", b"PK\x06\x06", 0xFFFF
_DAMAGE = (zipfile.BadZipFile, EOFError, zlib.error, OSError, ValueError, struct.error)


@contextmanager
def unzipped(file: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Give the name of the one file that an archive holds, and the file, read as it is unpacked. Raise UnreadableFile."""
    try:
        _require_short_list(file)
        with zipfile.ZipFile(file) as archive:
            member = _only_file(archive)
            with archive.open(member) as inside:
                yield _shown(member.filename), inside
    except (NotImplementedError, RuntimeError) as error:  # a split archive, or a way to pack that is none
        raise _refused(
            "a zip archive packed in a way that is not read here. Unpack it and import what is inside"
        ) from error
    except _DAMAGE as error:
        raise UnreadableFile(
            "damaged_file",
            "The zip archive is cut off or damaged. Download it again, or unpack it and import what is inside.",
        ) from error


def name_inside(path: Path) -> str:
    """Return the name of the one file that an archive holds. Raise UnreadableFile."""
    with path.open("rb") as file, unzipped(file) as (name, _):
        return name


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if any(member.filename.startswith("xl/") for member in members):
        raise UnreadableFile("not_a_cost_file", "This is a workbook (XLSX). Save the sheet as CSV and import that.")
    files = [member for member in members if not _is_of_the_system(member)]
    if not files:
        raise _refused("a zip archive without a file in it. Download it again")
    name = _shown(files[-1].filename)
    if len(files) > 1:
        raise _refused(f"a zip archive of {len(files):,} files, such as {name}. Unpack it and import each by itself")
    (member,) = files
    if _leads_elsewhere(member):
        raise _refused(f"a zip archive whose file leads to another place ({name}). Have it packed anew by its sender")
    if member.flag_bits & 0x1:
        raise _refused(f"a zip archive with a password. Unpack it and import {name}")
    if member.compress_type not in _READ:
        raise _refused(f"a zip archive packed in a way that is not read here. Unpack it and import {name}")
    return member


def _is_of_the_system(member: zipfile.ZipInfo) -> bool:
    """Say whether a desktop put a file beside those that were packed."""
    return member.filename.startswith("__MACOSX/") or PurePosixPath(member.filename).name in {".DS_Store", "Thumbs.db"}


def _leads_elsewhere(member: zipfile.ZipInfo) -> bool:
    posix, windows = PurePosixPath(member.filename), PureWindowsPath(member.filename)
    is_outside = posix.is_absolute() or bool(windows.drive or windows.root) or ".." in windows.parts
    return is_outside or stat.S_ISLNK(member.external_attr >> 16)


def _require_short_list(file: IO[bytes]) -> None:
    """Refuse an archive whose list of files is so long that reading it costs more than the files may. Raise UnreadableFile."""
    length = file.seek(0, 2)
    file.seek(max(length - _LONGEST_COMMENT - 22 - 20 - 56, 0))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(_END)
    if end < 0:
        raise zipfile.BadZipFile("there is no list of files")
    (listed,) = struct.unpack_from("<L", tail, end + 12)
    large = end - 20 - 56
    if large >= 0 and tail.startswith(_END_64, large):
        (listed,) = struct.unpack_from("<Q", tail, large + 40)
    if listed > MOST_LISTED_BYTES:
        raise _refused("a zip archive of very many files. Unpack it and import each file of costs by itself")


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[-80:])


def _refused(what: str) -> UnreadableFile:
    return UnreadableFile("not_a_cost_file", f"This is {what}.")
