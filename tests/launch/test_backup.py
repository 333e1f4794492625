import subprocess
import sys

from launch.backup import without_password
from launch.places import CHECKOUT
from tests.launch.machine import empty_home, machine

PUT = "from projects.common.models import KeyCounter as K; K.objects.create(prefix='AI', last=7)"
GET = "from projects.common.models import KeyCounter as K; print(K.objects.get(prefix='AI').last)"


def run(home, *command):
    return subprocess.run(
        [sys.executable, *command], cwd=CHECKOUT, env=machine(home), capture_output=True, text=True, timeout=300
    )


def test_backup_restores_into_an_empty_home_and_never_over_data(tmp_path):
    copy = str(tmp_path / "copy")
    with empty_home() as home:
        run(home, "manage.py", "migrate", "--verbosity", "0").check_returncode()
        run(home, "manage.py", "shell", "--verbosity", "0", "-c", PUT).check_returncode()
        run(home, "-m", "launch", "backup", copy).check_returncode()
        over_data = run(home, "-m", "launch", "restore", copy)
    with empty_home() as home:
        run(home, "-m", "launch", "restore", copy).check_returncode()
        run(home, "manage.py", "migrate", "--verbosity", "0").check_returncode()
        read = run(home, "manage.py", "shell", "--verbosity", "0", "-c", GET)

    assert over_data.returncode != 0
    assert read.stdout.strip() == "7", read.stderr


def test_backup_without_a_file_says_what_to_type(tmp_path):
    done = run(tmp_path, "-m", "launch", "backup")

    assert done.returncode == 2
    assert "launch backup FILE" in done.stderr


def test_password_stays_out_of_the_list_of_processes():
    address, password = without_password("postgresql://owner:a%2Fb@db.example.org:5432/tollgate?sslmode=require")

    assert address == "postgresql://owner@db.example.org:5432/tollgate?sslmode=require"
    assert password == "a/b"
