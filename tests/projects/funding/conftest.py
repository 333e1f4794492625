"""An envelope, and who is told of what was released."""

import pytest

from projects.signals import tranche_released
from tests.factories import money


@pytest.fixture
def envelope(fiona, now):
    return money.envelope(fiona, now)


@pytest.fixture
def released():
    seen = []

    def listen(sender, tranche, **_):
        seen.append(tranche)

    tranche_released.connect(listen)
    yield seen
    tranche_released.disconnect(listen)
