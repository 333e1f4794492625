"""Hold an uploaded file until its owner has looked at it and said yes; nothing of it is in the database yet."""

import json
import re
import shutil
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from projects.people.models import User
from projects.sources.readers.interface import ColumnMapping
from projects.sources.readers.mapping import mapping_of

KEPT_SECONDS = 7 * 24 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class HeldFile:
    """An uploaded file: where it lies, what it was called, which source it is for, and what was said about it."""

    token: str
    path: Path
    name: str
    source: str
    user_id: int
    said: dict[str, Any]

    @property
    def mapping(self) -> ColumnMapping:
        """Return what was said about the file."""
        return mapping_of(self.said)


def hold(*, chunks: Iterable[bytes], name: str, source: str, said: dict[str, Any], by: User) -> HeldFile:
    """Write an upload into the holding area, and forget those that nobody came back for."""
    forget_old()
    token = uuid.uuid4().hex
    folder = _root() / token
    folder.mkdir(parents=True)
    with (folder / "file").open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    held = HeldFile(token, folder / "file", printable(name), source.strip(), by.pk, said)
    _write(held)
    return held


def held_file(token: str, user_id: int | None) -> HeldFile | None:
    """Return a held file of a person, or None where there is none: never somebody else's."""
    if not _TOKEN.fullmatch(token) or not (_root() / token / "about.json").is_file():
        return None
    about = json.loads((_root() / token / "about.json").read_text(encoding="utf-8"))
    if about["user_id"] != user_id:
        return None
    return HeldFile(path=_root() / token / "file", **about)


def say(held: HeldFile, **more: Any) -> HeldFile:
    """Add to what is said about a held file."""
    told = HeldFile(held.token, held.path, held.name, held.source, held.user_id, {**held.said, **more})
    _write(told)
    return told


def forget(token: str) -> None:
    """Remove a held file."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_root() / token, ignore_errors=True)


def forget_old() -> None:
    """Remove held files that are older than a week."""
    for folder in _root().glob("*"):
        if _TOKEN.fullmatch(folder.name) and folder.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def printable(name: str) -> str:
    """Return a file's own name without folders and control characters, at most 200 characters."""
    bare = "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable()).strip()
    return bare[:200] or "file"


def _write(held: HeldFile) -> None:
    about = {name: value for name, value in asdict(held).items() if name != "path"}
    (held.path.parent / "about.json").write_text(json.dumps(about), encoding="utf-8")


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "uploads"
