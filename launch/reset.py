"""Throw away the data of one home, so that the next start begins with the demo as it was."""

import shutil
import sys

from launch.addresses import embedded_database
from launch.locks import ALONE_OR_NEVER, lock
from launch.places import find_places, make_home


def reset() -> int:
    """Remove the embedded cluster and the files beside it, unless somebody uses them; return the exit code."""
    if not embedded_database():
        print("DATABASE_URL is set: that server's data is not ours to remove.", file=sys.stderr)
        return 1
    make_home(find_places().home)
    places = find_places()
    try:
        with lock(places.locks / "users", ALONE_OR_NEVER):
            for folder in (places.cluster, places.home / "media"):
                shutil.rmtree(folder, ignore_errors=True)
            for name in ("prepared", "demo_logins.json"):
                (places.home / name).unlink(missing_ok=True)
    except BlockingIOError:
        print("Tollgate is running. Stop it first.", file=sys.stderr)
        return 1
    print("The demo's data is gone. make run loads it afresh.")
    return 0
