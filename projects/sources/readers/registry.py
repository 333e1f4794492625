"""Find every kind of file there is a module for."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from projects.sources.readers import kinds
from projects.sources.readers.interface import Container
from projects.sources.readers.plans import Clues, Header, Kind

NO_CLUES = Clues()


@cache
def all_kinds() -> tuple[Kind, ...]:
    """Give the kinds of all modules in `kinds`, highest rank first."""
    found: list[Kind] = []
    for module in pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}."):
        loaded = importlib.import_module(module.name)
        found.extend(getattr(loaded, "KINDS", ()) or (loaded.KIND,))
    return tuple(sorted(found, key=lambda kind: (-kind.rank, kind.name)))


def kind_named(name: str) -> Kind | None:
    """Give the kind of that name, if there is one."""
    return next((kind for kind in all_kinds() if kind.name == name), None)


def kind_of_table(header: Header, container: Container, clues: Clues = NO_CLUES) -> tuple[Kind, str] | None:
    """Give the first kind that knows this header, with its version ("" where the kind has none)."""
    for kind in all_kinds():
        if container in kind.containers and clues.carry(kind):
            version = kind.version(header)
            if version is not None:
                return kind, version
    return None


def kind_of_document(document: Any, shape: Container) -> Kind | None:
    """Give the first kind that claims this JSON document."""
    return next((kind for kind in all_kinds() if shape in kind.containers and kind.claims(document)), None)
