"""System packages: installed where that is allowed, else the line to type. Standard library only."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """Something the operating system has to bring."""

    why: str
    packages: tuple[str, ...]
    is_met: Callable[[], bool]


def loads(*libraries: str) -> bool:
    """Say whether every shared library can be loaded."""
    try:
        for library in libraries:
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_chromium() -> bool:
    """Say whether a Chromium is there for browser tests."""
    return any(shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser") if name)


VENV = Need("a virtual environment", ("python3-venv",), lambda: importlib.util.find_spec("ensurepip") is not None)
PDF = Need(
    "PDF packs",
    ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    lambda: loads("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
)
BROWSER = Need("browser tests", ("chromium",), has_chromium)


def ensure(needs: Iterable[Need]) -> bool:
    """Install what is missing if we may; else print the line to type. Return whether everything is there."""
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return True
    packages = [package for need in missing for package in need.packages]
    prefix = rights()
    if prefix is not None:
        print(f"Installing {' '.join(packages)} (for {', '.join(need.why for need in missing)}).", flush=True)
        install(prefix, packages)
    for need in missing:
        if not need.is_met():
            print(f"Missing for {need.why}. Type: sudo apt-get install -y {' '.join(need.packages)}", file=sys.stderr)
    return all(need.is_met() for need in missing)


def rights() -> list[str] | None:
    """Return what to put before apt-get to be allowed to install, or None where we are not."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    may = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if may else None


def install(prefix: list[str], packages: list[str]) -> None:
    """Install Debian packages; a failure shows in what is still missing afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run([*prefix, "apt-get", *command], env=environment, capture_output=True, text=True)
        if done.returncode:
            print(done.stdout[-1000:], done.stderr[-2000:], file=sys.stderr)
