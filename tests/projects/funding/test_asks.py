from datetime import date
from decimal import Decimal

import pytest

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.funding.models import FundingRequest, PlannedEvent
from projects.funding.services import (
    Ask,
    Event,
    FundingRefused,
    decide_funding_request,
    open_funding_request,
    save_funding_request,
    take_back_funding_request,
    withdraw_funding_request,
)
from tests.factories.initiatives import initiative

WHOLE = {
    "minimum": Decimal(100_000),
    "ask": Decimal(148_000),
    "maximum": Decimal(160_000),
    "milestone_name": "Precision on holdout",
    "acceptance_test": "At or above 92%",
    "milestone_due_on": date(2026, 12, 4),
    "ends_on": date(2026, 12, 31),
    "events": (Event(date(2026, 11, 30), "Load test", Decimal(4_000)),),
}


def save(fraud, by, at, key="GR-0127", **changes):
    return save_funding_request(initiative_id=fraud.pk, request_key=key, ask=Ask(**WHOLE | changes), by=by, at=at)


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def test_draft_may_be_saved_with_nothing_in_it(fraud, olga, now):
    row = save_funding_request(initiative_id=fraud.pk, request_key="GR-0127", ask=Ask(), by=olga, at=now)

    assert (row.state, row.ask, row.revision) == ("draft", None, 1)


def test_saving_again_replaces_the_draft_and_its_events(fraud, olga, now):
    save(fraud, olga, now)

    row = save(fraud, olga, now, ask=Decimal(150_000), events=())

    assert (row.ask, row.revision) == (Decimal(150_000), 2)
    assert not PlannedEvent.objects.exists()


def test_stranger_saves_nothing(fraud, max_the_stranger, now):
    with pytest.raises(NotPermitted):
        save(fraud, max_the_stranger, now)
    assert not FundingRequest.objects.exists()


def test_key_of_another_initiative_is_refused(fraud, olga, now):
    save(fraud, olga, now)

    with pytest.raises(FundingRefused, match="another initiative"):
        save(initiative(olga, name="Another"), olga, now)


def test_event_costs_something(fraud, olga, now):
    with pytest.raises(FundingRefused):
        save(fraud, olga, now, events=(Event(date(2026, 11, 30), "Nothing", Decimal(0)),))
    assert not FundingRequest.objects.exists()


def test_whole_ask_is_opened_and_ends_with_its_decision(fraud, olga, carol, now):
    save(fraud, olga, now)

    assert open_funding_request(request_key="GR-0127", by=olga, at=now).state == "open"
    row = decide_funding_request(request_key="GR-0127", decision_reference="AIC-2026-014", by=carol, at=now)

    assert row.state == "decided"
    assert list(AuditEvent.objects.order_by("id").values_list("verb", flat=True)) == [
        "funding_request.saved",
        "funding_request.opened",
        "funding_request.decided",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"minimum": None}, "ask_incomplete"),
        ({"minimum": Decimal("148000.01")}, "ask_out_of_order"),
        ({"milestone_name": " "}, "milestone_missing"),
        ({"acceptance_test": ""}, "milestone_missing"),
        ({"milestone_due_on": None}, "due_date_missing"),
        ({"milestone_due_on": date(2026, 11, 19)}, "due_date_missing"),
        ({"ends_on": None}, "end_date_missing"),
        ({"ends_on": date(2026, 11, 19)}, "end_date_missing"),
        ({"ends_on": date(2026, 12, 3)}, "ends_before_due"),
    ],
)
def test_ask_that_lacks_something_stays_a_draft(fraud, olga, now, changes, code):
    save(fraud, olga, now, **changes)

    with pytest.raises(FundingRefused) as refused:
        open_funding_request(request_key="GR-0127", by=olga, at=now)

    assert code in codes(refused)
    assert FundingRequest.objects.get().state == "draft"


def test_second_ask_waits_for_the_first(fraud, olga, now):
    for key in ("GR-0127", "GR-0128"):
        save(fraud, olga, now, key)
    open_funding_request(request_key="GR-0127", by=olga, at=now)

    with pytest.raises(FundingRefused) as refused:
        open_funding_request(request_key="GR-0128", by=olga, at=now)

    assert codes(refused) == {"another_ask_open"}


def test_open_ask_is_edited_only_after_it_was_taken_back(fraud, olga, vera, now):
    save(fraud, olga, now)
    open_funding_request(request_key="GR-0127", by=olga, at=now)
    with pytest.raises(WrongState):
        save(fraud, olga, now)

    take_back_funding_request(request_key="GR-0127", by=vera, at=now)

    assert save(fraud, olga, now).state == "draft"


def test_only_the_owner_sends(fraud, olga, sam, now):
    save(fraud, olga, now)

    with pytest.raises(NotPermitted):
        open_funding_request(request_key="GR-0127", by=sam, at=now)


@pytest.mark.parametrize("is_open", [False, True])
def test_ask_is_withdrawn_as_draft_and_open_but_not_twice(fraud, olga, now, is_open):
    save(fraud, olga, now)
    if is_open:
        open_funding_request(request_key="GR-0127", by=olga, at=now)

    assert withdraw_funding_request(request_key="GR-0127", by=olga, at=now).state == "withdrawn"
    with pytest.raises(WrongState):
        withdraw_funding_request(request_key="GR-0127", by=olga, at=now)
