import gzip
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted, WrongState
from projects.prices.genai import SheetUnreadable
from projects.prices.models import ModelEntry, PriceOverride, PriceSheet
from projects.prices.services import (
    EntryFields,
    ModelListed,
    OverrideUnusable,
    OwnProposal,
    SheetClash,
    approve_override,
    change_model,
    end_override,
    enter_model,
    load_price_sheet,
    load_shipped_sheets,
    propose_override,
    withdraw_override,
)
from tests.factories.prices import AT, catalogued, terms

pytestmark = pytest.mark.django_db

PRICES = {"input_mtok": "1"}


def document(day: str = "2026-10-01", source: str = "ours") -> bytes:
    model = {"id": "m", "match": {"equals": "m"}, "prices": PRICES}
    provider = {"id": "p", "name": "P", "models": [model]}
    return json.dumps({"source": source, "taken_on": day, "providers": [provider]}).encode()


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_a_sheet_is_kept_whole_with_its_checksum(fiona):
    kept = load_price_sheet(content=document(), by=fiona, at=AT)

    assert (kept.source, kept.taken_on, kept.entries) == ("ours", date(2026, 10, 1), 1)
    assert gzip.decompress(bytes(kept.content)) == document()
    assert verbs() == ["price_sheet.loaded"]


def test_the_same_sheet_again_changes_nothing(fiona):
    first = load_price_sheet(content=document(), by=fiona, at=AT)

    again = load_price_sheet(content=gzip.compress(document()), by=fiona, at=AT + timedelta(days=1))

    assert again == first
    assert verbs() == ["price_sheet.loaded"]


def test_another_sheet_of_the_same_day_is_refused(fiona):
    load_price_sheet(content=document(), by=fiona, at=AT)

    with pytest.raises(SheetClash, match="2026-10-01"):
        load_price_sheet(content=document(source="theirs"), by=fiona, at=AT)

    assert PriceSheet.objects.count() == 1


def test_a_file_that_is_no_sheet_leaves_nothing_behind(fiona):
    with pytest.raises(SheetUnreadable):
        load_price_sheet(content=b"{}", by=fiona, at=AT)

    assert not PriceSheet.objects.exists()
    assert verbs() == []


def test_a_stranger_loads_no_sheet(max_the_stranger):
    with pytest.raises(NotPermitted):
        load_price_sheet(content=document(), by=max_the_stranger, at=AT)


def test_the_database_keeps_a_sheet_as_it_is(fiona):
    kept = load_price_sheet(content=document(), by=fiona, at=AT)

    with pytest.raises(DatabaseError), transaction.atomic():
        PriceSheet.objects.filter(pk=kept.pk).update(source="changed")
    with pytest.raises(DatabaseError), transaction.atomic():
        PriceSheet.objects.filter(pk=kept.pk).delete()


def test_the_sheets_of_the_product_load_once():
    first = load_shipped_sheets(at=AT)
    again = load_shipped_sheets(at=AT)

    assert first == again
    assert PriceSheet.objects.count() == len(first) >= 2


def test_an_override_counts_after_a_second_person_approved_it(fiona, felix):
    proposed = propose_override(terms=terms(), by=fiona, at=AT)
    assert not PriceOverride.objects.valid(on=date(2026, 7, 1)).exists()

    approved = approve_override(override_id=proposed.pk, by=felix, at=AT)

    assert (approved.state, approved.approved_by, approved.approved_at) == ("approved", felix, AT)
    assert PriceOverride.objects.valid(on=date(2026, 7, 1)).get() == proposed
    assert verbs() == ["price_override.proposed", "price_override.approved"]


def test_nobody_approves_their_own_price(fiona):
    proposed = propose_override(terms=terms(), by=fiona, at=AT)

    with pytest.raises(OwnProposal):
        approve_override(override_id=proposed.pk, by=fiona, at=AT)

    assert PriceOverride.objects.get(pk=proposed.pk).state == "proposed"
    assert verbs() == ["price_override.proposed"]


def test_a_stranger_neither_proposes_nor_approves(fiona, max_the_stranger):
    proposed = propose_override(terms=terms(), by=fiona, at=AT)

    for act in (approve_override, withdraw_override):
        with pytest.raises(NotPermitted):
            act(override_id=proposed.pk, by=max_the_stranger, at=AT)
    with pytest.raises(NotPermitted):
        propose_override(terms=terms(), by=max_the_stranger, at=AT)


def test_states_move_only_from_proposed(fiona, felix):
    lawful = {("proposed", "approve"), ("proposed", "withdraw"), ("approved", "end")}
    for state in ("proposed", "approved", "withdrawn"):
        for act in ("approve", "withdraw", "end"):
            override = propose_override(terms=terms(), by=fiona, at=AT)
            if state == "approved":
                approve_override(override_id=override.pk, by=felix, at=AT)
            if state == "withdrawn":
                withdraw_override(override_id=override.pk, by=fiona, at=AT)
            acts = {
                "approve": lambda pk: approve_override(override_id=pk, by=felix, at=AT),
                "withdraw": lambda pk: withdraw_override(override_id=pk, by=felix, at=AT),
                "end": lambda pk: end_override(override_id=pk, valid_to=date(2026, 9, 1), by=felix, at=AT),
            }

            if (state, act) in lawful:
                acts[act](override.pk)
            else:
                with pytest.raises(WrongState):
                    acts[act](override.pk)


def test_the_database_refuses_a_price_that_skips_approval(fiona):
    proposed = propose_override(terms=terms(), by=fiona, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        PriceOverride.objects.filter(pk=proposed.pk).update(state="approved")
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceOverride.objects.filter(pk=proposed.pk).update(state="approved", approved_by=fiona, approved_at=AT)
    for impossible in ("NaN", "Infinity", "-1"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE projects_priceoverride SET price = %s::numeric", [impossible])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price_key": "moon_dust"}, "unit_unknown"),
        ({"price": Decimal("-0.01")}, "price_impossible"),
        ({"price": Decimal("Infinity")}, "price_impossible"),
        ({"valid_to": date(2026, 6, 1)}, "ends_before_start"),
        ({"reason": " "}, "incomplete"),
    ],
)
def test_terms_that_are_no_price_are_refused(fiona, changes, code):
    with pytest.raises(OverrideUnusable) as refused:
        propose_override(terms=terms(**changes), by=fiona, at=AT)

    assert [blocker.code for blocker in refused.value.blockers] == [code]
    assert not PriceOverride.objects.exists()


def test_a_price_of_zero_for_one_day_is_lawful(fiona):
    override = propose_override(terms=terms(price=Decimal(0), valid_to=date(2026, 6, 2)), by=fiona, at=AT)

    assert override.pk


@pytest.mark.parametrize(
    ("day", "valid"),
    [("2026-05-31", False), ("2026-06-01", True), ("2026-08-31", True), ("2026-09-01", False)],
)
def test_an_override_holds_from_its_first_day_to_before_its_last(fiona, felix, day, valid):
    override = propose_override(terms=terms(), by=fiona, at=AT)
    approve_override(override_id=override.pk, by=felix, at=AT)
    end_override(override_id=override.pk, valid_to=date(2026, 9, 1), by=fiona, at=AT)

    assert PriceOverride.objects.valid(on=date.fromisoformat(day)).exists() is valid


def test_a_price_cannot_end_before_it_started(fiona, felix):
    override = propose_override(terms=terms(), by=fiona, at=AT)
    approve_override(override_id=override.pk, by=felix, at=AT)

    with pytest.raises(OverrideUnusable):
        end_override(override_id=override.pk, valid_to=date(2026, 6, 1), by=fiona, at=AT)


def entry(**changes: object) -> EntryFields:
    return EntryFields(**{
        "provider": "openai", "model": "gpt-4o", "tier": "frontier", "status": "trial",
        "review_on": date(2027, 3, 1), **changes,
    })  # fmt: skip


def test_a_model_is_entered_and_changed_with_a_record_of_each(fiona):
    enter_model(fields=entry(), by=fiona, at=AT)
    change_model(fields=entry(), by=fiona, at=AT)
    changed = change_model(fields=entry(status="approved"), by=fiona, at=AT)

    assert (changed.status, changed.reference) == ("approved", "openai:gpt-4o")
    assert ModelEntry.objects.count() == 1
    assert verbs() == ["model.entered", "model.changed"]
    assert AuditEvent.objects.last().data == {"before": {"status": "trial"}, "after": {"status": "approved"}}


def test_a_stranger_keeps_no_catalogue(max_the_stranger):
    with pytest.raises(NotPermitted):
        enter_model(fields=entry(), by=max_the_stranger, at=AT)
    catalogued("openai", "gpt-4o")
    with pytest.raises(NotPermitted):
        change_model(fields=entry(), by=max_the_stranger, at=AT)

    assert ModelEntry.objects.get().tier == "mid"


def test_a_model_that_has_a_line_is_not_entered_over_it(fiona):
    enter_model(fields=entry(benchmark="MMLU 88"), by=fiona, at=AT)

    with pytest.raises(ModelListed, match="gpt-4o of openai stands in the catalogue as trial already"):
        enter_model(fields=entry(status="barred"), by=fiona, at=AT)

    assert (ModelEntry.objects.get().status, ModelEntry.objects.get().benchmark) == ("trial", "MMLU 88")
    assert verbs() == ["model.entered"]


def test_a_model_without_a_line_has_nothing_to_change(fiona):
    with pytest.raises(ModelEntry.DoesNotExist):
        change_model(fields=entry(), by=fiona, at=AT)


def test_models_fall_due_on_their_review_day_unless_barred(fiona):
    enter_model(fields=entry(), by=fiona, at=AT)
    enter_model(fields=entry(model="old", status="barred"), by=fiona, at=AT)

    assert not ModelEntry.objects.due_for_review(on=date(2027, 2, 28)).exists()
    assert ModelEntry.objects.due_for_review(on=date(2027, 3, 1)).get().model == "gpt-4o"
