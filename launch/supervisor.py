"""The supervisor, `make run`: everything the product needs on one machine, up together and down together."""

import os
import shlex
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from launch.addresses import embedded_broker, embedded_database
from launch.broker import Broker, BrokerFailed
from launch.children import die_with
from launch.cluster import ClusterFailed
from launch.keeper import await_end, database_in_use
from launch.keys import make_keys
from launch.locks import ALONE_OR_NEVER, lock
from launch.places import Places, find_places, make_home
from launch.preparation import PreparationFailed, demo_logins, has_nobody_to_sign_in, prepare, wants_demo
from launch.services import Service, services

READY_WITHIN = 60.0  # seconds until the first page answers
FINISH_WITHIN = 8.0  # seconds for a worker to finish what it holds; its job is taken up again at the next start


FOUNDING = """Nobody can sign in yet: the database is empty, and no demo is loaded. Found your organisation, beside this, with:
  TOLLGATE_HOME={home} .venv/bin/python manage.py found_organisation "NAME" --currency EUR \\
    --administrator LOGIN "FULL NAME" EMAIL --administrator LOGIN "FULL NAME" EMAIL"""


class Stop(BaseException):
    """Somebody asked us to end."""


ASKED_TO_STOP = threading.Event()


class CannotRun(RuntimeError):
    """Something outside stands in the way."""


def run() -> int:
    """Start everything, keep it up until told to stop, stop everything; return the exit code."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, ask_to_stop)
    if os.environ.get("MAKELEVEL"):
        die_with(os.getppid(), signal.SIGTERM)()
    try:
        with home_to_ourselves() as places:
            port = free_port()
            try:
                keep_up(places, port)
            finally:
                await_end(places)
    except Stop:
        print("Stopped.", flush=True)
        return 0
    except (CannotRun, ClusterFailed, BrokerFailed, PreparationFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def ask_to_stop(number: int, frame: object) -> None:
    """Turn the first signal into an orderly end; later ones change nothing."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    ASKED_TO_STOP.set()
    raise Stop


def heed() -> None:
    """Raise Stop where it was asked for and got lost: Python drops what is raised while a process forks."""
    if ASKED_TO_STOP.is_set():
        raise Stop


@contextmanager
def home_to_ourselves() -> Iterator[Places]:
    """Hold the home: one supervisor at a time. Raise CannotRun where one runs."""
    make_home(find_places().home)
    places = find_places()
    make_keys(places.home)
    try:
        with lock(places.locks / "supervisor", ALONE_OR_NEVER):
            yield places
    except BlockingIOError:
        raise CannotRun(f"Tollgate already runs on {places.home}. Stop it, or set TOLLGATE_HOME and PORT.") from None


def free_port() -> int:
    """Return PORT. Raise CannotRun where it is no port or somebody listens there."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise CannotRun(f"PORT is {given}: give a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(given)))
        except OSError:
            raise CannotRun(f"Port {given} is taken. Choose another: PORT=8001 make run") from None
    return int(given)


def keep_up(places: Places, port: int) -> None:
    """Start the servers and the product, say where it is, and keep all of it running."""
    with database_in_use() if embedded_database() else nullcontext(), embedded_broker_of(places):
        prepare(places)
        running = services(places, port=port, environment=environment_of_services())
        try:
            web, *background = running
            web.start()
            await_page(web, port)
            for service in background:
                service.start()
            heed()
            say_where(places, port)
            while True:
                for service in running:
                    service.keep()
                    heed()
                time.sleep(0.5)
        finally:
            stop_all(running)


@contextmanager
def embedded_broker_of(places: Places) -> Iterator[None]:
    """Run the embedded broker inside the block, unless another is given."""
    if not embedded_broker():
        yield
        return
    broker = Broker(places.broker_socket, places.logs / "valkey.log")
    broker.start()
    try:
        yield
    finally:
        broker.stop()


def environment_of_services() -> dict[str, str]:
    """Return what the product's processes are told beside our own environment."""
    keys = make_keys(find_places().home)
    return {
        "TOLLGATE_HOME": str(find_places().home),
        "TOLLGATE_DEMO": "1" if wants_demo() else "0",
        "TOLLGATE_DATABASE_ROLE": "application",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or keys["secret_key"],
        "PYTHONUNBUFFERED": "1",
    }


def await_page(web: Service, port: int) -> None:
    """Wait until the first page answers. Raise CannotRun with the log's name where it does not."""
    end = time.monotonic() + READY_WITHIN
    while not answers(f"http://127.0.0.1:{port}/health/web/"):
        heed()
        if (web.process and web.process.poll() is not None) or time.monotonic() > end:
            raise CannotRun(f"The web process does not answer. Its log: {web.log}")
        time.sleep(0.1)


def answers(address: str) -> bool:
    """Say whether a page answers without an error."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def say_where(places: Places, port: int) -> None:
    """Print the address and who can sign in, or how somebody comes to."""
    founding = FOUNDING.format(home=shlex.quote(str(places.home))) if has_nobody_to_sign_in() else ""
    people = demo_logins(places) if wants_demo() else []
    print(f"\nTollgate is ready: http://127.0.0.1:{port}/   (stop with Ctrl-C; logs in {places.logs})", flush=True)
    width = max((len(person["login"]) for person in people), default=0)
    for person in people:
        print(f"  {person['login']:<{width}}  {person['password']}  {person['name']}, {person['role']}", flush=True)
    if founding:
        print(founding, flush=True)


def stop_all(running: list[Service]) -> None:
    """Stop what makes work before what does it."""
    print("\nStopping …", flush=True)
    for service in running:
        if service.process and service.process.poll() is None:
            service.process.send_signal(signal.SIGTERM)
    for service in running:
        service.stop(patience=FINISH_WITHIN)
