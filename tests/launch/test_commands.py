"""Management commands with nothing running, side by side, and on a server that was killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launch.commands import database_for
from launch.places import CHECKOUT
from tests.harness.processes import is_alive
from tests.harness.worker import wait_until
from tests.launch.machine import empty_home, machine

ASK = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT current_user'); print(k.fetchone()[0])"
STAY = ASK.replace("; print", "; import time; time.sleep(3); print")


@pytest.fixture(scope="module")
def home():
    """A home that lives as long as the stories in this file."""
    with empty_home() as folder:
        yield folder


def start(home, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=machine(home, **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(command):
    words, errors = command.communicate(timeout=300)
    assert command.returncode == 0, errors
    return words.strip().splitlines()[-1]


def postmaster(home):
    try:
        return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return 0


def server_ended(home):
    process = postmaster(home)
    return not process or not is_alive(process)


def test_command_works_with_nothing_running_and_leaves_nothing_running(home):
    assert said(start(home, "shell", "--verbosity", "0", "-c", ASK)) == "tollgate_app"
    wait_until(lambda: server_ended(home), what="the server to end")


def test_two_commands_at_once_share_one_server(home):
    long = start(home, "shell", "--verbosity", "0", "-c", STAY)
    short = start(home, "shell", "--verbosity", "0", "-c", ASK)

    assert said(short) == "tollgate_app"
    assert long.poll() is None
    assert not server_ended(home)
    assert said(long) == "tollgate_app"
    wait_until(lambda: server_ended(home), what="the server to end")


def test_killed_command_leaves_no_server(home):
    command = start(home, "shell", "--verbosity", "0", "-c", STAY.replace("3", "60"))
    wait_until(lambda: postmaster(home) and not server_ended(home), seconds=90, what="the server")

    command.kill()

    command.communicate()
    wait_until(lambda: server_ended(home), what="the server to end")


def test_killed_server_is_started_again_under_its_user(home):
    command = start(home, "shell", "--verbosity", "0", "-c", STAY.replace("(3)", "(4)"))
    first = wait_until(lambda: not server_ended(home) and postmaster(home), seconds=90, what="the server")
    time.sleep(0.5)

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: not server_ended(home) and postmaster(home) != first, seconds=90, what="the second server")
    command.communicate(timeout=60)


def test_given_database_is_used_and_none_is_started(cluster):
    given = {"DATABASE_URL": os.environ["DATABASE_URL"], "DATABASE_OWNER_URL": os.environ["DATABASE_OWNER_URL"]}
    with empty_home() as elsewhere:
        assert said(start(elsewhere, "shell", "--verbosity", "0", "-c", ASK, **given)) == "tollgate_app"
        assert said(start(elsewhere, "showmigrations", "sessions", **given)).endswith("[X] 0001_initial")
        assert not elsewhere.exists() or not (elsewhere / "postgres").exists()


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("migrate", "owner"),
        ("makemigrations", "owner"),
        ("flush", "owner"),
        ("shell", "application"),
        ("", "application"),
    ],
)
def test_role_follows_the_command(command, role, cluster, monkeypatch):
    monkeypatch.setenv("TOLLGATE_DATABASE_ROLE", "")

    with database_for(["manage.py", *([command] if command else [])]):
        assert os.environ["TOLLGATE_DATABASE_ROLE"] == role


def test_help_starts_no_server():
    with empty_home() as elsewhere:
        assert start(elsewhere, "help").communicate(timeout=60)
        assert not (elsewhere / "postgres").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to let another user in")
def test_home_below_a_closed_folder_keeps_its_data_outside(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"

    words, errors = start(home, "shell", "--verbosity", "0", "-c", ASK).communicate(timeout=300)

    assert words.strip() == "tollgate_app"
    assert f"its data lies in /var/lib/tollgate/{(home / 'identity').read_text()}" in errors
    outside = Path("/var/lib/tollgate") / (home / "identity").read_text()
    assert (outside / "postgres" / "data").exists()
    subprocess.run(["rm", "-rf", str(outside)], check=True)
