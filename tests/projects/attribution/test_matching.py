"""Rules find the keys that they take without comparing each key with each rule."""

import pytest
from django.db import connection

from projects.attribution.drafts import RuleDraft
from projects.attribution.matching import owners_statement
from projects.attribution.models import AttributionRule
from projects.attribution.services import make_rule
from projects.sources.models import CostKey
from tests.harness.plans import rows_touched
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
ALL = "(SELECT id AS cost_key_id FROM projects_costkey)"


def takers():
    """Return the value of the rule that takes each resource."""
    statement, bound = owners_statement(ALL)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cost_key_id, rule_id FROM ({statement}) o", bound)
        found = dict(cursor.fetchall())
    keys = CostKey.objects.in_bulk(list(found))
    rules = AttributionRule.objects.in_bulk(list(found.values()))
    return {keys[key].resource_id: rules[rule].value for key, rule in found.items()}


def resources(path, *names):
    take_in(write_focus(path / "a.csv", *({"ResourceId": name} for name in names)), "cloud")


def test_a_prefix_takes_what_begins_with_it_whatever_the_case_and_the_first_of_several_wins(
    fraud, fiona, now, tmp_path
):
    resources(tmp_path, "ARN:a", "arn:ab", "arn:abc/1", "arn:b", "rn:ab", "ÄRN", "ärn:1", "")
    for value in ("arn:AB", "arn:a", "arn:abc", "Ärn"):
        make_rule(draft=RuleDraft("resource_prefix", value, fraud), by=fiona, at=now)

    assert takers() == {"ARN:a": "arn:a", "arn:ab": "arn:AB", "arn:abc/1": "arn:AB", "ÄRN": "Ärn", "ärn:1": "Ärn"}


def test_many_prefixes_are_not_each_compared_with_every_resource(fraud, fiona, now, tmp_path):
    resources(tmp_path, *(f"arn:{number:04}:x" for number in range(400)))
    for number in range(60):
        make_rule(draft=RuleDraft("resource_prefix", f"arn:{number:04}", fraud), by=fiona, at=now)
    statement, bound = owners_statement(ALL)

    touched = rows_touched(statement, bound)

    assert len(takers()) == 60
    assert touched < 400 * 60 / 5, "the product of resources and prefixes would be 24,000"


def test_the_keys_that_an_import_adds_are_found_without_reading_those_before(fraud, fiona, now, tmp_path):
    resources(tmp_path, *(f"arn:{number:04}" for number in range(2_000)))
    make_rule(draft=RuleDraft("resource_prefix", "arn:1", fraud), by=fiona, at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_costkey")
    newest = list(CostKey.objects.order_by("-pk").values_list("pk", flat=True)[:400])
    statement, bound = owners_statement("(SELECT unnest(%(keys)s::bigint[]) AS cost_key_id)", are_few=True)

    touched = rows_touched(statement, {**bound, "keys": newest}, relation="projects_costkey")

    assert touched == 400
    assert owned(newest, are_few=True) == owned(newest, are_few=False) != set()


def owned(keys, *, are_few):
    statement, bound = owners_statement("(SELECT unnest(%(keys)s::bigint[]) AS cost_key_id)", are_few=are_few)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**bound, "keys": keys})
        return set(cursor.fetchall())
