"""The keeper: holds the embedded cluster up while anybody uses it, and lets go when the last one has left.

Every user holds a shared lock on one file; the kernel drops it when the user ends, however it ends. The keeper waits
for the exclusive lock: when it gets it nobody is left, and newcomers wait until the server is down and start it again.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from launch.binaries import postgres_folder
from launch.cluster import Cluster, ClusterFailed
from launch.keys import make_keys
from launch.locks import ALONE, ALONE_OR_NEVER, TOGETHER, lock
from launch.places import CHECKOUT, Places, find_places, make_home

START_PATIENCE = 60.0  # seconds a user waits for the first start, initdb included
END_PATIENCE = 5.0  # seconds the supervisor waits for the cluster to end
ALREADY_KEPT = 3


def cluster_of(places: Places) -> Cluster:
    """Return the cluster of this home."""
    return Cluster(places.cluster, places.sockets, places.account, places.logs / "postgres.log")


@contextmanager
def database_in_use() -> Iterator[Places]:
    """Keep the embedded cluster running inside the block, started if it is not. Raise ClusterFailed."""
    make_home(find_places().home)
    places = find_places()
    make_keys(places.home)
    with lock(places.locks / "users", TOGETHER):
        with lock(places.locks / "start", ALONE):
            ensure_keeper(places)
        yield places


def await_end(places: Places) -> None:
    """Wait until the cluster is down after the last user left; give up where others go on using it."""
    end = time.monotonic() + END_PATIENCE
    while time.monotonic() < end:
        with suppress(BlockingIOError), lock(places.locks / "keeper", ALONE_OR_NEVER):
            return
        time.sleep(0.05)


def ensure_keeper(places: Places) -> None:
    """Start the keeper if the cluster does not answer, and wait until it does. Raise ClusterFailed."""
    cluster = cluster_of(places)
    keeper: subprocess.Popen[bytes] | None = None
    end = time.monotonic() + START_PATIENCE
    while not cluster.answers():
        if keeper is None or keeper.poll() == ALREADY_KEPT:
            keeper = start_keeper(places)
        elif keeper.poll() is not None or time.monotonic() > end:
            raise ClusterFailed(f"The embedded PostgreSQL did not start. Its log: {places.logs / 'postgres.log'}")
        time.sleep(0.02)


def start_keeper(places: Places) -> "subprocess.Popen[bytes]":
    """Start the keeper apart from us: it serves others after we have left."""
    postgres_folder(places.account)  # says here, where somebody reads it, what it has to copy
    if not places.cluster.is_relative_to(places.home) and not places.cluster.exists():
        print(f"The database's user cannot reach {places.home}: its data lies in {places.cluster}.", file=sys.stderr)
    environment = {**os.environ, "TOLLGATE_HOME": str(places.home), "PYTHONPATH": str(CHECKOUT)}
    with (places.logs / "keeper.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "launch.keeper"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment,
            start_new_session=True,
        )


def keep(places: Places) -> None:
    """Run the cluster until no user is left; start it again when it falls."""
    cluster = cluster_of(places)
    cluster.initialise(make_keys(places.home))
    cluster.start()
    leaving = threading.Event()
    threading.Thread(target=leave_last, args=(places, cluster, leaving), daemon=True).start()
    while cluster.server:
        cluster.server.wait()
        if leaving.is_set():
            return
        cluster.start()


def leave_last(places: Places, cluster: Cluster, leaving: threading.Event) -> None:
    """Wait for the last user to leave, then stop the cluster; newcomers wait until it is down."""
    with lock(places.locks / "users", ALONE):
        leaving.set()
        cluster.stop()


def main() -> int:
    """Keep the cluster of this home, unless somebody does."""
    places = find_places()
    for name in (signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    with suppress(BlockingIOError), lock(places.locks / "keeper", ALONE_OR_NEVER):
        keep(places)
        return 0
    return ALREADY_KEPT


if __name__ == "__main__":
    sys.exit(main())
