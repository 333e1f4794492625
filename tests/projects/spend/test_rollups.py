"""New days can be found as soon as they count, and the database is asked for their ranges once a load."""

import pytest
from django.db import connection

from tests.projects.spend.samples import take_in, write_focus


@pytest.mark.django_db
def test_new_pages_are_summed_up_by_the_load_and_not_asked_for_one_by_one(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "1"}), "cloud")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reloptions FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE amname = 'brin'"
        )
        options = dict(cursor.fetchall())
        cursor.execute("SELECT projects_summarise_days(), projects_summarise_facts('2026-05-01')")
        left = cursor.fetchone()

    assert "spend_day_ranges" in options
    assert not [name for name, told in options.items() if "autosummarize=on" in (told or [])]
    assert left == (0, 0)
