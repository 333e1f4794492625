"""What the product brings along may be brought along: the locks, read against the licences we accept."""

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from launch.places import CHECKOUT

LOCKS = CHECKOUT / "requirements"
ALLOWED = re.compile(
    r"\b(MIT|BSD|Apache|MPL|Mozilla Public License|LGPL|Lesser General Public License|ISC|PSF|OFL|PostgreSQL)\b"
)


def locked(name):
    """List (package, whether every machine gets it) of a lock."""
    lines = (LOCKS / name).read_text().splitlines()
    return [(line.split("==")[0], ";" not in line) for line in lines if re.match(r"[a-z0-9]", line)]


def statements(package):
    """List the licences a package offers; its user may choose among them."""
    facts = metadata(package)
    if expression := facts.get("License-Expression"):
        return expression.split(" OR ")
    named = [text.split(" :: ")[-1] for text in facts.get_all("Classifier") or [] if text.startswith("License ::")]
    return named or [(facts.get("License") or "").strip().split("\n")[0]]


def is_allowed(offered):
    return any(all(ALLOWED.search(part) for part in licence.split(" AND ")) for licence in offered)


@pytest.mark.parametrize(("package", "is_everywhere"), locked("runtime.txt"))
def test_licence_of_every_locked_package_is_accepted(package, is_everywhere):
    try:
        offered = statements(package)
    except PackageNotFoundError:
        assert not is_everywhere
        return

    assert is_allowed(offered), offered


@pytest.mark.parametrize("refused", [["GPL-3.0-only"], ["AGPL-3.0"], [""], ["MIT AND GPL-2.0-only"], ["Proprietary"]])
def test_strong_copyleft_and_silence_are_not_accepted(refused):
    assert not is_allowed(refused)


@pytest.mark.parametrize("accepted", [["GPL-2.0-only", "MPL-1.1"], ["LGPL-3.0-only"], ["MIT-CMU"], ["Apache-2.0"]])
def test_one_acceptable_choice_is_enough(accepted):
    assert is_allowed(accepted)


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "uv.txt"])
def test_lock_pins_every_file_and_names_no_address(name):
    text = (LOCKS / name).read_text()

    assert "://" not in text
    assert "--index" not in text
    for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
        assert "==" in block
        assert "--hash=sha256:" in block


def test_what_runs_is_tested_in_the_same_version():
    runtime, dev = (
        set(re.findall(r"^([a-z0-9._-]+==\S+)", (LOCKS / name).read_text(), re.M))
        for name in ("runtime.txt", "dev.txt")
    )

    assert runtime <= dev
