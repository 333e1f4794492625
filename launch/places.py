"""Where things lie on this machine: the home, the cluster, the sockets, the logs."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from launch.children import Account, server_account

CHECKOUT = Path(__file__).resolve().parent.parent
OUTSIDE = Path("/var/lib/tollgate")
LONGEST_SOCKET_FOLDER = 88  # a socket's path holds 107 bytes, PostgreSQL's file name needs the rest


@dataclass(frozen=True)
class Places:
    """Folders of one home."""

    home: Path
    cluster: Path
    sockets: Path
    account: Account | None

    @property
    def logs(self) -> Path:
        """Folder of the log files."""
        return self.home / "logs"

    @property
    def locks(self) -> Path:
        """Folder of the lock files."""
        return self.home / "locks"

    @property
    def broker_socket(self) -> Path:
        """Socket of the embedded broker."""
        return short_folder(self.home / "run") / "valkey.sock"


def home_folder() -> Path:
    """Return TOLLGATE_HOME, or `.data` in the checkout."""
    return Path(os.environ.get("TOLLGATE_HOME") or CHECKOUT / ".data").resolve()


def find_places() -> Places:
    """Work out the folders of this home without making any of them."""
    home, account = home_folder(), server_account()
    root = home if account is None or reachable(home, account) else OUTSIDE / identity(home)
    cluster = root / "postgres"
    return Places(home, cluster, short_folder(cluster / "run"), account)


def reachable(folder: Path, account: Account) -> bool:
    """Say whether `account` may pass through every existing folder above and including `folder`."""
    for step in (folder, *folder.parents):
        if not step.exists():
            continue
        facts = step.stat()
        bit = 0o100 if facts.st_uid == account.uid else 0o010 if facts.st_gid == account.gid else 0o001
        if not facts.st_mode & bit:
            return False
    return True


def identity(home: Path) -> str:
    """Return the name under which this home keeps what cannot lie inside it: another home, another name."""
    name = home / "identity"
    return name.read_text().strip() if name.exists() else digest(home)


def short_folder(wanted: Path) -> Path:
    """Return `wanted`, or a folder under /tmp where its path is too long for a socket."""
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_FOLDER:
        return wanted
    return Path("/tmp") / f"tollgate-{digest(wanted)}"


def digest(path: Path) -> str:
    """Shorten a path to a name."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def make_home(home: Path) -> None:
    """Make the home and its name; safe to repeat and to race."""
    first = not home.exists()
    for folder in (home, home / "logs", home / "locks", home / "media"):
        folder.mkdir(parents=True, exist_ok=True)
    if first:
        home.chmod(0o711)  # the database's user passes through; nobody else lists it
    try:
        with os.fdopen(os.open(home / "identity", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644), "w") as name:
            name.write(secrets.token_hex(6))
    except FileExistsError:
        return


def make_private_folder(folder: Path, account: Account | None) -> None:
    """Make a folder only its server enters. Raise PermissionError if somebody else's stands there."""
    if folder.is_relative_to(OUTSIDE):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for above in (OUTSIDE, folder.parent):
            above.chmod(0o755)  # whatever the umask: the server's user passes through
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = account.uid if account else os.geteuid()
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid not in {owner, os.geteuid()}:
        raise PermissionError(f"{folder} belongs to somebody else. Remove it, or set TOLLGATE_HOME to another folder.")
    if account and facts.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
