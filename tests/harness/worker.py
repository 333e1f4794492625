"""A real Celery worker on the embedded broker, working on the run's database."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import kombu.pools
import pytest

from council.celery import app
from launch.broker import Broker
from launch.children import start_child, stop_child
from launch.places import CHECKOUT, find_places

QUEUES = ("default", "imports", "pdf")


def wait_until(fact, *, seconds=60.0, what="it"):
    """Call `fact` until it answers something true, and return that; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := fact()):
        if time.monotonic() > end:
            pytest.fail(f"Waited {seconds} s for {what}.")
        time.sleep(0.05)
    return answer


@dataclass
class Worker:
    """A worker process with its log."""

    process: Popen
    log: Path

    def kill(self):
        """End the worker as the kernel would: at once, mid-task; its children go with it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def is_idle(self):
        """Say whether nothing is queued or being worked on."""
        with app.connection_for_read() as connection:
            if any(connection.default_channel.client.llen(queue) for queue in QUEUES):
                return False
        answers = app.control.inspect(timeout=2, limit=1)
        return not any((answers.active() or {"": ()}).values()) and not any((answers.reserved() or {"": ()}).values())

    wait_until = staticmethod(wait_until)


@pytest.fixture(scope="session")
def broker():
    """The embedded Valkey; inside it this process publishes to it as well."""
    places = find_places()
    server = Broker(places.broker_socket, places.logs / "valkey.log")
    server.start()
    os.environ["CELERY_BROKER_URL"] = os.environ["BROKER_URL"] = f"redis+socket://{places.broker_socket}"
    forget_connections()
    yield server
    os.environ.pop("CELERY_BROKER_URL")
    os.environ["BROKER_URL"] = "memory://"
    forget_connections()
    server.stop()


def forget_connections():
    """Let the application connect anew."""
    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


def run_worker(number=0, *options):
    """Start a worker process and wait until it takes tasks."""
    log = find_places().logs / f"worker-{number}.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "council",
        "worker",
        "-c",
        "2",
        "-Q",
        ",".join(QUEUES),
        "-l",
        "INFO",
    ]
    with log.open("ab") as output:
        process = start_child([*command, "-n", f"w{number}@test", *options], output=output, folder=CHECKOUT)
    worker = Worker(process, log)
    wait_until(lambda: b" ready." in log.read_bytes() or process.poll() is not None, seconds=60, what="the worker")
    if process.poll() is not None:
        pytest.fail(f"The worker ended:\n{log.read_text()[-3000:]}")
    return worker


@pytest.fixture(scope="session")
def _shared_worker(broker, cluster):
    worker = run_worker()
    tell_shared_worker("cancel_consumer")
    yield worker
    stop_child(worker.process, signal.SIGTERM, patience=20)


def tell_shared_worker(what):
    """Let the shared worker take tasks (add_consumer) or none (cancel_consumer), queue by queue."""
    for queue in QUEUES:
        act = getattr(app.control, what)
        if not act(queue, destination=["w0@test"], reply=True, limit=1, timeout=30):
            pytest.fail(f"The shared worker did not answer to {what} of {queue}.")


@pytest.fixture
def celery_worker_process(transactional_db, _shared_worker):
    """A running worker, shared by tests that leave it alive. It takes tasks during the test alone.

    What others left in the queues, their tests' data long gone, is dropped; after the test the worker rests.
    """
    with app.connection_for_write() as connection:
        connection.default_channel.client.delete(*QUEUES)
    tell_shared_worker("add_consumer")
    yield _shared_worker
    wait_until(_shared_worker.is_idle, seconds=90, what="the worker to rest")
    tell_shared_worker("cancel_consumer")


@pytest.fixture
def start_worker(transactional_db, broker, cluster):
    """Start workers of one's own, to be killed in the test: `start_worker(*options)`."""
    started = []

    def start(*options):
        started.append(run_worker(len(started) + 1, *options))
        return started[-1]

    yield start
    for worker in started:
        stop_child(worker.process, signal.SIGQUIT, patience=10)
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushall()
