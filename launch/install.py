"""Make the virtual environment from the lock, with hashes. Standard library only: it runs before anything is there.

`python3 -m launch.install [runtime|dev]`; skipped while the lock is the one installed last.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from launch.system import BROWSER, PDF, VENV, ensure

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
LOCKS = CHECKOUT / "requirements"
OLDEST = (3, 11)
FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def main(arguments: Sequence[str]) -> int:
    """Install what `run` (runtime) or `test` (dev) needs; return the exit code."""
    which = arguments[0] if arguments else "runtime"
    if sys.version_info < OLDEST:
        print("Tollgate needs Python 3.11 or newer. Name it: make PYTHON=python3.11 run", file=sys.stderr)
        return 1
    ensure([PDF, BROWSER] if which == "dev" else [PDF])
    if is_installed(which):
        return 0
    if not ensure([VENV]):
        return 1
    print(f"Installing Python packages into {ENVIRONMENT} …", flush=True)
    try:
        install_packages(which)
    except subprocess.CalledProcessError as failure:
        return failure.returncode
    note_installed(which)
    return 0


def install_packages(which: str) -> None:
    """Make the environment, bring in uv by its hash, and let it install the lock. Raise CalledProcessError."""
    python = ENVIRONMENT / "bin" / "python"
    if not runs(python):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "-r", LOCKS / "uv.txt"])
    uv: list[str | Path] = [ENVIRONMENT / "bin" / "uv", "pip", "install", "--quiet", "--python", python]
    uv += ["--index-strategy", "unsafe-best-match"]  # whichever index has the pinned file: its hash decides
    try:
        run([*uv, "--require-hashes", "-r", LOCKS / f"{which}.txt"], environment=index_of_pip(python))
    except subprocess.CalledProcessError:
        print("uv could not install them; pip, which is slower, tries.", flush=True)
        run([*pip, "--require-hashes", "-r", LOCKS / f"{which}.txt"])


def index_of_pip(python: Path) -> dict[str, str]:
    """Return an environment in which uv looks for packages where pip is told to, unless uv is told itself."""
    listed = subprocess.run([str(python), "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    told = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        ours = FROM_PIP.get(name.rpartition(".")[2])
        if ours and ours not in told:
            told[ours] = " ".join(value.strip("'").split("\\n")).strip()
    return {**told, **os.environ}


def run(command: Sequence[str | Path], *, environment: dict[str, str] | None = None) -> None:
    """Run a command and let its words through. Raise CalledProcessError."""
    subprocess.run([str(part) for part in command], check=True, env=environment, cwd=CHECKOUT)


def runs(python: Path) -> bool:
    """Say whether an environment's Python still starts."""
    try:
        return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def digest(which: str) -> str:
    """Fingerprint the locks that decide what is installed."""
    content = b"".join((LOCKS / name).read_bytes() for name in ("uv.txt", f"{which}.txt"))
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def is_installed(which: str) -> bool:
    """Say whether the lock is the one installed last; the dev lock holds the runtime lock."""
    notes = {name: ENVIRONMENT / f".installed-{name}" for name in ("runtime", "dev")}
    wanted = ("dev",) if which == "dev" else ("runtime", "dev")
    return any(notes[name].exists() and notes[name].read_text() == digest(name) for name in wanted)


def note_installed(which: str) -> None:
    """Remember the lock that was installed."""
    (ENVIRONMENT / f".installed-{which}").write_text(digest(which))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
