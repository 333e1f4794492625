import subprocess
import sys

import pytest

from launch.locks import TOGETHER, lock
from launch.places import CHECKOUT, make_home
from tests.launch.machine import empty_home, machine


@pytest.fixture
def home():
    with empty_home() as folder:
        make_home(folder)
        for name in ("prepared", "demo_logins.json", "media/pack.pdf", "identity"):
            (folder / name).write_text("x")
        (folder / "postgres").mkdir(mode=0o700)
        yield folder


def reset(home, **environment):
    return subprocess.run(
        [sys.executable, "-m", "launch", "reset"],
        cwd=CHECKOUT,
        env=machine(home, **environment),
        capture_output=True,
        text=True,
    )


def test_reset_throws_the_data_away(home):
    assert reset(home).returncode == 0
    assert not [name for name in ("prepared", "demo_logins.json", "postgres", "media") if (home / name).exists()]


def test_reset_leaves_data_in_use_alone(home):
    with lock(home / "locks" / "users", TOGETHER):
        refused = reset(home)

    assert refused.returncode == 1
    assert "Stop it first" in refused.stderr
    assert (home / "media" / "pack.pdf").exists()


def test_reset_never_touches_a_given_database(home):
    refused = reset(home, DATABASE_URL="postgresql://somebody@elsewhere/tollgate")

    assert refused.returncode == 1
    assert (home / "postgres").exists()
