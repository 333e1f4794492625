"""Why a heap of charges has no owner: one cause each, worked out over all heaps however many are listed."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from projects.spend.unclaimed import MOST_HEAPS, unclaimed_summary
from tests.projects.spend.samples import FOCUS, take_in, write_focus
from tests.projects.spend.test_explorer_pages import month

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 10)
MODEL = {"ServiceName": "Bedrock", "ServiceCategory": "AI and Machine Learning"}


@pytest.fixture
def source(fraud, tmp_path):
    """A source with charges of an initiative, whose other heaps the test puts in by hand."""
    take_in(write_focus(tmp_path / "a.csv", month(1, 100, Tags=f'{{"initiative": "{fraud.key}"}}')), "cloud")
    return fraud


def charged(first="2026-06-01", **group):
    """Put a heap of nobody's in, as an import would have left it."""
    named = {
        "service_name": "New",
        "billing_account_id": "111",
        "sub_account_id": "lab",
        "layer": "api_model",
        "charge_frequency": "Usage-Based",
        **group,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_costgroup (source_id, digest, provider_name, service_name, billing_account_id, sub_account_id, layer,"
            " owned_layer, charge_frequency) SELECT min(source_id), gen_random_uuid(), 'P', %(service_name)s, %(billing_account_id)s,"
            " %(sub_account_id)s, %(layer)s, %(layer)s, %(charge_frequency)s FROM projects_costgroup RETURNING id",
            named,
        )
        group_id = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO projects_spendmonth (group_id, currency, month, rows, billed_cost, effective_cost) VALUES (%s, 'USD', %s, 1, 5, 5)",
            [group_id, first],
        )


def causes():
    return {
        heap.service: cause.code for cause in unclaimed_summary(since=date(2026, 1, 1), on=ON) for heap in cause.heaps
    }


@pytest.mark.parametrize(
    ("group", "cause"),
    [
        ({"layer": "unclassified"}, "not_ai"),
        (
            {"layer": "embedded_saas", "service_name": "GitHub Copilot", "charge_frequency": "Recurring"},
            "developer_tool",
        ),
        ({"layer": "embedded_saas", "charge_frequency": "recurring"}, "team_subscription"),
        ({"layer": "embedded_saas"}, "ai_add_on"),
        ({"layer": "platform", "charge_frequency": None}, "missing_tag"),
        ({"layer": "infrastructure"}, "missing_tag"),
    ],
)
def test_a_heap_without_owner_has_a_cause(group, cause, source):
    charged(**group)

    assert set(causes().values()) == {cause}


@pytest.mark.parametrize(
    ("group", "cause"),
    [
        ({}, "unregistered_pilot"),
        ({"charge_frequency": "USAGE-BASED", "layer": "platform"}, "unregistered_pilot"),
        ({"first": "2026-04-01"}, "unregistered_pilot"),
        ({"first": "2026-03-01"}, "missing_tag"),
        ({"charge_frequency": "Recurring"}, "missing_tag"),
        ({"charge_frequency": None}, "missing_tag"),
        ({"sub_account_id": "sub-1"}, "missing_tag"),
        ({"layer": "infrastructure"}, "missing_tag"),
    ],
)
def test_a_new_usage_based_model_service_where_nobody_has_an_initiative_is_a_pilot(group, cause, source):
    charged(**group)

    assert causes() == {"New": cause}


def test_the_first_delivery_of_a_source_brings_no_pilot(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", month(6, 100)), "cloud")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_costgroup SET charge_frequency = 'Usage-Based'")

    assert causes() == {"Bedrock": "missing_tag"}


def test_model_calls_beside_a_gateway_are_direct_unless_they_are_a_pilot(source):
    take_in(FOCUS / "litellm_focus_servegen_m_small.csv", "gateway")
    charged(service_name="Old", first="2026-02-01")
    charged(service_name="New")

    assert causes() == {"Old": "direct_api", "New": "unregistered_pilot"}


def test_sums_and_counts_are_of_all_heaps_and_the_largest_are_listed(source):
    for number in range(MOST_HEAPS + 3):
        charged(service_name=f"S{number}", first="2026-02-01")

    cause = unclaimed_summary(since=date(2026, 1, 1), on=ON)[0]

    assert (len(cause.heaps), cause.left_out, cause.count) == (MOST_HEAPS, 3, MOST_HEAPS + 3)
    assert cause.sums == {"USD": Decimal(5 * (MOST_HEAPS + 3))}
