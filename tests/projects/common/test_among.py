import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.common.among import Among
from projects.people.models import Team

pytestmark = pytest.mark.django_db


def test_rows_are_found_by_their_ids_with_one_parameter():
    first, second, _ = [Team.objects.create(name=f"Team {number}") for number in range(3)]

    with CaptureQueriesContext(connection) as queries:
        found = set(Team.objects.filter(pk__in=Among(row.pk for row in (first, second))))

    assert found == {first, second}
    assert f"'{{{first.pk},{second.pk}}}'::bigint[]" in queries.captured_queries[0]["sql"]


def test_related_rows_are_found_and_no_ids_find_none():
    above = Team.objects.create(name="Above")
    below = Team.objects.create(name="Below", parent=above)

    assert list(Team.objects.filter(parent__in=Among([above.pk]))) == [below]
    assert not Team.objects.filter(parent__in=Among([])).exists()


def test_only_whole_numbers_are_taken():
    with pytest.raises(ValueError, match="invalid literal"):
        Among(["1} OR TRUE --"])
