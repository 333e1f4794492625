"""The supervisor as a newcomer meets it: started, killed, started again."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from launch.places import CHECKOUT
from tests.harness.processes import descendants_of, is_alive
from tests.harness.worker import wait_until
from tests.launch.machine import empty_home, machine


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(home, **environment):
    """Start the supervisor and wait until it says it is ready; give its process, its port and its words."""
    words = home.parent / "words"
    port = free_port()
    with words.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"],
            cwd=CHECKOUT,
            env=machine(home, PORT=str(port), **environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(
            lambda: "is ready" in words.read_text() or supervisor.poll() is not None,
            seconds=600,
            what="the supervisor",
        )
        assert supervisor.poll() is None, words.read_text()
        supervisor.port, supervisor.words = port, words
        yield supervisor
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(timeout=60)


@pytest.fixture(scope="module")
def home():
    """A home that lives as long as the stories in this file."""
    with empty_home() as folder:
        yield folder


def health(port, name):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/{name}/", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_everything_starts_and_ctrl_c_stops_everything(home):
    with running(home) as supervisor:
        for name in ("web", "worker", "scheduler"):
            wait_until(lambda name=name: health(supervisor.port, name), seconds=60, what=name)
        family = descendants_of(supervisor.pid)

        supervisor.send_signal(signal.SIGINT)

        assert supervisor.wait(timeout=60) == 0
        assert not [process for process in family if is_alive(process)]
    assert len(family) >= 8


def test_second_start_prepares_nothing_and_a_killed_supervisor_leaves_no_orphan(home):
    with running(home) as supervisor:
        assert "Preparing" not in supervisor.words.read_text()
        wait_until(lambda: health(supervisor.port, "worker"), seconds=60, what="the worker")
        family = descendants_of(supervisor.pid)

        supervisor.kill()

        assert len(family) >= 8
        wait_until(lambda: not any(is_alive(process) for process in family), seconds=90, what="the orphans to end")


STOPPED_WHILE_IT_FORKS = """
import os, signal, sys
from launch import services, supervisor

def fork(service):
    os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
    os.fork() or os._exit(0)

services.Service.keep = fork
sys.exit(supervisor.run())
"""


def test_word_to_stop_that_comes_while_a_process_forks_is_heeded(home):
    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED_WHILE_IT_FORKS],
        cwd=CHECKOUT,
        env=machine(home, PORT=str(free_port())),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert "Exception ignored" in stopped.stderr
    assert stopped.stdout.endswith("Stopped.\n")
    assert stopped.returncode == 0


def test_second_supervisor_on_a_home_is_refused(home):
    with running(home):
        second = subprocess.run(
            [sys.executable, "-m", "launch", "run"],
            cwd=CHECKOUT,
            env=machine(home, PORT=str(free_port())),
            capture_output=True,
            text=True,
        )

        reset = subprocess.run(
            [sys.executable, "-m", "launch", "reset"], cwd=CHECKOUT, env=machine(home), capture_output=True, text=True
        )

    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert reset.returncode == 1
    assert "Stop it first" in reset.stderr


def test_taken_port_is_named(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = subprocess.run(
            [sys.executable, "-m", "launch", "run"],
            cwd=CHECKOUT,
            env=machine(home, PORT=str(taken.getsockname()[1])),
            capture_output=True,
            text=True,
        )

    assert refused.returncode == 1
    assert "is taken" in refused.stderr


def test_fallen_process_is_started_again(home):
    with running(home) as supervisor:
        wait_until(lambda: health(supervisor.port, "worker"), seconds=60, what="the worker")
        scheduler = next(
            process
            for process in descendants_of(supervisor.pid)
            if b"\0beat\0" in Path(f"/proc/{process}/cmdline").read_bytes()
        )

        os.kill(scheduler, signal.SIGKILL)

        wait_until(lambda: "starting it again" in supervisor.words.read_text(), what="the scheduler's second start")


def test_given_servers_are_used_and_none_is_started(transactional_db, cluster, broker, home):
    database = os.environ["DATABASE_URL"]
    given = {
        "DATABASE_URL": database,
        "DATABASE_OWNER_URL": os.environ["DATABASE_OWNER_URL"],
        "BROKER_URL": os.environ["BROKER_URL"],
    }
    elsewhere = home.parent / "elsewhere"
    with psycopg.connect(database) as connection:
        connection.execute("SELECT 1")

    with running(elsewhere, **given) as supervisor:
        wait_until(lambda: health(supervisor.port, "worker"), seconds=60, what="the worker")
        names = [Path(f"/proc/{process}/comm").read_text() for process in descendants_of(supervisor.pid)]

    assert not [name for name in names if "postgres" in name or "valkey" in name]
    assert not (elsewhere / "postgres").exists()
