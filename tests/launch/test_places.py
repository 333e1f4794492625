import os
import tempfile
from pathlib import Path

import pytest

from launch import places
from launch.children import Account
from launch.keys import make_keys, read_keys


def test_folder_is_reachable_unless_a_folder_above_is_closed(tmp_path_factory):
    somebody = Account(65534, 65534)
    top = tmp_path_factory.mktemp("reach")
    inner = top / "closed" / "inner"
    inner.mkdir(parents=True)
    for folder in (top, *top.parents, inner, inner.parent):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(0o711)

    assert places.reachable(inner, somebody)
    inner.parent.chmod(0o700)
    assert not places.reachable(inner, somebody)
    assert places.reachable(inner, Account(os.geteuid(), os.getegid()))


@pytest.mark.parametrize(("length", "is_kept"), [(88, True), (89, False)])
def test_socket_folder_moves_when_its_path_is_too_long(tmp_path, length, is_kept):
    wanted = places.Path("/" + "x" * (length - 1))

    assert (places.short_folder(wanted) == wanted) == is_kept


def test_another_home_has_another_name(tmp_path):
    for name in ("one", "two"):
        places.make_home(tmp_path / name)

    assert places.identity(tmp_path / "one") != places.identity(tmp_path / "two")


def test_private_folder_refuses_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PermissionError, match="somebody else"):
        places.make_private_folder(tmp_path / "link", None)


def test_keys_are_made_once_and_only_for_their_owner(tmp_path):
    first = make_keys(tmp_path)

    assert make_keys(tmp_path) == first == read_keys(tmp_path)
    assert len(set(first.values())) == 4
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_nothing_is_known_of_a_home_that_was_never_used(tmp_path):
    assert read_keys(tmp_path) == {}
