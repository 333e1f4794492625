"""The inbox of unclaimed charges: claim, link, override, mark for switch-off; many keys do not slow it."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from council.home.waiting import waits_for
from projects.attribution.models import AttributionRule
from projects.common.outcomes import NotPermitted, WrongState
from projects.jobs.models import Job
from projects.rulebook.models import RuleChange
from projects.rulebook.services import keep_change
from projects.sources.models import ClosedPeriod, CostGroup, Source
from projects.spend.models import SpendFact, SwitchOff
from projects.spend.reattribution import reattribute
from projects.spend.switching_off import SwitchOffRefused, ToSwitchOff, end_switch_off, mark_for_switch_off
from projects.spend.verification import rollup_differences
from tests.browser.looking import look_at
from tests.projects.spend.samples import take_in, totals, write_focus
from tests.projects.spend.test_import_pages import perform

pytestmark = pytest.mark.django_db
MANY = """
INSERT INTO projects_costgroup (source_id, digest, provider_name, service_name, billing_account_id, sub_account_id, layer, owned_layer)
SELECT %(source)s, gen_random_uuid(), 'P', 'Service ' || n, 'a', 's' || n, 'api_model', 'api_model' FROM generate_series(1, %(groups)s) n;
INSERT INTO projects_costkey (source_id, digest, group_id, resource_id, tag_index)
SELECT %(source)s, gen_random_uuid(), g.id, 'r' || n, '{}' FROM projects_costgroup g, generate_series(1, %(keys)s) n
WHERE g.service_name LIKE 'Service %%';
INSERT INTO projects_spendmonth (group_id, currency, month, rows, billed_cost, effective_cost)
SELECT g.id, 'USD', '2026-05-01', %(keys)s, 1, 1 FROM projects_costgroup g WHERE g.service_name LIKE 'Service %%';
"""


@pytest.fixture
def bill(tmp_path):
    rows = [{"EffectiveCost": "10", "ResourceId": "arn:1"}, {"EffectiveCost": "7", "SubAccountId": "x"}]
    take_in(write_focus(tmp_path / "a.csv", *rows), "cloud")


def place(**more):
    names = {"billing_account": "111", "sub_account": "x", "service": "Bedrock"}
    return {**names, "due_on": date(2026, 12, 1), "reason": "Nobody uses it", **more}


def heap(**named):
    """Return what stands for a heap in the form."""
    return CostGroup.objects.filter(**named).values_list("pk", flat=True).first()


def tried(client, **typed):
    """Choose, ask, and let the worker try it out; return the change."""
    answer = client.post("/spend/unclaimed/", typed)
    job = Job.objects.order_by("pk").last()
    assert answer.url == f"/jobs/{job.pk}/"
    perform(job)
    return RuleChange.objects.order_by("pk").last()


def test_a_link_takes_what_was_charged_and_nothing_that_comes(client, bill, fraud, fiona, now):
    client.force_login(fiona)

    change = tried(client, act="link", initiative=fraud.key, claim="sub_account", heap=heap(sub_account_id="x"))
    keep_change(change_id=change.pk, by=fiona, at=now)

    rule = AttributionRule.objects.get(value="x")
    assert (rule.initiative, rule.ends_on, rule.note) == (fraud, date(2026, 5, 4), "Linked from the unclaimed.")


def test_many_heaps_are_claimed_with_one_preview_and_one_rule_each(client, bill, fraud, fiona, now):
    client.force_login(fiona)
    chosen = [heap(sub_account_id="x"), heap(sub_account_id="sub-1")]

    change = tried(client, act="claim", initiative=fraud.key, claim="sub_account", heap=chosen)
    page = client.get(f"/spend/rules/changes/{change.pk}/").content.decode()
    before = AttributionRule.objects.filter(initiative=fraud).count()
    job = keep_change(change_id=change.pk, by=fiona, at=now)
    reattribute(by=fiona, at=now, agreed=job.arguments["agreed"])

    assert "2 charges would change hands" in page
    assert "$17.00" in page
    assert before == 0, "a preview makes no rule"
    rules = AttributionRule.objects.filter(initiative=fraud)
    assert sorted(rule.value for rule in rules) == ["sub-1", "x"]
    assert {key: money for key, (_, _, money) in totals("--by", "initiative")[0].items()} == {fraud.key: 17}


def test_heaps_that_are_known_by_the_same_make_one_rule(client, bill, fraud, fiona):
    client.force_login(fiona)
    chosen = [heap(sub_account_id="x"), heap(sub_account_id="sub-1")]

    change = tried(client, act="claim", initiative=fraud.key, claim="service", heap=chosen)

    assert [draft["value"] for draft in change.asked["claims"]] == ["Bedrock"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"initiative": "AI-001"}, "A claim needs “Heaps”. Choose at least one heap."),
        ({"initiative": "AI-999", "heap": 1}, "No open initiative is called AI-999"),
        ({"initiative": "AI-001", "heap": 999999}, "“Heaps” of a claim cannot be 999999. It is no longer there."),
        ({"heap": 1}, "Name the initiative that receives them"),
        ({"act": "switch-off", "owner": "nobody", "heap": 1}, "No active person has this user name"),
    ],
)
def test_what_cannot_be_done_is_said_and_what_was_chosen_stays(typed, says, client, bill, fraud, fiona):
    client.force_login(fiona)
    asked = {"act": "claim", "claim": "sub_account", **typed}
    if asked.get("heap") == 1:
        asked["heap"] = heap(sub_account_id="x")

    answer = client.post("/spend/unclaimed/", asked)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert answer.content.decode().count(" checked>") == (1 if asked.get("heap") not in (None, 999999) else 0)
    assert RuleChange.objects.count() == 0


def test_who_may_not_claim_has_no_claim_to_send(client, bill, fiona, audrey):
    for reader, may in ((fiona, True), (audrey, False)):
        client.force_login(reader)
        assert ('value="claim"' in client.get("/spend/unclaimed/").content.decode()) is may


def test_a_heap_is_claimed_only_by_what_it_names(client, fraud, fiona, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"SubAccountId": ""}), "cloud")
    client.force_login(fiona)

    typed = {"act": "claim", "initiative": fraud.key, "claim": "sub_account", "heap": heap(service_name="Bedrock")}
    answer = client.post("/spend/unclaimed/", typed)

    assert answer.status_code == 422
    assert "Bedrock names no sub-account. Claim it by another." in answer.content.decode()


def test_a_claim_of_a_closed_month_waits_for_a_second_person(client, bill, fraud, fiona, felix, now):
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=fiona, closed_at=now)
    client.force_login(fiona)

    change = tried(client, act="claim", initiative=fraud.key, claim="sub_account", heap=heap(sub_account_id="x"))

    page = client.get(f"/spend/rules/changes/{change.pk}/").content.decode()
    assert "Another person in finance keeps it" in page
    assert client.post(f"/spend/rules/changes/{change.pk}/keep/").status_code == 403
    assert not AttributionRule.objects.filter(value="x").exists()
    assert [wait.kind for wait in waits_for(felix, at=now)].count("Rules") == 1
    assert [wait.kind for wait in waits_for(fiona, at=now)].count("Rules") == 0


@pytest.mark.parametrize(("reach", "kind"), [("resource", "resource"), ("alike", "charge"), ("day", "charge")])
def test_an_override_goes_before_every_rule_and_survives_the_next_delivery(
    reach, kind, client, bill, fraud, olga, fiona, now, tmp_path
):
    client.force_login(fiona)
    delivery = SpendFact.objects.first().part.delivery.key
    answer = client.post(
        f"/spend/rows/{delivery}/2/override/", {"initiative": fraud.key, "reach": reach, "why": "Shared by mistake"}
    )
    perform(Job.objects.get())
    keep_change(change_id=RuleChange.objects.get().pk, by=fiona, at=now)
    reattribute(by=fiona, at=now)

    rows = [{"EffectiveCost": "12", "ResourceId": "arn:1"}, {"EffectiveCost": "7", "SubAccountId": "x"}]
    take_in(write_focus(tmp_path / "b.csv", *rows), "cloud")

    assert answer.status_code == 302
    rule = AttributionRule.objects.get(initiative=fraud)
    assert (rule.kind, rule.made_by, rule.note) == (kind, fiona, "Shared by mistake")
    assert {key: money for key, (_, _, money) in totals("--by", "initiative")[0].items()} == {fraud.key: 12, None: 7}
    assert rollup_differences() == []


def test_an_override_names_an_initiative_that_there_is(client, bill, fiona):
    client.force_login(fiona)
    delivery = SpendFact.objects.first().part.delivery.key

    answer = client.post(f"/spend/rows/{delivery}/2/override/", {"initiative": "AI-999", "reach": "day", "why": "x"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no initiative AI-999" in page
    assert "<title>Error: " in page
    assert 'value="day" selected' in page  # what was typed stands
    assert RuleChange.objects.count() == 0
    assert client.post("/spend/rows/DL-9999/2/override/", {}).status_code == 404


def test_an_override_says_what_it_gives_away_on_which_days_and_is_undone_not_changed(
    client, bill, fraud, fiona, audrey
):
    client.force_login(fiona)
    fact = SpendFact.objects.get(row_number=2)
    told = {"initiative": fraud.key, "reach": "day", "why": "Shared by mistake"}

    client.post(f"/spend/rows/{fact.part.delivery.key}/2/override/", told)
    tried, _ = perform(Job.objects.get())
    before = client.get(tried["location"]).content.decode()
    client.post(f"{tried['location']}keep/")
    perform(Job.objects.get(kind="keep_rule_change"))
    given, _ = perform(Job.objects.get(kind="reattribute"))
    after = client.get(given["location"]).content.decode()
    rule = AttributionRule.objects.get(kind="charge")
    page = client.get(f"/spend/rules/{rule.number}/").content.decode()

    day = f"{fact.charge_on.day} {fact.charge_on:%b %Y}"
    assert f"Override: Charges exactly like one Bedrock, arn:1 on {day} to {fraud.key}" in before
    assert "Override: what moves" in before
    assert "1 charge would change hands" in before
    assert given["location"] == tried["location"]
    assert "Override: what moved" in after
    assert "1 charge changed hands" in after
    assert f"Kept by {fiona}" in after
    assert f"On {day}, made by" in page
    assert "Show what undoing it moves" in page
    assert "Change it" not in page
    assert client.post(f"/spend/rules/{rule.number}/", {"kind": "tag"}).status_code == 409
    client.force_login(audrey)
    assert client.post(f"/spend/rows/{fact.part.delivery.key}/2/override/", told).status_code == 403


@pytest.mark.parametrize(("ended_on", "since"), [(3, None), (2, "$7.00 on later days")])
def test_what_was_switched_off_says_who_said_so_and_what_was_charged_on_later_days(
    ended_on, since, client, bill, fiona, olga
):
    asked = ToSwitchOff(source=Source.objects.get(), owner=olga, **place())
    at = datetime(2026, 5, ended_on, 9, tzinfo=UTC)  # the charges are of 3 May
    marked = mark_for_switch_off(asked=asked, by=fiona, at=at)
    client.force_login(fiona)

    before = client.get("/spend/unclaimed/").content.decode()
    end_switch_off(switch_off_id=marked.pk, outcome="done", by=olga, at=at)
    with CaptureQueriesContext(connection) as once:
        after = client.get("/spend/unclaimed/").content.decode()
    again = mark_for_switch_off(asked=asked, by=fiona, at=at)
    end_switch_off(switch_off_id=again.pk, outcome="dropped", by=olga, at=at)
    with CaptureQueriesContext(connection) as twice:
        kept_on = client.get("/spend/unclaimed/").content.decode()

    assert "Switched off" not in before
    assert f"{olga}, {ended_on} May 2026" in after
    assert ("Charged since it was switched off" in after, since is None or since in after) == (since is not None, True)
    assert f"{olga}, {ended_on} May 2026" in kept_on
    assert len(twice) == len(once)


def test_a_switch_off_waits_for_its_owner_until_it_is_over(client, bill, fiona, olga, now):
    asked = ToSwitchOff(source=Source.objects.get(), owner=olga, **place())

    marked = mark_for_switch_off(asked=asked, by=fiona, at=now)

    waiting = [wait for wait in waits_for(olga, at=now) if wait.kind == "Switch-off"]
    assert [(wait.act, wait.due_on) for wait in waiting] == [("Switch off Bedrock in x", date(2026, 12, 1))]
    with pytest.raises(WrongState, match="already"):
        mark_for_switch_off(asked=asked, by=fiona, at=now)
    end_switch_off(switch_off_id=marked.pk, outcome="done", by=olga, at=now)
    assert [wait for wait in waits_for(olga, at=now) if wait.kind == "Switch-off"] == []
    with pytest.raises(WrongState, match="over already"):
        end_switch_off(switch_off_id=marked.pk, outcome="dropped", by=olga, at=now)


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"due_on": date(2026, 11, 18)}, "due_passed"), ({"reason": " "}, "reason_missing")],
)
def test_a_switch_off_that_nobody_could_see_to_is_refused(changed, code, bill, fiona, olga, now):
    with pytest.raises(SwitchOffRefused) as refused:
        mark_for_switch_off(
            asked=ToSwitchOff(source=Source.objects.get(), owner=olga, **place(**changed)), by=fiona, at=now
        )

    assert [blocker.code for blocker in refused.value.blockers] == [code]


def test_strangers_neither_mark_nor_end_nor_see_to_a_switch_off(bill, fiona, olga, carol, max_the_stranger, now):
    source = Source.objects.get()
    with pytest.raises(NotPermitted):
        mark_for_switch_off(asked=ToSwitchOff(source=source, owner=olga, **place()), by=carol, at=now)
    with pytest.raises(SwitchOffRefused, match="cannot see spend"):
        mark_for_switch_off(asked=ToSwitchOff(source=source, owner=max_the_stranger, **place()), by=fiona, at=now)
    marked = mark_for_switch_off(asked=ToSwitchOff(source=source, owner=olga, **place()), by=fiona, at=now)
    with pytest.raises(NotPermitted):
        end_switch_off(switch_off_id=marked.pk, outcome="done", by=carol, at=now)


def test_the_inbox_marks_many_for_switch_off_or_none(client, bill, fiona, olga):
    client.force_login(fiona)
    chosen = [heap(sub_account_id="x"), heap(sub_account_id="sub-1")]
    typed = {"act": "switch-off", "heap": chosen, "owner": olga.username, "reason": "Nobody uses it"}

    wrong = client.post("/spend/unclaimed/", {**typed, "due_on": "2020-01-01"})
    none = SwitchOff.objects.count()
    right = client.post("/spend/unclaimed/", {**typed, "due_on": "2099-01-01"})
    again = client.post("/spend/unclaimed/", {**typed, "heap": chosen[0], "due_on": "2099-01-01"})
    shown = client.get("/spend/unclaimed/").content.decode()

    assert (wrong.status_code, right.status_code, again.status_code, none) == (422, 302, 409, 0)
    assert sorted(SwitchOff.objects.values_list("sub_account", flat=True)) == ["sub-1", "x"]
    assert shown.count("To be switched off") == 2
    assert "1 Jan 2099" in shown
    marked = SwitchOff.objects.get(sub_account="x")
    client.post(f"/spend/unclaimed/switch-off/{marked.pk}/", {"outcome": "dropped"})
    assert SwitchOff.objects.get(pk=marked.pk).outcome == "dropped"


def test_a_hundred_thousand_unclaimed_keys_cost_no_more_queries(client, bill, fiona):
    client.force_login(fiona)
    client.get("/spend/unclaimed/")
    with CaptureQueriesContext(connection) as few:
        client.get("/spend/unclaimed/")
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"source": Source.objects.get().pk, "groups": 4000, "keys": 25})
    client.get("/spend/unclaimed/")

    with CaptureQueriesContext(connection) as many:
        answer = client.get("/spend/unclaimed/")

    assert len(many) == len(few)
    assert len(answer.content) < 400_000


@pytest.mark.django_db(transaction=True)
def test_the_inbox_is_worked_by_keys_and_read_by_everybody(open_browser, bill, fiona, olga, now):
    mark_for_switch_off(asked=ToSwitchOff(source=Source.objects.get(), owner=olga, **place()), by=fiona, at=now)
    for width, dark in ((1280, False), (390, True)):
        page = open_browser(fiona, width=width, dark=dark)
        page.goto("/spend/unclaimed/")
        for key in ("j", "x", "j", "x", "k"):
            page.keyboard.press(key)
        assert page.locator("input[name=heap]:checked").count() == 2
        assert page.locator(".bulk [data-count]").inner_text() == "2"
        look_at(page, "attribution-unclaimed")
        page.keyboard.press("Enter")
        page.wait_for_url("**/spend/rows/**")
