"""What kind of file a piece of evidence is, judged by its content and never by its name."""

import io
import unicodedata
import zipfile
from pathlib import PurePosixPath

from projects.common.outcomes import Refused

LARGEST = 10 * 1024 * 1024
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
MARKUP = ("<!doctype", "<html", "<script", "<svg", "<?xml")


class EvidenceRefused(Refused):
    """The file is empty, too large, or of a kind that is not kept."""

    code = "evidence_refused"


def content_type_of(content: bytes) -> str:
    """Return the content type of a file. Raise EvidenceRefused for an empty, too large, active or unknown one."""
    if not content:
        raise EvidenceRefused("The file is empty. Choose the file again.")
    if len(content) > LARGEST:
        raise EvidenceRefused(f"The file is larger than {LARGEST // 1024 // 1024} MB. Attach a smaller one.")
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            return kind
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _plain_text(content)


def _office(content: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        names = []
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise EvidenceRefused("The document carries macros. Save it without them.")
    if "[Content_Types].xml" in names:
        for folder, kind in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return kind
    raise EvidenceRefused("Archives are not kept as evidence. Attach the document itself.")


def _plain_text(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise EvidenceRefused("Attach a PDF, a picture, an office document or a text file.") from None
    if "\x00" in text or text.lstrip("\ufeff \t\r\n").lower().startswith(MARKUP):
        raise EvidenceRefused("Attach a PDF, a picture, an office document or a text file.")
    return "text/plain"


def safe_name(name: str) -> str:
    """Return a file's name without folders, control and direction characters, at most 120 characters long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C" and letter not in '"<>:|?*;')
    kept = kept.strip(" .") or "evidence"
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:110]}.{ending[:9]}" if dot and stem else kept[:120]
