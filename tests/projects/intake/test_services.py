from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from projects.initiatives.models import Initiative
from projects.intake.import_mapping import load_mapping
from projects.intake.models import ImportedRow, PortfolioImport
from projects.intake.services import (
    Delivered,
    Order,
    import_portfolio,
    preview_portfolio,
)
from projects.intake.spreadsheets.refusals import FileRefused
from projects.milestones.models import Milestone
from projects.people.models import User
from projects.signals import portfolio_imported
from tests.projects.intake.orders import PLAN, ROWS, everything, imported, order

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "portfolio"


def test_new_rows_become_initiatives_with_what_their_row_told(fiona, frank, olga, organisation, at):
    report = imported(order(owner=olga), at, by=fiona, second=frank)

    grid, chat = Initiative.objects.order_by("key")
    assert (report["accepted"], report["merged"], report["refused"]) == (2, 0, 0)
    assert report["by_stage"] == {"Concept": 1, "Pilot": 1}
    assert (grid.key, grid.name, grid.value_proposition, grid.currency) == ("AI-001", "Grid", "To see", "USD")
    assert (grid.external_organisation, grid.external_id, grid.time_zone) == ("DOE", "P1", "Europe/Berlin")
    assert (grid.business_owner, grid.registered_by, grid.stage_since) == (olga, fiona, at)
    assert grid.expected_monthly_cost is None  # no row tells it, and unknown is never zero
    assert (grid.imported_row.budget, grid.imported_row.actual, grid.imported_row.line) == (
        Decimal(100),
        Decimal(50),
        2,
    )
    assert (chat.stage, chat.imported_row.budget) == ("concept", None)
    assert grid.participants.get().user == olga


def test_the_same_file_again_changes_nothing(fiona, frank, olga, organisation, at):
    given = order(owner=olga, plan=PLAN)
    imported(given, at, by=fiona, second=frank)
    before = everything()

    report = imported(given, at, by=fiona, second=frank)

    assert (report["accepted"], report["merged"], report["refused"]) == (0, 2, 0)
    assert report["by_stage"] == {"Concept": 1, "Pilot": 1}
    assert report["differences"] == []
    assert (report["milestones"]["accepted"], report["milestones"]["merged"]) == (0, 2)
    assert everything() == before


def test_a_changed_row_merges_and_its_differences_are_listed(fiona, frank, olga, organisation, at):
    imported(order(owner=olga), at, by=fiona, second=frank)

    report = imported(order(ROWS.replace("Pilot,$100", "Live,$120"), owner=olga), at, by=fiona, second=frank)

    assert report["merged"] == 2
    assert report["differences"] == [
        {"line": 2, "key": "AI-001", "field": "stage", "here": "Pilot", "file": "Launch"},
        {"line": 2, "key": "AI-001", "field": "budget", "here": Decimal(100), "file": Decimal(120)},
    ]
    assert Initiative.objects.get(key="AI-001").stage == "pilot"


def test_a_longer_file_adds_only_what_is_new(fiona, frank, olga, organisation, at):
    imported(order(owner=olga), at, by=fiona, second=frank)

    report = imported(order(ROWS + "P3,DOE,Third,New,Idea,,\n", owner=olga), at, by=fiona, second=frank)

    assert (report["accepted"], report["merged"]) == (1, 2)
    assert Initiative.objects.count() == 3


def test_the_same_id_of_another_organisation_is_another_initiative(fiona, organisation, at):
    report = imported(order("id,org,name\nP1,DOE,Grid\nP1,DOI,Grid\n"), at, by=fiona)

    assert report["accepted"] == 2


def test_a_repeated_id_in_one_file_merges_and_names_both_lines(fiona, organisation, at):
    report = imported(order("id,org,name\nP1,DOE,Grid\nP1,DOE,Grid two\n"), at, by=fiona)

    assert (report["accepted"], report["merged"]) == (1, 1)
    assert report["repeated"] == [{"line": 3, "first_line": 2, "id": "P1", "name": "Grid two"}]


def test_look_alikes_are_accepted_and_listed_for_a_person(fiona, organisation, at):
    text = "id,org,name\n1,DOE,Claims triage\n2,DOE,Claims triage 2\n3,DOI,Claims triage\n4,DOE,Something else\n"

    report = imported(order(text), at, by=fiona)

    assert report["accepted"] == 4
    (alike,) = report["look_alikes"]
    assert (alike["line"], alike["key"]) == (3, "AI-002")
    assert alike["like"] == [
        {"key": "AI-001", "name": "Claims triage", "stage": "Concept", "similarity": Decimal("0.88")}
    ]


def test_look_alikes_reach_initiatives_that_were_registered_here(fiona, organisation, at):
    imported(order("name\nClaims triage\n"), at, by=fiona)

    report = imported(order("id,org,name\n1,DOE,claims-triage\n"), at, by=fiona)

    assert report["look_alikes"][0]["like"][0]["similarity"] == 1


def test_refused_rows_are_answered_and_not_kept(fiona, organisation, at):
    report = imported(order("name,stage,start date\nA,Unheard of,\nB,Pilot,3/4/2024\nC,Pilot,\n"), at, by=fiona)

    assert (report["rows"], report["accepted"], report["refused"]) == (3, 1, 2)
    assert [(row["line"], row["column"], row["value"]) for row in report["refusals"]] == [
        (2, "stage", "Unheard of"),
        (3, "start date", "3/4/2024"),
    ]
    assert list(Initiative.objects.values_list("name", flat=True)) == ["C"]


def test_owners_are_found_by_name_user_name_or_mail_and_else_are_nobody_yet(fiona, olga, organisation, at):
    text = "name,owner\nA,Olga\nB,olga@example.com\nC,OLGA\nD,Somebody\nE,\n"

    report = imported(order(text), at, by=fiona)

    owners = dict(Initiative.objects.values_list("name", "business_owner__username"))
    assert owners == {"A": "olga", "B": "olga", "C": "olga", "D": "nobody-yet", "E": "nobody-yet"}
    assert report["owners"] == {"known": 3, "missing": 2}
    assert ImportedRow.objects.get(line=5).owner == "Somebody"


def test_nobody_can_sign_in_as_the_owner_who_is_nobody_yet(fiona, organisation, at):
    imported(order(), at, by=fiona)

    stand_in = User.objects.get(username="nobody-yet")
    assert (stand_in.is_active, stand_in.is_service, stand_in.has_usable_password()) == (False, True, False)


def test_the_currency_of_a_row_is_kept_and_else_is_the_organisations(fiona, organisation, at):
    imported(order("name,budget\nA,£5\nB,7\n"), at, by=fiona)

    assert list(Initiative.objects.order_by("key").values_list("currency", flat=True)) == ["GBP", "USD"]


def test_every_initiative_has_its_event_and_the_chains_verify(fiona, frank, olga, organisation, at):
    imported(order(owner=olga), at, by=fiona, second=frank)

    grid = Initiative.objects.get(name="Grid")
    verbs = list(
        AuditEvent.objects.filter(stream=grid.audit_stream).order_by("sequence").values_list("verb", flat=True)
    )
    assert verbs == ["initiative.imported", "initiative.opened", "tranche.decided", "tranche.released"]
    assert first_break(grid.audit_stream) is None
    event = AuditEvent.objects.get(verb="portfolio.imported")
    assert (event.actor_name, event.data["accepted"]) == ("Fiona", 2)


def test_an_import_keeps_file_mapping_and_report(fiona, organisation, at):
    imported(order(mapping={"columns": {"name": "name"}}), at, by=fiona)

    kept = PortfolioImport.objects.get()
    assert (kept.key, kept.rows, kept.accepted, kept.imported_by) == ("PI-001", 2, 2, fiona)
    assert kept.file.content == ROWS.encode()
    assert kept.mapping == {"columns": {"name": "name"}}
    assert kept.report["totals"]["budget"]["sums"] == {"USD": "100.00"}


def test_listeners_hear_of_an_import_that_changed_something(fiona, organisation, at):
    heard = []

    def listen(sender, **facts):
        heard.append(facts)

    portfolio_imported.connect(listen)
    try:
        imported(order(), at, by=fiona)
        imported(order(), at, by=fiona)
    finally:
        portfolio_imported.disconnect(listen)

    assert [len(facts["initiative_ids"]) for facts in heard] == [2]


def test_a_preview_counts_and_writes_nothing(fiona, organisation, at):
    before = everything()

    report = preview_portfolio(order=order(plan=PLAN), at=at).as_dict()

    assert (report["rows"], report["accepted"], report["milestones"]["refused"]) == (2, 2, 1)
    assert report["opening"] == {"signed": False, "initiatives": 1}
    assert everything() == before


def test_the_machines_operator_imports_on_an_empty_database(db, at):
    report = imported(order(), at, by=None)

    assert report["accepted"] == 2
    assert set(Initiative.objects.values_list("stage", "currency", "business_owner__username")) == {
        ("concept", "USD", "nobody-yet")
    }


def test_a_refused_file_leaves_nothing_behind(fiona, frank, organisation, at):
    before = everything()

    with pytest.raises(FileRefused, match=r"^plan\.csv: "):
        import_portfolio(order=order(plan="id,name\n1,A\n"), by=fiona, second=frank, at=at)

    assert everything() == before


def test_a_failure_on_the_way_leaves_nothing_behind(fiona, frank, organisation, at):
    def fail(sender, **facts):
        raise RuntimeError("somebody who listens fails")

    before = everything()
    portfolio_imported.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            import_portfolio(order=order(plan=PLAN), by=fiona, second=frank, at=at)
    finally:
        portfolio_imported.disconnect(fail)

    assert everything() == before


def test_queries_do_not_grow_with_the_rows(fiona, frank, olga, organisation, at, django_assert_max_num_queries):
    text = "id,org,name,stage\n" + "".join(f"{number},DOE,Name {number},Pilot\n" for number in range(300))

    with django_assert_max_num_queries(50):
        imported(order(text, owner=olga), at, by=fiona, second=frank)


def test_the_health_department_comes_in_whole_with_its_milestones(fiona, frank, organisation, at):
    given = Order(
        Delivered("projects.csv", (FIXTURES / "us_hhs_it_projects_2013.csv").read_bytes()),
        mapping=load_mapping((FIXTURES / "us_hhs_it.toml").read_bytes()),
        milestones=Delivered("milestones.csv.gz", (FIXTURES / "us_hhs_it_milestones_2013.csv.gz").read_bytes()),
    )

    report = imported(given, at, by=fiona, second=frank)
    again = imported(replace(given), at, by=fiona, second=frank)

    assert (report["accepted"], report["milestones"]["accepted"]) == (106, 592)
    assert report["milestones"]["late_when_finished"]["projects_with_two_in_a_row"] == 17
    assert Milestone.objects.filter(state="accepted").count() == 374
    assert (again["merged"], again["milestones"]["merged"]) == (106, 592)
