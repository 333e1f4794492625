"""A re-attribution asks the same few questions however many keys there are, and reads each charge a few times."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import AttributionRule, Basis, TagAlias
from projects.attribution.purposes import changed_purposes_statement, purposes_statement
from projects.attribution.services import make_rule
from projects.jobs.services import Cancelled
from projects.sources.services import close_period
from projects.spend.listening import Silence
from projects.spend.models import SpendFact
from projects.spend.reattribution import preview_reattribution, reattribute
from projects.spend.verification import rollup_differences
from tests.factories.initiatives import initiative
from tests.harness.plans import rows_touched
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db


@pytest.fixture
def claims(olga):
    return initiative(olga, name="Claims Triage")


def charges(path, count, **cells):
    rows = [{"ResourceId": f"arn:{n:04}", "Tags": f'{{"team": "t-{n % 7}"}}', **cells} for n in range(count)]
    take_in(write_focus(path / f"{count}.csv", *rows), "cloud")


def teams_go_to(receiver, by, at, *teams):
    for team in teams:
        make_rule(draft=RuleDraft("tag", team, receiver, tag_key="team"), by=by, at=at)


@pytest.mark.parametrize("act", ["preview", "run"])
def test_a_thousand_keys_take_as_many_queries_as_ten(act, fraud, fiona, now, tmp_path):
    acts = {
        "preview": lambda: preview_reattribution(by=fiona),
        "run": lambda: reattribute(by=fiona, at=now, tells_of_logs=True),
    }
    charges(tmp_path, 10)
    teams_go_to(fraud, fiona, now, "t-1")
    with CaptureQueriesContext(connection) as few:
        assert acts[act]().rows == 2
    charges(tmp_path, 1_000)
    SpendFact.objects.update(initiative=None, rule=None)
    with CaptureQueriesContext(connection) as many:
        assert acts[act]().rows == 143

    assert len(many) == len(few)


def test_no_statement_of_a_run_compares_charges_with_each_other(fraud, fiona, now, tmp_path):
    charges(tmp_path, 1_500)
    teams_go_to(fraud, fiona, now, *(f"t-{number}" for number in range(7)))
    touched = {}

    def plan(execute, sql, bound, many, context):
        if "projects_spendfact" in sql and sql.lstrip().startswith(("CREATE", "UPDATE")):
            with transaction.atomic():
                touched[sql] = rows_touched(sql, bound)
                transaction.set_rollback(True)
        return execute(sql, bound, many, context)

    with connection.execute_wrapper(plan):
        assert reattribute(by=fiona, at=now).rows == 1_500

    assert rollup_differences() == []
    assert max(touched.values()) < 1_500 * 10, "every charge beside every other would be 2,250,000"


def test_an_alias_of_a_key_goes_before_one_of_any_key(fraud, claims, fiona, now, tmp_path):
    charges(tmp_path, 7)
    teams_go_to(fraud, fiona, now, "payments")
    teams_go_to(claims, fiona, now, "claims")
    for key, alias, value in (
        ("", "t-1", "claims"),
        ("team", "t-1", "payments"),
        ("", "t-2", "claims"),
        ("x", "t-3", "claims"),
    ):
        TagAlias.objects.create(tag_key=key, alias=alias, value=value, made_by=fiona, made_at=now)

    moved = {(move["to"], move["rows"]) for move in preview_reattribution(by=fiona).moves}

    assert moved == {(fraud.key, 1), (claims.key, 1)}


def test_a_tag_that_names_two_initiatives_goes_to_the_one_registered_first(fraud, claims, fiona, now, tmp_path):
    first, second = sorted((fraud, claims), key=lambda one: one.pk)
    charges(tmp_path, 1, Tags=f'{{"initiative": "{second.key}", "ai-initiative": "{first.key}"}}')

    assert SpendFact.objects.get().initiative == first


@pytest.mark.parametrize("ruled", [False, True])
def test_what_is_for_something_else_is_found_by_groups_as_it_is_key_by_key(ruled, fiona, now, tmp_path):
    charges(tmp_path, 30)
    charges(tmp_path, 20, BillingAccountId="222", Tags='{"workload": "training"}')
    charges(tmp_path, 21, BillingAccountId="333", ServiceName="AmazonCloudWatch")
    if ruled:
        make_rule(
            draft=RuleDraft("tag", "t-3", tag_key="team", basis=Basis.PURPOSE, purpose="evaluation"), by=fiona, at=now
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_costgroup SET purpose = 'experiment' WHERE billing_account_id IN ('222', '333')"
        )
        cursor.execute("UPDATE projects_costgroup SET purpose = 'training' WHERE billing_account_id = '111'")
        statement, bound = purposes_statement()
        cursor.execute(
            f"""SELECT k.id, g.id, g.purpose, p.purpose FROM ({statement}) p JOIN projects_costkey k ON k.id = p.id
            JOIN projects_costgroup g ON g.id = k.group_id WHERE p.purpose <> g.purpose""",
            bound,
        )
        one_by_one = set(cursor.fetchall())
        statement, bound = changed_purposes_statement()
        cursor.execute(f"SELECT cost_key_id, group_id, before, after FROM ({statement}) p", bound)
        found = cursor.fetchall()

    assert len(found) == len(one_by_one) > 0
    assert set(found) == one_by_one
    assert ("evaluation" in {after for *_, after in found}) is ruled


class Stopper(Silence):
    """Asks for a stop before one statement by its number."""

    def __init__(self, before):
        self.before, self.statements = before, 0

    def check(self):
        self.statements += 1
        if self.statements == self.before:
            raise Cancelled


@pytest.mark.parametrize("act", ["preview", "run"])
@pytest.mark.parametrize("before", [1, 12, 25])
def test_a_stop_is_heard_between_statements_and_moves_nothing(act, before, fraud, fiona, now, tmp_path):
    charges(tmp_path, 10)
    teams_go_to(fraud, fiona, now, "t-1")
    stopper = Stopper(before)
    acts = {
        "preview": lambda: preview_reattribution(by=fiona, listener=stopper),
        "run": lambda: reattribute(by=fiona, at=now, listener=stopper),
    }

    with pytest.raises(Cancelled):
        acts[act]()

    assert stopper.statements == before, "heard once"
    assert not SpendFact.objects.exclude(initiative=None).exists()
    assert rollup_differences() == []


def test_what_stays_in_a_closed_month_is_counted_also_where_two_people_agreed_to_move_something_else(
    fraud, fiona, now, tmp_path
):
    charges(tmp_path, 10)
    close_period(month=date(2026, 5, 1), by=fiona, at=now)
    teams_go_to(fraud, fiona, now, "t-1", "t-6")
    agreed = AttributionRule.objects.get(value="t-1")

    alone, together = preview_reattribution(by=fiona), preview_reattribution(by=fiona, agreed=[agreed.pk])

    assert (alone.rows, alone.closed_rows, alone.closed_moving) == (0, 3, 0)
    assert (together.rows, together.closed_rows, together.closed_moving) == (2, 1, 2)
