from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from projects.common.outcomes import NotPermitted
from projects.initiatives.models import Initiative, OpeningDecision, Participation, StageMove
from projects.intake.import_mapping import load_mapping
from projects.intake.models import ImportedMilestone, ImportedRow, PortfolioFile, PortfolioImport
from projects.intake.services import (
    Delivered,
    Order,
    SecondSignatureRefused,
    import_portfolio,
    preview_portfolio,
)
from projects.intake.spreadsheets.refusals import FileRefused
from projects.milestones.models import Milestone, MilestoneBaseline
from projects.people.models import User
from projects.signals import portfolio_imported
from projects.sources.models import Delivery
from projects.spend.models import SpendDay

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "portfolio"
ROWS = "id,org,name,aims,stage,budget,actual\nP1,DOE,Grid,To see,Pilot,$100,$50\nP2,DOE,Chat,To talk,Idea,,\n"
PLAN = (
    "id,project,name,due,completed on\nM1,P1,Design,2026-01-31,2026-01-30\nM2,P1,Build,2026-03-31,\n"
    "M3,P9,Lost,2026-03-31,\n"
)


def order(text=ROWS, plan=None, **more):
    milestones = None if plan is None else Delivered("plan.csv", plan.encode())
    return Order(Delivered("portfolio.csv", text.encode()), milestones=milestones, **more)


def imported(given, at, **people):
    report = import_portfolio(order=given, at=at, **people).as_dict()
    assert report["rows"] == report["accepted"] + report["merged"] + report["refused"]
    return report


def everything():
    models = (Initiative, OpeningDecision, Participation, StageMove, ImportedRow, PortfolioImport, PortfolioFile)
    return [
        model.objects.count() for model in (*models, AuditEvent, Milestone, MilestoneBaseline, ImportedMilestone, User)
    ]


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


def test_stages_beyond_concept_are_opened_by_two_signatures(fiona, frank, olga, organisation, at):
    report = imported(order(owner=olga), at, by=fiona, second=frank)

    opening = OpeningDecision.objects.get()
    grid, chat = Initiative.objects.order_by("key")
    assert (opening.first_signed_by, opening.second_signed_by, opening.signed_at) == (fiona, frank, at)
    assert (grid.stage, grid.opening, chat.opening) == ("pilot", opening, None)
    assert report["opening"] == {
        "signed": True,
        "initiatives": 1,
        "budgets": {"taken_over": 1, "beside": 0},
        "waiting_in_concept": 0,
        "reference": opening.reference,
        "signed_by": ["Fiona", "Frank"],
    }
    move = StageMove.objects.get()
    assert (move.initiative, move.before, move.after, move.decision_reference) == (
        grid,
        "concept",
        "pilot",
        opening.reference,
    )


def test_without_a_second_signature_everything_begins_in_concept(fiona, olga, organisation, at):
    report = imported(order(owner=olga), at, by=fiona)

    assert set(Initiative.objects.values_list("stage", "opening")) == {("concept", None)}
    assert ImportedRow.objects.get(line=2).stage == "pilot"
    assert report["opening"] == {
        "signed": False,
        "initiatives": 0,
        "budgets": {"taken_over": 0, "beside": 1},
        "waiting_in_concept": 1,
    }
    assert report["by_stage"] == {"Concept": 1, "Pilot": 1}


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


def test_an_owner_never_signs_the_opening_of_their_own(fiona, frank, organisation, at):
    report = imported(order(ROWS.replace("aims", "owner").replace("To see", "Frank")), at, by=fiona, second=frank)

    assert Initiative.objects.get(name="Grid").stage == "concept"
    assert report["opening"]["waiting_in_concept"] == 1


def test_an_owners_line_manager_never_signs_either(fiona, frank, person, organisation, at):
    owner = person("Otto", line_manager=fiona)

    report = imported(order(owner=owner), at, by=fiona, second=frank)

    assert report["opening"]["waiting_in_concept"] == 1


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


def test_milestones_are_planned_baselined_and_met_as_their_file_says(fiona, frank, olga, organisation, at):
    report = imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)

    design, build = Milestone.objects.order_by("sequence")
    opening = OpeningDecision.objects.get()
    assert (design.name, design.baselined_due_on, design.decision_reference) == (
        "Design",
        date(2026, 1, 31),
        opening.reference,
    )
    assert (design.state, design.delivered_on, design.delivered_by, design.accepted_by) == (
        "accepted",
        date(2026, 1, 30),
        olga,
        frank,
    )
    assert (build.state, build.baselined_due_on, build.accepted_by) == ("planned", date(2026, 3, 31), None)
    assert MilestoneBaseline.objects.count() == 2
    told = report["milestones"]
    assert (told["rows"], told["accepted"], told["merged"], told["refused"]) == (3, 2, 0, 1)
    assert told["refusals"][0]["value"] == "P9"


def test_unsigned_milestones_are_forecast_and_neither_baselined_nor_met(fiona, olga, organisation, at):
    imported(order(owner=olga, plan=PLAN), at, by=fiona)

    assert set(Milestone.objects.values_list("state", "baselined_due_on")) == {("planned", None)}
    assert Milestone.objects.get(name="Design").forecast_due_on == date(2026, 1, 31)
    assert ImportedMilestone.objects.get(line=2).finished_on == date(2026, 1, 30)


def test_milestones_may_follow_their_projects_later(fiona, frank, olga, organisation, at):
    imported(order(owner=olga), at, by=fiona, second=frank)

    report = imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)

    assert (report["accepted"], report["merged"]) == (0, 2)
    assert report["milestones"]["accepted"] == 2


def test_milestones_continue_the_numbers_of_a_plan(fiona, frank, olga, organisation, at):
    imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)
    later = "id,project,name,due\nM4,P1,Roll out,2026-02-01\n"

    imported(order(owner=olga, plan=later), at, by=fiona, second=frank)

    assert list(Milestone.objects.order_by("sequence").values_list("name", flat=True)) == [
        "Design",
        "Build",
        "Roll out",
    ]


def test_a_milestone_is_not_met_by_the_word_of_an_interested_signer(fiona, frank, olga, organisation, at):
    imported(order(owner=olga), at, by=fiona)
    Participation.objects.create(
        initiative=Initiative.objects.get(name="Grid"), user=frank, part="contributor", since=at
    )

    imported(order(owner=olga, plan=PLAN), at, by=fiona, second=frank)

    assert Milestone.objects.get(name="Design").state == "delivered"


def test_actuals_become_one_opening_row_each_of_source_portfolio(fiona, frank, olga, organisation, at):
    text = "id,org,name,end date,actual\n1,DOE,Grid,2020-05-04,$50.25\n2,DOE,Chat,,$0\n3,DOE,Talk,2030-01-01,£7\n4,DOE,None,,\n"

    report = imported(order(text, owner=olga), at, by=fiona, second=frank)

    delivery = Delivery.objects.get()
    assert (delivery.source.name, delivery.source.role, delivery.rows) == ("portfolio", "fact", 3)
    assert report["opening_spend"] == {"rows": 3, "waiting": 0, "delivery": delivery.key}
    days = SpendDay.objects.order_by("initiative__key")
    assert [
        (day.initiative.name, day.charge_on, day.effective_cost, day.billed_cost, day.currency) for day in days
    ] == [
        ("Grid", date(2020, 5, 4), Decimal("50.25"), Decimal("50.25"), "USD"),
        ("Chat", at.date(), Decimal(0), Decimal(0), "USD"),
        ("Talk", at.date(), Decimal(7), Decimal(7), "GBP"),
    ]


def test_opening_rows_are_delivered_once_and_a_later_import_replaces_none(fiona, olga, organisation, at):
    text = "id,org,name,actual\n1,DOE,Grid,$50\n"
    imported(order(text, owner=olga), at, by=fiona)
    imported(order(text, owner=olga), at, by=fiona)
    imported(order(text + "2,DOE,Chat,$7\n", owner=olga), at, by=fiona)

    assert Delivery.objects.count() == 2
    assert sum(SpendDay.objects.values_list("effective_cost", flat=True)) == Decimal(57)


def test_the_operator_of_the_machine_delivers_no_spend(db, at):
    report = imported(order(), at, by=None)

    assert report["opening_spend"] == {"rows": 0, "waiting": 1}
    assert not Delivery.objects.exists()


def test_a_preview_counts_and_writes_nothing(fiona, organisation, at):
    before = everything()

    report = preview_portfolio(order=order(plan=PLAN), at=at).as_dict()

    assert (report["rows"], report["accepted"], report["milestones"]["refused"]) == (2, 2, 1)
    assert report["opening"] == {"signed": False, "initiatives": 1}
    assert everything() == before


def test_only_who_may_import_imports(olga, organisation, at):
    before = everything()

    with pytest.raises(NotPermitted):
        import_portfolio(order=order(), by=olga, at=at)

    assert everything() == before


def test_the_second_signature_is_another_persons(fiona, person, organisation, at):
    with pytest.raises(SecondSignatureRefused):
        import_portfolio(order=order(), by=fiona, second=fiona, at=at)
    with pytest.raises(SecondSignatureRefused):
        import_portfolio(order=order(), by=None, second=fiona, at=at)


@pytest.mark.parametrize("role", ["administrator", "auditor", "registrant", "secretary"])
def test_the_second_signature_needs_a_right(fiona, person, organisation, at, role):
    with pytest.raises(NotPermitted, match="may not sign an opening decision"):
        import_portfolio(order=order(), by=fiona, second=person("Vera", role), at=at)


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
