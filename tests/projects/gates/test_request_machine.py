"""Thousands of random acts on a gate request, by anybody in any order: after each of them the council's laws hold."""

from collections import Counter

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from projects.audit.selectors import first_break
from projects.gates.models import RequestMove
from tests.conftest import SOAK
from tests.factories.council import AT
from tests.projects.gates.request_onward import BroughtOn
from tests.projects.gates.request_world import Life, World

EXAMPLES, LENGTH, ACTS = (1000, 80, 50_000) if SOAK else (36, 60, 1500)
REACHED = {"draft", "submitted", "readiness_check", "expert_review", "ready", "on_agenda", "decided"}


@pytest.fixture
def world(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return World()


def test_the_laws_hold_after_each_of_thousands_of_random_acts(world):
    reached, tried, done = Counter(), Counter(), Counter()

    class Machine(RequestMachine):
        house = world
        counted = (reached, tried, done)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=LENGTH,
            deadline=None,
            derandomize=not SOAK,
            phases=[Phase.generate],  # shrinking lives of many acts takes longer than reading them
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert sum(tried.values()) >= ACTS
    assert sum(done.values()) < sum(tried.values())
    assert set(reached) >= REACHED


class RequestMachine(BroughtOn):
    """Each example begins with the house as it stands and undoes all that it did."""

    house, counted = None, None

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.life = Life(self.house, AT, *self.counted[1:])

    def teardown(self):
        """Undo the example; its audit trail must be whole."""
        try:
            if not connection.needs_rollback:
                self.counted[0].update(RequestMove.objects.values_list("after", flat=True))
                assert first_break(self.life.initiative.audit_stream) is None
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @invariant()
    def no_law_is_broken_and_nothing_kept_is_rewritten(self):
        """Hold after each act that was done; a refused one left every row as it was."""
        if self.life.is_changed:
            self.life.is_changed = False
            assert not self.life.broken_laws()
            assert not self.life.rewritten()
            assert not self.life.unready()
