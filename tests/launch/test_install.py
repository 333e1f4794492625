import subprocess

import pytest

from launch import install, system


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in ("uv.txt", "runtime.txt", "dev.txt"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(install, "LOCKS", tmp_path)
    monkeypatch.setattr(install, "ENVIRONMENT", tmp_path)
    return tmp_path


def test_nothing_is_installed_at_first(checkout):
    assert not install.is_installed("runtime")


@pytest.mark.parametrize(
    ("installed", "wanted", "is_there"),
    [
        ("runtime", "runtime", True),
        ("dev", "dev", True),
        ("dev", "runtime", True),
        ("runtime", "dev", False),
    ],
)
def test_lock_for_tests_serves_running_too(checkout, installed, wanted, is_there):
    install.note_installed(installed)

    assert install.is_installed(wanted) == is_there


def test_changed_lock_is_installed_again(checkout):
    install.note_installed("runtime")

    (checkout / "runtime.txt").write_text("another")

    assert not install.is_installed("runtime")


def test_missing_system_package_prints_the_line_where_we_may_not_install(monkeypatch, capsys):
    monkeypatch.setattr(system, "rights", lambda: None)

    assert not system.ensure([system.Need("pictures", ("libpicture0", "libframe1"), lambda: False)])
    assert "Type: sudo apt-get install -y libpicture0 libframe1" in capsys.readouterr().err


def test_missing_system_package_is_installed_where_we_may(monkeypatch, tmp_path):
    calls = []
    there = tmp_path / "there"
    monkeypatch.setattr(system, "rights", list)
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **_: (calls.append(command), there.touch()) and subprocess.CompletedProcess(command, 0),
    )

    assert system.ensure([system.Need("pictures", ("libpicture0",), there.exists)])
    assert calls[0][:2] == ["apt-get", "update"]
    assert calls[1][-1] == "libpicture0"


def test_library_that_does_not_exist_does_not_load():
    assert not system.loads("libno-such-thing.so.9")
    assert system.loads("libc.so.6")
