"""Rules of purpose as pages show them: who sees them, of how much money they say something else, and what typing them wrong says."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import AttributionRule, Basis
from projects.attribution.services import make_rule
from projects.audit.models import AuditEvent
from projects.jobs.models import Job
from projects.rulebook.models import Act, RuleChange
from projects.rulebook.services import Asked, SecondNeeded, keep_change, propose_change
from projects.sources.models import ClosedPeriod
from projects.spend.asking import Question
from projects.spend.explorer import explore
from projects.spend.reattribution import reattribute
from tests.browser.looking import look_at
from tests.projects.spend.samples import take_in, totals, write_focus
from tests.projects.spend.test_import_pages import perform

pytestmark = pytest.mark.django_db
TYPED = {"kind": "tag", "tag_key": "Workload", "value": "scoring", "purpose": "inference", "note": "It scores claims"}


@pytest.fixture
def bill(fraud, tmp_path):
    owned = f'{{"initiative": "{fraud.key}", "workload": "%s"}}'
    path = write_focus(
        tmp_path / "a.csv",
        {"EffectiveCost": "10", "Tags": owned % "scoring"},
        {"EffectiveCost": "4", "Tags": owned % "training"},
        {"EffectiveCost": "2", "Tags": owned % ""},
        {"EffectiveCost": "7", "Tags": '{"workload": "scoring"}'},
    )
    return take_in(path, "c")["delivery"]


def rule_of(value="scoring", purpose="inference"):
    return RuleDraft("tag", value, tag_key="workload", basis=Basis.PURPOSE, purpose=purpose, note="It scores claims")


def ask(by="purpose", **words):
    return explore(Question(by, date(2026, 1, 1), date(2026, 6, 10), "USD", words))


def test_rules_of_purpose_are_for_those_who_read_spend_and_made_by_those_who_keep_attribution(
    client, max_the_stranger, audrey
):
    assert client.get("/spend/rules/purposes/new/").status_code == 302
    client.force_login(max_the_stranger)
    assert client.get("/spend/rules/purposes/new/").status_code == 404
    client.force_login(audrey)
    page = client.get("/spend/rules/").content.decode()
    assert "that come with Tollgate, in their order" in page
    assert "Add a purpose" not in page
    assert client.get("/spend/rules/purposes/new/").status_code == 403
    assert client.post("/spend/rules/purposes/new/", TYPED).status_code == 403


def test_a_rule_of_purpose_is_typed_looked_at_kept_and_undone(client, bill, fiona):
    client.force_login(fiona)

    client.post("/spend/rules/purposes/new/", TYPED)
    tried, _ = perform(Job.objects.get())
    shown = client.get(tried["location"]).content.decode()
    client.post(f"{tried['location']}keep/")
    perform(Job.objects.get(kind="keep_rule_change"))
    perform(Job.objects.get(kind="reattribute"))
    rule = AttributionRule.objects.get(basis="purpose")
    kept = totals("--by", "purpose")[0]
    client.post(f"/spend/rules/{rule.number}/retire/")
    undone, _ = perform(Job.objects.order_by("pk").last())

    assert "Tag workload = scoring is for inference" in shown.replace("Workload", "workload")
    assert "nobody gains or loses by that" in shown
    assert ("$17.00" in shown, "By initiative and month" in shown) == (True, False)
    assert (kept["inference"][2], kept["training"][2], kept["unclassified"][2]) == (17, 4, 2)
    assert "Unclassified" in client.get(undone["location"]).content.decode()
    assert "is for inference" in client.get(f"/spend/rules/{rule.number}/").content.decode()
    assert {"rule_change.proposed", "rule_change.kept", "attribution_rule.made"} <= set(
        AuditEvent.objects.values_list("verb", flat=True)
    )


def test_a_rule_is_changed_to_another_purpose_and_moved_before_another(client, bill, fiona, now):
    first = make_rule(draft=rule_of(), by=fiona, at=now)
    second = make_rule(draft=rule_of(purpose="shared"), by=fiona, at=now)
    client.force_login(fiona)

    page = client.get("/spend/rules/").content.decode()
    client.post(f"/spend/rules/{first.number}/", {**TYPED, "purpose": "evaluation"})
    changed = RuleChange.objects.get(act=Act.CHANGE)
    client.post(f"/spend/rules/{second.number}/move/", {"before": first.pk})

    assert page.count("Up<span") == page.count("Down<span") == 1
    assert changed.asked["draft"]["purpose"] == "evaluation"
    assert RuleChange.objects.filter(act=Act.MOVE, rule=second).exists()
    assert "End or undo it" not in client.get(f"/spend/rules/{first.number}/").content.decode()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"purpose": ""}, "A rule of purpose needs “Are for”. Choose"),
        ({"purpose": "unclassified"}, "“Are for” of a rule of purpose cannot be unclassified. Choose"),
        ({"tag_key": ""}, "Name the tag"),
        ({"kind": "service", "value": "*"}, "take every charge"),
        ({"kind": "charge"}, "“Charges by” of a rule of purpose cannot be charge. Choose"),
        ({"note": ""}, "A rule of purpose needs “Why”. Say"),
    ],
)
def test_what_cannot_be_a_rule_of_purpose_is_said_beside_the_form(typed, says, client, fiona):
    client.force_login(fiona)

    answer = client.post("/spend/rules/purposes/new/", {**TYPED, **typed})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert RuleChange.objects.count() == 0


def test_what_a_closed_month_was_for_is_said_anew_only_when_a_second_person_keeps_it(bill, fiona, felix, now):
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=fiona, closed_at=now)
    change = propose_change(asked=Asked(Act.MAKE, draft=rule_of()), by=fiona, at=now)

    with pytest.raises(SecondNeeded, match="2 charges of closed months"):
        keep_change(change_id=change.pk, by=fiona, at=now)

    keep_change(change_id=change.pk, by=felix, at=now)
    assert RuleChange.objects.get(pk=change.pk).state == "kept"


def test_more_rules_of_purpose_cost_no_more_queries(client, bill, fiona, now):
    client.force_login(fiona)
    make_rule(draft=rule_of(), by=fiona, at=now)
    client.get("/spend/rules/")
    with CaptureQueriesContext(connection) as few:
        client.get("/spend/rules/")
    for number in range(9):
        make_rule(draft=rule_of(f"s{number}"), by=fiona, at=now)

    with CaptureQueriesContext(connection) as many:
        client.get("/spend/rules/")

    assert len(many) == len(few)


def test_the_explorer_tells_purposes_apart_and_narrows_to_one(bill, fiona, now):
    make_rule(draft=rule_of(), by=fiona, at=now)
    reattribute(by=fiona, at=now)

    answer = ask()

    assert [(row.key, row.name, row.total) for row in answer.all_rows] == [
        ("inference", "Inference", 10),
        ("training", "Training", 4),
        ("unclassified", "Unclassified", 2),
    ]
    assert (answer.unclaimed.total, answer.total.total) == (7, 23)
    assert ask("initiative", purpose="inference").total.total == 17
    assert sum(ask(purpose=key).total.total for key in ("inference", "training", "unclassified")) == Decimal(23)


def test_the_page_its_export_and_the_charges_behind_it_name_purposes(client, bill, fiona, now):
    make_rule(draft=rule_of(), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    client.force_login(fiona)

    page = client.get("/spend/?by=purpose&period=all").content.decode()
    narrowed = client.get("/spend/?by=team&period=all&purpose=fine_tuning").content.decode()
    export = client.get("/spend/?by=purpose&period=all&as=csv").content.decode()
    charges = client.get("/spend/rows/?purpose=inference").content.decode()
    lines = b"".join(client.get("/spend/rows.csv?purpose=training").streaming_content).decode().splitlines()

    assert "Purposes by layer" in page
    assert "purpose=inference" in page
    assert "Purpose: Fine-tuning" in narrowed
    assert "inference,Inference,USD" in export
    assert "Purpose: Inference" in charges
    assert "$17.00" in charges
    assert len(lines) == 2
    assert dict(zip(lines[0].split(","), lines[1].split(","), strict=True))["purpose"] == "training"


@pytest.mark.parametrize(
    ("line", "purpose", "why"),
    [
        (2, "Inference", "Rule 2: Tag workload scoring"),
        (3, "Training", "A tag says it"),
        (4, "Unclassified", "No rule knows what it is for"),
    ],
)
def test_a_charge_says_what_it_is_for_and_why(line, purpose, why, client, bill, fiona, now):
    make_rule(draft=rule_of(), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    client.force_login(fiona)

    page = client.get(f"/spend/rows/{bill}/{line}/").content.decode()

    assert f'<dt>Purpose</dt><dd class="wrap-any">{purpose}' in page
    assert why in page


def test_a_charge_whose_purpose_waits_for_a_rule_says_so(client, bill, fiona, now):
    make_rule(draft=rule_of(), by=fiona, at=now)
    client.force_login(fiona)

    page = client.get(f"/spend/rows/{bill}/2/").content.decode()

    assert "being given out again" in page


@pytest.mark.django_db(transaction=True)
def test_rules_of_purpose_can_be_read_by_everybody(open_browser, bill, fiona, now):
    change = propose_change(asked=Asked(Act.MAKE, draft=rule_of()), by=fiona, at=now)
    rule = make_rule(draft=rule_of(purpose="shared"), by=fiona, at=now)
    for width, dark in ((1280, False), (390, True)):
        page = open_browser(fiona, width=width, dark=dark)
        for name, path in (
            ("purpose-rules", ""),
            ("purpose-rule", f"{rule.number}/"),
            ("purpose-new", "purposes/new/"),
            ("purpose-change", f"changes/{change.pk}/"),
        ):
            page.goto(f"/spend/rules/{path}")
            look_at(page, f"{name}-{width}")
