"""Many heaps at once: as many queries as for two, one rule or mark and one event each, all of them or none."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import AttributionRule
from projects.attribution.services import RuleRefused, make_rule, make_rules
from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from projects.common.outcomes import NotPermitted, WrongState
from projects.jobs.models import Job
from projects.rulebook.models import RuleChange
from projects.sources.models import CostGroup, Source
from projects.spend.models import SwitchOff
from projects.spend.switching_off import SwitchOffRefused, ToSwitchOff, mark_all_for_switch_off, mark_for_switch_off
from tests.factories.initiatives import initiative
from tests.projects.rulebook.test_inbox import MANY
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.spend.test_import_pages import perform

pytestmark = pytest.mark.django_db
FEW, MORE = 2, 50


@pytest.fixture
def heaps(tmp_path):
    """More heaps than are claimed at once, of one service each in an account each."""
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "cloud")
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"source": Source.objects.get().pk, "groups": 120, "keys": 1})
    return list(CostGroup.objects.filter(provider_name="P").order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def as_fiona(client, fiona):
    client.force_login(fiona)
    return client


def queries(act):
    with CaptureQueriesContext(connection) as made:
        act()
    return len(made)


def costs_alike(act, heaps):
    """Say whether an act costs as many queries for few heaps as for more; the first is not counted."""
    act(heaps[:1])
    few = queries(lambda: act(heaps[1 : 1 + FEW]))
    many = queries(lambda: act(heaps[10 : 10 + MORE]))
    assert many == few


def ask(client, act, heaps, **typed):
    answer = client.post("/spend/unclaimed/", {"act": act, "heap": heaps, **typed})
    assert answer.status_code == 302
    return answer


def to_switch_off(owner, *services, **more):
    told = {"due_on": date(2026, 12, 1), "reason": "Nobody uses it", "sub_account": "x", **more}
    return [ToSwitchOff(source=Source.objects.get(), owner=owner, service=service, **told) for service in services]


def drafts(receiver, *values, **more):
    return [RuleDraft("sub_account", value, receiver, **more) for value in values]


@pytest.mark.parametrize("act", ["claim", "link"])
def test_a_claim_or_link_of_many_is_asked_tried_out_seen_and_kept_in_as_many_queries(act, as_fiona, heaps, fraud):
    def asked(chosen):
        ask(as_fiona, act, chosen, initiative=fraud.key, claim="sub_account")

    def tried(_):
        perform(Job.objects.order_by("pk").last())

    def seen(_):
        as_fiona.get(f"/spend/rules/changes/{RuleChange.objects.order_by('pk').last().pk}/")

    def kept(_):
        as_fiona.post(f"/spend/rules/changes/{RuleChange.objects.order_by('pk').last().pk}/keep/")
        perform(Job.objects.order_by("pk").last())

    counts = {}
    for chosen in (heaps[:1], heaps[1 : 1 + FEW], heaps[10 : 10 + MORE]):
        counts[len(chosen)] = [
            queries(lambda step=step, some=chosen: step(some)) for step in (asked, tried, seen, kept)
        ]

    assert counts[MORE] == counts[FEW]
    assert AttributionRule.objects.filter(initiative=fraud).count() == 1 + FEW + MORE


def test_a_switch_off_of_many_is_marked_in_as_many_queries(as_fiona, heaps, olga):
    told = {"owner": olga.username, "reason": "Nobody uses it", "due_on": "2099-01-01"}

    costs_alike(lambda chosen: ask(as_fiona, "switch-off", chosen, **told), heaps)

    assert SwitchOff.objects.count() == 1 + FEW + MORE


def test_each_rule_of_many_has_its_own_number_event_and_stream_in_the_order_of_the_drafts(fraud, fiona, now):
    before = make_rule(draft=RuleDraft("sub_account", "before", fraud), by=fiona, at=now)

    rules = make_rules(drafts=drafts(fraud, "b", "a", "c"), by=fiona, at=now)

    assert [rule.number - before.number for rule in rules] == [1, 2, 3]
    assert {(rule.position, rule.version) for rule in rules} == {(before.position, 1)}
    events = AuditEvent.objects.filter(verb="attribution_rule.made", at=now).order_by("pk")[1:]
    assert [event.stream for event in events] == [rule.audit_stream for rule in rules]
    assert [event.image["value"] for event in events] == ["b", "a", "c"]
    assert [event.target_id for event in events] == [str(rule.pk) for rule in rules]
    assert all(first_break(rule.audit_stream) is None for rule in rules)


def test_rules_stand_behind_those_of_their_kind_also_behind_one_made_with_them(fraud, fiona, now):
    asked = [
        *drafts(fraud, "first"),
        *drafts(fraud, "placed", position=5400),
        *drafts(fraud, "behind"),
        *drafts(fraud, "elsewhere", position=9),
        *drafts(fraud, "last"),
        RuleDraft("service", "Bed*", fraud),
    ]

    rules = make_rules(drafts=asked, by=fiona, at=now)

    assert [rule.position for rule in rules] == [5000, 5400, 5400, 9, 5400, 8000]


def test_of_many_rules_one_that_is_refused_leaves_none(fraud, fiona, now):
    before = AttributionRule.objects.count(), AuditEvent.objects.count()

    with pytest.raises(RuleRefused) as refused:
        make_rules(drafts=drafts(fraud, "a", " "), by=fiona, at=now)

    assert [blocker.code for blocker in refused.value.blockers] == ["rule_value"]
    assert (AttributionRule.objects.count(), AuditEvent.objects.count()) == before


def test_of_many_rules_one_that_gives_to_where_a_person_has_an_interest_is_not_permitted(fraud, fiona, now):
    own = initiative(fiona, "mvp", name="Her own")

    with pytest.raises(NotPermitted, match=own.key):
        make_rules(drafts=[*drafts(fraud, "a"), *drafts(own, "b")], by=fiona, at=now)

    assert not AttributionRule.objects.filter(value__in=["a", "b"]).exists()


def test_each_switch_off_of_many_is_told_in_the_stream_that_all_share(heaps, olga, fiona, now):
    marked = mark_all_for_switch_off(asked=to_switch_off(olga, "B", "A", reason=" Over "), by=fiona, at=now)

    events = AuditEvent.objects.filter(verb="switch_off.marked").order_by("sequence")
    assert [event.target_label for event in events] == ["Switch off B in x", "Switch off A in x"]
    assert [event.target_id for event in events] == [str(row.pk) for row in marked]
    assert {(event.stream, event.actor_id, event.image["reason"]) for event in events} == {
        ("spend:switch-offs", fiona.pk, "Over")
    }
    assert first_break("spend:switch-offs") is None


@pytest.mark.parametrize("standing", ["before", "among them"])
def test_of_many_switch_offs_one_that_is_marked_already_leaves_none(standing, heaps, olga, fiona, now):
    asked = to_switch_off(olga, "A", "B", "A" if standing == "among them" else "C")
    if standing == "before":
        mark_for_switch_off(asked=to_switch_off(olga, "C", due_on=date(2026, 11, 30))[0], by=fiona, at=now)
    before = SwitchOff.objects.count()

    with pytest.raises(WrongState) as refused:
        mark_all_for_switch_off(asked=asked, by=fiona, at=now)

    named, until = ("C", "2026-11-30") if standing == "before" else ("A", "2026-12-01")
    assert str(refused.value) == f"Switch off {named} in x: {olga} sees to it already, until {until}."
    assert (SwitchOff.objects.count(), AuditEvent.objects.filter(verb="switch_off.marked").count()) == (before, before)


def test_what_is_marked_elsewhere_or_was_ended_stands_in_the_way_of_nothing(heaps, olga, fiona, now):
    mark_for_switch_off(asked=to_switch_off(olga, "A", sub_account="y")[0], by=fiona, at=now)
    mark_for_switch_off(asked=to_switch_off(olga, "B")[0], by=fiona, at=now)
    SwitchOff.objects.filter(service="B").update(outcome="done", ended_by=olga, ended_at=now)

    mark_all_for_switch_off(asked=to_switch_off(olga, "A", "B"), by=fiona, at=now)

    assert SwitchOff.objects.filter(ended_at__isnull=True).count() == 3


def test_of_many_switch_offs_one_that_nobody_could_see_to_leaves_none(heaps, olga, max_the_stranger, fiona, now):
    asked = [*to_switch_off(olga, "A"), *to_switch_off(max_the_stranger, "B")]

    with pytest.raises(SwitchOffRefused, match="cannot see spend"):
        mark_all_for_switch_off(asked=asked, by=fiona, at=now)

    assert SwitchOff.objects.count() == 0


@pytest.mark.parametrize(("number", "status"), [(100, 302), (101, 422)])
def test_at_most_a_hundred_heaps_are_chosen_at_once(number, status, as_fiona, heaps, olga):
    told = {"owner": olga.username, "reason": "Nobody uses it", "due_on": "2099-01-01"}

    answer = as_fiona.post("/spend/unclaimed/", {"act": "switch-off", "heap": heaps[:number], **told})

    assert answer.status_code == status
    assert SwitchOff.objects.count() == (number if status == 302 else 0)
